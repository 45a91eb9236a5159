"""A known network as the modules that it is made of: which of them holds which, and what each one's forward does.

It is worked out from the rows: their dotted names are the paths of torch's modules, and what they read is what a
forward hands on. A row that is called and not kept, such as an addition, belongs to the forward of the module in whose
path it is. Modules that hand on from child to child, and do nothing else, are nn.Sequential.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from layerscope import closed_form
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network

_FUNCTIONS = frozenset({
    "Add", "ChannelShuffle", "Chunk", "Concat", "Flatten", "Mean", "Multiply", "Permute", "Select",
})  # fmt: skip
"""Rows that torchvision's models call as functions, unless their name is a place in a Sequential."""


@dataclass(frozen=True)
class Leaf:
    """A layer, without a name; what the input shape decides of it, in the network as it is."""

    layer: Layer
    decided: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Step:
    """A call in a forward: of the child of that name, or of a function's row, which is called `makes`."""

    child: str
    reads: tuple[str, ...]
    makes: str
    function: Layer | None = None


@dataclass(frozen=True)
class Plan:
    """A module with children. `reads` are the names of what it is given, `makes` of what it gives.

    `children` hold plans and leaves; a leaf of the type Parameter is a tensor that the module holds.
    """

    children: tuple[tuple[str, "Plan | Leaf"], ...]
    steps: tuple[Step, ...]
    reads: tuple[str, ...]
    makes: str
    is_sequential: bool = False


@dataclass(frozen=True)
class _Row:
    """`path` is the rest of its name inside the module that is planned."""

    path: str
    name: str
    reads: tuple[str, ...]
    leaf: Leaf


def plan_of(network: Network, is_function: Callable[[str], bool] = lambda name: False) -> Plan:
    """The modules of a network. `is_function` says of further rows, by their names, that no module is kept for them."""
    rows = [
        _Row(layer.name, layer.name, network.before(layer.name), _leaf(layer, shapes))
        for layer, shapes, _ in closed_form.follow(network)
    ]

    def calls(row: _Row) -> bool:
        last = row.path.rpartition(".")[2]
        return is_function(row.name) or (row.leaf.layer.type in _FUNCTIONS and not last.isdigit())

    return replace(_plan(_with_channels_last_norms(rows), calls), is_sequential=False)


def _leaf(layer: Layer, shapes: Sequence[Shape]) -> Leaf:
    bare = replace(layer, name="", inputs=(), of="")
    return Leaf(bare, tuple(layer.decided(*shapes[:1]).items()) if layer.decides and shapes else ())


def _with_channels_last_norms(rows: list[_Row]) -> list[_Row]:
    """torchvision's LayerNorm2d is one module of three rows: axes turned, LayerNorm, axes turned back."""
    found = list(rows)
    for place in range(1, len(rows) - 1):
        before, row, after = rows[place - 1 : place + 2]
        types = [each.leaf.layer.type for each in (before, row, after)]
        if types == ["Permute", "LayerNorm", "Permute"] and not before.path.rpartition(".")[2].isdigit():
            for n, inner in ((place - 1, "permute"), (place, "norm"), (place + 1, "permute_1")):
                found[n] = replace(rows[n], path=f"{row.path}.{inner}")
    return found


def _plan(rows: list[_Row], calls: Callable[[_Row], bool]) -> Plan:
    """The module that holds these rows."""
    children: dict[str, Plan | Leaf] = {}
    steps: list[Step] = []
    for first, group in groupby(rows, lambda row: row.path.partition(".")[0] if "." in row.path else (row.path,)):
        part = list(group)
        if isinstance(first, tuple):
            (row,) = part
            if calls(row):
                steps.append(Step("", row.reads, row.name, row.leaf.layer))
                continue
            child = _called_before(row, children) or row.path
            children.setdefault(child, row.leaf)
            steps.append(Step(child, row.reads, row.name))
        else:
            inner = _plan([replace(row, path=row.path.partition(".")[2]) for row in part], calls)
            if first in children:
                raise ValueError(f"{first} is called more than once.")
            children[first] = inner
            steps.append(Step(first, inner.reads, inner.makes))
    own = {row.name for row in rows}
    reads = dict.fromkeys(read for row in rows for read in row.reads if read.partition(":")[0] not in own)
    return Plan(tuple(children.items()), tuple(steps), tuple(reads), rows[-1].name, _hands_on(children, steps))


def _called_before(row: _Row, children: dict[str, "Plan | Leaf"]) -> str:
    """The child that is called again: relu_1 is relu; "" where there is none."""
    base, _, number = row.path.rpartition("_")
    known = children.get(base)
    again = number.isdigit() and isinstance(known, Leaf) and known.layer == row.leaf.layer
    return base if again else ""


def _hands_on(children: dict[str, "Plan | Leaf"], steps: list[Step]) -> bool:
    """Whether each child is called once, on what the one before it gives."""
    names = [step.child for step in steps]
    chain = all(step.reads == (before.makes,) for before, step in pairwise(steps))
    return names == list(children) and chain and len(steps[0].reads) == 1
