"""Methods of Python's own lists, dictionaries and texts."""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Fault, Method

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_TEXT = frozenset({"lower", "upper", "strip", "startswith", "endswith", "title", "split", "replace", "format", "join",
                   "isdigit", "lstrip", "rstrip", "capitalize", "partition", "rsplit", "find", "rfind",
                   "rpartition", "removeprefix", "removesuffix", "isalpha", "isnumeric", "splitlines",
                   "index", "count"})  # fmt: skip
OF_TUPLE = ("index", "count")
"""The attributes of a tuple."""
LONGEST_TEXT = 200


def attribute(run: "Evaluator", value: Any, name: str, node: ast.AST) -> Any:
    """An attribute of a list, a dictionary or a string; of a constant its value, as it may be an Enum's member."""
    if name == "value" and isinstance(value, str | int | float):
        return value
    for kind, work in _METHODS:
        if isinstance(value, kind):
            return Method(value, name, work)
    return run.unknown(node, among=[value])


def _of_list(run: "Evaluator", row: list[Any], name: str, call: Call) -> Any:
    args = call.args
    if len(row) > constants.LONGEST_ROW:
        raise Fault(f"A list here has more than {constants.LONGEST_ROW:,} values, which is the limit.", call.node)
    if name == "append" and len(args) == 1:
        return row.append(args[0])
    if name == "extend" and len(args) == 1 and (more := run.items(args[0], call.node)) is not None:
        return row.extend(more)
    if name == "insert" and len(args) == 2 and isinstance(args[0], int):
        return row.insert(args[0], args[1])
    if name == "pop" and row and all(isinstance(place, int) and -len(row) <= place < len(row) for place in args[:1]):
        return row.pop(*args[:1])
    if name == "reverse":
        return row.reverse()
    is_sort = name == "sort" and not args and not {*call.kwargs} - {"reverse"}
    if is_sort and (found := _sorted(run, row, call)) is not None:
        row[:] = found
        return None
    if name == "copy":
        return run.items(row, call.node)
    if name == "clear" and not args:
        return row.clear()
    if name in ("index", "count"):
        return _of_row(run, row, name, call)
    raise Fault(f"Layerscope cannot follow {run.paste.quote(call.node)}; use append or +.", call.node)


def _sorted(run: "Evaluator", row: list[Any], call: Call) -> list[Any] | None:
    """The numbers or texts of a list in order; None where they cannot be compared."""
    order = run.truth(call.kwargs.get("reverse", False))
    kinds = {str if isinstance(part, str) else float if isinstance(part, int | float) else type(part) for part in row}
    if order is None or len(kinds) > 1 or not kinds <= {str, float}:
        return None
    run.tick(call.node, len(row))
    return sorted(row, reverse=order)


def _of_dict(run: "Evaluator", table: dict[Any, Any], name: str, call: Call) -> Any:
    if name in ("items", "keys", "values"):
        run.tick(call.node, len(table))
        return list(getattr(table, name)())
    if name in ("get", "pop", "setdefault") and call.args and isinstance(call.args[0], str | int | None):
        key, other = call.args[0], call.args[1] if len(call.args) > 1 else call.kwargs.get("default")
        if name == "get":
            return table.get(key, other)
        if name == "setdefault" and len(table) < constants.LONGEST_ROW:
            return table.setdefault(key, other)
        return table.pop(key, other) if name == "pop" else run.unknown(call.node)
    if name == "update" and all(isinstance(part, dict) for part in call.args):
        for part in (*call.args, call.kwargs):
            run.tick(call.node, len(part))
            table.update(part)
        return None
    if name == "copy":
        run.tick(call.node, len(table))
        return dict(table)
    return run.strange(run.unknown(call.node), call)


def _of_text(run: "Evaluator", text: str, name: str, call: Call) -> Any:
    fits = name in _TEXT and len(text) < LONGEST_TEXT and run.is_constant(call.everything, call.node)
    if not fits:
        return _of_row(run, text, name, call)
    try:
        if name == "format":
            return constants.bounded(_formatted(text, call))
        found = getattr(text, name)(*call.args, **call.kwargs)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError):
        return run.unknown(call.node)
    return found[:1000] if isinstance(found, str | list) else found


def _formatted(text: str, call: Call) -> str:
    """text.format(...) with plain fields only: a width may be a number of a billion digits."""
    if any(sign in text for sign in ":!.[") or not all(isinstance(part, str | int | float) for part in call.everything):
        raise ValueError("This format string is too complex.")
    return text.format(*map(constants.plain, call.args), **{k: constants.plain(v) for k, v in call.kwargs.items()})


def _of_row(run: "Evaluator", row: list[Any] | tuple[Any, ...] | str | range, name: str, call: Call) -> Any:
    if name in ("index", "count") and call.args and run.is_constant([row, call.args], call.node):
        try:
            return getattr(row, name)(*call.args)
        except (ValueError, TypeError):
            return run.unknown(call.node)
    if name == "numel" and isinstance(row, tuple) and all(isinstance(size, int) for size in row):
        return constants.FUNCTIONS["math.prod"](row)
    return run.strange(run.unknown(call.node), call)


_METHODS: tuple[tuple[type | tuple[type, ...], Callable[..., Any]], ...] = (
    (list, _of_list),
    (dict, _of_dict),
    (str, _of_text),
    ((tuple, range), _of_row),
)
