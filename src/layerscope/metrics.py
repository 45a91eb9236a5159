"""Plain arithmetic on a trace: which input cells nobody reads, and each layer's share of the whole."""

from functools import lru_cache
from itertools import starmap

from layerscope import limits
from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.receptive import AxisReach, Varying, Window
from layerscope.steps import Step, Trace

Cells = tuple[int, ...]


def unread(step: Step) -> tuple[Cells, ...]:
    """For each spatial axis of the layer's input, the indices (from 0) that no output cell reads.

    Cells are left over where the stride does not fit into the size (the floor in the formula), where it is larger
    than the window, and in the gaps of a dilated window. Padding cells do not count, but padding that repeats real
    cells ("reflect", "circular", "replicate") reads those. Very long axes are not looked through: see `is_followed`.
    """
    if step.error or step.output_shape is None:
        return ((),) * len(step.input_shape[1:])
    return _unread(step.layer, step.input_shape, step.output_shape)


def share(step: Step, trace: Trace) -> float:
    """The layer's part of all weights and biases, from 0 to 1."""
    return step.parameters / trace.parameters if trace.parameters else 0.0


@lru_cache(maxsize=4096)
def _unread(layer: Layer, shape: Shape, output: Shape) -> tuple[Cells, ...]:
    sizes, outputs = shape[1:], output[1:]
    if max((*sizes, *outputs), default=0) > limits.FOLLOWED.most:
        return ((),) * len(sizes)
    if hasattr(layer, "output_padding"):
        return _unread_transposed(layer, sizes, outputs)
    reach = layer.reach(shape)
    if not isinstance(reach, tuple) or len(reach) != len(sizes) or len(outputs) != len(sizes):
        return ((),) * len(sizes)
    mode = getattr(layer, "padding_mode", "zeros")
    return tuple(_unread_axis(axis, size, cells, mode) for axis, size, cells in zip(reach, sizes, outputs, strict=True))


def is_followed(step: Step) -> bool:
    """Whether `unread` looked for cells at all: it does not where an axis is very long."""
    return max((*step.input_shape[1:], *(step.output_shape or ())[1:]), default=0) <= limits.FOLLOWED.most


def _unread_axis(reach: AxisReach, size: int, cells: int, mode: str) -> Cells:
    if isinstance(reach, Window):
        covered = (cells - 1) * reach.stride - reach.pad + reach.extent
        if reach.step == 1 and reach.stride <= reach.extent and covered >= size:
            return ()
        return _unread_windows(reach, size, cells, mode)
    if isinstance(reach, Varying):
        if reach.stride <= 1:  # no step is longer than a cell: nothing between the ends is left out
            first, last = reach.span(0)[0], reach.span(cells - 1)[1]
            return (*range(first), *range(last + 1, size))
        read = bytearray(size)
        for first, last in map(reach.span, range(cells)):
            _mark(read, range(max(first, 0), min(last, size - 1) + 1))
        return _missing(read)
    return ()


@lru_cache(maxsize=1024)
def _unread_windows(window: Window, size: int, cells: int, mode: str) -> Cells:
    """The axis is marked with its padding on both sides, tap by tap: each tap reads every `stride`-th place.

    Taps that read the same places a little further on are marked as one, which keeps this linear: where there are fewer
    windows than taps are apart, there are few places.
    """
    padded = bytearray(max(size + 2 * window.pad, (cells - 1) * window.stride + window.extent))
    lasts: dict[int, range] = {}
    for tap in range(0, window.extent, window.step):
        places = range(tap, tap + (cells - 1) * window.stride + 1, window.stride)
        before = lasts.get(tap % window.stride)
        if before is not None and places.start <= before[-1] + window.stride:
            places = range(before.start, places.stop, window.stride)
        elif before is not None:
            _mark(padded, before)
        lasts[tap % window.stride] = places
    for places in lasts.values():
        _mark(padded, places)
    read = padded[window.pad : window.pad + size]
    beside = (*range(-window.pad, 0), *range(size, len(padded) - window.pad))
    for place in beside if mode != "zeros" else ():
        if padded[place + window.pad]:
            read[_source(place, size, mode)] = 1
    return _missing(read)


def _mark(cells: bytearray, places: range) -> None:
    cells[places.start : places.stop : places.step] = b"\1" * len(places)


def _missing(read: bytearray) -> Cells:
    return tuple(i for i, is_read in enumerate(read) if not is_read)


def _source(place: int, size: int, mode: str) -> int:
    """The real cell that a place in the padding shows."""
    if mode == "reflect":
        return -place if place < 0 else 2 * (size - 1) - place
    return min(max(place, 0), size - 1) if mode == "replicate" else place % size


def _unread_transposed(layer: Layer, sizes: Shape, outputs: Shape) -> tuple[Cells, ...]:
    """Input cell i feeds the outputs i·stride + dilation·t - padding, some of which padding cuts away."""
    names = ("kernel_size", "stride", "padding", "dilation")
    numbers = [per_axis(getattr(layer, name), len(sizes)) for name in names]
    return tuple(starmap(_unread_feeding, zip(sizes, outputs, *numbers, strict=True)))


@lru_cache(maxsize=1024)
def _unread_feeding(size: int, cells: int, kernel: int, stride: int, padding: int, dilation: int) -> Cells:
    def feeds(i: int) -> bool:
        least = max(0, -((i * stride - padding) // dilation))  # the first tap that is not cut away on the left
        return least < kernel and i * stride + dilation * least - padding < cells

    return tuple(i for i in range(size) if not feeds(i))
