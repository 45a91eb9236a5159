"""The flatten that is missing before a Linear: which change of the code would put it in."""

import ast
from collections import Counter
from collections.abc import Iterator

from layerscope.source.followed import Followed
from layerscope.source.python.values import Symbol
from layerscope.source.reading import Span
from layerscope.source.record import Row
from layerscope.source.torch.containers import Group


def flattens(followed: Followed) -> dict[str, tuple[Span, str]]:
    """For each Linear the change of the code that puts a flatten before it; none where that is not a simple change."""
    calls = Counter(id(row.node) for row in followed.rows)
    seen: set[int] = set()
    found = {}
    for row, name in followed.pairs:
        first = id(row.node) not in seen
        seen.add(id(row.node))
        if row.type == "Linear" and row.module is not None:
            change = _flatten_before(followed, row, first, calls[id(row.node)] == 1)
            if change is not None:
                found[name] = change
    return found


def _flatten_before(followed: Followed, row: Row, first: bool, alone: bool) -> tuple[Span, str] | None:
    paste, made, call = followed.run.paste, row.module, row.node
    group = made.owner if isinstance(made.owner, Group) and made.owner.kind == "Sequential" else None
    whole = isinstance(followed.network, Group) and call is followed.network.node
    if isinstance(call, ast.Call) and first and (alone or group) and not whole and len(call.args) == 1:
        argument = call.args[0]
        return paste.span(argument), flattened_text(followed, argument)
    built = group.node if group is not None else None
    if not isinstance(built, ast.Call) or not isinstance(made.node, ast.Call):
        return None
    if not isinstance(made.node.func, ast.Attribute):
        return None
    flatten = f"{paste.segment(made.node.func.value)}.Flatten()"
    for part in _elements(built):
        if part is made.node:
            return paste.before(made.node), f"{flatten}, "
        if isinstance(part, ast.Tuple) and len(part.elts) == 2 and part.elts[1] is made.node:
            return paste.before(part), f'("{_free_name(group)}", {flatten}), '
    return None


def _elements(built: ast.Call) -> Iterator[ast.expr]:
    """What is in the call of a container: layers, layers in a list, and the pairs of an OrderedDict."""
    for part in built.args:
        inner = part.value if isinstance(part, ast.Starred) else part
        inner = inner.args[0] if isinstance(inner, ast.Call) and inner.args and _is_ordered(inner) else inner
        yield from inner.elts if isinstance(inner, ast.List | ast.Tuple) else [inner]


def _is_ordered(node: ast.Call) -> bool:
    return getattr(node.func, "attr", getattr(node.func, "id", "")) == "OrderedDict"


def _free_name(group: Group | None) -> str:
    """ "flatten", or the same with a number where the container has one of that name."""
    held = group.held if group is not None else {}
    return next(name for name in ("flatten", *(f"flatten{n}" for n in range(2, len(held) + 3))) if name not in held)


def flattened_text(followed: Followed, node: ast.expr) -> str:
    """An expression with a flatten around it."""
    text = followed.run.paste.segment(node)
    if followed.run.globals.names.get("torch") == Symbol("torch"):
        return f"torch.flatten({text}, 1)"
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return f"{text}.flatten(1)" if simple else f"({text}).flatten(1)"
