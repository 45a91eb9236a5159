"""One column for each layer, in order: weights, multiply-accumulates, memory or receptive field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil, log10, prod

from layerscope.figures import hover
from layerscope.figures.captions import CHANGED, FAILS
from layerscope.figures.labels import Wish, place
from layerscope.figures.theme import CLEAR, COLOURS, FAINT, TEXT, Json, family, layout, size, text_width
from layerscope.formatting import bytes_text, compact, percent, shape_text
from layerscope.layers.base import AXES, Layer
from layerscope.metrics import share
from layerscope.steps import Step, Trace

HEIGHT, WIDTH = 216.0, 640.0
LEFT, RIGHT = 46.0, 8.0
ROOMY = 44.0
"""Where columns would be narrower, layers without any value are left out."""
SMALLEST = 0.7
"""Where a logarithmic axis begins: a column of 1 is still seen."""


class Measure(Enum):
    """What a column's height means."""

    WEIGHTS = "weights"
    MACS = "macs"
    MEMORY = "memory"
    RECEPTIVE_FIELD = "receptive field"


class Scale(Enum):
    """How heights grow: by equal steps, or by equal factors."""

    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Column:
    """A layer and its values: weight and bias, one value, or one for each axis. None where it was not reached."""

    layer: Layer
    step: Step | None
    values: tuple[int, ...] | None

    @property
    def height(self) -> int:
        return max(self.values, default=0) if self.values else 0


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
    columns = _columns(trace, measure, width - LEFT - RIGHT)
    pixels = size(13, large)
    line = pixels * 1.3
    slot = (width - LEFT - RIGHT) / max(len(columns), 1)
    ticks, rows = _ticks(columns, selected, changed, slot, width, pixels)
    bottom = rows * line + 8
    lines = 2 if measure is Measure.WEIGHTS else 1
    drawable = max(height - bottom - 6, 40.0)
    tops = [_top(column, measure) for column in columns]
    low, high = _range(max(tops, default=0), scale, (lines * line + 6) / drawable)
    floor = SMALLEST if scale is Scale.LOG else 0
    axis = _value_axis(measure, scale, low, high, size(12, large))
    return {
        "data": [
            _column([(i, floor, _power(high, scale)) for i, c in enumerate(columns) if c.layer.name == selected]),
            *_stacks(columns, measure, floor),
            _outline(columns, tops, selected, floor),
            _values(trace, columns, tops, measure, selected, changed, floor, slot, pixels, _power(high, scale)),
            _hits(columns, trace, measure, floor, _power(high, scale)),
        ],
        "layout": layout(
            margin={"l": LEFT, "r": RIGHT, "t": 6, "b": bottom},
            xaxis={
                "fixedrange": True, "range": [-0.5, max(len(columns), 1) - 0.5], "tickvals": [i for i, _ in ticks],
                "ticktext": [text for _, text in ticks], "tickangle": 0, "tickfont": {"size": pixels}, "ticks": "",
                "showgrid": False, "zeroline": False, "automargin": False,
            },
            yaxis=axis,
        ),
    }  # fmt: skip


def description(trace: Trace, measure: Measure = Measure.WEIGHTS) -> str:
    """The chart in words: the total and the largest layers."""
    columns = [c for c in (_column_of(trace, i, measure) for i in range(len(trace.steps))) if c.height]
    ranked = sorted(columns, key=lambda column: -_top(column, measure))[:3]
    word = _WORDS[measure]
    if measure is Measure.RECEPTIVE_FIELD:
        last = next((c for c in reversed(columns) if c.step), None)
        text = f"Receptive field by layer; the last, {last.layer.name}, sees {_text(last, measure, trace)}." if last else ""
        return text or "Receptive field by layer; nothing to show."
    total = {Measure.WEIGHTS: trace.parameters, Measure.MACS: trace.macs, Measure.MEMORY: trace.activation_bytes}[measure]
    parts = [f"{c.layer.name} {_top(c, measure):,} ({percent(_top(c, measure) / total)})" for c in ranked]
    return f"{word} by layer, {total:,} in total" + (f"; most in {', '.join(parts)}." if parts else ".")


_WORDS = {
    Measure.WEIGHTS: "Weights and biases",
    Measure.MACS: "Multiply-accumulates",
    Measure.MEMORY: "Bytes of output",
    Measure.RECEPTIVE_FIELD: "Receptive field",
}


def _columns(trace: Trace, measure: Measure, room: float) -> list[Column]:
    every = [_column_of(trace, i, measure) for i in range(len(trace.network.layers))]
    if room / max(len(every), 1) >= ROOMY:
        return every
    if measure in (Measure.WEIGHTS, Measure.MACS):
        return [c for c in every if c.height or (c.values is None and family(c.layer) in _WEIGHTY)] or every
    return every


_WEIGHTY = {"Convolution", "Transposed convolution", "Linear"}


def _column_of(trace: Trace, place: int, measure: Measure) -> Column:
    layer = trace.network.layers[place]
    if place >= len(trace.steps):
        return Column(layer, None, None)
    step = trace.steps[place]
    return Column(layer, step, None if step.error else _MEASURED[measure](step))


def _weights(step: Step) -> tuple[int, ...]:
    bias = prod(step.bias_shape) if step.bias_shape else 0
    return step.parameters - bias, bias


def _field(step: Step) -> tuple[int, ...]:
    sizes = step.receptive_field.size if step.receptive_field else ()
    return sizes[:1] if len(set(sizes)) == 1 else sizes


_MEASURED: dict[Measure, Callable[[Step], tuple[int, ...]]] = {
    Measure.WEIGHTS: _weights,
    Measure.MACS: lambda step: (step.macs,),
    Measure.MEMORY: lambda step: (step.activation_bytes,),
    Measure.RECEPTIVE_FIELD: _field,
}


def _top(column: Column, measure: Measure) -> int:
    """Where the column ends: stacked values add up."""
    if measure is Measure.WEIGHTS:
        return sum(column.values or ())
    return column.height


def _text(column: Column, measure: Measure, trace: Trace) -> str:
    """The value as written above the column."""
    if column.values is None or column.step is None:
        return FAILS if column.step else "–"
    top = _top(column, measure)
    if measure is Measure.WEIGHTS:
        return f"{compact(top)}<br>{percent(share(column.step, trace))}" if top else "0"
    if measure is Measure.RECEPTIVE_FIELD:
        field = column.step.receptive_field
        if field is None or not field.axes:
            return "whole"
        return "whole" if field.whole else shape_text(field.size)
    if measure is Measure.MEMORY:
        return bytes_text(top)
    return compact(top)


def _range(top: float, scale: Scale, headroom: float) -> tuple[float, float]:
    """The axis in its own terms (exponents on a logarithmic one), with room for the text above the columns."""
    if scale is Scale.LOG:
        low = log10(SMALLEST)
        return low, low + (log10(max(top, 10)) - low) / (1 - headroom)
    return 0.0, max(top, 1) / (1 - headroom)


def _power(value: float, scale: Scale) -> float:
    return 10**value if scale is Scale.LOG else value


def _value_axis(measure: Measure, scale: Scale, low: float, high: float, pixels: int) -> Json:
    axis: Json = {
        "fixedrange": True, "range": [low, high], "type": scale.value, "tickfont": {"size": pixels},
        "automargin": False, "zeroline": False, "ticks": "",
    }  # fmt: skip
    if scale is Scale.LOG:
        powers = range(0, int(high) + 1, ceil((int(high) + 1) / 6))
        values = [10**power for power in powers]
        write = bytes_text if measure is Measure.MEMORY else compact
        return {**axis, "tickmode": "array", "tickvals": values, "ticktext": [write(v) for v in values]}
    step = _round_step(high / 4.2)
    values = [step * i for i in range(int(high / step) + 1)]
    write = bytes_text if measure is Measure.MEMORY else compact
    return {**axis, "tickmode": "array", "tickvals": values, "ticktext": [write(v) for v in values]}


def _round_step(least: float) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ..."""
    power = 10 ** max(int(log10(max(least, 1))), 0)
    return next(int(m * power) for m in (1, 2, 5, 10) if m * power >= least)


def _stacks(columns: Sequence[Column], measure: Measure, floor: float) -> list[Json]:
    """Three traces: the weights (or values of the first axis), the biases (or second), the third axis."""
    grouped = max((len(c.values or ()) for c in columns), default=1) if measure is Measure.RECEPTIVE_FIELD else 1
    traces = []
    for part, pattern in enumerate(("", "/", ".")):
        places: list[tuple[float, float, float]] = []
        colours = []
        for i, column in enumerate(columns):
            if not column.values or part >= len(column.values) or column.values[part] <= 0:
                continue
            if measure is Measure.WEIGHTS:
                start = sum(column.values[:part])
                places.append((i, max(start, floor), start + column.values[part]))
            else:
                shift = 0.0 if len(column.values) == 1 else (part - (grouped - 1) / 2) * 0.8 / grouped
                places.append((i + shift, floor, column.values[part]))
            colours.append(COLOURS[family(column.layer)])
        wide = 0.78 if grouped == 1 else 0.76 / grouped
        trace = _column(places, wide)
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


def _outline(columns: Sequence[Column], tops: Sequence[int], selected: str | None, floor: float) -> Json:
    chosen = [(i, floor, tops[i]) for i, c in enumerate(columns) if c.layer.name == selected and tops[i]]
    trace = _column(chosen, 0.78)
    trace["marker"] = {"color": CLEAR, "line": {"width": 3, "color": TEXT}}
    return trace


def _values(
    trace: Trace, columns: Sequence[Column], tops: Sequence[int], measure: Measure, selected: str | None,
    changed: frozenset[str], floor: float, slot: float, pixels: int, high: float,
) -> Json:  # fmt: skip
    texts = [_text(column, measure, trace) for column in columns]
    ranked = sorted(range(len(columns)), key=lambda i: -tops[i])
    rank = {i: place for place, i in enumerate(ranked)}
    wishes = []
    for i, column in enumerate(columns):
        urgency = 3 if column.layer.name == selected else 2 if column.layer.name in changed else 1 if rank[i] < 8 else 0
        longest = max(texts[i].split("<br>"), key=len)
        wishes.append(Wish(i, (i + 0.5) * slot, text_width(longest, pixels) + 2, 1, (0,), urgency))
    shown = sorted(place(wishes, -LEFT, len(columns) * slot + RIGHT, []))
    return {
        "type": "scatter",
        "mode": "text",
        "x": shown,
        "y": [max(tops[i], floor, high * 1e-9) for i in shown],
        "text": [f"<b>{texts[i]}</b>" if columns[i].layer.name == selected else texts[i] for i in shown],
        "customdata": [[columns[i].layer.name] for i in shown],
        "textposition": "top center",
        "textfont": {"size": pixels},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


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
        "hovertext": [_hover(column, trace, measure) for column in columns],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"color": CLEAR, "line": {"width": 0}},
    }


def _hover(column: Column, trace: Trace, measure: Measure) -> str:
    step = column.step
    if step is None:
        return hover.unreached_hover(column.layer)
    if column.values is None:
        return hover.layer_hover(step)
    lines = [f"<b>{step.name}</b> {step.type}"]
    if measure is Measure.WEIGHTS:
        weight, bias = column.values
        lines.append(f"{weight:,} weights{_in_shape(step.weight_shape)}")
        lines.append(f"{bias:,} biases{_in_shape(step.bias_shape)}")
        lines.append(f"{step.parameters:,} of {trace.parameters:,} ({percent(share(step, trace))})")
    elif measure is Measure.MACS:
        lines.append(f"{step.macs:,} of {trace.macs:,} multiply-accumulates")
    elif measure is Measure.MEMORY:
        lines.append(f"{shape_text(step.output_shape or ())} values of 4 bytes = {step.activation_bytes:,} bytes")
    elif step.receptive_field and step.receptive_field.axes:
        field = step.receptive_field
        seen = zip(AXES[len(field.axes)], field.size, field.jump, strict=True)
        lines += [f"{axis}: sees {cells} cells of the input, moves by {jump}" for axis, cells, jump in seen]
        lines += ["every value sees the whole input"] if field.whole else []
    if measure in (Measure.WEIGHTS, Measure.MACS):
        wanted = "parameters" if measure is Measure.WEIGHTS else "MACs"
        lines += [f"{c.formula.filled} = {c.torch:,}" for c in step.checks if c.formula.quantity == wanted]
    return "<br>".join(lines)


def _in_shape(shape: tuple[int, ...] | None) -> str:
    return f" ({shape_text(shape)})" if shape else ""
