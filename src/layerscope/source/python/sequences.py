"""Parts of rows of values, and rows made by comprehensions."""

import ast
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.callables import Scope
from layerscope.source.python.rows import distinct
from layerscope.source.python.values import Fault, Unknown, Value, carries

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


_ROWS = (list, tuple)
_SEVERAL = (ast.Tuple, ast.List)
_WITH_PARTS = (list, tuple, str, dict, range)


def subscript(run: "Evaluator", node: ast.Subscript, scope: Scope) -> Any:
    """row[place]. Raises Fault."""
    value = run.looked_into(node.value, scope)
    place = _place(run, node.slice, scope)
    if isinstance(value, tuple):
        value = run.watch.part(run, value, place, node)
    if isinstance(value, Value):
        return value.item(run, place, node)
    if isinstance(place, Unknown) or not isinstance(value, _WITH_PARTS):
        return run.unknown(node, among=[place])
    try:
        found: Any = value[place]
    except (KeyError, IndexError, TypeError, ValueError):
        return run.unknown(node, f"{run.paste.quote(node)} does not exist.")
    run.tick(node, len(found) if isinstance(place, slice) and isinstance(found, _ROWS) else 1)
    return found


def _place(run: "Evaluator", node: ast.expr, scope: Scope) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple([_place(run, part, scope) for part in node.elts])
    if not isinstance(node, ast.Slice):
        return constants.plain(run.evaluate(node, scope))
    if node.lower is node.upper is node.step is None:
        return slice(None)
    ends = [None if part is None else _end(run.evaluate(part, scope)) for part in (node.lower, node.upper, node.step)]
    wrong = [end for end in ends if end is not None and type(end) not in (int, constants.Size)]
    return run.unknown(node, among=wrong) if wrong else slice(*ends)


def _end(value: Any) -> Any:
    """Where a slice begins or ends; one that a tensor's size decides stays known as such."""
    return value if type(value) is constants.Size else constants.plain(value)


def comprehension(
    run: "Evaluator", node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope
) -> Any:
    """The row or table that a comprehension makes. Raises Fault."""
    inner = Scope({}, scope)
    results: list[Any] = []
    stuck: list[Any] = []  # what could not be walked over

    def turn(depth: int) -> bool:
        if depth == len(node.generators):
            parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
            results.append(tuple(run.evaluate(part, inner) for part in parts))
            return True
        loop = node.generators[depth]
        value = run.evaluate(loop.iter, inner)
        row = run.items(value, node)
        if row is None:
            stuck.append(value)
            return False
        for item in row:
            bind(run, loop.target, item, inner)
            truths = [run.truth(run.evaluate(test, inner)) for test in loop.ifs]
            if None in truths or (all(truths) and not turn(depth + 1)):
                return False
        return True

    if not turn(0):
        return run.unknown(node, among=[value for value in stuck if isinstance(value, Unknown) and value.missing])
    if not isinstance(node, ast.DictComp):
        row = [result[0] for result in results]
        return distinct(row) if isinstance(node, ast.SetComp) else row
    keyed = all(isinstance(key, str | int | bool | None) for key, _ in results)
    return dict(results) if keyed else run.unknown(node)


def bind(run: "Evaluator", target: ast.expr, value: Any, scope: Scope) -> None:
    """Give a name, or several, their values. Raises Fault."""
    if isinstance(target, ast.Name):
        scope.give(target.id, value)
    elif isinstance(target, _SEVERAL):
        _unpack(run, target, value, scope)
    elif isinstance(target, ast.Attribute):
        owner = run.evaluate(target.value, scope)
        if isinstance(owner, Value):
            owner.set_attribute(run, target.attr, value)
    elif isinstance(target, ast.Subscript):
        owner, place = run.looked_into(target.value, scope), _place(run, target.slice, scope)
        other = owner.with_item(run, place, value, target) if isinstance(owner, Value) else None
        if other is None:
            _set_item(run, owner, place, value, target)
        elif other is not owner:
            bind(run, target.value, other, scope)
    elif isinstance(target, ast.Starred):
        bind(run, target.value, value, scope)


def _set_item(run: "Evaluator", owner: Any, place: Any, value: Any, node: ast.AST) -> None:
    if isinstance(owner, Value) and owner.set_item(run, place, value):
        return
    in_table = isinstance(owner, dict) and constants.is_key(place) and len(owner) < constants.LONGEST_ROW
    in_row = isinstance(owner, list) and isinstance(place, int) and -len(owner) <= place < len(owner)
    if in_table or in_row:
        owner[constants.plain(place)] = value
    elif carries([owner, value]) or isinstance(owner, list | dict):
        raise Fault(f"The code does not say what {run.paste.quote(node)} becomes.", node)


def _unpack(run: "Evaluator", target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
    count = len(target.elts)
    row = run.items(value, target)
    stars = [n for n, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
    if row is not None and len(stars) == 1 and len(row) >= count - 1:
        first, after = stars[0], count - stars[0] - 1
        row = [*row[:first], row[first : len(row) - after], *row[len(row) - after :]]
    known = row is not None and len(row) == count
    if not known and carries([value]):
        parts = "an unknown number" if row is None else f"{len(row)}"
        raise Fault(f"{run.paste.quote(target)} expects {count} values but gets {parts}.", target)
    for place, part in enumerate(target.elts):
        item = row[place] if known and row is not None else run.unknown(target, among=[value])
        bind(run, part, item, scope)
