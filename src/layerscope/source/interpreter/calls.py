"""What calls give: functions and classes of the paste are followed, everything else is handed on."""

import ast
from abc import ABC, abstractmethod
from typing import Any

from layerscope.source.interpreter.machine import CHAIN, Call
from layerscope.source.interpreter.made import (
    Bound,
    Group,
    Instance,
    Made,
    Method,
    Partial,
    Scope,
    UserClass,
    UserFunction,
)
from layerscope.source.interpreter.statements import Returned, Statements
from layerscope.source.interpreter.values import Data, Fault, Given, Symbol, Unknown

DEEPEST_CALLS = 24
DROPPING = ("StochasticDepth", "DropPath")
"""What classes are called that drop a branch while training."""


class Calls(Statements, ABC):
    """Calling."""

    @abstractmethod
    def torch_call(self, symbol: Symbol, call: Call) -> Any:
        """A class or function of torch's, or of any other library."""

    @abstractmethod
    def tensor_method(self, data: Data, name: str, call: Call) -> Any:
        """A method of the tensor."""

    @abstractmethod
    def object_method(self, method: Method, call: Call) -> Any:
        """A method of a list, a dictionary, a group of layers, a module."""

    @abstractmethod
    def builtin_call(self, symbol: Symbol, call: Call) -> Any:
        """A function of Python's own."""

    def call(self, function: Any, call: Call) -> Any:
        self.tick(call.node)
        if isinstance(function, UserFunction):
            return self.call_function(function, call)
        if isinstance(function, Bound):
            return self.call_function(function.function, call.with_first(function.to))
        if isinstance(function, Partial):
            return self.call(function.function, merged(function, call))
        if isinstance(function, UserClass):
            return self.instantiate(function, call)
        if isinstance(function, Made | Group | Instance):
            return self._call_module(function, call)
        if isinstance(function, Symbol):
            if function.path.startswith("builtins."):
                return self.builtin_call(function, call)
            return self.torch_call(function, call)
        if isinstance(function, Method) and isinstance(function.of, Data):
            return self.tensor_method(function.of, function.name, call)
        if isinstance(function, Method):
            return self.object_method(function, call)
        return self.strange(function, call)

    def strange(self, function: Any, call: Call) -> Unknown:
        """A call of something that is not known: refused where the tensor goes into it."""
        node = call.node.func if isinstance(call.node, ast.Call) else call.node
        unknown = function if isinstance(function, Unknown) else self.unknown(node)
        if any(self.carries(value) for value in call.everything):
            if unknown.foreign and unknown.node is not None:  # the layer stands where it was made
                called = f"line {self.paste.place(call.node)[0]}, which calls it,"
                raise Fault(f"{unknown.reason} {CHAIN.replace('this line', called)}", unknown.node)
            raise Fault(f"{unknown.reason} {CHAIN}", call.node)
        return self.unknown(call.node, unknown.reason)

    def _call_module(self, module: "Made | Group | Instance", call: Call) -> Any:
        tensors = [value for value in call.everything if isinstance(value, Data)]
        if isinstance(module, Instance) and (tensors or any(self.carries(value) for value in call.everything)):
            return self.forward(module, call)
        if len(tensors) == 1 and len(call.everything) == 1:
            return self.feed(module, tensors[0], call.node)
        if tensors and isinstance(module, Made) and module.layer is not None and module.layer.takes[1] > 1:
            return self.feed_several(module, call)
        if tensors:
            raise Fault(f"{self.paste.quote(call.node)} takes more than one tensor. {CHAIN}", call.node)
        if self.depends_on_data(call.args) or any(self.carries(value) for value in call.everything):
            raise Fault(f"{self.paste.quote(call.node)} is not given the tensor itself. {CHAIN}", call.node)
        return self.unknown(call.node)

    def forward(self, instance: Instance, call: Call) -> Any:
        """Call an object of the paste's own class on the tensor."""
        function = self.forward_of(instance.cls)
        if isinstance(function, UserFunction):
            self.within.append(instance)
            try:
                if instance.cls.name in DROPPING and call.args and isinstance(call.args[0], Data):
                    return self.dropped(instance, call.args[0], call.node)
                return self.call_function(function, call.with_first(instance))
            finally:
                self.within.pop()
        if instance.children is not None and call.args and isinstance(call.args[0], Data):
            return self.feed(instance.children, call.args[0], call.node)
        raise Fault(f"{instance.cls.name} has no forward, so it cannot be called.", call.node)

    def dropped(self, instance: Instance, data: Data, node: ast.AST) -> Data:
        """Stochastic depth: it is a row of its own, whatever the class does for it."""
        numbers = [value for value in instance.attributes.values() if type(value) in (int, float, Given)]
        mode = instance.attributes.get("mode")
        values = {"p": numbers[0] if numbers else 0.0, "mode": mode if mode in ("row", "batch") else "row"}
        result: Data = self.record("StochasticDepth", values, [data], node)
        return result

    def call_function(self, function: UserFunction, call: Call) -> Any:
        """Follow a function of the paste with these arguments."""
        if self.calls >= DEEPEST_CALLS:
            raise Fault(f"Functions call each other more than {DEEPEST_CALLS} deep here, the limit.", call.node)
        first = call.args[0] if call.args else None
        instance = first if isinstance(first, Instance) and function.owner is not None else None
        scope = Scope(self._parameters(function, call), function.scope, instance, function.owner)
        self.calls += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            signal = self.execute(function.node.body, scope)
        finally:
            self.calls -= 1
        return signal.value if isinstance(signal, Returned) else None

    def _parameters(self, function: UserFunction, call: Call) -> dict[str, Any]:
        """Names of the parameters and what arrives for them; a parameter without a value is Unknown."""
        spec = function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        self.too_many(function, call)
        names: dict[str, Any] = {}
        defaults = dict(zip([arg.arg for arg in positional][::-1], spec.defaults[::-1], strict=False))
        keyword_defaults = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
        defaults |= {arg.arg: value for arg, value in keyword_defaults if value is not None}
        for place, (arg, value) in enumerate(zip(positional, call.args, strict=False)):
            names[arg.arg] = self._given(value, call.nodes.get(place))
        if spec.vararg is not None:
            names[spec.vararg.arg] = tuple(call.args[len(positional) :])
        known = {arg.arg for arg in [*positional, *spec.kwonlyargs]}
        others = {name: value for name, value in call.kwargs.items() if name not in known}
        if spec.kwarg is not None:
            names[spec.kwarg.arg] = others
        for arg in [*positional, *spec.kwonlyargs]:
            if arg.arg in call.kwargs:
                names[arg.arg] = self._given(call.kwargs[arg.arg], call.nodes.get(arg.arg))
            elif arg.arg not in names and arg.arg in defaults:
                names[arg.arg] = self.evaluate(defaults[arg.arg], function.scope)
            elif arg.arg not in names:
                names[arg.arg] = self._missing(function, arg)
        return names

    def _missing(self, function: UserFunction, arg: ast.arg) -> Unknown:
        owner = function.owner.name if function.owner and function.name == "__init__" else ""
        where = f"{owner}.__init__" if owner else function.name
        words = f"{arg.arg} of {where} has no value in the code. Write a default such as {arg.arg}=10"
        words += f", or an example below the class such as net = {owner}({arg.arg}=10)." if owner else "."
        return Unknown(lambda: arg.arg, words, arg, missing=True)

    @staticmethod
    def _given(value: Any, node: ast.expr | None) -> Any:
        if type(value) is int and isinstance(node, ast.Constant | ast.BinOp | ast.UnaryOp):
            return Given(value, node)
        return value

    def instantiate(self, cls: UserClass, call: Call) -> Instance:
        """An object of the paste's own class: follow its __init__."""
        instance = Instance(cls, call.node)
        init = cls.find("__init__") or self.misspelled_init(cls)
        if isinstance(init, UserFunction):
            self.call_function(init, call.with_first(instance))
        else:
            self._torch_init(instance, cls.bases, call)
        if instance.early is not None and cls.root:
            self.without_super(instance, init if isinstance(init, UserFunction) else None)
        return instance

    def _torch_init(self, instance: Instance, bases: tuple[Any, ...], call: Call) -> None:
        """super().__init__(...)."""
        for base in bases:
            if isinstance(base, UserClass) and isinstance(init := base.find("__init__"), UserFunction):
                self.call_function(init, call.with_first(instance))
                return
        instance.initialised = True
        if instance.cls.root == "Sequential":
            group = self.torch_call(Symbol("torch.nn.Sequential"), call)
            if isinstance(group, Group):
                group.owner, group.name = instance, None
                instance.children = group


def merged(partial: Partial, call: Call) -> Call:
    """The arguments that functools.partial holds and those of the call."""
    shift = len(partial.call.args)
    nodes = {key + shift if isinstance(key, int) else key: node for key, node in call.nodes.items()}
    kwargs = {**partial.call.kwargs, **call.kwargs}
    return Call(call.node, [*partial.call.args, *call.args], kwargs, {**partial.call.nodes, **nodes})
