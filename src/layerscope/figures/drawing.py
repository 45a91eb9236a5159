"""Many areas, lines, texts or answering rectangles, each kind as one Plotly trace, in the picture's pixels."""

from collections.abc import Sequence

from layerscope.figures.captions import Caption
from layerscope.figures.scene import Point
from layerscope.figures.theme import CLEAR, Json

Rectangle = tuple[float, float, float, float, str, str | None]
"""Left, right, bottom, top, the words on hover, the layer that a click selects."""


def texts(items: Sequence[Caption], pixels: int) -> Json:
    """Texts around their middles."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [round(item.x, 1) for item in items],
        "y": [round(item.y, 1) for item in items],
        "text": [item.text for item in items],
        "customdata": [[item.layer] for item in items],
        "textposition": "middle center",
        "textfont": {"size": pixels},
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
    """Filled polygons with a border."""
    drawn = path([[*polygon, polygon[0]] for polygon in polygons])
    style = {"color": line, "width": width, "dash": dash}
    return {**drawn, "mode": "lines", "fill": "toself", "fillcolor": fill, "line": style, "hoverinfo": "skip"}


def lines(paths: Sequence[Sequence[Point]], colour: str, width: float) -> Json:
    """Open lines."""
    return {**path(paths), "mode": "lines", "line": {"color": colour, "width": width}, "hoverinfo": "skip"}


def path(paths: Sequence[Sequence[Point]]) -> Json:
    """Several polygons or lines in one trace, parted by gaps."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for points in paths:
        xs += [round(x, 1) for x, _ in points] + [None]
        ys += [round(y, 1) for _, y in points] + [None]
    return {"type": "scatter", "x": xs[:-1], "y": ys[:-1]}
