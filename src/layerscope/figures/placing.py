"""Where the blocks of a chain stand, and what stood there before: the former sizes as ghosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerscope.figures.gauge import RISE, Body, Form, Gauge, axes_of, changed, gauge_for, rounded
from layerscope.figures.scene import Block, Room, Stand, Stop
from layerscope.figures.theme import Json
from layerscope.layers.base import Shape

VECTOR_SLOT, CROWDED_VECTOR_SLOT = 0.58, 0.76
"""What a vector takes of a map's place: more where places are so narrow that names have little room."""
CROWDED = 26.0
WIDEST_SLOT = 170.0
FILLED = 0.9
"""The part of its place that a block may take across."""


@dataclass(frozen=True)
class Notes:
    """What a reader must know of the scale: which edges have a logarithmic one; what the last change did to it."""

    lasting: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()


Shapes = Mapping[str, Shape]
"""Shapes by the names of the rows and inputs that make them."""


@dataclass(frozen=True)
class Placed:
    """The blocks, the outlines of what they were, and the blocks of the network that was opened at the same scale.

    `shapes` are those of the opened network; `notes` say what a reader must know of the scale.
    """

    blocks: list[Block]
    ghosts: list[Block]
    opened: list[Block]
    shapes: list[Shape | None]
    notes: Notes
    bodies: list[Body]
    gauge: Gauge


def placed(
    found: Sequence[Stop],
    room: Room,
    opened: Shapes | None = None,
    before: Shapes | None = None,
    *,
    besides: Sequence[Body] = (),
    given: Gauge | None = None,
) -> Placed:
    """Give each stop its place and size.

    Args:
        opened: shapes of the network for which the scale is chosen; this one's where there is none.
        before: former shapes, of the input too, to be drawn as ghosts.
        besides: bodies of other pictures that the scale has to fit too.
        given: the scale, where it is not to be chosen.
    """
    first = [shape_when_opened(stop, stop.name, opened) for stop in found]
    slot = VECTOR_SLOT if room.right - room.left > CROWDED * len(found) else CROWDED_VECTOR_SLOT
    weights = [slot if _is_flat(stop, shape) else 1.0 for stop, shape in zip(found, first, strict=True)]
    unit = min((room.right - room.left) / sum(weights), WIDEST_SLOT)
    lefts = [(room.left + room.right - unit * sum(weights)) / 2]
    for weight in weights:
        lefts.append(lefts[-1] + unit * weight)
    slots = [unit * weight for weight in weights]
    tallest = room.top - room.bottom
    first_bodies = [_body(shape, slot) for shape, slot in zip(first, slots, strict=True)]
    bodies = [_body(stop.shape, slot) for stop, slot in zip(found, slots, strict=True)]
    widest = given or gauge_for([*first_bodies, *besides], tallest, FILLED)
    ceilings = [tallest] * len(bodies)
    gauge = widest.fitted(bodies, first_bodies, ceilings)
    olds = [former(stop, stop.name, before) for stop in found]
    was = [_body(old or stop.shape, slot) for old, stop, slot in zip(olds, found, slots, strict=True)]

    def block(place: int, body: Body) -> Block:
        thickness, height, face = gauge.size_of(body)
        x = lefts[place] + (slots[place] - thickness - face) / 2
        y = (room.bottom + room.top - height - face * RISE) / 2
        return Block(
            found[place],
            lefts[place],
            slots[place],
            x,
            y,
            thickness,
            height,
            face,
            body.rows,
            body.columns,
            body.planes,
        )

    blocks = [block(place, body) for place, body in enumerate(bodies)]
    ghosts = []
    for place, old in enumerate(olds):
        if old is not None:
            ghost = block(place, was[place])
            ghosts += [ghost] if has_room(ghost, room.bottom, room.top) else []
    opened_blocks = [block(place, body) for place, body in enumerate(first_bodies)]
    said = notes(gauge, widest.fitted(was, first_bodies, ceilings))
    return Placed(blocks, ghosts, opened_blocks, first, said, bodies, gauge)


def notes(now: Gauge, before: Gauge) -> Notes:
    """What is to be said of a scale, and of how it differs from the one before the last change."""
    lasting = tuple(f"{kind.said} on a log scale" for kind in now.logarithmic)
    steps = changed(now, before)
    return Notes(lasting, (f"scale changed: {', '.join(steps)}",) if steps else ())


def scale_notes(notes: Notes) -> Json:
    """What is to be said of the scale, as a part of the layout's `meta`."""
    return {"scale": [*notes.lasting], "moved": [*notes.passing]} if notes != Notes() else {}


def shape_when_opened(stop: Stop, name: str, opened: Shapes | None) -> Shape | None:
    """The shape for which the scale is chosen: that of the opened network if it is of the same kind."""
    if opened is None or (stop.shape is None and name not in opened):
        return stop.shape
    first = opened.get(name)
    if stop.shape is None or (first is not None and len(first) == len(stop.shape)):
        return first
    return rounded(stop.shape)


def former(stop: Stop, name: str, before: Shapes | None) -> Shape | None:
    """The shape that a ghost has: a former one of a stop that runs and has another one now."""
    old = before.get(name) if before else None
    return old if stop.stand is Stand.RUNS and old is not None and stop.shape and old != stop.shape else None


def has_room(ghost: Block, bottom: float, top: float) -> bool:
    """Whether a ghost stays within its place."""
    return (
        bottom - 1 <= ghost.y
        and ghost.top <= top + 1
        and ghost.x >= ghost.left - 1
        and ghost.x + ghost.thickness + ghost.face <= ghost.left + ghost.width + 1
    )


def _body(shape: Shape | None, slot: float) -> Body:
    if shape is None:
        return Body(Form.WAITING, 1, 1, 0, slot)
    return Body(Form.MAP if len(shape) > 1 else Form.VECTOR, *axes_of(shape or (1,)), slot)


def _is_flat(stop: Stop, shape: Shape | None) -> bool:
    if shape is not None:
        return len(shape) == 1
    return stop.maker is not None and (stop.family == "Linear" or stop.maker.type == "Flatten")


def blocks(found: Sequence[Stop], room: Room) -> list[Block]:
    """The blocks of a network that nobody changed."""
    return placed(found, room).blocks
