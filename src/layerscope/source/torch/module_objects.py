"""Objects of the paste's own classes of modules."""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerscope.source.python.classes import Object
from layerscope.source.python.values import Call, Method, Symbol, Unknown, Value
from layerscope.source.torch.containers import Group
from layerscope.source.torch.modules import LayerModule, Module, adopt
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

PLAIN = ("Module", "LightningModule", "ScriptModule", "object", "ABC", "Generic", "PyTorchModelHubMixin", "Protocol")
"""What adds nothing of its own to a class of modules."""


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
        elif value is None and isinstance(self.group, LayerModule):
            self.group.set_attribute(run, name, value)  # the layer that the class is built on has no such weight then
        return True

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return (
            self.group.item(run, place, node) if isinstance(self.group, Group) else Object.item(self, run, place, node)
        )

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return self.group.items(run, node) if isinstance(self.group, Group) else Object.items(self, run, node)
