"""What a model did when it ran: its calls in order, and the values that they read and made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

Shape = tuple[int, ...]


class Ref(NamedTuple):
    """A tensor among a call's arguments, by its number in the record."""

    value: int


class Source(Enum):
    """Where a value comes from that no call made."""

    INPUT = "input"
    PARAMETER = "parameter"
    BUFFER = "buffer"
    CONSTANT = "constant"


@dataclass(frozen=True)
class Value:
    """One tensor: its shape with the batch axis, and, where no call made it, its source with the path in the model.

    `tensor` tells two values apart that are one tensor: a weight that two modules hold.
    """

    shape: Shape
    dtype: torch.dtype
    source: Source | None = None
    path: str = ""
    tensor: int = 0


@dataclass(frozen=True)
class Call:
    """One module, or one function, called once.

    `path` is the module's own path, or that of the module in whose `forward` the function was called. `args` and
    `kwargs` hold a `Ref` in place of each tensor. `macs` are those of this call at the record's batch.
    """

    path: str
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    makes: tuple[int, ...]
    macs: int
    module: nn.Module | None = None
    function: Callable[..., Any] | None = None

    @property
    def reads(self) -> tuple[int, ...]:
        """The values it reads, in the order in which they are given."""
        return tuple(leaf.value for leaf in refs(self.args, self.kwargs))

    @property
    def is_module(self) -> bool:
        return self.module is not None


@dataclass(frozen=True)
class Asked:
    """A place where Python asked for the numbers in tensors: `if x.sum() > 0`, `x.item()`, `x[x > 0]`.

    What is done after the first `before` calls may depend on them.
    """

    path: str
    kind: str
    called: str
    reads: tuple[int, ...]
    before: int


class Reason(Enum):
    """Why a run ends that could go on: it depends on more than sizes, or the sizes lack the batch."""

    VALUES = "values"
    CHANCE = "chance"
    NO_BATCH = "no batch"


@dataclass(frozen=True)
class Stop:
    """Why a model did not run to its end: the innermost module, what was called there, and torch's own words.

    `reason` is set where the model would go on, or would run on the size `called`.
    """

    path: str
    kind: str
    called: str
    words: str
    shapes: tuple[Shape, ...] = ()
    module: nn.Module | None = field(default=None, compare=False)
    reason: Reason | None = None


@dataclass(frozen=True)
class Record:
    """One run at one batch. `outputs` are (name, value) of what `forward` returned, `stop` says why it ended early."""

    batch: int
    calls: tuple[Call, ...]
    values: tuple[Value, ...]
    outputs: tuple[tuple[str, int], ...]
    stop: Stop | None = None
    asked: tuple[Asked, ...] = ()

    @property
    def macs(self) -> int:
        return sum(call.macs for call in self.calls)


def refs(*trees: Any) -> Iterator[Ref]:
    """The tensors' places in nested arguments, first to last."""
    is_ref = lambda part: isinstance(part, Ref)  # noqa: E731
    return (leaf for leaf in tree_leaves(trees, is_leaf=is_ref) if isinstance(leaf, Ref))
