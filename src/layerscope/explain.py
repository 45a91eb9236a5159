"""Why each value is what it is, in words with the numbers filled in."""

import re
from math import prod
from typing import Any

from layerscope import ties, wiring
from layerscope.formatting import capital, fits_sentence, joined, shape_text
from layerscope.layers.base import FROM_LAST_AXIS
from layerscope.layers.functional import place
from layerscope.parameter import Role
from layerscope.steps import Step, Trace

MOST_PARTS = 4
"""How many parts of a sum are named."""
DEFAULT = "default"
"""Who decided where torch did, as nobody chose anything else."""
_HAS = re.compile(r"the input \S+ has|the input has")


def value_text(value: Any) -> str:
    """A value as Python writes it, with a product sign nowhere: 5, (5, 3), 'same', True."""
    if isinstance(value, tuple):
        return f"({', '.join(value_text(part) for part in value)}{',' if len(value) == 1 else ''})"
    return repr(value) if isinstance(value, str) else str(value)


def product_text(shape: tuple[int, ...]) -> str:
    """12 × 4 × 4, or the number alone."""
    return " × ".join(str(size) for size in shape)


def role_text(step: Step, argument: str) -> str:
    """Who decided: "you", "default" where you left it at torch's, "the data", "the model", or the layer's name."""
    decision = step.decisions[argument]
    if decision.role is Role.YOU and _is_default(step, argument):
        return DEFAULT
    return decision.by if decision.role is Role.LAYER else decision.role.value


def borrowed(step: Step) -> str:
    """Which weights another row holds too, such as "weight of encoder"; "" where all are its own."""
    if step.weights_of:
        return f"weights of {step.weights_of}"
    found: dict[str, list[str]] = {}
    for tensor, name in ties.named(step.layer):
        found.setdefault(name, []).append(tensor)
    return ", ".join(f"{' and '.join(tensors)} of {name}" for name, tensors in found.items())


def sharing(step: Step) -> str:
    """With which rows this one shares tensors: "weight shared with encoder: counted once"; "" where with none."""
    found: dict[str, list[str]] = {}
    for tie in ties.shared(step.network.layers, step.name) if not step.network.is_chain else ():
        name, tensor = wiring.parts(tie)
        found.setdefault(tensor, []).append(name)
    told = (f"{tensor} shared with {joined(names)}: counted once" for tensor, names in found.items())
    return "; ".join(told)


def reason(trace: Trace, step: Step, argument: str) -> str:
    """Why `argument` of this layer has its value."""
    decision = step.decisions[argument]
    if decision.role is Role.YOU:
        return _your_choice(step, argument)
    if decision.role is Role.MODEL:
        return _from_model(step, argument)
    if argument == step.layer.head:
        return f"the number of classes in the data: {trace.network.classes}"
    if decision.role is Role.DATA:
        return _from_data(trace, step, argument)
    source = trace.by_name[decision.by]
    value, read = step.arguments[argument], step.input_shapes[step.layer.input_of(argument)]
    if isinstance(value, tuple) and len(value) > 1:
        return f"the whole {shape_text(read)} that {source.name} outputs; if unset, its axes are normalized together"
    if several := _several_parts(source, argument):
        return several
    if argument in FROM_LAST_AXIS:
        return _features_from(source, step.input_shapes[step.layer.input_of(argument)])
    return f"{source.name} outputs {written_count(step.input_shape[0], 'channel')}"


def is_sentence(trace: Trace, why: str) -> bool:
    """Whether a reason is a sentence, about a layer before or the input; most are the end of "it is"."""
    return why.split()[0] in trace.network.names or _HAS.match(why) is not None


def with_reason(trace: Trace, why: str) -> str:
    """A reason after a value: " because conv1 outputs 6 channels", ", the number of classes in the data"."""
    return f" because {why}" if is_sentence(trace, why) else f", {why}"


def as_sentence(trace: Trace, why: str) -> str:
    """A reason that stands alone."""
    return capital(why, trace.network.names)


def _from_model(step: Step, argument: str) -> str:
    """What PyTorch gave for a call that no layer type stands for."""
    called, made = step.arguments["called"], shape_text(step.output_shape or ())
    read = " and ".join(shape_text(shape) for shape in step.input_shapes)
    return {
        "called": "what the model calls here",
        "gives": f"{called} made {made}" + (f" of {read}" if read else ""),
        "reads": f"{called} read {read}",
        "weights": f"{called} has {written_count(step.parameters, 'parameter')}",
        "macs": f"PyTorch counts {written_count(step.macs or 0, 'multiply-accumulate')} for {called}",
    }.get(argument, f"PyTorch gave it for {called}")


def _from_data(trace: Trace, step: Step, argument: str) -> str:
    read = step.input_shapes[step.layer.input_of(argument)]
    while step.previous is not None:
        step = step.previous
    shape, name = step.input_shape, step.sources[0]
    origin = f"the input {name}" if len(trace.network.inputs) > 1 else "the input"
    if argument in ("in_features", "normalized_shape"):
        return f"{origin} itself: {product_text(shape)}"
    if argument in FROM_LAST_AXIS:
        return f"the last axis of {origin}, {shape_text(read)}" if len(read) > 1 else f"{origin} itself: {read[0]:,}"
    colours = {1: " (grayscale)", 3: " (red, green, blue)"}.get(shape[0], "") if len(shape) == 3 else ""
    return f"{origin} has {written_count(shape[0], 'channel')}{colours}"


def _several_parts(source: Step, argument: str) -> str | None:
    """Where a width comes from that is not one number of `source`: a sum of what it joins, or a product."""
    shape = source.output_shape or ()
    axis = len(shape) - 1 if argument in FROM_LAST_AXIS else 0
    joined = joined_parts(source, axis)
    if joined is not None:
        return f"{source.name} joins {joined}"
    checks = source.checks[: len(shape)]
    if source.layer.ports and axis < len(checks) and len((formula := checks[axis].formula).numbers) > 1:
        return f"{source.name} gives {formula.filled} = {written_count(formula.value, 'value')}"
    return None


def joined_parts(step: Step, axis: int) -> str | None:
    """What a Concat along that axis puts together: "48 = 28 from left + 20 from right"."""
    if step.type != "Concat" or step.output_shape is None:
        return None
    dim, rank = step.arguments["dim"], len(step.output_shape) + 1
    if dim % rank != axis + 1:
        return None
    parts = [f"{shape[axis]:,} from {name}" for name, shape in zip(step.sources, step.input_shapes, strict=True)]
    left_out = len(parts) - MOST_PARTS
    if left_out > 1:
        rest = sum(shape[axis] for shape in step.input_shapes[MOST_PARTS:])
        parts = [*parts[:MOST_PARTS], f"{rest:,} from {left_out} more"]
    return f"{step.output_shape[axis]:,} = {' + '.join(parts)}"


def _features_from(source: Step, shape: tuple[int, ...]) -> str:
    if is_flattening(source):
        return f"the length of the flattened maps: {product_text(source.input_shape)} = {shape[-1]:,}"
    if len(shape) > 1:
        return f"the last axis of the {shape_text(shape)} that {source.name} outputs"
    return f"{source.name} outputs {written_count(shape[-1], 'value')}"


def is_flattening(step: Step) -> bool:
    """Whether all axes of several become one here; a Flatten from a later axis on leaves some."""
    shape = step.input_shape
    return step.type == "Flatten" and len(shape) > 1 and step.output_shape == (prod(shape),)


def merged_sizes(step: Step) -> str | None:
    """What a Flatten multiplies: "12 × 4 × 4 = 192"; None where it does not run or merges nothing."""
    if step.type != "Flatten" or step.output_shape is None:
        return None
    merged = len(step.input_shape) - len(step.output_shape) + 1
    first = place(step.arguments["start_dim"], len(step.input_shape) + 1) - 1
    sizes = step.input_shape[first : first + merged]
    return f"{product_text(sizes)} = {step.output_shape[first]:,}" if len(sizes) > 1 else None


def written_count(count: int, thing: str) -> str:
    """1 channel, 6 channels."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _is_default(step: Step, argument: str) -> bool:
    """Whether a chosen value is torch's own; a width is a choice in any case."""
    value = step.arguments[argument]
    default = type(step.layer).__dataclass_fields__[argument].default
    is_width = argument in ("out_channels", "out_features")
    return not is_width and value == default and type(value) is type(default)


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
    if _is_default(step, argument):
        if value is None and argument == "stride":
            return f"PyTorch's default: the same as kernel_size, {value_text(step.arguments['kernel_size'])}"
        return "PyTorch's default; you may change it"
    return "a hyperparameter: you choose it"


def fits(step: Step, axis: int = 0) -> str | None:
    """How often the window of a convolution or pooling fits along an axis: in words, then as a formula.

    The axes are counted from 0, without the channels. None for a layer whose output size follows another rule.
    """
    formula = step.layer.output_formulas(step.input_shape)[axis + 1]
    n = dict(formula.numbers)
    if not {"i", "k", "s", "d"} <= n.keys() or not formula.filled.startswith("floor("):
        return None
    before, after = (n["p"], n["p"]) if "p" in n else (n.get("p_left", 0), n.get("p_right", 0))
    cover, total, padded = n["d"] * (n["k"] - 1) + 1, n["i"] + before + after, str(n["i"])
    words = ""
    if before or after:
        padded = f"{n['i']} + 2·{before}" if before == after else f"{n['i']} + {before} + {after}"
        each = f"{before}" if before == after else f"{before} before and {after} after"
        words = f"With padding {each}, {n['i']} becomes {padded} = {total}. "
    if n["d"] > 1:
        words += f"With dilation {n['d']}, {n['k']} weights cover {n['d']}·({n['k']} − 1) + 1 = {cover} cells. "
    words += fits_sentence(window_text(step, cover), n["s"], formula.value, str(total))
    room = f"{padded} − {cover}"
    sum_ = f"{room} + 1" if n["s"] == 1 else f"floor(({room}) / {n['s']}) + 1"
    return f"{words}: {sum_} = {formula.value:,}"


def window_text(step: Step, cover: int) -> str:
    """A 5×5 window; where its sides differ, or along one axis only, a window of 5 cells."""
    sides = [dict(formula.numbers) for formula in step.layer.output_formulas(step.input_shape)[1:]]
    if len(sides) == 1 or len({(n["k"], n["d"]) for n in sides}) > 1:
        return f"A window of {written_count(cover, 'cell')}"
    article = "An" if str(cover).startswith("8") or cover in (11, 18) else "A"
    return f"{article} {'×'.join([str(cover)] * len(sides))} window"
