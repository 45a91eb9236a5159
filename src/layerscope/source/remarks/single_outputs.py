"""A loss over classes on a network with one output: there is nothing to compare it with, so the loss is always 0."""

import ast
from collections.abc import Iterator

from layerscope.source.making import made_by
from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks.case import Case

OVER_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss"})
"""Losses that want one output for each class."""


_REMOVED = frozenset({"Softmax", "Sigmoid", "Softmin"})
"""Last activations that must go before a loss that applies its own."""


def told(
    case: Case, loss: str, node: ast.AST, last: str = "", without: tuple[tuple[Span, str], ...] = ()
) -> Iterator[Flaw]:  # fmt: skip
    """What is said of such a loss, with a second output for the last layer that has weights, where its width is
    written. `last` is the network's last activation, `without` the code without it; both go together in one change."""
    scores = "scores" if loss == "CrossEntropyLoss" else "log-probabilities"
    words = f"{loss} compares the {scores} of the classes with each other, so it needs one output per class. With a "
    words += "single output "
    words += "the loss is always 0 and nothing is learned. " if loss == "CrossEntropyLoss" else "only class 0 exists. "
    goes = loss == "CrossEntropyLoss" and last in _REMOVED
    if goes:
        words += f"For two classes, give the last layer 2 outputs and remove {last}, as {loss} applies log-softmax "
        words += f"itself. Or keep one output, remove {last} and "
    else:
        words += "For two classes, give the last layer 2 outputs, or "
        words += f"remove {last} and " if last else ""
    words += "use BCEWithLogitsLoss with labels of 0.0 and 1.0"
    words += ", which applies sigmoid itself." if last else "."
    rows = [row for row in case.followed.rows if row.layer.head]
    made = made_by(case.paste, rows[-1].module) if rows and rows[-1].module is not None else None
    width = made.arguments.get(rows[-1].layer.head or "") if made is not None else None
    is_written = width is not None and width.text.strip() == "1" and (bool(without) or not goes)
    changes = ((width.span, "2"), *(without if goes else ())) if width is not None and is_written else ()
    label = f"Line {changes[0][0].line}: write 2" if changes else ""
    if changes and goes:
        label += f"; line {without[0][0].line}: remove {last}"
    yield case.flaw(
        words, node, kind="single_output", title=f"{loss} with a single output", label=label, changes=changes
    )  # fmt: skip
