"""What a paste does to its tensors: rows in the order in which they are called.

Sizes are whole numbers. The batch is the prime 65,537, and no number that a paste may write is larger than 65,536: so a
size is a multiple of the batch exactly where it was made of it, however it was worked out.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerscope.inputs import Input
from layerscope.layers.base import Layer, Shape

BATCH = 65_537


@dataclass(frozen=True)
class InValue:
    """A value in the code that the arriving shape decides. `node` is where it stands, if it is written in the code:
    in a known network that is only named it is not. `rows` see Written."""

    parameter: str
    value: Any
    node: ast.expr
    rows: int | None = None
    is_written: bool = True


@dataclass(eq=False)
class Entry:
    """An input of the network."""

    given: Input
    axis: int = 0
    """Where the batch stands in it."""
    is_guessed: bool = False
    """Whether its shape is that of the network's first layer, as nothing that it met said one."""
    is_met: bool = True
    """Whether something told its shape; not where the network was left before anything read it."""


@dataclass(eq=False)
class Row:
    """One row of the network to be: what was called, on what, and where in the code.

    `layer` has no name yet. `module` is what was constructed for it, None for functions; `inside` the object in whose
    forward it was called, `label` the variable that its result was assigned to.
    """

    layer: Layer
    reads: tuple["Output", ...]
    node: ast.AST
    module: Any = None
    inside: Any = None
    label: str = ""
    again: "Row | None" = None
    """The first call of the same module, where this is another one."""
    in_values: tuple[InValue, ...] = ()
    untold: tuple[InValue, ...] = ()
    slip: InValue | None = None
    """A reshape that reaches into the batch: "from 0" for a flatten of everything, "rows" for a fixed batch size."""
    outputs: tuple[Shape, ...] = ()
    """The shapes that it gives, without the batch; () where it does not run."""
    is_spare: bool = False
    """Whether it is left out if nothing reads it: what puts parts together that are handed on one by one."""
    tensors: Mapping[str, Any] = field(default_factory=dict)
    """The parameters of the code that it holds, by torch's names: equal ones are one tensor."""

    @property
    def type(self) -> str:
        return self.layer.type


@dataclass(frozen=True)
class Output:
    """What a row gives at one of its ports, or an input of the network."""

    origin: Row | Entry
    port: int = 0


@dataclass(frozen=True)
class Lookup:
    """The smallest and the largest number that an Embedding is given, where the code says both."""

    module: Any
    low: int
    high: int
    node: ast.AST


@dataclass
class Record:
    """The rows of one network so far, and what its inputs are."""

    entries: list[Entry] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    calls: dict[int, Row] = field(default_factory=dict)
    """The first call of each module, by the id of what was constructed."""
    lookups: list[Lookup] = field(default_factory=list)


def batch_axis(shape: Sequence[int]) -> int | None:
    """Where the batch stands among the sizes; None where it is in none of them."""
    for axis, size in enumerate(shape):
        if size % BATCH == 0 and size:
            return axis
    return None


def sample(shape: Sequence[int]) -> Shape:
    """The sizes of one sample. Where samples were cut into parts, how many there are comes first."""
    axis = batch_axis(shape)
    if axis is None:
        return tuple(shape)
    times = shape[axis] // BATCH
    return (*([times] if times > 1 else []), *shape[:axis], *shape[axis + 1 :])


def whole(shape: Sequence[int], axis: int = 0) -> Shape:
    """The sizes with the batch on that axis."""
    return (*shape[:axis], BATCH, *shape[axis:])
