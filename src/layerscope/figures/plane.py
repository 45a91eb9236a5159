"""Cells seen from above: pictures whose unit is one cell, x to the right and y downwards, as rows and columns count."""

from collections.abc import Iterable, Sequence

from layerscope.figures import drawing
from layerscope.figures.scene import Point
from layerscope.figures.theme import TEXT, Json, layout

INK = "#1A1A1A"
"""What is written or drawn on light cells, in dark mode too."""
RIM = 0.2
"""Room for the borders of what stands at the edge, in cells."""
FONT = "var(--st-font)"
"""Traces do not take the layout's."""
Word = tuple[float, float, str]
"""Where a text stands, and the text."""
Beside = tuple[float, float, float]


def box(left: float, top: float, wide: float, high: float) -> list[Point]:
    """A rectangle."""
    return [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]


def rules(left: float, top: float, columns: int, rows: int, cell: float = 1.0) -> list[list[Point]]:
    """The lines between the cells of a grid."""
    right, bottom = left + columns * cell, top + rows * cell
    upright = [[(left + i * cell, top), (left + i * cell, bottom)] for i in range(1, columns)]
    return [*upright, *([(left, top + i * cell), (right, top + i * cell)] for i in range(1, rows))]


def above(shape: Json) -> Json:
    """The same areas or lines, in front of the traces."""
    return {**shape, "layer": "above"}


def words(items: Iterable[Word], pixels: float, *, colour: str = TEXT, at: str = "middle center") -> Json:
    """Texts as one trace. `at` says on which side of its point a text stands, in Plotly's words."""
    rows = list(items)
    return {
        "type": "scatter", "mode": "text",
        "x": [round(x, 2) for x, _, _ in rows], "y": [round(y, 2) for _, y, _ in rows],
        "text": [text for _, _, text in rows], "textposition": at, "hoverinfo": "skip", "cliponaxis": False,
        "textfont": {"size": pixels, "color": colour, "family": FONT},
    }  # fmt: skip


def picture(
    shapes: Sequence[Json], traces: Sequence[Json], wide: float, high: float, beside: Beside = (0, 0, 0)
) -> Json:
    """All of it, `wide` by `high` cells, each cell a square.

    `beside`: pixels for texts at the left, above and below, which have their size however small the cells are.
    """
    left, top, bottom = beside
    drawn, _, _ = drawing.arranged(shapes, [])
    axis = {
        "visible": False, "fixedrange": True, "automargin": False, "zeroline": False, "showgrid": False,
        "constrain": "domain",  # a range once stretched to another shape of the card would stay so
    }  # fmt: skip
    return {
        "data": [trace for trace in traces if trace.get("x", True) != []],
        "layout": layout(
            margin={"l": 4 + left, "r": 4, "t": 2 + top, "b": 4 + bottom},
            xaxis={**axis, "range": [-RIM, wide + RIM]},
            yaxis={**axis, "range": [high + RIM, -RIM], "scaleanchor": "x"},
            shapes=drawn,
        ),
    }
