"""A network whose output is a map, and a loss in the code that wants a class for each place of it."""

import ast
from collections.abc import Iterable, Sequence

from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.source import walking

_OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"})


def remark(nodes: Iterable[ast.AST], layers: Sequence[Layer], shape: Shape) -> str:
    """What such a loss wants of the labels; "" where the output is a row of scores, or the code has no such loss."""
    puts_out = walking.run(layers, shape) or ()
    if len(puts_out) < 2:
        return ""
    named = (getattr(node, "attr", getattr(node, "id", "")) for node in nodes if isinstance(node, ast.expr))
    loss = next((name for name in named if name in _OF_CLASSES), "")
    if not loss:
        return ""
    places = ", ".join(map(str, puts_out[1:]))
    return (
        f"The output is {shape_text(puts_out)} per sample. {loss} reads the first axis as the classes and expects "
        f"labels of shape (batch, {places}), one class per position. For one class per sample, flatten or pool "
        f"before the last layer."
    )
