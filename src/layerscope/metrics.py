"""Plain arithmetic on a trace: which input cells nobody reads, and each layer's share of the whole."""

from functools import lru_cache

from layerscope.layers.base import Layer, Shape, per_axis
from layerscope.receptive import AxisReach, Varying, Window
from layerscope.steps import Step, Trace

Cells = tuple[int, ...]


def unread(step: Step) -> tuple[Cells, ...]:
    """For each spatial axis of the layer's input, the indices (from 0) that no output cell reads.

    Cells are left over where the stride does not fit into the size (the floor in the formula), where it is larger
    than the window, and in the gaps of a dilated window. Padding cells do not count, but padding that repeats real
    cells ("reflect", "circular", "replicate") reads those.
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
    if hasattr(layer, "output_padding"):
        return _unread_transposed(layer, sizes, outputs)
    reach = layer.reach(shape)
    if not isinstance(reach, tuple) or len(reach) != len(sizes) or len(outputs) != len(sizes):
        return ((),) * len(sizes)
    dilations = per_axis(getattr(layer, "dilation", 1), len(sizes))
    mode = getattr(layer, "padding_mode", "zeros")
    return tuple(
        _unread_axis(axis, size, cells, dilation, mode)
        for axis, size, cells, dilation in zip(reach, sizes, outputs, dilations, strict=True)
    )


def _unread_axis(reach: AxisReach, size: int, cells: int, dilation: int, mode: str) -> Cells:
    if isinstance(reach, Window):
        covered = (cells - 1) * reach.stride - reach.pad + reach.extent
        if dilation == 1 and reach.stride <= reach.extent and covered >= size:
            return ()
        return _unread_windows(reach, size, cells, dilation, mode)
    if isinstance(reach, Varying):
        spans = (reach.span(u) for u in range(cells))
        read = {i for first, last in spans for i in range(max(first, 0), min(last, size - 1) + 1)}
        return tuple(i for i in range(size) if i not in read)
    return ()


@lru_cache(maxsize=1024)
def _unread_windows(window: Window, size: int, cells: int, dilation: int, mode: str) -> Cells:
    taps = range(0, window.extent, dilation)
    places = {u * window.stride - window.pad + tap for u in range(cells) for tap in taps}
    read = {_source(place, size, mode) for place in places}
    return tuple(i for i in range(size) if i not in read)


def _source(place: int, size: int, mode: str) -> int | None:
    """The real cell that a place on the padded axis shows; None for zeros."""
    if 0 <= place < size:
        return place
    if mode == "reflect":
        return -place if place < 0 else 2 * (size - 1) - place
    if mode == "replicate":
        return min(max(place, 0), size - 1)
    return place % size if mode == "circular" else None


def _unread_transposed(layer: Layer, sizes: Shape, outputs: Shape) -> tuple[Cells, ...]:
    """Input cell i feeds the outputs i·stride + dilation·t - padding, some of which padding cuts away."""
    names = ("kernel_size", "stride", "padding", "dilation")
    numbers = [per_axis(getattr(layer, name), len(sizes)) for name in names]
    return tuple(
        tuple(i for i in range(size) if not any(0 <= i * s + d * t - p < cells for t in range(k)))
        for size, cells, k, s, p, d in zip(sizes, outputs, *numbers, strict=True)
    )
