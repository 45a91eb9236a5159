"""Marks of a logarithmic axis of counts: round numbers that stand apart, also where the axis is less than a decade."""

from math import ceil, floor, log10

from layerscope.figures.theme import Json

ROUND = ((1,), (1, 2, 5), tuple(range(1, 10)))
"""What marks begin with, the roundest first."""
LEAST, MOST = 3, 5
"""Marks of an axis, where there are so many round numbers; and as a part of its length how close two may be."""


def logarithmic(low: float, top: float) -> list[float]:
    """Between two counts above 0, the lower one first."""
    found = next((marks for digits in ROUND if len(marks := _of_decades(low, top, digits)) >= LEAST), None)
    apart, kept = log10(top / low) / MOST, list[float]()
    for mark in found or _of_steps(low, top):
        if not kept or log10(mark / kept[-1]) >= apart:
            kept.append(mark)
    return kept


def _of_decades(low: float, top: float, digits: tuple[int, ...]) -> list[float]:
    powers = range(floor(log10(low)), floor(log10(top)) + 1)
    return [mark for power in powers for digit in digits if low <= (mark := digit * 10.0**power) <= top]


def _of_steps(low: float, top: float) -> list[float]:
    if top <= low:
        return [low]
    power = 10.0 ** floor(log10((top - low) / LEAST))
    step = next(each * power for each in (5, 2, 1) if (top - low) / (each * power) >= LEAST)
    return [step * number for number in range(ceil(low / step), floor(top / step) + 1)]


def log_axis(low: float, top: float) -> Json:
    """The marks of a logarithmic axis of Plotly's."""
    return {"tickvals": logarithmic(low, top), "tickformat": "~s"}
