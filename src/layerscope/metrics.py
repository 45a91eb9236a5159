"""Plain arithmetic on a trace: which input cells nobody reads, and each layer's share of the whole."""

from functools import lru_cache

from layerscope import limits
from layerscope.cells import all_of, missing_of
from layerscope.layers.base import Layer, Shape
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
    reach = layer.reach(shape)
    if not isinstance(reach, tuple) or len(reach) != len(sizes) or len(outputs) != len(sizes):
        return ((),) * len(sizes)
    read = [axis.read(all_of(cells), cells, size) for axis, cells, size in zip(reach, outputs, sizes, strict=True)]
    if not all(read):  # where no row is read, no column is
        read = [0 for _ in sizes]
    return tuple(map(missing_of, read, sizes))


def is_followed(step: Step) -> bool:
    """Whether `unread` looked for cells at all: it does not where an axis is very long."""
    return max((*step.input_shape[1:], *(step.output_shape or ())[1:]), default=0) <= limits.FOLLOWED.most
