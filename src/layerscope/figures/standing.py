"""Where the bodies of a network that branches stand, in the picture's own pixels (y upwards).

Across, each column is as wide as its widest body. Up and down, the trunk is one straight line; a branch lies just below
what is above it, and an arc just above what it spans. One scale serves all: it is the largest at which they fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from layerscope.figures.gathering import FoldedStop, Shown, sign_of, width_of
from layerscope.figures.lanes import Arc, Lanes
from layerscope.figures.scene import RISE, THICKEST_PLANE, WIDEST_FACE, Block, Room, Stand, Stop, axes_of

WIDEST_COLUMN = 120.0
FILLED = 0.68
"""The part of a column that a body may take across: the rest is for the lines to change lanes."""
THICKEST = 0.55
"""The part of that for its planes."""
JOIN = 15.0
"""The diameter of a circle, in pixels."""
GAP = 7.0
"""Pixels between two lanes."""
STEP = 9.0
"""Pixels from an arc to the one above it."""
MOST_ARCHED = 0.35
"""The part of the picture's height that arcs may take."""
FLATTEST = 5.0
TRIES = 6
"""Halvings until the scale is found: to a part in 64."""

Size = tuple[float, float, float]
"""Thickness, height and face of a body."""


class Form(Enum):
    """What a body looks like."""

    CIRCLE = "circle"
    WAITING = "waiting"
    VECTOR = "vector"
    COMB = "comb"
    MAP = "map"


@dataclass(frozen=True)
class Stage:
    """All that has a place: a block for each stop, the height of each arc, and the columns' borders."""

    blocks: tuple[Block, ...]
    forms: tuple[Form, ...]
    lanes: Lanes
    arcs: tuple[tuple[Arc, float], ...]
    borders: tuple[float, ...]
    air: float
    """Pixels that are kept free above each body for its shape."""


def form_of(stop: Stop) -> Form:
    """The form of a stop. A sequence of vectors (L, F) is a comb; what a 1d layer makes is a map (C, L)."""
    if sign_of(stop):
        return Form.CIRCLE
    if stop.stand is Stand.UNREACHED or stop.shape is None:
        return Form.WAITING
    if len(stop.shape) < 2:
        return Form.VECTOR
    last = stop.inside[-1] if isinstance(stop, FoldedStop) else stop
    is_map = len(stop.shape) > 2 or (last.maker is not None and last.maker.type.endswith("1d"))
    return Form.MAP if is_map else Form.COMB


@dataclass(frozen=True)
class _Body:
    """What decides a body's size: its form, its planes, rows and columns, and the width of its place."""

    form: Form
    planes: int
    rows: int
    columns: int
    slot: float


def stand(shown: Shown, lanes: Lanes, room: Room, air: float = 0.0) -> Stage:
    """Give each stop its place and size. `air` is kept free above each body, below what spans it or lies above it."""
    widths = [0.0] * lanes.width
    shares = [width_of(stop) for stop in shown.stops]
    for share, column in zip(shares, lanes.columns, strict=True):
        widths[column] = max(widths[column], share)
    unit = min((room.right - room.left) / sum(widths), WIDEST_COLUMN)
    borders = [(room.left + room.right - unit * sum(widths)) / 2]
    for width in widths:
        borders.append(borders[-1] + unit * width)
    bodies = [
        _Body(form_of(stop), *axes_of(stop.shape or (1,)), unit * widths[column])
        for stop, column in zip(shown.stops, lanes.columns, strict=True)
    ]
    full = room.top - room.bottom
    sizes, (up, down, middles, tops) = _fitting(bodies, lanes, full, air)
    squeeze = min(1.0, full / (up + down))
    trunk = room.bottom + down * squeeze + (full - (up + down) * squeeze) / 2
    blocks = []
    for place, (body, (thickness, height, face)) in enumerate(zip(bodies, sizes, strict=True)):
        left, right = borders[lanes.columns[place]], borders[lanes.columns[place] + 1]
        x = (left + right - thickness - face) / 2
        y = trunk + middles[place] * squeeze - (height + face * RISE) / 2
        axes = body.rows, body.columns, body.planes
        blocks.append(Block(shown.stops[place], left, right - left, x, y, thickness, height, face, *axes))
    arcs = tuple((arc, trunk + top * squeeze) for arc, top in zip(lanes.arcs, tops, strict=True))
    return Stage(tuple(blocks), tuple(body.form for body in bodies), lanes, arcs, tuple(borders), air)


_Heights = tuple[float, float, list[float], list[float]]


def _fitting(bodies: Sequence[_Body], lanes: Lanes, full: float, air: float) -> tuple[list[Size], _Heights]:
    """The largest sizes with which all stays within the height `full`, or the smallest where none does."""
    levels = max((arc.level for arc in lanes.arcs), default=0)
    step = min(STEP, MOST_ARCHED * full / max(levels, 1))
    fitting, too_large, part = 0.0, 1.0, 1.0
    best: tuple[list[Size], _Heights] | None = None
    for _ in range(TRIES):
        sizes = _sizes(bodies, part * full)
        clear = max(step, min(air, MOST_ARCHED * full - step * (levels - 1)))
        heights = _heights(lanes, sizes, step, clear, air)
        if heights[0] + heights[1] <= full:
            best, fitting = (sizes, heights), part
        else:
            too_large = part
        if fitting == 1.0:
            break
        part = (fitting + too_large) / 2
    return best or (sizes, heights)


def _sizes(bodies: Sequence[_Body], tallest: float) -> list[Size]:
    """The bodies' sizes where the tallest may be so many pixels high; each kind of edge has one scale."""
    maps = [body for body in bodies if body.form is Form.MAP]
    thick = [body for body in bodies if body.form in (Form.MAP, Form.COMB)]
    plane = min([THICKEST_PLANE, *(THICKEST * FILLED * body.slot / body.planes for body in thick)])
    values = max((body.rows for body in bodies if body.form in (Form.VECTOR, Form.COMB)), default=1)
    value = 0.94 * tallest / values
    across = [FILLED * body.slot - max(body.planes * plane, 2.0) for body in maps]
    slant, cell = WIDEST_FACE, tallest
    for _ in range(2):
        cell = tallest / max((body.rows + body.columns * slant * RISE for body in maps), default=1.0)
        room = (free / (body.columns * cell) for free, body in zip(across, maps, strict=True) if body.columns)
        slant = min(slant, max(0.02, min(room, default=slant)))
    found = []
    for body in bodies:
        thickness = max(body.planes * plane, min(3.0, 0.3 * body.slot))
        if body.form is Form.CIRCLE:
            found.append((min(JOIN, 0.9 * body.slot), JOIN, 0.0))
        elif body.form is Form.WAITING:
            found.append((min(14.0, 0.45 * body.slot), min(0.3 * tallest, 40.0), 0.0))
        elif body.form is Form.VECTOR:
            face = min(4.0, 0.15 * body.slot)
            found.append((min(13.0, 0.45 * body.slot), max(body.rows * value, FLATTEST), face))
        elif body.form is Form.COMB:
            found.append((max(thickness, 0.4 * body.slot), max(body.rows * value, FLATTEST), 0.0))
        else:
            face = max(body.columns * cell * slant, min(4.0, 0.2 * body.slot))
            found.append((thickness, max(body.rows * cell, FLATTEST), face))
    return found


def _heights(lanes: Lanes, sizes: Sequence[Size], step: float, clear: float, air: float) -> _Heights:
    """How far all reaches above and below the trunk, and over it the middle of each body and the height of each arc."""
    half = [(height + face * RISE) / 2 for _, height, face in sizes]
    top, bottom = [0.0] * lanes.width, [0.0] * lanes.width
    middles = [0.0] * len(sizes)
    for branch in sorted(lanes.branches, key=lambda branch: branch.lane):
        middle = 0.0
        if branch.lane:
            above = min(bottom[branch.start : branch.end + 1])
            middle = above - GAP - air - max(half[body] for body in branch.bodies)
        for column in range(branch.start, branch.end + 1):
            bottom[column] = min(bottom[column], middle)
        for body in branch.bodies:
            column = lanes.columns[body]
            middles[body] = middle
            bottom[column] = min(bottom[column], middle - half[body])
            top[column] = max(top[column], middle + half[body])
    tops, arched = [], [0.0] * lanes.width
    for arc in lanes.arcs:
        span = slice(arc.start, arc.end + 1)
        over = max(max(top[span]) + clear, max(arched[span]) + step)
        tops.append(over)
        arched[arc.start + 1 : arc.end] = [over] * (arc.end - arc.start - 1)
    return max([*top, *tops]), -min(bottom), middles, tops
