"""Modules of the paste: torch's layers, containers of them, parameters, and objects of its own classes."""

import ast
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope.layers.base import Layer
from layerscope.source.python.callables import DEEPEST_CALLS, Numbers
from layerscope.source.python.classes import Object
from layerscope.source.python.values import Call, Fault, Method, Symbol, Unknown, Value
from layerscope.source.record import InValue
from layerscope.source.torch.tensor import Tensor, Weights
from layerscope.source.torch.worlds import world_of
from layerscope.ties import TENSORS

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

ROOTS = ("Module", "Sequential", "ModuleList", "ModuleDict", "LightningModule", "ScriptModule", "ParameterList")
"""What a network is built on: torch's own classes, and Lightning's, which is one of them."""


_PER_AXIS = ("kernel_size", "stride", "padding", "dilation")
"""What torch's convolutions hold for each axis, however it was written."""


@dataclass(frozen=True, eq=False)
class Training(Value):
    """self.training: on until the code calls eval()."""

    is_on: bool

    def truth(self, run: "Evaluator") -> bool | None:
        world_of(run).asked_for_mode = True
        run.remarks.note(
            "We assumed that self.training is True." if self.is_on
            else "self.training is False, because the example calls the network after eval()."
        )  # fmt: skip
        return self.is_on


class Module(Value):
    """What a network is made of. `owner` and `name` say where it was set first."""

    node: ast.AST
    name: str | None
    owner: "Module | None"
    is_training: bool | None = True
    """Whether it trains, as torch's modules do at first; None where nobody can tell."""

    def children(self) -> dict[str, Any]:
        """The modules and parameters in it, by name."""
        return {}

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        if not isinstance(sign, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) or isinstance(other, Unknown):
            return None
        return (self is other) is isinstance(sign, ast.Eq | ast.Is)

    def method(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        """A method that every module has; Unknown where it has none of that name."""
        if world_of(run).is_module_method(name):
            return Method(self, name, world_of(run).module_method)
        return run.unknown(node)


def adopt(owner: Module, name: str | None, value: Any) -> None:
    """A module learns where it is kept; the first place counts, and none within itself."""
    if isinstance(value, Module) and value.owner in (None, owner) and not _is_in(owner, value):
        value.owner = owner
        value.name = name if value.name is None else value.name


def _is_in(module: Module, other: Module) -> bool:
    """Whether a module stands in another one, or so deep in others that it cannot be called."""
    above: Module | None = module
    for _ in range(DEEPEST_CALLS):
        if above is None:
            return False
        if above is other:
            return True
        above = above.owner
    return True


@dataclass(eq=False, repr=False)
class LayerModule(Module):
    """A layer as it was constructed. `layer` has no name yet; `fault` says why it cannot be used."""

    type: str
    node: ast.AST
    layer: Layer | None = None
    in_values: tuple[InValue, ...] = ()
    fault: Fault | None = None
    name: str | None = None
    owner: Module | None = None
    untold: tuple[InValue, ...] = ()
    """In-values that are names which nothing in the code defines."""
    given: dict[str, Any] = field(default_factory=dict)
    """Parameters that were put in the place of its own, by name: what `decoder.weight = encoder.weight` has set."""
    made: Call | None = None
    """The call that made it."""
    numbers: dict[str, Numbers] = field(default_factory=dict)
    """What the names around that call were worth then."""

    @property
    def tensors(self) -> dict[str, Any]:
        """The parameters that it holds, by name: equal ones are one tensor."""
        return {name: self.given[name].parameter if name in self.given else (self, name) for name in TENSORS}

    def call(self, run: "Evaluator", call: Call) -> Any:
        return world_of(run).feed(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        decided = {each.parameter: each.value for each in self.in_values}
        known = ({} if self.layer is None else self.layer.chosen) | decided
        if name == "normalized_shape" and isinstance(known.get(name), int):
            return (known[name],)
        if name in self.given:
            return self.given[name]
        if name in TENSORS and self.layer is not None:
            return world_of(run).weight(run, self, name, node)
        if name in _PER_AXIS and self.layer is not None and self.type.startswith("Conv") and type(known[name]) is int:
            return (known[name],) * self.layer.dims
        return known[name] if name in known else self.method(run, name, node)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        return world_of(run).changed_layer(run, self, name, value)


@dataclass(eq=False, repr=False)
class Learned(Module):
    """nn.Parameter(...) or a buffer: a tensor that the network holds."""

    node: ast.AST
    tensor: Tensor
    is_parameter: bool = True
    name: str | None = None
    owner: Module | None = None


def learned(node: ast.AST, tensor: Tensor) -> Learned:
    """A tensor that the network learns."""
    held = Learned(node, tensor)
    held.tensor = Tensor(
        tensor.shape, tensor.dtype, weights=frozenset({Weights(held, prod(tensor.shape))}), node=node, owner=held,
        parameter=(held, ""),
    )  # fmt: skip
    return held


@dataclass(frozen=True)
class UnknownParameter(Unknown):
    """A layer's weight whose sizes the code does not tell. `parameter` as a tensor has it."""

    parameter: Any = None


@dataclass(eq=False, repr=False)
class Group(Module):
    """nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList: children by name; by "0", "1", ... without one."""

    kind: str
    node: ast.AST
    held: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: Module | None = None

    def add(self, value: Any, name: str | None = None) -> None:
        """One child more."""
        key = str(len(self.held)) if name is None else name
        self.held[key] = value
        adopt(self, None if name is None or name.isdigit() else name, value)

    def children(self) -> dict[str, Any]:
        return self.held

    @property
    def values(self) -> list[Any]:
        """The children in order."""
        return list(self.held.values())

    def call(self, run: "Evaluator", call: Call) -> Any:
        if self.kind != "Sequential":
            raise Fault(f"An nn.{self.kind} cannot be called; call its layers one by one.", call.node)
        return world_of(run).through(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in self.held:
            return world_of(run).held(run, self.held[name], node)
        return Children(self) if name == "_modules" else Method(self, name, world_of(run).group_method)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.add(value, name)
        return True

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        if isinstance(place, slice):
            part = Group(self.kind, node)
            for child in self.values[place]:
                part.add(child)
            return part
        key = self.key(place)
        if key is None:
            return run.unknown(node, f"{run.paste.quote(node)} does not exist.", [place])
        return world_of(run).held(run, self.held[key], node)

    def set_item(self, run: "Evaluator", place: Any, value: Any) -> bool:
        key = self.key(place) or (place if isinstance(place, str) and self.kind == "ModuleDict" else None)
        if key is None:
            return False
        self.held[key] = value
        adopt(self, None if key.isdigit() else key, value)
        world_of(run).changed(self)
        return True

    def key(self, place: Any) -> str | None:
        """The name of the child at a place, counted from the end too."""
        if isinstance(place, str):
            return place if place in self.held else None
        names = list(self.held)
        return names[place] if type(place) is int and -len(names) <= place < len(names) else None

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        run.tick(node, len(self.held))
        if self.kind == "ModuleDict":
            return list(self.held)
        return [world_of(run).held(run, child, node) for child in self.values]

    def truth(self, run: "Evaluator") -> bool | None:
        return bool(self.held)

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        if isinstance(sign, ast.In | ast.NotIn) and isinstance(other, str) and not is_left:
            return (other in self.held) is isinstance(sign, ast.In)
        return Module.compared(self, run, sign, other, is_left, node)


@dataclass(frozen=True, eq=False)
class Children(Value):
    """module._modules: what is set there is set in the module."""

    module: Module

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        held = self.module.children()
        return held[place] if isinstance(place, str) and place in held else run.unknown(node, among=[place])

    def set_item(self, run: "Evaluator", place: Any, value: Any) -> bool:
        return isinstance(place, str) and self.module.set_attribute(run, place, value)

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return list(self.module.children())


@dataclass(eq=False, repr=False)
class ModuleObject(Module, Object):
    """An object of the paste's own class of modules."""

    name: str | None = None
    owner: Module | None = None
    initialised: bool = False
    early: ast.AST | None = None
    """The first layer that was set before super().__init__()."""
    unbound: ast.AST | None = None
    """super(Net), which reaches nothing."""
    group: Any = None
    """What a class that is built on a container, or on a layer, holds of it."""
    changed: bool = False
    """Whether a layer was set from outside, after it was made."""

    def children(self) -> dict[str, Any]:
        own = {name: value for name, value in self.attributes.items() if isinstance(value, Module)}
        return own | (self.group.children() if self.group is not None else {})

    def begin(self, run: "Evaluator", bases: tuple[Any, ...], call: Call) -> None:
        above = [base for base in bases if not isinstance(base, Value) or not hasattr(base, "line")]
        if len(above) < len(bases):
            Object.begin(self, run, bases, call)
            return
        self.initialised = True
        base = next((base for base in above if isinstance(base, Symbol) and base.last not in PLAIN), None)
        if base is not None:
            held = world_of(run).call(run, base, call)
            if isinstance(held, Module):
                held.owner, held.name = self, None
                self.group = held

    def call(self, run: "Evaluator", call: Call) -> Any:
        return world_of(run).forward(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in self.attributes:
            return world_of(run).held(run, self.attributes[name], node)
        if name == "training":
            return world_of(run).training(run)
        if name == "forward" and world_of(run).shows(run) and not run.calls:
            return Method(
                self, name, world_of(run).module_method
            )  # net.forward(x) shows what the network takes, as net(x) does
        return Object.attribute(self, run, name, node)

    def lacks(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name == "forward" and isinstance(self.group, Module):  # that of what the class is built on
            return Method(self.group, name, world_of(run).module_method)
        if self.group is not None and not isinstance(found := self.group.attribute(run, name, node), Unknown):
            own = isinstance(found, Method) and not world_of(run).is_group_method(name)
            if not own:
                return found
        found = self.method(run, name, node)
        if not isinstance(found, Unknown):
            return found
        layers = list(self.children())
        there = f"; it has {', '.join(layers[:8])}" if layers else ""
        return run.unknown(node, f"self.{name} is never set in {self.cls.name}.__init__{there}.")

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        if run.asides and not run.making:
            return True
        self.attributes[name] = value
        if isinstance(value, Module):
            if not self.initialised and self.early is None:
                self.early = value.node
            adopt(self, name, value)
            held = self.group.children() if isinstance(self.group, Module) else {}
            if isinstance(self.group, Group) or name in held:  # it is a child of what the class is built on too
                held[name] = value
            world_of(run).changed(self)
        return True

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return (
            self.group.item(run, place, node) if isinstance(self.group, Group) else Object.item(self, run, place, node)
        )

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return self.group.items(run, node) if isinstance(self.group, Group) else Object.items(self, run, node)


PLAIN = ("Module", "LightningModule", "ScriptModule", "object", "ABC", "Generic", "PyTorchModelHubMixin", "Protocol")
"""What adds nothing of its own to a class of modules."""


def walked(module: Module) -> list[tuple[str, Module]]:
    """The module and all that is in it, with paths, as torch's named_modules() has them."""
    found: list[tuple[str, Module]] = []
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", module)]
    while waiting:
        path, value = waiting.pop()
        if id(value) in seen or not isinstance(value, Module):
            continue
        seen.add(id(value))
        found.append((path, value))
        waiting.extend((f"{path}.{name}" if path else name, child) for name, child in [*value.children().items()][::-1])
    return found
