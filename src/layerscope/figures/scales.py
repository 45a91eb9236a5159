"""The value axis of the chart by layer: round marks, linear or logarithmic."""

from math import ceil, log10

from layerscope.figures.measures import Measure, Scale
from layerscope.figures.theme import Json
from layerscope.formatting import bytes_text, compact

SMALLEST = 0.7
"""Where a logarithmic axis begins: a column of 1 is still seen."""


def range_of(top: float, scale: Scale, headroom: float) -> tuple[float, float]:
    """The axis in its own terms (exponents on a logarithmic one), with room for the text above the columns."""
    if scale is Scale.LOG:
        low = log10(SMALLEST)
        return low, low + (log10(max(top, 10)) - low) / (1 - headroom)
    return 0.0, max(top, 1) / (1 - headroom)


def power(value: float, scale: Scale) -> float:
    """A place on the axis as a value."""
    return 10**value if scale is Scale.LOG else value


def value_axis(measure: Measure, scale: Scale, low: float, high: float, pixels: int) -> Json:
    """The axis with its marks."""
    axis: Json = {
        "fixedrange": True, "range": [low, high], "type": scale.value, "tickfont": {"size": pixels},
        "automargin": False, "zeroline": False, "ticks": "",
    }  # fmt: skip
    if scale is Scale.LOG:
        powers = range(0, int(high) + 1, ceil((int(high) + 1) / 6))
        values = [10**power for power in powers]
        write = bytes_text if measure is Measure.MEMORY else compact
        return {**axis, "tickmode": "array", "tickvals": values, "ticktext": [write(v) for v in values]}
    step = _round_step(high / 4.2)
    values = [step * i for i in range(int(high / step) + 1)]
    write = bytes_text if measure is Measure.MEMORY else compact
    return {**axis, "tickmode": "array", "tickvals": values, "ticktext": [write(v) for v in values]}


def _round_step(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    power = 10 ** max(int(log10(max(least, 1))), 0)
    return next(int(m * power) for m in (1, 2, 5, 10) if m * power >= least)
