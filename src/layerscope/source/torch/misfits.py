"""A parameter that does not fit the tensor it is put together with: positions for 8 tokens, and 20 arrive."""

import ast
from typing import TYPE_CHECKING

from layerscope.layers.base import Shape
from layerscope.source.python.values import Call, CodeFault
from layerscope.source.record import BATCH
from layerscope.source.torch.modules import LayerModule, Learned
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


class Unequal(CodeFault):
    """Something that the network holds has `size` entries along an axis, and `wanted` arrive."""

    def __init__(self, reason: str, node: ast.AST, sizes: tuple[int, int]) -> None:
        super().__init__(reason, node)
        self.size, self.wanted = sizes


class Misfit(Unequal):
    """`held` has `size` entries along `axis`, and `wanted` arrive; `live` is how the other tensor is written, `place`
    its axis."""

    def __init__(
        self, reason: str, node: ast.AST, held: Learned, axis: int, sizes: tuple[int, int], live: ast.AST, place: int
    ) -> None:  # fmt: skip
        super().__init__(reason, node, sizes)
        self.held, self.axis, self.live, self.place = held, axis, live, place


def misfit(run: "Evaluator", call: Call) -> Unequal | None:
    """Why two tensors do not go together, one of them a parameter, a part of one, or of a table; None where it is
    another reason."""
    pair = [(place, value) for place, value in enumerate(call.args[:2]) if isinstance(value, Tensor)]
    held = next(
        ((place, each) for place, each in pair if isinstance(each.owner, Learned | LayerModule) and not each.carries),
        None,
    )
    live = next(((place, each) for place, each in pair if each.carries), None)
    if held is None or live is None:
        return None
    axis = _differing(held[1].shape, live[1].shape)
    if axis is None:
        return None
    node, other = (call.nodes.get(place, call.node) for place, _ in (held, live))
    size, wanted = held[1].shape[axis], live[1].shape[axis]
    if not (size % BATCH and wanted % BATCH):
        return None
    counted = axis + len(held[1].shape)
    one, two = run.paste.quote(node), run.paste.quote(other)
    reason = f"{one} has {size:,} entries along axis {counted}, but {two} has {wanted:,} there."
    if not isinstance(held[1].owner, Learned):
        return Unequal(reason, node, (size, wanted))
    return Misfit(reason, node, held[1].owner, axis, (size, wanted), other, axis + len(live[1].shape))


def _differing(one: Shape, other: Shape) -> int | None:
    """The only axis, counted from the end, along which two shapes do not broadcast; None where there are several."""
    axes = range(-min(len(one), len(other)), 0)
    wrong = [axis for axis in axes if one[axis] != other[axis] and 1 not in (one[axis], other[axis])]
    return wrong[0] if len(wrong) == 1 else None
