"""The flatten that is missing before a Linear: which change of the code would put it in."""

import ast
from collections import Counter

from layerscope.source.followed import Followed
from layerscope.source.interpreter.machine import Use
from layerscope.source.interpreter.made import Group
from layerscope.source.interpreter.values import Symbol
from layerscope.source.reading import Span


def flattens(followed: Followed) -> dict[str, tuple[Span, str]]:
    """For each Linear the change of the code that puts a flatten before it; none where that is no simple change."""
    calls = Counter(id(use.node) for use in followed.uses)
    seen: set[int] = set()
    found = {}
    for use, name in followed.pairs:
        first = id(use.node) not in seen
        seen.add(id(use.node))
        if use.made.type == "Linear":
            change = _flatten_before(followed, use, first, calls[id(use.node)] == 1)
            if change is not None:
                found[name] = change
    return found


def _flatten_before(followed: Followed, use: Use, first: bool, alone: bool) -> tuple[Span, str] | None:
    paste, made, call = followed.machine.paste, use.made, use.node
    group = made.owner if isinstance(made.owner, Group) and made.owner.kind == "Sequential" else None
    whole = isinstance(followed.network, Group) and call is followed.network.node
    if isinstance(call, ast.Call) and first and (alone or group) and not whole and len(call.args) == 1:
        argument = call.args[0]
        return paste.span(argument), flattened_text(followed, argument)
    built = group.node if group is not None else None
    inside = isinstance(built, ast.Call) and any(part is made.node for part in built.args)
    if inside and isinstance(made.node, ast.Call) and isinstance(made.node.func, ast.Attribute):
        return paste.before(made.node), f"{paste.segment(made.node.func.value)}.Flatten(), "
    return None


def flattened_text(followed: Followed, node: ast.expr) -> str:
    """An expression with a flatten around it."""
    text = followed.machine.paste.segment(node)
    if followed.machine.globals.names.get("torch") == Symbol("torch"):
        return f"torch.flatten({text}, 1)"
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return f"{text}.flatten(1)" if simple else f"({text}).flatten(1)"
