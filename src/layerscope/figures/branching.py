"""The tensor flow of a network that branches: lanes, arcs, folded blocks; see `flow` for what a chain looks like."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from layerscope.figures import brackets, drawing, painting, solids, tags
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.framed import framed
from layerscope.figures.gathering import FoldedStop, Shown, sign_of, steps_of
from layerscope.figures.gauge import JOIN, Body, Form, Gauge
from layerscope.figures.labels import LOOSE, Box
from layerscope.figures.routes import Route, centre, routes
from layerscope.figures.scene import Point, Room, Stand, Stop
from layerscope.figures.solids import Pair
from layerscope.figures.standing import Stage, stand
from layerscope.figures.theme import CLEAR, MUTED, PAPER, TEXT, WRONG, Json, size
from layerscope.layers.base import Shape
from layerscope.steps import Step

LINE = "rgba(128,128,128,0.75)"
COLUMN = 23.4
"""Pixels of a common body's column in a picture that is full."""
ROOM_FOR_SIGN = 9.0
"""Narrower circles have no sign, in pixels."""
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
    base: Mapping[str, Shape] | None = None
    """Shapes of the network that was opened."""


def staged(
    view: View, *, height: float, width: float, large: bool, besides: Sequence[Body] = (), given: Gauge | None = None
) -> Stage:
    """All that has a place in the picture. `besides` and `given`: see `placing.placed`."""
    room = room_for(height, width, large=large)
    lanes = view.shown.lanes
    column = width / lanes.width
    air = _pixels(column, large=large) + 7.0 if column > tags.ROOMY else 0.0
    return stand(view.shown, lanes, room, air, view.base, view.focus.before, besides=besides, given=given)


def room_for(height: float, width: float, *, large: bool) -> Room:
    """Where bodies may stand: names stand below, shapes above."""
    line = size(13, large) + 3.0
    return Room(6.0, width - 6.0, 2 * line + 12, height - line - 2)


def _pixels(column: float, *, large: bool) -> int:
    return size(13 if column > ROOMY_COLUMN else 11, large)


def picture(view: View, *, height: float, width: float, large: bool, given: Gauge | None = None) -> Json:
    """The picture as plain Plotly JSON; see `flow`."""
    shown, focus = view.shown, view.focus
    text_size = size(13, large)
    line = text_size + 3.0
    room = room_for(height, width, large=large)
    stage = staged(view, height=height, width=width, large=large, given=given)
    pixels = _pixels(width / stage.lanes.width, large=large)
    ways = routes(stage)
    shape_texts = tags.shapes(stage, shown, ways, focus, room, pixels)
    marks = brackets.brackets(stage, shown.opened, focus.selected)
    names, block_names = tags.names(stage, marks, focus, room, text_size)
    written = [*names.items(), *block_names.items()]
    chosen = {i for i, block in enumerate(stage.blocks) if _is_chosen(block.stop, focus.selected)}
    if focus.selected not in [mark.block.name for mark in marks]:  # an open block beside the trunk has no bracket
        chosen |= {i for block in shown.opened if block.name == focus.selected for i in brackets.members(block)}
    strips = solids.unread_strips(_pairs(stage, shown, only=True))
    shapes, data, passing = drawing.arranged(
        [
            *_lines(ways, chosen),
            *painting.bodies(stage, shown),
            drawing.areas(_sharing(stage), fill=CLEAR, line=TEXT, width=1.5, dash="dot"),
            *solids.windows(_pairs(stage, shown, only=False), focus.selected, room.bottom - 2),
            solids.ghosts(stage.ghosts),
            *_outlines(stage, chosen, _ends(ways, chosen)),
            solids.failing(
                [
                    b
                    for b, form in zip(stage.blocks, stage.forms, strict=True)
                    if form is not Form.CIRCLE and b.stop.stand is Stand.RUNS and focus.fails(b.stop)
                ]
            ),
            drawing.lines([_bracket(mark, line) for mark in marks], LINE, 1),
            drawing.passing(
                drawing.lines([_bracket(mark, line) for mark in marks if mark.block.name == focus.selected], TEXT, 3)
            ),
            drawing.passing(drawing.lines([_bar(text) for _, text in written if text.text.startswith("<b>")], TEXT, 2)),
            drawing.lines(list(_leaders(stage, shape_texts)), MUTED, 1),
            drawing.changes([b.outline for b in stage.blocks if not focus.changed.isdisjoint(b.stop.names)]),
        ],
        [
            *solids.hatches(
                [b for b, form in zip(stage.blocks, stage.forms, strict=True) if form is not Form.CIRCLE], strips
            ),
            solids.counting([b for b in stage.blocks if b.stop.counts]),
            _circles(stage, chosen, _ends(ways, chosen)),
            drawing.rectangles(
                [
                    *_hits(stage, view.hovers, room, height),
                    *(_hit(text, view.hovers[place]) for place, text in written),
                    *((*drawing.extent(area), words, layer) for area, words, layer in strips),
                ]
            ),
        ],
    )
    texts = [
        *((text, pixels) for text in shape_texts.values()),
        *((text, text_size) for text in (*names.values(), *block_names.values(), *_signs(stage))),
    ]
    return framed(shapes, data, passing, texts, stage.notes, width=width, height=height)


def _is_chosen(stop: Stop, selected: str | None) -> bool:
    """Whether a body is the selected row or block, or stands for several that it is among."""
    if selected is None or selected in (stop.name, *stop.names):
        return selected is not None
    is_within = isinstance(stop, FoldedStop) and selected.count(".") >= stop.name.count(".")
    return is_within and any(name.startswith(f"{selected}.") for name in stop.names)


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
    return [
        drawing.lines([way.points for way in ways], LINE, 1.5),
        drawing.passing(drawing.lines(lit, TEXT, 2.5)),
    ]


def _ends(ways: Sequence[Route], chosen: set[int]) -> set[int]:
    """The other ends of the selected body's edges."""
    return {place for way in ways if not chosen.isdisjoint(way.edge) for place in way.edge} - chosen


def _outlines(stage: Stage, chosen: set[int], beside: set[int]) -> list[Json]:
    """Of the selected, and of the ends of its edges."""

    def outlines(places: set[int]) -> list[list[Point]]:
        return [stage.blocks[i].outline for i in sorted(places) if stage.forms[i] is not Form.CIRCLE]

    return [
        drawing.passing(drawing.areas(outlines(beside), fill=CLEAR, line=TEXT, width=1.5)),
        drawing.passing(drawing.areas(outlines(chosen), fill=CLEAR, line=TEXT, width=3)),
    ]


def _sharing(stage: Stage) -> list[list[Point]]:
    """The outlines of the bodies that have their weights in common with another one."""
    owners = {name for block in stage.blocks for step in steps_of(block.stop) for name in step.owners}
    if not owners:
        return []

    def shares(step: Step) -> bool:
        return step.name in owners or bool(step.owners)

    return [block.outline for block in stage.blocks if any(map(shares, steps_of(block.stop)))]


def _bracket(mark: brackets.Bracket, line: float) -> list[Point]:
    y = brackets.LOWER + line + 1
    return [(mark.left, y + 3), (mark.left, y), (mark.right, y), (mark.right, y + 3)]


def _bar(text: Caption) -> list[Point]:
    return [(text.box.left, text.box.bottom), (text.box.right, text.box.bottom)]


def _leaders(stage: Stage, texts: Mapping[int, Caption]) -> Iterator[list[Point]]:
    """Thin lines from the shapes that had to be written higher up to their blocks."""
    for place, text in texts.items():
        block = stage.blocks[place]
        if text.box.bottom - block.top > LOOSE:
            yield [(block.middle, block.top + 1), (block.middle, text.box.bottom + 1)]


def _circles(stage: Stage, chosen: set[int], beside: set[int]) -> Json:
    """Rows that join cell by cell, as markers: they stay round however wide the picture is.

    `meta` has the rings' widths in a saved picture, where nothing is selected.
    """
    places = [i for i, form in enumerate(stage.forms) if form is Form.CIRCLE]
    middles = [centre(stage.blocks[i]) for i in places]
    ink = {Stand.RUNS: TEXT, Stand.FAILS: WRONG, Stand.UNREACHED: MUTED}
    failing = {i for i in places if stage.blocks[i].stop.stand is Stand.FAILS}
    strong = chosen | failing
    return {
        "type": "scatter", "mode": "markers", "hoverinfo": "skip", "cliponaxis": False,
        "meta": {"widths": [3 if i in failing else 1.5 for i in places]},
        "x": [round(x, 1) for x, _ in middles], "y": [round(y, 1) for _, y in middles],
        "marker": {
            "symbol": "circle", "opacity": 1, "color": PAPER,
            "size": round(min([JOIN, *(stage.blocks[i].width for i in places)])),
            "line": {
                "color": [ink[stage.blocks[i].stop.stand] for i in places],
                "width": [3 if i in strong else 2.5 if i in beside else 1.5 for i in places],
            },
        },
    }  # fmt: skip


def _signs(stage: Stage) -> Iterator[Caption]:
    for block in stage.blocks:
        if (sign := sign_of(block.stop)) and block.width >= ROOM_FOR_SIGN:
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
