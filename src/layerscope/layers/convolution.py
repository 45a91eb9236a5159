"""Convolutions in one, two and three dimensions."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Shape
from layerscope.layers.kernel import AnyConvolution, too_large, window_formula
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

    def pads(self) -> tuple[tuple[int, int], ...]:
        """Padding before and after each axis; with "same" an odd cell goes to the end."""
        if self.padding == "same":
            return tuple(((c - 1) // 2, (c - 1) - (c - 1) // 2) for c in self.span)
        return tuple((p, p) for p in self.axes(0 if self.padding == "valid" else self.padding))

    def misfit(self, shape: Shape) -> str | None:
        if wrong := super().misfit(shape):
            return wrong
        if self.padding == "same" and any(s != 1 for s in self.axes(self.stride)):
            return f'padding="same" needs stride 1; stride is {self.stride}.'
        for axis, size, cover, pads, kernel, dilation in zip(
            AXES[self.dims], shape[1:], self.span, self.pads(), self.axes(self.kernel_size),
            self.axes(self.dilation), strict=True,
        ):  # fmt: skip
            limit = {"reflect": size - 1, "circular": size}.get(self.padding_mode)
            if limit is not None and max(pads) > limit:
                return (
                    f"padding_mode={self.padding_mode!r} fills the padding from the {axis} of {size}, "
                    f"which allows {limit} on each side; padding asks for {max(pads)}."
                )
            if cover > size + sum(pads):
                return too_large(axis, size, sum(pads), kernel, dilation, cover)
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        channels = Formula("output channels", "C_out", (("C_out", self.out_channels),), self.out_channels)
        return channels, *(
            window_formula(axis, *numbers)
            for axis, *numbers in zip(
                AXES[self.dims], shape[1:], self.pads(), self.axes(self.dilation),
                self.axes(self.kernel_size), self.axes(self.stride), strict=True,
            )
        )  # fmt: skip

    def scratch(self, shape: Shape) -> int:
        is_copied = self.padding_mode != "zeros" or self.padding == "same"
        return shape[0] * prod(size + sum(pads) for size, pads in zip(shape[1:], self.pads(), strict=True)) * is_copied

    def mac_formula(self, shape: Shape, output_shape: Shape) -> Formula:
        return self._macs(shape, prod(output_shape[1:]), "positions_out")

    def reach(self, shape: Shape) -> Reach:
        return tuple(
            Window(cover, stride, pads[0], dilation, self.padding_mode)
            for cover, stride, pads, dilation in zip(
                self.span, self.axes(self.stride), self.pads(), self.axes(self.dilation), strict=True
            )
        )


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
