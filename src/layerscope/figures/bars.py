"""One column for each layer, in order: weights, multiply-accumulates, memory or receptive field."""

from collections.abc import Mapping, Sequence
from math import ceil, log

from layerscope.figures import drawing, lettering
from layerscope.figures.labels import Box
from layerscope.figures.lettering import Page
from layerscope.figures.measures import (
    Column,
    Measure,
    Scale,
    column_of,
    columns_of,
    every_column,
    hover_of,
    text_of,
    top_of,
    tops_of,
)
from layerscope.figures.scales import Ruler, ruler_for
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, GRID, MUTED, TEXT, Json, family, layout, size, text_width
from layerscope.formatting import percent
from layerscope.layers.base import AXES
from layerscope.network import Network
from layerscope.steps import Trace

HEIGHT, WIDTH = 216.0, 640.0
LEFT, RIGHT = 46.0, 8.0
MOST_RIGHT = 60.0
"""A longer last name goes on to the left of its column's middle."""
WIDE = 0.78
"""How much of its place a column fills."""
STEPS = {Scale.LINEAR: 1.25, Scale.LOG: 10.0}
"""By what an axis grows where a column no longer fits: a column that grew a little is not drawn half as high."""
PATTERNS = ("", "/", ".")
"""Of a column's parts: the weights (or the first axis), the biases (or the second), the third axis."""

Part = tuple[int, int, float, float, float, float]
"""A column's number, which part of it, its middle, its width, from, to."""

__all__ = ["Measure", "Scale", "bars", "description", "legend", "title"]


def bars(
    trace: Trace,
    measure: Measure = Measure.WEIGHTS,
    scale: Scale = Scale.LINEAR,
    selected: str | None = None,
    changed: frozenset[str] = frozenset(),
    *,
    before: Trace | None = None,
    base: Network | None = None,
    height: float = HEIGHT,
    width: float = WIDTH,
    large: bool = False,
) -> Json:
    """The chart as plain Plotly JSON for a picture of about `width` by `height` pixels.

    The axis is that of the network `base` that was opened, as long as all columns fit; those of `before` are ghosts.
    The layout's `meta` is that of `flow.flow`. Values stand above the columns, exact numbers on hover. On a logarithmic
    axis a layer whose value is 0 has no column, only its 0.
    """
    opened = tops_of(base, measure) if base else {}
    columns = columns_of(trace, measure, width - LEFT - RIGHT, opened)
    right = RIGHT
    if columns:  # the last name may be wider than its column
        slot = (width - LEFT - RIGHT) / len(columns)
        over = text_width(columns[-1].layer.name, size(13, large)) / 2 + 5 - slot / 2
        right = min(max(RIGHT, over), MOST_RIGHT)
    page = Page(columns, (width - LEFT - right) / max(len(columns), 1), selected, changed, large)
    bottom = 2 * page.line + 8 + lettering.SIGN
    lines = 2 if measure is Measure.WEIGHTS else 1
    highest = max((top_of(column, measure) for column in columns), default=0)
    headroom = (lines * page.line + 6) / max(height - bottom - 6, 40.0)
    step = STEPS[scale]
    start = max(opened.values(), default=0) or highest
    steps = _steps(highest, start, step)
    ruler = ruler_for(start * step**steps, measure, scale, headroom)
    old = former(columns, measure, changed, before)
    was = _steps(max(tops_of(before.network, measure).values(), default=0), start, step) if before else steps
    values = lettering.values(page, trace, measure, ruler, right, opened)
    covered = [_covered(page, text, max(height - bottom - 6, 40.0)) for text, _ in values]
    shapes = [_grid(ruler, len(columns), covered), *_ghosts(old, ruler), *_selection(columns, measure, selected, ruler)]
    texts = [
        *values,
        *lettering.names(page, LEFT, right),
        *((text, None) for text in lettering.numbers(ruler, size(12, large))),
    ]
    passing = [i for i, shape in enumerate(shapes) if shape.pop("passing", False)]
    return {
        "data": [_columns(columns, trace, measure, ruler)] if columns else [],
        "layout": layout(
            margin={"l": LEFT, "r": round(right, 1), "t": 6, "b": bottom},
            xaxis={"fixedrange": True, "range": [-0.5, max(len(columns), 1) - 0.5], "visible": False},
            yaxis=ruler.axis,
            shapes=shapes,
            annotations=[text for text, _ in texts],
            meta={
                **drawing.saved(passing, [plain for _, plain in texts]),
                **({"moved": [f"scale changed: ×{step ** (steps - was):.3g}"]} if steps != was else {}),
            },
        ),
    }


def _steps(highest: float, start: float, step: float) -> int:
    """How often an axis for columns up to `start` has to grow by the factor `step` for one of `highest`."""
    return max(ceil(log(highest / start) / log(step) - 1e-9), 0) if highest > start > 0 else 0


def former(
    columns: Sequence[Column], measure: Measure, changed: frozenset[str], before: Trace | None
) -> dict[int, int]:
    """By the places of the columns where those of layers that changed ended before, if that was elsewhere."""
    found = {}
    names = set(before.network.names) if before else set()
    for i, column in enumerate(columns):
        name = column.layer.name
        if before is not None and name in changed and name in names:
            old = top_of(column_of(before, before.network.index(name), measure), measure)
            if old and column.values is not None and old != top_of(column, measure):
                found[i] = old
    return found


def _ghosts(old: Mapping[int, int], ruler: Ruler) -> list[Json]:
    """The outlines of former columns, if the axis goes so far."""
    line = {"width": 1.5, "color": MUTED, "dash": "dot"}
    return [
        drawing.passing({
            "type": "rect", "x0": i - WIDE / 2, "x1": i + WIDE / 2, "y0": ruler.floor, "y1": top,
            "fillcolor": CLEAR, "line": line,
        })
        for i, top in old.items() if ruler.floor < top <= ruler.top
    ]  # fmt: skip


def description(trace: Trace, measure: Measure = Measure.WEIGHTS) -> str:
    """The chart in words: the total and the largest layers."""
    columns = [column for column in every_column(trace, measure) if column.height]
    ranked = sorted(columns, key=lambda column: -top_of(column, measure))[:3]
    word = _WORDS[measure]
    if measure is Measure.RECEPTIVE_FIELD:
        last = next((c for c in reversed(columns) if c.step), None)
        text = (
            f"Receptive field by layer; the last, {last.layer.name}, sees "
            f"{text_of(last, measure, trace).replace('whole', 'the whole input')}."
            if last
            else ""
        )
        return text or "Receptive field by layer; nothing to show."
    total = {Measure.WEIGHTS: trace.parameters, Measure.MACS: trace.macs, Measure.MEMORY: trace.activation_bytes}[
        measure
    ]
    parts = [f"{c.layer.name} {top_of(c, measure):,} ({percent(top_of(c, measure) / total)})" for c in ranked]
    return f"{word} by layer, {total:,} in total" + (f"; most in {', '.join(parts)}." if parts else ".")


_WORDS = {
    Measure.WEIGHTS: "Weights and biases",
    Measure.MACS: "Multiply-accumulates",
    Measure.MEMORY: "Bytes of output",
    Measure.RECEPTIVE_FIELD: "Receptive field",
}


def legend(trace: Trace, measure: Measure, figure: Json | None = None) -> str:
    """What the patterns mean, and of its `figure` what the last change did to the axis."""
    moved = figure["layout"]["meta"].get("moved", []) if figure else []
    return " · ".join([*moved, *filter(None, [_patterns(trace, measure)])])


def title(measure: Measure, scale: Scale) -> str:
    """What the chart shows."""
    return f"{_WORDS[measure]} by layer" + (", log scale" if scale is Scale.LOG else "")


def _patterns(trace: Trace, measure: Measure) -> str:
    columns = every_column(trace, measure)
    parts = max((len(c.values or ()) for c in columns), default=0)
    if measure is Measure.WEIGHTS and any(c.values and c.values[1] for c in columns):
        return "▨ biases"
    if measure is Measure.RECEPTIVE_FIELD and parts > 1:
        axes = AXES[parts]
        return f"■ {axes[0]}, ▨ {axes[1]}" + (f", ⁙ {axes[2]}" if parts > 2 else "")
    return ""


def _columns(columns: Sequence[Column], trace: Trace, measure: Measure, ruler: Ruler) -> Json:
    """All columns as one trace, the cheapest to draw, and under them clear ones that answer to the pointer anywhere."""
    clear: list[Part] = [(i, 0, i, 1.0, ruler.floor, ruler.top) for i in range(len(columns))]
    coloured = [part for i, column in enumerate(columns) for part in _parts(i, column, measure, ruler.floor)]
    every = clear + coloured
    colours = [CLEAR] * len(clear) + [COLOURS[family(columns[part[0]].layer)] for part in coloured]
    hovers = [hover_of(column, trace, measure) for column in columns]
    return {
        "type": "bar",
        "x": [middle for _, _, middle, *_ in every],
        "width": [wide for _, _, _, wide, *_ in every],
        "base": [low for *_, low, _ in every],
        "y": [high - low for *_, low, high in every],
        "customdata": [[columns[i].layer.name] for i, *_ in every],
        "hovertext": [hovers[i] for i, *_ in every],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "color": colours,
            "line": {"width": 0},
            "pattern": {
                "shape": [PATTERNS[part] for _, part, *_ in every],
                "fillmode": "replace", "size": 6, "solidity": 0.45, "bgcolor": "#FFFFFF",
            },
        },
    }  # fmt: skip


def _parts(i: int, column: Column, measure: Measure, floor: float) -> list[Part]:
    """Weights with the biases on them; of a receptive field the axes side by side."""
    values = column.values or ()
    if measure is Measure.RECEPTIVE_FIELD:
        wide = WIDE / max(len(values), 1)
        shifts = [(part - (len(values) - 1) / 2) * wide for part in range(len(values))]
        return [(i, part, i + shifts[part], wide, floor, value) for part, value in enumerate(values) if value > floor]
    starts = [sum(values[:part]) for part in range(len(values))]
    return [
        (i, part, i, WIDE, max(starts[part], floor), starts[part] + value)
        for part, value in enumerate(values)
        if value > 0
    ]


def _covered(page: Page, text: Json, height: float) -> Box:
    """Where a value is written: in places of columns across, in parts of the axis up."""
    lines, pixels = text["text"].replace("<b>", "").replace("</b>", "").split("<br>"), text["font"]["size"]
    wide = max(text_width(line, pixels) for line in lines) / page.slot
    middle, foot = text["x"] * len(page.columns) - 0.5, text["y"] + text.get("yshift", 0) / height
    return Box(middle - wide / 2, middle + wide / 2, foot, foot + len(lines) * 1.3 * pixels / height)


def _grid(ruler: Ruler, columns: int, covered: Sequence[Box]) -> Json:
    """A line across for each number at the side, which stops where a value is written over it."""
    lines = []
    for value in ruler.marks:
        start, up = -0.5, ruler.part(value)
        for box in sorted(box for box in covered if box.bottom < up < box.top):
            if box.left > start:
                lines.append(f"M{start:.6g},{value}L{box.left:.6g},{value}")
            start = max(start, box.right)
        if start < columns - 0.5:
            lines.append(f"M{start:.6g},{value}L{columns - 0.5},{value}")
    return {"type": "path", "path": "".join(lines), "layer": "below", "line": {"width": 1, "color": GRID}}


def _selection(columns: Sequence[Column], measure: Measure, selected: str | None, ruler: Ruler) -> list[Json]:
    """A light band under the selected column and a border around it, as shapes: cheaper to draw than traces."""
    shapes = []
    for i, column in enumerate(columns):
        if column.layer.name == selected:
            band = {"type": "rect", "x0": i - 0.5, "x1": i + 0.5, "y0": ruler.floor, "y1": ruler.top, "layer": "below"}
            shapes.append(drawing.passing({**band, "fillcolor": FAINT, "line": {"width": 0}}))
            if top := top_of(column, measure):
                border = {"type": "rect", "x0": i - WIDE / 2, "x1": i + WIDE / 2, "y0": ruler.floor, "y1": top}
                shapes.append(drawing.passing({**border, "fillcolor": CLEAR, "line": {"width": 3, "color": TEXT}}))
    return shapes
