"""The tensor flow of a network that branches: lanes, arcs, folded blocks; see `flow` for what a chain looks like."""

from collections.abc import Sequence
from itertools import accumulate

from layerscope.figures import drawing, tags
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.gathering import FoldedStop, Shown, is_stack, parts_of, sign_of
from layerscope.figures.lanes import Arc, arrange
from layerscope.figures.routes import Route, routes
from layerscope.figures.scene import Block, Point, Room, Stand
from layerscope.figures.standing import Stage, is_comb, stand
from layerscope.figures.theme import CLEAR, COLOURS, MUTED, PAPER, TEXT, Json, layout, size

LINE = "rgba(128,128,128,0.75)"
CARD = 3.0
"""How far the cards after a folded block stand out, in pixels."""
COLUMN = 24.0
"""Pixels of a common body's column in a picture that is full."""


def most_for(width: float) -> float:
    """How many common bodies a picture has room for before blocks are folded."""
    return width / COLUMN


def picture(
    shown: Shown, hovers: Sequence[str], focus: Focus, *, height: float, width: float, large: bool
) -> Json:
    """The picture as plain Plotly JSON; see `flow`. `hovers` are the words of each body."""
    line = size(13, large) + 3.0
    room = Room(6.0, width - 6.0, 2 * line + 14, height - line - 2)
    stage = stand(shown, arrange(shown.wires), room)
    ways = routes(stage)
    pixels = size(13 if width / max(stage.lanes.width, 1) > tags.WIDE_COLUMN else tags.TIGHT, large)
    shape_texts = tags.shapes(stage, ways, focus, room, height, pixels)
    name_texts, brackets = tags.names(stage, shown.opened, focus, room, large)
    chosen = {i for i, block in enumerate(stage.blocks) if focus.selected in block.stop.names}
    shapes, data = drawing.arranged(
        [*_lines(ways, chosen), *_bodies(stage, shown), *_marks(stage, shown, chosen, ways), *_brackets(brackets, name_texts, focus)],
        [*_joins(stage, chosen), *_patterns(stage), _hits(stage, hovers, name_texts, brackets, room, height)],
    )
    axis = {"visible": False, "fixedrange": True}
    texts = [
        *((text, pixels) for text in shape_texts),
        *((text, size(13, large)) for text in [*name_texts, *(bracket.caption for bracket in brackets)]),
        *((sign, size(13, large)) for sign in _signs(stage)),
    ]
    return {
        "data": data,
        "layout": layout(
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={**axis, "range": [0, width]},
            yaxis={**axis, "range": [0, height]},
            shapes=shapes,
            annotations=[
                drawing.letter(text.x / width, text.y / height, text.text, points, name=text.layer)
                for text, points in texts
            ],
        ),
    }


def _lines(ways: Sequence[Route], chosen: set[int]) -> list[Json]:
    lit = [way.points for way in ways if not chosen.isdisjoint(way.edge)]
    quiet = [way.points for way in ways if chosen.isdisjoint(way.edge)]
    return [drawing.lines(quiet, LINE, 1.5), drawing.lines(lit, TEXT, 2.5)]


def _bodies(stage: Stage, shown: Shown) -> list[Json]:
    solid = [b for b in stage.blocks if b.stop.stand is Stand.RUNS and not sign_of(b.stop)]
    coloured: dict[str, list[list[Point]]] = {}
    cards: dict[str, list[list[Point]]] = {}
    for place, block in enumerate(stage.blocks):
        if block not in solid:
            continue
        slices = _slices(block, parts_of(block.stop, [shown.stops[one] for one in shown.wires[place]]))
        for family, outline in slices or [(block.stop.family, block.outline)]:
            coloured.setdefault(family, []).append(outline)
        if isinstance(block.stop, FoldedStop):
            cards.setdefault(block.stop.family, []).extend(_cards(block))
    return [
        *(drawing.areas(some, fill="rgba(128,128,128,0.35)", line=COLOURS[family]) for family, some in cards.items()),
        *(drawing.areas(some, fill=COLOURS[family], line=COLOURS[family]) for family, some in coloured.items()),
        drawing.areas([_side(b) for b in solid], fill="rgba(255,255,255,0.66)", line=CLEAR),
        drawing.areas([_roof(b) for b in solid], fill="rgba(255,255,255,0.38)", line=CLEAR),
        drawing.lines([line for b in solid for line in _planes(b)], "rgba(255,255,255,0.75)", 1),
    ]


def _cards(block: Block) -> list[list[Point]]:
    """The outlines that look out after a folded block: one, or two where it stands for several equal ones."""
    times = block.stop.times if isinstance(block.stop, FoldedStop) else 1
    return [[(x + CARD * i, y + CARD * i) for x, y in block.outline] for i in range(min(times, 2), 0, -1)]


def _slices(block: Block, parts: Sequence[tuple[str, int]]) -> list[tuple[str, list[Point]]]:
    """The sources of a concatenation one after the other along its planes; a vector's on each other."""
    total = sum(length for _, length in parts)
    if not total:
        return []
    ends = list(accumulate(length / total for _, length in parts))
    found = []
    for (family, _), start, end in zip(parts, [0.0, *ends], ends, strict=False):
        if block.columns or is_comb(block.stop) or len(block.stop.shape or ()) > 1:
            found.append((family, _between(block, start, end)))
        else:
            x, right, y = block.x, block.x + block.thickness, block.y
            found.append((family, [(x, y + block.height * start), (right, y + block.height * start),
                                   (right, y + block.height * end), (x, y + block.height * end)]))  # fmt: skip
    return found


def _between(block: Block, start: float, end: float) -> list[Point]:
    """The outline of the planes from `start` to `end`, as parts of all."""
    x, right = block.x + start * block.thickness, block.x + end * block.thickness
    y, up = block.y, block.y + block.height
    if end < 0.999:
        return [(x, y), (right, y), (right, up), (right + block.face, up + block.rise), (x + block.face, up + block.rise), (x, up)]
    return [(x, y), *block.outline[1:4], (x + block.face, up + block.rise), (x, up)]


def _side(b: Block) -> list[Point]:
    return [*b.outline[1:4], (b.x + b.thickness, b.y + b.height)]


def _roof(b: Block) -> list[Point]:
    front = b.x + b.thickness, b.y + b.height
    return [b.outline[5], front, b.outline[3], b.outline[4]]


def _planes(b: Block) -> list[list[Point]]:
    pitch = b.thickness / max(b.planes, 1)
    if b.planes < 2 or pitch < 2.4:
        return []
    return [
        [(b.x + i * pitch, b.y), (b.x + i * pitch, b.y + b.height), (b.x + i * pitch + b.face, b.top)]
        for i in range(1, b.planes)
    ]


def _marks(stage: Stage, shown: Shown, chosen: set[int], ways: Sequence[Route]) -> list[Json]:
    """Outlines of the selected, of the ends of its edges, and of what is not reached."""
    beside = {place for way in ways if not chosen.isdisjoint(way.edge) for place in way.edge} - chosen
    solid = [block.stop.stand is Stand.RUNS and not sign_of(block.stop) for block in stage.blocks]
    return [
        drawing.areas([b.outline for b in stage.blocks if b.stop.stand is Stand.UNREACHED], fill=PAPER, line=MUTED, width=1.5, dash="dot"),
        drawing.areas([stage.blocks[i].outline for i in sorted(beside) if solid[i]], fill=CLEAR, line=TEXT, width=1.5),
        drawing.areas([stage.blocks[i].outline for i in sorted(chosen) if solid[i]], fill=CLEAR, line=TEXT, width=3),
    ]


def _brackets(brackets: Sequence[tags.Bracket], names: Sequence[Caption], focus: Focus) -> list[Json]:
    paths = []
    for one in brackets:
        y = one.caption.box.top + 2
        paths.append([(one.left, y + 3), (one.left, y), (one.right, y), (one.right, y + 3)])
    bars = [[(n.box.left, n.box.bottom), (n.box.right, n.box.bottom)] for n in names if "<b>" in n.text]
    return [drawing.lines(paths, LINE, 1), drawing.lines(bars, TEXT, 2)]


def _joins(stage: Stage, chosen: set[int]) -> list[Json]:
    """The circles, as markers: they stay round however the picture is stretched."""
    places = [i for i, block in enumerate(stage.blocks) if sign_of(block.stop)]
    middles = [(stage.blocks[i].x + stage.blocks[i].thickness / 2, stage.blocks[i].y + stage.blocks[i].height / 2) for i in places]
    return [{
        "type": "scatter", "mode": "markers", "hoverinfo": "skip",
        "x": [round(x, 1) for x, _ in middles], "y": [round(y, 1) for _, y in middles],
        "marker": {"symbol": "circle", "size": round(min([15.0, *(stage.blocks[i].width for i in places)])), "opacity": 1, "color": PAPER,
                   "line": {"color": TEXT, "width": [3 if i in chosen else 1.5 for i in places]}},
    }]  # fmt: skip


def _signs(stage: Stage) -> list[Caption]:
    found = []
    for block in stage.blocks:
        if sign_of(block.stop):
            x, y = block.x + block.thickness / 2, block.y + block.height / 2
            found.append(Caption(x, y, f"<b>{sign_of(block.stop)}</b>", None, tags.Box(x, x, y, y)))
    return found


def _patterns(stage: Stage) -> list[Json]:
    return []


def _hits(stage, hovers, names, brackets, room, high) -> Json:
    return drawing.rectangles([])
