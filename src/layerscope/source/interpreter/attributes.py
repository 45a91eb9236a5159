"""What stands behind a dot."""

import ast
from abc import ABC, abstractmethod
from typing import Any

from layerscope.source.interpreter import constants
from layerscope.source.interpreter.calls import Calls
from layerscope.source.interpreter.machine import Call
from layerscope.source.interpreter.made import (
    Bound,
    Group,
    Instance,
    Learned,
    Made,
    Method,
    Super,
    UserClass,
    UserFunction,
)
from layerscope.source.interpreter.values import Data, Filled, Sizes, Symbol, Training

TRAINING = Training()
MODULE_METHODS = frozenset(
    {
        "add_module",
        "apply",
        "get_submodule",
        "bfloat16",
        "buffers",
        "children",
        "cpu",
        "cuda",
        "double",
        "eval",
        "extra_repr",
        "float",
    }
    | {"forward", "half", "load_state_dict", "log", "log_dict", "modules", "named_buffers", "named_children"}
    | {"named_modules", "named_parameters", "parameters", "register_buffer", "register_module", "register_parameter"}
    | {"requires_grad_", "save_hyperparameters", "share_memory", "state_dict", "to", "train", "type", "zero_grad"}
)


class Attributes(Calls, ABC):
    """Attributes of modules, layers, the tensor and torch."""

    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        if isinstance(value, Symbol):
            path = f"{value.path}.{name}"
            return constants.VALUES.get(path, Symbol(path))
        if isinstance(value, Instance):
            return self._of_instance(value, name, node)
        if isinstance(value, Group) and name in value.children:
            return self._held(value.children[name], node)
        if isinstance(value, Made):
            chosen = {} if value.layer is None else value.layer.chosen
            decided = {each.parameter: each.value for each in value.in_values}
            known = chosen | decided
            callable_on = name == "forward" or name in MODULE_METHODS
            return known[name] if name in known else Method(value, name) if callable_on else self.unknown(node)
        if isinstance(value, Filled):
            return Method(value, name)
        if isinstance(value, Data) and name == "shape":
            return Sizes(value)
        if isinstance(value, Data) and name == "ndim" and value.axes is not None:
            return value.axes + 2
        if isinstance(value, Data) and name == "is_cuda":
            return False
        if isinstance(value, Data) and name in ("device", "dtype", "ndim", "requires_grad", "grad"):
            return self.unknown(node)
        if isinstance(value, Data) and name == "data":
            return value
        if isinstance(value, list) and name == "values" and value and isinstance(value[0], Data):
            return value[0]  # of x.max(dim=2)
        if isinstance(value, UserClass):
            found = value.find(name)
            return Method(value, name) if found is None else found
        if isinstance(value, Data | Group | list | dict | str | tuple | Super | Sizes):
            return Method(value, name)
        return self.unknown(node, among=[value])

    def _held(self, value: Any, node: ast.AST) -> Any:
        """What an attribute stands for: in a forward a parameter is a row."""
        return self.learned_row(value, node) if isinstance(value, Learned) and self.within else value

    @abstractmethod
    def learned_row(self, learned: Learned, node: ast.AST) -> Data:
        """The row of a parameter of the network's own."""

    def _of_instance(self, instance: Instance, name: str, node: ast.AST) -> Any:
        if name in instance.attributes:
            return self._held(instance.attributes[name], node)
        if name == "training":
            return TRAINING
        found = instance.cls.find(name)
        if isinstance(found, UserFunction):
            if found.kind == "property":
                return self.call_function(found, Call(node, [instance]))
            return found if found.kind == "staticmethod" else Bound(found, instance)
        if found is not None or name in instance.cls.members:
            return found
        if name in MODULE_METHODS:
            return Method(instance, name)
        layers = [key for key, value in instance.attributes.items() if isinstance(value, Made | Group | Instance)]
        there = f"; there are {', '.join(layers[:8])}" if layers else ""
        return self.unknown(node, f"self.{name} is never set in {instance.cls.name}.__init__{there}.")
