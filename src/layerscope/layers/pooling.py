"""Pooling: windows without weights that slide over each channel."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, Shapes, Wants, per_axis
from layerscope.layers.kept import INDEX_BYTES, INPUT, Kept, Own
from layerscope.layers.kernel import Sliding, too_large, window_formula
from layerscope.once import once
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen
from layerscope.receptive import Reach, Window


@dataclass(frozen=True, kw_only=True)
class SlidingWindow(Layer, ABC):
    """A window that slides over each channel by itself."""

    stem: ClassVar[str] = "pool"

    kernel_size: Any = chosen(
        help="Height and width of the window: output = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 8), per_axis=True, everyday=True, starter=2,
    )  # fmt: skip
    stride: Any = chosen(
        None,
        help="The step s between windows, else kernel_size: output = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 8), per_axis=True, optional=True, everyday=True,
    )  # fmt: skip
    ceil_mode: bool = chosen(
        False, help="Rounds up, so that the last cells are read too: output = ceil((i + 2p − d(k − 1) − 1) / s) + 1.",
        kind=Kind.SWITCH,
    )  # fmt: skip

    def axes(self, value: Any) -> tuple[int, ...]:
        """`value` for each spatial axis."""
        return per_axis(value, self.dims)

    @property
    def paddings(self) -> tuple[int, ...]:
        """Cells added on each side of each axis."""
        return self.axes(0)

    @property
    def dilations(self) -> tuple[int, ...]:
        """The spacing of the window's cells along each axis."""
        return self.axes(1)

    @once
    def windows(self) -> tuple[Sliding, ...]:
        """The window along each axis."""
        kernels, strides = (
            self.axes(self.kernel_size),
            self.axes(self.kernel_size if self.stride is None else self.stride),
        )
        given = zip(kernels, self.dilations, strides, self.paddings, strict=True)
        return tuple([Sliding(k, d, s, p, p, d * (k - 1) + 1) for k, d, s, p in given])

    def misfit(self, shape: Shape) -> str | None:
        for axis, size, window in zip(AXES[self.dims], shape[1:], self.windows, strict=True):
            if window.before > window.kernel // 2:
                return f"padding {window.before} is more than half of kernel_size {window.kernel} along the {axis}."
            room = size + window.padding - window.cover
            if room < 0 and not (self.ceil_mode and room > -window.stride):
                return too_large(axis, size, window.padding, window.kernel, window.dilation, window.cover)
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        same = Formula("output channels", "C_in", (("C_in", shape[0]),), shape[0])
        sizes = zip(AXES[self.dims], shape[1:], self.windows, strict=True)
        formulas = [window_formula(axis, size, *window[:-1]) for axis, size, window in sizes]
        return same, *(map(_rounded_up, formulas) if self.ceil_mode else formulas)

    def reach(self, shape: Shape) -> Reach:
        return self._reach

    @once
    def _reach(self) -> tuple[Window, ...]:
        return tuple([Window(w.cover, w.stride, w.before, w.dilation) for w in self.windows])


def too_large_alone(shape: Shape, kernel_size: tuple[int, ...]) -> str | None:
    """The sentence for a volume that is smaller than the window: there torch counts neither padding nor ceil_mode."""
    for axis, size, kernel in zip(AXES[3], shape[1:], kernel_size, strict=True):
        if kernel > size:
            return too_large(axis, size, 0, kernel, 1, kernel)
    return None


@dataclass(frozen=True, kw_only=True)
class _Pool(SlidingWindow, ABC):
    """A window that may begin before the map."""

    padding: Any = chosen(
        0, help="Cells p added on each side, at most k / 2: output = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        high=LARGEST_KERNEL, comfortable=(0, 4), per_axis=True, everyday=True,
    )  # fmt: skip

    @property
    def paddings(self) -> tuple[int, ...]:
        return self.axes(self.padding)


def _rounded_up(formula: Formula) -> Formula:
    """The same with ceil_mode: one window more, unless it would begin in the padding after the input."""
    n = dict(formula.numbers)
    room = n["i"] + 2 * n["p"] - n["d"] * (n["k"] - 1) - 1
    value = -(-room // n["s"]) + 1
    symbols = formula.symbols.replace("floor", "ceil")
    if (value - 1) * n["s"] >= n["i"] + n["p"]:
        value -= 1
        symbols += " − 1"
    return Formula(formula.quantity, symbols, formula.numbers, value)


@dataclass(frozen=True, kw_only=True)
class _MaxPool(_Pool, ABC):
    """The largest value of each window."""

    dilation: Any = chosen(
        1, help="The spacing d of a window's cells, which covers d(k − 1) + 1 of them.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True,
    )  # fmt: skip

    @property
    def dilations(self) -> tuple[int, ...]:
        return self.axes(self.dilation)

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0,), own=(Own("indices", prod(outputs[0]), bytes=INDEX_BYTES),))


@dataclass(frozen=True, kw_only=True)
class MaxPool1d(_MaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.MaxPool1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class MaxPool2d(_MaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.MaxPool2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class MaxPool3d(_MaxPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.MaxPool3d
    dims: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class _AvgPool(_Pool, ABC):
    """The mean of each window."""

    keeps: ClassVar[Kept | None] = INPUT

    count_include_pad: bool = chosen(
        True, help="Whether padded zeros count in mean = sum / count; it changes values, not shapes.",
        kind=Kind.SWITCH,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AvgPool1d(_AvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AvgPool1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class _DividingAvgPool(_AvgPool, ABC):
    """Average pooling that can divide by another number than the window's size."""

    divisor_override: int | None = chosen(
        None, help="What a window's sum is divided by: mean = sum / divisor_override; unset, its size.",
        low=1, comfortable=(1, 64), optional=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AvgPool2d(_DividingAvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AvgPool2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class AvgPool3d(_DividingAvgPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AvgPool3d
    dims: ClassVar[int] = 3
    widens: ClassVar[bool] = True

    def misfit(self, shape: Shape) -> str | None:
        return too_large_alone(shape, self.axes(self.kernel_size)) or super().misfit(shape)
