"""One kernel on one image: the window, its products, their sum, and the map that the sums make."""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures import drawing, plane
from layerscope.figures.plane import INK, PAPER
from layerscope.figures.scene import Point
from layerscope.figures.theme import CLEAR, MUTED, WRONG, Json
from layerscope.formatting import shape_text

Numbers = Sequence[Sequence[float]]

GREY = [[0, "#FFFFFF"], [1, "#3C434B"]]
SIGNED = [[0, "#0072B2"], [0.5, "#FFFFFF"], [1, "#D98200"]]
MINUS, PLUS, NOTHING = "#B9DDF3", "#FBD9A0", "#FFFFFF"
GAP, TITLE = 3.0, 2.6
PRODUCT = 3.0
"""Height of a product's cell, in cells of the image."""


@dataclass(frozen=True)
class View:
    """A window of an image: `row` and `column` are its upper left cell, `sums` the whole map as torch gave it."""

    image: Numbers
    kernel: Numbers
    sums: Numbers
    row: int
    column: int

    @property
    def pairs(self) -> list[list[tuple[float, float]]]:
        """Each value under the window with its weight."""
        return [
            [(self.image[self.row + i][self.column + j], weight) for j, weight in enumerate(weights)]
            for i, weights in enumerate(self.kernel)
        ]

    @property
    def sum(self) -> float:
        """What torch says of this window."""
        return self.sums[self.row][self.column]

    @property
    def reached(self) -> list[list[float | None]]:
        """The map up to this window, row by row; None where the window has not been yet."""
        here = self.row, self.column
        return [[value if (r, c) <= here else None for c, value in enumerate(row)] for r, row in enumerate(self.sums)]


def number(value: float) -> str:
    """At most two digits after the point, with a minus that is as wide as a plus."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def convolving(view: View, pixels: int = 14) -> Json:
    """The image above at the left, the map above at the right, the products below."""
    size, far, k = len(view.image), len(view.sums), len(view.kernel)
    wide, right, below = size + GAP + far, size + GAP, TITLE + size + TITLE
    foot = below + k * PRODUCT
    cell = plane.box(right + view.column, TITLE + view.row, 1, 1)
    window = plane.box(view.column, TITLE + view.row, k, k)
    borders = [plane.box(0, TITLE, size, size), plane.box(right, TITLE, far, far)]
    colours, products = _products(view, wide / k, below, pixels)
    shapes = [
        drawing.areas(borders, fill=CLEAR, line=MUTED),
        *colours,
        plane.above(drawing.areas([window], fill=CLEAR, line=WRONG, width=3)),
        plane.above(drawing.areas([cell], fill=CLEAR, line=INK, width=4)),
        plane.above(drawing.areas([cell], fill=CLEAR, line=PAPER, width=1)),
    ]
    highest = max(abs(value) for row in view.sums for value in row) or 1
    heads = [
        (0.0, TITLE / 2, f"image {shape_text((size, size))}"),
        (right, TITLE / 2, f"map {shape_text((far, far))}"),
        (0.0, below - TITLE / 2, f"value × weight, {k * k} times"),
    ]
    told = f"<b>sum {number(view.sum)}</b> → row {view.row}, column {view.column} of the map"
    traces = [
        plane.cells(view.image, 0, TITLE, colorscale=GREY, zmin=0, zmax=9),
        plane.cells(view.reached, right, TITLE, colorscale=SIGNED, zmin=-highest, zmax=highest),
        products,
        plane.words(heads, pixels, at="middle right"),
        plane.words([(wide, foot + TITLE / 2, told)], pixels, at="middle left"),
    ]
    return plane.picture(shapes, traces, wide, foot + TITLE)


def _products(view: View, step: float, top: float, pixels: int) -> tuple[list[Json], Json]:
    """The table of products: their cells, coloured by sign, and what is multiplied in each."""
    boxes: dict[str, list[list[Point]]] = {MINUS: [], NOTHING: [], PLUS: []}
    texts = []
    for i, row in enumerate(view.pairs):
        for j, (value, weight) in enumerate(row):
            x, y, product = j * step, top + i * PRODUCT, value * weight
            boxes[MINUS if product < 0 else PLUS if product > 0 else NOTHING].append(plane.box(x, y, step, PRODUCT))
            texts.append((x + step / 2, y + PRODUCT / 2, f"{number(value)} × {number(weight)}"))
    colours = [drawing.areas(areas, fill=fill, line=MUTED) for fill, areas in boxes.items()]
    return colours, plane.words(texts, pixels, colour=INK)


def description(view: View) -> str:
    """The picture in words."""
    k = len(view.kernel)
    return (
        f"A window of {shape_text((k, k))} at row {view.row}, column {view.column} of an image of "
        f"{shape_text((len(view.image), len(view.image[0])))}; its products add up to {number(view.sum)}."
    )
