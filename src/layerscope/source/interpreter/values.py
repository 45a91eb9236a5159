"""What an expression can be worth to the reader: constants of Python, layers, groups of them, and the tensor.

Constants are Python's own int, float, bool, str, None, tuple, list, dict and range.
"""

import ast
from dataclasses import dataclass, field
from typing import Any

from layerscope.layers.base import Layer
from layerscope.source.paste import short


class Given(int):
    """A whole number that was written as an argument of the paste's own function: it knows where."""

    node: ast.expr

    def __new__(cls, value: int, node: ast.expr) -> "Given":
        number = super().__new__(cls, value)
        number.node = node
        return number


MODULES = ("Module", "Sequential", "LightningModule", "ScriptModule")
"""What a network is built on: torch's own classes, and Lightning's, which is one of them."""


@dataclass(frozen=True)
class Symbol:
    """Something imported, by its full name: torch.nn.Conv2d, math.prod, builtins.len."""

    path: str

    @property
    def last(self) -> str:
        """The name behind the last dot."""
        return self.path.rpartition(".")[2]

    @property
    def shown(self) -> str:
        """The name as people write it: nn.Conv2d, F.relu."""
        for path, name in (("torch.nn.functional", "F"), ("torch.nn", "nn"), ("builtins.", "")):
            if self.path.startswith(path):
                return (name + self.path[len(path) :]).lstrip(".")
        return self.path


@dataclass(frozen=True, eq=False)
class Unknown:
    """Something that cannot be told from the paste. `reason` is a sentence for where it would matter."""

    text: str
    reason: str
    node: ast.AST | None = None
    missing: bool = False
    """Whether it is a parameter without a value."""
    foreign: bool = False
    """Whether it is a layer that Layerscope does not have; `node` is where it was made."""
    undefined: ast.Name | None = None
    """The name that nothing in the code gives a value, if it is or comes of one."""


class Fault(Exception):  # noqa: N818 - it is caught and told as a SourceError
    """Reading stops here: a sentence, and the node it is about."""

    def __init__(self, reason: str, node: ast.AST | None) -> None:
        super().__init__(reason)
        self.reason, self.node = short(reason), node


@dataclass(frozen=True)
class InValue:
    """A value in the code that the arriving shape decides. `node` is where it stands; `rows` see Written."""

    parameter: str
    value: Any
    node: ast.expr
    rows: int | None = None


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
    untold: tuple[InValue, ...] = ()
    """In-values that are names which nothing in the code defines."""


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
        if name in self.members:
            return self.members[name]
        for base in self.bases:
            if isinstance(base, UserClass) and (found := base.find(name)) is not None:
                return found
        return None

    @property
    def line(self) -> list["UserClass"]:
        """The class itself and those of the paste that it is built on."""
        found = [self]
        for cls in found:
            found += [base for base in cls.bases if isinstance(base, UserClass) and base not in found]
        return found

    @property
    def roots(self) -> list[str]:
        """The names of what it is built on outside the paste, in Python's order: ["Module"]."""
        found: list[str] = []
        for base, node in zip(self.bases, self.node.bases, strict=True):
            if isinstance(base, UserClass):
                found += base.roots
            elif isinstance(base, Symbol):
                found.append(base.last)
            else:
                found.append(getattr(node, "attr", getattr(node, "id", "")))
        return [name for name in found if name not in ("", "object")]

    @property
    def root(self) -> str:
        """What it is built on in the end: "Module", "Sequential", ..., another library's class, or "" for none."""
        roots = self.roots
        return next((name for name in roots if name in MODULES), roots[0] if roots else "")


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
class Data:
    """The tensor on its way. `position` is how many layers it went through, `axes` how many spatial axes it has.

    `axes` is 0 once it is flat, None where that cannot be told. `averaged` counts axes that a mean took away so far.
    `ended` says what was left out at the end, after which no layer may come.
    """

    position: int
    axes: int | None = None
    averaged: int = 0
    ended: str = ""


@dataclass(frozen=True, eq=False)
class Sizes:
    """x.shape or a stretch of it, from axis `start` on (0 is the batch); `stop` is None for "to the end"."""

    data: Data
    start: int = 0
    stop: int | None = None


@dataclass(frozen=True, eq=False)
class Dim:
    """A product of sizes of the tensor: of the axes in `axes`; `rest` stands for all axes behind the batch."""

    data: Data
    axes: tuple[int, ...] = ()
    rest: bool = False
    factor: int = 1

    @property
    def is_batch(self) -> bool:
        return self.axes == (0,) and not self.rest and self.factor == 1

    @property
    def is_sample(self) -> bool:
        """Whether it is the number of values in one sample: all axes behind the batch."""
        whole = self.axes == tuple(range(1, len(self.axes) + 1)) and self.data.axes in (None, len(self.axes) - 1)
        return self.factor == 1 and (self.axes == () if self.rest else bool(self.axes) and whole)


class Training:
    """self.training."""


@dataclass(frozen=True, eq=False)
class Super:
    """super() inside a method."""

    instance: Instance
    above: tuple[Any, ...]
