"""Imports that a paste lacks, as lines above its first statement."""

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from layerscope.source.reading import Assumed, Note, Span
from layerscope.source.remarks.stand_ins import above

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_FIRST = ("import torch", "import torch.nn as nn", "import torch.nn.functional as F")
"""In which order they stand above all others."""


def missing_imports(run: "Evaluator", tree: ast.Module, notes: Iterable[Note]) -> tuple[tuple[Span, str], ...]:
    """The change that adds them; none where nothing is missing, or nothing can be put there."""
    lines = {note.statement for note in notes if isinstance(note, Assumed)}
    first = next((node for node in tree.body if not _comes_before_imports(node)), None)
    if not lines or first is None:
        return ()
    ordered = [line for line in _FIRST if line in lines] + sorted(lines - {*_FIRST})
    return above(run, first, "\n".join(ordered))


def _comes_before_imports(node: ast.stmt) -> bool:
    """Whether it is a docstring, or says from __future__ what Python it is."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
