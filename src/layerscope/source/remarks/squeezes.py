"""squeeze() without an axis: with a batch of 1 it takes the batch away too."""

import ast
from collections.abc import Iterator

from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks.case import Case


def remark(case: Case) -> Iterator[Flaw]:
    """A remark for each such call, with a flatten in its place; none in code that was written row by row."""
    for row in case.followed.rows if case.followed.documented is None else ():
        node = row.node
        bare = row.type == "Squeeze" and isinstance(node, ast.Call) and not (node.args or node.keywords)
        if not bare or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        after, end = case.paste.after(node.func.value), case.paste.after(node)
        yield case.flaw(
            "With a batch of 1, squeeze() removes the batch axis too; flatten(1) does not.", node,
            kind="squeeze",
            title="squeeze removes every axis of size 1", label=f"Line {end.line}: write .flatten(1)",
            changes=((Span(after.line, after.column, end.line, end.column), ".flatten(1)"),),
        )  # fmt: skip
