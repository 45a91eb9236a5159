"""What an expression can be worth to the reader: constants of Python, layers, groups of them, and the tensor.

Constants are Python's own int, float, bool, str, None, tuple, list, dict and range.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from layerscope.source.paste import short


class Given(int):
    """A whole number that was written as an argument of the paste's own function: it knows where."""

    node: ast.expr

    def __new__(cls, value: int, node: ast.expr) -> "Given":
        number = super().__new__(cls, value)
        number.node = node
        return number


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
    """Something that cannot be told from the paste. `quote` gives its text, which is seldom asked for."""

    quote: Callable[[], str]
    why: str
    node: ast.AST | None = None
    missing: bool = False
    """Whether it is a parameter without a value."""
    foreign: bool = False
    """Whether it is a layer that Layerscope does not have; `node` is where it was made."""
    undefined: ast.Name | None = None
    """The name that nothing in the code gives a value, if it is or comes of one."""

    @property
    def reason(self) -> str:
        """A sentence for where it would matter."""
        return self.why or f"What {self.quote()} is cannot be told from the code."


class Fault(Exception):  # noqa: N818 - it is caught and told as a SourceError
    """Reading stops here: a sentence, and the node it is about."""

    def __init__(self, reason: str, node: ast.AST | None) -> None:
        super().__init__(reason)
        self.reason, self.node = short(reason), node


@dataclass(frozen=True, eq=False)
class Filled(Unknown):
    """A tensor of random or equal numbers, such as torch.zeros(1, 64): its sizes are known, its numbers never are."""

    sizes: tuple[int, ...] = ()


Source = tuple[int, int]


@dataclass(frozen=True)
class InValue:
    """A value in the code that the arriving shape decides. `node` is where it stands; `rows` see Written."""

    parameter: str
    value: Any
    node: ast.expr
    rows: int | None = None


@dataclass(frozen=True, eq=False)
class Data:
    """A tensor on its way: what the row at `position`, counted from 1, gives at its output `port`.

    Position 0 is the network's first input, -k the k-th after it. `axes` is how many spatial axes it has: 0 once it is
    flat, None where that cannot be told. `averaged` counts axes that a mean (or `reducing` else) took away so far,
    `means` names them.
    `ended` says what was left out at the end, after which no layer may come. `batch` is the axis of the batch, which in
    a network is always the first; `is_bare` marks a parameter of the network's own, which has no batch.
    """

    position: int
    axes: int | None = None
    averaged: int = 0
    ended: str = ""
    port: int = 0
    batch: int = 0
    means: tuple[int, ...] = ()
    reducing: str = ""
    is_bare: bool = False
    is_loose: bool = False
    """Whether the code leaves open which of the first two axes is the batch: out of nn.LSTM without batch_first."""

    @property
    def source(self) -> "Source":
        """Where it comes from: the row's position and its output."""
        return self.position, self.port


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
    divisor: int = 1

    @property
    def is_batch(self) -> bool:
        return self.axes == (0,) and not self.rest and self.factor == self.divisor == 1

    @property
    def is_sample(self) -> bool:
        """Whether it is the number of values in one sample: all axes behind the batch."""
        whole = self.axes == tuple(range(1, len(self.axes) + 1)) and self.data.axes in (None, len(self.axes) - 1)
        return self.factor == self.divisor == 1 and (self.axes == () if self.rest else bool(self.axes) and whole)


class Training:
    """self.training."""
