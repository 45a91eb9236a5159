"""Two networks side by side: row by row, and in total. What `changes` tells of one edit, for any two networks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from layerscope import wiring
from layerscope.explain import value_text
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.pairing import Pair, pairs
from layerscope.steps import Step, Trace

MEASURES = ("parameters", "macs", "activation_bytes", "receptive_field")
"""The numbers of a row, by name. The first three add up to the totals."""


class Difference(NamedTuple):
    """One thing in which two rows differ: "type", an argument's name, "inputs", "weights" (those of which rows), the
    "output", or one of MEASURES. `is_choice`: a person wrote it so, it did not follow from something else."""

    what: str
    a: Any
    b: Any
    is_choice: bool = False


class Total(NamedTuple):
    """One number of each network; None where it is not known."""

    a: int | None
    b: int | None

    @property
    def ratio(self) -> float | None:
        """How many times A's number B's is; None where there is no such number."""
        return self.b / self.a if self.a and self.b is not None else None


@dataclass(frozen=True)
class Row:
    """A row of A beside the row of B that corresponds. Layers and steps are None where there is none."""

    pair: Pair
    layers: tuple[Layer | None, Layer | None]
    steps: tuple[Step | None, Step | None]
    """None too where a row is not reached, as one before it does not run."""
    differences: tuple[Difference, ...]

    @property
    def name(self) -> str:
        """B's name for it; A's where only A has it."""
        return self.pair.b or self.pair.a or ""

    @property
    def title(self) -> str:
        """conv1, or "features.0 → conv1" where the names differ."""
        one, other, _ = self.pair
        return f"{one} → {other}" if one and other and one != other else self.name

    @property
    def is_paired(self) -> bool:
        """Whether both networks have it."""
        return bool(self.pair.by)

    @property
    def differs(self) -> bool:
        """Whether something is different here, or only one network has the row."""
        return not self.is_paired or bool(self.differences)

    @property
    def only_sees(self) -> bool:
        """Whether its values see more or less of the input, and nothing else is different: rows before it changed."""
        return self.is_paired and {one.what for one in self.differences} == {"receptive_field"}

    @property
    def changed(self) -> bool:
        """Whether something is different in the row itself."""
        return self.differs and not self.only_sees

    def gain(self, measure: str) -> int:
        """By how much B's number is larger."""
        old, new = (measured(step, measure) or 0 for step in self.steps)
        return new - old


@dataclass(frozen=True)
class Contrast:
    """Two traces, A's and B's, row by row."""

    a: Trace
    b: Trace
    pairs: tuple[Pair, ...] = field(repr=False)

    @classmethod
    def of(cls, a: Trace, b: Trace) -> "Contrast":
        """The comparison of two traces, rows matched as `pairing` says."""
        return cls(a, b, pairs(a.network, b.network))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Every row of both networks once."""
        names: dict[str, str | None] = {pair.a: pair.b for pair in self.pairs if pair.a and pair.b}
        names |= dict(zip([i.name for i in self.a.network.inputs], [i.name for i in self.b.network.inputs],
                          strict=False))  # fmt: skip
        return tuple(self._row(pair, names) for pair in self.pairs)

    def _row(self, pair: Pair, names: dict[str, str | None]) -> Row:
        layers = _layer(self.a.network, pair.a), _layer(self.b.network, pair.b)
        steps = self.a.by_name.get(pair.a or ""), self.b.by_name.get(pair.b or "")
        one, other = layers
        found: tuple[Difference, ...] = ()
        if one is not None and other is not None:
            written = [*_written(one, other, self._heads)]
            followed = _followed(*steps, {difference.what for difference in written})
            found = (*written, *self._wires(pair, names), *followed)
        return Row(pair, layers, steps, found)

    @property
    def _heads(self) -> tuple[str | None, str | None]:
        return self.a.network.head, self.b.network.head

    def _wires(self, pair: Pair, names: dict[str, str | None]) -> Iterator[Difference]:
        """What the rows read, and of which others they hold the weights, where those do not correspond."""
        one, other = self.a.network[pair.a or ""], self.b.network[pair.b or ""]
        if one.inputs or other.inputs:
            then, now = self.a.network.before(one.name), self.b.network.before(other.name)
            if tuple(_renamed(name, names) for name in then) != now:
                yield Difference("inputs", then, now, is_choice=True)
        held, holds = (one.of, *one.tied), (other.of, *other.tied)
        if tuple(_renamed(name, names) for name in held) != holds:
            yield Difference("weights", held, holds, is_choice=True)

    @cached_property
    def totals(self) -> dict[str, Total]:
        """Both networks' numbers: layers, those of MEASURES; the receptive field is the last layer's."""
        both = self.a, self.b
        found = {"layers": Total(*(len(one.network.layers) for one in both))}
        for what in ("parameters", "macs", "activation_bytes"):
            found[what] = Total(*(getattr(one, what) for one in both))
        found["receptive_field"] = Total(*(_field(_last(one)) for one in both))
        return found

    @cached_property
    def is_same(self) -> bool:
        """Whether nothing at all differs."""
        return self.a.network == self.b.network


def measured(step: Step | None, what: str) -> int | None:
    """One number of a row; None where it is not known."""
    if step is None:
        return None
    return _field(step) if what == "receptive_field" else int(getattr(step, what))


def value_of(one: Any) -> str:
    """A value as a sentence has it, numbers with their thousands apart."""
    return "not set" if one is None else f"{one:,}" if type(one) is int else value_text(one)


def _field(step: Step | None) -> int | None:
    """How many cells of the input one value sees along the axis where it sees most."""
    seen = step.receptive_field if step is not None else None
    return max(seen.size, default=None) if seen is not None else None


def _last(one: Trace) -> Step | None:
    """The step that makes the network's first output."""
    if one.error is not None or not one.network.output_names:
        return None
    return one.by_name.get(wiring.parts(one.network.output_names[0])[0])


def _layer(network: Network, name: str | None) -> Layer | None:
    return network.resolved[network.index(name)] if name is not None else None


def _renamed(reference: str, names: dict[str, str | None]) -> str | None:
    """What B calls a row that A's row reads, or a tensor of it; None where it has no such row."""
    row, port = wiring.parts(reference)
    name = names.get(row) if row else ""
    return f"{name}:{port}" if name and port else name


def _written(one: Layer, other: Layer, heads: tuple[str | None, str | None]) -> Iterator[Difference]:
    """The type and the arguments that people choose."""
    if type(one) is not type(other):
        yield Difference("type", one.type, other.type, is_choice=True)
        return
    if one is other or other.of:  # its module's arguments are those of the row that has it
        return
    decided = other.head if (one.name, other.name) == heads else None
    for what, value in one.chosen.items():
        if not _means_the_same(value, other.chosen[what]):
            yield Difference(what, value, other.chosen[what], is_choice=what != decided)


def _followed(one: Step | None, other: Step | None, told: set[str]) -> Iterator[Difference]:
    """What comes of it: arguments that others decide, shapes and numbers."""
    if one is None or other is None:
        return
    if one.answer is not other.answer and "type" not in told:
        for what, value in other.arguments.items():
            if what not in told and not _means_the_same(one.arguments.get(what), value):
                yield Difference(what, one.arguments.get(what), value)
    if one.output_shapes != other.output_shapes:
        yield Difference("output", one.shown_shapes, other.shown_shapes)
    for what in ("parameters", "macs", "activation_bytes"):
        if getattr(one, what) != getattr(other, what):
            yield Difference(what, getattr(one, what), getattr(other, what))
    fields = one.receptive_field, other.receptive_field
    seen, sees = ((one.size, one.whole) if one is not None else None for one in fields)
    if seen != sees:
        yield Difference("receptive_field", *fields)


def _means_the_same(one: Any, other: Any) -> bool:
    """Whether torch takes both for the same: 5 and (5, 5) are, True and 1 are not."""
    if type(one) is type(other):
        return bool(one == other)
    values, value = (one, other) if type(one) is tuple else (other, one)
    return type(values) is tuple and all(type(each) is type(value) and each == value for each in values)
