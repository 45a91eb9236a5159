"""How a block's body is painted, in a chain and in a network that branches: shading, planes, hatches, windows."""

from collections.abc import Iterable, Sequence

from layerscope.figures import drawing, links
from layerscope.figures.scene import Block, Point, Stand
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, INPUT, MUTED, WRONG, Json

Strip = tuple[list[Point], str, str]
"""An area that is never read, the words about it, the layer that leaves it out."""
Pair = tuple[Block, Block]
"""A block, and one that reads it."""

ROOM_FOR_WINDOWS = 34.0
"""Narrower places show the selected layer's window only."""
THINNEST_PLANE = 2.4
WINDOW = "rgba(0,0,0,0.22)"
"""What a window is filled with."""


def shading(blocks: Sequence[Block]) -> list[Json]:
    """What makes boxes of coloured outlines: a light side, a lighter roof, the borders between the planes."""
    return [
        drawing.areas([_side(b) for b in blocks], fill="rgba(255,255,255,0.66)", line=CLEAR),
        drawing.areas([_roof(b) for b in blocks], fill="rgba(255,255,255,0.38)", line=CLEAR),
        drawing.lines([line for b in blocks for line in _planes(b)], "rgba(255,255,255,0.75)", 1),
    ]


def hatches(blocks: Sequence[Block], strips: Sequence[Strip]) -> list[Json]:
    """Cells that nobody reads, the layer that fails, and what is not reached."""
    ink = {"shape": "/", "fgcolor": "#1A1A1A", "bgcolor": "#FFFFFF", "size": 5, "solidity": 0.35}
    crosses = {"shape": "x", "fgcolor": WRONG, "bgcolor": CLEAR, "size": 9, "solidity": 0.16}
    grey = {"shape": "/", "fgcolor": MUTED, "bgcolor": CLEAR, "size": 7, "solidity": 0.12}
    failing = [b.outline for b in blocks if b.stop.stand is Stand.FAILS]
    waiting = [b.outline for b in blocks if b.stop.stand is Stand.UNREACHED]
    return [
        drawing.hatched([area for area, _, _ in strips], ink, fill="#FFFFFF", line="#1A1A1A"),
        drawing.hatched(waiting, grey, fill=CLEAR, line=MUTED, width=1.5, dash="dash"),
        drawing.hatched(failing, crosses, fill=FAINT, line=WRONG, width=2.5, dash="dash"),
    ]


def ghosts(blocks: Sequence[Block]) -> Json:
    """The outlines of what changed blocks were."""
    return drawing.passing(drawing.areas([b.outline for b in blocks], fill=CLEAR, line=MUTED, width=1.5, dash="dot"))


def failing(blocks: Sequence[Block]) -> Json:
    """Blocks that run as they are drawn, but fail as they are written."""
    outlines = [block.outline for block in blocks]
    return drawing.areas(outlines, fill="rgba(213,94,0,0.3)", line=WRONG, width=3.5, dash="dash")


def windows(pairs: Iterable[Pair], selected: str | None, floor: float) -> list[Json]:
    """The layers' windows to scale. One that does not fit stands out of its input, down to the names at `floor`."""
    fitting: list[list[Point]] = []
    chosen: list[list[Point]] = []
    wrong: list[list[Point]] = []
    for before, after in pairs:
        if after.stop.stand is Stand.UNREACHED:
            continue
        is_narrow = after.width < ROOM_FOR_WINDOWS and after.stop.stand is Stand.RUNS
        if is_narrow and after.stop.name != selected:
            continue
        rectangle = _above(floor, links.window(before, after) or [])
        if rectangle:
            (wrong if after.stop.stand is Stand.FAILS else chosen if is_narrow else fitting).append(rectangle)
    style: Json = {"fill": WINDOW, "line": "#1A1A1A", "width": 1.5}
    return [
        drawing.areas(fitting, **style),
        drawing.passing(drawing.areas(chosen, **style)),
        drawing.areas(wrong, fill="rgba(213,94,0,0.18)", line=WRONG, width=2.5, dash="dash"),
    ]


def _above(floor: float, area: Sequence[Point]) -> list[Point]:
    """The part of a polygon that is above a line across."""
    kept: list[Point] = []
    for (x, y), (to, up) in zip(area, [*area[1:], *area[:1]], strict=True):
        if y >= floor:
            kept.append((x, y))
        if (y >= floor) != (up >= floor):
            kept.append((x + (to - x) * (floor - y) / (up - y), floor))
    return kept


def unread_strips(pairs: Iterable[Pair]) -> list[Strip]:
    """The areas of each block that its reader never reads."""
    return [(area, words, after.stop.name) for before, after in pairs for area, words in links.strips(before, after)]


def _side(b: Block) -> list[Point]:
    return [*b.outline[1:4], (b.x + b.thickness, b.y + b.height)]


def _roof(b: Block) -> list[Point]:
    front = b.x + b.thickness, b.y + b.height
    return [b.outline[5], front, b.outline[3], b.outline[4]]


def _planes(b: Block) -> Iterable[list[Point]]:
    """The borders between the planes, where they are thick enough to be told apart."""
    pitch = b.thickness / b.planes
    if b.planes < 2 or pitch < THINNEST_PLANE:
        return
    for i in range(1, b.planes):
        x = b.x + i * pitch
        yield [(x, b.y), (x, b.y + b.height), (x + b.face, b.top)]


def counting(blocks: Sequence[Block]) -> Json:
    """Indices: whole numbers, hatched as they are not values to calculate with."""
    ink = {"shape": "\\", "fgcolor": "#FFFFFF", "bgcolor": COLOURS[INPUT], "size": 6, "solidity": 0.3}
    return drawing.hatched([b.outline for b in blocks], ink, fill=COLOURS[INPUT], line=COLOURS[INPUT])
