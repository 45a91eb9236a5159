"""What a layer reads of its input along a spatial axis: windows, alike or not, everything, or the cell in its place."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from layerscope.cells import NOTHING, Cells, Span, all_of, only, under_spans, under_windows


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

    def reads_all(self, cells: int, size: int) -> bool:
        """Whether the output cells together surely read every input cell: windows without gaps, from end to end."""
        is_gapless = self.step == 1 and self.stride <= self.extent and self.fill == "zeros"
        return is_gapless and self.pad >= 0 and (cells - 1) * self.stride + self.extent - self.pad >= size

    def is_blind(self, cells: int, size: int) -> bool:
        """Whether some output cell reads nothing but padding."""
        if self.step > 1 or self.fill != "zeros":
            return any(not self.read(only(u), cells, size) for u in range(cells))
        return self.extent <= self.pad or (cells - 1) * self.stride - self.pad >= size


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

    def reads_all(self, cells: int, size: int) -> bool:
        """Whether the output cells together surely read every input cell: not looked at."""
        return False

    def is_blind(self, cells: int, size: int) -> bool:
        """Whether some output cell reads nothing."""
        return any(self.span(u) == NOTHING for u in range(cells))


class Whole:
    """Each output cell sees the whole input."""

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """Every cell, as soon as one output cell counts."""
        return all_of(size) if outputs else 0

    def reads_all(self, cells: int, size: int) -> bool:
        """Whether there is an output cell at all."""
        return cells > 0

    def is_blind(self, cells: int, size: int) -> bool:
        """Never."""
        return False


class Same:
    """Each output cell sees the one input cell in its place."""

    def read(self, outputs: Cells, cells: int, size: int) -> Cells:
        """The same cells."""
        return outputs

    def reads_all(self, cells: int, size: int) -> bool:
        """Always, as there are as many output cells as input cells."""
        return cells == size

    def is_blind(self, cells: int, size: int) -> bool:
        """Never."""
        return False


class Moved:
    """Values go to other places, as in a Permute; which, is not followed."""


@dataclass(frozen=True)
class OneAfterAnother:
    """Several inputs stand one after the other along a spatial axis, counted from 0, as in a Concat."""

    axis: int


SAME = Same()
WHOLE = Whole()
MOVED = Moved()

AxisReach = Window | Varying | Whole | Same
Reach = tuple[AxisReach, ...] | Whole | Same | Moved | OneAfterAnother
