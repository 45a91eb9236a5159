"""One column for each layer, in order: weights, multiply-accumulates, memory or receptive field."""

from collections.abc import Sequence
from math import log

from layerscope.figures.captions import CHANGED
from layerscope.figures.labels import Box, Wish, place
from layerscope.figures.measures import Column, Measure, Scale, column_of, columns_of, hover_of, text_of, top_of
from layerscope.figures.scales import SMALLEST, power, range_of, value_axis
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, GRID, TEXT, Json, family, layout, size, text_width
from layerscope.formatting import percent
from layerscope.layers.base import AXES
from layerscope.steps import Trace

HEIGHT, WIDTH = 216.0, 640.0
LEFT, RIGHT = 46.0, 8.0
WIDE = 0.78
"""How much of its place a column fills."""
ROOMY_VALUES = 60.0
"""Where columns are narrower, the values above them are written smaller."""

MOST_LIFTED = 0.12
"""How much higher than its column a value may be written, as a part of the axis."""

__all__ = ["Measure", "Scale", "bars", "description"]


def bars(
    trace: Trace,
    measure: Measure = Measure.WEIGHTS,
    scale: Scale = Scale.LINEAR,
    selected: str | None = None,
    changed: frozenset[str] = frozenset(),
    *,
    height: float = HEIGHT,
    width: float = WIDTH,
    large: bool = False,
) -> Json:
    """The chart as plain Plotly JSON for a picture of about `width` by `height` pixels.

    Values stand above the columns, exact numbers on hover. On a logarithmic axis a layer whose value is 0 has no
    column, only its 0.
    """
    columns = columns_of(trace, measure, width - LEFT - RIGHT)
    pixels = size(13, large)
    line = pixels * 1.3
    slot = (width - LEFT - RIGHT) / max(len(columns), 1)
    right = RIGHT
    if columns:  # Plotly leaves out a name that would stick out of the picture
        right = max(RIGHT, text_width(columns[-1].layer.name, pixels) / 2 + 5 - slot / 2)
        slot = (width - LEFT - right) / len(columns)
    small = pixels if slot > ROOMY_VALUES else size(12, large)
    ticks, rows = _ticks(columns, selected, changed, slot, width, pixels)
    bottom = rows * line + 8
    lines = 2 if measure is Measure.WEIGHTS else 1
    drawable = max(height - bottom - 6, 40.0)
    tops = [top_of(column, measure) for column in columns]
    low, high = range_of(max(tops, default=0), scale, (lines * line + 6) / drawable)
    floor = SMALLEST if scale is Scale.LOG else 0
    axis = value_axis(measure, scale, low, high, size(12, large))
    traces = [
        *_stacks(columns, measure, floor),
        _with_legend(
            _values(trace, columns, tops, measure, selected, changed, floor, slot, small, power(high, scale)),
            _legend(columns, measure),
            tops,
            power(high, scale),
        ),
        _hits(columns, trace, measure, floor, power(high, scale)),
    ]
    shapes = _selection(columns, tops, selected, floor, power(high, scale))
    traces[-2] = _with_marks(traces[-2], ticks, axis, floor, pixels)
    return {
        "data": [trace for trace in traces if trace["x"]],  # an empty one costs as much to draw as another
        "layout": layout(
            margin={"l": LEFT, "r": round(right, 1), "t": 6, "b": bottom},
            xaxis={
                "fixedrange": True, "range": [-0.5, max(len(columns), 1) - 0.5], "tickvals": [i for i, _ in ticks],
                "ticktext": [text for _, text in ticks], "tickangle": 0, "tickfont": {"size": pixels}, "ticks": "",
                "showgrid": False, "zeroline": False, "automargin": False, "visible": False,
            },
            yaxis={**axis, "visible": False},
            shapes=[_grid(axis, len(columns)), *shapes],
        ),
    }  # fmt: skip


def description(trace: Trace, measure: Measure = Measure.WEIGHTS) -> str:
    """The chart in words: the total and the largest layers."""
    columns = [c for c in (column_of(trace, i, measure) for i in range(len(trace.steps))) if c.height]
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


def _stacks(columns: Sequence[Column], measure: Measure, floor: float) -> list[Json]:
    """Three traces: the weights (or values of the first axis), the biases (or second), the third axis."""
    by_axis = measure is Measure.RECEPTIVE_FIELD
    traces = []
    for part, pattern in enumerate(("", "/", ".")):
        places: list[tuple[float, float, float]] = []
        colours: list[str] = []
        widths: list[float] = []
        for i, column in enumerate(columns):
            if not column.values or part >= len(column.values) or column.values[part] <= 0:
                continue
            side_by_side = len(column.values) if by_axis else 1
            start = 0 if by_axis else sum(column.values[:part])
            shift = (part - (side_by_side - 1) / 2) * WIDE / side_by_side if by_axis else 0.0
            places.append((i + shift, max(start, floor), start + column.values[part]))
            colours.append(COLOURS[family(column.layer)])
            widths.append(WIDE / side_by_side)
        trace = {**_column(places), "width": widths}
        trace["marker"] = {"color": colours, "line": {"width": 0}}
        if pattern:
            trace["marker"]["pattern"] = {
                "shape": pattern, "fillmode": "replace", "size": 6, "solidity": 0.45, "bgcolor": "#FFFFFF",
            }  # fmt: skip
        traces.append(trace)
    return traces


def _column(places: Sequence[tuple[float, float, float]], width: float = 1.0) -> Json:
    """Columns (place, from, to) in one trace."""
    return {
        "type": "bar",
        "x": [place for place, _, _ in places],
        "base": [low for _, low, _ in places],
        "y": [high - low for _, low, high in places],
        "width": width,
        "hoverinfo": "skip",
        "marker": {"color": FAINT, "line": {"width": 0}},
    }


def _legend(columns: Sequence[Column], measure: Measure) -> str:
    """One line that says what the patterns mean; empty where there are none."""
    parts = max((len(c.values or ()) for c in columns), default=0)
    if measure is Measure.WEIGHTS and any(c.values and c.values[1] for c in columns):
        return "▨ hatched: biases"
    if measure is Measure.RECEPTIVE_FIELD and parts > 1:
        axes = AXES[parts]
        return f"solid {axes[0]}, ▨ hatched {axes[1]}" + (f", dotted {axes[2]}" if parts > 2 else "")
    return ""


def _with_legend(values: Json, legend: str, tops: Sequence[int], high: float) -> Json:
    """The legend as one more text, on the side where the columns leave room: dearer as an annotation."""
    if not legend:
        return values
    third = max(len(tops) // 3, 1)
    left = max(tops[:third], default=0) < max(tops[-third:], default=0)
    return {
        **values,
        "x": [*values["x"], -0.5 if left else len(tops) - 0.5],
        "y": [*values["y"], high],
        "text": [*values["text"], legend],
        "customdata": [*values["customdata"], [None]],
        "textposition": [values["textposition"]] * len(values["x"]) + [f"bottom {'right' if left else 'left'}"],
    }


def _with_marks(values: Json, ticks: Sequence[tuple[int, str]], axis: Json, floor: float, pixels: int) -> Json:
    """The names below and the numbers at the side as more texts: Plotly's own axes cost twice as much to draw."""
    count, marks = len(values["x"]), len(axis["tickvals"])
    places = values["textposition"]
    places = places if isinstance(places, list) else [places] * count
    sizes = [values["textfont"]["size"]] * count + [pixels] * len(ticks) + [axis["tickfont"]["size"]] * marks
    return {
        **values,
        "x": [*values["x"], *(i for i, _ in ticks), *(-0.5 for _ in range(marks))],
        "y": [*values["y"], *(floor for _ in ticks), *axis["tickvals"]],
        "text": [*values["text"], *(text for _, text in ticks), *axis["ticktext"]],
        "customdata": [*values["customdata"], *([None] for _ in range(len(ticks) + marks))],
        "textposition": [*places, *("bottom center" for _ in ticks), *("middle left" for _ in range(marks))],
        "textfont": {"size": sizes},
    }


def _grid(axis: Json, columns: int) -> Json:
    """A line across for each number at the side."""
    lines = "".join(f"M-0.5,{value}L{columns - 0.5},{value}" for value in axis["tickvals"])
    return {"type": "path", "path": lines, "layer": "below", "line": {"width": 1, "color": GRID}}


def _selection(
    columns: Sequence[Column], tops: Sequence[int], selected: str | None, floor: float, high: float
) -> list[Json]:
    """A light band behind the selected column and a border around it, as shapes: cheaper to draw than traces."""
    shapes = []
    for i, column in enumerate(columns):
        if column.layer.name == selected:
            band = {"type": "rect", "x0": i - 0.5, "x1": i + 0.5, "y0": floor, "y1": high, "layer": "below"}
            shapes.append({**band, "fillcolor": FAINT, "line": {"width": 0}})
            if tops[i]:
                border = {"type": "rect", "x0": i - WIDE / 2, "x1": i + WIDE / 2, "y0": floor, "y1": tops[i]}
                shapes.append({**border, "fillcolor": CLEAR, "line": {"width": 3, "color": TEXT}})
    return shapes


def _values(
    trace: Trace, columns: Sequence[Column], tops: Sequence[int], measure: Measure, selected: str | None,
    changed: frozenset[str], floor: float, slot: float, pixels: int, high: float,
) -> Json:  # fmt: skip
    texts = [text_of(column, measure, trace) for column in columns]
    ranked = sorted(range(len(columns)), key=lambda i: -tops[i])
    rank = {i: place for place, i in enumerate(ranked)}
    wishes = []
    for i, column in enumerate(columns):
        name = column.layer.name
        urgency = 30 if name == selected else 20 if name in changed else max(10 - rank[i], 0)
        wide, middle = text_width(max(texts[i].split("<br>"), key=len), pixels) + 2, (i + 0.5) * slot
        under = _under(Box(middle - wide / 2, middle + wide / 2, 0, 1), tops, slot)
        # A value pushed up by a much taller neighbour would seem to be the neighbour's.
        if name == selected or _part(under, floor, high) - _part(tops[i], floor, high) < MOST_LIFTED:
            wishes.append(Wish(i, middle, wide, 1, (0,), urgency))
    boxes = place(wishes, 0, len(columns) * slot + RIGHT, [])
    shown = sorted(boxes)
    return {
        "type": "scatter",
        "mode": "text",
        "x": [round((boxes[i].left + boxes[i].right) / 2 / slot - 0.5, 3) for i in shown],
        "y": [max(_under(boxes[i], tops, slot), floor, high * 1e-9) for i in shown],
        "text": [f"<b>{texts[i]}</b>" if columns[i].layer.name == selected else texts[i] for i in shown],
        "customdata": [[columns[i].layer.name] for i in shown],
        "textposition": "top center",
        "textfont": {"size": pixels},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _part(value: float, floor: float, high: float) -> float:
    """How far up the axis a value is, from 0 to 1; a floor above 0 means a logarithmic axis."""
    return log(max(value, floor) / floor) / log(high / floor) if floor else value / high


def _under(box: Box, tops: Sequence[int], slot: float) -> int:
    """The highest of the columns below a text, which may be wider than its own."""
    first, last = max(int(box.left / slot + 0.12), 0), min(int(box.right / slot - 0.12), len(tops) - 1)
    return max(tops[first : last + 1], default=0)


def _ticks(
    columns: Sequence[Column], selected: str | None, changed: frozenset[str], slot: float, width: float, pixels: int
) -> tuple[list[tuple[int, str]], int]:
    """The names below, in two rows where one is too narrow, and the number of rows."""
    names = [f"{c.layer.name} {CHANGED}" if c.layer.name in changed else c.layer.name for c in columns]
    failing = {c.layer.name for c in columns if c.values is None and c.step}

    def wish(i: int, rows: tuple[float, ...]) -> Wish:
        name = columns[i].layer.name
        ends = i in (0, len(columns) - 1)
        urgency = 4 if name in failing else 3 if name == selected else 2 if ends else 1 if name in changed else 0
        return Wish(i, LEFT + (i + 0.5) * slot, text_width(names[i], pixels) + 4, 1, rows, urgency)

    boxes = place([wish(i, (0,)) for i in range(len(columns))], -1e6, 1e6, [])
    rows = 1
    if len(boxes) < len(columns):
        boxes = place([wish(i, (0, -1)) for i in range(len(columns))], -1e6, 1e6, [])
        rows = 2
    ticks = []
    for i, box in sorted(boxes.items()):
        text = f"<b>{names[i]}</b>" if columns[i].layer.name in {selected, *failing} else names[i]
        ticks.append((i, f"<br>{text}" if box.bottom < 0 else text))
    return ticks, rows


def _hits(columns: Sequence[Column], trace: Trace, measure: Measure, floor: float, high: float) -> Json:
    """Invisible columns over the full height that answer to the pointer."""
    result = _column([(i, floor, high) for i in range(len(columns))])
    del result["hoverinfo"]
    return {
        **result,
        "customdata": [[column.layer.name] for column in columns],
        "hovertext": [hover_of(column, trace, measure) for column in columns],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": CLEAR, "line": {"width": 0}},
    }
