"""Receptive fields: which cells of the network's input one cell of a feature map sees, per spatial axis.

Method: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
Cell u of a map sees the input cells u*jump + start .. u*jump + start + size - 1 (padding counts as input). Layers
whose windows differ from cell to cell (transposed convolutions, adaptive pooling, upsampling) are followed cell by
cell instead, within the map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from layerscope import limits


class Window(NamedTuple):
    """A window that is alike for every output cell: of `extent` cells from u*stride - pad on, every `step`-th."""

    extent: int
    stride: int
    pad: int
    step: int = 1

    def span(self, u: int) -> tuple[int, int]:
        """First and last input cell that output cell u reads; outside the map lies padding."""
        first = u * self.stride - self.pad
        return first, first + self.extent - 1


class Varying(NamedTuple):
    """Windows that differ: `span(u)` gives the first and last input cell that output cell u reads, or NOTHING.

    `stride` is the average step from one window to the next, in input cells; every `step`-th cell of a span is read.
    """

    span: Callable[[int], tuple[int, int]]
    stride: Fraction
    step: int = 1


class Whole:
    """Each output cell sees everything that arrives."""


class Same:
    """Each output cell sees the one input cell in its place."""


SAME = Same()
WHOLE = Whole()
NOTHING = (0, -1)
"""The span of a cell that sees no input at all, as between the taps of a transposed convolution."""
MOST_READS = limits.READS.most
"""Cells looked up along one axis of a network, all layers together; beyond it the field is not known."""

AxisReach = Window | Varying | Whole | Same
Reach = tuple[AxisReach, ...] | Whole | Same


class AxisField(NamedTuple):
    """The receptive field along one axis. `spans` is None as long as one rule holds for every cell.

    `reads` counts the cells that were looked up one by one so far.
    """

    size: int
    jump: int | Fraction
    start: int
    cells: int
    spans: tuple[tuple[int, int], ...] | None = None
    reads: int = 0

    def span(self, u: int) -> tuple[int, int]:
        """First and last input cell seen by cell u; outside 0..extent-1 lies padding."""
        if self.spans is not None:
            return self.spans[u]
        first = u * int(self.jump) + self.start
        return first, first + self.size - 1

    def _is_rising(self) -> bool:
        """Whether no cell sees less far to either side than the cell before it."""
        spans = self.spans or ()
        return NOTHING not in spans and all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(spans))

    def after(self, reach: AxisReach, cells: int, extent: int) -> "AxisField | None":
        """The field after a layer whose output has `cells` cells; `extent` is the size of the network's input.

        None where too many cells would have to be followed one by one.
        """
        if isinstance(reach, Same):
            return self
        if isinstance(reach, Whole):
            return AxisField(extent, 0, 0, cells)  # with a jump of 0 each cell sees the same
        if isinstance(reach, Window) and self.spans is None:
            jump = int(self.jump)
            size = self.size + (reach.extent - 1) * jump
            start = self.start - reach.pad * jump
            return AxisField(size, self.jump * reach.stride, start, cells)
        if self.reads + cells > MOST_READS:
            return None
        reads, spans, is_rising = self.reads, [], self._is_rising()
        for u in range(cells):
            first, last = reach.span(u)
            cells_read = range(first if first >= 0 else first % reach.step, min(last, self.cells - 1) + 1, reach.step)
            if is_rising and cells_read:  # then the ends speak for all between them
                cells_read = cells_read[:: max(len(cells_read) - 1, 1)]
            seen = [view for i in cells_read if (view := self.span(i)) != NOTHING]
            spans.append((min(view[0] for view in seen), max(view[1] for view in seen)) if seen else NOTHING)
            reads += max(len(seen) - 1, 1)
            if reads > MOST_READS:
                return None
        size = max(last - first + 1 for first, last in spans)
        return AxisField(size, self.jump * reach.stride, spans[0][0], cells, tuple(spans), reads)


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field of one layer's output: one value for each spatial axis of the network's input."""

    axes: tuple[AxisField, ...]
    whole: bool = False

    @property
    def size(self) -> tuple[int, ...]:
        """How many input cells one output cell sees."""
        return tuple(axis.size for axis in self.axes)

    @property
    def jump(self) -> tuple[Fraction | int, ...]:
        """How far the view moves in the input from one output cell to the next."""
        return tuple(int(axis.jump) if axis.jump.denominator == 1 else axis.jump for axis in self.axes)

    @property
    def start(self) -> tuple[int, ...]:
        """The first input cell that output cell 0 sees; negative where it begins in the padding."""
        return tuple(axis.start for axis in self.axes)

    @classmethod
    def of_input(cls, spatial: tuple[int, ...]) -> "ReceptiveField":
        """Where the walk begins: every cell sees itself."""
        return cls(tuple(AxisField(1, 1, 0, size) for size in spatial))

    @classmethod
    def of_everything(cls, spatial: tuple[int, ...]) -> "ReceptiveField":
        """Every value depends on the whole input."""
        return cls(tuple(AxisField(size, 0, 0, 1) for size in spatial), whole=True)

    def after(
        self, reach: Reach, arriving: tuple[int, ...], leaving: tuple[int, ...], extent: tuple[int, ...]
    ) -> "ReceptiveField | None":
        """The field behind a layer, from the spatial axes of its input, its output and the network's input.

        Where the axes were merged or split before, places mean nothing any more: all is seen. None is "not known".
        """
        if isinstance(reach, Same) or self.whole:
            return self
        in_place = tuple(axis.cells for axis in self.axes) == arriving
        if isinstance(reach, Whole) or not in_place or not len(reach) == len(arriving) == len(leaving):
            return ReceptiveField.of_everything(extent)
        axes = []
        for field, axis, cells, size in zip(self.axes, reach, leaving, extent, strict=True):
            if (followed := field.after(axis, cells, size)) is None:
                return None
            axes.append(followed)
        return ReceptiveField(tuple(axes))
