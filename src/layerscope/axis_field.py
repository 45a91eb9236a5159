"""The receptive field along one axis: the published rule, and exactly what one cell sees."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from layerscope import limits
from layerscope.cells import NOTHING, Cells, Span, all_of, only, span_of
from layerscope.reach import AxisReach, Same, Whole, Window
from layerscope.trail import Trail


class AxisField(NamedTuple):
    """The receptive field along one axis: the rule `size`, `jump`, `start`, for a map of `cells` cells.

    `views` holds one view for each cell where no rule does; `jump` is None where the paths of a network that branches
    move by different steps. `reads` counts the cells that were looked up one by one so far. With a jump of 0 every
    cell sees the same, and the rule says exactly what.
    """

    size: int
    jump: int | Fraction | None
    start: int
    cells: int
    trail: Trail
    axis: int
    views: tuple[Span, ...] | None = None
    reads: int = 0

    def span(self, u: int) -> Span:
        """First and last input cell that cell u really sees, or NOTHING. This is where gradients are not zero."""
        box = list(map(all_of, self.trail.cells))
        box[self.axis] = only(u)
        return span_of(self.trail.seen_by(tuple(box)).along(self.axis))

    def view(self, u: int) -> Span:
        """What cell u sees by the rule; outside the input lies padding."""
        if self.views is not None:
            return self.views[u]
        first = u * int(self.jump or 0) + self.start
        return first, first + self.size - 1

    @property
    def extent(self) -> int:
        """The cells of the input."""
        return self.trail.extent[self.axis]

    @property
    def is_cut(self) -> bool:
        """Whether a view reaches beyond the input."""
        views = (self.view(0), self.view(self.cells - 1)) if self.views is None else self.views
        return any(first < 0 or last >= self.extent for first, last in views)

    def stretched(self, cells: int) -> "AxisField":
        """The same for a map whose one cell along the axis stands for `cells`."""
        if self.cells == cells:
            return self
        first, last = span_of(self.trail.seen.along(self.axis))
        return self._replace(size=last - first + 1, jump=0, start=first, cells=cells, views=None)

    @property
    def is_constant(self) -> bool:
        """Whether every cell sees the same."""
        return self.jump == 0 and self.views is None

    def after(self, reach: AxisReach, trail: Trail) -> "AxisField | None":
        """The field after a layer whose output is at the end of `trail`.

        None where too many cells would have to be followed one by one.
        """
        axis, cells, jump = self.axis, trail.cells[self.axis], self.jump
        if isinstance(reach, Window) and self.views is None and jump:  # nearly always
            moved = int(jump)
            size, start = self.size + (reach.extent - 1) * moved, self.start - reach.pad * moved
            return AxisField(size, jump * reach.stride, start, cells, trail, axis)
        if isinstance(reach, Whole):
            return AxisField.constant(trail, axis, self.trail.seen.along(axis))
        if isinstance(reach, Same) or self.is_constant:
            return self._replace(cells=cells, trail=trail)
        jump = None if jump is None else jump * reach.stride
        if self.reads + cells > limits.READS.most:
            return None
        reads, views, is_rising = self.reads, [], self._is_rising()
        for u in range(cells):
            first, last = reach.span(u)
            cells_read = range(first if first >= 0 else first % reach.step, min(last, self.cells - 1) + 1, reach.step)
            if is_rising and cells_read:  # then the ends speak for all between them
                cells_read = cells_read[:: max(len(cells_read) - 1, 1)]
            seen = [view for i in cells_read if (view := self.view(i)) != NOTHING]
            views.append(around(seen))
            reads += max(len(seen) - 1, 1)
            if reads > limits.READS.most:
                return None
        return AxisField.of_views(trail, self.axis, views, jump, reads)

    def _is_rising(self) -> bool:
        """Whether no cell sees less far to either side than the cell before it."""
        views = self.views or ()
        return NOTHING not in views and all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(views))

    @classmethod
    def constant(cls, trail: Trail, axis: int, seen: Cells, reads: int = 0) -> "AxisField":
        """Every cell sees the same cells of the input, the first to the last of `seen`."""
        first, last = span_of(seen)
        return cls(last - first + 1, 0, first, trail.cells[axis], trail, axis, None, reads)

    @classmethod
    def of_views(
        cls, trail: Trail, axis: int, views: Sequence[Span], jump: int | Fraction | None, reads: int
    ) -> "AxisField":
        """The field of cells whose views are known one by one."""
        size = max(last - first + 1 for first, last in views)
        return cls(size, jump, views[0][0], len(views), trail, axis, tuple(views), reads)


def around(views: Sequence[Span]) -> Span:
    """From the first to the last cell of several views."""
    return (min(view[0] for view in views), max(view[1] for view in views)) if views else NOTHING


def on_each_other(parts: Sequence[AxisField], trail: Trail) -> AxisField | None:
    """The field along an axis of maps that lie on each other."""
    axis, reads = parts[0].axis, max(part.reads for part in parts)
    constants = [part for part in parts if part.is_constant]
    first, last = around([view for part in constants if (view := part.view(0)) != NOTHING])
    ends = [span_of(part.trail.seen.along(axis)) for part in parts if constants and not part.is_constant]
    if constants and all(first <= a and b <= last for a, b in ends):
        return AxisField(last - first + 1, 0, first, trail.cells[axis], trail, axis, None, reads)
    jumps = {part.jump for part in parts}
    jump = jumps.pop() if len(jumps) == 1 else None
    if jump is not None and all(part.views is None for part in parts):
        start, end = min(part.start for part in parts), max(part.start + part.size for part in parts)
        return AxisField(end - start, jump, start, trail.cells[axis], trail, axis, None, reads)
    reads += trail.cells[axis] * len(parts)
    if reads > limits.READS.most:
        return None
    seen = ([view for part in parts if (view := part.view(u)) != NOTHING] for u in range(trail.cells[axis]))
    return AxisField.of_views(trail, axis, list(map(around, seen)), jump, reads)


def in_a_row(parts: Sequence[AxisField], trail: Trail) -> AxisField | None:
    """The field along an axis on which maps stand one after the other."""
    reads = max(part.reads for part in parts) + sum(part.cells for part in parts)
    if reads > limits.READS.most:
        return None
    jumps = {part.jump for part in parts}
    views = [part.view(u) for part in parts for u in range(part.cells)]
    return AxisField.of_views(trail, parts[0].axis, views, jumps.pop() if len(jumps) == 1 else None, reads)
