"""A product with the neighbors of a graph's nodes: torch.spmm(adj, x), where each row of x is a node.

The nodes are the batch then. A network shows one sample, here one node, so what is summed over the neighbors is a row
that keeps its size; which nodes are neighbors is an input that no row reads.
"""

from typing import TYPE_CHECKING

from layerscope.layers.opaque import Opaque, flat
from layerscope.source.python.values import Call
from layerscope.source.record import Entry, Output
from layerscope.source.torch import adding
from layerscope.source.torch.open_input import OpenInput
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def gathered(run: "Evaluator", name: str, call: Call) -> Tensor | None:
    """The nodes' sums over their neighbors; None where a product is not one of an input with rows of nodes."""
    given = [value for value in call.args if isinstance(value, Tensor) and value.carries]
    if len(given) != 2 or len(call.args) != 2:
        return None
    neighbors, nodes = given
    assert neighbors.origin is not None
    assert nodes.origin is not None
    if not isinstance(neighbors.origin.origin, Entry):
        return None
    is_open = isinstance(neighbors, OpenInput) and neighbors.is_open
    if (isinstance(nodes, OpenInput) and nodes.is_open) or nodes.axis != 0 or len(nodes.shape) != 2:
        return None
    if not is_open and (neighbors.axis != 0 or len(neighbors.shape) != 2):
        return None
    world_of(run).neighbors.add(neighbors.origin.origin.given.name)
    layer = Opaque(name="", called=name, reads=flat((nodes.sample,)), gives=flat((nodes.sample,)), weights=0, macs=0)
    row = adding.add(run, layer, [nodes.origin], (nodes.sample,), call.node)
    text = run.paste.quote(call.node)
    run.remarks.note(
        f"{text} sums over the neighbors of each node. One node is shown, as its row is one of the batch's; the sum "
        "has a row without a count of its multiplications.", call.node,
    )  # fmt: skip
    return Tensor(nodes.shape, nodes.dtype, Output(row), node=call.node)


def is_graph(run: "Evaluator") -> bool:
    """Whether a call in the code hands over one graph: a matrix with a row and a column for each row of another."""
    for call in world_of(run).showing.shown:
        tables = [tuple(tensor.shape) for tensor in call.given if len(tensor.shape) == 2]
        rows = {shape[0] for shape in tables}
        if len(tables) == len(call.given) > 1 and len(rows) == 1 and any(one == other for one, other in tables):
            return True
    return False
