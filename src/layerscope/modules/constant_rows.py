"""Rows for values that depend on no input: weights that a model's own code reads, buffers, and what is made of them."""

from math import prod

from layerscope.asking import ask
from layerscope.layers.base import Layer
from layerscope.layers.learned import Parameter
from layerscope.layers.opaque import Constant, flat
from layerscope.modules.record import Shape, Value
from layerscope.modules.sample import Sample


def as_reference(value: int, shape: Shape) -> str:
    """What a row reads that has no name yet: a constant, in the shape in which that row sees it."""
    return f"?{value}:{shape}"


def constant_of(reference: str) -> tuple[int, Shape] | None:
    """The constant that `as_reference` wrote; None for the name of a row."""
    if not reference.startswith("?"):
        return None
    number, _, text = reference[1:].partition(":")
    return int(number), tuple(int(n) for n in text.strip("()").split(",") if n.strip())


def aligned(sample: Sample, value: int, partner: int | None) -> Shape | None:
    """The shape of a constant for one sample, as torch lines its axes up with those of what it meets."""
    seen = sample.values[value]
    if partner is None:
        return None
    other = sample.values[partner]
    missing = other.rank - seen.rank
    if seen.axis is not None:
        return seen.shape
    if missing < 0 or other.axis is None:
        return None
    sizes = [1] * missing + [*seen.value.shape]
    if sizes.pop(other.axis) != 1:
        return None
    return (*([1] if other.times > 1 else []), *sizes)


def parameter(name: str, weight: Value, wanted: Shape) -> Layer:
    """The row of a tensor that the model holds, seen by its readers in the shape `wanted`."""
    for ndim in (None, len(wanted) + 1):
        layer = Parameter(name=name, shape=weight.shape, ndim=ndim)
        if ask(layer).output_shapes == (wanted,):
            return layer
    return Constant(name=name, called="Parameter", gives=flat((wanted,)), weights=prod(wanted))
