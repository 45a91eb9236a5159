"""A convolution's weight, taken apart: a row for each filter, in it a kernel for each channel that it reads."""

from layerscope.figures import drawing, plane
from layerscope.figures.plane import INK, Word
from layerscope.figures.theme import COLOURS, TEXT, Json, text_width
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape

MOST_ROWS, MOST_COLUMNS = 12, 8
MOST_LINES = 90
"""Where so many cells and more stand one below the other, they are too small to be drawn."""
QUIET, LIT_ROW, LIT = "rgba(0,114,178,0.28)", "#9CCBE8", "#E69F00"
EDGE = COLOURS["Convolution"]
LINE = 1.35
"""A line's height in type sizes."""


def block(
    weight: Shape,
    filters: int,
    kernels: int,
    lit: tuple[int, int] | None = None,
    pixels: int = 14,
    most: int = MOST_ROWS,
) -> Json:
    """The first `filters` filters, `kernels` kernels of each. Where they are many, the part around `lit` is shown.

    Args:
        weight: the weight's shape, (filters, depth, kernel ...).
        lit: a filter and a kernel of it to point out, counted from 0.
        most: rows of filters that are shown at once.
    """
    high, wide = _face(weight)
    row, column = lit or (0, 0)
    rows, columns = _part(row, filters, most), _part(column, kernels, MOST_COLUMNS)
    gap = max(high, wide) / 5
    places = {
        (r, c): (gap + i * (wide + gap), gap + j * (high + gap))
        for j, r in enumerate(rows)
        for i, c in enumerate(columns)
    }
    here = {key: place for key, place in places.items() if key[0] == row} if lit or filters == 1 else {}
    rest = [plane.box(*place, wide, high) for key, place in places.items() if key not in here]
    chosen = [plane.box(*places[lit], wide, high)] if lit else []
    fine = len(rows) * max(high, wide) >= MOST_LINES
    lines = [] if fine else [line for place in here.values() for line in plane.rules(*place, wide, high)]
    right, bottom = gap + len(columns) * (wide + gap), gap + len(rows) * (high + gap)
    frame = [plane.box(gap / 2, places[row, columns[0]][1] - gap / 2, right - gap, high + gap)] if lit else []
    shapes = [
        drawing.areas(rest, fill=QUIET, line=EDGE),
        drawing.areas([plane.box(*place, wide, high) for place in here.values()], fill=LIT_ROW, line=EDGE),
        drawing.areas(chosen, fill=LIT, line=INK, width=2),
        drawing.lines(lines, "rgba(0,60,100,0.55)", 1),
        drawing.areas(frame, fill="rgba(0,0,0,0)", line=TEXT, width=2),
    ]
    sides = [(0, places[r, columns[0]][1] + high / 2, _bold(f"filter {r}", r == row and bool(lit))) for r in rows]
    heads: list[Word] = [
        (places[rows[0], c][0] + wide / 2, 0, _bold(str(c), c == column and bool(lit))) for c in columns
    ]
    rest_words = _rest(rows, filters, columns, kernels)
    foot: list[Word] = [(gap, bottom, rest_words)] if rest_words else []
    named = [text for _, _, text in sides] if filters > 1 or lit else []
    headed = ["kernel"] if kernels > 1 else []
    traces = [
        plane.words(sides if named else [], pixels, at="middle left"),
        plane.words(heads if headed else [], pixels, at="top center"),
        plane.words([(0, 0, word) for word in headed], pixels, at="top left"),
        plane.words(foot, pixels, at="bottom right"),
    ]
    line = pixels * LINE
    at_left = max((text_width(text, pixels) for text in [*named, *headed]), default=0.0)
    beside = (at_left, line if headed else 0, line if foot else 0)
    return plane.picture(shapes, traces, right, bottom, beside)


def description(weight: Shape, filters: int, kernels: int, lit: tuple[int, int] | None = None) -> str:
    """The picture in words."""
    face = shape_text(weight[2:])
    text = f"{_count(filters, 'filter')} of {_count(kernels, 'kernel')} of {face} cells"
    return f"{text}; kernel {lit[1]} of filter {lit[0]} is lit." if lit else f"{text}."


def _face(weight: Shape) -> tuple[int, int]:
    """Rows and columns of what is drawn of a kernel: of a volume the front, of a sequence one row."""
    return (weight[-2] if len(weight) > 3 else 1), weight[-1]


def _part(chosen: int, count: int, most: int) -> range:
    first = chosen // most * most
    return range(first, min(first + most, count))


def _rest(rows: range, filters: int, columns: range, kernels: int) -> str:
    parts = [
        f"{name}s {shown[0]} to {shown[-1]} of {count:,}"
        for name, shown, count in (("filter", rows, filters), ("kernel", columns, kernels))
        if len(shown) < count
    ]
    return "... " + ", ".join(parts) if parts else ""


def _bold(text: str, is_chosen: bool) -> str:
    return f"<b>{text}</b>" if is_chosen else text


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
