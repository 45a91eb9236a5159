"""squeeze() without an axis: with a batch of 1 it takes the batch away too."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from layerscope.source.reading import Span
from layerscope.source.record import Row

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def remarks(run: "Evaluator", rows: Sequence[Row]) -> None:
    """A remark for each such call, with a flatten in its place."""
    for row in rows:
        node = row.node
        bare = row.type == "Squeeze" and isinstance(node, ast.Call) and not (node.args or node.keywords)
        if not bare or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        after, end = run.paste.behind(node.func.value), run.paste.behind(node)
        run.remarks.flaw(
            "With a batch of 1, squeeze() removes the batch axis too; flatten(1) does not.", node,
            kind="squeeze",
            title="squeeze removes every axis of size 1", label=f"Line {end.line}: write .flatten(1)",
            changes=((Span(after.line, after.column, end.line, end.column), ".flatten(1)"),),
        )  # fmt: skip
