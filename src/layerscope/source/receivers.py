"""Which network a tensor of a paste is handed to: `Net()(torch.randn(...))`, or by way of a name."""

import ast
from collections import defaultdict
from dataclasses import dataclass
from math import prod
from typing import Any

from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.made import Group, Instance, UserClass
from layerscope.source.interpreter.tensors import KEEPING

Turns = tuple[tuple[str, tuple[int, ...]], ...]
Order = Turns | None
"""What is done to the axes before the call: permute, unsqueeze, flatten, view; None where nobody can tell."""
BATCH = 0
"""In place of a size of a view: as many as there are samples."""


@dataclass(frozen=True)
class Handed:
    """Where a tensor goes: the networks that are called on it, each with its call, and how its axes are turned."""

    to: tuple[tuple[Any, ast.Call], ...] = ()
    order: Order = ()


class Receivers:
    """Everything at module level that is called on something. Classes stand for their objects."""

    def __init__(self, nodes: list[ast.AST], machine: Interpreter) -> None:
        self._machine = machine
        self._above: dict[int, ast.AST] = {}
        self._named: dict[str, list[tuple[Any, ast.Call]]] = defaultdict(list)
        self._bound: dict[str, list[ast.Assign]] = defaultdict(list)
        for node in nodes:
            if isinstance(node, ast.Call):
                for part in (node.func, *node.args):
                    self._above[id(part)] = node
                network = self._network(node.func)
                if network is not None:
                    for part in node.args:
                        if isinstance(part, ast.Name):
                            self._named[part.id].append((network, node))
            elif isinstance(node, ast.Attribute | ast.Assign) and node.value is not None:
                self._above[id(node.value)] = node
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    self._bound[node.targets[0].id].append(node)

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
            if (turn := _turn(call, dot.attr)) is None:
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
        later = sorted((each for each in self._bound[name] if _at(each) > _at(bound)), key=_at)
        for again in (*later, None):
            calls = [pair for pair in self._named[name] if _at(pair[1]) > _at(bound)]
            calls = [pair for pair in calls if again is None or pair[1].lineno <= (again.end_lineno or 0)]
            if calls or again is None:
                return Handed(tuple(calls), order)
            if (turns := _turns(again.value, name)) is None:
                return Handed(order=None)
            order, bound = (*order, *turns), again
        return Handed(order=order)

    def _network(self, node: ast.expr) -> Any:
        """What is called: `net`, `net.forward`, `Net()`, `Net().to(device)`; None where that is no network."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.value if isinstance(node, ast.Attribute) else node.func
        value = self._machine.globals.names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, Instance):
            return value.cls
        return value if isinstance(value, UserClass | Group) else None


def _at(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _turns(node: ast.expr, name: str) -> Order:
    """What a chain of methods does to the axes of what has that name; None where it is something else."""
    found: Turns = ()
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if (turn := _turn(node, node.func.attr)) is None:
            return None
        found, node = (*turn, *found), node.func.value
    return found if isinstance(node, ast.Name) and node.id == name else None


def _turn(call: ast.Call, method: str) -> Order:
    """What one method does to the axes: nothing, one thing; None where nobody can tell."""
    if method in KEEPING:
        return ()
    if method in ("permute", "unsqueeze"):
        return ((method, _axes(call)),)
    if method == "flatten" and _axes(call) in ((1,), (1, -1)):
        return (("flatten", ()),)
    if method in ("view", "reshape") and call.args and not call.keywords:
        parts = call.args[0].elts if isinstance(call.args[0], ast.Tuple | ast.List) else call.args
        first, *rest = [_number(part) for part in parts]
        sizes = [size for size in rest if size is not None]
        if len(sizes) == len(rest) > 0:
            return (("view", (BATCH if first is None else first, *sizes)),)
    return None


def _axes(call: ast.Call) -> tuple[int, ...]:
    """The axes that are written in a call such as x.permute(0, 3, 1, 2) or x.unsqueeze(dim=1)."""
    parts = [*call.args, *(word.value for word in call.keywords)]
    parts = parts[0].elts if len(parts) == 1 and isinstance(parts[0], ast.Tuple | ast.List) else parts
    values = [_number(part) for part in parts]
    return tuple(value for value in values if value is not None)


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def turned(row: list[Any], order: Order) -> list[Any]:
    """The sizes after all that; [] where it cannot be done."""
    if order is None:
        return []
    for name, axes in order:
        if name == "permute" and sorted(axes) == list(range(len(row))):
            row = [row[axis] for axis in axes]
        elif name == "flatten" and all(type(size) is int for size in row[1:]):
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
