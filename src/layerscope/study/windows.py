"""The window of a convolution or a pooling layer on one sample: what it reads at a place, and the arithmetic there."""

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from layerscope.layers.base import Layer
from layerscope.study.moving import (
    CONVOLUTIONS,
    LARGEST,
    MEAN,
    TRANSPOSED,
    WITH_WINDOWS,
    Along,
    along,
    turned,
)  # fmt: skip


@dataclass(frozen=True)
class Window:
    """How one value comes about. Arrays are (channels read, *kernel); a NaN among `values` is never read.

    `cells` has the input's rows, then its columns, that the window reads, counted without padding: negative ones, and
    those past the end, are none of the input's. `sums` has one number for each channel read; with `bias` they add up to
    the `value` of a layer with weights. `value` is torch's. A transposed convolution's kernel is turned, last weight
    first, as the window reads the input in order. A Linear has one channel, and arrays (in_features,).
    """

    channels: tuple[int, ...]
    cells: tuple[tuple[int, ...], ...]
    values: Any
    weights: Any | None
    products: Any | None
    sums: tuple[float, ...]
    bias: float
    divisor: int | None
    """What a mean's sum is divided by; None elsewhere."""
    value: float


@dataclass(frozen=True)
class Field:
    """What a layer's window moves over: `padded` is its input (channels, *sizes) with the padding that it reads.

    Of a transposed convolution the input's cells stand apart, with NaN between them.
    """

    layer: Layer
    along: tuple[Along, ...]
    padded: Tensor
    made: Tensor
    """What torch's module gives."""
    weight: Tensor | None
    """(out_channels, channels read, *kernel); of a transposed convolution it is turned."""
    bias: Tensor | None

    @property
    def kind(self) -> str:
        """What becomes of the cells under a window: "sum", "max" or "mean"."""
        return "sum" if self.weight is not None else "max" if isinstance(self.layer, LARGEST) else "mean"

    def channels(self, out: int) -> tuple[int, ...]:
        """The input channels that an output channel is made from."""
        if self.weight is None:
            return (out,)
        depth = self.weight.shape[1]
        first = out // (len(self.weight) // int(getattr(self.layer, "groups", 1))) * depth
        return tuple(range(first, first + depth))

    def partial(self, out: int, channel: int) -> Tensor:
        """What one input channel adds to an output channel, at each place. For layers with weights."""
        assert self.weight is not None
        kernel = self.weight[out, channel - self.channels(out)[0]]
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[len(self.along) - 1]
        strides, dilations = ([getattr(one, name) for one in self.along] for name in ("stride", "dilation"))
        read = self.padded[channel].nan_to_num(0.0, inf, -inf)
        return convolve(read[None, None], kernel[None, None], None, strides, 0, dilations)[0, 0]

    def window(self, unit: tuple[int, ...]) -> Window:
        """The arithmetic of one value: its channel, then its place along each axis."""
        out, *place = unit
        read = self.channels(out)
        values = self.padded[read[0] : read[-1] + 1]
        cells = []
        for axis, (at, one) in enumerate(zip(place, self.along, strict=True), 1):
            taken = one.cells(at)
            values = values.index_select(axis, torch.tensor(taken))
            cells.append(tuple(map(one.of_input, taken)))
        weights = None if self.weight is None else self.weight[out]
        products = None if weights is None else values * weights
        sums = tuple(float(channel.nansum()) for channel in (values if products is None else products))
        return Window(
            read, tuple(cells), values.numpy(), None if weights is None else weights.numpy(),
            None if products is None else products.numpy(), sums,
            0.0 if self.bias is None else float(self.bias[out]), self._divisor(values), float(self.made[unit]),
        )  # fmt: skip

    def _divisor(self, values: Tensor) -> int | None:
        if self.kind != "mean":
            return None
        return self.divides_by or int((~values.isnan()).sum())

    @property
    def divides_by(self) -> int:
        """The number that a mean's sums are divided by wherever the window is; 0 for the number of cells read."""
        return getattr(self.layer, "divisor_override", None) or 0


def field(
    layer: Layer, arriving: tuple[Tensor, ...], made: Tensor, weight: Tensor | None, bias: Tensor | None
) -> Field | None:
    """What the layer's window moves over; None for a layer without one. Tensors have no batch axis."""
    if not isinstance(layer, WITH_WINDOWS):
        return None
    given = arriving[0]
    axes = along(layer, tuple(given.shape), tuple(made.shape))
    if isinstance(layer, TRANSPOSED):
        assert weight is not None
        weight, given = turned(weight, layer.groups), _apart(given, [one.apart for one in axes])
    around = [
        (one.before, one.size - one.before - have - one.beyond) for one, have in zip(axes, given.shape[1:], strict=True)
    ]
    if isinstance(layer, CONVOLUTIONS):
        mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
        padded = _padded(given, around, mode, 0.0)
    else:
        counts = isinstance(layer, MEAN) and getattr(layer, "count_include_pad", False)
        padded = _padded(given, around, "constant", 0.0 if counts else nan)
        padded = _padded(padded, [(0, one.beyond) for one in axes], "constant", nan)
    return Field(layer, axes, padded, made, weight, bias)


def _apart(tensor: Tensor, steps: list[int]) -> Tensor:
    """The cells of (channels, *sizes) so far apart along each axis, with NaN between them."""
    sizes = [(size - 1) * step + 1 for size, step in zip(tensor.shape[1:], steps, strict=True)]
    spread = tensor.new_full((len(tensor), *sizes), nan)
    spread[(slice(None), *(slice(None, None, step) for step in steps))] = tensor
    return spread


def _padded(tensor: Tensor, around: list[tuple[int, int]], mode: str, value: float) -> Tensor:
    """With so many more cells before and after along each axis, or without so many where the number is negative."""
    amounts = [cells for pair in reversed(around) for cells in pair]
    if not any(amounts):
        return tensor
    if mode == "constant":
        return functional.pad(tensor, amounts, mode, value)
    return functional.pad(tensor[None], amounts, mode)[0]
