"""The tensor flow: each tensor a block to scale, from the input on the left to the output on the right."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from layerscope.figures import captions, drawing, hover, links
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.labels import LOOSE
from layerscope.figures.scene import Block, Point, Room, Stand, Stop, blocks, stops
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, MUTED, TEXT, WRONG, Json, layout, size
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.metrics import unread
from layerscope.steps import Trace

Strip = tuple[list[Point], str, str]
"""An area that is never read, the words about it, the layer that leaves it out."""

HEIGHT, WIDTH = 216.0, 640.0
PHONE_WIDTH = 350.0
"""About how wide a picture is on a phone, in pixels."""
ROOM_FOR_WINDOWS = 34.0
"""Narrower places show the selected layer's window only."""
ROOM_FOR_RIBBONS = 9.0
THINNEST_PLANE = 2.4
FAMILIES = ("Input", "Convolution", "Transposed convolution", "Pooling", "Linear", "Shape")
"""Those that have blocks of their own."""


def width_on(narrow: bool) -> float:
    """How wide a picture is taken to be, in pixels: on a `narrow` stage, or on a wide one."""
    return PHONE_WIDTH if narrow else WIDTH


def flow(
    trace: Trace,
    selected: str | None = None,
    changed: frozenset[str] = frozenset(),
    *,
    before: Mapping[str, Shape] | None = None,
    height: float = HEIGHT,
    width: float = WIDTH,
    large: bool = False,
) -> Json:
    """The picture as plain Plotly JSON, in pixels of a drawing area of `width` by `height`.

    Args:
        selected: the layer to outline.
        changed: layers that the last move touched; they get a sign.
        before: old output shapes by layer name (the input's under ""), written as "was 6×24×24".
        width: about how wide the picture will be; a wider one is stretched.
        large: type for a projector.
    """
    focus = Focus(selected, changed, before or {})
    line = size(13, large) + 3.0
    over = 2 * (size(14, large) + 3.0) + 2
    room = Room(6.0, width - 6.0, 2 * line + 8, height - over)
    drawn = blocks(stops(trace), room)
    strips = [
        (area, words, after.stop.name)
        for before_, after in pairwise(drawn)
        for area, words in links.strips(before_, after)
    ]
    shape_pixels = size(14 if max(b.width for b in drawn) > captions.NARROW else 12, large)
    shape_texts = captions.shapes(drawn, focus, room, height, shape_pixels)
    name_texts = captions.names(drawn, focus, room, (line + 4, 3.0), large)
    shapes, data = drawing.arranged(
        [
            *_ribbons(drawn, selected),
            *_bodies(drawn),
            *_windows(drawn, selected),
            *_marks(drawn, focus, name_texts),
            drawing.lines(_leaders(drawn, shape_texts), MUTED, 1),
        ],
        [
            *_hatches(drawn, strips),
            _hits(trace, drawn, name_texts, strips, room, height),
        ],
    )
    axis = {"visible": False, "fixedrange": True}
    return {
        "data": data,
        "layout": layout(
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={**axis, "range": [0, width]},
            yaxis={**axis, "range": [0, height]},
            shapes=shapes,
            annotations=[
                drawing.letter(text.x / width, text.y / height, text.text, pixels, name=text.layer)
                for texts, pixels in ((shape_texts, shape_pixels), (name_texts, size(13, large)))
                for text in texts
            ],
        ),
    }


def description(trace: Trace) -> str:
    """The picture in words: the shapes from input to output, and where it stops or leaves cells unread."""
    found = stops(trace)
    way = [f"{stop.name} {shape_text(stop.shape)}" for stop in found if stop.shape]
    if len(way) > 14:
        way = [*way[:6], f"{len(way) - 10} more", *way[-4:]]
    text = f"Tensor flow through {len(trace.network.layers)} layers: {', '.join(way)}."
    if trace.error:
        text += f" {trace.steps[-1].name} does not run: {trace.error.message}"
    missed = [step.name for step in trace.steps if any(unread(step))]
    if missed:
        text += f" Some input cells are never read by {', '.join(missed[:5])}."
    return text


def legend(trace: Trace, changed: frozenset[str]) -> str:
    """What the signs mean that stand in the picture."""
    signs = [
        "▨ never read" if any(any(unread(step)) for step in trace.steps) else "",
        f"{captions.CHANGED} changed" if changed else "",
    ]
    return " · ".join(sign for sign in signs if sign)


def _ribbons(drawn: Sequence[Block], selected: str | None) -> list[Json]:
    quiet: list[list[Point]] = []
    lit: list[list[Point]] = []
    for before, after in pairwise(drawn):
        if after.stop.stand is not Stand.RUNS:
            continue
        chosen = selected == after.stop.name
        if chosen or after.width > ROOM_FOR_RIBBONS:
            (lit if chosen else quiet).append(links.cone(before, after))
    return [
        drawing.areas(quiet, fill=FAINT, line="rgba(128,128,128,0.35)"),
        drawing.areas(lit, fill="rgba(128,128,128,0.34)", line=MUTED, width=1.5),
    ]


def _bodies(drawn: Sequence[Block]) -> list[Json]:
    running = [block for block in drawn if block.stop.stand is Stand.RUNS]
    by_family: dict[str, list[Block]] = {}
    for block in running:
        by_family.setdefault(block.stop.family, []).append(block)
    bodies = [
        drawing.areas([b.outline for b in by_family.get(f, ())], fill=COLOURS[f], line=COLOURS[f]) for f in FAMILIES
    ]
    return [
        *bodies,
        drawing.areas([_side(b) for b in running], fill="rgba(255,255,255,0.66)", line=CLEAR),
        drawing.areas([_roof(b) for b in running], fill="rgba(255,255,255,0.38)", line=CLEAR),
        drawing.lines([line for b in running for line in _planes(b)], "rgba(255,255,255,0.75)", 1),
    ]


def _hatches(drawn: Sequence[Block], strips: Sequence[Strip]) -> list[Json]:
    """Cells that nobody reads, and the layer that fails."""
    ink = {"shape": "/", "fgcolor": "#1A1A1A", "bgcolor": "#FFFFFF", "size": 5, "solidity": 0.35}
    crosses = {"shape": "x", "fgcolor": WRONG, "bgcolor": CLEAR, "size": 9, "solidity": 0.16}
    failing = [b.outline for b in drawn if b.stop.stand is Stand.FAILS]
    return [
        drawing.hatched([area for area, _, _ in strips], ink, fill="#FFFFFF", line="#1A1A1A"),
        drawing.hatched(failing, crosses, fill=FAINT, line=WRONG, width=2.5, dash="dash"),
    ]


def _windows(drawn: Sequence[Block], selected: str | None) -> list[Json]:
    """The layers' windows to scale; one that does not fit is drawn as it is."""
    windows: list[list[Point]] = []
    wrong: list[list[Point]] = []
    for before, after in pairwise(drawn):
        if after.stop.stand is Stand.UNREACHED:
            continue
        if after.width < ROOM_FOR_WINDOWS and after.stop.name != selected and after.stop.stand is Stand.RUNS:
            continue
        rectangle = links.window(before, after)
        if rectangle:
            (wrong if after.stop.stand is Stand.FAILS else windows).append(rectangle)
    return [
        drawing.areas(windows, fill="rgba(0,0,0,0.22)", line="#1A1A1A", width=1.5),
        drawing.areas(wrong, fill="rgba(213,94,0,0.18)", line=WRONG, width=2.5, dash="dash"),
    ]


def _marks(drawn: Sequence[Block], focus: Focus, names: Sequence[Caption]) -> list[Json]:
    """Outlines of the selected and the unreached; a bar under the selected name."""
    chosen = [b.outline for b in drawn if focus.selected in b.stop.names and b.stop.stand is Stand.RUNS]
    unreached = [b.outline for b in drawn if b.stop.stand is Stand.UNREACHED]
    bars = [[(n.box.left, n.box.bottom), (n.box.right, n.box.bottom)] for n in names if n.layer == focus.selected]
    return [
        drawing.areas(unreached, fill=CLEAR, line=MUTED, width=1.5, dash="dot"),
        drawing.areas(chosen, fill=CLEAR, line=TEXT, width=3),
        drawing.lines(bars if focus.selected else [], TEXT, 3),
    ]


def _leaders(drawn: Sequence[Block], texts: Sequence[Caption]) -> list[list[Point]]:
    """Thin lines from the shapes that had to be written higher up to their blocks."""
    blocks_of = {block.layer_name: block for block in drawn}
    found = []
    for text in texts:
        block = blocks_of[text.layer]
        if text.box.bottom - block.top > LOOSE:
            found.append([(block.middle, block.top + 1), (block.middle, text.box.bottom + 1)])
    return found


def _hits(
    trace: Trace, drawn: Sequence[Block], names: Sequence[Caption], strips: Sequence[Strip], room: Room, high: float
) -> Json:
    """Invisible rectangles that answer to the pointer: each block's column, then the names of the layers in it."""
    columns = [(b.left, b.left + b.width, room.bottom - 6, high, _hover(trace, b.stop), b.stop.maker) for b in drawn]
    steps = trace.by_name
    boxes = []
    for name in names:
        if name.layer:
            step = steps.get(name.layer)
            words = hover.layer_hover(step) if step else hover.unreached_hover(trace.network[name.layer])
            boxes.append((name.box.left, name.box.right, name.box.bottom, name.box.top, words, name.layer))
    return drawing.rectangles(
        [
            *((*c[:5], c[5].name if c[5] else None) for c in columns),
            *boxes,
            *((*drawing.extent(area), words, layer) for area, words, layer in strips),
        ]
    )


def _hover(trace: Trace, stop: Stop) -> str:
    if stop.maker is None:
        return hover.input_hover(trace)
    return hover.layer_hover(stop.step) if stop.step else hover.unreached_hover(stop.maker)


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
