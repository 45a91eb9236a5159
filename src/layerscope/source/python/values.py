"""The values that expressions can have: Python's own constants as themselves, and values that answer for themselves.

Constants are int, float, bool, str, None, tuple, list, dict and range. Everything else is a `Value`: the evaluator asks
it what a call, an attribute, an item or an operator gives, so a new kind of value is a class of its own and no edit
elsewhere.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerscope.once import once
from layerscope.source.text.paste import short

if TYPE_CHECKING:
    from layerscope.source.python.callables import Scope
    from layerscope.source.python.evaluator import Evaluator


class Fault(Exception):  # noqa: N818 - it is caught and told as a SourceError
    """Reading stops here: a sentence, and the node it is about."""

    is_error = False
    """Whether Python or PyTorch would stop there too."""

    def __init__(self, reason: str, node: ast.AST | None) -> None:
        super().__init__(reason)
        self.reason, self.node = short(reason), node


class CodeFault(Fault):
    """A fault of the code itself: Python or PyTorch stop there too."""

    is_error = True


class Given(int):
    """A whole number that was written as an argument of the paste's own function: it knows where."""

    node: ast.expr

    def __new__(cls, value: int, node: ast.expr) -> "Given":
        number = super().__new__(cls, value)
        number.node = node
        return number


_ROWS = (list, tuple, dict)


@dataclass(eq=False)
class Call:
    """The arguments of a call, each with the node it was written as."""

    node: ast.AST
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    nodes: dict[int | str, ast.expr] = field(default_factory=dict)
    scope: "Scope | None" = None
    """Where it is written, if it is: the names there are what its arguments may be written with."""

    def after_first(self) -> "Call":
        """The same call without its first argument."""
        nodes = {key - 1 if isinstance(key, int) else key: node for key, node in self.nodes.items() if key != 0}
        return Call(self.node, self.args[1:], self.kwargs, nodes)

    def with_first(self, value: Any) -> "Call":
        """The same call with one argument more in front."""
        nodes = {key + 1 if type(key) is int else key: node for key, node in self.nodes.items()}
        return Call(self.node, [value, *self.args], self.kwargs, nodes)

    def bound(self, *names: str) -> dict[str, Any]:
        """The arguments by name: those given by place under `names` in order."""
        return dict(zip(names, self.args, strict=False)) | self.kwargs

    def weight(self) -> int:
        """How many values the rows and tables among the arguments hold, each row counted once."""
        waiting = [value for value in self.everything if isinstance(value, _ROWS)]
        if not waiting:
            return 0
        seen: set[int] = set()
        count = 0
        while waiting:
            row = waiting.pop()
            if id(row) not in seen:
                seen.add(id(row))
                count += len(row)
                parts = row.values() if isinstance(row, dict) else row
                waiting += [part for part in parts if isinstance(part, _ROWS)]
        return count

    @property
    def everything(self) -> list[Any]:
        """All arguments, those with a name too."""
        return [*self.args, *self.kwargs.values()] if self.kwargs else self.args


class Value:
    """Something that is not a constant. What a class does not say of itself is unknown, and nothing is refused."""

    attributes: "dict[str, Any] | None" = None
    """Its attributes by name, where the paste sets them."""
    carries = False
    """Whether a tensor of the network is in it: what happens to such a value matters."""
    chance = False
    """Whether it is, or comes of, a random number, so that each run may go another way."""

    def call(self, run: "Evaluator", call: Call) -> Any:
        """What calling it gives. Raises Fault."""
        return run.strange(self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        """What value.name is."""
        return run.unknown(node, among=[self])

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        """value.name = ...; False where that means nothing here."""
        return False

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        """value[place]."""
        return run.unknown(node, among=[self])

    def set_item(self, run: "Evaluator", place: Any, value: Any) -> bool:
        """value[place] = ...; False where that means nothing here."""
        return False

    def with_item(self, run: "Evaluator", place: Any, value: Any, node: ast.AST) -> Any:
        """What stands in its place after value[place] = ...; None where `set_item` says what happens. Raises Fault."""
        return None

    def read(self, run: "Evaluator", node: ast.AST) -> Any:
        """What a name that stands for it gives where it is read as a whole. Raises Fault."""
        return self

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        """What a loop iterates over; None where that is not known."""
        return None

    def number(self) -> int | float | None:
        """The number that it is, where that is known: a tensor of one number."""
        return None

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        """len(value)."""
        row = self.items(run, node)
        return run.unknown(node, among=[self]) if row is None else len(row)

    def type_of(self) -> "Value | None":
        """type(value); None where that is not known."""
        return None

    def truth(self, run: "Evaluator") -> bool | None:
        """Whether a condition holds; None where that is not known."""
        return None

    def operate(self, run: "Evaluator", sign: ast.operator, other: Any, is_left: bool, node: ast.AST) -> Any:
        """value + other, or other + value where it does not stand on the left. Raises Fault."""
        return run.unknown(node, among=[self, other])

    def negated(self, run: "Evaluator", node: ast.AST) -> Any:
        """-value."""
        return run.unknown(node, among=[self])

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        """value == other and the like; None where that is not known."""
        return None

    def related(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> Any:
        """What a comparison gives where that is neither True nor False; NotImplemented where it is. Raises Fault."""
        return NotImplemented


@dataclass(frozen=True, eq=False)
class Unknown(Value):
    """Something that is not known from the paste. `quote` gives its text, which is seldom asked for."""

    quote: Callable[[], str]
    why: str = ""
    node: ast.AST | None = None
    missing: bool = False
    """Whether it is a parameter without a value."""
    foreign: bool = False
    """Whether it is a layer that Layerscope does not have; `node` is where it was made."""
    of_numbers: bool = False
    """Whether it is worked out from the numbers in a tensor."""
    undefined: ast.Name | None = None
    """The name that nothing in the code gives a value, if it is or comes of one."""
    chance: bool = False
    most: int | None = None
    """Of a whole number that is drawn at random: the largest that it may be."""

    @property
    def reason(self) -> str:
        """A sentence for where it would matter."""
        return self.why or f"The code does not say what {self.quote()} is."

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return run.world.attribute_of_unknown(run, self, name, node)

    def set_attribute(self, run: "Evaluator", name: str, value: Any) -> bool:
        run.world.set_outside(self, name, value)
        return False


@dataclass(frozen=True)
class Symbol(Value):
    """Something imported, by its full name: torch.nn.Conv2d, math.prod, builtins.len. The world says what it does."""

    path: str

    def call(self, run: "Evaluator", call: Call) -> Any:
        return run.world.call(run, self, call)

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        if name in ("__name__", "__qualname__"):
            return self.last
        return run.world.imported(f"{self.path}.{name}")

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        if self.last == "__dict__" and isinstance(place, str):
            return run.world.imported(f"{self.path.removesuffix('.__dict__')}.{place}")
        return run.unknown(node, among=[place])

    def type_of(self) -> Value:
        return Symbol("builtins.type" if self.last[:1].isupper() else "types.FunctionType")

    def truth(self, run: "Evaluator") -> bool | None:
        return True

    def compared(self, run: "Evaluator", sign: ast.cmpop, other: Any, is_left: bool, node: ast.AST) -> bool | None:
        is_another = other is None or (isinstance(other, Value) and not isinstance(other, Unknown))
        same = self == other if isinstance(other, Symbol) else False if is_another else None
        if same is None or not isinstance(sign, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            return None
        return same is isinstance(sign, ast.Eq | ast.Is)

    @once
    def last(self) -> str:
        """The name after the last dot."""
        return self.path.rpartition(".")[2]

    @property
    def shown(self) -> str:
        """The name as people write it: nn.Conv2d, F.relu."""
        for path, name in (("torch.nn.functional", "F"), ("torch.nn", "nn"), ("builtins.", "")):
            if self.path.startswith(path):
                return (name + self.path[len(path) :]).lstrip(".")
        return self.path


@dataclass(frozen=True, eq=False)
class Method(Value):
    """A method that some value handles itself, bound to it: `work` is called with the evaluator and the call."""

    of: Any
    name: str
    work: Callable[["Evaluator", Any, str, Call], Any]

    def call(self, run: "Evaluator", call: Call) -> Any:
        return self.work(run, self.of, self.name, call)

    def truth(self, run: "Evaluator") -> bool | None:
        return True


def carries(values: Iterable[Any]) -> bool:
    """Whether a tensor of the network is among them, or in rows of them."""
    return any(
        value.carries if isinstance(value, Value) else isinstance(value, _ROWS) and _holds(value) for value in values
    )


def _holds(row: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> bool:
    parts = row.values() if isinstance(row, dict) else row
    return any(isinstance(part, Value) and part.carries for part in parts)
