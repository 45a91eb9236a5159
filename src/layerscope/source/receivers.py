"""Which network a tensor of a paste is handed to: `Net()(torch.randn(...))`, or by way of a name."""

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.made import Group, Instance, UserClass
from layerscope.source.interpreter.tensors import KEEPING

Order = tuple[tuple[str, tuple[int, ...]], ...] | None
"""What is done to the axes before the call: permute, unsqueeze; None where nobody can tell."""


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

    def of(self, maker: ast.Call) -> Handed:
        """Where that goes what `maker` makes."""
        if not isinstance(maker.func, ast.Attribute | ast.Name):
            return Handed()
        model = self._network(maker.args[0]) if maker.args else None  # summary(model, size)
        if model is not None:
            return Handed(((model, maker),))
        node: ast.AST = maker
        order: tuple[tuple[str, tuple[int, ...]], ...] = ()
        while isinstance(dot := self._above.get(id(node)), ast.Attribute):
            call = self._above.get(id(dot))
            if not isinstance(call, ast.Call) or call.func is not dot:
                return Handed(order=None)
            if dot.attr in ("permute", "unsqueeze"):
                order = (*order, (dot.attr, _axes(call)))
            elif dot.attr not in KEEPING:
                return Handed(order=None)
            node = call
        above = self._above.get(id(node))
        if isinstance(above, ast.Call):
            network = self._network(above.func)
            return Handed(() if network is None else ((network, above),), order)
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
            return Handed(tuple(self._named.get(above.targets[0].id, ())), order)
        return Handed(order=order)

    def _network(self, node: ast.expr) -> Any:
        """What is called: `net`, `net.forward`, `Net()`, `Net().to(device)`; None where that is no network."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.value if isinstance(node, ast.Attribute) else node.func
        value = self._machine.globals.names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, Instance):
            return value.cls
        return value if isinstance(value, UserClass | Group) else None


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
        elif name == "unsqueeze" and len(axes) == 1 and -len(row) - 1 <= axes[0] <= len(row):
            place = axes[0] % (len(row) + 1)
            row = [*row[:place], 1, *row[place:]]
        else:
            return []
    return row
