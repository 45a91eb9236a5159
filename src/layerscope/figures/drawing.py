"""Many areas, lines, texts or answering rectangles, each kind as one shape or trace, in the picture's pixels."""

from collections.abc import Sequence
from typing import Any

from layerscope.figures.captions import Caption
from layerscope.figures.scene import Point
from layerscope.figures.theme import CLEAR, Json

Rectangle = tuple[float, float, float, float, str, str | None]
"""Left, right, bottom, top, the words on hover, the layer that a click selects."""


def texts(items: Sequence[tuple[Caption, int]]) -> Json:
    """Texts around their middles, each in its size."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [round(item.x, 1) for item, _ in items],
        "y": [round(item.y, 1) for item, _ in items],
        "text": [item.text for item, _ in items],
        "customdata": [[item.layer] for item, _ in items],
        "textposition": "middle center",
        "textfont": {"size": [pixels for _, pixels in items]},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def extent(area: Sequence[Point]) -> tuple[float, float, float, float]:
    """The rectangle around a polygon: left, right, bottom, top."""
    xs, ys = [x for x, _ in area], [y for _, y in area]
    return min(xs), max(xs), min(ys), max(ys)


def rectangles(items: Sequence[Rectangle]) -> Json:
    """Invisible bars that answer to the pointer on their whole area."""
    return {
        "type": "bar",
        "x": [round((left + right) / 2, 1) for left, right, *_ in items],
        "width": [round(right - left, 1) for left, right, *_ in items],
        "base": [round(bottom, 1) for _, _, bottom, *_ in items],
        "y": [round(top - bottom, 1) for _, _, bottom, top, *_ in items],
        "customdata": [[item[5]] for item in items],
        "hovertext": [item[4] for item in items],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": CLEAR, "line": {"width": 0}},
    }


def areas(polygons: Sequence[Sequence[Point]], *, fill: str, line: str, width: float = 1, dash: str = "solid") -> Json:
    """Filled polygons with a border, as one shape of the layout: Plotly draws those three times as fast as traces."""
    return {**_shape(polygons, "Z"), "fillcolor": fill, "line": {"color": line, "width": width, "dash": dash}}


def lines(paths: Sequence[Sequence[Point]], colour: str, width: float) -> Json:
    """Open lines, as one shape of the layout."""
    return {**_shape(paths, ""), "fillcolor": CLEAR, "line": {"color": colour, "width": width}}


def hatched(polygons: Sequence[Sequence[Point]], pattern: Json, **style: Any) -> Json:
    """Areas with a pattern, which only traces can have."""
    shape = areas(polygons, **style)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for polygon in polygons:
        xs += [*(round(x, 1) for x, _ in (*polygon, polygon[0])), None]
        ys += [*(round(y, 1) for _, y in (*polygon, polygon[0])), None]
    drawn = {"type": "scatter", "mode": "lines", "x": xs[:-1], "y": ys[:-1], "fill": "toself", "hoverinfo": "skip"}
    return {**drawn, "fillcolor": shape["fillcolor"], "line": shape["line"], "fillpattern": pattern}


def _shape(paths: Sequence[Sequence[Point]], end: str) -> Json:
    drawn = "".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + end for points in paths)
    return {"type": "path", "path": drawn, "layer": "below"}


def arranged(shapes: Sequence[Json], traces: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """Both without the empty ones, which cost as much to draw as the others."""
    return [shape for shape in shapes if shape["path"]], [trace for trace in traces if trace["x"]]
