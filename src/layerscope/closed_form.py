"""The walk through layers by the closed formulas alone: fast enough for a search. What it finds, torch confirms.

Only a layer that has no formulas, as what it does is known to torch alone, is asked of torch here too.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from layerscope import wiring
from layerscope.asking import ask
from layerscope.layers.base import Layer, Shape
from layerscope.layers.question import Question
from layerscope.network import Network


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


def follow(
    network: Network, known: Sequence[tuple[Shape, ...]] = ()
) -> Iterator[tuple[Layer, tuple[Shape, ...], tuple[Shape, ...] | None]]:
    """Each row of a network, the shapes of its inputs and outputs; the last one is that which does not run, with None.

    `known` holds the outputs of the first rows, which are passed over. What rows make of indices is not looked at.
    """
    inputs, made, start = [given.shape for given in network.inputs], list(known), len(known)
    for layer, sources in zip(network.resolved[start:], network.wiring[start:], strict=True):
        shapes = wiring.arriving(sources, inputs, made)
        outputs = None if shapes is None else output_shapes(layer, *shapes)
        yield layer, shapes or (), outputs
        if outputs is None:
            return
        made.append(outputs)


def runs(network: Network, known: Sequence[tuple[Shape, ...]] = ()) -> bool:
    """Whether every row runs; `known` as in `follow`."""
    return all(outputs is not None for _, _, outputs in follow(network, known))


def output_shape(layer: Layer, shape: Shape) -> Shape | None:
    """The shape after one layer; None where it does not run."""
    shapes = output_shapes(layer, shape)
    return shapes[0] if shapes else None


def output_shapes(layer: Layer, *shapes: Shape) -> tuple[Shape, ...] | None:
    """The shapes of all outputs of a layer with these inputs; None where it does not run."""
    try:
        return _output_shapes(Question(layer, shapes))
    except TypeError:  # a value that cannot be remembered is never one that torch takes
        return None


@lru_cache(maxsize=8192)
def _output_shapes(question: Question) -> tuple[Shape, ...] | None:
    layer, shapes = question.layer, question.given
    if not layer.takes[0] <= len(shapes) <= layer.takes[1] or layer.complaint(*shapes) is not None:
        return None
    try:
        outputs = tuple(tuple(int(formula.value) for formula in formulas) for formulas in layer.port_formulas(*shapes))
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not outputs:
        return ask(layer, *shapes).output_shapes or None
    return outputs if all(size > 0 for output in outputs for size in output) else None


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    _output_shapes.cache_clear()
