"""The tensor flow of a network that branches: lanes, arcs, folded blocks; see `flow` for what a chain looks like."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from layerscope.figures import drawing, solids, tags
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.gathering import FoldedStop, Shown, parts_of, sign_of
from layerscope.figures.labels import LOOSE, Box
from layerscope.figures.lanes import arrange
from layerscope.figures.routes import Route, centre, routes
from layerscope.figures.scene import Block, Point, Room, Stand
from layerscope.figures.solids import Pair
from layerscope.figures.standing import JOIN, Form, Stage, stand
from layerscope.figures.theme import CLEAR, COLOURS, MUTED, PAPER, TEXT, WRONG, Json, layout, size

LINE = "rgba(128,128,128,0.75)"
CARD = 3.0
"""How far the cards after a folded block stand out, in pixels."""
TOOTH = 4.0
"""The least pixels from one bar of a comb to the next."""
COLUMN = 23.4
"""Pixels of a common body's column in a picture that is full."""
ROOMY_COLUMN = 60.0
"""Where columns are narrower, shapes are written smaller."""


def most_for(width: float) -> float:
    """How many common bodies a picture has room for before blocks are folded."""
    return width / COLUMN


@dataclass(frozen=True)
class View:
    """What is drawn: the bodies with their words on hover, and what is pointed out."""

    shown: Shown
    hovers: Sequence[str]
    focus: Focus


def picture(view: View, *, height: float, width: float, large: bool) -> Json:
    """The picture as plain Plotly JSON; see `flow`."""
    shown, focus = view.shown, view.focus
    text_size = size(13, large)
    line = text_size + 3.0
    room = Room(6.0, width - 6.0, 2 * line + 12, height - line - 2)
    stage = stand(shown, arrange(shown.wires), room)
    ways = routes(stage)
    pixels = size(13 if width / stage.lanes.width > ROOMY_COLUMN else 11, large)
    shape_texts = tags.shapes(stage, shown, ways, focus, room, pixels)
    marks = tags.brackets(stage, shown.opened)
    names, block_names = tags.names(stage, marks, focus, room, text_size)
    written = [*names.items(), *block_names.items()]
    chosen = {i for i, block in enumerate(stage.blocks) if focus.selected in block.stop.names}
    strips = solids.unread_strips(_pairs(stage, shown, only=True))
    shapes, data = drawing.arranged(
        [
            *_lines(ways, chosen),
            *_bodies(stage, shown),
            *solids.windows(_pairs(stage, shown, only=False), focus.selected),
            *_outlines(stage, chosen, ways),
            drawing.lines([_bracket(mark, line) for mark in marks], LINE, 1),
            drawing.lines([_bar(text) for _, text in written if text.text.startswith("<b>")], TEXT, 2),
            drawing.lines(list(_leaders(stage, shape_texts)), MUTED, 1),
        ],
        [
            *solids.hatches(stage.blocks, strips),
            solids.counting([b for b in stage.blocks if b.stop.counts]),
            _circles(stage, chosen),
            drawing.rectangles(
                [
                    *_hits(stage, view.hovers, room, height),
                    *(_hit(text, view.hovers[place]) for place, text in written),
                    *((*drawing.extent(area), words, layer) for area, words, layer in strips),
                ]
            ),
        ],
    )
    axis = {"visible": False, "fixedrange": True}
    texts = [
        *((text, pixels) for text in shape_texts.values()),
        *((text, text_size) for text in (*names.values(), *block_names.values(), *_signs(stage))),
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


def _pairs(stage: Stage, shown: Shown, *, only: bool) -> Iterator[Pair]:
    """The layers that read one tensor, each with the block of what it reads; `only` those that nobody reads beside."""
    readers = Counter(source for row in shown.wires for source in row)
    for block, sources in zip(stage.blocks, shown.wires, strict=True):
        step = block.stop.step
        if len(sources) != 1 or step is None or isinstance(block.stop, FoldedStop):
            continue
        source = stage.blocks[sources[0]]
        is_whole = source.stop.shape == step.input_shape and stage.forms[sources[0]] is Form.MAP
        if is_whole and not (only and readers[sources[0]] > 1):
            yield source, block


def _lines(ways: Sequence[Route], chosen: set[int]) -> list[Json]:
    lit = [way.points for way in ways if not chosen.isdisjoint(way.edge)]
    quiet = [way.points for way in ways if chosen.isdisjoint(way.edge)]
    return [drawing.lines(quiet, LINE, 1.5), drawing.lines(lit, TEXT, 2.5)]


def _bodies(stage: Stage, shown: Shown) -> list[Json]:
    coloured: dict[str, list[list[Point]]] = {}
    cards: dict[str, list[list[Point]]] = {}
    solid = []
    for place, (block, form) in enumerate(zip(stage.blocks, stage.forms, strict=True)):
        if block.stop.stand is not Stand.RUNS or form is Form.CIRCLE:
            continue
        if isinstance(block.stop, FoldedStop):
            cards.setdefault(block.stop.family, []).extend(_cards(block))
        for family, outline in _painted(block, form, parts_of(block.stop, shown.sources(place))):
            coloured.setdefault(family, []).append(outline)
        if form is not Form.COMB:
            solid.append(block)
    return [
        *(drawing.areas(some, fill=PAPER, line=COLOURS[family]) for family, some in cards.items()),
        *(drawing.areas(some, fill=COLOURS[family], line=COLOURS[family]) for family, some in coloured.items()),
        *solids.shading(solid),
    ]


def _painted(block: Block, form: Form, parts: Sequence[tuple[str, int]]) -> Iterator[tuple[str, list[Point]]]:
    """The coloured outlines of a body: a concatenation's slices, a comb's bars, or the whole."""
    ends = list(accumulate(length for _, length in parts))
    slices = [(family, start / ends[-1], end / ends[-1]) for (family, _), (start, end) in
              zip(parts, pairwise([0, *ends]), strict=True)] or [(block.stop.family, 0.0, 1.0)]  # fmt: skip
    if form is Form.COMB:
        yield from _bars(block, slices)
    elif form is Form.VECTOR:
        for family, start, end in slices:
            yield family, _upright(block, start, end)
    else:
        for family, start, end in slices:
            yield family, _across(block, start, end)


def _across(block: Block, start: float, end: float) -> list[Point]:
    """What one sees of the planes from `start` to `end`, as parts of all: only the last ones have a side."""
    x, right = block.x + start * block.thickness, block.x + end * block.thickness
    y, up, back, rise = block.y, block.y + block.height, block.face, block.rise
    if end < 1:
        return [(x, y), (right, y), (right, up), (right + back, up + rise), (x + back, up + rise), (x, up)]
    return [(x, y), (right, y), (right + back, y + rise), (right + back, up + rise), (x + back, up + rise), (x, up)]


def _upright(block: Block, start: float, end: float) -> list[Point]:
    """The box of a vector's values from `start` to `end`, as parts of all, from below."""
    x, right, back, rise = block.x, block.x + block.thickness, block.face, block.rise
    y, up = block.y + start * block.height, block.y + end * block.height
    return [(x, y), (right, y), (right + back, y + rise), (right + back, up + rise), (x + back, up + rise), (x, up)]


def _bars(block: Block, slices: Sequence[tuple[str, float, float]]) -> Iterator[tuple[str, list[Point]]]:
    """A bar for each vector of a sequence, or as many as can be told apart, on a line that joins them."""
    count = max(min(block.planes, int(block.thickness / TOOTH)), 1)
    pitch = block.thickness / count
    for i in range(count):
        family = next(family for family, _, end in slices if (i + 0.5) / count <= end)
        x = block.x + i * pitch
        yield family, [(x, block.y), (x + 0.6 * pitch, block.y), (x + 0.6 * pitch, block.top), (x, block.top)]
    right = block.x + block.thickness - 0.4 * pitch
    yield slices[-1][0], [(block.x, block.y), (right, block.y), (right, block.y + 1), (block.x, block.y + 1)]


def _cards(block: Block) -> Iterator[list[Point]]:
    """The outlines that look out after a folded block: one, or two where it stands for several equal ones."""
    times = block.stop.times if isinstance(block.stop, FoldedStop) else 1
    for i in range(min(times, 2), 0, -1):
        yield [(x + CARD * i, y + CARD * i) for x, y in block.outline]


def _outlines(stage: Stage, chosen: set[int], ways: Sequence[Route]) -> list[Json]:
    """Of the selected, of the ends of its edges, and of what is not reached."""
    beside = {place for way in ways if not chosen.isdisjoint(way.edge) for place in way.edge} - chosen

    def running(places: set[int]) -> list[list[Point]]:
        found = (stage.blocks[i] for i in sorted(places) if stage.forms[i] is not Form.CIRCLE)
        return [block.outline for block in found if block.stop.stand is Stand.RUNS]

    unreached = [
        block.outline
        for block, form in zip(stage.blocks, stage.forms, strict=True)
        if block.stop.stand is Stand.UNREACHED and form is not Form.CIRCLE
    ]
    return [
        drawing.areas(unreached, fill=PAPER, line=MUTED, width=1.5, dash="dot"),
        drawing.areas(running(beside), fill=CLEAR, line=TEXT, width=1.5),
        drawing.areas(running(chosen), fill=CLEAR, line=TEXT, width=3),
    ]


def _bracket(mark: tags.Bracket, line: float) -> list[Point]:
    y = tags.LOWER + line + 1
    return [(mark.left, y + 3), (mark.left, y), (mark.right, y), (mark.right, y + 3)]


def _bar(text: Caption) -> list[Point]:
    return [(text.box.left, text.box.bottom), (text.box.right, text.box.bottom)]


def _leaders(stage: Stage, texts: Mapping[int, Caption]) -> Iterator[list[Point]]:
    """Thin lines from the shapes that had to be written higher up to their blocks."""
    for place, text in texts.items():
        block = stage.blocks[place]
        if text.box.bottom - block.top > LOOSE:
            yield [(block.middle, block.top + 1), (block.middle, text.box.bottom + 1)]


def _circles(stage: Stage, chosen: set[int]) -> Json:
    """Rows that join cell by cell, as markers: they stay round however wide the picture is."""
    places = [i for i, form in enumerate(stage.forms) if form is Form.CIRCLE]
    middles = [centre(stage.blocks[i]) for i in places]
    ink = {Stand.RUNS: TEXT, Stand.FAILS: WRONG, Stand.UNREACHED: MUTED}
    return {
        "type": "scatter", "mode": "markers", "hoverinfo": "skip", "cliponaxis": False,
        "x": [round(x, 1) for x, _ in middles], "y": [round(y, 1) for _, y in middles],
        "marker": {
            "symbol": "circle", "opacity": 1, "color": PAPER,
            "size": round(min([JOIN, *(stage.blocks[i].width for i in places)])),
            "line": {
                "color": [ink[stage.blocks[i].stop.stand] for i in places],
                "width": [3 if i in chosen else 1.5 for i in places],
            },
        },
    }  # fmt: skip


def _signs(stage: Stage) -> Iterator[Caption]:
    for block in stage.blocks:
        if sign := sign_of(block.stop):
            x, y = centre(block)
            yield Caption(x, y, f"<b>{sign}</b>", block.layer_name, Box(x, x, y, y))


def _hits(stage: Stage, hovers: Sequence[str], room: Room, high: float) -> Iterator[drawing.Rectangle]:
    """Rectangles that answer to the pointer: a column for each body of the trunk, then the other bodies."""
    every = sorted(range(len(stage.blocks)), key=lambda i: stage.lanes.lanes[i])
    for i in every:
        block, lane = stage.blocks[i], stage.lanes.lanes[i]
        low, top = (block.y - 4, block.top + 4) if lane else (room.bottom - 6, high)
        yield block.left, block.left + block.width, low, top, hovers[i], block.layer_name


def _hit(text: Caption, words: str) -> drawing.Rectangle:
    return text.box.left, text.box.right, text.box.bottom, text.box.top, words, text.layer
