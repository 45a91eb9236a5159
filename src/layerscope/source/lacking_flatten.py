"""A Linear that gets feature maps where it is written for all their values: the Flatten that is missing before it."""

from math import prod
from typing import Any

from layerscope.formatting import product_text, shape_text
from layerscope.source.mismatch import Mismatch, as_written, in_style
from layerscope.source.reading import Reading, Span, Written
from layerscope.steps import Step


def lacks_a_flatten(row: Written, step: Step) -> bool:
    """Whether a Linear is written for all the input values, or gets feature maps."""
    if row.parameter != "in_features" or len(step.input_shape) < 2:
        return False
    return row.value == prod(step.input_shape) or are_maps(step)


def are_maps(step: Step) -> bool:
    """Whether what reaches a layer comes from convolutions or poolings, and kept its shape since."""
    before = step.previous
    while before is not None and before.layer.keeps_channels and not before.layer.dims:
        before = before.previous
    return before is not None and bool(before.layer.dims)


def with_flatten(reading: Reading, row: Written, arrives: Any, step: Step, alone: bool) -> Mismatch:
    """The Linear's mismatch, whose change puts a Flatten before it and writes the number of values, if need be."""
    sizes, count = step.input_shape, prod(step.input_shape)
    span, text = reading.flattens.get(row.layer, (row.span, ""))
    also: tuple[tuple[Span, str], ...] = ()
    if row.value == count:
        rows = prod(sizes[:-1])
        arriving = f"{rows:,} row{'s' * (rows > 1)} of {arrives:,}"
        sentence = f"A Flatten is missing before {row.layer}, which gets {product_text(sizes)} values as {arriving}."
    else:
        sentence = f"A Flatten is missing before {row.layer}, which gets feature maps of {shape_text(sizes)}: "
        sentence += f"flattened, {product_text(sizes)} values; you wrote {as_written(row.text, row.value)}."
        also = ((row.span, in_style(row.text, count, sizes)),)
        text = text if alone else ""
    whole = reading.source if text else ""
    does = f"insert {text.strip(', ')}" if text.endswith(", ") else f"flatten before {row.layer}"
    return Mismatch(
        row.layer, row.parameter, row.text, row.value, arrives, sizes, sentence, span, text, whole, also=also,
        does=does,
    )  # fmt: skip
