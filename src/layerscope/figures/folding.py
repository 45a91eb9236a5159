"""Which rows of a network share one body of the picture: blocks are folded until what is left has room.

A block is a part of the rows' dotted names: `layer1` and `layer1.0` of `layer1.0.conv1`. Nothing about blocks is stored
anywhere. Only rows that follow each other are taken for one block, so a folded picture has no cycle; where a name comes
again later, that is a block of its own. Equal blocks, each reading only the one before it, are one body: "× 3".

Where many rows have no block, those between two places that a single tensor passes are taken for one, "conv1…add1".

Opening goes from the outermost blocks inwards. Of each kind of block the first is opened before the others, so that a
reader sees what is inside where not all have room. Of one kind are blocks whose names differ in a number (`layer1`,
`layer2`), and blocks with a number for a name that have the same types in the same wiring, whatever their sizes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import inf

from layerscope.figures.wires import Wires, readers

_NUMBER = re.compile(r"\d+[a-z]?$")
"""At the end of a name, as in `layer4` and `inception4b`."""
UNNAMED = "…"
"""In the name of a block that has none of its own: what stands between its first and its last row."""
SPARE, LITTLE = 1.35, 3.0
"""The first block of a kind may take so many times the room that there is, if it adds no more columns than this."""
NOTHING: frozenset[str] = frozenset()


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


@dataclass(frozen=True)
class Body:
    """What is drawn as one: the rows from `first` to `last`; `times` equal blocks of them, or a single row."""

    name: str
    first: int
    last: int
    times: int = 1
    folded: bool = False

    @property
    def rows(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class Opened:
    """A block that is open, with the places of its first and last body; `depth` counts the dots in its name."""

    name: str
    first: int
    last: int
    depth: int


@dataclass(frozen=True)
class Folding:
    """The bodies in order, which bodies each one reads, and the open blocks, outer ones first."""

    bodies: tuple[Body, ...]
    wires: Wires
    opened: tuple[Opened, ...]


@lru_cache(maxsize=256)
def fold(
    rows: tuple[Row, ...],
    wires: Wires,
    most: float,
    opened: frozenset[str] = NOTHING,
    closed: frozenset[str] = NOTHING,
    shown: int | None = None,
) -> Folding:
    """Fold `rows` until their columns together are about `most` wide.

    What the viewer opens and closes comes on top of that: no other block opens or closes with it.

    Args:
        wires: for each row the places of the rows it reads.
        opened: blocks that stay open in any case, and what holds them.
        closed: blocks that stay closed, unless they hold the row at `shown`.
    """
    return _folder(rows, wires, most).folding(opened, closed, shown)


@lru_cache(maxsize=32)
def _folder(rows: tuple[Row, ...], wires: Wires, most: float) -> "_Folder":
    return _Folder(rows, wires, most)


@dataclass(frozen=True, eq=False)
class _Block:
    """The rows from `first` up to `end`, in parts: rows by their place, and blocks."""

    name: str
    first: int
    end: int
    depth: int
    parts: list["int | _Block"] = field(repr=False)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to fold: one row."""
        return self.end - self.first == 1

    def holds(self, place: int | None) -> bool:
        return place is not None and self.first <= place < self.end


_Unit = tuple["int | _Block", int]
"""A row or a closed block, and how many equal blocks it begins."""


class _Folder:
    """The blocks of some rows, and those that are open by themselves."""

    def __init__(self, rows: Sequence[Row], wires: Wires, most: float) -> None:
        self.rows, self.wires, self.most = rows, wires, most
        paths = [row.name.split(".") for row in rows]
        self.top = _Block("", 0, len(rows), -1, list(_parts(paths, 0, len(rows), 0)))
        self.last_reader = [max(found, default=inf) for found in readers(wires)]
        self._group(self.top)
        self.keys: dict[tuple[_Block, bool], tuple[object, ...]] = {}
        self.outside: dict[_Block, tuple[int, ...]] = {}

    def _group(self, block: _Block) -> None:
        """Make blocks of the rows between two places that one tensor passes, where more stand side by side than fit."""
        for part in block.parts:
            if isinstance(part, _Block):
                self._group(part)
        if len(block.parts) <= self.most:
            return
        parts: list[int | _Block] = []
        run: list[int] = []
        wanted: float = block.first
        for part in block.parts:
            if isinstance(part, _Block):
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

    def _unnamed(self, run: list[int], depth: int) -> list["int | _Block"]:
        if len(run) < 2:
            return list(run)
        last = self.rows[run[-1]].name.rpartition(".")[2]
        name = f"{self.rows[run[0]].name}{UNNAMED}{last}"
        return [_Block(name, run[0], run[-1] + 1, depth, list(run))]

    def folding(self, opened: frozenset[str], closed: frozenset[str], shown: int | None) -> Folding:
        found = set(self._wanted(self.top, opened, closed, shown))
        units = list(self._units(found))
        bodies: list[Body] = []
        starts: dict[int, int] = {}
        for place, (part, times) in enumerate(units):
            starts[part if isinstance(part, int) else part.first] = place
            bodies.append(self._body(part, times))
        ends = {body.last: place for place, body in enumerate(bodies)}
        brackets = []
        for block in sorted(found - {self.top}, key=lambda block: (block.depth, block.first)):
            first, last = starts[block.first], ends[block.end - 1]
            if last > first:
                brackets.append(Opened(block.name, first, last, block.depth))
            elif bodies[first].times > 1:  # such as `layers` of layers.0 to layers.11: its name says more
                bodies[first] = Body(block.name, block.first, block.end - 1, bodies[first].times, folded=True)
        return Folding(tuple(bodies), self._wires_of(units), tuple(brackets))

    def _wanted(
        self, block: _Block, opened: frozenset[str], closed: frozenset[str], shown: int | None
    ) -> Iterator[_Block]:
        """The blocks to open within an open one, itself included."""
        yield block
        for part in block.parts:
            if isinstance(part, _Block) and (
                part.holds(shown)
                or any(name == part.name or name.startswith(f"{part.name}.") for name in opened)
                or (part in self.default and part.name not in closed)
            ):
                yield from self._wanted(part, opened, closed, shown)

    def _body(self, part: "int | _Block", times: int) -> Body:
        if isinstance(part, int):
            return Body(self.rows[part].name, part, part)
        length = part.end - part.first
        return Body(part.name, part.first, part.first + times * length - 1, times, folded=True)

    @cached_property
    def default(self) -> set[_Block]:
        """The blocks that are open by themselves."""
        found: set[_Block] = {self.top}
        self._open_needed(self.top, found)
        tried: set[_Block] = set()
        while True:
            frontier = [b for b in self._closed_blocks(self.top, found) if b not in tried]
            if not frontier:
                return found
            depth = min(block.depth for block in frontier)
            level = [block for block in frontier if block.depth == depth]
            tried |= set(level)
            kinds: dict[object, list[_Block]] = {}
            for block in level:
                kinds.setdefault(self._kind(block), []).append(block)
            for members in kinds.values():
                self._open_if_it_fits(members[:1], found, first=True)
            for members in kinds.values():
                self._open_if_it_fits(members[1:], found)

    def _kind(self, block: _Block) -> object:
        last = block.name.rpartition(".")[2]
        return self._key(block, exact=False) if last.isdigit() or UNNAMED in last else _NUMBER.sub("", last)

    def _open_if_it_fits(self, blocks: list[_Block], found: set[_Block], *, first: bool = False) -> None:
        more = set(found)
        for block in blocks:
            more.add(block)
            self._open_needed(block, more)
        if len(more) == len(found):
            return
        before, after = self._width(list(self._units(found))), self._width(list(self._units(more)))
        if after <= self.most or (first and after <= SPARE * self.most and after - before <= LITTLE):
            found |= more

    def _open_needed(self, block: _Block, found: set[_Block]) -> None:
        """Open what must be open inside of an open block."""
        for part in block.parts:
            if isinstance(part, _Block) and self._is_needed(part):
                found.add(part)
                self._open_needed(part, found)

    def _is_needed(self, block: _Block) -> bool:
        """A body stands for the one tensor that leaves it: a block that several leave is open by itself."""
        if block.is_plain:
            return True
        leaving = sum(self.last_reader[place] >= block.end for place in range(block.first, block.end))
        return leaving > 1

    def _closed_blocks(self, block: _Block, found: set[_Block]) -> Iterator[_Block]:
        for part in block.parts:
            if isinstance(part, _Block):
                if part in found:
                    yield from self._closed_blocks(part, found)
                else:
                    yield part

    def _units(self, found: set[_Block]) -> Iterator[_Unit]:
        """Rows and closed blocks in order, equal blocks that follow each other as one."""
        run: list[_Block] = []
        for part in self._flat(self.top, found):
            if isinstance(part, _Block) and run and self._continues(run[-1], part):
                run.append(part)
                continue
            if run:
                yield run[0], len(run)
            run = [part] if isinstance(part, _Block) else []
            if isinstance(part, int):
                yield part, 1
        if run:
            yield run[0], len(run)

    def _flat(self, block: _Block, found: set[_Block]) -> "Iterator[int | _Block]":
        for part in block.parts:
            if isinstance(part, _Block) and part in found:
                yield from self._flat(part, found)
            else:
                yield part

    def _continues(self, before: _Block, block: _Block) -> bool:
        """Whether a block does once more what the one before it does, with nothing but that one's output."""
        return (
            before.end == block.first
            and before.name.rpartition(".")[0] == block.name.rpartition(".")[0]
            and before.end - before.first == block.end - block.first
            and all(before.first <= place for place in self._read_outside(block))
            and all(self.last_reader[place] < block.end for place in range(before.first, before.end))
            and self._key(before, exact=True) == self._key(block, exact=True)
        )

    def _read_outside(self, block: _Block) -> tuple[int, ...]:
        if block not in self.outside:
            read = (place for row in self.wires[block.first : block.end] for place in row if place < block.first)
            self.outside[block] = tuple(dict.fromkeys(read))
        return self.outside[block]

    def _key(self, block: _Block, exact: bool) -> tuple[object, ...]:
        """Equal for blocks of the same rows in the same wiring; without `exact` their sizes do not count."""
        if (block, exact) not in self.keys:
            order = {place: -1 - i for i, place in enumerate(self._read_outside(block))}
            self.keys[block, exact] = tuple(
                (
                    self.rows[place].kind if exact else self.rows[place].type,
                    tuple(order.get(read, read - block.first) for read in self.wires[place]),
                )
                for place in range(block.first, block.end)
            )
        return self.keys[block, exact]

    def _wires_of(self, units: Sequence[_Unit]) -> Wires:
        owner: list[int] = []
        for place, (part, times) in enumerate(units):
            owner += [place] * (1 if isinstance(part, int) else times * (part.end - part.first))
        return tuple(
            tuple(
                dict.fromkeys(
                    owner[read] for read in (self.wires[part] if isinstance(part, int) else self._read_outside(part))
                )
            )
            for part, _ in units
        )

    def _width(self, units: Sequence[_Unit]) -> float:
        """The width of all columns, each as wide as its widest body."""
        depths: list[int] = []
        widths: dict[int, float] = {}
        for (part, _), read in zip(units, self._wires_of(units), strict=True):
            depth = 1 + max((depths[place] for place in read), default=-1)
            depths.append(depth)
            width = self.rows[part].width if isinstance(part, int) else 1.0
            widths[depth] = max(widths.get(depth, 0.0), width)
        return sum(widths.values())


def _parts(paths: Sequence[list[str]], first: int, end: int, depth: int) -> "Iterator[int | _Block]":
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
        yield _Block(name, place, stop, depth, list(_parts(paths, place, stop, depth + 1)))
        place = stop
