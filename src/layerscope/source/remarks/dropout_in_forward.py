"""A dropout that forward makes anew each time: it is in training mode always, so it drops after eval() too."""

import ast
from typing import TYPE_CHECKING

from layerscope.source.python.callables import Scope
from layerscope.source.python.values import Call, Symbol
from layerscope.source.reading import Span
from layerscope.torch_functions import FUNCTIONS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

OF_CLASS = {function.type: name for name, function in FUNCTIONS.items() if function.type.startswith("Dropout")}
"""The function that does what a class of dropouts does."""


def functional(run: "Evaluator", kind: str, rest: list[str], of: str, scope: Scope | None) -> str | None:
    """The call of the function that drops in training alone; None where the code has no such function, or no self."""
    name = OF_CLASS.get(kind)
    instance = scope.instance if scope is not None else None
    own = next((key for key, value in scope.names.items() if value is instance), None) if scope and instance else None
    if name is None or own is None:
        return None
    names = run.globals.names
    module = next((key for key, value in names.items() if value == Symbol("torch.nn.functional")), None)
    short = next((key for key, value in names.items() if value == Symbol("torch.nn")), None)
    module = module or (f"{short}.functional" if short else "F" if Symbol("torch") not in names.values() else None)
    where = module or "torch.nn.functional"
    return f"{where}.{name.rpartition('.')[2]}({', '.join([of, *rest, f'training={own}.training'])})"


def made_and_called(run: "Evaluator", kind: str, call: Call) -> None:
    """nn.Dropout(0.5)(x) in a forward, remarked upon."""
    node = call.node
    made = node.func if isinstance(node, ast.Call) else None
    if kind not in OF_CLASS or not isinstance(node, ast.Call) or not isinstance(made, ast.Call) or len(node.args) != 1:
        return
    rest = [run.paste.segment(part) for part in (*made.args, *made.keywords)]
    text = functional(run, kind, rest, run.paste.segment(node.args[0]), call.scope)
    if text is None:
        return
    span = run.paste.span(node)
    changes: tuple[tuple[Span, str], ...] = ((span, text),)
    run.remarks.flaw(
        f"{run.paste.quote(made)} makes a new layer in every forward, and a new layer is in training mode: it still "
        f"drops values after model.eval(). {shown(text)} drops values only in training.", node,
        kind="dropout", title=f"{run.paste.quote(made.func)} made in forward always drops values",
        label=f"Line {span.line}: write {shown(text)}", changes=changes,
    )  # fmt: skip


def shown(text: str) -> str:
    """The call in a sentence, on one line and not long."""
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[: words.index('(')]}(..., {words.rpartition(', ')[2]}"
