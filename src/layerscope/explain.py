"""Why each value is what it is, in words with the numbers filled in."""

from math import prod
from typing import Any

from layerscope.formatting import shape_text
from layerscope.parameter import Role
from layerscope.steps import Step, Trace


def value_text(value: Any) -> str:
    """A value as Python writes it, with a product sign nowhere: 5, (5, 3), 'same', True."""
    if isinstance(value, tuple):
        return f"({', '.join(value_text(part) for part in value)}{',' if len(value) == 1 else ''})"
    return repr(value) if isinstance(value, str) else str(value)


def product_text(shape: tuple[int, ...]) -> str:
    """12 × 4 × 4, or the number alone."""
    return " × ".join(str(size) for size in shape)


def role_text(step: Step, argument: str) -> str:
    """Who decided: "you", "the data", or the layer's name."""
    decision = step.decisions[argument]
    return decision.by if decision.role is Role.LAYER else decision.role.value


def reason(trace: Trace, step: Step, argument: str) -> str:
    """Why `argument` of this layer has its value."""
    decision = step.decisions[argument]
    if decision.role is Role.YOU:
        return _your_choice(step, argument)
    if argument == step.layer.head:
        return f"the number of classes in the data: {trace.network.classes}"
    if decision.role is Role.DATA:
        return _from_data(trace, step, argument)
    source = trace.by_name[decision.by]
    if argument in ("in_features", "normalized_shape"):
        return _features_from(step, source)
    return f"{source.name} puts out {written_count(step.input_shape[0], 'channel')}"


def _from_data(trace: Trace, step: Step, argument: str) -> str:
    shape = trace.network.input_shape
    if argument in ("in_features", "normalized_shape"):
        return f"the input itself: {product_text(shape)}"
    colours = {1: " (grayscale)", 3: " (red, green, blue)"}.get(shape[0], "") if len(shape) == 3 else ""
    return f"the input has {written_count(shape[0], 'channel')}{colours}"


def _features_from(step: Step, source: Step) -> str:
    if is_flattening(source):
        return f"the length of the flattened maps: {product_text(source.input_shape)} = {step.input_shape[-1]:,}"
    if len(step.input_shape) > 1:
        return f"the last axis of the {shape_text(step.input_shape)} that {source.name} puts out"
    return f"{source.name} puts out {written_count(step.input_shape[-1], 'value')}"


def is_flattening(step: Step) -> bool:
    """Whether all axes of several become one here; a Flatten from a later axis on leaves some."""
    shape = step.input_shape
    return step.type == "Flatten" and len(shape) > 1 and step.output_shape == (prod(shape),)


def written_count(count: int, thing: str) -> str:
    """1 channel, 6 channels."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _your_choice(step: Step, argument: str) -> str:
    """A chosen value; for widths also how it stands to the layer of its kind before."""
    value = step.arguments[argument]
    if argument in ("out_channels", "out_features"):
        before = step.previous
        while before is not None and argument not in before.decisions:
            before = before.previous
        last = before.arguments[argument] if before is not None else None
        if before is not None and type(value) is int and type(last) is int:  # a link may hold words
            relation = "more than" if value > last else "fewer than" if value < last else "as many as"
            return f"a hyperparameter: you choose it ({relation} {before.name}'s {last})"
        return "a hyperparameter: you choose it"
    default = type(step.layer).__dataclass_fields__[argument].default
    if value == default and type(value) is type(default):
        if value is None and argument == "stride":
            return f"torch's default: the same as kernel_size, {value_text(step.arguments['kernel_size'])}"
        return "torch's default; you may change it"
    return "a hyperparameter: you choose it"
