"""Each setting of a sweep as a line across parallel axes.

What a click opens is the number of the frame's row, as text.
"""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import pandas as pd

from layerscope import limits
from layerscope.figures.sweep_words import CLICK, named, number_text
from layerscope.figures.theme import MUTED, Json, layout
from layerscope.formatting import compact

BLUE, FAINT = "#0072B2", "rgba(128,128,128,0.28)"


def parallel(frame: pd.DataFrame, columns: Sequence[str], held: pd.Index, *, log: bool = False) -> tuple[Json, str]:
    """Each setting that runs as a line across the columns, those that are `held` in front; and a note where not all
    are drawn. Each axis goes from the smallest to the largest value."""
    frame = frame[frame["runs"]]
    shown = frame.iloc[:: max(1, -(-len(frame) // limits.SWEEP_LINES.most))]
    heights = {column: _parts(shown[column], frame[column], log) for column in columns}
    data = []
    for is_held in (False, True):
        numbers = [n for n, number in enumerate(shown.index) if (number in held) is is_held]
        data.append(_lines(shown, columns, heights, numbers, BLUE if is_held else FAINT, is_held))
    texts = []
    for place, column in enumerate(columns):
        for y, value, anchor in ((1, frame[column].max(), "bottom"), (0, frame[column].min(), "top")):
            texts.append(_label(place, y, _end(value), anchor, 4 if y else -4))
        texts.append(_label(place, 0, f"<b>{named(column)}</b>", "top", -22 if place % 2 == 0 else -38))
    note = limits.SWEEP_LINES.sentence(shown=len(shown), found=len(frame)) if len(shown) < len(frame) else ""
    return {
        "data": data,
        "layout": layout(
            margin={"l": 60, "r": 60, "t": 26, "b": 62},
            xaxis={"range": [-0.1, len(columns) - 0.9], "visible": False, "fixedrange": True},
            yaxis={"range": [0, 1], "visible": False, "fixedrange": True},
            shapes=[
                {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": {"color": MUTED, "width": 1.5}}
                for place in range(len(columns))
            ],
            annotations=texts,
        ),
    }, note  # fmt: skip


def _end(value: float) -> str:
    """The end of an axis; "" where there is none."""
    if value != value:
        return ""
    return f"{value:.3g}" if 0 < abs(value) < 1 else compact(value)


def _label(x: float, y: float, words: str, anchor: str, up: int) -> Json:
    return {"x": x, "y": y, "text": words, "showarrow": False, "yanchor": anchor, "yshift": up, "font": {"size": 13}}


def _lines(
    frame: pd.DataFrame,
    columns: Sequence[str],
    heights: Mapping[str, list[float]],
    numbers: Sequence[int],
    colour: str,
    answers: bool,
) -> Json:
    """Some settings as one trace of lines with gaps between them."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    custom, hovers = [], []
    for n in numbers:
        row = frame.iloc[n]
        words = "<br>".join(f"{named(column)}: {number_text(column, row[column])}" for column in columns)
        xs += [*range(len(columns)), None]
        ys += [*(heights[column][n] for column in columns), None]
        custom += [[str(frame.index[n])]] * (len(columns) + 1)
        hovers += [f"{words}{CLICK}"] * (len(columns) + 1)
    answer: Json = {"hovertext": hovers, "hovertemplate": "%{hovertext}<extra></extra>", "customdata": custom}
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": {"color": colour, "width": 1.4},
        "connectgaps": False, **(answer if answers else {"hoverinfo": "skip"}),
    }  # fmt: skip


def _parts(values: "pd.Series[Any]", every: "pd.Series[Any]", log: bool) -> list[float]:
    """Where values stand between the smallest and the largest, from 0 to 1; in the middle where all are one."""
    low, high = float(every.min()), float(every.max())
    if not low < high:
        return [0.5] * len(values)
    if log and low > 0:
        return [log10(value / low) / log10(high / low) for value in values]
    return [(float(value) - low) / (high - low) for value in values]
