"""torch.einsum of two tensors that is a matrix product: "bhqd,bhkd->bhqk" is q @ k.transpose(-2, -1)."""

import re
from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call, Symbol
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_PRODUCT = re.compile(r"([a-zA-Z]{2,8}),([a-zA-Z]{2,8})->([a-zA-Z]{2,8})")


def product(run: "Evaluator", call: Call) -> Any:
    """What it gives, as a product with the axes turned for it; NotImplemented where it is another sum."""
    equation, *tensors = call.args or [None]
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = list(tensors[0])
    found = _PRODUCT.fullmatch(equation.replace(" ", "")) if isinstance(equation, str) else None
    if found is None or len(tensors) != 2 or world_of(run).exact:
        return NotImplemented
    one, other, out = found.groups()
    are_live = all(isinstance(part, Tensor) and part.carries for part in tensors)
    is_plain = all(len(set(side)) == len(side) for side in (one, other, out))
    if not are_live or not is_plain or [len(part.shape) for part in tensors] != [len(one), len(other)]:
        return NotImplemented
    batch = [axis for axis in one if axis in other and axis in out]
    inner = [axis for axis in one if axis in other and axis not in out]
    rows = [axis for axis in one if axis not in other]
    columns = [axis for axis in other if axis not in one]
    if not (batch and len(inner) == len(rows) == len(columns) == 1) or {*batch, *rows, *columns} != {*out}:
        return NotImplemented
    left = _turned(run, tensors[0], one, [*batch, *rows, *inner], call)
    right = _turned(run, tensors[1], other, [*batch, *inner, *columns], call)
    made = run.call(Symbol("torch.matmul"), Call(call.node, [left, right]))
    return _turned(run, made, "".join([*batch, *rows, *columns]), [*out], call)


def _turned(run: "Evaluator", of: Any, axes: str, wanted: list[str], call: Call) -> Any:
    """The tensor with its axes in that order."""
    order = [axes.index(axis) for axis in wanted]
    if order == sorted(order) or not isinstance(of, Tensor):
        return of
    last = len(order) - 1
    if order == [*range(last - 1), last, last - 1]:
        return world_of(run).method(run, of, "transpose", Call(call.node, [-2, -1]))
    return world_of(run).method(run, of, "permute", Call(call.node, order))
