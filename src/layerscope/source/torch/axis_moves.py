"""transpose, permute, unsqueeze and squeeze: where only the batch moves, no row is needed.

Anything else is a row as it is written, which the general rules find.
"""

from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call
from layerscope.source.record import BATCH, whole
from layerscope.source.torch import applying
from layerscope.source.torch.batch_of_one import says_input, says_one, shows_several
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import unnamed, world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MAPS = 4
"""Axes of a batch of images."""


def transposed(run: "Evaluator", call: Call) -> Any:
    """x.transpose(0, 1), where the batch moves; anything else is a row as it is written. Raises Fault."""
    of: Tensor = call.args[0]
    given = call.bound("input", "dim0", "dim1")
    dims = [plain(given.get(name, given.get(f"axis{n}"))) for n, name in enumerate(("dim0", "dim1"))]
    rank = len(of.shape)
    if not all(type(dim) is int and -rank <= dim < rank for dim in dims):
        return NotImplemented
    order = list(range(rank))
    one, other = (dim % rank for dim in dims)
    order[one], order[other] = order[other], order[one]
    if world_of(run).exact and "dim0" in call.kwargs:  # the writer's way to tell a row from a batch that moves
        return NotImplemented
    return _turned(run, of, order, call)


def turned_over(run: "Evaluator", call: Call) -> Any:
    """x.t() and x.T of two axes, x.mT: the last two in the other order, where the batch moves. Raises Fault."""
    of: Tensor = call.args[0]
    order = [*range(len(of.shape))]
    return _turned(run, of, [*order[:-2], *order[:-3:-1]], call) if len(order) > 1 else NotImplemented


def flipped(run: "Evaluator", call: Call) -> Any:
    """x.t() and x.T; of more than two axes torch refuses the one, and the other turns all of them."""
    return turned_over(run, call) if len(call.args[0].shape) == 2 else NotImplemented


def permuted(run: "Evaluator", call: Call) -> Any:
    """x.permute(1, 0, 2), where the batch moves; anything else is a row as it is written. Raises Fault."""
    of: Tensor = call.args[0]
    rest = [*call.args[1:], *call.kwargs.values()]
    dims = rest[0] if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
    rank = len(of.shape)
    order = [plain(dim) % rank for dim in dims if isinstance(dim, int) and -rank <= dim < rank]
    return _turned(run, of, order, call) if sorted(order) == list(range(rank)) else NotImplemented


def _turned(run: "Evaluator", of: Tensor, order: list[int], call: Call) -> Any:
    """The axes in another order, as torch has them. Where only the batch moves, no row is needed."""
    axis = of.axis
    if axis is None or of.shape[axis] != BATCH or (axis == 0 and order[0] == 0):
        return NotImplemented
    made = of.changed(shape=tuple(of.shape[dim] for dim in order))
    counted = [dim + 1 if dim < axis else dim for dim in order if dim != axis]
    if counted != sorted(counted):
        front = of.changed(shape=whole(of.sample))
        row = applying.apply(run, unnamed("Permute", order=(0, *counted)), [front], call.node)
        made.origin = row.origin
    return made


def unsqueezed(run: "Evaluator", call: Call) -> Any:
    """x.unsqueeze(1) of one sequence: the batch of one that it makes is the batch."""
    of: Tensor = call.args[0]
    dim, steps = _axis_of(call), of.shape[0] // BATCH if of.shape else 0
    if not _is_bare(run, of) or steps < 2 or dim not in (0, 1):
        return NotImplemented
    says_one(run, call)
    front = (BATCH, steps) if dim == 0 else (steps, BATCH)
    return of.changed(shape=(*front, *of.shape[1:]))


def squeezed(run: "Evaluator", call: Call) -> Any:
    """x.squeeze(1) of a batch of one: one sequence again."""
    of: Tensor = call.args[0]
    axis = of.axis
    if _is_a_bag(run, of, call):
        says_one(run, call)
        parts = Tensor((of.shape[1] * BATCH, *of.shape[2:]), of.dtype, of.origin, node=call.node)
        return parts
    if not _is_bare(run, of) or axis not in (0, 1) or of.shape[axis] != BATCH or len(of.shape) < 2:
        return NotImplemented
    if call.after_first().everything and _axis_of(call) != axis:
        return NotImplemented
    world_of(run).is_one_by_one = True
    return of.changed(shape=(of.shape[1 - axis] * BATCH, *of.shape[2:]))


def _is_a_bag(run: "Evaluator", of: Tensor, call: Call) -> bool:
    """Whether x.squeeze(0) takes the batch of one off an input, so that the images in it are the batch."""
    is_maps = len(of.shape) > MAPS and of.shape[0] == BATCH and says_input(of)
    alone = _axis_of(call) == 0 and bool(call.after_first().everything) and not shows_several(run, len(of.shape))
    return is_maps and alone and bool(world_of(run).showing.shown) and not world_of(run).exact


def _is_bare(run: "Evaluator", of: Tensor) -> bool:
    return world_of(run).way.is_bare and of.carries and not world_of(run).exact


def _axis_of(call: Call) -> Any:
    """The axis that a call names, counted from the front where it is 0 or 1."""
    dim = plain(call.bound("input", "dim").get("dim"))
    rank = len(call.args[0].shape) + 1
    return dim + rank if type(dim) is int and dim < 0 else dim
