"""What may mend a row that puts tensors together, at the place where the code writes them: another order of the axes of
one of them, as in q @ k.transpose(-2, -1), or two tensors exchanged that are each put together with another one."""

import ast
from collections.abc import Iterator, Sequence

from layerscope.source.expressing import Told
from layerscope.source.making import operands
from layerscope.source.reading import Reading, Span
from layerscope.source.text.paste import Paste
from layerscope.steps import Step

MOST_EXCHANGES = 8
"""Pairs of tensors that are tried."""


def ways(paste: Paste, nodes: Sequence[ast.AST], reading: Reading, step: Step) -> Iterator[list[Told]]:
    """The changes that may be meant where this row does not run; none where the code does not write what it reads."""
    places = {reading.spans[name][-1]: name for name in reading.joined if name in reading.spans}
    written: dict[str, Sequence[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Call | ast.BinOp) and (name := places.get(paste.span(node))) is not None:
            written.setdefault(name, operands(node))
    own = written.get(step.name, ())
    if step.type == "MatMul" and len(own) == 2 and step.input_shapes[0][-1] == step.input_shapes[1][-1]:
        text = paste.segment(own[1])
        if isinstance(own[1], ast.Name | ast.Attribute | ast.Call):
            yield [((paste.after(own[1]), ".transpose(-2, -1)"), f"write {text}.transpose(-2, -1)")]
    others = [node for name, row in written.items() if name != step.name for node in row]
    pairs = [(one, other) for one in reversed(own) for other in others if _may_exchange(one, other)]
    for one, other in pairs[:MOST_EXCHANGES]:
        yield [_in_place(paste, one, other), _in_place(paste, other, one)]


def _may_exchange(one: ast.expr, other: ast.expr) -> bool:
    return isinstance(one, ast.Name) and isinstance(other, ast.Name) and one.id != other.id


def _in_place(paste: Paste, node: ast.expr, new: ast.expr) -> Told:
    place: Span = paste.span(node)
    text = paste.segment(new)
    return (place, text), f"write {text} for {paste.segment(node)}"
