"""A softmax over axis 0, the batch: each sample's scores then depend on the other samples."""

import ast
from collections.abc import Iterator

from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks.case import Case

_OVER_AXES = ("Softmax", "LogSoftmax", "Softmin")


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about each such layer or function whose axis is written as 0, where the batch comes first."""
    if any(entry.axis for entry in case.followed.entries):
        return
    for row in case.followed.rows:
        if row.type not in _OVER_AXES or row.layer.chosen["dim"] != 0:
            continue
        node = row.module.node if row.module is not None else row.node
        place = _written(node)
        changes: tuple[tuple[Span, str], ...] = ((case.paste.span(place), "1"),) if place is not None else ()
        yield case.flaw(
            f"Axis 0 is the batch: {case.paste.quote(node)} makes each column sum to 1 over the samples, so a sample's "
            f"scores depend on the others. dim=1 takes the classes of one sample.", node,
            kind="softmax", title=f"{case.paste.quote(node)} works over the batch",
            label=f"Line {case.paste.place(place)[0]}: write dim=1" if place is not None else "", changes=changes,
        )  # fmt: skip


def _written(node: ast.AST) -> ast.expr | None:
    """Where the axis stands as the number 0."""
    if not isinstance(node, ast.Call):
        return None
    given = [word.value for word in node.keywords if word.arg == "dim"] or node.args
    return next((part for part in given if isinstance(part, ast.Constant) and part.value == 0), None)
