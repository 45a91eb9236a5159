"""Where the bodies of a network that branches stand, in the picture's own pixels (y upwards).

Across, each column is as wide as its widest body. Up and down, the trunk is one straight line; a branch lies just below
what is above it, and an arc just above what it spans. One scale serves all: it is the largest at which they fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures.gathering import FoldedStop, Shown, owner, sign_of, width_of
from layerscope.figures.gauge import RISE, Body, Form, Gauge, Size, axes_of, gauge_for
from layerscope.figures.lanes import Arc, Lanes
from layerscope.figures.placing import Notes, Shapes, former, has_room, notes, shape_when_opened
from layerscope.figures.scene import Block, Room, Stand, Stop
from layerscope.layers.base import Shape

WIDEST_COLUMN = 120.0
FILLED = 0.68
"""The part of a column that a body may take across: the rest is for the lines to change lanes."""
GAP = 7.0
"""Pixels between two lanes."""
STEP = 9.0
"""Pixels from an arc to the one above it."""
MOST_ARCHED = 0.35
"""The part of the picture's height that arcs may take."""
SPARE = 2.5
"""How far a body may grow into the gap on either side before the scale gets smaller, in pixels."""
TRIES = 6
"""Halvings until the scale is found: to a part in 64."""


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
    notes: Notes
    bodies: tuple[Body, ...]
    gauge: Gauge
    ghosts: tuple[Block, ...] = ()
    """What changed bodies were."""
    opened: tuple[Block, ...] = ()
    """The bodies of the network that was opened, at the same scale."""
    shapes: tuple[Shape | None, ...] = ()
    """Their shapes."""


def form_of(stop: Stop) -> Form:
    """The form of a stop. A sequence of vectors (L, F) is a comb; what a 1d layer makes is a map (C, L)."""
    return Form.WAITING if stop.stand is not Stand.RUNS and not sign_of(stop) else _form_for(stop, stop.shape)


def _form_for(stop: Stop, shape: Shape | None) -> Form:
    """The form that a stop has where it runs with that shape."""
    if sign_of(stop):
        return Form.CIRCLE
    if shape is None:
        return Form.WAITING
    if len(shape) < 2:
        return Form.VECTOR
    last = stop.inside[-1] if isinstance(stop, FoldedStop) else stop
    is_map = len(shape) > 2 or (last.maker is not None and last.maker.type.endswith("1d"))
    return Form.MAP if is_map else Form.COMB


def stand(
    shown: Shown,
    lanes: Lanes,
    room: Room,
    air: float = 0.0,
    opened: Shapes | None = None,
    before: Shapes | None = None,
    *,
    besides: Sequence[Body] = (),
    given: Gauge | None = None,
) -> Stage:
    """Give each stop its place and size; places and scale are those of the network that was opened.

    Args:
        air: pixels kept free above each body, below what spans it or lies above it.
        opened, before, besides, given: see `placing.placed`.
    """
    stops = shown.stops
    first = [shape_when_opened(stop, owner(stop), opened) for stop in stops]
    widths = [0.0] * lanes.width
    for stop, shape, column in zip(stops, first, lanes.columns, strict=True):
        widths[column] = max(widths[column], width_of(stop, shape))
    unit = min((room.right - room.left) / sum(widths), WIDEST_COLUMN)
    borders = [(room.left + room.right - unit * sum(widths)) / 2]
    for width in widths:
        borders.append(borders[-1] + unit * width)
    slots = [unit * widths[column] for column in lanes.columns]
    bodies = [Body(form_of(stop), *axes_of(stop.shape or (1,)), slot) for stop, slot in zip(stops, slots, strict=True)]
    first_bodies = [
        Body(_form_for(stop, shape), *axes_of(shape or (1,)), slot)
        for stop, shape, slot in zip(stops, first, slots, strict=True)
    ]
    full = room.top - room.bottom
    gauge, sizes, (up, down, middles, tops) = _fitting(first_bodies, lanes, full, air, besides, given)
    squeeze = min(1.0, full / (up + down))
    trunk = room.bottom + down * squeeze + (full - (up + down) * squeeze) / 2
    alone = _alone(lanes)
    free = 2 * min(trunk - room.bottom, room.top - trunk)
    ceilings = [
        max(free, size[1] + size[2] * RISE) if one else size[1] + size[2] * RISE + 2 * SPARE
        for one, size in zip(alone, sizes, strict=True)
    ]
    olds = [former(stop, owner(stop), before) for stop in stops]
    was = [
        Body(_form_for(stop, old), *axes_of(old), slot) if old else body
        for stop, old, body, slot in zip(stops, olds, bodies, slots, strict=True)
    ]
    said = notes(gauge.fitted(bodies, first_bodies, ceilings), gauge.fitted(was, first_bodies, ceilings))
    gauge = gauge.fitted(bodies, first_bodies, ceilings)

    def block(place: int, body: Body) -> Block:
        thickness, height, face = gauge.size_of(body)
        left, right = borders[lanes.columns[place]], borders[lanes.columns[place] + 1]
        x = (left + right - thickness - face) / 2
        y = trunk + middles[place] * squeeze - (height + face * RISE) / 2
        return Block(
            stops[place], left, right - left, x, y, thickness, height, face, body.rows, body.columns, body.planes
        )

    ghosts = []
    for place, old in enumerate(olds):
        if old is not None and bodies[place].form is not Form.CIRCLE:
            ghost = block(place, was[place])
            ghosts += [ghost] if has_room(ghost, room.bottom, room.top) else []
    return Stage(
        tuple(block(place, body) for place, body in enumerate(bodies)),
        tuple(body.form for body in bodies),
        lanes,
        tuple((arc, trunk + top * squeeze) for arc, top in zip(lanes.arcs, tops, strict=True)),
        tuple(borders),
        air,
        said,
        tuple(bodies),
        gauge,
        tuple(ghosts),
        tuple(block(place, body) for place, body in enumerate(first_bodies)),
        tuple(first),
    )


def _alone(lanes: Lanes) -> list[bool]:
    """For each body whether it has its column for itself: nothing beside it and no arc above."""
    bodies = [0] * lanes.width
    for branch in lanes.branches:
        for column in range(branch.start, branch.end + 1):
            bodies[column] += 1
    spanned = {column for arc in lanes.arcs for column in range(arc.start, arc.end + 1)}
    return [bodies[column] == 1 and column not in spanned for column in lanes.columns]


_Heights = tuple[float, float, list[float], list[float]]


def _fitting(
    bodies: Sequence[Body], lanes: Lanes, full: float, air: float, besides: Sequence[Body], given: Gauge | None
) -> tuple[Gauge, list[Size], _Heights]:
    """The largest scale with which all stays within the height `full`, or the smallest where none does; `given` where
    one is."""
    levels = max((arc.level for arc in lanes.arcs), default=0)
    step = min(STEP, MOST_ARCHED * full / max(levels, 1))
    fitting, too_large, part = 0.0, 1.0, 1.0
    best: tuple[Gauge, list[Size], _Heights] | None = None
    for _ in range(TRIES):
        gauge = given or gauge_for([*bodies, *besides], part * full, FILLED)
        sizes = [gauge.size_of(body) for body in bodies]
        clear = max(step, min(air, MOST_ARCHED * full - step * (levels - 1)))
        heights = _heights(lanes, sizes, step, clear, air)
        if heights[0] + heights[1] <= full:
            best, fitting = (gauge, sizes, heights), part
        else:
            too_large = part
        if fitting == 1.0 or given:
            break
        part = (fitting + too_large) / 2
    return best or (gauge, sizes, heights)


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
