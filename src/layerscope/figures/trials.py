"""Trials as pictures: accuracy against what a network costs, and how much each hyperparameter matters.

The lines across parallel axes are those of a sweep (`parallel.py`).
"""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from layerscope.figures.parallel import BLUE, FAINT, parallel
from layerscope.figures.sweep_words import inviting, marks, named, number_text, opening
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
    return {
        "data": [
            {
                "type": "scatter", "mode": "markers", "x": list(map(float, known[measure])),
                "y": [100 * float(value) for value in known["accuracy"]],
                "customdata": [[opening(number, opens)] for number in numbers],
                "hovertext": [f"{hovers[number]}{inviting(number, opens)}" for number in numbers],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "marker": {
                    "size": 11, "color": [BLUE if number in held else FAINT for number in numbers],
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
            yaxis={"title": {"text": PERCENT, "standoff": 6}, "fixedrange": True, "gridcolor": GRID},
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
) -> tuple[Json, str]:
    """Each trial as a line across its values, its accuracy and its cost; and a note: see `parallel`."""
    shown = in_percent(frame)
    columns = [name for name in (*keys, "parameters", "macs", "memory", PERCENT) if shown[name].notna().any()]
    return parallel(shown, columns, held, log=log, logs=logs, opens=opens, lacking=LACKING, thing="trials")


def shares(importance: Mapping[str, float]) -> Json:
    """How much of the differences in accuracy each hyperparameter explains, as bars."""
    names = list(importance)[::-1]
    values = [100 * importance[name] for name in names]
    return {
        "data": [
            {
                "type": "bar", "orientation": "h", "x": values, "y": names, "marker": {"color": BLUE},
                "text": [f"{number_text('', round(value))}%" for value in values], "textposition": "auto",
                "hoverinfo": "skip", "width": 0.6,
            }
        ],
        "layout": layout(
            margin={"l": 160, "r": 26, "t": 6, "b": 30},
            xaxis={"range": [0, 100], "fixedrange": True, "ticksuffix": "%", "gridcolor": GRID},
            yaxis={"fixedrange": True, "type": "category"},
        ),
    }  # fmt: skip
