"""A network whose output is a map, and a loss in the code that wants a class for each place of it."""

import ast
from collections.abc import Iterator

from layerscope.formatting import shape_text
from layerscope.source import walking
from layerscope.source.reading import Note
from layerscope.source.remarks.case import Case

_OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"})


def remark(case: Case) -> Iterator[Note]:
    """What such a loss wants of the labels; nothing for a row of scores, or without such a loss."""
    nodes = (node for node in case.code.nodes if isinstance(node, ast.Name | ast.Attribute))
    named = (node.attr if isinstance(node, ast.Attribute) else node.id for node in nodes)
    loss = next((name for name in named if name in _OF_CLASSES), "")
    output = (walking.run(case.layers, case.shape or ()) or ()) if loss else ()
    if len(output) < 2:
        return
    places = ", ".join(map(str, output[1:]))
    yield case.note(
        f"The output is {shape_text(output)} per sample. {loss} reads the first axis as the classes and expects "
        f"labels of shape (batch, {places}), one class per position. For one class per sample, flatten or pool "
        "before the last layer."
    )
