"""Pooling to a fixed output size: the windows follow from the input."""

from abc import ABC
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, Shapes, Wants, per_axis
from layerscope.layers.kept import INDEX_BYTES, INPUT, NOTHING, Kept, Own
from layerscope.parameter import chosen
from layerscope.receptive import Reach, Varying, Window


@dataclass(frozen=True, kw_only=True)
class _AdaptivePool(Layer, ABC):
    """Pooling whose windows follow from the wanted output size."""

    stem: ClassVar[str] = "pool"

    output_size: Any = chosen(
        help="The output's height and width for any input: output = output_size; 1 keeps one value per channel.",
        low=1, comfortable=(1, 16), per_axis=True, keeps_size=True, everyday=True, starter=1,
    )  # fmt: skip

    def _wanted(self, shape: Shape) -> tuple[int, ...]:
        sizes = zip(per_axis(self.output_size, self.dims), shape[-self.dims :], strict=True)
        return tuple(size if wanted is None else wanted for wanted, size in sizes)

    def misfit(self, shape: Shape) -> str | None:
        return "output_size is (None,); leave the layer out instead." if self.output_size == (None,) else None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        same = Formula("output channels", "C_in", (("C_in", shape[0]),), shape[0])
        return same, *(
            Formula(f"output {axis}", "output_size", (("output_size", wanted),), wanted)
            for axis, wanted in zip(AXES[self.dims], self._wanted(shape), strict=True)
        )

    def reach(self, shape: Shape) -> Reach:
        return tuple(
            _adaptive_reach(size, wanted) for size, wanted in zip(shape[-self.dims :], self._wanted(shape), strict=True)
        )


def _adaptive_reach(size: int, wanted: int) -> Window | Varying:
    """Output cell u averages the cells floor(u·i/o) .. ceil((u + 1)·i/o) − 1."""
    if size % wanted == 0:
        return Window(size // wanted, size // wanted, 0)

    def span(u: int) -> tuple[int, int]:
        return u * size // wanted, -(-(u + 1) * size // wanted) - 1

    return Varying(span, Fraction(size, wanted))


@dataclass(frozen=True, kw_only=True)
class _AdaptiveAvgPool(_AdaptivePool, ABC):
    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return NOTHING if set(outputs[0][-self.dims :]) == {1} else INPUT  # torch takes the mean then


@dataclass(frozen=True, kw_only=True)
class _AdaptiveMaxPool(_AdaptivePool, ABC):
    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0,), own=(Own("indices", prod(outputs[0]), bytes=INDEX_BYTES),))


@dataclass(frozen=True, kw_only=True)
class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveAvgPool1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveAvgPool2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveAvgPool3d
    dims: ClassVar[int] = 3
    widens: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveMaxPool1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveMaxPool2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AdaptiveMaxPool3d
    dims: ClassVar[int] = 3
    widens: ClassVar[bool] = True
