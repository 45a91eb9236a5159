"""Functions of Python's own that take rows of values: enumerate, zip, sorted, itertools.chain and the like."""

import ast
from collections.abc import Callable, Iterable
from functools import partial
from itertools import accumulate, combinations, islice, pairwise, permutations, product
from typing import TYPE_CHECKING, Any

from layerscope.source.python import constants
from layerscope.source.python.values import Call, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

Work = Callable[["Evaluator", Call], Any]
LONGEST_TUPLE = 6
"""Values that stand together in each of the rows that product and the like make."""
_HASHED = (int, float, str, type(None))


def _of_one(make: Callable[[list[Any]], Any]) -> Work:
    """A function that takes one row, or nothing, and makes another row of it."""

    def work(run: "Evaluator", call: Call) -> Any:
        if call.kwargs or len(call.args) > 1:
            return NotImplemented
        row = run.items(call.args[0], call.node) if call.args else []
        return NotImplemented if row is None else make(row)

    return work


def _of_all(make: Callable[..., list[Any]], *options: str) -> Work:
    """A function that takes rows alone; the options by name do not change what it makes."""

    def work(run: "Evaluator", call: Call) -> Any:
        rows = [run.items(value, call.node) for value in call.args]
        return NotImplemented if None in rows or set(call.kwargs) - {*options} else make(*rows)

    return work


def _enumerated(run: "Evaluator", call: Call) -> Any:
    """enumerate(row, 1), enumerate(row, start=1)."""
    given = call.bound("iterable", "start")
    row, start = run.items(given.pop("iterable", None), call.node), given.pop("start", 0)
    if row is None or given or len(call.args) > 2:
        return NotImplemented
    first = constants.plain(start)
    if not isinstance(first, int):
        return run.unknown(call.node, among=[start])
    return [*enumerate(row, first)]


def distinct(row: Iterable[Any]) -> list[Any]:
    """A set of these, as a list in their order."""
    found: dict[Any, Any] = {}
    for value in row:
        found.setdefault(value if _is_plain(value) else ("", id(value)), value)
    return [*found.values()]


def _is_plain(value: Any) -> bool:
    return isinstance(value, _HASHED) or (isinstance(value, tuple) and all(isinstance(part, _HASHED) for part in value))


def _chosen(path: str, run: "Evaluator", call: Call) -> Any:
    """sorted, min and max, where a function says what counts of each value."""
    key = call.kwargs.get("key")
    if not isinstance(key, Value):
        return NotImplemented
    rest = {name: value for name, value in call.kwargs.items() if name != "key"}
    row = run.items(call.args[0], call.node) if len(call.args) == 1 else call.args
    if row is None:
        return NotImplemented
    counts = [run.call(key, Call(call.node, [value])) for value in row]
    if not run.is_constant([counts, [*rest.values()]], call.node):
        return NotImplemented
    if not row:
        return [] if path == "sorted" else rest.get("default", NotImplemented)
    try:
        order = sorted(range(len(row)), key=counts.__getitem__, reverse=bool(rest.get("reverse", path == "max")))
    except TypeError:
        return NotImplemented
    return [row[n] for n in order] if path == "sorted" else row[order[0]]


def _summed(run: "Evaluator", call: Call) -> Any:
    """sum of lists, or of values that answer for themselves."""
    given = call.bound("iterable", "start")
    row, start = run.items(given.get("iterable"), call.node), given.get("start", 0)
    if not row or set(given) - {"iterable", "start"}:
        return NotImplemented
    if isinstance(start, list | tuple) and all(type(part) is type(start) for part in row):
        joined = [value for part in (start, *row) for value in part]
        run.tick(call.node, len(joined))
        return joined if isinstance(start, list) else tuple(joined)
    first, *others = row if start == 0 else (start, *row)
    if not isinstance(first, Value):
        return NotImplemented
    for other in others:
        first = first.operate(run, ast.Add(), other, True, call.node) if isinstance(first, Value) else NotImplemented
    return first


def _mapped(run: "Evaluator", call: Call) -> Any:
    rows = [run.items(value, call.node) for value in call.args[1:]]
    if None in rows or not rows:
        return NotImplemented
    return [run.call(call.args[0], Call(call.node, list(parts))) for parts in zip(*rows, strict=False)]


def _filtered(run: "Evaluator", call: Call) -> Any:
    row = run.items(call.args[1], call.node) if len(call.args) == 2 else None
    if row is None:
        return NotImplemented
    kept = [(part, part if call.args[0] is None else run.call(call.args[0], Call(call.node, [part]))) for part in row]
    truths = [run.truth(value) for _, value in kept]
    if None in truths:
        return run.unknown(call.node)
    return [part for (part, _), truth in zip(kept, truths, strict=True) if truth]


def _reduced(run: "Evaluator", call: Call) -> Any:
    """functools.reduce(function, row, first)."""
    row = run.items(call.args[1], call.node) if len(call.args) in (2, 3) and not call.kwargs else None
    row = None if row is None else [*call.args[2:], *row]
    if not row:
        return NotImplemented
    result = row[0]
    for value in row[1:]:
        result = run.call(call.args[0], Call(call.node, [result, value]))
    return result


def _next(run: "Evaluator", call: Call) -> Any:
    row = run.items(call.args[0], call.node) if call.args else None
    if not row:
        return NotImplemented if row is None or len(call.args) < 2 else call.args[1]
    return row[0]


def _chained(run: "Evaluator", call: Call) -> Any:
    rows = [run.items(value, call.node) for value in call.args]
    return NotImplemented if None in rows else [part for row in rows if row is not None for part in row]


def _chained_inside(run: "Evaluator", call: Call) -> Any:
    """itertools.chain.from_iterable(rows)."""
    rows = run.items(call.args[0], call.node) if len(call.args) == 1 else None
    return NotImplemented if rows is None else _chained(run, Call(call.node, rows))


def _several(make: Callable[..., Iterable[tuple[Any, ...]]], *numbers: str) -> Work:
    """itertools.product(rows, repeat=2), combinations(row, 2): rows of rows, of which there may be many."""

    def work(run: "Evaluator", call: Call) -> Any:
        values = [value if isinstance(value, int) else run.items(value, call.node) for value in call.args]
        kwargs = {name: value for name, value in call.kwargs.items() if name in numbers and isinstance(value, int)}
        counts = [value for value in (*values, *kwargs.values()) if isinstance(value, int)]
        if None in values or len(kwargs) < len(call.kwargs) or any(not 0 <= count <= LONGEST_TUPLE for count in counts):
            return NotImplemented
        found = [*islice(make(*map(constants.plain, values), **kwargs), constants.LONGEST_ROW + 1)]
        run.tick(call.node, len(found))
        return found if len(found) <= constants.LONGEST_ROW else run.unknown(call.node)

    return work


def _summed_up(run: "Evaluator", call: Call) -> Any:
    """itertools.accumulate(numbers)."""
    row = run.items(call.args[0], call.node) if len(call.args) == 1 and not call.kwargs else None
    if row is None or not all(isinstance(value, int | float) for value in row):
        return NotImplemented
    return [*accumulate(map(constants.plain, row))]


def _repeated(run: "Evaluator", call: Call) -> Any:
    if len(call.args) == 2 and isinstance(call.args[1], int) and 0 <= call.args[1] <= constants.LONGEST_ROW:
        return [call.args[0]] * int(call.args[1])
    return NotImplemented


def _with_keys(run: "Evaluator", call: Call) -> Any:
    """dict.fromkeys(names, value)."""
    row = run.items(call.args[0], call.node) if 1 <= len(call.args) <= 2 and not call.kwargs else None
    if row is None or not all(isinstance(key, str | int) for key in row):
        return NotImplemented
    return dict.fromkeys(row, *call.args[1:])


BUILTINS: dict[str, Work] = {
    "enumerate": _enumerated,
    "filter": _filtered,
    "frozenset": _of_one(distinct),
    "fromkeys": _with_keys,
    "iter": _of_one(list),
    "list": _of_one(list),
    "map": _mapped,
    "max": partial(_chosen, "max"),
    "min": partial(_chosen, "min"),
    "next": _next,
    "reversed": _of_one(lambda row: row[::-1]),
    "set": _of_one(distinct),
    "sorted": partial(_chosen, "sorted"),
    "sum": _summed,
    "tuple": _of_one(tuple),
    "zip": _of_all(lambda *rows: list(zip(*rows, strict=False)), "strict"),
}
OF_LIBRARIES: dict[str, Work] = {
    "functools.reduce": _reduced,
    "itertools.chain": _chained,
    "itertools.chain.from_iterable": _chained_inside,
    "itertools.accumulate": _summed_up,
    "itertools.combinations": _several(combinations, "r"),
    "itertools.permutations": _several(permutations, "r"),
    "itertools.product": _several(product, "repeat"),
    "itertools.pairwise": _of_one(lambda row: list(pairwise(row))),
    "itertools.repeat": _repeated,
}
