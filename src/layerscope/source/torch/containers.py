"""Containers of modules: nn.Sequential and its like, and what stands in any module by name."""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Fault, Method, Unknown, Value
from layerscope.source.torch.modules import Module, Training, adopt
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


@dataclass(eq=False, repr=False)
class Group(Module):
    """nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList: children by name; by "0", "1", ... without one."""

    kind: str
    node: ast.AST
    held: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: Module | None = None
    others: dict[str, Any] = field(default_factory=dict)
    """Attributes beside the modules: a width that the code keeps there."""

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
        if name in self.others:
            return self.others[name]
        if name == "training":
            return world_of(run).training(run)
        return Children(self) if name == "_modules" else Method(self, name, world_of(run).group_method)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        if isinstance(value, Module | Unknown) or name in self.held:
            self.add(value, name)
        elif not isinstance(value, Training):  # the mode is the network's
            self.others[name] = value
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
