"""The interpreter whole: it hands the tensor from layer to layer and keeps account of them."""

import ast
from dataclasses import replace
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.interpreter.machine import CHAIN, MOST_STEPS, Call
from layerscope.source.interpreter.made import Group, Instance, Made, UserClass, UserFunction
from layerscope.source.interpreter.sequences import RECURRENT, Sequences
from layerscope.source.interpreter.values import Data, Fault
from layerscope.source.paste import Paste

DEEPEST_GROUPS = 24
MOST_FUNCTIONS = 10


class Interpreter(Sequences):
    """Follows a paste without running it. `groups` are the containers constructed at module level."""

    def __init__(self, paste: Paste) -> None:
        super().__init__(paste)
        self.groups: list[Group] = []
        self.constructed: dict[str, Call] = {}
        """How each class of the paste was first constructed at module level."""
        self.at_module_level = False
        self._worth_steps = MOST_STEPS // 2
        self.inside = 0
        """How many constructors are being followed."""

    def begin(self) -> None:
        """Forget the rows of another network."""
        self.uses, self.input_sizes, self.calls = [], None, 0
        self.first_use, self.within, self.branches = {}, [], False

    def module(self, tree: ast.Module, loops: bool) -> None:
        """Follow the statements at module level as far as they can be followed; none of them is ever refused."""
        self.at_module_level = True
        for statement in tree.body:
            if isinstance(statement, ast.For | ast.While) and not loops:
                continue
            try:
                self.execute([statement], self.globals)
            except Fault:
                continue
        self.at_module_level = False
        self.steps = self.layers_made = 0

    def worth(self, node: ast.expr) -> Any:
        """What an expression at module level is worth. Raises Fault.

        What was followed before does not count, but all expressions together have one budget.
        """
        before, self.steps = self.steps, self._worth_steps
        try:
            return self.evaluate(node, self.globals)
        finally:
            self._worth_steps, self.steps = self.steps, before

    def built(self, group: Group) -> None:
        if self.at_module_level:
            self.groups.append(group)

    def instantiate(self, cls: UserClass, call: Call) -> Instance:
        if self.at_module_level and not self.inside:
            self.constructed.setdefault(cls.name, call)
        self.inside += 1
        try:
            return super().instantiate(cls, call)
        finally:
            self.inside -= 1

    def changed_object(self, cls: UserClass) -> Instance | None:
        """The only object of that class at module level, where a layer of it was set after its making."""
        named = {id(value): value for value in self.globals.names.values() if isinstance(value, Instance)}
        objects = [value for value in named.values() if value.cls is cls]
        return objects[0] if len(objects) == 1 and objects[0].changed else None

    def made_by_a_function(self, name: str) -> Call | None:
        """How a function of the paste, such as resnet18(), would construct that class; None where none does."""
        self.at_module_level = True
        functions = [value for value in self.globals.names.values() if isinstance(value, UserFunction)]
        for function in functions[:MOST_FUNCTIONS]:
            if name not in self.constructed:
                try:
                    self.call(function, Call(function.node))
                except Fault:
                    continue
        self.at_module_level = False
        return self.constructed.get(name)

    def feed(self, made: Any, data: Data, node: ast.AST) -> Any:
        self.tick(node)
        if isinstance(made, Instance):
            result = self.forward(made, Call(node, [data]))
            if not self.carries(result):
                raise Fault(f"The forward of {made.cls.name} gives no tensor back that can be followed.", node)
            return result
        if isinstance(made, Group):
            return self._through(made, data, node)
        if not isinstance(made, Made):
            result = self.call(made, Call(node, [data]))
            if self.carries(result):
                return result
            raise Fault(f"{self.paste.quote(node)} gives no tensor back.", node)
        if made.fault is not None or made.layer is None:
            raise made.fault or Fault("This layer cannot be read.", made.node)
        return self.into(made, [data], node)

    def _through(self, group: Group, data: Any, node: ast.AST) -> Any:
        if group.kind != "Sequential":
            raise Fault(f"An nn.{group.kind} cannot be called; call its layers one after the other.", node)
        if self.calls >= DEEPEST_GROUPS:
            raise Fault(f"Groups of layers are nested more than {DEEPEST_GROUPS} deep, the limit.", node)
        self.calls += 1
        try:
            for child in group.values:
                if not isinstance(data, Data):
                    raise Fault(
                        f"One layer of {self.paste.quote(node)} gives several tensors to the next. {CHAIN}", node
                    )
                data = self.feed(child, data, node)
        finally:
            self.calls -= 1
        return data

    def into(self, made: Made, tensors: list[Data], node: ast.AST) -> Any:
        """Hand tensors to a layer that is known: one row more."""
        assert made.layer is not None
        tensors = [self.current(data, node) for data in tensors]
        first, wanted = tensors[0], made.layer.batch_axis
        wrong = next((data for data in tensors if data.batch not in (0, wanted)), None)
        if wrong is not None and not works_on_each_value(made):
            words = f"{made.name or made.type} takes the batch on axis {wanted}, and here it is on axis {wrong.batch}."
            raise Fault(f"{words} {CHAIN}", node)
        if any(data.is_bare for data in tensors):
            raise Fault(f"{self.paste.quote(node)} is given a parameter, which has no batch. {CHAIN}", node)
        again = self.first_use.get(id(made))
        self.append(made, node, tensors)
        if again is not None and (self.exact or has_weights(made)):
            self.uses[-1].again, self.branches = again, True
        result = self.results(made, axes_after(made, first.axes))
        loose = wanted == 1 and not first.batch
        if isinstance(result, Data):
            return replace(result, batch=first.batch, is_loose=loose)
        output, *others = (replace(data, axes=None) for data in result)
        output = replace(output, batch=first.batch, is_loose=loose)
        if made.type not in RECURRENT:
            return output, *others
        states = tuple(replace(state, batch=1) for state in others)
        return output, states if made.type == "LSTM" else states[0]


def works_on_each_value(made: Made) -> bool:
    """Whether it does the same wherever the batch is, as it looks at single values or at the last axis alone."""
    layer = made.layer
    if made.type in ("Linear", "LayerNorm", "Embedding"):
        return True
    other = ("Flatten", "Unflatten", "Softmax", "LogSoftmax", "PReLU", "GroupNorm")
    return (
        layer is not None and not layer.dims and not layer.decides and made.type not in other and layer.takes == (1, 1)
    )


def has_weights(made: Made) -> bool:
    """Whether two calls of a layer would share learnable values."""
    layer = made.layer
    if layer is None or made.type == "PReLU":
        return layer is not None
    if getattr(layer, "affine", None) is False or getattr(layer, "elementwise_affine", None) is False:
        return False
    return type(layer).parameter_formula is not Layer.parameter_formula


def axes_after(made: Made, axes: int | None) -> int | None:
    """How many spatial axes the tensor has behind a layer; None where that cannot be told."""
    layer = made.layer
    if layer is None:
        return None
    if layer.dims:
        return layer.dims
    if made.type == "Flatten":
        start, end = layer.chosen["start_dim"], layer.chosen["end_dim"]
        return {1: 0, 2: 1}.get(start) if end == -1 and type(start) is int else None
    if made.type == "Unflatten":
        size = layer.chosen["unflattened_size"]
        return axes + len(size) - 1 if axes is not None and isinstance(size, tuple) else None
    return axes
