"""What a picture says of a layer under the pointer."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from textwrap import wrap

from layerscope.explain import borrowed
from layerscope.figures.links import unread_words
from layerscope.formatting import bytes_text, shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.steps import Step

WIDTH = 58
"""Characters in a line."""


def input_hover(name: str, shape: Shape) -> str:
    """Of a tensor that enters."""
    return f"<b>{name}</b><br>{shape_text(shape)} for each sample"


def block_hover(title: str, steps: Sequence[Step]) -> str:
    """Of a folded block: its input and output, which layers are inside, and their costs together."""
    if not steps:
        return f"<b>{title}</b><br>not reached"
    first, last = steps[0], steps[-1]
    shapes = f"{shape_text(first.input_shape)} → {shape_text(last.output_shape) if last.output_shape else '?'}"
    counts = Counter([step.type for step in steps])
    inside = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in counts.items())
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    costs = [f"{parameters:,} weights and biases"] if parameters else []
    costs += [f"{macs:,} MACs"] if macs else []
    lines = [f"<b>{title}</b> {len(steps)} layers", shapes, *_wrapped(inside), " · ".join(costs), "click to open"]
    return "<br>".join(line for line in lines if line)


def layer_hover(step: Step) -> str:
    """Shapes, each formula with its numbers beside torch's answer, costs, and what stays unread."""
    return _layer_hover(_Asked(step))


class _Asked:
    """A step known by its layer and the input, on which everything else depends: the key of the memory."""

    __slots__ = ("_hash", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self._hash = hash((step.layer.signature, step.name, step.input_shapes))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Asked):
            return False
        mine, others = self.step, other.step
        return (
            mine.input_shapes == others.input_shapes
            and (mine.name, mine.layer.of, mine.layer.tied) == (others.name, others.layer.of, others.layer.tied)
            and (len(mine.input_shapes) < 2 or mine.sources == others.sources)
            and mine.layer.signature == others.layer.signature
        )


@lru_cache(maxsize=2048)
def _layer_hover(asked: _Asked) -> str:
    step = asked.step
    lines = [f"<b>{step.name}</b> {step.type}"]
    if step.error or step.output_shape is None:
        lines.append(f"Input {_arriving(step)}: does not run")
        if step.error:
            lines += _wrapped(step.error.message)
            lines += _wrapped(f"PyTorch: {step.error.torch_message}") if step.error.torch_message else []
        return "<br>".join(lines)
    lines.append(f"{_arriving(step)} → {' and '.join(map(shape_text, step.shown_shapes))}".removeprefix(" "))
    lines += formula_lines(step)
    lines += [f"▨ {words}" for words in unread_words(step)]
    costs = [f"{step.parameters:,} weights and biases"] if step.parameters else []
    costs += [words] if (words := borrowed(step)) else []
    costs += [f"{step.macs:,} MACs"] if step.macs else []
    costs.append(bytes_text(step.activation_bytes))
    return "<br>".join([*lines, " · ".join(costs)])


def _arriving(step: Step) -> str:
    """What a layer reads; where it reads several, with their names."""
    if len(step.input_shapes) < 2:
        return "".join(map(shape_text, step.shown_input_shapes))
    read = zip(step.sources, step.shown_input_shapes, strict=True)
    return " and ".join(f"{name} {shape_text(shape)}" for name, shape in read)


def unreached_hover(layer: Layer) -> str:
    """Of a layer after the one that fails."""
    return f"<b>{layer.name}</b> {layer.type}<br>not reached"


def formula_lines(step: Step) -> list[str]:
    """The closed formulas that say more than a number; axes with the same formula share a line."""
    said: dict[str, list[str]] = {}
    for check in step.checks:
        filled = check.formula.filled
        if filled == str(check.formula.value) and check.agrees:
            continue
        torch = "" if check.agrees else f" ✕ PyTorch says {check.torch:,}"
        text = f"{filled} = {check.formula.value:,}{torch}"
        said.setdefault(text, []).append(check.formula.quantity.removeprefix("output "))
    lines = [f"{' and '.join(quantities)}: {text}" for text, quantities in said.items()]
    if lines and all(check.agrees for check in step.checks):
        lines.append("✓ PyTorch agrees")
    return lines


def _wrapped(text: str) -> list[str]:
    return [escape(line, quote=False) for line in wrap(text, WIDTH)]
