"""What a paste makes: layers and groups of them, its own functions and classes, and objects of those."""

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.interpreter.values import Fault, InValue, Symbol

MODULES = ("Module", "Sequential", "LightningModule", "ScriptModule")
"""What a network is built on: torch's own classes, and Lightning's, which is one of them."""


@dataclass(eq=False)
class Made:
    """A layer as it was constructed. `layer` has no name yet; `fault` says why it cannot be used."""

    type: str
    node: ast.AST
    layer: Layer | None = None
    in_values: tuple[InValue, ...] = ()
    fault: Fault | None = None
    name: str | None = None
    owner: "Group | Instance | None" = None
    uses: int = 0
    slip: InValue | None = None
    """A reshape that reaches into the batch: "from 0" for a flatten of everything, "rows" for a fixed batch size."""
    pending: tuple[Any, ...] = ()
    """Of a reshape: its sizes, those as Dim that only the shape of the input tells."""
    is_settled: bool = False
    """Of a parameter of the network's own: whether the code says how many axes its readers see."""
    untold: tuple[InValue, ...] = ()
    """In-values that are names which nothing in the code defines."""


@dataclass(eq=False)
class Learned:
    """nn.Parameter(...): a tensor that the network learns. `row` is what stands for it once forward reads it."""

    node: ast.AST
    sizes: tuple[int, ...]
    name: str | None = None
    owner: "Group | Instance | None" = None
    row: Any = None


@dataclass(eq=False)
class Group:
    """nn.Sequential, nn.ModuleList or nn.ModuleDict: children by name, "0", "1", ... where none is given."""

    kind: str
    node: ast.AST
    children: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: "Group | Instance | None" = None

    def add(self, value: Any, name: str | None = None) -> None:
        """One child more."""
        key = str(len(self.children)) if name is None else name
        self.children[key] = value
        if isinstance(value, Made | Group | Instance) and value.owner is None:
            value.owner = self
            value.name = value.name or (None if name is None or name.isdigit() else name)

    @property
    def values(self) -> list[Any]:
        """The children in order."""
        return list(self.children.values())


@dataclass(eq=False)
class Scope:
    """Names and what they stand for; what is not found here is looked up in `outer`."""

    names: dict[str, Any]
    outer: "Scope | None" = None
    instance: "Instance | None" = None
    owner: "UserClass | None" = None
    """Inside a method: the object it works on, and the class it stands in."""

    def find(self, name: str) -> "Scope | None":
        """The scope that knows the name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope


@dataclass(eq=False)
class UserFunction:
    """A function or lambda of the paste."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    owner: "UserClass | None" = None
    kind: str = ""
    """"staticmethod", "classmethod" or "property", where it is one."""

    @property
    def name(self) -> str:
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"


@dataclass(eq=False)
class UserClass:
    """A class of the paste. `bases` are classes of the paste or symbols."""

    node: ast.ClassDef
    bases: tuple[Any, ...]
    members: dict[str, Any]

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
    def root(self) -> str:
        """What it is built on in the end: "Module", "Sequential", ..., another library's class, or "" for none."""
        roots = [_root(base, node) for base, node in zip(self.bases, self.node.bases, strict=True)]
        known = [name for name in roots if name not in ("", "object")]
        return next((name for name in known if name in MODULES), known[0] if known else "")


def _root(base: Any, node: ast.expr) -> str:
    if isinstance(base, UserClass):
        return base.root
    return base.last if isinstance(base, Symbol) else getattr(node, "attr", getattr(node, "id", ""))


@dataclass(eq=False)
class Instance:
    """An object of the paste's own class."""

    cls: UserClass
    node: ast.AST
    attributes: dict[str, Any] = field(default_factory=dict)
    name: str | None = None
    owner: "Group | Instance | None" = None
    initialised: bool = False
    early: ast.AST | None = None
    """The first layer that was set before super().__init__()."""
    unbound: ast.AST | None = None
    """super(Net), which reaches nothing."""
    children: Group | None = None
    """The layers of a class built on nn.Sequential."""
    changed: bool = False
    """Whether a layer was set from outside, after it was made."""


@dataclass(frozen=True, eq=False)
class Method:
    """A method of torch's, or of Python's, bound to what it is called on."""

    of: Any
    name: str


@dataclass(frozen=True, eq=False)
class Bound:
    """A function of the paste bound to its first argument."""

    function: UserFunction
    to: Any


@dataclass(frozen=True, eq=False)
class Partial:
    """functools.partial(function, ...); `call` holds the arguments behind the function."""

    function: Any
    call: Any


@dataclass(frozen=True, eq=False)
class Super:
    """super() inside a method."""

    instance: Instance
    above: tuple[Any, ...]
