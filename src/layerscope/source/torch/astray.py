"""Faults of a batch on another axis: which layers say where it is, and states that are made for the steps."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from layerscope.source.python.values import CodeFault
from layerscope.source.record import Output, Row
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

FARTHEST = 64
"""How many rows above are looked at for layers that say where the batch is."""
Assigned = Mapping[str, Sequence[ast.expr]]
"""What the code gives each plain name."""
Layers = tuple[LayerModule, ...]
"""Layers that have a batch_first, the nearest first."""


class Picked(NamedTuple):
    """The layers above an operation that leaves no single batch, and whether the code itself moved the batch for them,
    from axis 0 where it came in."""

    layers: Layers
    is_moved: bool


class BatchFault(CodeFault):
    """A layer with a batch_first is handed a batch on another axis. `layers`: it, and those above."""

    def __init__(self, reason: str, node: ast.AST, layers: Layers) -> None:
        super().__init__(reason, node)
        self.layers = layers


class StateFault(CodeFault):
    """A state of the recurrent layer `name` is as long as the sequences where it must be as large as the batch.

    `states` are the calls that made it, `axis` is where the batch stands in the layer's input.
    """

    def __init__(self, reason: str, node: ast.AST, name: str, states: Sequence[ast.AST], axis: int) -> None:
        super().__init__(reason, node)
        self.name, self.states, self.axis = name, states, axis

    def sizes(self, assigned: Assigned) -> Iterator[tuple[ast.expr, str]]:
        """Where the code reads the length for a state, with the text that reads the batch."""
        for state in self.states:
            yield from lengths(state, assigned, self.axis)


def lengths(state: ast.AST, assigned: Assigned, axis: int) -> Iterator[tuple[ast.expr, str]]:
    """x.size(0), x.shape[0], len(x) in a call, or as the value of a name in it, where the batch is on axis 1; each
    with what reads the batch."""
    inside = [*ast.walk(state)]
    words = dict.fromkeys(node.id for node in inside if isinstance(node, ast.Name))
    for node in [*inside, *(value for word in words for value in assigned.get(word, ()))]:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            if _is(node.slice, 1 - axis):
                yield node, f"{ast.unparse(node.value)}[{axis}]"
        elif isinstance(node, ast.Call) and len(node.args) == 1:
            called, given = node.func, node.args[0]
            if isinstance(called, ast.Attribute) and called.attr == "size" and _is(given, 1 - axis):
                yield node, f"{ast.unparse(called.value)}.size({axis})"
            elif isinstance(called, ast.Name) and called.id == "len" and axis == 1:
                yield node, f"{ast.unparse(given)}.size(1)"


def _is(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number


def above(output: Output | None) -> Layers:
    """The layers with a batch_first that a tensor comes through, the nearest first."""
    found: dict[int, LayerModule] = {}
    origin = output.origin if output is not None else None
    for _ in range(FARTHEST):
        if not isinstance(origin, Row):
            break
        if isinstance(origin.module, LayerModule) and says_where(origin.module):
            found.setdefault(id(origin.module), origin.module)
        origin = origin.reads[0].origin if origin.reads else None
    return tuple(found.values())


def says_where(module: LayerModule) -> bool:
    """Whether a layer has a batch_first."""
    return module.layer is not None and "batch_first" in module.layer.chosen


def check_state(
    run: "Evaluator", module: LayerModule, first: Tensor, states: Sequence[Tensor], call: ast.AST
) -> None:  # fmt: skip
    """Raise StateFault where the states are made as large as the sequences are long."""
    axis = first.axis
    if axis not in (0, 1) or len(first.shape) != 3:
        return
    made = [
        state.node
        for state in states
        if state.node is not None and len(state.shape) == 3 and state.shape[1] == first.shape[1 - axis]
    ]
    if any(True for state in made for _ in lengths(state, world_of(run).named_values, axis)):
        name, quote = module.name or module.type, run.paste.quote(call)
        raise StateFault(f"The state in {quote} is as large as the sequences are long.", call, name, made, axis)
