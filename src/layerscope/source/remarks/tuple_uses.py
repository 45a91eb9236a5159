"""How the code uses a name that stands for a tuple, or the call that gives one."""

import ast
from typing import TYPE_CHECKING

from layerscope.source.python.callables import UserFunction
from layerscope.source.text.scan import walk
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def _function_of(run: "Evaluator", node: ast.AST) -> ast.FunctionDef | None:
    """The method of the object that is being called in which a node stands."""
    inside = world_of(run).inside
    members = getattr(getattr(inside, "cls", None), "members", {})
    functions = [member.node for member in members.values() if isinstance(member, UserFunction)]
    line = getattr(node, "lineno", 0)
    return next(
        (
            function
            for function in functions
            if isinstance(function, ast.FunctionDef) and function.lineno <= line <= (function.end_lineno or 0)
        ),
        None,
    )


def is_taken_apart(run: "Evaluator", node: ast.Assign, name: str) -> bool:
    """Whether a name that stands for a tuple is used as one too: out[0], out, h = out, self.lstm(x, out)."""
    function = _function_of(run, node)
    if function is None:
        return True
    parts = list(walk(function))
    run.tick(node, len(parts))
    for part in parts:
        places: list[ast.expr] = []
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
            places = [part.value]
        elif isinstance(part, ast.Assign):
            places = [part.value] if isinstance(part.targets[0], ast.Tuple) else []
        elif isinstance(part, ast.Call):
            places = part.args[1:]
        elif isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple):
            places = part.value.elts
        if any(isinstance(each, ast.Name) and each.id == name and each.lineno > node.lineno for each in places):
            return True
    return False


def is_returned(run: "Evaluator", node: ast.AST) -> bool:
    """Whether a return statement returns the call itself."""
    functions = [
        member.node
        for value in run.globals.names.values()
        for member in getattr(value, "members", {}).values()
        if isinstance(member, UserFunction)
    ]
    line = getattr(node, "lineno", 0)
    inside = [each for each in functions if each.lineno <= line <= (each.end_lineno or 0)]
    return any(isinstance(part, ast.Return) and part.value is node for each in inside[:1] for part in walk(each))
