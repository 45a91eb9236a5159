"""What all parts of the interpreter share: how much work was done, what is to be noted, and the layers in order."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from layerscope import limits
from layerscope.network import MOST_LAYERS
from layerscope.source.interpreter import constants
from layerscope.source.interpreter.made import Instance, Made, Scope
from layerscope.source.interpreter.values import Data, Dim, Fault, Sizes, Source, Unknown
from layerscope.source.paste import Paste, short
from layerscope.source.reading import Assumed, Flaw, Note

MOST_STEPS = limits.STEPS.most
MOST_NOTES = 50
LONGEST_ROW = 2_000
CHAIN = "What comes before this line is shown."


@dataclass(eq=False)
class Use:
    """One row of the network: what was constructed, the call that handed it its tensors, and where they came from.

    `inside` is the object in whose forward it was called, `label` the variable that its result was assigned to.
    """

    made: Made
    node: ast.AST
    reads: tuple[Source, ...] = ()
    inside: Any = None
    label: str = ""
    again: "Use | None" = None
    """The first call of the same module, where this is another one."""


@dataclass(eq=False)
class Call:
    """The arguments of a call, each with the node it was written as."""

    node: ast.AST
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    nodes: dict[int | str, ast.expr] = field(default_factory=dict)

    def behind_first(self) -> "Call":
        """The same call without its first argument."""
        nodes = {key - 1 if isinstance(key, int) else key: node for key, node in self.nodes.items() if key != 0}
        return Call(self.node, self.args[1:], self.kwargs, nodes)

    def with_first(self, value: Any) -> "Call":
        """The same call with one argument more in front."""
        nodes = {key + 1 if isinstance(key, int) else key: node for key, node in self.nodes.items()}
        return Call(self.node, [value, *self.args], self.kwargs, nodes)

    def bound(self, names: Iterable[str]) -> dict[str, Any]:
        """The arguments by name."""
        return dict(zip(names, self.args, strict=False)) | self.kwargs

    @property
    def everything(self) -> list[Any]:
        """All arguments, those with a name too."""
        return [*self.args, *self.kwargs.values()]


@cache
def handler(prefix: str, kind: str) -> str:
    """The name of the method that deals with that kind of node: _on_binop, _do_for."""
    return prefix + kind.lower()


class Machine(ABC):
    """The reader's state. Subclasses say what each kind of code does; see `interpreter.py` for the whole."""

    def __init__(self, paste: Paste) -> None:
        self.paste = paste
        self.steps = 0
        self.calls = 0
        self.notes: dict[Note, None] = {}
        self.uses: list[Use] = []
        self.first_use: dict[int, Use] = {}
        """The first call of each module, by the id of what was constructed."""
        self.layers_made = 0
        """How many layers were constructed so far."""
        self.input_sizes: tuple[int, ...] | None = None
        """What the code itself reshapes its input to."""
        self.globals = Scope({})
        self.exact = False
        """Whether the code was written row by row, so that nothing is read as another row that means the same."""
        self.branches = False
        """Whether some row so far reads something else than the row before it."""
        self.within: list[Any] = []
        """The objects whose forwards are being followed, the innermost last."""

    @abstractmethod
    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression is worth. Raises Fault."""

    @abstractmethod
    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> Any:
        """Do statements; the signal that ended them, or None."""

    @abstractmethod
    def call(self, function: Any, call: Call) -> Any:
        """What a call gives. Raises Fault."""

    @abstractmethod
    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """What stands behind a dot."""

    @abstractmethod
    def feed(self, made: Any, data: Data, node: ast.AST) -> Any:
        """Hand the tensor to a layer, a group or a block: a tensor, or a tuple of them."""

    @abstractmethod
    def feed_several(self, made: Made, call: "Call") -> Any:
        """Hand several tensors to a layer that takes them."""

    @abstractmethod
    def binary(self, operator: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """left + right, and the like."""

    @abstractmethod
    def truth(self, value: Any) -> bool | None:
        """Whether a condition holds; None where that cannot be told."""

    @abstractmethod
    def items(self, value: Any, node: ast.AST) -> list[Any] | None:
        """What a loop would walk over; None where that cannot be told."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a name, or several, their values."""

    @abstractmethod
    def set_attribute(self, owner: Instance, name: str, value: Any) -> None:
        """self.name = value: layers learn what they are called."""

    def tick(self, node: ast.AST | None, steps: int = 1) -> None:
        """Count work; raise Fault where it is too much."""
        self.steps += steps
        if self.steps > MOST_STEPS and self.is_beyond():
            raise Fault(limits.STEPS.sentence(), node)

    def is_beyond(self) -> bool:
        """Whether more steps were done than the layers and rows so far explain."""
        rows = min(self.layers_made + len(self.uses), MOST_LAYERS)
        return self.steps > MOST_STEPS + limits.ROW_STEPS.most * rows

    def is_constant(self, value: Any, node: ast.AST) -> bool:
        """Whether a value is made of Python's constants alone, and of few enough; looking at them is work."""
        count = constants.parts(value)
        self.tick(node, constants.LONGEST_ROW // 10 if count is None else count)
        return count is not None

    def note(self, sentence: str, node: ast.AST | None = None) -> None:
        """Remember a sentence for the user; each once."""
        line = self.paste.place(node)[0] if node is not None and hasattr(node, "lineno") else None
        self._remember(Note(line, short(sentence)))

    def assume(self, name: str, path: str) -> None:
        """Remember a name that is used without an import."""
        self._remember(Assumed(None, f"{name} is never imported; {path} is meant.", name, path))

    def flaw(self, sentence: str, node: ast.AST, **more: Any) -> None:
        """Remember something that torch refuses, or that may surprise; `more` are the other fields of a Flaw."""
        self._remember(Flaw(self.paste.place(node)[0], short(sentence), **more))

    def _remember(self, note: Note) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes[note] = None

    def unknown(self, node: ast.AST, reason: str = "", among: Iterable[Any] = ()) -> Unknown:
        """Something that cannot be told; where it came from something unknown, that one."""
        for value in among:
            if isinstance(value, Unknown):
                return value
        return Unknown(partial(self.paste.quote, node), reason, node)

    def carries(self, value: Any) -> bool:
        """Whether the tensor is in it."""
        if isinstance(value, list | tuple):
            self.steps += len(value) // 10  # the next step refuses, where it is too much
            return any(isinstance(part, Data) for part in value)
        return isinstance(value, Data)

    def depends_on_data(self, value: Any) -> bool:
        """Whether it is the tensor or its sizes, or holds them."""
        if isinstance(value, list | tuple):
            self.steps += len(value) // 10
            return any(isinstance(part, (Data, Dim, Sizes)) for part in value)
        return isinstance(value, Data | Dim | Sizes)

    @abstractmethod
    def record(self, kind: str, values: dict[str, Any], reads: Sequence[Data], node: ast.AST) -> Any:
        """One row more that is no module of torch's: Add, Concat. What it gives, a tuple where it gives several."""

    @abstractmethod
    def cut(self, data: Data, places: Sequence[Any], node: ast.AST) -> Data:
        """A part of the tensor: x[:, -1]. Raises Fault."""

    def current(self, data: Data, node: ast.AST) -> Data:
        """The tensor, if a layer may take it, with a mean over some of its axes as a row. Raises Fault."""
        if data.ended:
            raise Fault(f"{data.ended} Nothing can come after it in Layerscope.", node)
        if data.averaged:
            whole = replace(data, averaged=0, means=(), reducing="")
            kind = "Mean" if data.reducing == "mean" else "Max"
            averaged: Data = self.record(kind, {"dim": data.means}, [whole], node)
            return averaged
        return data

    def append(self, made: Made, node: ast.AST, reads: Sequence[Data]) -> None:
        """One row more."""
        if len(self.uses) >= MOST_LAYERS:
            raise Fault(f"There are more than {MOST_LAYERS:,} layers, the limit.", node)
        made.uses += 1
        sources = tuple(data.source for data in reads)
        self.branches = self.branches or sources != ((len(self.uses), 0),)
        self.uses.append(Use(made, node, sources, self.within[-1] if self.within else None))
        self.first_use.setdefault(id(made), self.uses[-1])
