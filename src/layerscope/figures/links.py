"""What connects two blocks: the window of one output cell, and the cells that no window reads."""

from collections.abc import Iterable

from layerscope.figures.scene import Block, Point, Stand
from layerscope.formatting import never_read, runs
from layerscope.layers.base import AXES
from layerscope.metrics import unread
from layerscope.receptive import AxisReach, Varying, Window
from layerscope.steps import Step

LINES = {"height": "row", "width": "column", "length": "cell", "depth": "slice"}
MOST_STRIPS = 48
THINNEST_STRIP = 5.0
"""Unread rows and columns are drawn at least so thick, in pixels."""


def window(before: Block, after: Block) -> list[Point] | None:
    """The cells on `before` that one cell of `after` reads, the middle one at the front; None where it reads all."""
    spans = _window_spans(after)
    if spans is None:
        return None
    (top, bottom), (front, back) = spans
    if after.stop.stand is Stand.RUNS and top <= 0 and front <= 0 and bottom >= before.rows and back >= before.columns:
        return None
    return [before.on_face(c, r) for c, r in ((front, top), (back, top), (back, bottom), (front, bottom))]


def cone(before: Block, after: Block) -> list[Point]:
    """The ribbon between two blocks: from a window to its one output cell, or from everything to everything."""
    rectangle = window(before, after)
    if rectangle is None:
        columns, rows = max(before.columns, 1), before.rows
        high, low = before.on_face(columns, 0), before.on_face(columns, rows)
        return [high, after.on_edge(0), after.on_edge(after.rows), low]
    row = _middle_row(after)
    return _hull([*rectangle, after.on_edge(row), after.on_edge(row + 1)])


def strips(before: Block, after: Block) -> list[tuple[list[Point], str]]:
    """The faces' areas that `after` never reads, each a polygon with its words."""
    step = after.stop.step
    if step is None or step.error or not before.stop.shape or len(before.stop.shape) < 2:
        return []
    found: list[tuple[list[Point], str]] = []
    for axis, cells, size in zip(
        AXES.get(len(step.input_shape) - 1, ()), unread(step), step.input_shape[1:], strict=False
    ):
        if not cells:
            continue
        words = never_read([(LINES[axis], cells, size)], step.name)
        if axis == "depth":
            found.append((_front_strip(before, before.rows - 0.5, before.rows), words))
            continue
        for first, last in runs(cells)[:MOST_STRIPS]:
            upright = axis == "width"
            length = before.face if upright else before.height
            start, end = _thick_enough(first, last + 1, size, length)
            if upright:
                found.append(([before.on_face(c, r) for c, r in _box(0, before.rows, start, end)], words))
                found.append((_top_strip(before, start, end), words))
            else:
                columns = max(before.columns, 1)
                found.append(([before.on_face(c, r) for c, r in _box(start, end, 0, columns)], words))
                found.append((_front_strip(before, start, end), words))
    return found


def unread_words(step: Step) -> list[str]:
    """One sentence for each axis with cells that nobody reads."""
    names = AXES.get(len(step.input_shape) - 1, ())
    return [
        never_read([(LINES[axis], cells, size)])
        for axis, cells, size in zip(names, unread(step), step.input_shape[1:], strict=False)
        if cells
    ]


def _window_spans(after: Block) -> tuple[tuple[float, float], tuple[float, float]] | None:
    step = after.stop.step
    if step is None or len(step.input_shape) < 2:
        return None
    try:
        reach = step.layer.reach(step.input_shape)
        if not isinstance(reach, tuple) or len(reach) != len(step.input_shape) - 1:
            return None
        fails = after.stop.stand is Stand.FAILS
        row = 0 if fails else _middle_row(after)
        rows = _span(reach[-1] if len(reach) == 1 else reach[-2], row)
        columns = _span(reach[-1], 0) if len(reach) > 1 else (0.0, 1.0)
    except (ValueError, TypeError, ArithmeticError, IndexError):  # a layer that fails may have no windows at all
        return None
    return (rows, columns) if rows is not None and columns is not None else None


def _middle_row(after: Block) -> int:
    return (after.rows - 1) // 2


def _span(reach: AxisReach, cell: int) -> tuple[float, float] | None:
    if isinstance(reach, Window):
        first = cell * reach.stride - reach.pad
        return first, first + reach.extent
    if isinstance(reach, Varying):
        first, last = reach.span(cell)
        return first, last + 1
    return None


def _thick_enough(start: float, end: float, size: int, length: float) -> tuple[float, float]:
    """A strip of at least some pixels, grown away from the nearer border."""
    missing = THINNEST_STRIP * size / max(length, 1.0) - (end - start)
    if missing <= 0 or size < 2:
        return start, end
    return (start, min(end + missing, size)) if start == 0 else (max(start - missing, 0), end)


def _box(top: float, bottom: float, front: float, back: float) -> Iterable[Point]:
    return (front, top), (back, top), (back, bottom), (front, bottom)


def _front_strip(block: Block, start: float, end: float) -> list[Point]:
    (x, high), (_, low) = block.on_edge(start), block.on_edge(end)
    right = x + block.thickness
    return [(x, high), (right, high), (right, low), (x, low)]


def _top_strip(block: Block, start: float, end: float) -> list[Point]:
    (near, low), (far, high) = block.on_face(start, 0), block.on_face(end, 0)
    return [(near - block.thickness, low), (near, low), (far, high), (far - block.thickness, high)]


def _hull(points: list[Point]) -> list[Point]:
    """The convex hull (Andrew's monotone chain)."""
    ordered = sorted(set(points))

    def chain(items: Iterable[Point]) -> list[Point]:
        kept: list[Point] = []
        for p in items:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], p) <= 0:
                kept.pop()
            kept.append(p)
        return kept[:-1]

    return chain(ordered) + chain(reversed(ordered))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
