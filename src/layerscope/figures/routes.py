"""The lines between the bodies of a network that branches: along lanes, from lane to lane, and as arcs above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi

from layerscope.figures.gathering import sign_of
from layerscope.figures.scene import Block, Point
from layerscope.figures.standing import Stage

CORNER = 9.0
"""The radius of an arc's corners, in pixels."""
LEG = 3.0
"""Pixels between the feet of two arcs on one body."""
BEND = 8
"""Points of a curve."""


@dataclass(frozen=True)
class Route:
    """One line, and the edges (places of source and target) that it draws."""

    points: tuple[Point, ...]
    edge: tuple[int, int]


def routes(stage: Stage) -> list[Route]:
    """All lines of the picture."""
    feet = _feet(stage)
    found = [Route(tuple(_along(stage, *edge)), edge) for edge in stage.lanes.straight]
    for arc, top in stage.arcs:
        for edge in arc.edges:
            source, target = (stage.blocks[place] for place in edge)
            start = _foot(stage, source, edge[0], feet[edge][0], out=True)
            end = _foot(stage, target, edge[1], feet[edge][1], out=False)
            found.append(Route(tuple(_bridge(start, end, top)), edge))
    return found


def centre(block: Block) -> Point:
    """The middle of what one sees of a block."""
    return block.x + (block.thickness + block.face) / 2, (block.y + block.top) / 2


def _along(stage: Stage, source: int, target: int) -> Iterator[Point]:
    """Along the source's lane, then over to the target's in the gap before the target."""
    (left, low), (right, high) = centre(stage.blocks[source]), centre(stage.blocks[target])
    yield left, low
    if abs(high - low) > 0.5:
        column = stage.lanes.columns[target]
        start = max(
            (block.x + block.thickness + block.face
             for block, other in zip(stage.blocks, stage.lanes.columns, strict=True) if other == column - 1),
            default=stage.borders[column],
        )  # fmt: skip
        end = max(stage.blocks[target].x, start + 2)
        for i in range(BEND + 1):
            part = (1 - cos(pi * i / BEND)) / 2
            yield start + (end - start) * i / BEND, low + (high - low) * part
    yield right, high


def _bridge(start: Sequence[Point], end: Sequence[Point], top: float) -> Iterator[Point]:
    """Up from `start`, over at the height `top`, down to `end`; corners are round."""
    (left, low), (right, high) = start[-1], end[-1]
    across = min(CORNER, (right - left) / 2)
    yield from start
    up = max(min(CORNER, top - low), 0.0)
    for i in range(BEND + 1):
        yield left + across * (1 - cos(pi * i / BEND / 2)), top - up * (1 - cos(pi * (BEND - i) / BEND / 2))
    down = max(min(CORNER, top - high), 0.0)
    for i in range(BEND + 1):
        yield right - across * (1 - cos(pi * (BEND - i) / BEND / 2)), top - down * (1 - cos(pi * i / BEND / 2))
    yield from reversed(end)


def _foot(stage: Stage, block: Block, place: int, shift: float, *, out: bool) -> list[Point]:
    """Where an arc stands on a block: on its top, or beside it where another lane is above."""
    if stage.lanes.lanes[place] == 0:
        x = block.x + (block.thickness + block.face) / 2 + shift
        half_rise = 0 if sign_of(block.stop) else block.rise / 2
        return [(x, block.top - half_rise)]
    x, y = centre(block)
    column = stage.lanes.columns[place]
    beside = stage.borders[column + 1] - 1 - shift if out else stage.borders[column] + 1 - shift
    return [(x, y), (beside, y)]


def _feet(stage: Stage) -> dict[tuple[int, int], tuple[float, float]]:
    """For each edge of an arc how far its feet stand aside, so that arcs on one body do not cross."""
    leaving: dict[int, list[tuple[int, int]]] = {}
    coming: dict[int, list[tuple[int, int]]] = {}
    columns = stage.lanes.columns
    for arc, _ in stage.arcs:
        several = len(arc.edges) > 1
        for edge in arc.edges:
            if not several:
                leaving.setdefault(edge[0], []).append(edge)
                coming.setdefault(edge[1], []).append(edge)
    found = {edge: (0.0, 0.0) for arc, _ in stage.arcs for edge in arc.edges}
    for place, edges in leaving.items():
        first = LEG if coming.get(place) else 0.0
        for i, edge in enumerate(sorted(edges, key=lambda edge: columns[edge[1]])):
            found[edge] = (first - i * LEG * 0.9 if i else first, found[edge][1])
    for place, edges in coming.items():
        first = -LEG if leaving.get(place) else 0.0
        for i, edge in enumerate(sorted(edges, key=lambda edge: -columns[edge[0]])):
            found[edge] = (found[edge][0], first + i * LEG * 0.9 if i else first)
    return found
