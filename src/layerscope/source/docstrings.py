"""Inputs and classes that a docstring says: those of this app's own code, and the plain form that people may write."""

import ast
import re
from dataclasses import dataclass

from layerscope.inputs import Input, NetworkError
from layerscope.source.writing.documented import ROW_BY_ROW

_ROW_BY_ROW = re.compile(rf", {ROW_BY_ROW}\b")
_SIZES = r"\((\d{1,6}(?:, \d{1,6}){0,3}),?\)"
_ONE = re.compile(rf"(?:(\w{{1,80}}) )?{_SIZES}( of indices)?(?: below (\d{{1,10}}))?")
_START = re.compile(r"\bInputs? ")
_CLASSES = re.compile(r", (\d{1,6}) class(?:es)?\b")


@dataclass(frozen=True)
class Documented:
    """Inputs and classes of code that was written row by row."""

    inputs: tuple[Input, ...]
    classes: int | None


def row_by_row(tree: ast.Module, class_name: str | None) -> Documented | None:
    """What the docstring of the class, or the module's, says in code written row by row; None in all other code."""
    nodes: list[ast.ClassDef | ast.Module] = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name
    ]
    for node in (*nodes, tree):
        text = ast.get_docstring(node, clean=False) or ""
        if _ROW_BY_ROW.search(text) and (start := _START.search(text)):
            return _parsed(text[start.end() :])
    return None


def _parsed(text: str) -> Documented | None:
    inputs = []
    while found := _ONE.match(text):
        high = int(found[4]) if found[4] else None
        shape = tuple(map(int, found[2].split(", ")))
        try:
            inputs.append(Input(found[1] or "input", shape, "indices" if found[3] else "values", high))
        except NetworkError:
            return None
        text = text[found.end() :]
        if not text.startswith(" and "):
            break
        text = text.removeprefix(" and ")
    classes = _CLASSES.match(text)
    return Documented(tuple(inputs), int(classes[1]) if classes else None) if inputs else None
