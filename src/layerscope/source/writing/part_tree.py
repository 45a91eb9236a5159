"""A network's rows by the blocks that their names' paths make: layer1.0.conv1 is in the block 0 of the block layer1."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from layerscope.catalogue import TORCH_LAYERS
from layerscope.layers.base import Layer
from layerscope.network import Network
from layerscope.source.writing.helpers import HELPERS

STACKS = ("TransformerEncoder", "TransformerDecoder", "Transformer")
"""Modules of torch's whose rows have a class of our own."""

Value = tuple[int, int]
"""What a row gives at one of its ports: the row's place and the port's; place -1 - k is the network's input k."""


@dataclass(frozen=True)
class Part:
    """A row of a block by its place in the network, and its name in the block."""

    name: str
    row: int

    @property
    def rows(self) -> tuple[int, ...]:
        """The places of the rows that it holds."""
        return (self.row,)


@dataclass(frozen=True)
class Block:
    """A block: its full path, its name in the block around it, and its parts in forward order."""

    path: str
    name: str
    parts: "tuple[Part | Block, ...]"

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The places of all rows inside."""
        return tuple(sorted(row for part in self.parts for row in part.rows))

    @cached_property
    def is_whole(self) -> bool:
        """Whether nothing outside runs between two of its rows, so that it can be called as one."""
        return all(later == row + 1 for row, later in pairwise(self.rows))

    @property
    def has_digits(self) -> bool:
        """Whether a part has a number for a name, which no attribute can be."""
        return any(part.name.isdigit() for part in self.parts)


@dataclass
class _Growing:
    parts: "dict[str, int | _Growing]" = field(default_factory=dict)


def tree(network: Network) -> Block:
    """All rows of a network as one block."""
    root = _Growing()
    for place, layer in enumerate(network.layers):
        *path, name = layer.name.split(".")
        here = root
        for step in path:
            below = here.parts.setdefault(step, _Growing())
            assert isinstance(below, _Growing)
            here = below
        here.parts[name] = place
    return _block(root, "", "")


def _block(growing: _Growing, path: str, name: str) -> Block:
    parts: list[Part | Block] = []
    for key, below in growing.parts.items():
        inside = f"{path}.{key}" if path else key
        parts.append(Part(key, below) if isinstance(below, int) else _block(below, inside, key))
    return Block(path, name, tuple(sorted(parts, key=lambda part: part.rows[0])))


@dataclass(frozen=True)
class Wires:
    """Who reads what in a network, and what of it leaves a block."""

    network: Network

    @cached_property
    def reads(self) -> tuple[tuple[Value, ...], ...]:
        """For each row, the values that it reads."""
        return tuple(tuple((source.row, source.port) for source in sources) for sources in self.network.wiring)

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """The values that the network gives."""
        return tuple(map(self._named, self.network.output_names))

    def _named(self, name: str) -> Value:
        row, _, port = name.partition(":")
        place = self.network.index(row)
        return place, self.network.layers[place].ports.index(port) if port else 0

    @cached_property
    def _readers(self) -> dict[Value, list[int]]:
        """The rows that read each value; the end of the network counts as one more row."""
        found: dict[Value, list[int]] = {}
        for place, values in enumerate((*self.reads, self.outputs)):
            for value in values:
                found.setdefault(value, []).append(place)
        return found

    def entering(self, rows: tuple[int, ...]) -> tuple[Value, ...]:
        """The values from elsewhere that these rows read, each once, in the order of their reading."""
        inside = set(rows)
        return tuple(dict.fromkeys(value for row in rows for value in self.reads[row] if value[0] not in inside))

    def leaving(self, rows: tuple[int, ...]) -> tuple[Value, ...]:
        """The values of these rows that are read elsewhere; what the last one gives where none is."""
        inside = set(rows)
        found = [
            value
            for value, readers in self._readers.items()
            if value[0] in inside and any(row not in inside for row in readers)
        ]
        return tuple(sorted(found)) or ((rows[-1], 0),)

    def calls(self, rows: tuple[int, ...]) -> Iterator[tuple[int, int]]:
        """The rows among these that call an earlier row's module again, and that row."""
        for row in rows:
            if shared := self.network.layers[row].of:
                yield row, self.network.index(shared)


def is_module(layer: Layer) -> bool:
    """Whether torch has the layer as a module; the others are written as expressions."""
    return layer.type in TORCH_LAYERS or layer.type in STACKS or layer.type in HELPERS
