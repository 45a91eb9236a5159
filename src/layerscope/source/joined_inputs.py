"""Inputs that are joined before the first layer, whose width is written as a sum: Linear(states + actions, 64)."""

import ast
from collections.abc import Iterator

from layerscope.inputs import Input
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.expressing import worth
from layerscope.source.followed import Followed
from layerscope.source.record import Entry, Row


def widths(found: Followed) -> tuple[Input, ...]:
    """The inputs, as wide as the terms of that sum say; () where no layer reads all of them so."""
    for row in found.rows:
        value = next((each for each in row.in_values if each.parameter in ("in_features", "input_size")), None)
        joined = row.reads[0].origin if row.reads else None
        numbers = getattr(row.module, "numbers", {})
        if value is None or not isinstance(joined, Row) or joined.type != "Concat":
            continue
        entries = [read.origin for read in joined.reads]
        sizes = [worth(ast.unparse(term), numbers) for term in _terms(value.node)]
        if len(entries) != len(sizes) or len({id(each) for each in entries}) != len(found.entries):
            continue
        if all(isinstance(each, Entry) and len(each.given.shape) == 1 for each in entries):
            wide = {each.given.name: size for each, size in zip(entries, sizes, strict=True) if isinstance(each, Entry)}
            if all(type(size) is int and 0 < size <= LARGEST_WIDTH for size in wide.values()):
                return tuple(Input(each.given.name, (wide[each.given.name],)) for each in found.entries)
    return ()


def _terms(node: ast.expr) -> Iterator[ast.expr]:
    """The terms of a sum, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node
