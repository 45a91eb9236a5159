"""How a layer's window moves along each axis of its input, by the closed formulas alone."""

from dataclasses import dataclass

from torch import Tensor

from layerscope.cells import Span
from layerscope.layers.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)  # fmt: skip
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv1d, Conv2d, Conv3d
from layerscope.layers.kernel import AnyConvolution
from layerscope.layers.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d, SlidingWindow
from layerscope.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from layerscope.receptive import Varying

CONVOLUTIONS = Conv1d, Conv2d, Conv3d
TRANSPOSED = ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
WEIGHTED = (*CONVOLUTIONS, *TRANSPOSED)
_ADAPTIVE_MAX = AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d
_ADAPTIVE_MEAN = AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d
ADAPTIVE = (*_ADAPTIVE_MAX, *_ADAPTIVE_MEAN)
LARGEST = (MaxPool1d, MaxPool2d, MaxPool3d, *_ADAPTIVE_MAX)
MEAN = (AvgPool1d, AvgPool2d, AvgPool3d, *_ADAPTIVE_MEAN)
WITH_WINDOWS = (*WEIGHTED, *LARGEST, *MEAN)


@dataclass(frozen=True)
class Along:
    """A window along one axis of what it moves over: the input with its padding, `size` cells."""

    kernel: int
    """Cells of the window; of the largest one where they differ."""
    dilation: int
    stride: int
    before: int
    """Cells before the input's first one; negative where so many of the input's own are never reached."""
    size: int
    beyond: int = 0
    """Cells after the padding that a last window of ceil_mode reaches, where nothing counts."""
    apart: int = 1
    """The input's cells stand so far apart: the stride of a transposed convolution."""
    spans: tuple[Span, ...] = ()
    """The first and the last cell at each place, where the windows differ."""

    def cells(self, place: int) -> range:
        """What the window reads at a place, counted with the padding."""
        if self.spans:
            first, last = self.spans[place]
            return range(first, last + 1)
        first = place * self.stride
        return range(first, min(first + self.dilation * (self.kernel - 1) + 1, self.size), self.dilation)

    def of_input(self, cell: int) -> int:
        """The input's cell of that place; negative, or past the end, where it is none of the input's."""
        at = cell - self.before
        return at // self.apart if at % self.apart == 0 else -1


def along(layer: Layer, shape: Shape, made: Shape) -> tuple[Along, ...]:
    """The window of a layer of WITH_WINDOWS along each spatial axis, for the shapes of its input and its output."""
    if isinstance(layer, TRANSPOSED):
        return _transposed(layer, made)
    if isinstance(layer, ADAPTIVE):
        return _adaptive(layer, shape, made)
    assert isinstance(layer, (*CONVOLUTIONS, SlidingWindow))
    found = []
    for one, size, places in zip(layer.windows, shape[1:], made[1:], strict=True):
        beyond = max(0, (places - 1) * one.stride + one.cover - size - one.padding)
        cells = size + one.padding + beyond
        found.append(Along(one.kernel, one.dilation, one.stride, one.before, cells, beyond))
    return tuple(found)


def _transposed(layer: AnyConvolution, made: Shape) -> tuple[Along, ...]:
    """A transposed convolution is a convolution with the turned kernel over cells that stand `stride` apart.

    Output cell u gets input cell i through kernel cell t where u + p = i·s + d·t.
    """
    given = (layer.axes(layer.chosen[name]) for name in ("kernel_size", "dilation", "stride", "padding"))
    return tuple(
        Along(kernel, dilation, 1, dilation * (kernel - 1) - padding, places + dilation * (kernel - 1), apart=stride)
        for kernel, dilation, stride, padding, places in zip(*given, made[1:], strict=True)
    )


def _adaptive(layer: Layer, shape: Shape, made: Shape) -> tuple[Along, ...]:
    found, reach = [], layer.reach(shape)
    assert isinstance(reach, tuple)
    for one, size, places in zip(reach, shape[1:], made[1:], strict=True):
        if isinstance(one, Varying):
            spans = tuple(map(one.span, range(places)))
            found.append(Along(max(last - first + 1 for first, last in spans), 1, 1, 0, size, spans=spans))
        else:
            found.append(Along(size // places, 1, size // places, 0, size))
    return tuple(found)


def turned(weight: Tensor, groups: int) -> Tensor:
    """A transposed convolution's weight (in, out / groups, *kernel) as that of the convolution over its spread input:
    (out, in / groups, *kernel), with each kernel's last cell first."""
    _, wide, *kernel = weight.shape
    by_group = weight.reshape(groups, -1, wide, *kernel).transpose(1, 2)
    return by_group.reshape(groups * wide, -1, *kernel).flip(tuple(range(2, weight.ndim)))
