"""What every row of a network keeps for the backward pass, and in whose memory it lies.

Each row's closed formula tells (`Layer.kept`); torch is asked of those that have none, of inputs that do not lie in
memory in the order of their axes, and of everything under autocast, where types change on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import torch

from layerscope.layers.kept import WEIGHTS, Kept
from layerscope.steps import Step, Trace
from layerscope.study.saved import TYPES, Law, Output, Saved, Value, ask_saved
from layerscope.wiring import Source

Place = tuple[int, int]
"""A row and its output; (-1 - k, 0) is the network's input k."""
Block = tuple[str, int, int]
"""A piece of memory: what made it ("value" or "own"), the row, and which of the row's."""


@dataclass(frozen=True)
class Row:
    """One row in memory. Blocks are named once, wherever they are used."""

    name: str
    sources: tuple[Place, ...]
    outputs: tuple[Block | None, ...]
    """In which block each output lies; None in a weight."""
    kept: tuple[Block, ...]
    weights: int
    """Bytes of the learnable values that are this row's own; tied and shared ones count at the first row."""
    is_measured: bool


class Kinds(NamedTuple):
    """A network's values: what each is, in which block it lies, and how large its gradient is."""

    value: Value
    block: Block | None
    size: Law


@dataclass(frozen=True)
class Keeping:
    """All rows, the sizes of all blocks, and the values by their places."""

    rows: tuple[Row, ...]
    sizes: dict[Block, Law]
    values: dict[Place, Kinds]
    outputs: tuple[Place, ...]

    def kept(self) -> dict[Block, str]:
        """The blocks that are kept, each with the first row that keeps it."""
        found: dict[Block, str] = {}
        for row in self.rows:
            for block in row.kept:
                found.setdefault(block, row.name)
        return found


def keeping(traced: Trace, dtype: str) -> Keeping:
    """What training keeps of a network that runs. Raises SavedError where torch does not tell of a row."""
    network, width = traced.network, TYPES[dtype].itemsize
    sizes: dict[Block, Law] = {}
    values: dict[Place, Kinds] = {}
    for place, given in enumerate(network.inputs):
        kind = TYPES[dtype] if given.kind == "values" else torch.int64
        sizes[block := ("value", ~place, 0)] = size = Law(prod(given.shape) * kind.itemsize)
        values[~place, 0] = Kinds(Value(given.shape, kind, False), block, size)
    rows = []
    for number, (step, sources) in enumerate(zip(traced.steps, network.wiring, strict=True)):
        arriving = [values[source] for source in sources]
        saved = _saved(step, sources, tuple(kinds.value for kinds in arriving), dtype)
        learns = step.answer.parameters > 0
        wants = learns or any(kinds.value.wants_gradient for kinds in arriving)
        made: list[Block | None] = []
        for port, (shape, output) in enumerate(zip(step.output_shapes, saved.outputs, strict=True)):
            block: Block | None = ("value", number, port)
            if output.within is None:
                sizes["value", number, port] = output.size
            else:
                block = None if output.within == WEIGHTS else arriving[output.within].block
            made.append(block)
            value = Value(shape, output.dtype, wants and output.dtype.is_floating_point, output.strides)
            values[number, port] = Kinds(value, block, Law(prod(shape) * output.dtype.itemsize))
        own = [("own", number, count) for count in range(len(saved.own))]
        sizes.update(zip(own, saved.own, strict=True))
        kept = (*(arriving[i].block for i in saved.inputs), *(made[port] for port in saved.ports), *own)
        rows.append(
            Row(
                step.name, sources, tuple(made), tuple(dict.fromkeys(block for block in kept if block)),
                step.parameters * width, saved.is_measured,
            )
        )  # fmt: skip
    return Keeping(tuple(rows), sizes, values, tuple(_outputs(traced)))


def _outputs(traced: Trace) -> Iterator[Place]:
    network = traced.network
    for reference in network.output_names:
        name, _, port = reference.partition(":")
        if name in network.names:
            row = network.index(name)
            yield row, network.layers[row].ports.index(port) if port else 0
        else:
            yield ~[given.name for given in network.inputs].index(name), 0


def _saved(step: Step, sources: tuple[Source, ...], values: tuple[Value, ...], dtype: str) -> Saved:
    wants = tuple(value.wants_gradient for value in values)
    is_plain = not any(value.strides for value in values) and dtype != "autocast"
    kept = step.layer.kept(step.input_shapes, step.output_shapes, wants) if is_plain else None
    if kept is None or len(step.output_shapes) != 1:
        return ask_saved(step.layer, step.arguments, values, tuple(map(sources.index, sources)), dtype)
    return _by_formula(step, kept, values, any(wants) or step.answer.parameters > 0, dtype)


def _by_formula(step: Step, kept: Kept, values: tuple[Value, ...], trains: bool, dtype: str) -> Saved:
    (shape,) = step.output_shapes
    kind = values[kept.within].dtype if kept.within is not None and kept.within >= 0 else TYPES[dtype]
    if values and step.layer.passes_kind:
        kind = values[0].dtype
    output = Output(Law(prod(shape) * kind.itemsize), kept.within, kind)
    if not trains:
        return Saved((output,))
    width = TYPES[dtype].itemsize
    own = tuple(Law(each.cells * (each.bytes or width), each.once * (each.bytes or width)) for each in kept.own)
    return Saved((output,), kept.inputs, kept.outputs, own)
