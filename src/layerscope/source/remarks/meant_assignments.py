"""Statements that do nothing and were meant to assign: x - f(x), x == f(x) and x: f(x) for x = f(x)."""

import ast
from typing import TYPE_CHECKING

from layerscope.source.python.callables import Scope
from layerscope.source.python.classes import Object
from layerscope.source.reading import Span
from layerscope.source.text.paste import between
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def meant(run: "Evaluator", node: ast.stmt, scope: Scope) -> ast.Assign | None:
    """The assignment that such a statement was meant to be, remarked upon; None where it is what it says."""
    parts = _parts(node)
    if parts is None or not _is_kept_in(run, parts[0], scope):
        return None
    target, sign, value = parts
    text, right = run.paste.quote(target), run.paste.quote(value)
    changes = _changes(run, target, sign, value)
    run.remarks.flaw(
        f"{run.paste.quote(node)} changes nothing: its result is lost. Probably = was meant instead of {sign}. "
        "Layerscope assumes this fix.", node,
        kind="assignment", tone="error", title=f"{text} {sign} ... does not assign",
        label=f"Line {node.lineno}: write {text} = {right}" if changes else "", changes=changes,
    )  # fmt: skip
    return ast.copy_location(ast.Assign(targets=[target], value=value), node)


def _parts(node: ast.stmt) -> tuple[ast.expr, str, ast.expr] | None:
    """What stands before the sign, the sign, and what stands after it."""
    if isinstance(node, ast.AnnAssign):
        return (node.target, ":", node.annotation) if isinstance(node.annotation, ast.Call) else None
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub):
        return value.left, "-", value.right
    if isinstance(value, ast.Compare) and len(value.ops) == 1 and isinstance(value.ops[0], ast.Eq):
        return value.left, "==", value.comparators[0]
    return None


def _is_kept_in(run: "Evaluator", target: ast.expr, scope: Scope) -> bool:
    """Whether a value would be kept there: in the name of a tensor, or in an attribute of an object that is made."""
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        known = scope.find(target.value.id)
        owner = known.names[target.value.id] if known is not None else None
        return isinstance(owner, Object) and run.making > 0 and target.attr not in owner.attributes
    if not isinstance(target, ast.Name):
        return False
    known = scope.find(target.id)
    value = known.names[target.id] if known is not None else None
    return isinstance(value, Tensor) and value.carries


def _changes(run: "Evaluator", target: ast.expr, sign: str, value: ast.expr) -> tuple[tuple[Span, str], ...]:
    """The = in place of the sign; nothing where both do not stand on one line."""
    end, start = run.paste.after(target), run.paste.before(value)
    if end.line != start.line:
        return ()
    text = between(run.paste.source, Span(end.line, end.column, start.line, start.column))
    place = end.column + text.index(sign)
    blank = "" if text.startswith(" ") else " "
    return ((Span(end.line, place, end.line, place + len(sign)), f"{blank}="),)
