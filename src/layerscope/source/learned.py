"""Parameters of the network's own: how many axes those see that read them, which torch tells from the other operand."""

from collections.abc import Collection, Sequence

from layerscope import closed_form, wiring
from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape

_ALIGNED = frozenset({"Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "MatMul"})
"""Rows whose inputs torch lines up from their last axes."""


def with_axes(layers: Sequence[Layer], inputs: Sequence[Input], open_rows: Collection[str]) -> tuple[Layer, ...]:
    """The layers, with `ndim` of those parameters as their first readers need it."""
    rows, made = list(layers), list[tuple[Shape, ...]]()
    given = [each.shape for each in inputs]
    waiting = {place for place, layer in enumerate(layers) if layer.name in open_rows}
    for place, sources in enumerate(wiring.sources(layers, [each.name for each in inputs])):
        shapes = wiring.arriving(sources, given, made)
        if shapes is None:
            break
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


def _seen_with(layer: Layer, axes: int) -> Layer:
    """A parameter that is read beside something with so many axes, the batch counted."""
    own = len(layer.chosen["shape"])
    if own > axes:
        return layer
    return layer.with_chosen("ndim", None if own + 1 == axes else axes)
