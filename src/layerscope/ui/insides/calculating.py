"""Of which layers each value is written out, and of which it is too much to draw."""

from math import prod

from layerscope import limits
from layerscope.layers.base import Layer, Shape
from layerscope.layers.linear import Linear
from layerscope.steps import Step
from layerscope.study.moving import WEIGHTED, WITH_WINDOWS, along


def is_written_out(layer: Layer) -> bool:
    """Whether the window's view writes out the values of such a layer, where they are not too many to draw."""
    return isinstance(layer, (*WITH_WINDOWS, Linear)) or bool(layer.written())


def too_large(step: Step) -> str:
    """Why a layer's arithmetic cannot be drawn; "" where it can."""
    if isinstance(step.layer, Linear):
        return ""
    shape = step.output_shape or ()
    if not isinstance(step.layer, WITH_WINDOWS):
        return _too_many(step, prod(as_maps(shape)[1:]) * (1 + len(step.input_shapes)))
    axes = along(step.layer, step.input_shape, shape)
    largest = max(one.kernel for one in axes[-2:])
    if largest > limits.INSIDE_KERNEL.most and isinstance(step.layer, WEIGHTED):
        return limits.INSIDE_KERNEL.sentence(name=step.name, found=largest)
    return _too_many(step, prod(one.size for one in axes) + prod(shape[1:]))


def _too_many(step: Step, cells: int) -> str:
    return limits.INSIDE_CELLS.sentence(name=step.name, found=cells) if cells > limits.INSIDE_CELLS.most else ""


def as_maps(shape: Shape) -> Shape:
    """A shape as maps of (slices, rows, columns), as many as the first axis has, or all but the last two together.

    A vector, and each row of a matrix, is one line.
    """
    if len(shape) > 4:
        return prod(shape[:-2]), 1, *shape[-2:]
    first, *rest = (1, *shape) if len(shape) < 2 else shape
    return first, *[1] * (3 - len(rest)), *rest


def written_out(step: Step) -> bool:
    """Whether the window's view writes out each value that leaves the row."""
    return is_written_out(step.layer) and not too_large(step)
