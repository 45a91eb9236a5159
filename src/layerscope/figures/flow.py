"""The tensor flow: each tensor a block to scale, from the input on the left to the output on the right."""

from collections.abc import Iterable, Mapping, Sequence

from layerscope.figures import captions, hover, links
from layerscope.figures.captions import Caption, Focus
from layerscope.figures.scene import Block, Point, Room, Stand, Stop, blocks, stops
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, MUTED, TEXT, WRONG, Json, layout, size
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.metrics import unread
from layerscope.steps import Trace

HEIGHT, WIDTH = 216.0, 640.0
ROOM_FOR_WINDOWS = 34.0
"""Narrower places show the selected layer's window only."""
THINNEST_PLANE = 2.4
FAMILIES = (
    "Input", "Convolution", "Transposed convolution", "Pooling", "Linear", "Shape",
    "Activation", "Normalization", "Regularization",
)  # fmt: skip
"""In the order in which they are drawn; the last three have blocks of their own only where they fail."""


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
    over = (2 if focus.before else 1) * (size(14, large) + 3.0) + 4
    room = Room(6.0, width - 6.0, 2 * line + 8, height - over)
    drawn = blocks(stops(trace), room)
    shape_texts = captions.shapes(drawn, focus, room, height, large)
    name_texts = captions.names(drawn, focus, room, (line + 4, 3.0), large)
    data = [
        *_ribbons(drawn, selected),
        *_bodies(drawn),
        *_details(drawn, selected),
        *_marks(drawn, focus, name_texts),
        _texts(shape_texts, size(14, large)),
        _texts(name_texts, size(13, large)),
        *_hits(trace, drawn, name_texts, room, height),
    ]
    axis = {"visible": False, "fixedrange": True}
    return {
        "data": data,
        "layout": layout(
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis={**axis, "range": [0, width]},
            yaxis={**axis, "range": [0, height]},
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


def _ribbons(drawn: Sequence[Block], selected: str | None) -> list[Json]:
    quiet, lit = [], []
    for before, after in zip(drawn, drawn[1:], strict=False):
        if after.stop.stand is not Stand.RUNS:
            continue
        chosen = selected == after.stop.name
        if chosen or after.width > ROOM_FOR_WINDOWS * 0.5 or after.width + before.width > 2 * ROOM_FOR_WINDOWS:
            (lit if chosen else quiet).append(links.cone(before, after))
    return [
        _areas(quiet, fill=FAINT, line="rgba(128,128,128,0.35)"),
        _areas(lit, fill="rgba(128,128,128,0.34)", line=MUTED, width=1.5),
    ]


def _bodies(drawn: Sequence[Block]) -> list[Json]:
    running = [block for block in drawn if block.stop.stand is Stand.RUNS]
    by_family: dict[str, list[Block]] = {}
    for block in running:
        by_family.setdefault(block.stop.family, []).append(block)
    bodies = [_areas([b.outline for b in by_family.get(f, ())], fill=COLOURS[f], line=COLOURS[f]) for f in FAMILIES]
    return [
        *bodies,
        _areas([_side(b) for b in running], fill="rgba(255,255,255,0.66)", line=CLEAR),
        _areas([_roof(b) for b in running], fill="rgba(255,255,255,0.38)", line=CLEAR),
        _lines([line for b in running for line in _planes(b)], "rgba(255,255,255,0.75)", 1),
    ]


def _details(drawn: Sequence[Block], selected: str | None) -> list[Json]:
    """Windows to scale and cells that nobody reads."""
    windows, wrong, areas = [], [], []
    for before, after in zip(drawn, drawn[1:], strict=False):
        if after.stop.stand is Stand.UNREACHED:
            continue
        areas += [area for area, _ in links.strips(before, after)]
        if after.width < ROOM_FOR_WINDOWS and after.stop.name != selected and after.stop.stand is Stand.RUNS:
            continue
        rectangle = links.window(before, after)
        if rectangle:
            (wrong if after.stop.stand is Stand.FAILS else windows).append(rectangle)
    hatch = {"shape": "/", "fgcolor": "#1A1A1A", "bgcolor": "#FFFFFF", "size": 5, "solidity": 0.35}
    return [
        {**_areas(areas, fill="#FFFFFF", line="#1A1A1A"), "fillpattern": hatch},
        _areas(windows, fill="rgba(0,0,0,0.22)", line="#1A1A1A", width=1.5),
        {**_areas(wrong, fill="rgba(213,94,0,0.18)", line=WRONG, width=2.5, dash="dash")},
    ]


def _marks(drawn: Sequence[Block], focus: Focus, names: Sequence[Caption]) -> list[Json]:
    """Outlines of the selected, the failing and the unreached; a bar under the selected name."""
    chosen = [b.outline for b in drawn if focus.selected in b.stop.names and b.stop.stand is not Stand.UNREACHED]
    failing = [b.outline for b in drawn if b.stop.stand is Stand.FAILS]
    unreached = [b.outline for b in drawn if b.stop.stand is Stand.UNREACHED]
    bars = [[(n.box.left, n.box.bottom), (n.box.right, n.box.bottom)] for n in names if n.layer == focus.selected]
    hatch = {"shape": "x", "fgcolor": WRONG, "bgcolor": CLEAR, "size": 9, "solidity": 0.16}
    return [
        {**_areas(failing, fill=FAINT, line=WRONG, width=2.5, dash="dash"), "fillpattern": hatch},
        _areas(unreached, fill=CLEAR, line=MUTED, width=1.5, dash="dot"),
        _areas(chosen, fill=CLEAR, line=TEXT, width=3),
        _lines(bars if focus.selected else [], TEXT, 3),
    ]


def _texts(items: Sequence[Caption], pixels: int) -> Json:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [round(item.x, 1) for item in items],
        "y": [round(item.y, 1) for item in items],
        "text": [item.text for item in items],
        "customdata": [[item.layer] for item in items],
        "textposition": "middle center",
        "textfont": {"size": pixels},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _hits(trace: Trace, drawn: Sequence[Block], names: Sequence[Caption], room: Room, high: float) -> list[Json]:
    """Invisible rectangles that answer to the pointer: each block's column, then the names of the layers in it."""
    columns = [(b.left, b.left + b.width, room.bottom - 6, high, _hover(trace, b.stop), b.stop.maker) for b in drawn]
    steps = trace.by_name
    boxes = []
    for name in names:
        if name.layer:
            step = steps.get(name.layer)
            words = hover.layer_hover(step) if step else hover.unreached_hover(trace.network[name.layer])
            boxes.append((name.box.left, name.box.right, name.box.bottom, name.box.top, words, name.layer))
    strips = [
        (min(x for x, _ in area), max(x for x, _ in area), min(y for _, y in area), max(y for _, y in area), words,
         after.stop.name)
        for before, after in zip(drawn, drawn[1:], strict=False)
        for area, words in links.strips(before, after)
    ]  # fmt: skip
    return [
        _rectangles([(*c[:5], c[5].name if c[5] else None) for c in columns]),
        _rectangles(boxes),
        _rectangles(strips),
    ]


def _hover(trace: Trace, stop: Stop) -> str:
    if stop.maker is None:
        return hover.input_hover(trace)
    return hover.layer_hover(stop.step) if stop.step else hover.unreached_hover(stop.maker)


def _rectangles(items: Sequence[tuple[float, float, float, float, str, str | None]]) -> Json:
    return {
        "type": "bar",
        "x": [round((left + right) / 2, 1) for left, right, *_ in items],
        "width": [round(right - left, 1) for left, right, *_ in items],
        "base": [round(bottom, 1) for _, _, bottom, *_ in items],
        "y": [round(top - bottom, 1) for _, _, bottom, top, *_ in items],
        "customdata": [[item[5]] for item in items],
        "hovertext": [item[4] for item in items],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": CLEAR, "line": {"width": 0}},
    }


def _side(b: Block) -> list[Point]:
    return b.outline[1:4] + [(b.x + b.thickness, b.y + b.height)]


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


def _areas(
    polygons: Sequence[Sequence[Point]], *, fill: str, line: str, width: float = 1, dash: str = "solid"
) -> Json:
    drawn = _path([[*polygon, polygon[0]] for polygon in polygons])
    style = {"color": line, "width": width, "dash": dash}
    return {**drawn, "mode": "lines", "fill": "toself", "fillcolor": fill, "line": style, "hoverinfo": "skip"}


def _lines(paths: Sequence[Sequence[Point]], colour: str, width: float) -> Json:
    return {**_path(paths), "mode": "lines", "line": {"color": colour, "width": width}, "hoverinfo": "skip"}


def _path(paths: Sequence[Sequence[Point]]) -> Json:
    """Several polygons or lines in one trace, parted by gaps."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for path in paths:
        xs += [round(x, 1) for x, _ in path] + [None]
        ys += [round(y, 1) for _, y in path] + [None]
    return {"type": "scatter", "x": xs[:-1], "y": ys[:-1]}
