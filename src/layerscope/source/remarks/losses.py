"""A network whose output is a map, and a loss in the code that wants a class for each place of it."""

from collections.abc import Iterator

from layerscope.formatting import shape_text
from layerscope.source import walking
from layerscope.source.reading import Note
from layerscope.source.remarks.case import Case

_OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"})


def remark(case: Case) -> Iterator[Note]:
    """What such a loss wants of the labels; nothing for a row of scores, or without such a loss."""
    loss = _named(case)
    output = (walking.run(case.layers, case.shape or ()) or ()) if loss else ()
    if len(output) < 2:
        return
    places = ", ".join(map(str, output[1:]))
    yield case.note(
        f"The output is {shape_text(output)} per sample. {loss} reads the first axis as the classes and expects "
        f"labels of shape (batch, {places}), one class per position. For one class per sample, flatten or pool "
        "before the last layer."
    )


def _named(case: Case) -> str:
    """The loss that the code names first; "" where it names none. The tree is walked only where the text has one."""
    if not any(name in case.paste.text for name in _OF_CLASSES):
        return ""
    names = (getattr(node, "attr", getattr(node, "id", "")) for node in case.code.nodes)
    return next((name for name in names if name in _OF_CLASSES), "")
