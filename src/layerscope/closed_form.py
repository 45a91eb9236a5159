"""The walk through layers by the closed formulas alone: fast enough for a search. What it finds, torch confirms."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from layerscope.layers.base import Layer, Shape
from layerscope.layers.question import Question


def walk(layers: Sequence[Layer], shape: Shape) -> Iterator[tuple[Layer, Shape, Shape | None]]:
    """Each layer, its input's shape and its output's; the last one is that which does not run, with None."""
    for layer in layers:
        output = output_shape(layer, shape)
        yield layer, shape, output
        if output is None:
            return
        shape = output


def run(layers: Sequence[Layer], shape: Shape) -> Shape | None:
    """What the layers make of a shape; None where one does not run."""
    for _, _, output in walk(layers, shape):
        if output is None:
            return None
        shape = output
    return shape


def output_shape(layer: Layer, shape: Shape) -> Shape | None:
    """The shape after one layer; None where it does not run."""
    try:
        return _output_shape(Question(layer.signature, shape, layer))
    except TypeError:  # a value that cannot be remembered is never one that torch takes
        return None


@lru_cache(maxsize=8192)
def _output_shape(question: Question) -> Shape | None:
    layer, shape = question.layer, question.shape
    if layer.complaint(shape) is not None:
        return None
    try:
        sizes = tuple(int(formula.value) for formula in layer.output_formulas(shape))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return sizes if min(sizes, default=0) > 0 else None


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    _output_shape.cache_clear()
