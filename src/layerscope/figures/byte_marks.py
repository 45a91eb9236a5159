"""Marks of an axis of bytes, round in the units that its numbers are written in: multiples of a power of 2."""

from collections.abc import Sequence
from math import ceil, floor, log2

from layerscope.figures.theme import Json
from layerscope.formatting import bytes_text

MOST = 5
"""Steps of a linear axis."""
MOST_POWERS = 6
_APART = (1, 2, 5, 10)
"""By so many powers of 2 the marks of a logarithmic axis differ: ten make the next unit."""


def linear(low: float, top: float) -> list[int]:
    """Between two sizes; the lower one where they are the same."""
    gap = 2 ** max(0, ceil(log2((top - low) / MOST))) if top > low else 1
    return [gap * number for number in range(ceil(low / gap), floor(top / gap) + 1)]


def logarithmic(low: float, top: float) -> list[int]:
    """Powers of 2 between two sizes; where these are few, those of a linear axis."""
    first, last = log2(max(low, 1)), log2(max(top, 1))
    apart = next((each for each in _APART if (last - first) / each < MOST_POWERS), _APART[-1])
    powers = range(ceil(first / apart), floor(last / apart) + 1)
    return [2 ** (apart * power) for power in powers] if len(powers) > 2 else linear(low, top)


def axis(low: float, top: float) -> Json:
    """The marks of a linear axis of Plotly's."""
    return written(linear(low, top))


def log_axis(low: float, top: float) -> Json:
    """The marks of a logarithmic axis of Plotly's."""
    return written(logarithmic(low, top))


def written(marks: Sequence[int]) -> Json:
    """The marks with their texts, each text once."""
    texts = {bytes_text(mark) if mark else "0": mark for mark in reversed(marks)}
    return {"tickvals": [*texts.values()][::-1], "ticktext": [*texts][::-1]}
