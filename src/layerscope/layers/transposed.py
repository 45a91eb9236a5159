"""Transposed convolutions in one, two and three dimensions."""

from abc import ABC
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Shape
from layerscope.layers.kernel import AnyConvolution
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen
from layerscope.receptive import NOTHING, Reach, Varying


@dataclass(frozen=True, kw_only=True)
class _TransposedConvolution(AnyConvolution, ABC):
    """The gradient of a convolution with respect to its input, used to enlarge maps."""

    stem: ClassVar[str] = "deconv"

    out_channels: int = chosen(
        help="How many feature maps it outputs: weight is (in_channels, out_channels / groups, kernel).",
        low=1, comfortable=(1, 64), everyday=True, starter=16,
    )  # fmt: skip
    kernel_size: Any = chosen(
        help="Height and width of each kernel: output = (i − 1)s − 2p + d(k − 1) + output_padding + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 11), per_axis=True, everyday=True, starter=3,
    )  # fmt: skip
    stride: Any = chosen(
        1, help="The enlargement s: output = (i − 1)s − 2p + d(k − 1) + output_padding + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True, everyday=True,
    )  # fmt: skip
    padding: Any = chosen(
        0, help="Cells p cut from each side of the output: output = (i − 1)s − 2p + d(k − 1) + output_padding + 1.",
        high=LARGEST_KERNEL, comfortable=(0, 5), per_axis=True, everyday=True,
    )  # fmt: skip
    output_padding: Any = chosen(
        0,
        help="Cells at one end, fewer than stride or dilation: output = (i − 1)s − 2p + d(k − 1) + output_padding + 1.",
        high=LARGEST_KERNEL, comfortable=(0, 3), per_axis=True,
    )  # fmt: skip
    padding_mode: str = chosen("zeros", help="PyTorch takes only zeros here.", kind=Kind.CHOICE, words=("zeros",))

    def misfit(self, shape: Shape) -> str | None:
        if wrong := super().misfit(shape):
            return wrong
        for axis, extra, stride, dilation in zip(
            AXES[self.dims], self.axes(self.output_padding), self.axes(self.stride),
            self.axes(self.dilation), strict=True,
        ):  # fmt: skip
            if extra >= max(stride, dilation):
                return (
                    f"output_padding {extra} along the {axis} must be smaller than stride {stride} "
                    f"or dilation {dilation}."
                )
        for formula in self.output_formulas(shape)[1:]:
            if formula.value < 1:
                return f"The {formula.quantity} would be {formula.filled} = {formula.value}; at least 1 is needed."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        channels = Formula("output channels", "C_out", (("C_out", self.out_channels),), self.out_channels)
        return channels, *(
            Formula(
                f"output {axis}",
                "(i − 1)·s − 2·p + d·(k − 1) + extra + 1",
                (("i", i), ("s", s), ("p", p), ("d", d), ("k", k), ("extra", extra)),
                (i - 1) * s - 2 * p + d * (k - 1) + extra + 1,
            )
            for axis, i, s, p, d, k, extra in zip(
                AXES[self.dims], shape[1:], self.axes(self.stride), self.axes(self.padding),
                self.axes(self.dilation), self.axes(self.kernel_size), self.axes(self.output_padding),
                strict=True,
            )
        )  # fmt: skip

    def mac_formula(self, shape: Shape, output_shape: Shape) -> Formula:
        return self._macs(shape, shape[1:], "in")

    def reach(self, shape: Shape) -> Reach:
        return tuple(
            _transposed_reach(*numbers)
            for numbers in zip(
                self.axes(self.kernel_size), self.axes(self.stride), self.axes(self.padding),
                self.axes(self.dilation), shape[1:], strict=True,
            )
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ConvTranspose1d(_TransposedConvolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConvTranspose1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ConvTranspose2d(_TransposedConvolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConvTranspose2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class ConvTranspose3d(_TransposedConvolution):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConvTranspose3d
    dims: ClassVar[int] = 3


def _transposed_reach(kernel: int, stride: int, pad: int, dilation: int, size: int) -> Varying:
    """Output cell u is fed by the input cells i with u + pad = i·stride + dilation·t, 0 <= t < kernel."""
    common = gcd(dilation, stride)
    period = stride // common  # fitting t come that far apart
    inverse = pow(dilation // common, -1, period)

    def span(u: int) -> tuple[int, int]:
        place = u + pad
        least = max(0, -((stride * (size - 1) - place) // dilation))
        most = min(kernel - 1, place // dilation)
        first = least + (place // common * inverse - least) % period
        if place % common or first > most:
            return NOTHING
        last = most - (most - first) % period
        return (place - dilation * last) // stride, (place - dilation * first) // stride

    return Varying(span, Fraction(1, stride), dilation // common)
