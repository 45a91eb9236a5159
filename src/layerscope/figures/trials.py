"""Trials as pictures: accuracy against what a network costs, and how much each hyperparameter matters.

The lines across parallel axes are those of a sweep (`parallel.py`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd

from layerscope.figures.parallel import BLUE, FAINT, parallel
from layerscope.figures.scales import span
from layerscope.figures.sweep_words import end_text, inviting, marks, named, number_text, opening
from layerscope.figures.theme import GRID, Json, layout

PERCENT = "accuracy (%)"
_STANDS = {
    "finished": "circle", "cut short": "triangle-down", "exploded": "x", "stopped": "square",
    "running again": "circle-open", "waiting to run again": "circle-open",
}  # fmt: skip


LACKING = "no accuracy"


def in_percent(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of trials as `parallel` reads one: those without an accuracy are what does not run there."""
    return frame.assign(runs=frame["accuracy"].notna(), **{PERCENT: 100 * frame["accuracy"].astype("float64")})


def plane(
    frame: pd.DataFrame,
    measure: str,
    held: pd.Index,
    hovers: Mapping[int, str],
    *,
    log: bool = False,
    opens: Collection[int] | None = None,
) -> Json:
    """Accuracy over parameters, MACs or memory: a point for each trial with one, those that are `held` in color.

    Up and to the left is better. A click gives the trial's number, as text, where it is one of those that it `opens`
    (None: all).
    """
    known = frame[frame["accuracy"].notna() & frame[measure].notna()]
    numbers = [int(number) for number in known.index]
    percents = [100 * float(value) for value in known["accuracy"]]
    return {
        "data": [
            {
                "type": "scatter", "mode": "markers", "x": list(map(float, known[measure])),
                "y": percents,
                "customdata": [[opening(number, opens)] for number in numbers],
                "hovertext": [f"{hovers[number]}{inviting(number, opens)}" for number in numbers],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "marker": {
                    "size": 11, "opacity": 0.8, "color": [BLUE if number in held else FAINT for number in numbers],
                    "symbol": [_STANDS.get(str(state), "circle") for state in known["state"]],
                },
            }
        ],
        "layout": layout(
            margin={"l": 52, "r": 14, "t": 10, "b": 46},
            xaxis={
                "title": {"text": named(measure), "standoff": 6}, "fixedrange": True, "gridcolor": GRID,
                "type": "log" if log else "linear", **marks(measure, known[measure], log=log),
            },
            yaxis={
                "title": {"text": PERCENT, "standoff": 6}, "fixedrange": True, "gridcolor": GRID,
                **span(percents, 100),
            },
        ),
    }  # fmt: skip


def lines(
    frame: pd.DataFrame,
    keys: Sequence[str],
    held: pd.Index,
    *,
    log: bool = False,
    logs: Collection[str] = (),
    opens: Collection[int] | None = None,
    kept: Mapping[str, tuple[Any, Any]] | None = None,
    ends: Callable[[str, float], str] = end_text,
    narrow: bool = False,
) -> tuple[Json, str]:
    """Each trial as a line across its values, its accuracy and its cost; and a note: see `parallel`, where `kept`
    and `ends` are of the frame's own columns."""
    shown = in_percent(frame)
    spans = dict(kept or {})
    if (span := spans.pop("accuracy", None)) is not None:
        spans[PERCENT] = (100 * span[0], 100 * span[1])

    def told(column: str, value: float) -> str:
        return "" if isnan(value) else ends("accuracy", value / 100) if column == PERCENT else ends(column, value)

    return parallel(
        shown, axes(frame, keys), held, log=log, logs=logs, opens=opens, lacking=LACKING, thing="trials", kept=spans,
        ends=told, narrow=narrow,
    )  # fmt: skip


def axes(frame: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """The columns of `lines` in their order, as `in_percent` calls them: those with a number."""
    shown = in_percent(frame)
    return [name for name in (*keys, "parameters", "macs", "memory", PERCENT) if shown[name].notna().any()]


def shares(importance: Mapping[str, float]) -> Json:
    """How much of the differences in accuracy each hyperparameter explains, as bars."""
    names = list(importance)[::-1]
    values = [100 * importance[name] for name in names]
    return {
        "data": [
            {
                "type": "bar", "orientation": "h", "x": values, "y": names, "marker": {"color": BLUE},
                "text": [f"{number_text('', round(value))}%" for value in values], "textposition": "auto",
                "textangle": 0, "hoverinfo": "skip", "width": 0.6,
            }
        ],
        "layout": layout(
            margin={"l": 160, "r": 26, "t": 6, "b": 30},
            xaxis={"range": [0, 100], "fixedrange": True, "ticksuffix": "%", "gridcolor": GRID},
            yaxis={"fixedrange": True, "type": "category"},
        ),
    }  # fmt: skip
