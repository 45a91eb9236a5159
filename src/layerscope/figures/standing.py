"""Where the bodies of a network that branches stand, in the picture's own pixels (y upwards).

Across, each column is as wide as its widest body. Up and down, the trunk is one straight line; a branch lies just below
what is above it, and an arc just above what it spans. One scale serves all: it is the largest at which they fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from layerscope.figures.gathering import FoldedStop, Shown, sign_of, width_of
from layerscope.figures.lanes import Arc, Lanes
from layerscope.figures.scene import RISE, THICKEST_PLANE, WIDEST_FACE, Block, Room, Stand, Stop, axes_of

WIDEST_COLUMN = 120.0
FILLED = 0.68
"""The part of a column that a body may take across: the rest is for the lines to change lanes."""
JOIN = 15.0
"""The diameter of a circle, in pixels."""
GAP = 7.0
"""Pixels between two lanes."""
STEP = 9.0
"""Pixels from an arc to the one above it."""
FLATTEST = 5.0


@dataclass(frozen=True)
class Stage:
    """All that has a place: a block for each stop, the height of each arc, and the columns' borders."""

    blocks: tuple[Block, ...]
    lanes: Lanes
    arcs: tuple[tuple[Arc, float], ...]
    borders: tuple[float, ...]
    trunk: float
    """The height of the trunk's middle."""


@dataclass(frozen=True)
class _Scale:
    """Pixels for a plane, a row, a value of a vector; how far a column goes back for each pixel of height."""

    plane: float
    cell: float
    value: float
    slant: float


def is_comb(stop: Stop) -> bool:
    """Whether a stop is a sequence of vectors (L, F): L bars, each F high."""
    if stop.shape is None or len(stop.shape) != 2:
        return False
    layers = stop.inside[-1:] if isinstance(stop, FoldedStop) else (stop,)
    return not any(layer.maker and layer.maker.type.endswith("1d") for layer in layers)


def stand(shown: Shown, lanes: Lanes, room: Room) -> Stage:
    """Give each stop its place and size."""
    stops = shown.stops
    widths = [0.0] * lanes.width
    for stop, column in zip(stops, lanes.columns, strict=True):
        widths[column] = max(widths[column], width_of(stop))
    total = sum(widths)
    unit = min((room.right - room.left) / max(total, 1.0), WIDEST_COLUMN)
    borders = [(room.left + room.right - unit * total) / 2]
    for width in widths:
        borders.append(borders[-1] + unit * width)
    slots = [unit * widths[column] for column in lanes.columns]
    full, step = room.top - room.bottom, min(STEP, 0.35 * (room.top - room.bottom) / max(_levels(lanes), 1))
    least, most = 0.0, 1.0
    for _ in range(7):
        part = (least + most) / 2 if least else most
        sizes = _sizes(stops, slots, part * full)
        up, down, *_ = _heights(lanes, sizes, step)
        if up + down <= full:
            least = part
            if part == 1.0:
                break
        else:
            most = part
            if not least:
                least = 0.001
    sizes = _sizes(stops, slots, least * full)
    up, down, middles, tops = _heights(lanes, sizes, step)
    squeeze = min(1.0, full / (up + down))
    trunk = room.bottom + down * squeeze + (full - (up + down) * squeeze) / 2
    found = []
    for stop, column, slot, (thickness, height, face), middle in zip(
        stops, lanes.columns, slots, sizes, middles, strict=True
    ):
        planes, rows, columns = axes_of(stop.shape or (1,))
        x = (borders[column] + borders[column + 1] - thickness - face) / 2
        y = trunk + middle * squeeze - (height + face * RISE) / 2
        found.append(Block(stop, (borders[column] + borders[column + 1] - slot) / 2, slot, x, y, thickness, height, face,
                           rows, columns, planes))  # fmt: skip
    arcs = tuple((arc, trunk + top * squeeze) for arc, top in zip(lanes.arcs, tops, strict=True))
    return Stage(tuple(found), lanes, arcs, tuple(borders), trunk)


def _levels(lanes: Lanes) -> int:
    return max((arc.level for arc in lanes.arcs), default=0)


def _sizes(stops: Sequence[Stop], slots: Sequence[float], tallest: float) -> list[tuple[float, float, float]]:
    """Thickness, height and face of each body, where the tallest may be `tallest` high."""
    scale = _scale(stops, slots, tallest)
    return [_size(stop, slot, scale, tallest) for stop, slot in zip(stops, slots, strict=True)]


def _size(stop: Stop, slot: float, scale: _Scale, tallest: float) -> tuple[float, float, float]:
    if sign_of(stop):
        return min(JOIN, 0.9 * slot), JOIN, 0.0
    if stop.stand is Stand.UNREACHED or stop.shape is None:
        return min(14.0, 0.45 * slot), min(0.3 * tallest, 40.0), 0.0
    planes, rows, columns = axes_of(stop.shape)
    if len(stop.shape) <= 1:
        return min(13.0, 0.45 * slot), max(rows * scale.value, FLATTEST), min(4.0, 0.15 * slot)
    thickness = max(planes * scale.plane, min(3.0, 0.3 * slot))
    row = scale.value if is_comb(stop) else scale.cell
    return thickness, max(rows * row, FLATTEST), max(columns * scale.cell * scale.slant, min(4.0, 0.2 * slot))


def _scale(stops: Sequence[Stop], slots: Sequence[float], tallest: float) -> _Scale:
    flats = [axes_of(stop.shape)[1] for stop in stops if stop.shape and (len(stop.shape) == 1 or is_comb(stop))]
    maps = [
        (*axes_of(stop.shape), slot)
        for stop, slot in zip(stops, slots, strict=True)
        if stop.shape and len(stop.shape) > 1 and not sign_of(stop)
    ]
    plane = min([THICKEST_PLANE, *(0.55 * FILLED * slot / planes for planes, _, _, slot in maps)])
    value = 0.94 * tallest / max(flats, default=1)
    high = [(rows, columns, FILLED * slot - max(planes * plane, 2.0)) for planes, rows, columns, slot in maps if columns]
    slant = WIDEST_FACE
    cell = tallest
    for _ in range(2):
        cell = tallest / max((rows + columns * slant * RISE for rows, columns, _ in high), default=1.0)
        slant = min([slant, *(max(0.02, across / (columns * cell)) for _, columns, across in high)])
    others = [axes_of(stop.shape)[1] for stop in stops if stop.shape and len(stop.shape) == 2 and not is_comb(stop)]
    return _Scale(plane, min(cell, tallest / max(others, default=1)), value, slant)


def _heights(
    lanes: Lanes, sizes: Sequence[tuple[float, float, float]], step: float
) -> tuple[float, float, list[float], list[float]]:
    """How far all reaches above and below the trunk, the middle of each body and the height of each arc over it."""
    half = [(height + face * RISE) / 2 for _, height, face in sizes]
    top, bottom = [0.0] * lanes.width, [0.0] * lanes.width
    middles = [0.0] * len(sizes)
    for branch in sorted(lanes.branches, key=lambda branch: branch.lane):
        span = range(branch.start, branch.end + 1)
        middle = 0.0
        if branch.lane:
            middle = min(bottom[column] for column in span) - GAP - max(half[body] for body in branch.bodies)
        for column in span:
            bottom[column] = min(bottom[column], middle - 2)
        for body in branch.bodies:
            column = lanes.columns[body]
            middles[body] = middle
            bottom[column] = min(bottom[column], middle - half[body])
            top[column] = max(top[column], middle + half[body])
    tops = []
    for arc in lanes.arcs:
        over = max(top[arc.start : arc.end + 1]) + step
        tops.append(over)
        top[arc.start + 1 : arc.end] = [over] * (arc.end - arc.start - 1)
    return max([*top, *tops], default=0.0), -min(bottom, default=0.0), middles, tops
