"""Classes of the paste and their objects."""

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from layerscope.source.python import records
from layerscope.source.python.callables import Bound, UserFunction
from layerscope.source.python.values import Call, Symbol, Value

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


@dataclass(eq=False, repr=False)
class UserClass(Value):
    """A class of the paste. `bases` are classes of the paste or symbols."""

    node: ast.ClassDef
    bases: tuple[Any, ...]
    members: dict[str, Any]
    fields: tuple[ast.AnnAssign, ...] = ()
    """What a dataclass declares, in order; () for all other classes."""

    @property
    def name(self) -> str:
        return self.node.name

    def find(self, name: str) -> Any:
        """A member, of this class or of those it is built on; None where there is none."""
        return next((cls.members[name] for cls in self.line if name in cls.members), None)

    @cached_property
    def line(self) -> tuple["UserClass", ...]:
        """The class itself and those of the paste that it is built on, each once, in the order of their search.

        A base was made before, so its line is there: nothing is walked twice, however the classes share their bases.
        """
        above = (cls for base in self.bases if isinstance(base, UserClass) for cls in base.line)
        return tuple(dict.fromkeys((self, *above)))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The full names of what it is built on in the end, outside the paste, or the names as they are written."""
        found: list[str] = []
        for base, node in zip(self.bases, self.node.bases, strict=True):
            if isinstance(base, UserClass):
                found += base.roots
            elif isinstance(base, Symbol):
                found.append(base.path)
            else:
                found.append(getattr(node, "attr", getattr(node, "id", "")))
        return tuple(dict.fromkeys(name for name in found if name not in ("", "builtins.object")))

    @cached_property
    def is_record(self) -> bool:
        """Whether it is a dataclass or a NamedTuple, or built on one."""
        return any(cls.fields for cls in self.line)

    @cached_property
    def is_enum(self) -> bool:
        return any(root.rpartition(".")[2] in ("Enum", "IntEnum", "StrEnum") for root in self.roots)

    def call(self, run: "Evaluator", call: Call) -> Any:
        """An object of the class: its __init__ is followed. An Enum's members are the constants that they stand for."""
        if self.is_enum and len(call.args) == 1 and not isinstance(call.args[0], Value):
            return call.args[0]
        instance = run.world.object_of(self, call.node)
        run.watch.constructing(run, instance, call)
        init = run.watch.init_of(run, self)
        is_part = type(instance) is not Object
        run.making += 1
        run.parts += is_part
        try:
            if isinstance(init, UserFunction):
                init.call(run, call.with_first(instance))
            elif self.is_record:
                records.begin(run, instance, call)
            else:
                instance.begin(run, self.bases, call)
        finally:
            run.making -= 1
            run.parts -= is_part
        run.watch.constructed(run, instance)
        return instance

    def is_of(self, run: "Evaluator", kind: Any) -> bool | None:
        """Whether it is built on that class."""
        if isinstance(kind, UserClass):
            return kind in self.line
        return run.world.is_built_on(self.roots, kind) if isinstance(kind, Symbol) else None

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        found = self.find(name)
        if isinstance(found, UserFunction) and found.kind == "classmethod":
            return Bound(found, self)
        if found is None and name == "__name__":
            return self.name
        if found is None and not any(name in cls.members for cls in self.line):
            return run.world.class_attribute(run, self, name, node)
        return found

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.members[name] = value
        return True

    def type_of(self) -> Value:
        return Symbol("builtins.type")

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        if not isinstance(sign, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            return None
        return (self is other) is isinstance(sign, ast.Eq | ast.Is)


@dataclass(eq=False, repr=False)
class Object(Value):
    """An object of a class of the paste."""

    cls: UserClass
    node: ast.AST
    attributes: dict[str, Any] = field(default_factory=dict)

    def begin(self, run: "Evaluator", bases: tuple[Any, ...], call: Call) -> None:
        """The __init__ of what the class is built on."""
        for base in bases:
            if isinstance(base, UserClass):
                if isinstance(init := base.find("__init__"), UserFunction):
                    init.call(run, call.with_first(self))
                else:
                    self.begin(run, base.bases, call)
                return
        if self.cls.is_record:
            records.begin(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in self.attributes:
            return self.attributes[name]
        found = self.cls.find(name)
        if isinstance(found, UserFunction):
            if found.kind == "property":
                return found.call(run, Call(node, [self]))
            return found.bound_to(self.cls if found.kind == "classmethod" else self)
        if found is not None or any(name in cls.members for cls in self.cls.line):
            return found
        if name == "__class__":
            return self.cls
        return self.lacks(run, name, node)

    def lacks(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        """What an attribute is that nothing in the paste sets."""
        return run.unknown(node, f"self.{name} is never set in {self.cls.name}.__init__.")

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        self.attributes[name] = value
        return True

    def call(self, run: "Evaluator", call: Call) -> Any:
        return self._special(run, "__call__", call)

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        return self._special(run, "__getitem__", Call(node, [place]))

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        function = self.cls.find("__iter__")
        if not isinstance(function, UserFunction):
            return None
        return run.items(function.call(run, Call(node, [self])), node)

    def type_of(self) -> Value:
        return self.cls

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def _special(self, run: "Evaluator", name: str, call: Call) -> Any:
        """A method that Python calls by itself."""
        function = self.cls.find(name)
        if isinstance(function, UserFunction):
            return function.call(run, call.with_first(self))
        return run.strange(self, call)


@dataclass(frozen=True, eq=False)
class Super(Value):
    """super() inside a method."""

    instance: Object
    above: tuple[Any, ...]

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        for base in self.above:
            found = base.find(name) if isinstance(base, UserClass) else None
            if isinstance(found, UserFunction):
                return found.bound_to(self.instance)
        if name == "__init__":
            return run.method(self, name, _begun)
        return self.instance.lacks(run, name, node)


def _begun(run: "Evaluator", of: Super, name: str, call: Call) -> None:
    of.instance.begin(run, of.above, call)


def super_of(run: "Evaluator", scope: Any, node: ast.Call) -> Any:
    """What super() means in a method."""
    inside = scope
    while inside is not None and inside.instance is None:
        inside = inside.outer
    if inside is None or inside.owner is None:
        return run.unknown(node)
    if not run.watch.super_used(run, node, scope, inside.instance):
        return run.unknown(node)
    line = inside.instance.cls.line
    place = line.index(inside.owner) if inside.owner in line else 0
    outside = (base for cls in line for base in cls.bases if not isinstance(base, UserClass))
    return Super(inside.instance, (*line[place + 1 :], *outside))
