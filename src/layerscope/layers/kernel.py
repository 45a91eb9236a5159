"""What convolutions, transposed convolutions and pooling share: kernels that slide over spatial axes."""

from abc import ABC
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, ClassVar, NamedTuple

from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.layers.kept import INPUT, Kept
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen

OUT_CHANNELS = (
    "The number of filters, and so of output feature maps: weight is (out_channels, in_channels / groups, kernel)."
)
GROUPS = "Cuts the channels into groups that do not see each other: each filter is in_channels / groups deep."
KERNEL = {1: ("k",), 2: ("k_h", "k_w"), 3: ("k_d", "k_h", "k_w")}
"""What formulas call a kernel's sizes."""
SIZES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""What they call those of a map."""
BIAS = "Adds one learnable number to each output channel: out_channels more parameters."


class Sliding(NamedTuple):
    """A window that slides along one axis, in cells. `cover` is d(k − 1) + 1; padding stands before and after."""

    kernel: int
    dilation: int
    stride: int
    before: int
    after: int
    cover: int

    @property
    def padding(self) -> int:
        """Cells of padding on both sides together."""
        return self.before + self.after


@dataclass(frozen=True, kw_only=True)
class AnyConvolution(Layer, ABC):
    """What convolutions and transposed ones share: channels, kernel, weight, cost."""

    features_last: ClassVar[bool | None] = False
    decides: ClassVar[tuple[str, ...]] = ("in_channels",)
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = INPUT
    lowers: ClassVar[bool] = True

    out_channels: int = chosen(help=OUT_CHANNELS, low=1, comfortable=(1, 64), everyday=True, starter=16)
    kernel_size: Any = chosen(
        help="Height and width of each kernel: output = floor((i + 2p − d(k − 1) − 1) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 11), per_axis=True, everyday=True, starter=3,
    )  # fmt: skip
    dilation: Any = chosen(
        1, help="The spacing d of a kernel's cells, which covers d(k − 1) + 1 of them.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 4), per_axis=True,
    )  # fmt: skip
    groups: int = chosen(1, help=GROUPS, low=1, comfortable=(1, 16))
    bias: bool = chosen(True, help=BIAS, kind=Kind.SWITCH)

    def axes(self, value: Any) -> tuple[int, ...]:
        """`value` for each spatial axis."""
        return per_axis(value, self.dims)

    @property
    def span(self) -> tuple[int, ...]:
        """The cells that a kernel covers along each axis: d(k − 1) + 1."""
        pairs = zip(self.axes(self.kernel_size), self.axes(self.dilation), strict=True)
        return tuple(d * (k - 1) + 1 for k, d in pairs)

    def misfit(self, shape: Shape) -> str | None:
        if shape[0] % self.groups:
            return divisors("in_channels", shape[0], self.groups)
        if self.out_channels % self.groups:
            return divisors("out_channels", self.out_channels, self.groups)
        return None

    def parameter_formula(self, shape: Shape) -> Formula:
        kernel, letters = self.axes(self.kernel_size), KERNEL[self.dims]
        symbols = "C_out·(C_in / g)·" if self.groups > 1 else "C_out·C_in·"
        symbols += "·".join(letters) + (" + C_out" if self.bias else "")
        numbers = (("C_out", self.out_channels), ("C_in", shape[0]), ("g", self.groups))
        value = self.out_channels * shape[0] // self.groups * prod(kernel)
        value += self.out_channels if self.bias else 0
        return Formula("parameters", symbols, (*numbers, *zip(letters, kernel, strict=True)), value)

    def _macs(self, shape: Shape, sizes: Shape, side: str) -> Formula:
        """At each cell of a map of these sizes all weights are used; `side` is the one that the map is on."""
        weights = self.out_channels * shape[0] // self.groups * prod(self.axes(self.kernel_size))
        letters = [f"{letter}_{side}" for letter in SIZES[self.dims]]
        numbers = (*zip(letters, sizes, strict=True), ("weights", weights))
        return Formula("MACs", "·".join([*letters, "weights"]), numbers, prod(sizes) * weights)


@lru_cache(maxsize=1024, typed=True)
def window_formula(
    axis: str, size: int, kernel: int, dilation: int, stride: int, before: int = 0, after: int = 0
) -> Formula:
    """The output size of sliding windows: floor((i + 2p - d(k - 1) - 1) / s) + 1.

    Uneven padding (padding="same" with an even kernel) is written as the sum of both sides.
    """
    numbers = [("i", size), ("d", dilation), ("k", kernel), ("s", stride)]
    if before == after:
        padding, extra = "2·p", [("p", before)]
    else:
        padding, extra = "p_left + p_right", [("p_left", before), ("p_right", after)]
    value = (size + before + after - dilation * (kernel - 1) - 1) // stride + 1
    symbols = f"floor((i + {padding} − d·(k − 1) − 1) / s) + 1"
    return Formula(f"output {axis}", symbols, (*numbers, *extra), value)


def too_large(axis: str, size: int, padding: int, kernel: int, dilation: int, cover: int) -> str:
    """The sentence for a window that is larger than what it slides over."""
    what = f"kernel_size {kernel}"
    if dilation > 1:
        what += f" with dilation {dilation} covers {cover} cells, which"
    arrives = f"its input's {axis} of {size}"
    if padding:
        arrives += f" ({size + padding} with padding)"
    return f"{what} is larger than {arrives}."


def divisors(channels_name: str, channels: int, groups: int, name: str = "groups") -> str:
    """The sentence for groups that do not divide the channels."""
    fitting = _divisors(channels)
    shown = ", ".join(map(str, fitting[:12])) + (", ..." if len(fitting) > 12 else "")
    return f"{name} must divide {channels_name} {channels}: {shown}; {name} is {groups}."


@lru_cache(maxsize=256)
def _divisors(number: int) -> tuple[int, ...]:
    """The divisors of a number up to 4,096, the small ones first."""
    return tuple(n for n in range(1, min(number, 4096) + 1) if number % n == 0)
