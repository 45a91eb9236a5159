"""The walk through many networks that differ in a few rows: what is alike is asked of torch once.

Torch answers as in `steps.walk`, row by row. An answer is kept by the row and its input, and the walk of one
network begins at the first row that the network before it does not share.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from layerscope import indices, limits, ties, wiring
from layerscope.asking import Answer, ask
from layerscope.layers.base import Layer, Shape
from layerscope.layers.question import Kinds
from layerscope.network import Network
from layerscope.receptive import Reach, ReceptiveField
from layerscope.seeing import Seeing
from layerscope.steps import BYTES_PER_VALUE
from layerscope.wired_rows import kinds_of, refusal

MOST_KEPT = limits.SWEEP_KEPT.most
Values = tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """What became of one row with these inputs. `values` are the arguments that data decides and that are numbers."""

    answer: Answer
    message: str | None
    shapes: tuple[Shape, ...]
    parameters: int
    bytes: int
    values: Values
    reach: Reach | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one network: the totals as `Trace` has them, or the row that does not run and why."""

    fails: str
    reason: str
    parameters: int = 0
    macs: int = 0
    activation_bytes: int = 0
    receptive_field: int | None = None
    """Along the first spatial axis, of the last map whose cells do not all see the same; None where there is none."""
    map_shape: Shape = ()
    """The shape of that map."""
    output_shape: Shape = ()
    values: Values = ()


class _Seen(Seeing):
    """A row as far as its receptive field depends on it. Rows that see alike are one."""

    def __init__(self, layer: Layer, row: Row, shapes: tuple[Shape, ...], kinds: Kinds, parents: Any) -> None:
        self.layer, self.answer, self.input_shapes = layer, row.answer, shapes
        self.parents, self.error, self._kinds = parents, None, kinds

    def _view_of_input(self, place: int) -> ReceptiveField:
        return ReceptiveField.of_input(self.input_shapes[place][1:], lost=bool(self._kinds) and self._kinds[place])


class Walk:
    """Walks through networks with the wiring of `network`. The layers that it is given must outlive it.

    `heads` are the rows whose width is the number of classes in any of them.
    """

    def __init__(self, network: Network, heads: Collection[str | None]) -> None:
        kinds = kinds_of(network)
        self._network = network
        self._kinds = kinds or ((),) * len(network.layers)
        self._highs = indices.bounds(network) if kinds else (None,) * len(network.layers)
        self._owners = [tuple(map(network.index, ties.owners(layer))) for layer in network.layers]
        self._decided = [_decided(layer, layer.name in heads) for layer in network.layers]
        self._leaving = [wiring.source(network.layers, (), name) for name in network.output_names]
        self._asked: dict[tuple[Any, ...], Row] = {}
        self._known: dict[tuple[Any, ...], _Seen] = {}
        self._rows: list[Row] = []
        self._seen: list[_Seen] = []

    def measure(
        self, layers: Sequence[Layer], inputs: Sequence[Shape], start: int, network: Callable[[], Network]
    ) -> Measured:
        """What becomes of a network of these layers and inputs. It shares the first `start` rows, and what they read,
        with the one measured before; `network` gives it whole, for the words of what does not run.
        """
        if len(self._asked) + len(self._known) > MOST_KEPT:
            self._asked.clear()
            self._known.clear()
            start = 0
        del self._rows[start:], self._seen[start:]
        made = [row.answer.output_shapes for row in self._rows]
        for place in range(len(made), len(layers)):
            row = self._row(layers, place, wiring.arriving(self._network.wiring[place], inputs, made) or (), network)
            if row.message is not None:
                return Measured(layers[place].name, row.message)
            self._rows.append(row)
            made.append(row.answer.output_shapes)
        output = (wiring.arriving(self._leaving, inputs, made) or ()) if layers else inputs
        return self._measured(layers, inputs, output[0] if output else ())

    def _row(
        self, layers: Sequence[Layer], place: int, shapes: tuple[Shape, ...], network: Callable[[], Network]
    ) -> Row:
        layer, owners = layers[place], [self._rows[owner] for owner in self._owners[place]]
        key = (place, id(layer), shapes, *map(id, owners))
        if (row := self._asked.get(key)) is not None:
            return row
        said = ask(layer, *shapes, kinds=self._kinds[place])
        message, high = said.message, self._highs[place]
        if message is not None or owners or len(shapes) < len(self._network.wiring[place]):
            answers = {layers[owner].name: self._rows[owner].answer for owner in self._owners[place]}
            message = message if self._network.is_chain else refusal(network(), place, layer, shapes, said, answers)
        if message is None and high is not None:
            message = layer.beyond(high)
        row = self._asked[key] = self._made(layer, place, shapes, said, message)
        return row

    def _made(self, layer: Layer, place: int, shapes: tuple[Shape, ...], said: Answer, message: str | None) -> Row:
        if message is not None:
            return Row(said, message, shapes, 0, 0, (), None)
        parameters = 0 if layer.of else said.parameters
        if layer.tied and not layer.of:
            held = {"weight": said.weight_shape, "bias": said.bias_shape}
            parameters -= sum(prod(held[tensor] or (0,)) for tensor, _ in ties.named(layer))
        size = BYTES_PER_VALUE * sum(map(prod, said.output_shapes))
        values = tuple(
            (f"{layer.name}.{name}", number)
            for name in self._decided[place]
            if (number := _number(said.arguments.get(name))) is not None
        )
        return Row(said, None, shapes, parameters, size, values, layer.reach(*shapes) if shapes else None)

    def _measured(self, layers: Sequence[Layer], inputs: Sequence[Shape], output: Shape) -> Measured:
        rows = self._rows
        last = next((place for place in range(len(rows) - 1, -1, -1) if len(_leaving(rows[place])) > 1), -1)
        for place in range(len(self._seen), last + 1):
            self._seen.append(self._view(layers[place], place, inputs[0]))
        field, of = None, Shape()
        for place in range(last, -1, -1):
            view = self._seen[place].receptive_field if len(_leaving(rows[place])) > 1 else None
            if view is not None and not view.everywhere and view.size:
                field, of = view.size[0], _leaving(rows[place])
                break
        return Measured(
            "", "", sum([row.parameters for row in rows]), sum([row.answer.macs for row in rows]),
            sum([row.bytes for row in rows]), field, of, output, tuple([pair for row in rows for pair in row.values]),
        )  # fmt: skip

    def _view(self, layer: Layer, place: int, first: Shape) -> _Seen:
        """The row as its receptive field sees it; `first` is the shape of the network's first input."""
        row = self._rows[place]
        parents = tuple([self._seen[source.row] if source.row >= 0 else None for source in self._network.wiring[place]])
        between = tuple([shape[1:] for shape in row.shapes])
        key = (place, row.reach, between, _leaving(row)[1:], *map(id, parents), first[1:] if not parents else ())
        if (seen := self._known.get(key)) is None:
            seen = self._known[key] = _Seen(layer, row, row.shapes, self._kinds[place], parents)
            seen.network = Network(first, ()) if not parents else self._network
        return seen


def _decided(layer: Layer, is_head: bool) -> tuple[str, ...]:
    """The arguments of a row that are decided by data: by its inputs, or by the number of classes."""
    by_shape = layer.chosen.get("normalized_shape", ...) is None
    by_classes = is_head and layer.head is not None
    return (*layer.decides, *["normalized_shape"] * by_shape, *[str(layer.head)] * by_classes)


def _number(value: Any) -> int | None:
    """A whole number, also as the only one of a shape; None for anything else."""
    alone = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    return alone if type(alone) is int else None


def _leaving(row: Row) -> Shape:
    return row.answer.output_shapes[0] if row.answer.output_shapes else ()
