"""What each cell of a map sees of the network's input, along each axis: drawn on the image for a chosen cell."""

from layerscope import limits
from layerscope.cells import Span
from layerscope.steps import Step

Sights = tuple[tuple[Span, ...], ...]
"""For each spatial axis of the input the first and last cell that each cell of the map sees there."""


def sights(step: Step) -> Sights | None:
    """Exactly what the cells of a row's output see; one for all of them where they see the same.

    None where no place of the output is a place of the input any more, where the receptive field is not known, and for
    maps larger than this app follows. Where paths of different sizes join, it is the box around what is seen.
    """
    field = step.receptive_field
    if field is None or field.lost or not field.axes:
        return None
    spatial = (step.output_shape or ())[1:]
    if field.everywhere or len(spatial) != len(field.axes):
        return tuple((axis.span(0),) for axis in field.axes) if field.everywhere else None
    if field.trail.cells != spatial or max(spatial, default=0) > limits.INSIDE_FOLLOWED.most:
        return None
    return tuple(tuple(axis.span(place) for place in range(axis.cells)) for axis in field.axes)
