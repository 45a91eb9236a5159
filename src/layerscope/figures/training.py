"""A training as pictures: the curves, what it says of a few images, maps and kernels as tiles, the confusion matrix."""

from collections.abc import Mapping, Sequence
from itertools import count, islice
from math import ceil, log
from typing import Any

from layerscope import limits
from layerscope.figures.cell_letters import SCALE, lettered
from layerscope.figures.scales import span
from layerscope.figures.theme import GRID, MUTED, PAPER, Json, layout
from layerscope.study.outcome import Row

BLUE, ORANGE = "#0072B2", "#D55E00"
AROUND_ZERO = [[0, "#0072B2"], [0.5, "#F7F7F7"], [1, "#D55E00"]]
MOST_WORDS = 16
"""Classes up to which each cell of the confusion matrix shows its number."""
MOST_NARROW = 10
"""The same on a phone."""
SEEN = 0.2
"""The lightness of a cell with hardly any images, of 1."""
BESIDE, LETTER = 42, 7.5
"""Pixels beside the confusion matrix for the axis's title, and for each letter of the longest class."""
MOST_TICKS = 10
"""Numbers below an axis of epochs or steps, beside the 0."""


def curves(rows: Sequence[Row], classes: int, steps: int, narrow: bool) -> Json:
    """Loss and accuracy of each batch, and of held-out images, over the steps; beside each other, or one below."""
    batches = [row for row in rows if row.loss is not None]
    held = [row for row in rows if row.held_loss is not None]
    data = []
    for place, (name, is_share) in enumerate((("loss", False), ("accuracy", True))):
        axes = {"xaxis": f"x{place + 1 if place else ''}", "yaxis": f"y{place + 1 if place else ''}"}
        xs, ys = _thinned([row.step for row in batches], [getattr(row, name) for row in batches])
        data.append(_line(f"training {name}", xs, ys, BLUE, 1.2, "lines", is_share, axes))
        xs, ys = [row.step for row in held], [_plain(getattr(row, f"held_{name}")) for row in held]
        data.append(_line(f"held-out {name}", xs, ys, ORANGE, 2, "lines+markers", is_share, axes))
    even, guess = log(classes), 1 / classes
    boxes = [((0, 1), (0.6, 1)), ((0, 1), (0, 0.4))] if narrow else [((0, 0.46), (0, 1)), ((0.54, 1), (0, 1))]
    highest = max((y for y in data[0]["y"] if y is not None), default=even)
    top = max(1.5 * even, min(1.05 * highest, 4 * even))
    beyond = [mark for line in data[:2] if (mark := _beyond(line, top))]
    axes_ = {}
    for place, ((left, right), (low, high)) in enumerate(boxes):
        end = str(place + 1) if place else ""
        axes_[f"xaxis{end}"] = {
            "domain": [left, right], "anchor": f"y{end}", "range": [0, max(steps, 1)], "fixedrange": True,
            "title": {"text": "step", "standoff": 4}, "nticks": 6,
        }  # fmt: skip
        axes_[f"yaxis{end}"] = {
            "domain": [low, high], "anchor": f"x{end}", "fixedrange": True, "gridcolor": GRID, "nticks": 6,
            "range": [0, 1.02] if place else [0, top], **({"tickformat": ".0%"} if place else {}),
        }  # fmt: skip
    return {
        "data": [*data, *beyond],
        "layout": layout(
            margin={"l": 46, "r": 12, "t": 24, "b": 40},
            **axes_,
            shapes=[_level("x", "y", even), _level("x2", "y2", guess)],
            annotations=[
                _word("x", "y", even, f"ln {classes:,} = {even:.2f}"), _word("x2", "y2", guess, "guessing"),
                _title("x domain", "y domain", "Loss", _reach(data[:2], top)),
                _title("x2 domain", "y2 domain", "Accuracy"),
            ],
        ),
    }  # fmt: skip


def _line(
    name: str,
    xs: list[Any],
    ys: list[Any],
    colour: str,
    width: float,
    mode: str,
    is_share: bool,
    axes: Json,
) -> Json:
    return {
        "type": "scatter", "mode": mode, "name": name, "x": xs, "y": ys, "line": {"color": colour, "width": width},
        "marker": {"color": colour, "size": 6}, "showlegend": False, "connectgaps": False, **axes,
        "hovertemplate": f"step %{{x:.0f}}<br>{name} %{{y:{'.1%' if is_share else '.3f'}}}<extra></extra>",
    }  # fmt: skip


def _beyond(line: Json, top: float) -> Json | None:
    """A mark at the upper edge for each loss of a line that is beyond the axis; None where none is."""
    off = [(x, y) for x, y in zip(line["x"], line["y"], strict=True) if y is None or y > top]
    if not off:
        return None
    return line | {
        "mode": "markers", "x": [x for x, _ in off], "y": [top] * len(off), "cliponaxis": False,
        "marker": line["marker"] | {"symbol": "triangle-up", "size": 9},
        "hovertext": [f"step {x:.0f}<br>{line['name']} {_loss(y)}" for x, y in off],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _reach(lines: Sequence[Json], top: float) -> str:
    """How far losses reach that are beyond the axis, after the title; "" where none is."""
    off = [y for line in lines for y in line["y"] if y is None or y > top]
    known = [y for y in off if y is not None]
    if not off:
        return ""
    parts = [*([f"up to {_loss(max(known))}"] if known else []), *([_loss(None)] if None in off else [])]
    return f" (▲ beyond the axis: {', '.join(parts)})"


def _loss(value: float | None) -> str:
    return "not a number" if value is None else f"{value:,.3g}"


def _thinned(xs: list[int], ys: list[float]) -> tuple[list[Any], list[Any]]:
    """At most so many points: of longer curves each is the mean of several that follow each other. The last one is the
    newest alone, so that the line ends at the step that the page names."""
    every = ceil(max(len(xs) - 1, 1) / (limits.TRAIN_POINTS.most - 1))
    groups = [slice(at, min(at + every, len(xs) - 1)) for at in range(0, len(xs) - 1, every)]
    return (
        [*(sum(xs[group]) / len(xs[group]) for group in groups), *xs[-1:]],
        [*(_plain(sum(ys[group]) / len(ys[group])) for group in groups), *map(_plain, ys[-1:])],
    )


def _plain(value: float) -> float | None:
    """A number for JSON, which knows no infinity."""
    return value if abs(value) < 1e30 else None


def _level(x: str, y: str, at: float) -> Json:
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": f"{x} domain", "yref": y, "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line}


def _word(x: str, y: str, at: float, words: str) -> Json:
    return {
        "xref": f"{x} domain", "yref": y, "x": 1, "y": at, "text": words, "showarrow": False, "xanchor": "right",
        "yanchor": "bottom", "yshift": 2, "font": {"size": 13}, "bgcolor": PAPER, "borderpad": 0,
    }  # fmt: skip


def _title(x: str, y: str, words: str, more: str = "") -> Json:
    return {
        "xref": x, "yref": y, "x": 0, "y": 1, "text": f"<b>{words}</b>{more}", "showarrow": False, "xanchor": "left",
        "yanchor": "bottom", "font": {"size": 14},
    }  # fmt: skip


def predictions(labels: Sequence[str], classes: Sequence[str], shares: Sequence[Sequence[float]]) -> Json:
    """A row for each image, a column for each class: how likely it finds it; a frame around the right one."""
    rows = [f"{_short(label)} " for label in labels]
    return {
        "data": [{
            "type": "heatmap", "x": list(range(len(classes))), "y": list(range(len(rows))), "z": shares, "zmin": 0,
            "zmax": 1, "colorscale": SCALE, "xgap": 1, "ygap": 2, "showscale": False,
            "hovertext": [
                [f"a {label}: {share:.1%} for {name}" for name, share in zip(classes, row, strict=True)]
                for label, row in zip(labels, shares, strict=True)
            ],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }],
        "layout": layout(
            margin={"l": 84, "r": 8, "t": 8, "b": 44},
            xaxis={"fixedrange": True, "title": {"text": "predicted class", "standoff": 4}, **_named(classes)},
            yaxis={"fixedrange": True, "autorange": "reversed", **_ticks(rows)},
            shapes=[
                {"type": "rect", "x0": at - 0.5, "x1": at + 0.5, "y0": n - 0.5, "y1": n + 0.5,
                 "line": {"color": ORANGE, "width": 2}}
                for n, label in enumerate(labels) for at in [list(classes).index(label)]
            ],
        ),
    }  # fmt: skip


def _named(words: Sequence[str]) -> Json:
    return _ticks(list(map(_short, words)))


def _ticks(words: Sequence[str]) -> Json:
    every = max(1, ceil(len(words) / 20))
    shown = list(islice(words, 0, None, every))
    return {"tickvals": list(range(0, len(words), every)), "ticktext": shown, "zeroline": False, "showgrid": False}


def _short(word: str) -> str:
    return word if len(word) <= 11 else f"{word[:10]}…"


def tiles(sheet: Sequence[Sequence[float | None]], around_zero: bool = False) -> Json:
    """Pictures beside each other on one scale, around zero where they are weights; None lies between them."""
    most = max((abs(value) for row in sheet for value in row if value is not None), default=0.0)
    scale = {"zmin": -most, "zmax": most, "colorscale": AROUND_ZERO} if around_zero else {"colorscale": SCALE}
    return {
        "data": [{
            "type": "heatmap", "z": sheet, "hoverongaps": False, "hovertemplate": "%{z}<extra></extra>",
            "colorbar": {"thickness": 10, "outlinewidth": 0, "nticks": 5}, **scale,
        }],
        "layout": layout(
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis={"visible": False, "fixedrange": True, "constrain": "domain"},
            yaxis={"visible": False, "fixedrange": True, "autorange": "reversed", "scaleanchor": "x",
                   "constrain": "domain", "constraintoward": "top"},  # what is seen of a high card is not blank
        ),
    }  # fmt: skip


def confusion(values: Sequence[Sequence[int]], classes: Sequence[str], chosen: tuple[int, int], narrow: bool) -> Json:
    """How many images of each class (down) were taken for which (across). A click opens a cell: "3.8"."""
    size = len(classes)
    # A single mistake of many images is another shade than none.
    shares = [[SEEN + (1 - SEEN) * n / sum(row) if n else 0 for n in row] for row in values]
    invites = f"<br>{'tap' if narrow else 'click'} to look"
    hovers = [
        [
            f"{classes[i]} predicted as {classes[j]}: {n:,} {'image' if n == 1 else 'images'}{invites if n else ''}"
            for j, n in enumerate(row)
        ]
        for i, row in enumerate(values)
    ]
    heat: Json = {
        "type": "heatmap", "z": shares, "zmin": 0, "zmax": 1, "colorscale": SCALE, "xgap": 1, "ygap": 1,
        "x": list(range(size)), "y": list(range(size)), "showscale": False, "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[f"{i}.{j}" for j in range(size)] for i in range(size)],
    }  # fmt: skip
    if size <= (MOST_NARROW if narrow else MOST_WORDS):
        heat |= {"text": [[str(n) if n else "" for n in row] for row in values], "texttemplate": "%{text}"}
        heat |= {"textfont": {"size": 11}} if narrow else {}
    named = _named(classes)
    beside_words = BESIDE + LETTER * max(map(len, named["ticktext"]))
    down, across = chosen
    frame = {
        "type": "rect", "x0": across - 0.5, "x1": across + 0.5, "y0": down - 0.5, "y1": down + 0.5,
        "line": {"color": ORANGE, "width": 3},
    }  # fmt: skip
    return {
        "data": lettered(heat),
        "layout": layout(
            margin={"l": beside_words, "r": 8, "t": 8, "b": 60},
            xaxis={"fixedrange": True, "title": {"text": "predicted as", "standoff": 4}, **named},
            yaxis={
                "fixedrange": True, "autorange": "reversed", "title": {"text": "true class", "standoff": 4}, **named,
            },
            shapes=[frame],
        ),
    }  # fmt: skip


def beside(lines: Mapping[str, tuple[Sequence[int], Sequence[float]]], over: str = "step") -> Json:
    """Accuracies over the steps (or the epochs), a line for each name, told apart by colour, dashes and marks."""
    looks = zip((BLUE, ORANGE, "#009E73"), ("solid", "dash", "dot"), ("circle", "square", "diamond"), strict=True)
    last = max((x for xs, _ in lines.values() for x in xs), default=0)
    axis = span([y for _, ys in lines.values() for y in ys], 1)
    return {
        "data": [
            {
                "type": "scatter", "mode": "lines+markers", "x": list(xs), "y": list(ys), "name": name,
                "line": {"color": colour, "width": 2, "dash": dash},
                "marker": {"color": colour, "size": 8, "symbol": mark},
                "hovertemplate": f"{name}<br>{over} %{{x}}: %{{y:.1%}}<extra></extra>",
            }
            for (name, (xs, ys)), (colour, dash, mark) in zip(lines.items(), looks, strict=False)
        ],
        "layout": layout(
            margin={"l": 46, "r": 12, "t": 8, "b": 70}, showlegend=True,
            legend={"orientation": "h", "x": 0, "y": -0.22, "font": {"size": 13}},
            xaxis={"title": {"text": over, "standoff": 4}, "fixedrange": True, "rangemode": "tozero",
                   "tick0": 0, "dtick": _between_ticks(last)},
            yaxis={"tickformat": f".{int(axis['dtick'] < 0.01)}%", "fixedrange": True, "gridcolor": GRID, **axis},
        ),
    }  # fmt: skip


def _between_ticks(last: int) -> int:
    """A whole number between two ticks, 1, 2 or 5 with zeros: there is no half of an epoch."""
    steps = (digit * int(10**zeros) for zeros in count() for digit in (1, 2, 5))
    return next(step for step in steps if last <= MOST_TICKS * step)


def points(groups: Mapping[str, Sequence[float]], names: Sequence[str]) -> Json:
    """Accuracies as points, a column for each group, and a line across at its average; `names` name the points."""
    every = [value for values in groups.values() for value in values]
    low, high = min(every), max(every)
    room = max(0.02, (high - low) / 4)
    marks = zip((BLUE, ORANGE, "#009E73"), ("circle", "square", "diamond"), strict=True)
    return {
        "data": [
            {
                "type": "scatter", "mode": "markers", "name": label, "y": list(values),
                "x": [place + (at - (len(values) - 1) / 2) * 0.08 for at in range(len(values))],
                "marker": {"color": colour, "size": 11, "symbol": mark}, "text": list(names), "showlegend": False,
                "hovertemplate": "%{text}: %{y:.1%}<extra></extra>",
            }
            for place, ((label, values), (colour, mark)) in enumerate(zip(groups.items(), marks, strict=False))
        ],
        "layout": layout(
            margin={"l": 56, "r": 12, "t": 8, "b": 34},
            xaxis={"tickvals": list(range(len(groups))), "ticktext": list(groups), "fixedrange": True,
                   "range": [-0.5, len(groups) - 0.5], "showgrid": False, "zeroline": False},
            yaxis={"range": [low - room, min(high + room, 1.02)], "tickformat": ".1%", "fixedrange": True,
                   "gridcolor": GRID, "nticks": 6},
            shapes=[
                {"type": "line", "x0": place - 0.3, "x1": place + 0.3, "y0": average, "y1": average,
                 "line": {"color": MUTED, "width": 2}}
                for place, values in enumerate(groups.values()) for average in [sum(values) / len(values)]
            ],
        ),
    }  # fmt: skip
