"""Calls in which more is wrong than one number: two numbers the wrong way round, LayerNorm for a norm over channels."""

from dataclasses import replace

from layerscope.network import NetworkError
from layerscope.source.lacking_flatten import are_maps
from layerscope.source.mismatch import Mismatch, amount, as_written, unit
from layerscope.source.reading import Reading
from layerscope.source.written_values import differs
from layerscope.steps import Step, Trace
from layerscope.tracing import trace as trace_of


def swapped(reading: Reading, trace: Trace, found: Mismatch, step: Step) -> Mismatch | None:
    """nn.Conv2d(32, 3, 3) on 3 channels: its two numbers the other way round, where all that is written after it fits
    then; None elsewhere."""
    made, head = reading.made.get(found.layer), step.layer.head
    if made is None or not head or not found.source or found.value == found.arrives:
        return None
    first, last = made.arguments.get(found.parameter), made.arguments.get(head)
    if first is None or last is None or not (first.is_literal and last.is_literal) or last.value != found.arrives:
        return None
    try:
        changed = trace_of(trace.network.with_argument(found.layer, head, found.value))
    except NetworkError:  # the last layer's width is the number of classes
        return None
    if changed.error is not None or any(
        row.layer != found.layer and row.layer in changed.by_name and differs(row, changed.by_name[row.layer])
        for row in reading.written
    ):
        return None
    words = f"{found.layer} gets {amount(found.arrives)}{unit(found.parameter, found.arrives)} and is written for "
    words += f"{as_written(found.text, found.value)}: {found.parameter} and {head} are the wrong way round."
    label = f"Line {first.span.line}: swap {first.text} and {last.text}"
    also = ((last.span, first.text),)
    return replace(found, sentence=words, replacement=last.text, span=first.span, also=also, label=label)


def over_channels(reading: Reading, found: Mismatch, step: Step) -> Mismatch | None:
    """nn.LayerNorm(16) on 16 feature maps, whose last axis is the width: GroupNorm(1, 16) works on channels."""
    made, shape = reading.made.get(found.layer), step.input_shape
    argument = made.arguments.get("normalized_shape") if made is not None else None
    if made is None or argument is None or len(made.arguments) != 1 or not found.source or not are_maps(step):
        return None
    if len(shape) < 2 or found.value not in (shape[0], (shape[0],)):
        return None
    words = f"nn.LayerNorm works on the last axis, which is {shape[-1]} here: the {shape[0]} channels of {found.layer} "
    words += f"are on another. nn.GroupNorm(1, {shape[0]}) works on the channels."
    return replace(
        found, sentence=words, replacement=f"1, {argument.text}", at=argument.span, also=((made.name, "GroupNorm"),),
        label=f"Line {argument.span.line}: write GroupNorm(1, {argument.text})",
    )  # fmt: skip
