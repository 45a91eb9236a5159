"""Each setting of a sweep, or each trial, as a line across parallel axes.

A setting without a number on an axis, as it does not run, ends there at a place of its own below the smallest. What a
click opens is the number of the frame's row, as text.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import log10
from typing import Any

import pandas as pd

from layerscope import limits
from layerscope.figures.sweep_words import end_text, inviting, named, number_text, opening, why
from layerscope.figures.sweeping import is_number
from layerscope.figures.theme import GRID, MUTED, Json, layout

BLUE, FAINT, GREY = "#0072B2", "rgba(128,128,128,0.28)", "rgba(128,128,128,0.85)"
BRUSH = "rgba(230,159,0,0.75)"
BELOW = -0.22
"""Where a line ends on an axis that it has no number for; the numbers go from 0 to 1."""
NOTHING = "no number"
BESIDE = {"xanchor": "left", "xshift": 5}
LINE = 16
"""Pixels from one line of names to the next."""
THICK, LEAST = 9, 0.012
"""How thick a brush is on its axis, in pixels, and how far it reaches beyond its ends: of one value it is seen too."""
BESIDE_ENDS = 8
"""Pixels at the sides: an axis stands in the middle of its share of the width, above the slider that brushes it."""
WIDTHS = {False: 800, True: 230}
"""Pixels for the axes, at least, by whether the picture is narrow."""
LETTER = 8
"""Pixels of a bold letter of a name."""
MOST_LINES = 3
MOST_WORDS = 6
"""Words along an axis up to which each is written; of more, the first and the last."""


def parallel(
    frame: pd.DataFrame,
    columns: Sequence[str],
    held: pd.Index,
    *,
    log: bool = False,
    logs: Collection[str] = (),
    opens: Collection[int] | None = None,
    lacking: str = "does not run",
    thing: str = "settings",
    kept: Mapping[str, tuple[Any, Any]] | None = None,
    ends: Callable[[str, float], str] = end_text,
    narrow: bool = False,
) -> tuple[Json, str]:
    """Each setting as a line across the columns, those that are `held` in front; and a note: which lines end below, and
    how many are drawn where not all are.

    Each axis goes from the smallest to the largest value. Below it is the place of settings without a number there,
    called `lacking` where all of them are those that the column `runs` tells. `thing`: what the rows are called.
    `logs`: columns whose axis is logarithmic even if not all are. `opens`: the rows that a click opens (None: all).
    `kept`: the first and the last value that a brush keeps of a column; they are marked on its axis. `ends`: how the
    ends of an axis are written. `narrow`: on a phone no slider stands below an axis, and the names of the first and the
    last need room beside them.
    """
    shown = frame.iloc[:: max(1, -(-len(frame) // limits.SWEEP_LINES.most))]
    places = {column: _height(frame, column, log or column in logs) for column in columns}
    heights = {column: [places[column](value) for value in shown[column]] for column in columns}
    brushed = {name: [places[name](end) for end in span] for name, span in (kept or {}).items() if name in places}
    data = []
    held_rows = shown.index.isin(held)
    for is_held, runs in ((False, True), (False, False), (True, False), (True, True)):
        numbers = [n for n, work in enumerate(shown["runs"]) if (held_rows[n], work) == (is_held, runs)]
        if numbers or runs:
            line = {"color": (BLUE if runs else GREY) if is_held else FAINT, "width": 1.4}
            hovers = [_hover(shown.iloc[n], columns, opens) for n in numbers] if is_held else None
            lines = _lines(shown, columns, heights, numbers, hovers, opens)
            data.append(lines | {"line": line if runs else line | {"dash": "dot"}})
    side, share = (60, 0.1) if narrow else (BESIDE_ENDS, 0.5)
    works = frame.loc[frame["runs"], list(columns)]
    place = NOTHING if works.isna().any(axis=None) else lacking
    without = [column for column in columns if frame[column].isna().any()]
    lowest = BELOW if without else 0
    rows = _name_lines([_name(column, logs) for column in columns], narrow)
    return {
        "data": data,
        "layout": layout(
            margin={"l": side, "r": side, "t": 26, "b": 46 + LINE * (rows - 1)},
            xaxis={"range": [-share, len(columns) - 1 + share], "visible": False, "fixedrange": True},
            yaxis={"range": [lowest, 1], "visible": False, "fixedrange": True},
            shapes=list(_axes(columns, without, brushed)),
            annotations=[
                *_labels(frame, columns, without, lowest, logs, ends, rows), *_places(columns, without, place),
            ],
        ),
    }, _note(frame, shown, columns, place, thing)  # fmt: skip


def _note(frame: pd.DataFrame, shown: pd.DataFrame, columns: Sequence[str], place: str, thing: str) -> str:
    said = "{have} {place}." if place.startswith("no ") else "{end} at “{place}”: {they} no number there."
    few = len(shown) < len(frame)
    told = [limits.SWEEP_LINES.sentence(shown=len(shown), found=len(frame))] if few else []
    if count := int(frame[list(columns)].isna().any(axis=1).sum()):
        end, they, have = ("ends", "it has", "has") if count == 1 else ("end", "they have", "have")
        told.append(f"{count:,} of {len(frame):,} {thing} " + said.format(end=end, they=they, have=have, place=place))
    return " ".join(told)


def _axes(columns: Sequence[str], without: Collection[str], brushed: Mapping[str, Sequence[float]]) -> Iterator[Json]:
    """The axes, on each the part that is brushed, and below it the place of those without a number."""
    for place, column in enumerate(columns):
        line = {"type": "line", "x0": place, "x1": place}
        yield line | {"y0": 0, "y1": 1, "line": {"color": MUTED, "width": 1.5}}
        if span := brushed.get(column):
            reach = {"y0": min(span) - LEAST, "y1": max(span) + LEAST}
            yield line | reach | {"line": {"color": BRUSH, "width": THICK}}
        if column in without:
            yield line | {"y0": BELOW, "y1": 0, "line": {"color": GRID, "width": 1.5, "dash": "dot"}}


def _labels(
    frame: pd.DataFrame,
    columns: Sequence[str],
    without: Collection[str],
    lowest: float,
    logs: Collection[str],
    ends: Callable[[str, float], str],
    rows: int,
) -> Iterator[Json]:
    """The ends of each axis, or its words, and its name below, in so many rows of names."""
    for place, column in enumerate(columns):
        if is_number(frame, column):
            yield _label(place, 1, ends(column, frame[column].max()), "bottom", 4)
            low = _label(place, 0, ends(column, frame[column].min()), "top", -4)
            yield low | BESIDE | {"yshift": -2} if column in without else low
        else:
            words = _words(frame, column)
            for n, word in enumerate(words):
                y = _share(n, len(words))
                if y in (0, 1):  # the ends stand outside, where no line runs
                    yield _label(place, y, str(word), "bottom" if y else "top", 4 if y else -4)
                elif len(words) <= MOST_WORDS:
                    yield _label(place, y, str(word), "bottom", 1) | BESIDE
        yield _label(place, lowest, f"<b>{_name(column, logs)}</b>", "top", -22 - LINE * (place % rows))


def _name(column: str, logs: Collection[str]) -> str:
    return f"{named(column)} (log)" if column in logs else named(column)


def _name_lines(names: Sequence[str], narrow: bool) -> int:
    """Rows for the names below, as few as keep neighbors in a row apart."""
    apart = WIDTHS[narrow] / max(len(names) - 1 if narrow else len(names), 1)

    def fits(rows: int) -> bool:
        pairs = zip(names, names[rows:], strict=False)
        return all(LETTER * (len(one) + len(other) + 1) / 2 <= rows * apart for one, other in pairs)

    return next(filter(fits, range(1, MOST_LINES)), MOST_LINES)


def _places(columns: Sequence[str], without: Collection[str], words: str) -> Iterator[Json]:
    """The place of those without a number, named once: at the first axis that has one."""
    for place, column in enumerate(columns):
        if column in without:
            yield _label(place, BELOW, words, "top", -4)
            return


def _label(x: float, y: float, words: str, anchor: str, up: int) -> Json:
    return {"x": x, "y": y, "text": words, "showarrow": False, "yanchor": anchor, "yshift": up, "font": {"size": 13}}


def _hover(row: "pd.Series[Any]", columns: Sequence[str], opens: Collection[int] | None) -> str:
    told = []
    for column in columns:
        value = row[column]
        text = str(value) if isinstance(value, str) or pd.api.types.is_bool(value) else number_text(column, value)
        if text:
            told.append(f"{named(column)}: {text}")
    if not row["runs"]:
        told.append(why(row.get("fails", ""), row["reason"]))
    return f"{'<br>'.join(told)}{inviting(row.name, opens)}"


def _lines(
    frame: pd.DataFrame,
    columns: Sequence[str],
    heights: Mapping[str, list[float]],
    numbers: Sequence[int],
    hovers: Sequence[str] | None,
    opens: Collection[int] | None,
) -> Json:
    """Some settings as one trace of lines with gaps between them. Those with `hovers` answer to the hand."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for n in numbers:
        xs += [*range(len(columns)), None]
        ys += [*(heights[column][n] for column in columns), None]
    line: Json = {"type": "scatter", "mode": "lines", "x": xs, "y": ys, "connectgaps": False}
    if hovers is None:
        return line | {"hoverinfo": "skip"}
    every = range(len(columns) + 1)
    return line | {
        "hovertext": [told for told in hovers for _ in every], "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[opening(frame.index[n], opens)] for n in numbers for _ in every],
    }  # fmt: skip


def _words(frame: pd.DataFrame, column: str) -> list[Any]:
    return list(dict.fromkeys(frame[column]))


def _share(place: int, count: int) -> float:
    return place / (count - 1) if count > 1 else 0.5


def _height(frame: pd.DataFrame, column: str, log: bool) -> Callable[[Any], float]:
    """Where a value stands between the smallest and the largest, from 0 to 1; in the middle where all are one, and
    below where there is none. Words stand one above the other."""
    if not is_number(frame, column):
        places = {word: n for n, word in enumerate(_words(frame, column))}
        return lambda word: _share(places[word], len(places))
    low, high = float(frame[column].min()), float(frame[column].max())

    def height(found: Any) -> float:
        value = float(found)
        if value != value:
            return BELOW
        if not low < high:
            return 0.5
        return log10(value / low) / log10(high / low) if log and low > 0 else (value - low) / (high - low)

    return height
