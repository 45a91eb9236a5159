"""Sizes under a name that says so: IMG_SIZE = 64, input_shape = (3, 32, 32)."""

import ast
import re
from collections.abc import Iterator

from layerscope.source.sizes.evidence import Case, Evidence

_SIZE = re.compile(r"(?:img|image|input|in)_?(?:size|shape|res|resolution|dims?|hw|side|width|height)")


def find(case: Case) -> Iterator[Evidence]:
    """One for each such name at module level."""
    for node in case.code.tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name):
            continue
        if not _SIZE.fullmatch(target.id.lower()):
            continue
        value = case.run.globals.names.get(target.id)
        row = (value, value) if type(value) is int else value
        if not isinstance(row, tuple | list) or not all(type(size) is int and size > 0 for size in row):
            continue
        if type(value) is int and value < 8:  # an input of a few features
            continue
        sizes = (None, *row) if len(row) == 2 else tuple(row)
        words = f"as {case.paste.quote(node)} in line {case.line(node)} says"
        yield Evidence(sizes, "constant", words, case.paste.span(node), None if len(sizes) == 4 else False)
