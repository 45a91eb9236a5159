"""A sweep as pictures: a line over one range, a map over two.

Values of networks that do not run are not points: the stretch is shaded and crossed, with the reason on hover. What a
click opens is the number of the frame's row, as text.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from math import isnan, log10
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from layerscope.figures.cell_letters import SCALE, lettered
from layerscope.figures.sweep_words import brief, inviting, marks, opening, why, with_name
from layerscope.figures.theme import GRID, PAPER, TEXT, WRONG, Json, layout
from layerscope.formatting import compact

BLUE = "#0072B2"
SHADE = "rgba(213,94,0,0.14)"
MOST_MARKS = 8
"""Values along an axis up to which each has its mark."""
MOST_WORDS = 160
"""Cells of a map up to which each shows its number."""
MOST_PARTED = (60, 40)
"""Columns and rows of a map up to which there are lines between them: smaller cells would be lines mostly."""


def line(
    frame: pd.DataFrame,
    key: str,
    measure: str,
    *,
    log: bool = False,
    now: Any = None,
    opens: Collection[int] | None = None,
    held: pd.Index | None = None,
) -> Json:
    """One column over the values of a key, as plain Plotly JSON. `now` is the open network's value; `opens` are
    the rows whose network a click opens (None: all); points that are not `held` are hollow.
    """
    values, across = list(frame[key]), _places(frame, key)
    heights = [None if isnan(value) else float(value) for value in frame[measure]]
    hovers = [
        f"<b>{key} {x}</b><br>{with_name(measure, y)}{inviting(number, opens)}"
        for number, x, y in zip(frame.index, values, frame[measure], strict=True)
    ]
    markers = [
        ("diamond" if value == now else "circle") + ("" if is_held else "-open")
        for value, is_held in zip(values, _held(frame, held), strict=True)
    ]
    return {
        "data": [
            {
                "type": "scatter", "mode": "lines+markers", "x": across, "y": heights, "connectgaps": False,
                "customdata": _opening(frame, opens), "hovertext": hovers,
                "hovertemplate": "%{hovertext}<extra></extra>", "line": {"color": BLUE, "width": 2},
                "marker": {"color": BLUE, "symbol": markers, "size": [13 if value == now else 7 for value in values]},
            },
            *_crosses(frame, across, [0.03] * len(across), opens, {"yaxis": "y2"}),
        ],
        "layout": layout(
            margin={"l": 62, "r": 14, "t": 10, "b": 46},
            xaxis={"title": {"text": key, "standoff": 6}, "fixedrange": True, **_ticks(frame, key)},
            yaxis={
                "fixedrange": True, "gridcolor": GRID, "type": "log" if log else "linear",
                **marks(measure, frame[measure], log=log, from_zero=not log),
                **({} if log else {"rangemode": "tozero"}),
            },
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
            shapes=[
                {"type": "rect", "xref": "x", "yref": "paper", "x0": low, "x1": high, "y0": 0, "y1": 1,
                 "fillcolor": SHADE, "line": {"width": 0}, "layer": "below"}
                for low, high in _stretches(frame, across)
            ],
        ),
    }  # fmt: skip


def heat(
    frame: pd.DataFrame,
    keys: tuple[str, str],
    measure: str,
    *,
    log: bool = False,
    now: tuple[Any, Any] = (None, None),
    opens: Collection[int] | None = None,
    words: bool = True,
    held: pd.Index | None = None,
) -> Json:
    """One column over the values of two keys: the first across, the second up. `now` and `opens` as for `line`; `words`
    says whether there is room for numbers in the cells; those that are not `held` are faint."""
    first, second = keys
    columns, rows = list(dict.fromkeys(frame[first])), list(dict.fromkeys(frame[second]))
    cells = {(x, y): n for n, (x, y) in enumerate(zip(frame[first], frame[second], strict=True))}
    numbers = [[cells[x, y] for x in columns] for y in rows]
    values = list(frame[measure])
    shown = [[_height(values[n], log) for n in row] for row in numbers]
    across, up = _indices(columns), _indices(rows)
    hovers = [
        [
            f"<b>{first} {columns[j]}, {second} {rows[i]}</b><br>{with_name(measure, values[n])}"
            f"{inviting(frame.index[n], opens)}"
            for j, n in enumerate(row)
        ]
        for i, row in enumerate(numbers)
    ]
    wrong = [n for row in numbers for n in row if not frame["runs"].iloc[n]]
    places = {n: (across[j], up[i]) for i, row in enumerate(numbers) for j, n in enumerate(row)}
    few = words and len(values) <= MOST_WORDS
    map_: Json = {
        "type": "heatmap", "x": across, "y": up, "z": shown,
        "customdata": [[opening(frame.index[n], opens) for n in row] for row in numbers],
        "hovertext": hovers, "hovertemplate": "%{hovertext}<extra></extra>", "colorscale": SCALE,
        "xgap": int(len(columns) <= MOST_PARTED[0]), "ygap": int(len(rows) <= MOST_PARTED[1]),
        "colorbar": {"thickness": 12, "outlinewidth": 0, **_bar(measure, values, log)},
    }  # fmt: skip
    if few:
        map_ |= {
            "text": [[brief(measure, values[n]) for n in row] for row in numbers],
            "texttemplate": "%{text}",
        }
    is_held = _held(frame, held)
    here = [n for n, place in places.items() if _is_now(frame, n, keys, now)]
    return {
        "data": [
            *(lettered(map_) if held is None else _parted(map_, [[is_held[n] for n in row] for row in numbers])),
            *_crosses(frame.iloc[wrong], [places[n][0] for n in wrong], [places[n][1] for n in wrong], opens, {}),
        ],
        "layout": layout(
            margin={"l": 62, "r": 10, "t": 10, "b": 46},
            xaxis={"title": {"text": first, "standoff": 6}, "fixedrange": True, **_names(columns)},
            yaxis={
                "title": {"text": second, "standoff": 6}, "fixedrange": True, "showgrid": False, "zeroline": False,
                **_names(rows),
            },
            shapes=[
                {"type": "rect", "x0": places[n][0] - 0.5, "x1": places[n][0] + 0.5, "y0": places[n][1] - 0.5,
                 "y1": places[n][1] + 0.5, "line": {"color": colour, "width": width}}
                for n in here
                for colour, width in ((PAPER, 6), (TEXT, 2))  # seen on dark cells and on light ones
            ],
        ),
    }  # fmt: skip


def _held(frame: pd.DataFrame, held: pd.Index | None) -> list[bool]:
    """Whether each row is one of those that are held; all are where nothing is asked."""
    return [True] * len(frame) if held is None else frame.index.isin(held).tolist()


def _parted(map_: Json, is_held: list[list[bool]]) -> list[Json]:
    """A map as two: all cells faint, which answer to the hand, and above them those that are held."""

    def only(what: str, wanted: bool, nothing: Any) -> list[list[Any]]:
        rows = zip(map_[what], is_held, strict=True)
        return [[cell if own is wanted else nothing for cell, own in zip(*row, strict=True)] for row in rows]

    known = [z for row in map_["z"] for z in row if z is not None]
    ends = {"zmin": min(known), "zmax": max(known)} if known else {}
    texts = {held: {"text": only("text", held, "")} if "text" in map_ else {} for held in (True, False)}
    faint = map_ | ends | texts[False] | {"opacity": 0.3, "showscale": False, "textfont": {"color": TEXT}}
    above = map_ | ends | texts[True] | {"z": only("z", True, None), "hoverinfo": "skip", "hovertemplate": None}
    return [faint, *lettered(above)]


def _opening(frame: pd.DataFrame, opens: Collection[int] | None) -> list[list[str | None]]:
    """What a click on each row's point opens."""
    return [[opening(number, opens)] for number in frame.index]


def _crosses(
    frame: pd.DataFrame, xs: Sequence[Any], ys: Sequence[Any], opens: Collection[int] | None, more: Json
) -> Iterator[Json]:
    """A cross for each network that does not run, with its reason."""
    wrong = [n for n in range(len(frame)) if not frame["runs"].iloc[n]]
    if wrong:
        yield {
            "type": "scatter", "mode": "markers", "x": [xs[n] for n in wrong], "y": [ys[n] for n in wrong],
            "customdata": [_opening(frame, opens)[n] for n in wrong],
            "hovertext": [f"does not run<br>{why(frame['fails'].iloc[n], frame['reason'].iloc[n])}" for n in wrong],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "marker": {"color": WRONG, "symbol": "x", "size": 8}, **more,
        }  # fmt: skip


def _places(frame: pd.DataFrame, key: str) -> list[Any]:
    """Where the values stand on their axis: numbers at themselves, words one after the other."""
    return list(map(float, frame[key])) if is_number(frame, key) else list(range(len(frame)))


def is_number(frame: pd.DataFrame, key: str) -> bool:
    return is_numeric_dtype(frame[key]) and frame[key].dtype != "bool"


def _ticks(frame: pd.DataFrame, key: str) -> Json:
    if not is_number(frame, key):
        return {"tickvals": list(range(len(frame))), "ticktext": [str(value) for value in frame[key]]}
    values = sorted(set(map(float, frame[key])))
    apart = min((b - a for a, b in pairwise(values)), default=1.0)
    if len(values) <= MOST_MARKS and 24 * apart >= values[-1] - values[0]:  # so that none stands on another
        return {"tickvals": values, "ticktext": [f"{value:,.10g}" for value in values]}
    is_whole = all(value.is_integer() for value in values)
    return {"dtick": 1} if is_whole and values[-1] - values[0] <= 12 else {}


def _stretches(frame: pd.DataFrame, across: Sequence[float]) -> Iterator[tuple[float, float]]:
    """From where to where nothing runs, half a step around the values."""
    half = min((b - a for a, b in pairwise(across)), default=1.0) / 2
    for runs, group in groupby(range(len(frame)), lambda n: bool(frame["runs"].iloc[n])):
        places = list(group)
        if not runs:
            yield across[places[0]] - half, across[places[-1]] + half


def _height(value: float, log: bool) -> float | None:
    if isnan(value):
        return None
    return (log10(value) if value > 0 else None) if log else float(value)


def _bar(measure: str, values: Sequence[float], log: bool) -> Json:
    """The marks of a scale of colours; a logarithmic one has the logarithms."""
    known = [value for value in values if value > 0]
    if not log or not known:
        return marks(measure, values)
    found = marks(measure, known, log=True)
    texts = {"ticktext": [compact(mark) for mark in found["tickvals"]]} | found
    return {"tickvals": [log10(mark) for mark in found["tickvals"]], "ticktext": texts["ticktext"]}


def _indices(values: Sequence[Any]) -> list[int]:
    return list(range(len(values)))


def _names(values: Sequence[Any]) -> Json:
    """Marks of an axis whose values stand one after the other; of many only some."""
    every = max(1, -(-len(values) // 16))
    return {"tickvals": list(range(0, len(values), every)), "ticktext": [str(v) for v in values[::every]]}


def _is_now(frame: pd.DataFrame, n: int, keys: tuple[str, str], now: tuple[Any, Any]) -> bool:
    return all(frame[key].iloc[n] == value for key, value in zip(keys, now, strict=True))
