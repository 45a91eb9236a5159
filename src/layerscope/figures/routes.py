"""The lines between the bodies of a network that branches: along lanes, from lane to lane, and as arcs above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

from layerscope.figures.labels import Box
from layerscope.figures.scene import Block, Point
from layerscope.figures.standing import Stage

Edge = tuple[int, int]

CORNER = 9.0
"""The radius of an arc's corners, in pixels."""
LEG = 3.0
"""Pixels between the feet of two arcs on one body."""
SMOOTH, ROUGH, MANY = 6, 2, 300
"""Pieces of a curve, and of one where there are many lines."""


@dataclass(frozen=True)
class Route:
    """One line, and the edge that it draws: the places of its source and target."""

    points: tuple[Point, ...]
    edge: Edge


def boxes_of(points: Sequence[Point]) -> Iterator[Box]:
    """What a line takes of the picture, from one turn to the next."""
    few = [*points[::3], points[-1]] if len(points) > SMOOTH else points
    for (left, low), (right, high) in pairwise(few):
        yield Box(left - 1, right + 1, low - 1, high + 1) if low < high else Box(left - 1, right + 1, high - 1, low + 1)


def routes(stage: Stage) -> list[Route]:
    """All lines of the picture."""
    rights = [0.0] * stage.lanes.width
    for block, column in zip(stage.blocks, stage.lanes.columns, strict=True):
        rights[column] = max(rights[column], block.x + block.thickness + block.face)
    count = len(stage.lanes.straight) + sum(len(arc.edges) for arc, _ in stage.arcs)
    pieces = SMOOTH if count <= MANY else ROUGH
    found = [Route(tuple(_along(stage, rights, edge, pieces)), edge) for edge in stage.lanes.straight]
    feet = _feet(stage)
    for arc, top in stage.arcs:
        for edge in arc.edges:
            start = _foot(stage, edge[0], feet.get((edge, 0), 0.0), out=True)
            end = _foot(stage, edge[1], feet.get((edge, 1), 0.0), out=False)
            found.append(Route((*start, *_bridge(start[-1], end[-1], top, pieces), *end[::-1]), edge))
    return found


def centre(block: Block) -> Point:
    """The middle of what one sees of a block."""
    return block.x + (block.thickness + block.face) / 2, (block.y + block.top) / 2


def _along(stage: Stage, rights: Sequence[float], edge: Edge, pieces: int) -> Iterator[Point]:
    """Along the source's lane, then over to the target's in the gap before the target."""
    source, target = (stage.blocks[place] for place in edge)
    (left, low), (right, high) = centre(source), centre(target)
    yield left, low
    if abs(high - low) > 0.5:
        start = rights[stage.lanes.columns[edge[1]] - 1]
        across = max(target.x - start, 2.0)
        for i in range(pieces + 1):
            yield start + across * i / pieces, low + (high - low) * (1 - cos(pi * i / pieces)) / 2
    yield right, high


def _bridge(start: Point, end: Point, top: float, pieces: int) -> Iterator[Point]:
    """Up from `start`, over at the height `top` and down to `end`, with round corners."""
    (left, low), (right, high) = start, end
    across = min(CORNER, (right - left) / 2)
    rises = min(CORNER, top - low), min(CORNER, top - high)
    for i in range(pieces + 1):
        turn = pi * i / pieces / 2
        yield left + across * (1 - cos(turn)), top - rises[0] * (1 - sin(turn))
    for i in range(pieces + 1):
        turn = pi * i / pieces / 2
        yield right - across * (1 - sin(turn)), top - rises[1] * (1 - cos(turn))


def _foot(stage: Stage, place: int, aside: float, *, out: bool) -> tuple[Point, ...]:
    """Where an arc stands on a block: on its top; in another lane than the trunk it goes up beside the block."""
    block = stage.blocks[place]
    x, y = centre(block)
    if stage.lanes.lanes[place] == 0:
        return ((x + aside, block.top - block.rise / 2),)
    column = stage.lanes.columns[place]
    beside = stage.borders[column + 1] - 1 if out else stage.borders[column] + 1
    return (x, y), (beside + aside / 2, y)


def _feet(stage: Stage) -> dict[tuple[Edge, int], float]:
    """For an edge and its start (0) or end (1) how far the foot stands aside: arcs on one body do not cross."""
    columns = stage.lanes.columns
    ends: dict[tuple[int, int], list[Edge]] = {}
    for arc, _ in stage.arcs:
        if len(arc.edges) == 1:
            for side in (0, 1):
                ends.setdefault((side, arc.edges[0][side]), []).append(arc.edges[0])
    found = {}
    for (side, place), edges in ends.items():
        both = (1 - side, place) in ends
        first = LEG * (1 - 2 * side) if both else 0.0
        for i, edge in enumerate(sorted(edges, key=lambda edge: columns[edge[1]] - columns[edge[0]])):
            found[edge, side] = first - i * LEG * (1 - 2 * side) * (0 if both else 1)
    return found
