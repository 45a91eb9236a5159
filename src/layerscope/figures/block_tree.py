"""The blocks of a network's rows, read from their dotted names, and which of them are alike.

A block is a part of the names: `layer1` and `layer1.0` of `layer1.0.conv1`. Nothing about blocks is stored anywhere.
Only rows that follow each other are one block, so a folded picture has no cycle; where a name comes again later, that
is a block of its own. Where many rows have no block, those between two places that a single tensor passes are taken
for one, "conv1…add1".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from layerscope.figures.wires import Wires, readers

_NUMBER = re.compile(r"\d+[a-z]?$")
"""At the end of a name, as in `layer4` and `inception4b`."""
UNNAMED = "…"
"""In the name of a block that has none of its own: what stands between its first and its last row."""


@dataclass(frozen=True)
class Row:
    """One body of the unfolded picture.

    Rows of one `kind` do the same and have the same shapes; those of one `type` do the same with other sizes.
    `width` is its share of the picture's width: 1 for a common body.
    """

    name: str
    kind: int
    type: str
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Block:
    """The rows from `first` up to `end`, in parts: rows by their place, and blocks."""

    name: str
    first: int
    end: int
    depth: int
    parts: "list[Part]" = field(repr=False)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to fold: one row."""
        return self.end - self.first == 1

    def holds(self, place: int | None) -> bool:
        return place is not None and self.first <= place < self.end


Part = int | Block
"""A row, by its place, or a block."""


class Blocks:
    """All blocks of some rows; `top` holds everything."""

    def __init__(self, rows: Sequence[Row], wires: Wires, most: float) -> None:
        """`most`: where more rows and blocks than this stand side by side, rows without a block are grouped."""
        self.rows, self.wires, self.most = rows, wires, most
        paths = [row.name.split(".") for row in rows]
        self.top = Block("", 0, len(rows), -1, list(_parts(paths, 0, len(rows), 0)))
        self.last_reader = [max(found, default=inf) for found in readers(wires)]
        self._group(self.top)
        self._keys: dict[tuple[Block, bool], tuple[object, ...]] = {}
        self._outside: dict[Block, tuple[int, ...]] = {}

    def leaving(self, block: Block) -> int:
        """How many rows of a block are read after it, or are results of the network."""
        return sum(self.last_reader[place] >= block.end for place in range(block.first, block.end))

    def kind(self, block: Block) -> object:
        """Equal for blocks of one kind: the names differ in a number, or are numbers and the types and wires agree."""
        last = block.name.rpartition(".")[2]
        return self._key(block, exact=False) if last.isdigit() or UNNAMED in last else _NUMBER.sub("", last)

    def repeats(self, before: Block, block: Block) -> bool:
        """Whether a block does once more what the one before it does, with nothing but that one's output."""
        return (
            before.end == block.first
            and before.name.rpartition(".")[0] == block.name.rpartition(".")[0]
            and before.end - before.first == block.end - block.first
            and all(before.first <= place for place in self.read_outside(block))
            and all(self.last_reader[place] < block.end for place in range(before.first, before.end))
            and self._key(before, exact=True) == self._key(block, exact=True)
        )

    def read_outside(self, block: Block) -> tuple[int, ...]:
        """The rows before a block that it reads."""
        if block not in self._outside:
            read = (place for row in self.wires[block.first : block.end] for place in row if place < block.first)
            self._outside[block] = tuple(dict.fromkeys(read))
        return self._outside[block]

    def _key(self, block: Block, exact: bool) -> tuple[object, ...]:
        """Equal for blocks of the same rows in the same wiring; without `exact` their sizes do not count."""
        if (block, exact) not in self._keys:
            order = {place: -1 - i for i, place in enumerate(self.read_outside(block))}
            self._keys[block, exact] = tuple(
                (
                    self.rows[place].kind if exact else self.rows[place].type,
                    tuple(order.get(read, read - block.first) for read in self.wires[place]),
                )
                for place in range(block.first, block.end)
            )
        return self._keys[block, exact]

    def _group(self, block: Block) -> None:
        """Make blocks of the rows between two places that one tensor passes, where more stand side by side than fit."""
        for part in block.parts:
            if isinstance(part, Block):
                self._group(part)
        if len(block.parts) <= self.most:
            return
        parts: list[Part] = []
        run: list[int] = []
        wanted: float = block.first
        for part in block.parts:
            if isinstance(part, Block):
                parts += [*run, part]
                run = []
                wanted = max([wanted, *(last for last in self.last_reader[part.first : part.end] if last < inf)])
                continue
            run.append(part)
            if wanted <= part:  # nothing from before this row is read after it
                parts += self._unnamed(run, block.depth + 1)
                run = []
            if self.last_reader[part] < inf:
                wanted = max(wanted, self.last_reader[part])
        block.parts[:] = [*parts, *run]

    def _unnamed(self, run: list[int], depth: int) -> list[Part]:
        if len(run) < 2:
            return list(run)
        last = self.rows[run[-1]].name.rpartition(".")[2]
        name = f"{self.rows[run[0]].name}{UNNAMED}{last}"
        return [Block(name, run[0], run[-1] + 1, depth, list(run))]


def _parts(paths: Sequence[list[str]], first: int, end: int, depth: int) -> "Iterator[Part]":
    """Rows and blocks between two places whose names agree in their first `depth` parts."""
    place = first
    while place < end:
        path = paths[place]
        if len(path) <= depth + 1:
            yield place
            place += 1
            continue
        stop = place
        while stop < end and len(paths[stop]) > depth + 1 and paths[stop][depth] == path[depth]:
            stop += 1
        name = ".".join(path[: depth + 1])
        yield Block(name, place, stop, depth, list(_parts(paths, place, stop, depth + 1)))
        place = stop
