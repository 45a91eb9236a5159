"""The window of a convolution or a pooling layer on one sample: what it reads at a place, and the arithmetic there."""

from dataclasses import dataclass
from math import nan
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.layers.kernel import Sliding
from layerscope.layers.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d

CONVOLUTIONS = Conv1d, Conv2d, Conv3d
LARGEST = MaxPool1d, MaxPool2d, MaxPool3d
MEAN = AvgPool1d, AvgPool2d, AvgPool3d
WITH_WINDOWS = (*CONVOLUTIONS, *LARGEST, *MEAN)


@dataclass(frozen=True)
class Window:
    """How one value comes about. Arrays are (channels read, *kernel); a NaN among `values` is never read.

    `cells` has the input's rows, then its columns, that the window reads, counted without padding: negative ones, and
    those past the end, are padding. `sums` has one number for each channel read; with `bias` they add up to a
    convolution's `value`. `value` is torch's.
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
    """What a layer's window moves over: `padded` is its input (channels, *sizes) with the padding that it reads."""

    layer: Layer
    windows: tuple[Sliding, ...]
    padded: Tensor
    made: Tensor
    """What torch's module gives."""
    weight: Tensor | None
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
        """What one input channel adds to an output channel, at each place. For convolutions."""
        assert self.weight is not None
        kernel = self.weight[out, channel - self.channels(out)[0]]
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[len(self.windows) - 1]
        strides, dilations = ([getattr(one, name) for one in self.windows] for name in ("stride", "dilation"))
        return convolve(self.padded[channel][None, None], kernel[None, None], None, strides, 0, dilations)[0, 0]

    def window(self, unit: tuple[int, ...]) -> Window:
        """The arithmetic of one value: its channel, then its place along each axis."""
        out, *place = unit
        read = self.channels(out)
        values = self.padded[read[0] : read[-1] + 1]
        cells = []
        for axis, (at, one) in enumerate(zip(place, self.windows, strict=True), 1):
            first = at * one.stride
            taken = range(first, min(first + one.cover, values.shape[axis]), one.dilation)
            values = values.index_select(axis, torch.tensor(taken))
            cells.append(tuple(cell - one.before for cell in taken))
        weights = None if self.weight is None else self.weight[out]
        products = None if weights is None else values * weights
        summed = products if products is not None else values.nan_to_num()
        sums = tuple(float(channel.sum()) for channel in summed)
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
    windows = layer.windows
    if isinstance(layer, CONVOLUTIONS):
        mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
        padded = _padded(arriving[0], [(one.before, one.after) for one in windows], mode, 0.0)
    else:
        counts = isinstance(layer, MEAN) and layer.count_include_pad
        padded = _padded(arriving[0], [(one.before, one.after) for one in windows], "constant", 0.0 if counts else nan)
        # ceil_mode: a last window may reach beyond the padding, where nothing counts.
        missing = [
            max(0, (size - 1) * one.stride + one.cover - have)
            for size, one, have in zip(made.shape[1:], windows, padded.shape[1:], strict=True)
        ]
        padded = _padded(padded, [(0, more) for more in missing], "constant", nan)
    return Field(layer, windows, padded, made, weight, bias)


def _padded(tensor: Tensor, around: list[tuple[int, int]], mode: str, value: float) -> Tensor:
    amounts = [cells for pair in reversed(around) for cells in pair]
    if not any(amounts):
        return tensor
    if mode == "constant":
        return functional.pad(tensor, amounts, mode, value)
    return functional.pad(tensor[None], amounts, mode)[0]
