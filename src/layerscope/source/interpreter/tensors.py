"""What happens to the tensor: its methods, and torch's functions that take it."""

import ast
from abc import ABC
from dataclasses import replace
from functools import partial
from typing import Any

from layerscope.source.functions import FUNCTIONS
from layerscope.source.interpreter.constants import FUNCTIONS as CONSTANT_FUNCTIONS
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import Instance, Partial
from layerscope.source.interpreter.shaping import Shaping
from layerscope.source.interpreter.values import Data, Dim, Fault, Filled, Sizes, Symbol, Unknown

KEEPING = frozenset(
    {"bfloat16", "byte", "clone", "contiguous", "cpu", "cuda", "detach", "double", "float", "half", "int", "long"}
    | {"register_hook", "requires_grad_", "retain_grad", "to", "type", "type_as"}
)
"""Methods that change neither shape nor meaning."""
_SHAPING = {
    "view": "reshaped", "reshape": "reshaped", "mean": "averaged", "amax": "averaged", "squeeze": "squeezed",
    "flatten": "flattened", "unsqueeze": "unsqueezed",
}  # fmt: skip
_ENDING = {
    "argmax": "argmax picks the class and is left out: the network's outputs come before it.",
    "item": "item() takes the number out of the tensor and is left out.",
    "numpy": "numpy() leaves torch and is left out.",
    "tolist": "tolist() leaves torch and is left out.",
}
_BRANCHES = {
    "cat": "joins something that is no tensor of the network", "hstack": "joins tensors; torch.cat is read",
    "vstack": "joins samples into one batch", "dstack": "joins tensors; torch.cat is read",
    "einsum": "combines tensors; torch.matmul is read", "where": "chooses between tensors by their numbers",
}  # fmt: skip
_NUMBERED = {
    "add": ast.Add(), "add_": ast.Add(), "sub": ast.Sub(), "mul": ast.Mult(), "mul_": ast.Mult(), "div": ast.Div(),
}  # fmt: skip
_PLAIN_TORCH = {"Tensor", "tensor", "as_tensor", "from_numpy"}


_SAME = {
    "typing.cast": 1, "typing.assert_type": 0, "typing.reveal_type": 0, "typing_extensions.assert_type": 0,
    "typing_extensions.reveal_type": 0, "torch.jit.annotate": 1, "torch.jit.script": 0, "torch.compile": 0,
}  # fmt: skip
"""Functions that hand one of their arguments back as it is, and which."""


class Tensors(Shaping, ABC):
    """Methods of the tensor and functions on it."""

    def tensor_method(self, data: Data, name: str, call: Call) -> Any:
        if name in _SHAPING and not (data.is_bare or (data.batch and name not in ("squeeze", "unsqueeze"))):
            return getattr(self, _SHAPING[name])(data, name, call)
        if name in KEEPING or name in ("expand_as", "type_as"):
            return data
        if f"x.{name}" in FUNCTIONS:
            return self.function_layer(f"x.{name}", call.with_first(data))
        if name in ("size", "dim", "ndimension", "numel", "nelement", "get_device"):
            return self._measured(data, name, call)
        if name == "max" and call.everything and not self._is_tensor(call.args[:1]):
            found = self.averaged(data, "amax", call)
            return found if isinstance(found, list) else [found, self.unknown(call.node)]  # values, indices
        if name in _ENDING:
            self.note(_ENDING[name], call.node)
            return replace(data, averaged=0, ended=_ENDING[name])
        numbers = [value for value in call.everything if isinstance(value, int | float)]
        if name in _NUMBERED and len(numbers) == len(call.everything) == 1 and (self.exact or self.branches):
            return self.binary(_NUMBERED[name], data, numbers[0], call.node)
        if name in ("add", "mul", "sub", "div", "add_", "mul_") and len(numbers) == len(call.everything):
            self.note(f"{name} with a number is left out: it changes values, no shapes and no counts.", call.node)
            return data
        if (row := self.operation(data, name, call)) is not None:
            return row
        raise Fault(self._refusal(f"x.{name}", name), call.node)

    @staticmethod
    def _is_tensor(values: list[Any]) -> bool:
        return any(isinstance(value, Data) for value in values)

    def _refusal(self, shown: str, name: str) -> str:
        if name in _BRANCHES:
            return f"{shown} {_BRANCHES[name]}. {CHAIN}"
        return f"{shown} is not among Layerscope's layers. {CHAIN}"

    def _measured(self, data: Data, name: str, call: Call) -> Any:
        if name == "size" and not call.everything:
            return Sizes(data)
        if name == "size" and len(call.everything) == 1 and type(call.everything[0]) is int:
            axis = call.everything[0]
            axis += data.axes + 2 if axis < 0 and data.axes is not None else 0
            return Dim(data, (axis,)) if 0 <= axis <= 5 else self.unknown(call.node)
        if name in ("numel", "nelement"):
            return Dim(data, (0,), rest=True)
        if name in ("dim", "ndimension") and data.axes is not None:
            return data.axes + 2
        return self.unknown(call.node, f"{self.paste.quote(call.node)} depends on the sizes of the tensor.")

    def torch_call(self, symbol: Symbol, call: Call) -> Any:
        parts, name = symbol.path.split("."), symbol.last
        if symbol.path in CONSTANT_FUNCTIONS:
            return self.constant_call(symbol.path, call)
        if name == "OrderedDict":
            return self._ordered(call)
        if symbol.path == "functools.partial" and call.args:
            return Partial(call.args[0], call.behind_first())
        if name == "deepcopy" and len(call.args) == 1:
            return self.copied(call.args[0], call.node)
        if symbol.path in _SAME and len(call.args) > _SAME[symbol.path]:
            return call.args[_SAME[symbol.path]]
        if symbol.path == "typing.NewType":
            return Symbol("typing.reveal_type")
        if name == "__init__" and call.args and isinstance(call.args[0], Instance):  # nn.Module.__init__(self)
            call.args[0].initialised = True
            return None
        given = [value for value in call.everything if self.carries(value)]
        if parts[:2] == ["torch", "nn"] and "functional" not in parts and "init" not in parts and not given:
            return self.layer_class(name, call)
        if not given:
            return self._without_tensor(symbol, name, call)
        if name in ("Variable", "Tensor", "checkpoint") and len(call.args) == 1:
            return call.args[0]
        if name.endswith("_like") and symbol.path.startswith("torch."):
            return Filled(partial(self.paste.quote, call.node), "", call.node)
        return self._on_data(symbol, name, call)

    def _without_tensor(self, symbol: Symbol, name: str, call: Call) -> Any:
        """A function that the tensor does not go into; torch.prod(torch.tensor(x.shape[1:])) counts values."""
        only = call.args[0] if len(call.args) == 1 else None
        if name in _PLAIN_TORCH and isinstance(only, Sizes):
            return only
        if name == "prod" and isinstance(only, Sizes) and only.start <= 1 and only.stop is None:
            return Dim(only.data, (0,) if only.start == 0 else (), rest=True)
        if symbol.path.split(".")[0] not in ("torch", "builtins", "math", "numpy", ""):
            words = f"{symbol.path[:80]} is not part of this code, so what it does cannot be told."
            return self.unknown(call.node, words)
        if name == "Size" and isinstance(only, list | tuple):
            return tuple(only)
        return self.unknown(call.node)

    def _on_data(self, symbol: Symbol, name: str, call: Call) -> Any:
        """A function that the tensor goes into."""
        space = "F" if "functional" in symbol.path.split(".") else "torch"
        ours = (symbol.path.startswith("torch.") and symbol.path.split(".")[1] not in ("nn",)) or space == "F"
        if ours and f"{space}.{name}" in FUNCTIONS and name != "flatten":
            return self.function_layer(f"{space}.{name}", call)
        joins = self.dot_product if name == "scaled_dot_product_attention" else partial(self.joined_function, name)
        if ours and (row := joins(call)) is not None:
            return row
        data = call.args[0] if call.args else call.kwargs.get("input")
        if ours and (space == "torch" or name == "normalize") and isinstance(data, Data):
            rest = call.behind_first() if call.args else call
            kwargs = {key: value for key, value in rest.kwargs.items() if key != "input"}
            return self.tensor_method(data, name, Call(rest.node, rest.args, kwargs, rest.nodes))
        if name in ("linear", "conv1d", "conv2d", "conv3d", "batch_norm", "layer_norm", "prelu") and space == "F":
            raise Fault(f"F.{name} is given its weights by hand; a layer such as nn.Linear holds its own.", call.node)
        if symbol.path.startswith("torch.nn.") and space != "F":
            raise self.called_on_data(symbol, call)
        raise Fault(self._refusal(symbol.shown, name), call.node)

    def _ordered(self, call: Call) -> Any:
        only = call.args[0] if call.args else {}
        if isinstance(only, dict):
            return only | call.kwargs
        pairs = self.items(only, call.node) or []
        if any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs) or isinstance(only, Unknown):
            return self.unknown(call.node, among=[only])
        named = {str(pair[0]): pair[1] for pair in pairs if isinstance(pair[0], str | int)}
        return named | call.kwargs if len(named) == len(pairs) else self.unknown(call.node)
