"""A convolution seen from above: the input with its padding, some windows, the cells never read, the output."""

from collections.abc import Sequence

from layerscope.figures import drawing, plane
from layerscope.figures.plane import INK
from layerscope.figures.scene import Point
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, MUTED, WRONG, Json
from layerscope.formatting import never_read, runs, shape_text
from layerscope.metrics import unread
from layerscope.receptive import Window
from layerscope.steps import Step

Span = tuple[Window, Window]
"""The windows along height and width."""

INPUT_CELL, OUTPUT_CELL, TAP, LINE = "#DCE2E8", "#CFE6F5", "#E69F00", "#9AA3AB"
HATCH = {"shape": "/", "fgcolor": INK, "bgcolor": "#FFFFFF", "size": 6, "solidity": 0.35}
NEXT = COLOURS["Convolution"]
LAST = "#C2559B"
"""Seen on light cells and on the dark ground around them."""
TITLE, GAP = 1.6, 2.0


def grid(step: Step, rim: int, most: int, pixels: int = 14) -> Json:
    """The windows of a two-dimensional convolution, drawn to one scale whatever its arguments.

    Args:
        rim: the largest padding there is room for.
        most: the largest output there is room for.

    Raises:
        ValueError: the layer has no windows on a plane.
    """
    span = _windows(step)
    height, width = step.input_shape[1:]
    corner = float(rim), TITLE + rim
    start = width + 2 * rim + GAP
    wide, high = start + most, TITLE + max(height + 2 * rim, most)
    pads = span[0].pad, span[1].pad
    ring = plane.box(corner[0] - pads[1], corner[1] - pads[0], width + 2 * pads[1], height + 2 * pads[0])
    lines = plane.rules(ring[0][0], ring[0][1], width + 2 * pads[1], height + 2 * pads[0])
    shapes = [
        drawing.areas([ring] if any(pads) else [], fill=FAINT, line=MUTED, width=1.5, dash="dash"),
        drawing.areas([plane.box(*corner, width, height)], fill=INPUT_CELL, line=LINE),
        drawing.lines(lines, "rgba(128,128,128,0.45)", 1),
    ]
    traces = [drawing.hatched(_unread(step, corner), HATCH, fill="#FFFFFF", line=INK)]
    heads = [(0.0, TITLE / 2, _input_words(step, pads))]
    if step.output_shape is None:
        room = wide - ring[0][0], high - ring[0][1]
        shapes.append(_not_running(step, span, ring[0], room))
        heads.append((start, TITLE / 2, "<b>✕</b> no output"))
    else:
        beside = min(rim, most - step.output_shape[1])
        shapes += _running(step, span, corner, (start, TITLE + beside))
        heads.append((start, TITLE / 2, f"output <b>{shape_text(step.output_shape[1:])}</b>"))
    return plane.picture(shapes, [*traces, plane.words(heads, pixels, at="middle right")], wide, high)


def description(step: Step) -> str:
    """The picture in words."""
    span = _windows(step)
    size = shape_text(axis.extent for axis in span)
    text = f"Windows of {size} cells on an input of {shape_text(step.input_shape[1:])}, padding {span[0].pad}"
    if step.output_shape is None:
        return f"{text}: it does not fit."
    missed = never_read(zip(("row", "column"), unread(step), step.input_shape[1:], strict=True))
    never = f" {missed[0].upper()}{missed[1:]}." if missed else ""
    return f"{text}, every {span[0].stride} cells; the output is {shape_text(step.output_shape[1:])}.{never}"


def _windows(step: Step) -> Span:
    reach = step.layer.reach(step.input_shape)
    if not isinstance(reach, tuple) or len(reach) != 2:
        raise ValueError(f"{step.type} has no windows on a plane.")
    height, width = reach
    if not isinstance(height, Window) or not isinstance(width, Window):
        raise ValueError(f"{step.type} has windows that differ.")
    return height, width


def _input_words(step: Step, pads: tuple[int, int]) -> str:
    size = f"input <b>{shape_text(step.input_shape[1:])}</b>"
    return f"{size}, padding {pads[0]}" if any(pads) else size


def _unread(step: Step, corner: Point) -> list[list[Point]]:
    """The rows and columns that no window reads, as areas."""
    height, width = step.input_shape[1:]
    rows, columns = unread(step)
    x, y = corner
    found = [plane.box(x, y + first, width, last - first + 1) for first, last in runs(rows)]
    return found + [plane.box(x + first, y, last - first + 1, height) for first, last in runs(columns)]


def _running(step: Step, span: Span, corner: Point, start: Point) -> list[Json]:
    """The first window with its taps, the next one, the last one; and their cells of the output."""
    rows, columns = (step.output_shape or ())[1:]
    places = [(0, 0), (0, 1), (rows - 1, columns - 1)]
    seen = [place for i, place in enumerate(places) if place not in places[:i] and place[1] < columns]
    output = plane.box(*start, columns, rows)
    taps = [plane.box(x, y, 1, 1) for x, y in _taps(span, corner)]
    first = plane.box(*start, 1, 1)
    shapes = [
        drawing.areas([output], fill=OUTPUT_CELL, line=LINE),
        drawing.lines(plane.rules(*start, columns, rows), "rgba(0,60,100,0.4)", 1),
        plane.above(drawing.areas([*taps, first], fill=TAP, line=INK, width=1)),
    ]
    styles = {(0, 0): (WRONG, "solid"), (0, 1): (NEXT, "dash")}
    for place in seen:
        colour, dash = styles.get(place, (LAST, "dot"))
        outlines = [_window(span, corner, place), plane.box(start[0] + place[1], start[1] + place[0], 1, 1)]
        shapes.append(plane.above(drawing.areas(outlines, fill=CLEAR, line=colour, width=3, dash=dash)))
    return shapes


def _not_running(step: Step, span: Span, corner: Point, room: Point) -> Json:
    """The first window, cut where the picture ends; it is to blame only where it does not fit into the padded input."""
    sizes = [size + 2 * axis.pad for size, axis in zip(step.input_shape[1:], span, strict=True)]
    fits = all(axis.extent <= size for size, axis in zip(sizes, span, strict=True))
    first = plane.box(*corner, min(span[1].extent, room[0]), min(span[0].extent, room[1]))
    fill, line = (CLEAR, INK) if fits else ("rgba(213,94,0,0.25)", WRONG)
    return plane.above(drawing.areas([first], fill=fill, line=line, width=3, dash="dash"))


def _window(span: Span, corner: Point, place: tuple[int, int]) -> list[Point]:
    """The cells that a window covers, from its first to its last."""
    (top, _), (left, _) = (axis.span(u) for axis, u in zip(span, place, strict=True))
    return plane.box(corner[0] + left, corner[1] + top, span[1].extent, span[0].extent)


def _taps(span: Span, corner: Point) -> Sequence[Point]:
    """The cells that the first window reads: with dilation there are gaps between them."""
    rows, columns = (range(-axis.pad, axis.extent - axis.pad, axis.step) for axis in span)
    return [(corner[0] + column, corner[1] + row) for row in rows for column in columns]
