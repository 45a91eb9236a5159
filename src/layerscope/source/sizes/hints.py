"""Sizes in the type hint of forward's argument: Float[Tensor, "batch 3 32 32"], TensorType["batch", 3, 32, 32]."""

import ast
from collections.abc import Iterator

from layerscope.source.sizes.evidence import Case, Evidence, Row, forwards


def find(case: Case) -> Iterator[Evidence]:
    """One for each argument whose hint holds sizes."""
    for function in forwards(case):
        for arg in function.args.args:
            if isinstance(arg.annotation, ast.Subscript) and any(row := _sizes(arg.annotation.slice)):
                words = f"as the type hint in line {case.line(arg)} says"
                yield Evidence(row, "type hint", words, case.paste.span(arg), row[0] is None, arg.arg)


def _sizes(node: ast.expr) -> Row:
    """The sizes of a hint, None for each that has a name; () where there are none."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == 1 and " " in texts[0].strip():
        return tuple(int(word) if word.isdecimal() and len(word) < 8 else None for word in texts[0].split())
    return tuple(value if type(value) is int else None for value in values) if len(values) == len(parts) else ()
