"""Which network a tensor of a paste is handed to: `Net()(torch.randn(...))`, or by way of a name."""

import ast
from collections import defaultdict
from typing import Any

from layerscope.source.interpreter.interpreter import Interpreter
from layerscope.source.interpreter.tensors import KEEPING
from layerscope.source.interpreter.values import Group, Instance, UserClass

Order = tuple[int, ...] | None
"""How the axes are turned before the call; () where nobody can tell, None where they stay."""


class Receivers:
    """Everything at module level that is called on something. Classes stand for their objects."""

    def __init__(self, nodes: list[ast.AST], machine: Interpreter) -> None:
        self._machine = machine
        self._above: dict[int, ast.AST] = {}
        self._named: dict[str, list[Any]] = defaultdict(list)
        for node in nodes:
            if isinstance(node, ast.Call):
                for part in (node.func, *node.args):
                    self._above[id(part)] = node
                network = self._network(node.func)
                if network is not None:
                    for part in node.args:
                        if isinstance(part, ast.Name):
                            self._named[part.id].append(network)
            elif isinstance(node, ast.Attribute | ast.Assign) and node.value is not None:
                self._above[id(node.value)] = node

    def of(self, maker: ast.Call) -> tuple[list[Any], Order]:
        """The networks that what `maker` makes is handed to, and how its axes are turned before."""
        if not isinstance(maker.func, ast.Attribute | ast.Name):
            return [], None
        models = [self._network(part) for part in maker.args[:1]]  # summary(model, size)
        if models and models[0] is not None:
            return models, None
        node: ast.AST = maker
        order: Order = None
        while isinstance(dot := self._above.get(id(node)), ast.Attribute):
            call = self._above.get(id(dot))
            if not isinstance(call, ast.Call) or call.func is not dot:
                return [], ()
            if dot.attr == "permute":
                order = _order(call)
            elif dot.attr not in KEEPING:
                return [], ()
            node = call
        above = self._above.get(id(node))
        if isinstance(above, ast.Call):
            network = self._network(above.func)
            return ([] if network is None else [network]), order
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
            return self._named.get(above.targets[0].id, []), order
        return [], order

    def _network(self, node: ast.expr) -> Any:
        """What is called: `net`, `net.forward`, `Net()`, `Net().to(device)`; None where that is no network."""
        while isinstance(node, ast.Attribute | ast.Call):
            node = node.value if isinstance(node, ast.Attribute) else node.func
        value = self._machine.globals.names.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(value, Instance):
            return value.cls
        return value if isinstance(value, UserClass | Group) else None


def _order(call: ast.Call) -> Order:
    parts = call.args[0].elts if len(call.args) == 1 and isinstance(call.args[0], ast.Tuple | ast.List) else call.args
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    return tuple(value for value in values if type(value) is int)


def turned(row: list[Any], order: Order) -> list[Any]:
    """The sizes in that order; [] where it is none."""
    if order is None:
        return row
    return [row[axis] for axis in order] if sorted(order) == list(range(len(row))) else []
