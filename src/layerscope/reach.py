"""What a layer reads of its input along a spatial axis: windows, alike or not, everything, or the cell in its place."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from layerscope.cells import Cells, Span, all_of, under_spans, under_windows


class Window(NamedTuple):
    """A window that is alike for every output cell: of `extent` cells from u*stride - pad on, every `step`-th.

    `fill` says what the padding holds: zeros, or cells of the map (torch's padding_mode). A negative `pad` cuts away.
    """

    extent: int
    stride: int
    pad: int
    step: int = 1
    fill: str = "zeros"

    def span(self, u: int) -> Span:
        """First and last input cell that output cell u reads; outside the map lies padding."""
        first = u * self.stride - self.pad
        return first, first + self.extent - 1

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """The input cells, `size` in all, that some of the output cells read."""
        return under_windows(outputs, cells, size, self.extent, self.stride, self.pad, self.step, self.fill)


class Varying(NamedTuple):
    """Windows that differ: `span(u)` gives the first and last input cell that output cell u reads, or NOTHING.

    `stride` is the average step from one window to the next, in input cells; every `step`-th cell of a span is read.
    """

    span: Callable[[int], Span]
    stride: Fraction
    step: int = 1

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """The input cells, `size` in all, that some of the output cells read."""
        return under_spans(outputs, cells, size, self.span, self.step)


class Whole:
    """Each output cell sees everything that arrives."""

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """Every cell, as soon as one output cell counts."""
        return all_of(size) if outputs else 0


class Same:
    """Each output cell sees the one input cell in its place."""

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """The same cells."""
        return outputs


SAME = Same()
WHOLE = Whole()

AxisReach = Window | Varying | Whole | Same
Reach = tuple[AxisReach, ...] | Whole | Same
