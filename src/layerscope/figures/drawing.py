"""Many areas, lines or answering rectangles, each kind as one shape or trace in the picture's pixels; and texts."""

from collections.abc import Sequence
from typing import Any

from layerscope.figures.scene import Point
from layerscope.figures.theme import CLEAR, PAPER, TEXT, Json

DIAMOND = 9.0
"""The sign of a change is so wide, in pixels."""

Rectangle = tuple[float, float, float, float, str, str | None]
"""Left, right, bottom, top, the words on hover, the layer that a click selects."""


def letter(
    x: float,
    y: float,
    words: str,
    pixels: float,
    *,
    name: str | None = None,
    across: str = "center",
    along: str = "middle",
    aside: float = 0,
    up: float = 0,
) -> Json:
    """A text as one of Plotly's annotations. `x` and `y` are parts of the drawing area, from 0 to 1.

    `across` and `along` say which point of the text stands there, `aside` and `up` how many pixels beside it. `name`
    is the layer that the text is about. While a hand moves, the stage writes these texts itself (see lettering.js).
    """
    text: Json = {
        "x": round(x, 4), "y": round(y, 4), "xref": "paper", "yref": "paper", "xanchor": across, "yanchor": along,
        "text": words, "showarrow": False, "font": {"size": pixels},
    }  # fmt: skip
    more = {"xshift": aside, "yshift": round(up, 1), "name": name}
    return text | {key: value for key, value in more.items() if value}


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


def passing(shape: Json) -> Json:
    """A shape that tells what is selected or was just changed: it is not in a saved picture."""
    return {**shape, "passing": True}


def arranged(shapes: Sequence[Json], traces: Sequence[Json]) -> tuple[list[Json], list[Json], list[int]]:
    """Both without the empty ones, which cost as much to draw as the others; and the places of what is passing."""
    kept = [shape for shape in shapes if shape["path"]]
    places = [i for i, shape in enumerate(kept) if shape.pop("passing", False)]
    return kept, [trace for trace in traces if trace["x"]], places


def saved(shapes: Sequence[int], texts: Sequence[str | None]) -> Json:
    """For the layout's `meta`: which shapes a saved picture leaves out, and which texts it has instead of others."""
    return {"left_out": list(shapes), "texts": {str(i): text for i, text in enumerate(texts) if text is not None}}


def changes(bodies: Sequence[Sequence[Point]]) -> Json:
    """A diamond at the front lower corner of each outline that the last move touched."""
    size = DIAMOND / 2
    corners = [(outline[0][0] + 1, outline[0][1] + 3) for outline in bodies]
    diamonds = [[(x - size, y), (x, y + size), (x + size, y), (x, y - size)] for x, y in corners]
    return passing(areas(diamonds, fill=TEXT, line=PAPER, width=1))
