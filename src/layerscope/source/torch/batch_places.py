"""Where the batch stands: after a view, and for a layer that is told along which axis it works.

torch reads values in their order, so a view keeps the samples apart only where as much stands before them as it did.
"""

from math import prod

from layerscope.layers.base import Layer, Shape
from layerscope.source.record import BATCH, batch_axis

ALONG = frozenset({"GLU", "LogSoftmax", "Softmax", "Softmin"})
"""Layers that work along the one axis that `dim` says, wherever the batch is."""
_FROM = {"Flatten": ("start_dim", "end_dim"), "Unflatten": ("dim",)}
"""Layers that change the axes from one on, and what says which."""


def along(layer: Layer, shape: Shape, is_one: bool = False) -> Layer:
    """The layer for a tensor whose batch is not in front, or whose samples were cut into parts: a row counts the axes
    with the batch in front, and the parts after it. `is_one`: the batch is of one, so that an axis with its parts has
    nothing of other samples."""
    if layer.type in _FROM and shape and shape[0] % BATCH == 0 and shape[0] != BATCH:
        for name in _FROM[layer.type]:
            if layer.chosen[name] > 0:
                layer = layer.with_chosen(name, layer.chosen[name] + 1)
        return layer
    axis = batch_axis(shape) if layer.type in ALONG else None
    if axis is None or shape[axis:1] == (BATCH,):
        return layer
    given = layer.chosen["dim"]
    dim = int(len(shape) not in (1, 3)) if given is None else given + len(shape) * (given < 0)
    if not 0 <= dim < len(shape):
        return layer
    of_batch = int(is_one and shape[axis] != BATCH)
    return layer.with_chosen("dim", of_batch if dim == axis else dim + (dim < axis) + (shape[axis] != BATCH))


def before_batch(shape: Shape) -> int:
    """How many times as many values the axes before the batch hold."""
    return prod(shape[: batch_axis(shape)])


def keeps_apart(old: Shape, new: Shape) -> bool:
    """Whether a view splits and joins only axes on one side of the batch. Samples that were cut into parts are left
    alone, as are those that a view cuts."""
    axes = batch_axis(old), batch_axis(new)
    if any(axis is None for axis in axes) or {old[axes[0] or 0], new[axes[1] or 0]} != {BATCH}:
        return True
    return before_batch(old) == before_batch(new)


def for_fixed_batch(shape: Shape, sizes: Shape) -> Shape | None:
    """What a view gives that is written for a batch of a fixed size, often of 1, where the batch is not in front:
    (length, batch, 6) as view(length, 1, -1), and as view(length, -1); or for one step: (batch, 6) as view(1, 1, -1).
    None for any other view."""
    axis = batch_axis(shape)
    if axis == 0 and shape[0] == BATCH and sizes in ((1, 1, -1), (1, 1, shape[-1])) and prod(shape[1:-1]) == 1:
        return 1, BATCH, shape[-1]  # one step, for a recurrent layer
    if not axis or shape[axis] != BATCH or any(size % BATCH == 0 for size in sizes if size > 0):
        return None
    any_batch = _filled(sizes, prod(shape))
    stays = len(sizes) == len(shape) and sizes[axis] == 1  # (length, batch, 1) as view(length, 1, -1)
    if any_batch is not None and BATCH in any_batch and keeps_apart(shape, any_batch) and not stays:
        return None
    before, after = prod(shape[:axis]), prod(shape[axis + 1 :])
    for place in range(1, len(sizes)):
        others = _filled((*sizes[:place], *sizes[place + 1 :]), before * after)
        is_told = -1 not in sizes[:place] or len(sizes) >= len(shape)
        if sizes[place] > 0 and is_told and others is not None and prod(others[:place]) == before:
            return (*others[:place], BATCH, *others[place:])
    rest = _filled(sizes[1:], after)
    return (before * BATCH, *rest) if sizes[0] == before and rest is not None else None  # steps and samples as one


def for_a_batch_of_one(shape: Shape, sizes: Shape, is_bare: bool) -> Shape | None:
    """What a view gives that is written for a single sample: (1, 20, 6) of the values of one. None for any other view.

    `is_bare`: the code itself makes a batch of one, so that (20, 6) are the rows of that one.
    """
    axis = batch_axis(shape)
    if axis is None or len(sizes) < 2 or any(size % BATCH == 0 for size in sizes):
        return None
    one = _filled(sizes, prod(shape) // BATCH)
    if one is None or not (is_bare or (sizes[0] == 1 and len(sizes) > 2)):
        return None
    return (one[0] * BATCH, *one[1:])


def _filled(sizes: Shape, count: int) -> Shape | None:
    """Sizes for so many values, -1 worked out; None where they are for others."""
    known = prod(size for size in sizes if size != -1)
    if -1 not in sizes:
        return sizes if known == count else None
    return tuple(count // known if size == -1 else size for size in sizes) if known and count % known == 0 else None
