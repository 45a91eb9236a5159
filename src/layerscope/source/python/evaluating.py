"""The values of expressions. What is not understood is Unknown; it becomes a refusal only where it matters."""

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants, sequences
from layerscope.source.python.callables import Scope, UserFunction
from layerscope.source.python.classes import Object, UserClass, super_of
from layerscope.source.python.rows import distinct
from layerscope.source.python.values import Call, Symbol, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


_SMALL = 1 << 32
"""Whole numbers below this are within any bound; none in a tree is negative."""
_NUMBERS = frozenset({int, float, constants.Size})
_SINGLE = (Value, float)
"""What is one value where a tuple is several."""
_LONG = (list, tuple, str)
_DISTINCT = (Symbol, UserFunction, UserClass, Object)
"""What is equal to no number, no text and no row."""
_BUILTINS = {name: Symbol(f"builtins.{name}") for name in constants.BUILTINS}


def _constant(run: "Evaluator", node: ast.Constant, scope: Scope) -> Any:
    value = node.value
    if value is None or value is True or value is False or (type(value) is int and value < _SMALL):
        return value
    try:
        return constants.bounded(value)
    except constants.TooLargeError as error:
        large = f"{run.paste.quote(node)} cannot be computed. {error}"
        return node.value if isinstance(node.value, str) else run.unknown(node, large)


def _name(run: "Evaluator", node: ast.Name, scope: Scope) -> Any:
    inside: Scope | None = scope
    while inside is not None:
        if node.id in inside.names:
            found = inside.names[node.id]
            return found.read(run, node) if run.fills and isinstance(found, Value) else found
        inside = inside.outer
    if node.id in _BUILTINS:
        return _BUILTINS[node.id]
    if (path := run.world.assumed(node.id)) is not None:
        run.remarks.assume(node.id, path)
        return run.world.imported(path)
    if node.id == "__name__":
        return "__main__"
    return replace(run.unknown(node, f"{node.id} is not defined in the code."), undefined=node)


def _attribute(run: "Evaluator", node: ast.Attribute, scope: Scope) -> Any:
    value = run.looked_into(node.value, scope) if run.fills else run.evaluate(node.value, scope)
    return run.attribute(value, node.attr, node)


def _tuple(run: "Evaluator", node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    return tuple(_list(run, node, scope))


def _list(run: "Evaluator", node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> list[Any]:
    values: list[Any] = []
    for part in node.elts:
        if isinstance(part, ast.Starred):
            value = run.evaluate(part.value, scope)
            row = run.items(value, part)
            values.extend([run.unknown(part, among=[value])] if row is None else row)
        else:
            values.append(run.evaluate(part, scope))
    return values


def _set(run: "Evaluator", node: ast.Set, scope: Scope) -> list[Any]:
    return distinct(_list(run, node, scope))


def _dict(run: "Evaluator", node: ast.Dict, scope: Scope) -> Any:
    result: dict[Any, Any] = {}
    for key, part in zip(node.keys, node.values, strict=True):
        value = run.evaluate(part, scope)
        name = None if key is None else run.evaluate(key, scope)
        if key is None and isinstance(value, dict):
            run.tick(node, len(value))
            result |= value
        elif key is not None and constants.is_key(name):
            result[name] = value
        else:
            return run.unknown(node, among=[name, value])
    return result


def _text(run: "Evaluator", node: ast.JoinedStr, scope: Scope) -> Any:
    text = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = run.evaluate(part.value, scope)
            if not isinstance(value, str | int | float | bool) or part.format_spec is not None:
                return run.unknown(node, among=[value])
            text += str(constants.plain(value))
        elif isinstance(part, ast.Constant):
            text += str(part.value)
        if len(text) > constants.LONGEST_TEXT:
            return run.unknown(node)
    return text


def _lambda(run: "Evaluator", node: ast.Lambda, scope: Scope) -> UserFunction:
    return UserFunction(node, scope)


def _named(run: "Evaluator", node: ast.NamedExpr, scope: Scope) -> Any:
    value = run.evaluate(node.value, scope)
    scope.give(node.target.id, value)
    return value


def _call(run: "Evaluator", node: ast.Call, scope: Scope) -> Any:
    function = run.evaluate(node.func, scope)
    builtin = function.path if isinstance(function, Symbol) else ""
    if builtin == "builtins.print":
        if run.is_lenient:  # what is printed may show what a network is called on
            arguments(run, node, scope)
        return None
    if builtin == "builtins.super":
        return super_of(run, scope, node)
    return run.call(function, arguments(run, node, scope))


def arguments(run: "Evaluator", node: ast.Call, scope: Scope) -> Call:
    """The arguments of a call, stars taken apart."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    nodes: dict[int | str, ast.expr] = {}
    evaluate = run.evaluate
    for part in node.args:
        if type(part) is ast.Starred:
            value = evaluate(part.value, scope)
            row = run.items(value, part)
            for item in [value] if row is None else row:
                nodes[len(args)] = part.value
                args.append(item)
        else:
            nodes[len(args)] = part
            args.append(evaluate(part, scope))
    for keyword in node.keywords:
        value, name = evaluate(keyword.value, scope), keyword.arg
        if name is not None:
            kwargs[name], nodes[name] = value, keyword.value
        elif isinstance(value, dict):
            for key in [key for key in value if isinstance(key, str)]:
                kwargs[key], nodes[key] = value[key], keyword.value
    return Call(node, args, kwargs, nodes, scope)


def _binary(run: "Evaluator", node: ast.BinOp, scope: Scope) -> Any:
    return binary(run, node.op, run.evaluate(node.left, scope), run.evaluate(node.right, scope), node)


def binary(run: "Evaluator", sign: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
    """left + right and the like. Raises Fault."""
    if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
        if isinstance(left, tuple) and isinstance(right, _SINGLE):
            left = run.watch.single(run, left, getattr(node, "left", node), node)
        if isinstance(right, tuple) and isinstance(left, _SINGLE):
            right = run.watch.single(run, right, getattr(node, "right", node), node)
        value = left if isinstance(left, Value) and (left.carries or not isinstance(right, Value)) else right
        if isinstance(value, Value):
            other = right if value is left else left
            return value.operate(run, sign, other, value is left, node)
        if isinstance(left, list) and isinstance(right, tuple | range) and isinstance(sign, ast.Add):
            right = list(right)
        if not isinstance(left, constants.CONSTANTS) or not isinstance(right, constants.CONSTANTS):
            return run.unknown(node, among=[left, right])
    if isinstance(sign, ast.Mult) and (many := _many(run, left, right, node)) is not None:
        return many
    try:
        result = constants.combine(sign, left, right)
    except (ValueError, TypeError, ArithmeticError) as error:
        return run.unknown(node, f"{run.paste.quote(node)} cannot be computed: {_lower(error)}")
    run.tick(node, len(result) if isinstance(result, _LONG) else 1)
    return result


def _many(run: "Evaluator", left: Any, right: Any, node: ast.AST) -> Any:
    """[value] * n: what the world has for a value so many times; None where that is a row like any other."""
    row, times = (left, right) if isinstance(left, list) else (right, left)
    one = isinstance(row, list) and len(row) == 1 and isinstance(row[0], Value)
    return run.world.repeated(row[0], times, node) if one and isinstance(times, int) else None


def _unary(run: "Evaluator", node: ast.UnaryOp, scope: Scope) -> Any:
    value = run.evaluate(node.operand, scope)
    if isinstance(node.op, ast.Not):
        truth = run.truth(value)
        return run.unknown(node, among=[value]) if truth is None else not truth
    if isinstance(value, Value):
        return value.negated(run, node) if isinstance(node.op, ast.USub) else value
    if isinstance(node.op, ast.USub) and isinstance(value, int | float):
        return -constants.plain(value)
    return value if isinstance(node.op, ast.UAdd) and isinstance(value, int | float) else run.unknown(node)


def _boolean(run: "Evaluator", node: ast.BoolOp, scope: Scope) -> Any:
    decisive, value, open_value = isinstance(node.op, ast.Or), None, None
    for part in node.values:
        value = run.evaluate(part, scope)
        truth = run.truth(value)
        if truth is decisive:  # whatever the others are
            return value if open_value is None else decisive
        open_value = run.unknown(node, among=[value]) if truth is None else open_value
    return value if open_value is None else open_value


def _compare(run: "Evaluator", node: ast.Compare, scope: Scope) -> Any:
    left = run.evaluate(node.left, scope)
    for sign, part in zip(node.ops, node.comparators, strict=True):
        right = run.evaluate(part, scope)
        for value, other, is_left in ((left, right, True), (right, left, False)):
            if isinstance(value, Value) and len(node.ops) == 1:
                found = value.related(run, sign, other, is_left, node)
                if found is not NotImplemented:
                    return found
        is_so = holds(run, sign, left, right, part)
        if is_so is None:
            return run.unknown(node, among=[left, right])
        if not is_so:
            return False
        left = right
    return True


def _are_unlike(left: Any, right: Any) -> bool:
    """Whether one of them is a row or a table and the other is not: whatever stands in it, Python calls them
    different."""
    kinds = [next((kind for kind in (list, tuple, dict) if isinstance(value, kind)), None) for value in (left, right)]
    return kinds[0] is not kinds[1] and not isinstance(left, Value) and not isinstance(right, Value)


def holds(run: "Evaluator", sign: ast.cmpop, left: Any, right: Any, node: ast.AST) -> bool | None:
    """Whether a comparison is true; None where that is not known."""
    for value, other, is_left in ((left, right, True), (right, left, False)):
        if isinstance(value, Value):
            is_so = value.compared(run, sign, other, is_left, node)
            if is_so is not None:
                return is_so
    if isinstance(sign, ast.Is | ast.IsNot):
        if getattr(left, "missing", False) or getattr(right, "missing", False):
            return None
        is_plain = right is None or left is None or type(right) is bool
        same = left is right if is_plain else left == right if type(left) is type(right) is str else None
        return same if isinstance(sign, ast.Is) or same is None else not same
    if isinstance(sign, ast.In | ast.NotIn):
        right = list(right) if isinstance(right, dict) else right  # whose keys alone are looked at
    is_constant = run.is_constant(right, node)
    if not is_constant and isinstance(sign, ast.In | ast.NotIn) and isinstance(right, list | tuple):
        found = _is_among(run, left, right, node)
        return None if found is None else found is isinstance(sign, ast.In)
    if isinstance(sign, ast.Eq | ast.NotEq) and _are_unlike(left, right):
        return isinstance(sign, ast.NotEq)
    if not is_constant or not run.is_constant(left, node):
        return None
    try:
        return constants.compare(sign, left, right)
    except TypeError:
        return None


def _is_among(run: "Evaluator", left: Any, right: list[Any] | tuple[Any, ...], node: ast.AST) -> bool | None:
    """Whether a row that holds more than constants holds a value too; None where that is not known."""
    run.tick(node, len(right))
    answers = {_is_equal(run, left, part, node) for part in right}
    return True if True in answers else None if None in answers else False


def _is_equal(run: "Evaluator", left: Any, right: Any, node: ast.AST) -> bool | None:
    """Whether two values are equal; None where that is not known. A class, a function, a module equals no constant."""
    if left is right:
        return True
    if isinstance(left, Value) is not isinstance(right, Value):
        return False if isinstance(left, _DISTINCT) or isinstance(right, _DISTINCT) else None
    return holds(run, ast.Eq(), left, right, node)


def by_chance(run: "Evaluator", test: ast.expr, is_so: bool = True) -> bool:
    """Which way is shown where a random number decides."""
    words = f"{run.paste.quote(test)} is decided at random in each run; it is shown as {is_so}."
    run.remarks.note(words, test)
    run.by_chance = True
    return is_so


def _choice(run: "Evaluator", node: ast.IfExp, scope: Scope) -> Any:
    value = run.evaluate(node.test, scope)
    truth = run.truth(value)
    if truth is None and isinstance(value, Value) and value.chance:
        truth = by_chance(run, node.test)
    if truth is None:
        return run.unknown(node, f"The code does not say whether {run.paste.quote(node.test)} is true.")
    return run.evaluate(node.body if truth else node.orelse, scope)


def _yield(run: "Evaluator", node: ast.Yield, scope: Scope) -> None:
    if run.generated:
        run.generated[-1].append(None if node.value is None else run.evaluate(node.value, scope))


def _yield_from(run: "Evaluator", node: ast.YieldFrom, scope: Scope) -> None:
    row = run.items(run.evaluate(node.value, scope), node)
    if run.generated and row is not None:
        run.generated[-1].extend(row)


def _lower(error: Exception) -> str:
    text = str(error)[:100]
    return text[:1].lower() + text[1:] if text.endswith(".") else f"{text}."


EXPRESSIONS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: sequences.comprehension,
    ast.GeneratorExp: sequences.comprehension,
    ast.IfExp: _choice,
    ast.JoinedStr: _text,
    ast.Lambda: _lambda,
    ast.List: _list,
    ast.ListComp: sequences.comprehension,
    ast.Name: _name,
    ast.NamedExpr: _named,
    ast.Set: _set,
    ast.SetComp: sequences.comprehension,
    ast.Subscript: sequences.subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: _unary,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
