"""Rows that make one number of the values along some axes: their mean, sum, largest, ..."""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.functional import Functional, dims_complaint, place, several
from layerscope.layers.kept import NOTHING, Kept
from layerscope.parameter import Kind, chosen
from layerscope.receptive import MOVED, SAME, WHOLE, Reach

MOST_AXES = limits.RANK.most


class _Reduction(Functional):
    def __init__(self, dim: int | tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__()
        self.dim, self.keepdim = dim, keepdim


@dataclass(frozen=True, kw_only=True)
class _AnyReduction(Layer, ABC):
    """One number for all cells along the axes `dim`."""

    keeps_channels: ClassVar[bool] = False

    dim: Any = chosen(
        help="The axis that is removed, or several, the batch being axis 0: with 2, 3 a (C, H, W) becomes (C,).",
        kind=Kind.SHAPE, bare=True, low=-MOST_AXES, high=MOST_AXES - 1, everyday=True, starter=-1,
    )  # fmt: skip
    keepdim: bool = chosen(
        False, help="Whether the axis stays, with size 1: (C, H, W) becomes (C, 1, 1).", kind=Kind.SWITCH, everyday=True
    )

    def misfit(self, shape: Shape) -> str | None:
        return dims_complaint("dim", several(self.dim), shape)

    def reduced(self, shape: Shape) -> frozenset[int]:
        """The axes of a sample that go, counted from 0."""
        return frozenset(place(dim, len(shape) + 1) - 1 for dim in several(self.dim))

    def joins_places(self, *shapes: Shape) -> bool:
        gone = self.reduced(shapes[0])
        return bool(gone) and len(shapes[0]) - 1 not in gone

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        gone = self.reduced(shape)
        if not self.keepdim:
            return unchanged(tuple(size for axis, size in enumerate(shape) if axis not in gone))
        return tuple(
            Formula(same.quantity, "1", (), 1) if axis in gone else same for axis, same in enumerate(unchanged(shape))
        )

    def reach(self, shape: Shape) -> Reach:
        gone = self.reduced(shape)
        if not self.keepdim:
            return WHOLE if gone >= set(range(1, len(shape))) else MOVED
        return tuple(WHOLE if axis in gone else SAME for axis in range(1, len(shape)))


class _Mean(_Reduction):
    def forward(self, values: Tensor) -> Tensor:
        return torch.mean(values, self.dim, self.keepdim)


@dataclass(frozen=True, kw_only=True)
class Mean(_AnyReduction):
    """https://docs.pytorch.org/docs/stable/generated/torch.mean.html"""

    torch_class: ClassVar[type[nn.Module]] = _Mean
    stem: ClassVar[str] = "mean"
    keeps: ClassVar[Kept | None] = NOTHING


class _Sum(_Reduction):
    def forward(self, values: Tensor) -> Tensor:
        return torch.sum(values, self.dim, self.keepdim)


@dataclass(frozen=True, kw_only=True)
class Sum(_AnyReduction):
    """https://docs.pytorch.org/docs/stable/generated/torch.sum.html"""

    torch_class: ClassVar[type[nn.Module]] = _Sum
    stem: ClassVar[str] = "sum"
    keeps: ClassVar[Kept | None] = NOTHING


class _Max(_Reduction):
    def forward(self, values: Tensor) -> Tensor:
        return torch.amax(values, self.dim, self.keepdim)


@dataclass(frozen=True, kw_only=True)
class Max(_AnyReduction):
    """https://docs.pytorch.org/docs/stable/generated/torch.amax.html"""

    torch_class: ClassVar[type[nn.Module]] = _Max
    stem: ClassVar[str] = "max"
    keeps: ClassVar[Kept | None] = Kept(inputs=(0,), outputs=(0,))


class _Min(_Reduction):
    def forward(self, values: Tensor) -> Tensor:
        return torch.amin(values, self.dim, self.keepdim)


@dataclass(frozen=True, kw_only=True)
class Min(_AnyReduction):
    """https://docs.pytorch.org/docs/stable/generated/torch.amin.html"""

    torch_class: ClassVar[type[nn.Module]] = _Min
    stem: ClassVar[str] = "min"
    keeps: ClassVar[Kept | None] = Kept(inputs=(0,), outputs=(0,))


_REDUCING: dict[str, Callable[..., Tensor]] = {
    "logsumexp": torch.logsumexp,
    "nanmean": torch.nanmean,
    "nansum": torch.nansum,
    "norm": torch.linalg.vector_norm,
}
"""Other functions that take the axes and keepdim, by their names in torch; norm is the length of a vector.

std and var warn about an empty batch, as they would divide by the number of values less one."""


class _Reduce(_Reduction):
    def __init__(self, function: str, dim: int | tuple[int, ...], keepdim: bool = False) -> None:
        super().__init__(dim, keepdim)
        self.function = function

    def forward(self, values: Tensor) -> Tensor:
        return _REDUCING[self.function](values, dim=self.dim, keepdim=self.keepdim)


@dataclass(frozen=True, kw_only=True)
class Reduce(_AnyReduction):
    """https://docs.pytorch.org/docs/stable/torch.html#reduction-ops"""

    torch_class: ClassVar[type[nn.Module]] = _Reduce
    stem: ClassVar[str] = "reduce"

    function: str = chosen(
        help="The PyTorch function that reduces them to one number, such as torch.logsumexp; it changes no shape.",
        kind=Kind.CHOICE, words=tuple(_REDUCING), everyday=True, starter="norm",
    )  # fmt: skip
