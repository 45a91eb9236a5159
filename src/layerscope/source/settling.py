"""What only the shape of the input tells: the sizes of some reshapes, and how many axes a parameter's readers see."""

from collections.abc import Sequence
from math import prod

from layerscope import closed_form, wiring
from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.values import Dim

_ALIGNED = frozenset({"Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "MatMul"})
"""Rows whose inputs torch lines up from their last axes."""


def is_open(use: Use) -> bool:
    """Whether something of that row has to be settled."""
    return bool(use.made.pending) or (use.made.type == "Parameter" and not use.made.is_settled)


def settled(layers: Sequence[Layer], uses: Sequence[Use], inputs: Sequence[Input]) -> tuple[Layer, ...]:
    """The layers with all that is open worked out, as far as the rows run."""
    rows, made = list(layers), list[tuple[Shape, ...]]()
    given = [each.shape for each in inputs]
    waiting = {place for place, use in enumerate(uses) if use.made.type == "Parameter" and not use.made.is_settled}
    for place, sources in enumerate(wiring.sources(layers, [each.name for each in inputs])):
        shapes = wiring.arriving(sources, given, made)
        if shapes is None:
            break
        if uses[place].made.pending:
            rows[place] = _with_sizes(rows[place], uses[place], given, made)
        found = {source.row for source in sources} & waiting
        others = [shape for source, shape in zip(sources, shapes, strict=True) if source.row not in waiting]
        if found and others and rows[place].type in _ALIGNED:
            for row in found:
                rows[row] = _seen_with(rows[row], len(others[0]) + 1)
                made[row] = closed_form.output_shapes(rows[row]) or ((),)
            waiting -= found
            shapes = wiring.arriving(sources, given, made) or shapes
        outputs = closed_form.output_shapes(rows[place], *shapes)
        if outputs is None:
            break
        made.append(outputs)
    return tuple(rows)


def _with_sizes(layer: Layer, use: Use, given: Sequence[Shape], made: Sequence[Sequence[Shape]]) -> Layer:
    """A reshape with the sizes that its Dims have."""
    sizes = tuple(_size(size, given, made) if isinstance(size, Dim) else size for size in use.made.pending)
    return layer.with_chosen("shape", sizes) if all(size != 0 for size in sizes) else layer


def _size(dim: Dim, given: Sequence[Shape], made: Sequence[Sequence[Shape]]) -> int:
    """The number that a product of sizes is; 0 where it is none."""
    position, port = dim.data.source
    shape = given[-position] if position <= 0 else made[position - 1][port] if position <= len(made) else ()
    if dim.rest:
        sizes = [*shape]
    elif all(0 < axis <= len(shape) for axis in dim.axes):
        sizes = [shape[axis - 1] for axis in dim.axes]
    else:
        return 0
    whole, rest = divmod(prod(sizes) * dim.factor, dim.divisor)
    return 0 if rest else whole


def _seen_with(layer: Layer, axes: int) -> Layer:
    """A parameter that is read beside something with so many axes, the batch counted."""
    own = len(layer.chosen["shape"])
    if own > axes:
        return layer
    return layer.with_chosen("ndim", None if own + 1 == axes else axes)
