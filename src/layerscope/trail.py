"""Where the cells of a map come from, followed back to the input of the network: exactly what each of them sees.

Each map is a node; it knows the maps that it is made from, and along each axis which of their cells its own cells read.
Cells are followed from a map back to the input, as gradients are: cells of padding end there, and gaps stay gaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import heappop, heappush
from itertools import count
from operator import or_
from typing import Protocol

from layerscope import limits
from layerscope.cells import Cells, all_of, holds

Box = tuple[Cells, ...]
"""A set of cells for each axis; together they hold every place whose rows, columns, ... are in these sets."""


class Reads(Protocol):
    """What one axis of a map reads of an axis of `size` cells, for those of its `cells` cells that are in `outputs`."""

    def read(self, outputs: Cells, cells: int, size: int) -> Cells: ...

    def reads_all(self, cells: int, size: int) -> bool: ...


@dataclass(frozen=True)
class Seen:
    """Places of the input, as boxes. `exact` is False where there were too many and one box stands for all."""

    boxes: tuple[Box, ...] = ()
    exact: bool = True

    def along(self, axis: int) -> Cells:
        """The cells of an axis that occur in any place."""
        return reduce(or_, (box[axis] for box in self.boxes), 0)

    def covers(self, other: "Seen") -> bool:
        """Whether every place of `other` is surely one of these."""
        return self.exact and all(_hold(self.boxes, box) for box in other.boxes)

    def and_also(self, other: "Seen") -> "Seen":
        """These places and those of another."""
        boxes, exact = list(self.boxes), self.exact and other.exact
        for box in other.boxes:
            exact &= _add(boxes, box)
        return Seen(tuple(boxes), exact)


@dataclass(frozen=True, eq=False, repr=False)
class Trail:
    """A map of `cells` cells along each axis, on the trail of an input of `extent`.

    `sources` are the maps that it is made from, with what each of its axes reads of theirs; the input itself has none.
    Where every cell sees the same, `view` is what it sees, and nothing further back is kept.
    """

    extent: tuple[int, ...]
    cells: tuple[int, ...]
    sources: "tuple[tuple[Trail, tuple[Reads, ...]], ...]" = ()
    view: Seen | None = None
    depth: int = 0

    def __repr__(self) -> str:
        """Short: what lies further back may be the whole network."""
        return f"Trail(extent={self.extent}, cells={self.cells})"

    @classmethod
    def of(
        cls, extent: tuple[int, ...], cells: tuple[int, ...], sources: "tuple[tuple[Trail, tuple[Reads, ...]], ...]"
    ) -> "Trail":
        """The node after its sources."""
        return cls(extent, cells, sources, depth=1 + max(source.depth for source, _ in sources))

    @classmethod
    def after(cls, source: "Trail", reads: "tuple[Reads, ...]", cells: tuple[int, ...]) -> "Trail":
        """The node after its only source."""
        return cls(source.extent, cells, ((source, reads),), None, source.depth + 1)

    @cached_property
    def seen(self) -> Seen:
        """The places of the input that any cell of this map sees."""
        node = self
        while node._reads_all:
            node = node.sources[0][0]
        return node.seen_by(_every(node.cells))

    @property
    def _reads_all(self) -> bool:
        """Whether there is one source, of which every cell is read: then both see the same."""
        if len(self.sources) != 1 or "seen" in vars(self):
            return False
        source, axes = self.sources[0]
        for axis, cells, size in zip(axes, self.cells, source.cells, strict=True):
            if not axis.reads_all(cells, size):
                return False
        return True

    @cached_property
    def sees_everything(self) -> bool:
        """Whether there is no place in the input that this map leaves out."""
        return self.seen.covers(Seen((_every(self.extent),)))

    def seen_by(self, box: Box) -> Seen:
        """The places of the input that the cells of `box` see. Each map between is looked at once."""
        found, exact, order = Seen(), True, count()
        waiting = {id(self): [box]}
        heap = [(-self.depth, next(order), self)]
        while heap:
            node = heappop(heap)[2]
            boxes = waiting.pop(id(node))
            if node.view is not None:
                found = found.and_also(node.view)
            elif "seen" in vars(node) and boxes == [_every(node.cells)]:
                found = found.and_also(node.seen)
            elif not node.sources:
                found = found.and_also(Seen(tuple(boxes)))
            else:
                for source, read in node._read(boxes):
                    if id(source) not in waiting:
                        waiting[id(source)] = []
                        heappush(heap, (-source.depth, next(order), source))
                    exact &= _add(waiting[id(source)], read)
        return Seen(found.boxes, found.exact and exact)

    def _read(self, boxes: list[Box]) -> "Iterator[tuple[Trail, Box]]":
        """What the cells in `boxes` read of each source; boxes that read nothing but padding end here."""
        for source, axes in self.sources:
            for box in boxes:
                sizes = zip(axes, box, self.cells, source.cells, strict=True)
                read = tuple(axis.read(outputs, cells, size) for axis, outputs, cells, size in sizes)
                if all(read):
                    yield source, read


def _every(cells: tuple[int, ...]) -> Box:
    return tuple(map(all_of, cells))


def _is_inside(box: Box, other: Box) -> bool:
    return all(holds(b, a) for a, b in zip(box, other, strict=True))


def _hold(boxes: Sequence[Box], box: Box) -> bool:
    """Whether some boxes together have every place of another one."""
    if any(_is_inside(box, one) for one in boxes):
        return True
    if not boxes or len(box) < 2:
        return bool(box) and holds(reduce(or_, (one[0] for one in boxes), 0), box[0])
    size = (box[0].bit_length() + 7) // 8
    rows = [(one[0] & all_of(size)).to_bytes(size, "little") for one in (box, *boxes)]
    kinds = set(zip(*rows, strict=True))  # rows that the same boxes have are alike
    return all(
        _hold([one[1:] for one, has_it in zip(boxes, having, strict=True) if has_it], box[1:])
        for is_wanted, *having in kinds
        if is_wanted
    )


def _add(boxes: list[Box], box: Box) -> bool:
    """Add a box, unless another one holds it. False where there are too many: one around all takes their place."""
    if any(_is_inside(box, other) for other in boxes):
        return True
    boxes[:] = [other for other in boxes if not _is_inside(other, box)]
    boxes.append(box)
    if len(boxes) <= limits.BOXES.most:
        return True
    around = list(box)
    for other in boxes:
        around = [a | b for a, b in zip(around, other, strict=True)]
    boxes[:] = [tuple(around)]
    return False
