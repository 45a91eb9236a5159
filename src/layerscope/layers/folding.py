"""Unfold lays the windows of a map side by side as columns; Fold adds them up to a map again."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, per_axis
from layerscope.layers.kernel import too_large, window_formula
from layerscope.parameter import LARGEST_KERNEL, chosen
from layerscope.receptive import WHOLE, Reach


@dataclass(frozen=True, kw_only=True)
class _Windows(Layer, ABC):
    """Windows over height and width, as a convolution moves them."""

    keeps_channels: ClassVar[bool] = False

    kernel_size: Any = chosen(
        help="Height and width of each window: a column has C · k_h · k_w values, the product of its cells.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 11), per_axis=True, everyday=True, starter=2,
    )  # fmt: skip
    dilation: Any = chosen(
        1, help="The spacing d of a window's cells, which covers d(k − 1) + 1 of them.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True,
    )  # fmt: skip
    padding: Any = chosen(
        0, help="Cells of zeros p on each side: windows = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        high=LARGEST_KERNEL, comfortable=(0, 5), per_axis=True, everyday=True,
    )  # fmt: skip
    stride: Any = chosen(
        1, help="The step s from one window to the next: windows = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True, everyday=True,
    )  # fmt: skip

    def values_per_parameter(self, shape: Shape) -> int:
        return 2

    @property
    def cells(self) -> int:
        """How many cells a window has."""
        return prod(per_axis(self.kernel_size, 2))

    def _each_axis(self, sizes: Shape) -> list[tuple[str, int, int, int, int, int]]:
        """Name, size, padding, dilation, kernel and stride of height and width."""
        given = (self.padding, self.dilation, self.kernel_size, self.stride)
        return list(zip(AXES[2], sizes, *(per_axis(value, 2) for value in given), strict=True))

    def _no_window(self, sizes: Shape) -> str | None:
        """The sentence for a window that is larger than a map of these sizes."""
        for axis, size, padding, dilation, kernel, _ in self._each_axis(sizes):
            cover = dilation * (kernel - 1) + 1
            if cover > size + 2 * padding:
                return too_large(axis, size, 2 * padding, kernel, dilation, cover)
        return None

    def _places(self, sizes: Shape) -> tuple[int, int]:
        """How many windows there are down and across."""
        down, across = (
            window_formula(axis, size, k, d, s, p, p).value for axis, size, p, d, k, s in self._each_axis(sizes)
        )
        return down, across

    def reach(self, shape: Shape) -> Reach:
        return WHOLE


@dataclass(frozen=True, kw_only=True)
class Unfold(_Windows):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Unfold
    stem: ClassVar[str] = "unfold"
    dims: ClassVar[int] = 2

    def misfit(self, shape: Shape) -> str | None:
        return self._no_window(shape[1:])

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        kernel = per_axis(self.kernel_size, 2)
        numbers = (("C", shape[0]), ("k_h", kernel[0]), ("k_w", kernel[1]))
        down, across = self._places(shape[1:])
        return (
            Formula("output channels", "C·k_h·k_w", numbers, shape[0] * self.cells),
            Formula("output length", "down·across", (("down", down), ("across", across)), down * across),
        )

    @property
    def moves(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Fold(_Windows):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Fold
    stem: ClassVar[str] = "fold"
    dims: ClassVar[int] = 1

    output_size: Any = chosen(
        help="Height and width of the output map: output = output_size, which has a window for each column.",
        low=1, high=4096, comfortable=(1, 64), per_axis=True, everyday=True, starter=8,
    )  # fmt: skip

    @property
    def _sizes(self) -> Shape:
        return per_axis(self.output_size, 2)

    def misfit(self, shape: Shape) -> str | None:
        if shape[0] % self.cells:
            return f"A column of {shape[0]:,} values cannot be cut into windows of {self.cells:,} cells."
        if wrong := self._no_window(self._sizes):
            return wrong
        down, across = self._places(self._sizes)
        if shape[1] != down * across:
            return (
                f"A map of {shape_text(self._sizes)} has {down} × {across} = {down * across:,} windows, "
                f"but its input has {shape[1]:,} columns."
            )
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        kernel = per_axis(self.kernel_size, 2)
        numbers = (("C", shape[0]), ("k_h", kernel[0]), ("k_w", kernel[1]))
        channels = Formula("output channels", "C / (k_h·k_w)", numbers, shape[0] // self.cells)
        return channels, *(
            Formula(f"output {axis}", "output_size", (("output_size", size),), size)
            for axis, size in zip(AXES[2], self._sizes, strict=True)
        )
