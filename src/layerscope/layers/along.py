"""Rows of torch's functions that act along one axis or at its ends, and leave the other axes alone."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, axis_names, unchanged
from layerscope.layers.functional import Functional, dim_complaint, place
from layerscope.parameter import LARGEST_KERNEL, LARGEST_WIDTH, Kind, chosen
from layerscope.receptive import SAME, WHOLE, AxisReach, Reach, Varying, Window

MOST_AXES = limits.RANK.most


def _flip(values: Tensor, dim: int) -> Tensor:
    return torch.flip(values, (dim,))


def _sort(values: Tensor, dim: int) -> Tensor:
    return torch.sort(values, dim).values


def _normalize(values: Tensor, dim: int) -> Tensor:
    return functional.normalize(values, dim=dim)


_ALONG: dict[str, Callable[[Tensor, int], Tensor]] = {
    "cumprod": torch.cumprod,
    "cumsum": torch.cumsum,
    "flip": _flip,
    "logcumsumexp": torch.logcumsumexp,
    "normalize": _normalize,
    "sort": _sort,
}
"""Functions along one axis that keep the shape, by their names in torch."""


class _Along(Functional):
    def __init__(self, function: str, dim: int) -> None:
        super().__init__()
        self.function, self.dim = function, dim

    def forward(self, values: Tensor) -> Tensor:
        return _ALONG[self.function](values, self.dim)


@dataclass(frozen=True, kw_only=True)
class Along(Layer):
    """https://docs.pytorch.org/docs/stable/torch.html#other-operations"""

    torch_class: ClassVar[type[nn.Module]] = _Along
    stem: ClassVar[str] = "along"

    function: str = chosen(
        help="The PyTorch function that acts along the axis, such as torch.cumsum; it changes no shape.",
        kind=Kind.CHOICE, words=tuple(_ALONG), everyday=True, starter="cumsum",
    )  # fmt: skip
    dim: int = chosen(
        help="The axis, the batch being axis 0. It changes no shape.",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True, starter=1,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        return dim_complaint("dim", self.dim, shape)

    def reach(self, shape: Shape) -> Reach:
        spatial = place(self.dim, len(shape) + 1) - 2
        return tuple(self._axis_reach(size) if i == spatial else SAME for i, size in enumerate(shape[1:]))

    def _axis_reach(self, size: int) -> AxisReach:
        match self.function:
            case "flip":
                return Varying(lambda u: (size - 1 - u,) * 2, Fraction(1))
            case "cumprod" | "cumsum" | "logcumsumexp":
                return Varying(lambda u: (0, u), Fraction(1))
        return WHOLE


class _Pad(Functional):
    def __init__(self, pad: tuple[int, ...], value: float = 0.0) -> None:
        super().__init__()
        self.pad, self.value = pad, value

    def forward(self, values: Tensor) -> Tensor:
        return functional.pad(values, self.pad, value=self.value)


@dataclass(frozen=True, kw_only=True)
class Pad(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html"""

    torch_class: ClassVar[type[nn.Module]] = _Pad
    stem: ClassVar[str] = "pad"
    keeps_channels: ClassVar[bool] = False

    pad: Any = chosen(
        help="Cells added before and after each axis, the last axis first: left, right, top, bottom, and so on; "
        "negative numbers remove cells: output = before + i + after.",
        kind=Kind.SHAPE, low=-LARGEST_KERNEL, high=LARGEST_KERNEL, everyday=True, starter=(1, 1),
    )  # fmt: skip
    value: float = chosen(
        0.0, help="The number in the new cells; it changes no shape.", kind=Kind.NUMBER, low=-LARGEST_WIDTH,
        comfortable=(-1, 1),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        if len(self.pad) % 2:
            return f"pad has {len(self.pad)} values; each axis needs two, before and after."
        if len(self.pad) // 2 > len(shape):
            return f"pad has {len(self.pad)} values, but only {2 * len(shape)} fit; the batch cannot be padded."
        for axis, (before, after) in self._pads(shape).items():
            if shape[axis] + before + after < 1 or min(before, after) < -shape[axis]:
                return f"pad removes more than the {shape[axis]:,} cells of the {axis_names(shape)[axis]}."
        return None

    def _pads(self, shape: Shape) -> dict[int, tuple[int, int]]:
        """Cells before and after each axis of a sample that is padded."""
        pairs = zip(self.pad[::2], self.pad[1::2], strict=True)
        return {len(shape) - 1 - i: pair for i, pair in enumerate(pairs)}

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        formulas = list(unchanged(shape))
        for axis, (before, after) in self._pads(shape).items():
            numbers = (("i", shape[axis]), ("before", before), ("after", after))
            size = shape[axis] + before + after
            formulas[axis] = Formula(formulas[axis].quantity, "i + before + after", numbers, size)
        return tuple(formulas)

    def reach(self, shape: Shape) -> Reach:
        pads = self._pads(shape)
        return tuple(Window(1, 1, pads[axis][0]) if axis in pads else SAME for axis in range(1, len(shape)))

    @property
    def moves(self) -> bool:
        return True
