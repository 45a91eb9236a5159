"""Torch's functions that do what a layer does."""

import ast
from abc import ABC
from dataclasses import replace
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.network import LONGEST_NAME
from layerscope.source.functions import FUNCTIONS, IGNORED, Function
from layerscope.source.interpreter.constants import plain
from layerscope.source.interpreter.layers import Layers
from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import Made
from layerscope.source.interpreter.values import Data, Dim, Fault, InValue, Sizes, Training


class Functional(Layers, ABC):
    """F.relu(x) and the like: a layer without an attribute of its own."""

    def function_layer(self, key: str, call: Call) -> Data:
        """A function of torch's that does what a layer does: the tensor first, then its arguments."""
        function = FUNCTIONS[key]
        data = call.args[0] if call.args else call.kwargs.get("input")
        rest = call.behind_first() if call.args else call
        if isinstance(data, Data) and data.batch and function.type not in ("Softmax", "LogSoftmax"):
            moved = self.function_layer(key, self._batch_first(call))
            return replace(moved, batch=data.batch)
        if not isinstance(data, Data):
            raise Fault(f"{self.paste.quote(call.node)} is not given the tensor itself. {CHAIN}", call.node)
        if len(rest.args) > len(function.arguments):
            raise Fault(f"{key} takes at most {len(function.arguments)} arguments behind the tensor.", call.node)
        given = self._named_arguments(list(function.arguments), rest)
        values = {name: (value, rest.nodes.get(place, call.node)) for place, (name, value) in given.items()}
        values.pop("input", None)
        return self._apply_function(key, function, values, data, call)

    def _apply_function(
        self, key: str, function: Function, values: dict[str, tuple[Any, ast.AST]], data: Data, call: Call
    ) -> Data:
        for flag in ("training", "train"):
            if flag in values and values[flag][0] is False:
                self.note(f"{key} with {flag}=False does nothing and is left out.", call.node)
                return data
        if function.type.startswith("Dropout") and not {"training", "train"} & values.keys():
            self.note(f"{key} without training=self.training goes on dropping after training.", call.node)
        kind = CATALOGUE[function.type]
        window = values.get("kernel_size", (None, None))[0]
        if isinstance(window, Dim | Sizes | tuple | list) and self._is_global(window, kind.dims, data):
            return self.make_and_feed(f"Adaptive{function.type}", {"output_size": 1}, data, call.node)
        if key == "F.pad" and self.exact and "value" in values:
            cells = {name: self.plain(values[name][0], name, call.node) for name in values.keys() & {"pad", "value"}}
            padded: Data = self.record("Pad", cells, [data], call.node)
            return padded
        if key == "F.pad":
            values = self._padding(values, data, call)
        chosen = dict(function.fixed)
        for name, (value, node) in values.items():
            if name == "return_indices" and value is not False:
                raise Fault(f"{key} with return_indices=True gives two tensors. {CHAIN}", call.node)
            if name in IGNORED:
                continue
            parameter = function.parameter(name)
            if parameter not in kind.parameters():
                raise Fault(f"{key} has no argument {name[:LONGEST_NAME]}.", node)
            if isinstance(value, Training):
                raise Fault(f"{key} is given self.training as {name}; write training=self.training.", node)
            chosen[parameter] = self.plain(value, name, node)
        return self.make_and_feed(function.type, chosen, data, call.node, key)

    def _padding(self, values: dict[str, Any], data: Data, call: Call) -> dict[str, Any]:
        mode, value = (values.get(name, (usual, None))[0] for name, usual in (("mode", "constant"), ("value", None)))
        pad = values.get("pad", ((), call.node))[0]
        pad = tuple(pad) if isinstance(pad, list | tuple) else pad
        if mode != "constant" or plain(value) not in (None, 0) or (isinstance(pad, tuple) and len(pad) not in (2, 4)):
            raise Fault("F.pad is read with zeros on height and width only, such as F.pad(x, (1, 1, 1, 1)).", call.node)
        pad = (*pad, 0, 0) if isinstance(pad, tuple) and len(pad) == 2 else pad
        return {"pad": (pad, values.get("pad", ((), call.node))[1])}

    @staticmethod
    def _batch_first(call: Call) -> Call:
        """The same call on the tensor with its batch in front, for what looks at each value alone."""
        args = [replace(value, batch=0) if isinstance(value, Data) else value for value in call.args]
        return Call(call.node, args, call.kwargs, call.nodes)

    @staticmethod
    def _is_global(size: Any, dims: int, data: Data) -> bool:
        """Whether a window is as large as the whole map: kernel_size=x.size()[2:] or x.shape[-1]."""
        if isinstance(size, Sizes):
            return size.start == 2 and size.stop is None
        row = size if isinstance(size, list | tuple) else (size,)
        axes = [dim.axes[0] for dim in row if isinstance(dim, Dim) and len(dim.axes) == 1 and dim.factor == 1]
        return len(axes) == len(row) and len(row) in (1, dims) and all(axis >= 2 for axis in axes)

    def make_and_feed(
        self, kind: str, values: dict[str, Any], data: Data, node: ast.AST, shown: str = "",
        in_values: tuple[InValue, ...] = (), slip: InValue | None = None,
    ) -> Data:  # fmt: skip
        """A layer that has no attribute of its own, with the tensor handed to it."""
        layer = self.finished(CATALOGUE[kind], values, node, shown or kind)
        result: Data = self.feed(Made(kind, node, layer, in_values, slip=slip), data, node)
        return result
