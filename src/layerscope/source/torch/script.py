"""Layers that are called at module level, one in another or line by line, without a class: head(words(t))."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from layerscope.source.python.callables import Scope
from layerscope.source.python.values import Call, Fault
from layerscope.source.text.scan import walk
from layerscope.source.torch.containers import Group
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.tensor import Tensor, leaves
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

FEWEST = 2
"""Layers that must be called before their calls are taken for a network."""
_GIVEN = "the given input"
"""The name of the tensor in place of an expression; no name of a paste has blanks."""


@dataclass(eq=False)
class Script(Module):
    """The statements at module level that call layers, as one network of one input."""

    node: ast.AST
    statements: Sequence[ast.stmt]
    held: dict[str, Any]
    given: ast.expr
    """What the first layer is called on."""
    name: str | None = None
    owner: Module | None = None

    def children(self) -> dict[str, Any]:
        return self.held

    def call(self, run: "Evaluator", call: Call) -> Any:
        """What the last of the calls gives. Raises Fault."""
        tensor = call.args[0]
        self._settle(run, tensor)
        scope = Scope({_GIVEN: tensor}, run.globals)
        if isinstance(self.given, ast.Name):
            scope.give(self.given.id, tensor)
        result: Any = None
        for statement in self.statements:
            calls = any(_callee(part) in self.held for part in walk(statement))
            try:
                value = self._value(run, statement, scope)
            except Fault:
                if calls:
                    raise
                break  # a loss, an optimizer: the network is at its end
            if any(tensor.carries for tensor in leaves(value)) and calls:
                result = value
        return result

    def _value(self, run: "Evaluator", statement: ast.stmt, scope: Scope) -> Any:
        """What a statement gives its names, or what it works out and prints."""
        statement = _Given(self.given).visit(copy.deepcopy(statement))
        if isinstance(statement, ast.Assign):
            run.execute([statement], scope)
            target = statement.targets[0]
            return scope.names.get(target.id) if isinstance(target, ast.Name) else None
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "print":
            return [run.evaluate(part, scope) for part in value.args]
        return run.evaluate(value, scope) if value is not None else None

    def _settle(self, run: "Evaluator", tensor: Any) -> None:
        """The input has the shape of the tensor that the code makes for it."""
        if not isinstance(tensor, OpenInput) or not tensor.is_open:
            return
        example = run.worth(self.given)
        if isinstance(example, Tensor) and not example.carries and len(example.shape) > 1:
            kind = "values" if example.dtype.is_floating_point else "indices"
            tensor.settle((example.shape[1:], 0, kind if example.dtype != torch.bool else "values"))
            world_of(run).reshaped_input(example.shape[1:])


class _Given(ast.NodeTransformer):
    """Puts the given tensor where its expression stands."""

    def __init__(self, given: ast.expr) -> None:
        self._place = None if isinstance(given, ast.Name) else _place(given)

    def visit(self, node: ast.AST) -> Any:
        if self._place is not None and isinstance(node, ast.expr) and _place(node) == self._place:
            return ast.copy_location(ast.Name(_GIVEN, ast.Load()), node)
        return self.generic_visit(node)


def _place(node: ast.expr) -> tuple[int, ...]:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def script_of(tree: ast.Module, run: "Evaluator") -> Script | None:
    """The calls of layers at module level as one network; None where there are fewer than two layers."""
    named = {name: value for name, value in run.globals.names.items() if isinstance(name, str) and _is_layer(value)}
    if sum(isinstance(value, LayerModule) for value in named.values()) < 1 or len(named) < FEWEST:
        return None
    statements = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign | ast.Expr) and not (isinstance(node, ast.Assign) and _names(node) & {*named})
    ]
    found = [(n, part) for n, node in enumerate(statements) for part in _calls(node, named)]
    called = {part.func.id: named[part.func.id] for _, part in found if isinstance(part.func, ast.Name)}
    if len(called) < FEWEST or not any(isinstance(value, LayerModule) for value in called.values()):
        return None
    start, first = found[0]
    if not first.args:
        return None
    return Script(statements[start], statements[start:], called, first.args[0])


def _calls(statement: ast.stmt, named: dict[str, Any]) -> Iterator[ast.Call]:
    """The calls of layers in a statement, the innermost first."""
    for part in reversed(list(walk(statement))):
        if isinstance(part, ast.Call) and _callee(part) in named:
            yield part


def _callee(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _names(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def _is_layer(value: Any) -> bool:
    if isinstance(value, LayerModule | ModuleObject):
        return True
    return isinstance(value, Group) and value.kind == "Sequential" and value.owner is None
