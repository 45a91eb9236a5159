"""Layers that run as hardly anybody means it."""

from layerscope.layers.recurrent import seq_first_warning
from layerscope.steps import Step, Trace


def first_warned(trace: Trace, but: str = "", puts_batch: bool = False) -> Step | None:
    """The first layer that runs as hardly anybody means it; none of those whose type has `but` in its name.

    `puts_batch`: the batch is known to stand on axis 1 where a layer reads it there, so there is nothing to warn of.

    Where what is computed across the places comes later, such as attention, a product with a graph's neighbors or a
    mean over all of them, a Linear that acts on the last axis alone is meant.
    """
    found = (step for step in trace.steps if step.warning and not (but and but in step.type))
    if puts_batch:
        found = (step for step in found if step.warning != seq_first_warning(step.type))
    return next((step for step in found if not (step.layer.acts_on_features and _is_of_places(trace, step))), None)


def _is_of_places(trace: Trace, step: Step) -> bool:
    later = trace.network.dependents(step.name)
    return any(one.layer.joins_places(*one.input_shapes) for one in trace.steps if one.name in later)


def warning_title(step: Step) -> str:
    """The heading above such a layer's warning."""
    return f"{step.name}: PyTorch accepts this, but look"
