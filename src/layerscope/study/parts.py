"""What a network's modules hold whatever the batch: learnable tensors and buffers, counted once where shared."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import NamedTuple

from layerscope.building import unfilled
from layerscope.layers.base import Layer
from layerscope.layers.question import Question
from layerscope.steps import Step, Trace
from layerscope.study.fakes import fake_tensors
from layerscope.study.saved import UnaskedError
from layerscope.ties import named

COUNTER_BYTES = 8
"""An int64."""


class Held(NamedTuple):
    """What one row's module holds: learnable tensors, the values of the largest, and buffers."""

    tensors: int
    largest: int
    floats: int = 0
    """Values in buffers of floats, which are of the weights' type."""
    bytes: int = 0
    """Bytes of other buffers, such as counters."""


@dataclass(frozen=True)
class Parts:
    """All of it, in bytes."""

    weights: int
    buffers: int
    tensors: int
    """How many learnable tensors there are."""
    largest: int
    """The bytes of the largest one."""
    rows: tuple[Held, ...]


def parts(traced: Trace, width: int, *, asks: bool = True) -> Parts:
    """What the modules of a network that runs hold, `width` bytes for each value.

    Raises UnaskedError in place of asking torch where `asks` is False.
    """
    rows = tuple(_held(step, asks) for step in traced.steps)
    return Parts(
        traced.parameters * width,
        sum(row.floats * width + row.bytes for row in rows),
        sum(row.tensors for row in rows),
        max((row.largest * width for row in rows), default=0),
        rows,
    )


def _held(step: Step, asks: bool) -> Held:
    if step.layer.of:
        return Held(0, 0)
    shapes = {"weight": step.weight_shape, "bias": step.bias_shape}
    sizes = [prod(shape) for shape in shapes.values() if shape is not None]
    if sum(sizes) != step.answer.parameters:
        if not asks:
            raise UnaskedError
        return _asked(Question(step.layer, tuple(step.arguments.items())))
    tied = {tensor for tensor, _ in named(step.layer)}
    own = [prod(shape) for tensor, shape in shapes.items() if shape is not None and tensor not in tied]
    tracks = getattr(step.layer, "track_running_stats", False)  # averages, and a counter of batches
    averages = step.layer.tables(*step.input_shapes) if tracks else 0
    return Held(len(own), max(own, default=0), averages, COUNTER_BYTES if tracks else 0)


@lru_cache(maxsize=2048)
def _asked(question: Question) -> Held:
    """What torch's module holds, built without memory."""
    layer: Layer = question.layer
    with fake_tensors():
        module = unfilled(layer, dict(question.given))
    sizes = [each.numel() for each in module.parameters()]
    floats = sum(each.numel() for each in module.buffers() if each.is_floating_point())
    others = sum(each.numel() * each.element_size() for each in module.buffers() if not each.is_floating_point())
    return Held(len(sizes), max(sizes, default=0), floats, others)
