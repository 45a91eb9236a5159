"""The tensor flow: each tensor a block to scale, from the input on the left to the output on the right."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from layerscope.figures import branching, captions, drawing, hover, links, solids
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.folding import NOTHING
from layerscope.figures.framed import framed
from layerscope.figures.gathering import FoldedStop, folded, gather, heading, in_a_row, label_of, trunk
from layerscope.figures.gauge import Gauge
from layerscope.figures.labels import LOOSE
from layerscope.figures.placing import Placed, placed
from layerscope.figures.scene import Block, Point, Room, Stand, Stop, stops
from layerscope.figures.solids import Strip
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, MUTED, TEXT, Json, has_blocks, size
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.metrics import unread
from layerscope.network import Network
from layerscope.once import latest
from layerscope.steps import Step, Trace
from layerscope.tracing import trace as walked

HEIGHT, WIDTH = 216.0, 640.0
PHONE_WIDTH = 350.0
"""About how wide a picture is on a phone, in pixels."""
ROOM_FOR_RIBBONS = 9.0
LOWER_NAMES = 1.0
"""Where the lower line of names stands: the bar under a name in the line above keeps clear of it."""
JOINS = {"Add": "addition", "Multiply": "multiplication", "Concat": "concatenation"}
FAMILIES = tuple(filter(has_blocks, COLOURS))
"""Those that have blocks of their own."""


def width_on(narrow: bool) -> float:
    """How wide a picture is taken to be, in pixels: on a `narrow` stage, or on a wide one."""
    return PHONE_WIDTH if narrow else WIDTH


def flow(
    trace: Trace,
    selected: str | None = None,
    changed: frozenset[str] = frozenset(),
    *,
    failing: frozenset[str] = frozenset(),
    before: Mapping[str, Shape] | None = None,
    base: Mapping[str, Shape] | None = None,
    height: float = HEIGHT,
    width: float = WIDTH,
    large: bool = False,
    opened: frozenset[str] = NOTHING,
    closed: frozenset[str] = NOTHING,
    given: Gauge | None = None,
) -> Json:
    """The picture as plain Plotly JSON, in pixels of a drawing area of `width` by `height`.

    The layout's `meta` says what a saved picture leaves out (see `drawing.saved`) and, under "scale", what a reader
    must know of the scale; under "height", for which height its texts are placed (see lettering.js).

    Args:
        selected: the layer to outline.
        changed: layers that the last move touched; they get a sign.
        failing: layers that fail as they are written, where the network is shown corrected.
        before: old output shapes by layer or input name, drawn as ghosts and written as "was 6×24×24".
        base: shapes of the network that was opened, for which places and scale are chosen (see `shapes_of`).
        width: about how wide the picture will be; a wider one is stretched.
        large: type for a projector.
        opened: blocks of a network that branches that are not folded, such as "layer1.0"; it folds others by itself.
        closed: blocks that are folded, unless they hold the selected layer.
        given: the scale, where another picture has the same (see `beside`).
    """
    focus = Focus(selected, changed, before or {}, failing)
    if not in_a_row(trace.network):
        shown = folded(gather(trace), branching.most_for(width), opened, closed, selected, base)
        view = branching.View(shown, [_hover(trace, stop) for stop in shown.stops], focus, base)
        return branching.picture(view, height=height, width=width, large=large, given=given)
    line = size(13, large) + 3.0
    room = room_for(height, width, large=large)
    stage = placed(stops(trace), room, base, before, given=given)
    drawn = stage.blocks
    strips = solids.unread_strips(pairwise(drawn))
    shape_pixels = size(14 if max(b.width for b in drawn) > captions.NARROW else 12, large)
    shape_texts = captions.shapes(stage, focus, room, height, shape_pixels)
    name_texts = captions.names(drawn, focus, room, (line + 4, LOWER_NAMES), large)
    shapes, data, passing = drawing.arranged(
        [
            *_ribbons(drawn, selected),
            *_bodies(drawn),
            *solids.windows(pairwise(drawn), selected, room.bottom - 2),
            solids.ghosts(stage.ghosts),
            *_marks(drawn, focus, name_texts),
            drawing.lines(_leaders(stage, shape_texts), MUTED, 1),
            drawing.changes([b.outline for b in drawn if not changed.isdisjoint(b.stop.names)]),
        ],
        [
            *solids.hatches(drawn, strips),
            _hits(trace, drawn, name_texts, strips, room, height),
        ],
    )
    texts = [(text, text.pixels or shape_pixels) for text in shape_texts]
    texts += [(text, text.pixels or size(13, large)) for text in name_texts]
    return framed(shapes, data, passing, texts, stage.notes, width=width, height=height)


def room_for(height: float, width: float, *, large: bool) -> Room:
    """Where the blocks of a chain may stand: two lines of names below, two of shapes above."""
    line, over = size(13, large) + 3.0, 2 * (size(14, large) + 3.0) + 2
    return Room(6.0, width - 6.0, 2 * line + 8, height - over)


@lru_cache(maxsize=64)
def shapes_of(network: Network) -> Mapping[str, Shape]:
    """The shapes of a network by the names of its inputs and rows, for `flow`'s `base`."""
    found = {given.name: given.shape for given in network.inputs}
    return found | {step.name: step.output_shape for step in walked(network).steps if step.output_shape}


def description(trace: Trace, failing: Collection[str] = ()) -> str:
    """The picture in words: the shapes from input to output, and where it stops or leaves cells unread."""
    found = stops(trace) if in_a_row(trace.network) else trunk(gather(trace))
    way = [f"{label_of(stop)} {shape_text(stop.shape)}" for stop in found if stop.shape]
    if len(way) > 14:
        way = [*way[:6], f"{len(way) - 10} more", *way[-4:]]
    joins = Counter(layer.type for layer in trace.network.layers if layer.type in JOINS)
    joined = "".join(f", {count} {JOINS[kind]}{'s' * (count > 1)}" for kind, count in joins.items())
    text = f"Tensor flow through {len(trace.network.layers)} layers{joined}: {', '.join(way)}."
    if trace.error:
        text += f" {trace.steps[-1].name} does not run: {trace.error.message}"
    wrong = [layer.name for layer in trace.network.layers if layer.name in failing]
    if wrong:
        text += f" As written, {', '.join(wrong[:5])} {'fails' if len(wrong) == 1 else 'fail'}."
    missed = [step.name for step in _leaving_out(trace)]
    if missed:
        text += f" Some input cells are never read by {', '.join(missed[:5])}."
    return text


def legend(trace: Trace, changed: frozenset[str], figure: Json | None = None) -> str:
    """What the signs mean that stand in the picture; of its `figure` also what a reader must know of the scale."""
    scale = figure["layout"]["meta"] if figure else {}
    shares = any(step.owners for step in trace.steps)
    signs = [
        *scale.get("moved", ()),
        f"{captions.CHANGED} changed" if changed else "",
        "▨ never read" if _leaving_out(trace) else "",
        "┃ concatenation" if any(layer.type == "Concat" for layer in trace.network.layers) else "",
        "◌ shared weights" if shares and not in_a_row(trace.network) else "",
        *scale.get("scale", ()),
    ]
    return " · ".join(sign for sign in signs if sign)


@latest
def _leaving_out(trace: Trace) -> tuple[Step, ...]:
    """The layers that leave cells unread which nobody else reads."""
    users = trace.network.users
    return tuple(
        step
        for step in trace.steps
        if any(unread(step)) and all(len(users(name.partition(":")[0])) == 1 for name in step.sources)
    )


def _ribbons(drawn: Sequence[Block], selected: str | None) -> list[Json]:
    quiet: list[list[Point]] = []
    lit: list[list[Point]] = []
    for before, after in pairwise(drawn):
        if after.stop.stand is not Stand.RUNS:
            continue
        if selected == after.stop.name:
            lit.append(links.cone(before, after))
        if after.width > ROOM_FOR_RIBBONS:
            quiet.append(links.cone(before, after))
    return [
        drawing.areas(quiet, fill=FAINT, line="rgba(128,128,128,0.35)"),
        drawing.passing(drawing.areas(lit, fill="rgba(128,128,128,0.24)", line=MUTED, width=1.5)),
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
        *solids.shading(running),
    ]


def _marks(drawn: Sequence[Block], focus: Focus, names: Sequence[Caption]) -> list[Json]:
    """Outlines of the selected and of what fails as it is written; a bar under the selected name."""
    chosen = [b.outline for b in drawn if focus.selected in b.stop.names]
    bars = [[(n.box.left, n.box.bottom), (n.box.right, n.box.bottom)] for n in names if n.layer == focus.selected]
    return [
        drawing.passing(drawing.areas(chosen, fill=CLEAR, line=TEXT, width=3)),
        solids.failing([b for b in drawn if b.stop.stand is Stand.RUNS and focus.fails(b.stop)]),
        drawing.passing(drawing.lines(bars if focus.selected else [], TEXT, 3)),
    ]


def _leaders(stage: Placed, texts: Sequence[Caption]) -> list[list[Point]]:
    """Thin lines from the shapes that stand higher up to their blocks."""
    tops = {block.layer_name: block for block in stage.blocks}
    tops |= {ghost.layer_name: ghost for ghost in stage.ghosts if ghost.top > tops[ghost.layer_name].top}
    found = []
    for text in texts:
        block = tops[text.layer]
        if text.box.bottom - block.top > LOOSE and text.plain != "":
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
    if isinstance(stop, FoldedStop):
        return hover.block_hover(heading(stop), [step for name in stop.names if (step := trace.by_name.get(name))])
    if stop.maker is None:
        return hover.input_hover(stop.name, stop.shape or ())
    return hover.layer_hover(stop.step) if stop.step else hover.unreached_hover(stop.maker)
