"""A batch of one that the code itself makes, or is written for: x.view(1, 20, 6), x.unsqueeze(0), x.squeeze(0)."""

from typing import TYPE_CHECKING

from layerscope.layers.base import Shape
from layerscope.source.python.values import Call
from layerscope.source.record import Entry, Output
from layerscope.source.torch.batch_places import for_a_batch_of_one
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def is_one(run: "Evaluator") -> bool:
    """Whether the code itself makes a batch of one."""
    return world_of(run).way.is_bare or world_of(run).makes_batch


def of_one(run: "Evaluator", of: Tensor, row: Shape) -> Shape | None:
    """What a view gives that is written for a single sample; None for any other."""
    return None if world_of(run).exact else for_a_batch_of_one(of.shape, row, is_one(run))


def shows_several(run: "Evaluator", rank: int) -> bool:
    """Whether the code hands over a batch of more than one with so many axes."""
    given = [tensor for shown in world_of(run).showing.shown for tensor in shown.given]
    return any(len(tensor.shape) == rank and tensor.shape[0] != 1 for tensor in given)


def says_input(of: Tensor) -> bool:
    """Whether it is the network's input itself."""
    return isinstance(of.origin, Output) and isinstance(of.origin.origin, Entry)


def says_one(run: "Evaluator", call: Call) -> None:
    """The code makes one sequence a batch of one."""
    run.remarks.note(f"{run.paste.quote(call.node)} makes a batch of one; the network is shown for any.", call.node)
    world_of(run).says_batch = world_of(run).makes_batch = True
