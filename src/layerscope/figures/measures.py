"""What the chart by layer can measure: a column for each layer, its value in words, and what hovering says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import prod

from layerscope.axis_field import AxisField
from layerscope.explain import borrowed
from layerscope.figures import hover
from layerscope.figures.captions import FAILS
from layerscope.figures.theme import family
from layerscope.formatting import bytes_text, compact, percent, shape_text
from layerscope.layers.base import AXES, Layer
from layerscope.metrics import share
from layerscope.network import Network
from layerscope.once import latest
from layerscope.steps import Step, Trace
from layerscope.ties import named
from layerscope.tracing import trace as walked

ROOMY = 44.0
"""Where columns would be narrower, layers without any value are left out."""
NONE: Mapping[str, int] = {}
_WEIGHTY = {"Convolution", "Transposed convolution", "Linear"}


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


def columns_of(trace: Trace, measure: Measure, room: float, opened: Mapping[str, int] = NONE) -> list[Column]:
    """The chart's columns in the order of the layers; `room` is the width for all of them, in pixels.

    A layer that had a value when the network was `opened` keeps its column.
    """
    every = list(every_column(trace, measure))
    if room / max(len(every), 1) >= ROOMY:
        return every
    if measure in (Measure.WEIGHTS, Measure.MACS):
        return [c for c in every if c.height or opened.get(c.layer.name) or _might_weigh(c)] or every
    return every


@lru_cache(maxsize=64)
def tops_of(network: Network, measure: Measure) -> Mapping[str, int]:
    """Where each layer's column ends."""
    whole = walked(network)
    columns = [column_of(whole, place, measure) for place in range(len(network.layers))]
    return {column.layer.name: top_of(column, measure) for column in columns}


@latest
def every_column(trace: Trace, measure: Measure) -> tuple[Column, ...]:
    """A column for each layer, in order."""
    return tuple([column_of(trace, i, measure) for i in range(len(trace.network.layers))])


def _might_weigh(column: Column) -> bool:
    """Whether a layer without a value fails, or was not reached and usually has one."""
    return column.values is None and (column.step is not None or family(column.layer) in _WEIGHTY)


def column_of(trace: Trace, place: int, measure: Measure) -> Column:
    """The column of the layer at `place`."""
    layer = trace.network.layers[place]
    if place >= len(trace.steps):
        return Column(layer, None, None)
    step = trace.steps[place]
    return Column(layer, step, None if step.error else _MEASURED[measure](step))


def _weights(step: Step) -> tuple[int, ...]:
    is_own = step.bias_shape and not step.layer.of and "bias" not in dict(named(step.layer))
    bias = prod(step.bias_shape or ()) if is_own else 0
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


def top_of(column: Column, measure: Measure) -> int:
    """Where the column ends: stacked values add up."""
    if measure is Measure.WEIGHTS:
        return sum(column.values or ())
    return column.height


def text_of(column: Column, measure: Measure, trace: Trace) -> str:
    """The value as written above the column."""
    if column.values is None or column.step is None:
        return FAILS if column.step else "–"
    top = top_of(column, measure)
    if measure is Measure.WEIGHTS:
        return f"{compact(top)}<br>{percent(share(column.step, trace))}" if top else "0"
    if measure is Measure.RECEPTIVE_FIELD:
        field = column.step.receptive_field
        if field is None:
            return "?"
        return "whole" if field.whole else shape_text(field.size) or "1"
    if measure is Measure.MEMORY:
        return bytes_text(top)
    return compact(top)


def hover_of(column: Column, trace: Trace, measure: Measure) -> str:
    """The exact numbers, with the formula they come from."""
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
        lines += [words] if (words := borrowed(step)) else []
        lines.append(f"{step.parameters:,} of {trace.parameters:,} ({percent(share(step, trace))})")
    elif measure is Measure.MACS:
        lines.append(f"{step.macs:,} of {trace.macs:,} multiply-accumulates")
    elif measure is Measure.MEMORY:
        lines.append(f"{shape_text(step.output_shape or ())} values of 4 bytes = {step.activation_bytes:,} bytes")
    else:
        lines += _seen(step)
    if measure in (Measure.WEIGHTS, Measure.MACS):
        wanted = "parameters" if measure is Measure.WEIGHTS else "MACs"
        lines += [f"{c.formula.filled} = {c.torch:,}" for c in step.checks if c.formula.quantity == wanted]
    return "<br>".join(lines)


def _seen(step: Step) -> list[str]:
    """What one value sees of the network's input, a line for each axis."""
    field = step.receptive_field
    if field is None:
        return ["what one value sees of the input is not followed here"]
    if field.whole:
        return ["every value sees the whole input"]
    if not field.axes:
        return ["every value sees the input value in its place"]
    return [_seen_along(name, axis) for name, axis in zip(AXES[len(field.axes)], field.axes, strict=True)]


def _seen_along(name: str, axis: AxisField) -> str:
    if axis.size > axis.extent:
        seen = f"has a view of {axis.size} cells, padding included; the input has {axis.extent}"
    else:
        seen = f"sees {axis.size} cells of the input" + (", fewer at the border" if axis.is_cut else "")
    if axis.is_constant:
        return f"{name}: every value {seen}"
    return f"{name}: {seen}, moves by {'different steps on its paths' if axis.jump is None else axis.jump}"


def _in_shape(shape: tuple[int, ...] | None) -> str:
    return f" ({shape_text(shape)})" if shape else ""
