"""A loss over classes on a network with one output: there is nothing to compare it with, so the loss is always 0."""

import ast
from collections.abc import Iterator

from layerscope.source.making import made_by
from layerscope.source.reading import Flaw
from layerscope.source.remarks.case import Case

OVER_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss"})
"""Losses that want one output for each class."""


def told(case: Case, loss: str, node: ast.AST) -> Iterator[Flaw]:
    """What is said of such a loss, with a second output for the last layer that has weights, where its width is
    written."""
    scores = "scores" if loss == "CrossEntropyLoss" else "log-probabilities"
    words = f"{loss} compares the {scores} of the classes with each other, so it needs one output per class. With a "
    words += "single output "
    words += "the loss is always 0 and nothing is learned. " if loss == "CrossEntropyLoss" else "only class 0 exists. "
    words += "For two classes, give the last layer 2 outputs, or use BCEWithLogitsLoss with labels of 0.0 and 1.0."
    rows = [row for row in case.followed.rows if row.layer.head]
    made = made_by(case.paste, rows[-1].module) if rows and rows[-1].module is not None else None
    width = made.arguments.get(rows[-1].layer.head or "") if made is not None else None
    is_written = width is not None and width.text.strip() == "1"
    yield case.flaw(
        words, node, kind="single_output", title=f"{loss} with a single output",
        label=f"Line {width.span.line}: write 2" if width is not None and is_written else "",
        changes=((width.span, "2"),) if width is not None and is_written else (),
    )  # fmt: skip
