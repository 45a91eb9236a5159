"""A tensor many times in a row, as often as the batch is large: torch.cat([self.weight] * x.size(0), dim=0)."""

import ast
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault, Value
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


@dataclass(eq=False)
class Repeated(Value):
    """[tensor] * times, which is too long a row to be made."""

    tensor: Tensor
    times: int
    node: ast.AST

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return self.tensor.carries

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        return Size(self.times)


def _joined(name: str, run: "Evaluator", call: Call) -> Any:
    """torch.cat or torch.stack of such a row: the tensor repeated along an axis. Raises Fault."""
    row = call.args[0] if call.args else None
    if not isinstance(row, Repeated):
        return NotImplemented
    given = call.bound("tensors", "dim")
    axis = plain(given.get("dim", given.get("axis", 0)))
    rank = len(row.tensor.shape) + (name == "stack")
    if type(axis) is not int or not -rank <= axis < rank:
        raise Fault(f"The code does not say along which axis {run.paste.quote(call.node)} joins.", call.node)
    axis %= rank
    world, sizes = world_of(run), [Size(1)] * rank
    sizes[axis] = Size(row.times)
    tensor = world.method(run, row.tensor, "unsqueeze", Call(call.node, [axis])) if name == "stack" else row.tensor
    return world.method(run, tensor, "repeat", Call(call.node, list(sizes)))


CALLS = {f"torch.{name}": partial(_joined, name) for name in ("cat", "concat", "concatenate", "stack")}
