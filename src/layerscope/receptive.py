"""Receptive fields: which cells of the network's input one cell of a feature map sees, per spatial axis.

Method: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
Cell u of a map sees the input cells u*jump + start .. u*jump + start + size - 1 (padding counts as input). Layers
whose windows differ from cell to cell (transposed convolutions, adaptive pooling, upsampling) are followed cell by
cell instead, within the map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Window:
    """A window that is alike for every output cell: `extent` cells from u*stride - pad on."""

    extent: int
    stride: int
    pad: int


@dataclass(frozen=True)
class Varying:
    """Windows that differ: `span(u)` gives the first and last input cell that output cell u reads.

    `stride` is the average step from one window to the next, in input cells.
    """

    span: Callable[[int], tuple[int, int]]
    stride: Fraction


class Whole:
    """Each output cell sees everything that arrives."""


class Same:
    """Each output cell sees the one input cell in its place."""


SAME = Same()
WHOLE = Whole()
AxisReach = Window | Varying | Whole | Same
Reach = tuple[AxisReach, ...] | Whole | Same


@dataclass(frozen=True)
class AxisField:
    """The receptive field along one axis. `spans` is None as long as one rule holds for every cell."""

    size: int
    jump: Fraction
    start: int
    cells: int
    spans: tuple[tuple[int, int], ...] | None = None

    def span(self, u: int) -> tuple[int, int]:
        """First and last input cell seen by cell u; outside 0..extent-1 lies padding."""
        if self.spans is not None:
            return self.spans[u]
        first = u * int(self.jump) + self.start
        return first, first + self.size - 1

    def after(self, reach: AxisReach, cells: int, extent: int) -> "AxisField":
        """The field after a layer whose output has `cells` cells; `extent` is the size of the network's input."""
        if isinstance(reach, Same):
            return self
        if isinstance(reach, Whole):
            return AxisField(extent, Fraction(0), 0, cells, ((0, extent - 1),) * cells)
        if isinstance(reach, Window):
            if self.spans is None:
                jump = int(self.jump)
                size = self.size + (reach.extent - 1) * jump
                start = self.start - reach.pad * jump
                return AxisField(size, self.jump * reach.stride, start, cells)
            reach = _as_varying(reach)
        before = self.cells

        def seen(u: int) -> tuple[int, int]:
            first, last = reach.span(u)
            first, last = min(max(first, 0), before - 1), max(min(last, before - 1), 0)
            return self.span(first)[0], self.span(last)[1]

        spans = tuple(seen(u) for u in range(cells))
        size = max(last - first + 1 for first, last in spans)
        return AxisField(size, self.jump * reach.stride, spans[0][0], cells, spans)


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
        return tuple(int(a.jump) if a.jump.denominator == 1 else a.jump for a in self.axes)

    @property
    def start(self) -> tuple[int, ...]:
        """The first input cell that output cell 0 sees; negative where it begins in the padding."""
        return tuple(axis.start for axis in self.axes)

    @classmethod
    def of_input(cls, spatial: tuple[int, ...]) -> "ReceptiveField":
        """Where the walk begins: every cell sees itself."""
        return cls(tuple(AxisField(1, Fraction(1), 0, size) for size in spatial))

    @classmethod
    def of_everything(cls, spatial: tuple[int, ...]) -> "ReceptiveField":
        """Every value depends on the whole input."""
        return cls(tuple(AxisField(size, Fraction(0), 0, 1) for size in spatial), whole=True)

    def after(self, reach: Reach, spatial: tuple[int, ...], extent: tuple[int, ...]) -> "ReceptiveField":
        """The field behind a layer: `spatial` its output's axes, `extent` those of the network's input."""
        if isinstance(reach, Same) or self.whole:
            return self
        if isinstance(reach, Whole) or len(reach) != len(self.axes) or len(spatial) != len(reach):
            return ReceptiveField.of_everything(extent)
        return ReceptiveField(
            tuple(
                field.after(axis, cells, size)
                for field, axis, cells, size in zip(self.axes, reach, spatial, extent, strict=True)
            )
        )


def _as_varying(window: Window) -> Varying:
    def span(u: int) -> tuple[int, int]:
        first = u * window.stride - window.pad
        return first, first + window.extent - 1

    return Varying(span, Fraction(window.stride))
