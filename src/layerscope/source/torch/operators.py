"""Python's operators on tensors: a row where one scales, shifts or puts tensors together, else what torch gives."""

from typing import TYPE_CHECKING, Any

from layerscope.source.python.values import Call
from layerscope.source.torch import operations
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def operation(run: "Evaluator", name: str, call: Call) -> Any:
    """x + y, 2 * x and the like. Raises Fault."""
    left, right = call.args
    numbers = [value for value in (left, right) if isinstance(value, int | float)]
    live = next((value for value in (left, right) if isinstance(value, Tensor) and value.carries), None)
    if live is None:
        return operations.operated(run, name, call)
    other = right if live is left else left
    is_empty = isinstance(other, Tensor) and not other.carries and not other.weights
    if is_empty and name not in ("matmul", "bmm") and not world_of(run).exact:
        found = operations.broadcast(run, live, other, call)
        if found is not None:
            node = call.nodes.get(1 if other is right else 0, call.node)
            words = f"{run.paste.quote(node)} is not learned and changes no shape, so it has no row."
            run.remarks.note(words, call.node)
            return found
    if numbers and not isinstance(other, bool):
        return operations.with_number(run, name, live, numbers[0], live is left, call)
    return operations.operated(run, name, call)
