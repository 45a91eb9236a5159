"""Which network a tensor of a paste is handed to: `Net()(torch.randn(...))`, or by way of a name."""

import ast
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from layerscope.source.python.classes import UserClass
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.torch.modules import Group, ModuleObject

Turns = tuple[tuple[str, tuple[int, ...]], ...]
Order = Turns | None
"""What is done to the axes before the call, by methods such as permute and view; None where nobody can tell."""
_Called = tuple[Any, ast.Call, Order]
"""A network, the call of it on a name, and how the axes are turned there."""
MOST_TURNS = 30
"""Statements that bind a name anew and are followed; a tensor is reshaped in a few."""
KEEPING = frozenset(
    {"bfloat16", "byte", "clone", "contiguous", "cpu", "cuda", "detach", "double", "float", "half", "int", "long"}
    | {"register_hook", "requires_grad_", "retain_grad", "to", "type", "type_as"}
)
"""Methods that change neither shape nor meaning."""
BATCH = 0
"""In place of a size of a view: as many as there are samples."""


@dataclass(frozen=True)
class Handed:
    """Where a tensor goes: the networks that are called on it, each with its call, and how its axes are turned."""

    to: tuple[tuple[Any, ast.Call], ...] = ()
    order: Order = ()


class Receivers:
    """Everything at module level that is called on something. Classes stand for their objects."""

    def __init__(self, nodes: list[ast.AST], run: Evaluator) -> None:
        self._run = run
        self._above: dict[int, ast.AST] = {}
        self._named: dict[str, list[_Called]] = defaultdict(list)
        self._numbers: dict[int, int | None] = {}
        self._bound: dict[str, list[ast.Assign]] = defaultdict(list)
        for node in nodes:
            if isinstance(node, ast.Call):
                for part in (node.func, *node.args):
                    self._above[id(part)] = node
                network = self._network(node.func)
                for part in node.args if network is not None else ():
                    name, turns = self._turns(part)
                    self._named[name].append((network, node, turns))
            elif isinstance(node, ast.Attribute | ast.Assign) and node.value is not None:
                self._above[id(node.value)] = node
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    self._bound[node.targets[0].id].append(node)

    @cached_property
    def _called_on(self) -> dict[str, list[_Called]]:
        """The calls of networks on each name, in order."""
        return defaultdict(list, {name: sorted(calls, key=_place) for name, calls in self._named.items()})

    @cached_property
    def _bound_at(self) -> dict[str, list[ast.Assign]]:
        """The statements that bind each name, in order."""
        return defaultdict(list, {name: sorted(nodes, key=_at) for name, nodes in self._bound.items()})

    def of(self, maker: ast.Call) -> Handed:
        """Where that goes what `maker` makes."""
        if not isinstance(maker.func, ast.Attribute | ast.Name):
            return Handed()
        model = self._network(maker.args[0]) if maker.args else None  # summary(model, size)
        if model is not None:
            return Handed(((model, maker),))
        node: ast.AST = maker
        order: Turns = ()
        while isinstance(dot := self._above.get(id(node)), ast.Attribute):
            call = self._above.get(id(dot))
            if not isinstance(call, ast.Call) or call.func is not dot:
                return Handed(order=None)
            if (turn := self._turn(call, dot.attr)) is None:
                return Handed(order=None)
            order = (*order, *turn)
            node = call
        above = self._above.get(id(node))
        if isinstance(above, ast.Call):
            network = self._network(above.func)
            return Handed(() if network is None else ((network, above),), order)
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
            return self._by_name(above.targets[0].id, above, order)
        return Handed(order=order)

    def _by_name(self, name: str, bound: ast.Assign, order: Turns) -> Handed:
        """The first calls on a name behind the statement that binds it; reshapes of it by itself are followed."""
        places, named = self._bound_at[name], self._called_on[name]
        here = bisect_right(places, _at(bound), key=_at)
        for turn, again in enumerate((*places[here : here + MOST_TURNS + 1], None)):
            if turn == MOST_TURNS and again is not None:
                break
            start = bisect_right(named, _at(bound), key=_place)
            end = len(named) if again is None else bisect_right(named, again.end_lineno or 0, start, key=_line)
            if calls := named[start:end]:
                turns = calls[0][2]
                alike = tuple((network, call) for network, call, others in calls if others == turns)
                return Handed(alike, None if turns is None else (*order, *turns))
            root, turns = self._turns(again.value) if again is not None else ("", None)
            if again is None or root != name or turns is None:
                return Handed(order=None if named else order)
            order, bound = (*order, *turns), again
        return Handed(order=None)

    def _turns(self, node: ast.expr) -> tuple[str, Order]:
        """The name that a chain of methods begins with, "" for none, and what it does to the axes."""
        found: Order = ()
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            turn = self._turn(node, node.func.attr)
            found, node = None if turn is None or found is None else (*turn, *found), node.func.value
        return (node.id, found) if isinstance(node, ast.Name) else ("", None)

    def _turn(self, call: ast.Call, method: str) -> Order:
        """What one method does to the axes: nothing, one thing; None where nobody can tell."""
        if method in KEEPING:
            return ()
        parts = [*call.args, *(word.value for word in call.keywords)]
        parts = parts[0].elts if len(parts) == 1 and isinstance(parts[0], ast.Tuple | ast.List) else parts
        values = [self._number(part) for part in parts]
        numbers = tuple(value for value in values if value is not None)
        if method in ("permute", "unsqueeze", "transpose", "swapaxes", "flatten") and len(numbers) == len(values):
            return ((method, numbers),)
        if method in ("view", "reshape") and len(values) > 1 and None not in values[1:]:
            return (("view", (BATCH if values[0] is None else values[0], *numbers[values[0] is not None :])),)
        return None

    def _number(self, node: ast.expr) -> int | None:
        if id(node) not in self._numbers:
            try:
                value = self._run.worth(node)
            except Fault:
                value = None
            self._numbers[id(node)] = value if type(value) is int else None
        return self._numbers[id(node)]

    def _network(self, node: ast.expr) -> Any:
        """What is called: `net`, `net.forward`, `Net()`, `Net().to(device)`; None where that is no network."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.value if isinstance(node, ast.Attribute) else node.func
        value = self._run.globals.names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, ModuleObject):
            return value.cls
        return value if isinstance(value, UserClass | Group) else None


def _at(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _place(called: _Called) -> tuple[int, int]:
    return _at(called[1])


def _line(called: _Called) -> int:
    return called[1].lineno


def turned(row: list[Any], order: Order) -> list[Any]:
    """The sizes after all that; [] where it cannot be done."""
    if order is None:
        return []
    for name, axes in order:
        if name == "permute" and sorted(axes) == list(range(len(row))):
            row = [row[axis] for axis in axes]
        elif (
            name in ("transpose", "swapaxes") and len(axes) == 2 and all(-len(row) <= axis < len(row) for axis in axes)
        ):
            row = list(row)
            row[axes[0]], row[axes[1]] = row[axes[1]], row[axes[0]]
        elif name == "flatten" and axes in ((1,), (1, -1)) and all(type(size) is int for size in row[1:]):
            row = [row[0], prod(row[1:])]
        elif name == "view" and all(type(size) is int for size in row):
            row = _viewed(row, [row[0] if size == BATCH else size for size in axes])
        elif name == "unsqueeze" and len(axes) == 1 and -len(row) - 1 <= axes[0] <= len(row):
            place = axes[0] % (len(row) + 1)
            row = [*row[:place], 1, *row[place:]]
        else:
            return []
    return row


def _viewed(row: list[int], sizes: list[int]) -> list[int]:
    """The sizes of a view with its -1 worked out; [] where torch refuses it."""
    known, whole = prod(size for size in sizes if size != -1), prod(row)
    if min(sizes) < -1 or sizes.count(-1) > 1 or known < 1 or whole % known:
        return []
    sizes = [whole // known if size == -1 else size for size in sizes]
    return sizes if prod(sizes) == whole else []
