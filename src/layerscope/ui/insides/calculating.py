"""Of which layers each value is written out, and of which it is too much to draw."""

from math import prod

from layerscope import limits
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d
from layerscope.steps import Step
from layerscope.study.moving import WEIGHTED, WITH_WINDOWS, along

NORMS = BatchNorm1d, BatchNorm2d, BatchNorm3d
WRITTEN_OUT = (*WITH_WINDOWS, Linear, *NORMS)


def too_large(step: Step) -> str:
    """Why a layer's arithmetic cannot be drawn; "" where it can."""
    if isinstance(step.layer, Linear):
        return ""
    if isinstance(step.layer, NORMS):
        return _too_many(step, 2 * prod((step.output_shape or ())[1:]))
    axes = along(step.layer, step.input_shape, step.output_shape or ())
    largest = max(one.kernel for one in axes[-2:])
    if largest > limits.INSIDE_KERNEL.most and isinstance(step.layer, WEIGHTED):
        return limits.INSIDE_KERNEL.sentence(name=step.name, found=largest)
    return _too_many(step, prod(one.size for one in axes) + prod((step.output_shape or ())[1:]))


def _too_many(step: Step, cells: int) -> str:
    return limits.INSIDE_CELLS.sentence(name=step.name, found=cells) if cells > limits.INSIDE_CELLS.most else ""


def written_out(step: Step) -> bool:
    """Whether the window's view writes out each value that leaves the row."""
    return isinstance(step.layer, WRITTEN_OUT) and not too_large(step)
