"""Which rows of a network share one body of the picture: blocks are folded until what is left has room.

Opening goes from the outermost blocks inwards. Of each kind of block the first is opened before the others, so that a
reader sees what is inside where not all have room. Equal blocks, each reading only the one before it, are one body,
"× 3". A body stands for the one tensor that leaves it: a block that several leave is always open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import inf

from layerscope.figures.block_tree import Block, Blocks, Part, Row
from layerscope.figures.wires import Wires

SPARE, LITTLE = 1.35, 3.0
"""The first block of a kind may take so many times the room that there is, if it adds no more columns than this."""
MOST_TRIES = 100
"""So many blocks are tried at most: a network made to have thousands of kinds must not keep the server busy."""
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Body:
    """What is drawn as one: the rows from `first` to `last`; `times` equal blocks of them, or a single row.

    `opens` is the block that must be opened to see what is inside; the name may be that of what holds all `times`.
    """

    name: str
    first: int
    last: int
    times: int = 1
    folded: bool = False
    opens: str = ""

    @property
    def rows(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True)
class Opened:
    """A block that is open, with the places of its first and last body; `depth` counts the dots in its name.

    `stays` tells that it cannot be closed: several tensors leave it.
    """

    name: str
    first: int
    last: int
    depth: int
    stays: bool = False


@dataclass(frozen=True)
class Folding:
    """The bodies in order, which bodies each one reads, and the open blocks, outer ones first."""

    bodies: tuple[Body, ...]
    wires: Wires
    opened: tuple[Opened, ...]


@lru_cache(maxsize=64)
def fold(
    rows: tuple[Row, ...],
    wires: Wires,
    most: float,
    opened: frozenset[str] = NOTHING,
    closed: frozenset[str] = NOTHING,
    shown: int | None = None,
    first: str = "",
    *,
    groups: bool = True,
) -> Folding:
    """Fold `rows` until their columns together are about `most` wide.

    What the viewer opens and closes comes on top of that: no other block opens or closes with it.

    Args:
        wires: for each row the places of the rows it reads.
        opened: blocks that stay open in any case, and what holds them.
        closed: blocks that stay closed, unless they hold the row at `shown`.
        first: a block that is never drawn within equal ones, but begins a body of its own.
        groups: whether many rows without a block may be put into blocks that no name tells of.
    """
    return _folder(rows, wires, most, groups).folding(opened, closed, shown, first)


@lru_cache(maxsize=16)
def _folder(rows: tuple[Row, ...], wires: Wires, most: float, groups: bool) -> "_Folder":
    return _Folder(rows, wires, most, groups)


_Unit = tuple[Part, int]
"""A row or a closed block, and how many equal blocks it begins."""


class _Folder:
    """The blocks of some rows, and those that are open by themselves."""

    def __init__(self, rows: Sequence[Row], wires: Wires, most: float, groups: bool) -> None:
        self.rows, self.wires, self.most = rows, wires, most
        self.blocks = Blocks(rows, wires, most if groups else inf)
        self.top = self.blocks.top
        self.tries = 0

    def folding(self, opened: frozenset[str], closed: frozenset[str], shown: int | None, first: str) -> Folding:
        found = set(self._wanted(self.top, opened, closed, shown))
        units = list(self._units(found, first))
        bodies: list[Body] = []
        starts: dict[int, int] = {}
        for place, (part, times) in enumerate(units):
            starts[part if isinstance(part, int) else part.first] = place
            bodies.append(self._body(part, times))
        ends = {body.last: place for place, body in enumerate(bodies)}
        brackets = []
        for block in sorted(found - {self.top}, key=lambda block: (block.depth, block.first)):
            start, last = starts[block.first], ends[block.end - 1]
            if last > start:
                brackets.append(Opened(block.name, start, last, block.depth, self.blocks.leaving(block) > 1))
            elif bodies[start].times > 1:  # such as `layers` of layers.0 to layers.11: its name says more
                bodies[start] = replace(bodies[start], name=block.name)
        return Folding(tuple(bodies), self._wires_of(units), tuple(brackets))

    def _wanted(
        self, block: Block, opened: frozenset[str], closed: frozenset[str], shown: int | None
    ) -> Iterator[Block]:
        """The blocks to open within an open one, itself included."""
        yield block
        for part in block.parts:
            if isinstance(part, Block) and (
                part.is_plain
                or part.holds(shown)
                or any(name == part.name or name.startswith(f"{part.name}.") for name in opened)
                or (part in self.default and part.name not in closed)
            ):
                yield from self._wanted(part, opened, closed, shown)

    def _body(self, part: Part, times: int) -> Body:
        if isinstance(part, int):
            return Body(self.rows[part].name, part, part)
        length = part.end - part.first
        return Body(part.name, part.first, part.first + times * length - 1, times, folded=True, opens=part.name)

    @cached_property
    def default(self) -> set[Block]:
        """The blocks that are open by themselves."""
        found: set[Block] = {self.top}
        self._open_needed(self.top, found)
        tried: set[Block] = set()
        while True:
            frontier = [b for b in self._closed_blocks(self.top, found) if b not in tried]
            if not frontier:
                return found
            depth = min(block.depth for block in frontier)
            level = [block for block in frontier if block.depth == depth]
            tried |= set(level)
            kinds: dict[object, list[Block]] = {}
            for block in level:
                kinds.setdefault(self.blocks.kind(block), []).append(block)
            for members in kinds.values():
                self._open_if_it_fits(members[:1], found, first=True)
            for members in kinds.values():
                self._open_if_it_fits(members[1:], found)
            if self.tries > MOST_TRIES:
                return found

    def _open_if_it_fits(self, blocks: list[Block], found: set[Block], *, first: bool = False) -> None:
        more = set(found)
        for block in blocks:
            more.add(block)
            self._open_needed(block, more)
        if len(more) == len(found) or self.tries > MOST_TRIES:
            return
        self.tries += 1
        before, after = self._width(list(self._units(found))), self._width(list(self._units(more)))
        if after <= self.most or (first and after <= SPARE * self.most and after - before <= LITTLE):
            found |= more

    def _open_needed(self, block: Block, found: set[Block]) -> None:
        """Open what must be open inside of an open block."""
        for part in block.parts:
            if isinstance(part, Block) and (part.is_plain or self.blocks.leaving(part) > 1):
                found.add(part)
                self._open_needed(part, found)

    def _closed_blocks(self, block: Block, found: set[Block]) -> Iterator[Block]:
        for part in block.parts:
            if isinstance(part, Block):
                if part in found:
                    yield from self._closed_blocks(part, found)
                else:
                    yield part

    def _units(self, found: set[Block], first: str = "") -> Iterator[_Unit]:
        """Rows and closed blocks in order, equal blocks that follow each other as one; `first` begins one."""
        run: list[Block] = []
        for part in self._flat(self.top, found):
            if isinstance(part, Block) and run and part.name != first and self.blocks.repeats(run[-1], part):
                run.append(part)
                continue
            if run:
                yield run[0], len(run)
            run = [part] if isinstance(part, Block) else []
            if isinstance(part, int):
                yield part, 1
        if run:
            yield run[0], len(run)

    def _flat(self, block: Block, found: set[Block]) -> Iterator[Part]:
        for part in block.parts:
            if isinstance(part, Block) and part in found:
                yield from self._flat(part, found)
            else:
                yield part

    def _wires_of(self, units: Sequence[_Unit]) -> Wires:
        owner: list[int] = []
        for place, (part, times) in enumerate(units):
            owner += [place] * (1 if isinstance(part, int) else times * (part.end - part.first))
        found = []
        for part, _ in units:
            read = self.wires[part] if isinstance(part, int) else self.blocks.read_outside(part)
            found.append(tuple(dict.fromkeys(owner[place] for place in read)))
        return tuple(found)

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
