"""Which row reads what: references by name, and what they become when rows come, go, move or change their names.

A reference names an earlier row ("conv1"), one of its outputs ("lstm1:h_n"), or an input of the network ("input"). All
functions are pure and take rows in the order of the network.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from layerscope import limits
from layerscope.layers.base import Layer

Reference = str
T = TypeVar("T")


class Source(NamedTuple):
    """Where a value comes from: a row's place and output, or `row` = -1 - k for the network's input k.

    `port` is -1 where the row has no output of that name.
    """

    row: int
    port: int


ABOVE = tuple((Source(place - 1, 0),) for place in range(limits.LAYERS.most))
"""What a row reads that names nothing, by its place: the row above, the first one the network's first input."""


_FIRST = (
    *[Source(row, 0) for row in range(limits.LAYERS.most)],
    *[Source(row, 0) for row in range(-limits.INPUTS.most, 0)],
)
"""The first output of each row, by its place; a negative place counts from the end, where the network's inputs are."""


def block_of(name: str) -> str:
    """The beginning of the names in the block that a row stands in: "layer1.0." for layer1.0.conv1, "" at the top."""
    above, dot, _ = name.rpartition(".")
    return above + dot


def parts(reference: Reference) -> tuple[str, str]:
    """The row's name and the output's, which is "" where none is named."""
    name, _, port = reference.partition(":")
    return name, port


def references(layers: Sequence[Layer], place: int, first: str) -> tuple[Reference, ...]:
    """What the row at `place` reads, in full. `first` is the name of the network's first input."""
    layer = layers[place]
    if layer.inputs or layer.takes[1] == 0:
        return layer.inputs
    return (layers[place - 1].name,) if place else (first,)


def sources(layers: Sequence[Layer], inputs: Sequence[str]) -> tuple[tuple[Source, ...], ...]:
    """For each row, where each of its inputs comes from. Every reference is known to be sound."""
    if not [layer for layer in layers if layer.inputs or layer.takes[1] == 0]:
        return ABOVE[: len(layers)]
    places = _places(layers, inputs)
    return tuple(
        tuple([_source(layers, places, reference) for reference in layer.inputs])
        if layer.inputs
        else (() if layer.takes[1] == 0 else above)
        for layer, above in zip(layers, ABOVE, strict=False)
    )


def source(layers: Sequence[Layer], inputs: Sequence[str], reference: Reference) -> Source:
    """Where the value of that name comes from."""
    return _source(layers, _places(layers, inputs), reference)


def _places(layers: Sequence[Layer], inputs: Sequence[str]) -> dict[str, int]:
    """The row of each name; where a row and an input bear the same, the row's."""
    return {name: -1 - k for k, name in enumerate(inputs)} | {layer.name: row for row, layer in enumerate(layers)}


def _source(layers: Sequence[Layer], places: dict[str, int], reference: Reference) -> Source:
    row = places.get(reference)
    if row is not None:
        return _FIRST[row]
    name, port = parts(reference)
    row = places[name]
    if not port:
        return _FIRST[row]
    ports = layers[row].ports if row >= 0 else ()
    return Source(row, ports.index(port) if port in ports else -1)


def arriving(sources: Sequence[Source], inputs: Sequence[T], made: Sequence[Sequence[T]]) -> tuple[T, ...] | None:
    """A row's input, from what the rows before it made; None where an output is named that there is not."""
    found = []
    for row, port in sources:
        outputs = made[row] if row >= 0 else (inputs[~row],)
        if not 0 <= port < len(outputs):
            return None
        found.append(outputs[port])
    return tuple(found)


def shortened(layer: Layer, above: Layer | None, first: str) -> Layer:
    """A row, which says nothing where it reads just the row above; above the first stands the network's first input."""
    return replace(layer, inputs=()) if layer.inputs == (above.name if above else first,) else layer


def renamed(layers: Iterable[Layer], change: Callable[[Reference], Reference | None]) -> tuple[Layer, ...]:
    """The rows with each reference changed; None takes the reference away."""
    return tuple(_renamed(layer, change) for layer in layers)


def _renamed(layer: Layer, change: Callable[[Reference], Reference | None]) -> Layer:
    if not layer.inputs:
        return layer
    changed = tuple(new for old in layer.inputs if (new := change(old)) is not None)
    return layer if changed == layer.inputs else replace(layer, inputs=changed)


def following(names: Mapping[str, str]) -> Callable[[Reference], Reference]:
    """The change of references that new names of rows ask for, by their old ones."""

    def change(reference: Reference) -> Reference:
        name, port = parts(reference)
        new = names.get(name, name)
        return f"{new}:{port}" if port else new

    return change


def without(layers: tuple[Layer, ...], place: int, first: str) -> tuple[Layer, ...]:
    """The rows without that at `place`: those that read it read what it read, the first where it read several."""
    gone = layers[place]
    read = next(iter(references(layers, place, first)), None)
    later = list(
        renamed(layers[place + 1 :], lambda reference: read if parts(reference)[0] == gone.name else reference)
    )
    if later and gone.inputs and not later[0].inputs and later[0].takes[1]:
        later[0] = replace(later[0], inputs=gone.inputs[:1])
    heir = next((row.name for row in later if row.of == gone.name), None)
    if heir is not None:  # the first call that is left owns the weights
        later = [
            row if row.of != gone.name
            else replace(row, of=heir) if row.name != heir
            else replace(row, of="", tied=gone.tied)
            for row in later
        ]  # fmt: skip
    return (*layers[:place], *later)


def moved(layers: tuple[Layer, ...], old: int, new: int) -> tuple[Layer, ...]:
    """The rows with that at `old` moved to `new`, counted after it was taken out. Rows that name it still do."""
    row, rest = layers[old], [*layers[:old], *layers[old + 1 :]]
    if old < len(rest) and row.inputs and not rest[old].inputs and rest[old].takes[1]:
        rest[old] = replace(rest[old], inputs=row.inputs[:1])  # it read the row that goes, and reads what that read
    return (*rest[:new], row, *rest[new:])
