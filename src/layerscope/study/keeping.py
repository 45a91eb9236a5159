"""What every row of a network keeps for the backward pass, and in whose memory it lies.

Each row's closed formula tells (`Layer.kept`); torch is asked of those that have none, of inputs that do not lie in
memory in the order of their axes, and under autocast of modules that are called again, as they keep one copy of their
weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import NamedTuple

import torch

from layerscope import limits
from layerscope.layers.base import Shape
from layerscope.layers.kept import WEIGHTS, Kept
from layerscope.layers.linear import Linear
from layerscope.steps import Step, Trace
from layerscope.study.saved import (
    AUTOCAST,
    BATCHES,
    TYPES,
    Law,
    Output,
    Saved,
    SavedError,
    Strides,
    UnaskedError,
    Value,
    ask_saved,
)
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
    hands_on: bool
    """Whether the gradients of its inputs lie in that of its output."""
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


def keeping(traced: Trace, dtype: str, trains: bool = True, *, asks: bool = True) -> Keeping:
    """What is kept of a network that runs; nothing where it does not train. Raises SavedError where nothing tells, and
    UnaskedError in place of asking torch where `asks` is False."""
    network, width = traced.network, TYPES[dtype].itemsize
    sizes: dict[Block, Law] = {}
    values: dict[Place, Kinds] = {}
    for place, given in enumerate(network.inputs):
        kind = TYPES[dtype] if given.kind == "values" else torch.int64
        sizes["value", ~place, 0] = size = Law(prod(given.shape) * kind.itemsize)
        values[~place, 0] = Kinds(Value(given.shape, kind, False), ("value", ~place, 0), size)
    rows, asked = list[Row](), 0
    for number, (step, sources) in enumerate(zip(traced.steps, network.wiring, strict=True)):
        arriving = [values[source] for source in sources]
        learns = trains and step.answer.parameters > 0
        wants = learns or any(kinds.value.wants_gradient for kinds in arriving)
        if trains or not step.layer.only_trains:
            saved = _saved(step, sources, tuple(kinds.value for kinds in arriving), dtype, asks)
        else:
            saved = Saved((Output(arriving[0].size, 0, *arriving[0].value[1::2]),))
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
        kept = (
            (*(arriving[i].block for i in saved.inputs), *(made[port] for port in saved.ports), *own) if trains else ()
        )
        rows.append(
            Row(
                step.name, sources, tuple(made), tuple(dict.fromkeys(block for block in kept if block)),
                step.parameters * width, step.layer.hands_on or _is_view(step, saved), saved.is_measured,
            )
        )  # fmt: skip
        asked += saved.is_measured
        if asked > limits.MEMORY_ASKED.most:
            raise SavedError(limits.MEMORY_ASKED.sentence())
    return Keeping(tuple(rows), sizes, values, tuple(_outputs(traced)))


def _is_view(step: Step, saved: Saved) -> bool:
    """Whether the row only looks at the whole of its input in another shape."""
    within = saved.outputs[0].within
    if within is None or within == WEIGHTS or saved.inputs or saved.own:
        return False
    return prod(step.output_shapes[0]) == prod(step.input_shapes[within])


def _outputs(traced: Trace) -> Iterator[Place]:
    network = traced.network
    for reference in network.output_names:
        name, _, port = reference.partition(":")
        if name in network.names:
            row = network.index(name)
            yield row, network.layers[row].ports.index(port) if port else 0
        else:
            yield ~[given.name for given in network.inputs].index(name), 0


def _saved(step: Step, sources: tuple[Source, ...], values: tuple[Value, ...], dtype: str, asks: bool) -> Saved:
    wants = tuple(value.wants_gradient for value in values)
    same = tuple(map(sources.index, sources))
    is_plain = not any(value.strides for value in values) and len(step.output_shapes) == 1
    kept = step.layer.kept(step.input_shapes, step.output_shapes, wants) if is_plain else None
    if kept is None or (dtype in AUTOCAST and not _is_told(step, kept, same)):
        if not asks:
            raise UnaskedError
        is_real = step.layer.has_workspace and max(step.macs, step.answer.parameters) <= limits.MEMORY_REAL.most
        return ask_saved(step.layer, step.arguments, values, same, dtype, is_real)
    if dtype in AUTOCAST and step.layer.lowers:
        return _lowered(step, kept, values, AUTOCAST[dtype])
    return _by_formula(step, kept, values, any(wants) or step.answer.parameters > 0, dtype)


def _by_formula(step: Step, kept: Kept, values: tuple[Value, ...], trains: bool, dtype: str) -> Saved:
    (shape,) = step.output_shapes
    kinds = [value.dtype for value in values] if step.layer.wants != "indices" else []
    kind = reduce(torch.promote_types, kinds) if kinds else TYPES[dtype]
    strides = _repeated(shape) if kept.within == WEIGHTS else None
    output = Output(Law(prod(shape) * kind.itemsize), kept.within, kind, strides)
    if not trains:
        return Saved((output,))
    return Saved((output,), kept.inputs, kept.outputs, tuple(_own(step, kept, kind, dtype)))


def _repeated(shape: Shape) -> Strides:
    """How a tensor of learnable values lies in memory that each sample gets: all look at the same values."""
    strides = [prod(shape[axis:]) for axis in range(1, len(shape) + 1)]
    return ((0, *strides),) * len(BATCHES)


def _own(step: Step, kept: Kept, kind: torch.dtype, dtype: str) -> Iterator[Law]:
    has_weights = step.answer.parameters > 0 or getattr(step.layer, "track_running_stats", False)
    for own in kept.own:
        width = own.bytes or (TYPES[dtype] if own.as_weights and has_weights else kind).itemsize
        yield Law(own.cells * width, own.once * width)


def _is_told(step: Step, kept: Kept, same: tuple[int, ...]) -> bool:
    """Whether the formulas hold under autocast: not where it computes in float32, nor where it shares a copy."""
    is_shared = bool(step.layer.of) or len({*same}) < len(same)
    return not (step.layer.widens or is_shared or (step.layer.lowers and kept.own))


def _lowered(step: Step, kept: Kept, values: tuple[Value, ...], low: torch.dtype) -> Saved:
    """Under autocast: copies in the lower type are kept of inputs in float32, and of the weight where it is used again.

    Only a Linear does not keep its weight where nobody wants the gradient of its input.
    """
    copied = [Law(prod(values[i].shape) * low.itemsize) for i in kept.inputs if values[i].dtype != low]
    if step.weight_shape and (values[0].wants_gradient or not isinstance(step.layer, Linear)):
        copied.append(Law(0, prod(step.weight_shape) * low.itemsize))
    inputs = tuple(i for i in kept.inputs if values[i].dtype == low)
    (shape,) = step.output_shapes
    return Saved((Output(Law(prod(shape) * low.itemsize), None, low),), inputs, own=tuple(copied))
