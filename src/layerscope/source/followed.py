"""What came of following one network of a paste: its rows, where they stand, and what was written for them."""

import ast
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain, count
from typing import Any

from layerscope.layers.base import Layer, Shape
from layerscope.source import making
from layerscope.source.docstrings import Documented
from layerscope.source.making import Made
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.python.values import Fault
from layerscope.source.reading import Note, Span, Written
from layerscope.source.record import Entry, Output, Row
from layerscope.source.torch.modules import Tried
from layerscope.source.torch.tensor import Weights
from layerscope.source.torch.worlds import world_of
from layerscope.source.ways import Way

_KEEPING = frozenset({"Scale", "Shift", "Power", "BatchNorm2d", "BatchNorm1d", "LayerNorm", "Dropout", "Identity"})
"""Rows that give as many values as they take."""


def _input_names(name: str, taken: Container[str]) -> Iterator[str]:
    """Names for an input whose own name is a layer's, those that are free."""
    names = chain([f"{name}_input"], (f"{name}_input{n}" for n in count(2)))
    return (each for each in names if each not in taken)


def _shape(output: Output) -> Shape:
    """The shape of an input, or of what a row gives at a port."""
    origin = output.origin
    return origin.outputs[output.port] if isinstance(origin, Row) else origin.given.shape


def _misfit(row: Row) -> int:
    """How many values more arrive than a row is written for."""
    runs = all(isinstance(read.origin, Entry) or read.origin.outputs for read in row.reads)
    if not row.in_values or not row.outputs or not runs:
        return 0
    arriving = row.layer.decided(*map(_shape, row.reads))
    pairs = [(arriving.get(each.parameter), each.value) for each in row.in_values]
    return next((came - told for came, told in pairs if type(came) is type(told) is int and came != told), 0)


@dataclass(frozen=True)
class Code:
    """A syntax tree and all its nodes."""

    tree: ast.Module
    nodes: Sequence[ast.AST]


@dataclass(frozen=True)
class Followed:
    """What came of following one network of a paste."""

    run: Evaluator
    name: str | None
    rows: tuple[Row, ...]
    names: tuple[str, ...]
    fault: Fault | None
    network: Any = None
    """The class, or the container of layers, that was followed."""
    instance: Any = None
    """The object of the class."""
    entries: tuple[Entry, ...] = ()
    leaving: tuple[Output, ...] = ()
    """What forward returns."""
    documented: Documented | None = None
    input_sizes: tuple[int, ...] | None = None
    """What the code itself reshapes its input to."""
    order: tuple[Any, ...] = ()
    """Where no forward says it: the attributes in the order in which they are read, see remarks/forward_errors."""
    says_batch: bool = False
    """Whether the code itself shows that the steps come before the samples."""
    makes_batch: bool = False
    """Whether the code itself makes one sequence a batch of one."""
    called: frozenset[int] = frozenset()
    """The ids of the modules that were called, on constants too, or whose weights were read."""

    returned: Any = None
    """What forward returns, as the code has it: tensors, in tuples and tables too."""
    counted: frozenset[Weights] = frozenset()
    """The learnable values that some row counts."""
    is_one_way: bool = False
    """Whether a random number, or the mode, decided between ways through forward, and one of them is shown."""
    way: Way = field(default_factory=Way)
    notes: Mapping[Note, None] = field(default_factory=dict)
    """What had been remarked on when it had been followed."""

    @property
    def score(self) -> tuple[bool, int]:
        """How far it came: whether to its end, and how many of its rows run."""
        return self.fault is None, sum(bool(row.outputs) for row in self.rows)

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end, and all of its rows run."""
        return self.score == (True, len(self.rows))

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """What forward calls the network's inputs."""
        return tuple(entry.given.name for entry in self.entries)

    @cached_property
    def unread(self) -> frozenset[str]:
        """The inputs of several that no row reads and that are not returned, such as masks; where a call in the code
        shows their sizes, the neighbors of a graph's nodes alone."""
        read = {id(output.origin) for row in self.rows for output in row.reads} | {
            id(each.origin) for each in self.leaving
        }
        idle = {entry.given.name for entry in self.entries if id(entry) not in read}
        known = self.documented is not None or self.fault is not None
        world = world_of(self.run)
        idle = idle & world.neighbors if world.is_called else idle
        return frozenset() if known or len(idle) == len(self.entries) else frozenset(idle)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Another name for each input that has a layer's name too: forward(self, table) in a class with self.table."""
        rows, taken = {*self.names}, {*self.names, *self.inputs}
        new = {name: next(_input_names(name, taken)) for name in self.inputs if name in rows}
        return new if len(self.inputs) > 1 else {}  # a single input is only called input

    @cached_property
    def named_inputs(self) -> tuple[str, ...]:
        """What the inputs are called where no input may have a layer's name."""
        return tuple(self.renamed.get(name, name) for name in self.inputs)

    @cached_property
    def shown_inputs(self) -> tuple[str, ...]:
        """What the inputs are called in the network: as forward calls them, where no layer is called so."""
        return tuple(self.renamed.get(name, name) for name in self.inputs if name not in self.unread)

    @cached_property
    def tried(self) -> Tried | None:
        """What __init__ calls the first layer on to see what comes out; None where it does not."""
        first = next((row for row in self.rows if getattr(row.module, "tried", None) is not None), None)
        if first is None:
            return None
        read = first.reads[0]
        while isinstance(read.origin, Row) and read.origin.type in _KEEPING:
            read = read.origin.reads[0]
        return first.module.tried if isinstance(read.origin, Entry) and len(self.entries) == 1 else None

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers under their names."""
        names = {id(row): name for row, name in self.pairs}
        return tuple(
            row.layer.placed(name, self._reads(place), names.get(id(row.again), "") if row.again else "", ties)
            for place, ((row, name), ties) in enumerate(zip(self.pairs, self._ties(), strict=True))
        )  # fmt: skip

    def _ties(self) -> Iterator[tuple[str, ...]]:
        """For each row, the tensors that rows before hold too, under the same name."""
        first: dict[Any, tuple[str, str]] = {}
        for row, name in self.pairs:
            own = row.tensors.items() if row.again is None else ()
            found = [(first.setdefault(key, (name, tensor)), tensor) for tensor, key in own]
            yield tuple(f"{holder}:{tensor}" for (holder, other), tensor in found if holder != name and other == tensor)

    def _reads(self, place: int) -> tuple[str, ...]:
        """The names of what a row reads; () for the row above."""
        row = self.rows[place]
        above = self.rows[place - 1] if place else self.entries[0] if self.entries else None
        alone = len(row.reads) == 1 and row.reads[0].origin is above and row.reads[0].port == 0
        return () if alone else tuple(map(self.named, row.reads))

    @cached_property
    def _names(self) -> dict[int, str]:
        named = {id(row): name for row, name in self.pairs}
        return named | {id(entry): name for entry, name in zip(self.entries, self.named_inputs, strict=True)}

    def named(self, output: Output) -> str:
        """The name of an input or of a row's output."""
        name = self._names.get(id(output.origin), "input")
        ports = output.origin.layer.ports if isinstance(output.origin, Row) else ()
        return f"{name}:{ports[output.port]}" if output.port and output.port < len(ports) else name

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what leaves the network, () for what the last row gives."""
        last = self.rows[-1] if self.rows else None
        plain = not self.leaving or (
            len(self.leaving) == 1 and self.leaving[0] == Output(last) if last is not None else True
        )
        return () if plain else tuple(dict.fromkeys(map(self.named, self.leaving)))

    @cached_property
    def is_chain(self) -> bool:
        """Whether each row reads the row above alone, and one input comes in."""
        alone = len(self.entries) == 1 and not self.outputs
        return alone and not any(layer.inputs or layer.of or layer.ports for layer in self.layers)

    @cached_property
    def arrivals(self) -> list[tuple[Layer, Shape]] | None:
        """Each layer with the shape of its first input; None where one does not run."""
        if not all(row.outputs for row in self.rows):
            return None
        return [(layer, _shape(row.reads[0])) for layer, row in zip(self.layers, self.rows, strict=True) if row.reads]

    @cached_property
    def misfits(self) -> int:
        """How many layers were written for another width than that of their input."""
        return sum(map(bool, map(_misfit, self.rows)))

    @cached_property
    def excess(self) -> int:
        """How many values more than written arrive where a layer was written for another width; 0 where none was."""
        return next(filter(None, map(_misfit, self.rows)), 0)

    def spans(self) -> dict[str, tuple[Span, ...]]:
        """Where each layer is constructed and called."""
        place = cache(self.run.paste.span)  # one call in the code makes many layers
        found: dict[str, tuple[Span, ...]] = {}
        for row, name in self.pairs:
            called = place(row.node)
            made = called if row.module is None else place(row.module.node)
            found[name] = (made,) if made is called or made == called else (made, called)
        return found

    def made(self) -> dict[str, Made]:
        """The calls that made the layers."""
        return making.made(self.run.paste, self.pairs)

    def joined(self) -> dict[str, tuple[str, ...]]:
        """How the code writes what rows put together."""
        return making.joined(self.run.paste, self.pairs)

    def written(self) -> tuple[Written, ...]:
        """The in-values as they stand in the code."""
        paste = self.run.paste
        place = cache(paste.span)
        rows = [
            (name, value, value.node, place(value.node))
            for row, name in self.pairs
            for value in row.in_values
            if value.is_written
        ]
        places = Counter(span for *_, span in rows)
        return tuple(
            Written(name, value.parameter, paste.segment(node), value.value, span, places[span], value.rows)
            for name, value, node, span in rows
        )

    @cached_property
    def widths(self) -> dict[str, dict[str, int]]:
        """The whole numbers among the in-values for each layer, those of known networks too."""
        found: dict[str, dict[str, int]] = {}
        for row, name in self.pairs:
            for value in row.in_values:
                if type(value.value) is int:
                    found.setdefault(name, {})[value.parameter] = value.value
        return found

    @cached_property
    def pairs(self) -> list[tuple[Row, str]]:
        """The rows with their names."""
        return list(zip(self.rows, self.names, strict=True))
