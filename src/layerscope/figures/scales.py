"""The value axis of the chart by layer: round marks, linear or logarithmic; and an axis of accuracies."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil, log10

from layerscope.figures import byte_marks
from layerscope.figures.measures import Measure, Scale
from layerscope.figures.theme import Json
from layerscope.formatting import bytes_text, compact

SMALLEST = 0.7
"""Where a logarithmic axis begins: a column of 1 is still seen."""
MOST_MARKS = 6


@dataclass(frozen=True)
class Ruler:
    """The axis from `floor` to `top`, both values."""

    scale: Scale
    floor: float
    top: float
    is_bytes: bool = False
    """Whether its values are bytes, whose round numbers are powers of 2."""

    @property
    def axis(self) -> Json:
        """As Plotly's axis; its range is in exponents where it is logarithmic. The stage writes the numbers."""
        ends = [log10(self.floor), log10(self.top)] if self.scale is Scale.LOG else [self.floor, self.top]
        return {"fixedrange": True, "range": ends, "type": self.scale.value, "visible": False}

    def part(self, value: float) -> float:
        """How far up a value is, from 0 to 1."""
        if self.scale is Scale.LOG:
            return log10(max(value, self.floor) / self.floor) / log10(self.top / self.floor)
        return value / self.top

    @property
    def marks(self) -> list[int]:
        """Round values to write at the side: powers of ten, or steps of 1, 2 or 5 of them."""
        if self.is_bytes:
            return byte_marks.logarithmic(1, self.top) if self.scale is Scale.LOG else byte_marks.linear(0, self.top)
        if self.scale is Scale.LOG:
            powers = int(log10(self.top)) + 1
            return [10**power for power in range(0, powers, ceil(powers / MOST_MARKS))]
        step = _round_step(self.top / 4.2)
        return [step * i for i in range(int(self.top / step) + 1)]

    @property
    def words(self) -> list[str]:
        """The marks as they are written."""
        return [(bytes_text if self.is_bytes else compact)(mark) for mark in self.marks]


def ruler_for(highest: float, measure: Measure, scale: Scale, headroom: float) -> Ruler:
    """An axis for columns up to `highest`, with a part of it left for the text above them."""
    is_bytes = measure is Measure.MEMORY
    if scale is Scale.LOG:
        low = log10(SMALLEST)
        return Ruler(scale, SMALLEST, 10 ** (low + (log10(max(highest, 10)) - low) / (1 - headroom)), is_bytes)
    return Ruler(scale, 0, max(highest, 1) / (1 - headroom), is_bytes)


def _round_step(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    power = 10 ** max(int(log10(max(least, 1))), 0)
    return next(int(m * power) for m in (1, 2, 5, 10) if m * power >= least)


def span(values: Collection[float], whole: float) -> Json:
    """The part of an axis of accuracies that these reach, with round marks; `whole` is what stands for all correct.

    From 0 to the whole, trials that matter would lie on each other.
    """
    low, high = min(values, default=0.0), max(values, default=whole)
    room = max(0.08 * (high - low), 0.01 * whole)
    ends = [max(low - room, -0.02 * whole), min(high + room, 1.02 * whole)]
    steps = (whole * share / 1000 for share in (2, 5, 10, 20, 50, 100, 200))
    return {"range": ends, "tick0": 0, "dtick": next(step for step in steps if ends[1] - ends[0] <= MOST_MARKS * step)}
