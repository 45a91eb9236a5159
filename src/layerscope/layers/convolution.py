"""Convolutions in one, two and three dimensions."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Shape, Shapes, Wants
from layerscope.layers.kept import INPUT, Kept, Own
from layerscope.layers.kernel import AnyConvolution, Sliding, too_large, window_formula
from layerscope.once import once
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen
from layerscope.receptive import Reach, Window


@dataclass(frozen=True, kw_only=True)
class _Convolution(AnyConvolution, ABC):
    """Cross-correlation of the input with `out_channels` filters."""

    stem: ClassVar[str] = "conv"
    head: ClassVar[str | None] = "out_channels"

    stride: Any = chosen(
        1, help="The step s from one window to the next: output = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True, everyday=True,
    )  # fmt: skip
    padding: Any = chosen(
        0, help="Cells of zeros p on each side: output = floor((i + 2p − d(k − 1) − 1) / s) + 1; "
        '"same" keeps the size (stride 1 only).',
        high=LARGEST_KERNEL, comfortable=(0, 5), per_axis=True, words=("same", "valid"), everyday=True,
    )  # fmt: skip
    padding_mode: str = chosen(
        "zeros", help="What the padding holds; it changes no shape and no count.",
        kind=Kind.CHOICE, words=("zeros", "reflect", "replicate", "circular"),
    )  # fmt: skip

    @once
    def windows(self) -> tuple[Sliding, ...]:
        """The window along each axis; with padding="same" an odd cell of padding goes to the end."""
        padding = 0 if self.padding in ("same", "valid") else self.padding
        given = (self.kernel_size, self.dilation, self.stride, padding)
        if tuple not in map(type, given):
            return (self._window(*given),) * self.dims
        return tuple(map(self._window, *map(self.axes, given)))

    def _window(self, kernel: int, dilation: int, stride: int, padding: int) -> Sliding:
        cover, before, after = dilation * (kernel - 1) + 1, padding, padding
        if self.padding == "same":
            before = (cover - 1) // 2
            after = cover - 1 - before
        return Sliding(kernel, dilation, stride, before, after, cover)

    def misfit(self, shape: Shape) -> str | None:
        if wrong := super().misfit(shape):
            return wrong
        if self.padding == "same" and any(window.stride != 1 for window in self.windows):
            return f'padding="same" needs stride 1; stride is {self.stride}.'
        for axis, size, window in zip(AXES[self.dims], shape[1:], self.windows, strict=True):
            if self.padding_mode != "zeros" and (wrong := self._unfilled(axis, size, window)):
                return wrong
            if window.cover > size + window.before + window.after:
                return too_large(axis, size, window.padding, window.kernel, window.dilation, window.cover)
        return None

    def _unfilled(self, axis: str, size: int, window: Sliding) -> str | None:
        """The sentence for padding that the map has too few cells to fill."""
        limit = {"reflect": size - 1, "circular": size}.get(self.padding_mode)
        if limit is None or max(window.before, window.after) <= limit:
            return None
        return (
            f"padding_mode={self.padding_mode!r} fills the padding from the {axis} of {size}, "
            f"which allows {limit} on each side; padding asks for {max(window.before, window.after)}."
        )

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        channels = Formula("output channels", "C_out", (("C_out", self.out_channels),), self.out_channels)
        sizes = zip(AXES[self.dims], shape[1:], self.windows, strict=True)
        return channels, *[window_formula(axis, size, *window[:-1]) for axis, size, window in sizes]

    def scratch(self, shape: Shape) -> int:
        is_copied = self.padding_mode != "zeros" or self.padding == "same"
        sizes = zip(shape[1:], self.windows, strict=True)
        return shape[0] * prod(size + window.padding for size, window in sizes) * is_copied

    def mac_formula(self, shape: Shape, output_shape: Shape) -> Formula:
        return self._macs(shape, output_shape[1:], "out")

    def reach(self, shape: Shape) -> Reach:
        return self._reach

    @once
    def _reach(self) -> tuple[Window, ...]:
        return tuple([Window(w.cover, w.stride, w.before, w.dilation, self.padding_mode) for w in self.windows])

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        """The input, or its padded copy where torch pads before it convolves."""
        before_and_after = [(window.before, window.after) for window in self.windows]
        if self.padding_mode != "zeros":
            added = [sum(pair) for pair in before_and_after]
            reads_input = wants[0] and self.padding_mode != "circular"
        elif any(before != after for before, after in before_and_after):  # only the odd cells are added beforehand
            added, reads_input = [after - before for before, after in before_and_after], False
        else:
            return INPUT
        sizes = [size + more for size, more in zip(shapes[0][1:], added, strict=True)]
        return Kept((0,) if reads_input else (), own=(Own("the padded input", shapes[0][0] * prod(sizes)),))


@dataclass(frozen=True, kw_only=True)
class Conv1d(_Convolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Conv1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class Conv2d(_Convolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Conv2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class Conv3d(_Convolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Conv3d
    dims: ClassVar[int] = 3
