"""What a picture says of a layer under the pointer."""

from functools import lru_cache
from html import escape
from textwrap import wrap

from layerscope.figures.links import unread_words
from layerscope.formatting import bytes_text, shape_text
from layerscope.layers.base import Layer
from layerscope.steps import Step, Trace

WIDTH = 58
"""Characters in a line."""


def input_hover(trace: Trace) -> str:
    """Of the tensor that enters."""
    return f"<b>input</b><br>{shape_text(trace.network.input_shape)} for each sample"


def layer_hover(step: Step) -> str:
    """Shapes, each formula with its numbers beside torch's answer, costs, and what stays unread."""
    return _layer_hover(_Asked(step))


class _Asked:
    """A step known by its layer and what arrives, on which everything else depends: the key of the memory."""

    __slots__ = ("_hash", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self._hash = hash((step.layer.signature, step.name, step.input_shape))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Asked):
            return False
        mine, others = self.step, other.step
        return (
            mine.input_shape == others.input_shape
            and mine.name == others.name
            and mine.layer.signature == others.layer.signature
        )


@lru_cache(maxsize=2048)
def _layer_hover(asked: _Asked) -> str:
    step = asked.step
    lines = [f"<b>{step.name}</b> {step.type}"]
    if step.error or step.output_shape is None:
        lines.append(f"{shape_text(step.input_shape)} arrives; it does not run")
        if step.error:
            lines += _wrapped(step.error.message)
            lines += _wrapped(f"torch: {step.error.torch_message}") if step.error.torch_message else []
        return "<br>".join(lines)
    lines.append(f"{shape_text(step.input_shape)} → {shape_text(step.output_shape)}")
    lines += formula_lines(step)
    lines += [f"▨ {words}" for words in unread_words(step)]
    costs = [f"{step.parameters:,} weights and biases"] if step.parameters else []
    costs += [f"{step.macs:,} MACs"] if step.macs else []
    costs.append(bytes_text(step.activation_bytes))
    return "<br>".join([*lines, " · ".join(costs)])


def unreached_hover(layer: Layer) -> str:
    """Of a layer behind the one that fails."""
    return f"<b>{layer.name}</b> {layer.type}<br>not reached"


def formula_lines(step: Step) -> list[str]:
    """The closed formulas that say more than a number; axes with the same formula share a line."""
    said: dict[str, list[str]] = {}
    for check in step.checks:
        filled = check.formula.filled
        if filled == str(check.formula.value) and check.agrees:
            continue
        torch = "" if check.agrees else f" ✕ torch says {check.torch:,}"
        text = f"{filled} = {check.formula.value:,}{torch}"
        said.setdefault(text, []).append(check.formula.quantity.removeprefix("output "))
    lines = [f"{' and '.join(quantities)}: {text}" for text, quantities in said.items()]
    if lines and all(check.agrees for check in step.checks):
        lines.append("✓ torch agrees")
    return lines


def _wrapped(text: str) -> list[str]:
    return [escape(line, quote=False) for line in wrap(text, WIDTH)]
