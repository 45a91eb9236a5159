"""The walk through the rows of a paste by the closed formulas, in chains and in networks that branch."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from layerscope import closed_form, wiring
from layerscope.layers.base import Layer, Shape

Walked = tuple[Layer, Shape, Shape | None]
"""A layer, its first input, and its first output; None where it does not run."""


class Rows:
    """Layers in order, and the names of what the network takes. What reads an unknown input does not run."""

    def __init__(self, layers: Sequence[Layer], inputs: Sequence[str] = ()) -> None:
        self.layers = layers
        self._is_chain = not any(layer.inputs or layer.takes[0] == 0 for layer in layers)
        self._sources = () if self._is_chain else wiring.sources(layers, inputs or _inputs(layers))

    def walk(self, *given: Shape) -> Iterator[Walked]:
        """Each layer that is reached; the last one is that which does not run."""
        if self._is_chain:
            yield from closed_form.walk(self.layers, given[0])
            return
        for layer, shapes, leaving in self.joins(*given):
            yield layer, shapes[0] if shapes else (), leaving

    def joins(self, *given: Shape) -> Iterator[tuple[Layer, tuple[Shape, ...], Shape | None]]:
        """Each layer that is reached with all its inputs; the last one is that which does not run."""
        made: list[tuple[Shape, ...]] = []
        sources = self._sources or wiring.sources(self.layers, _inputs(self.layers))
        for layer, reads in zip(self.layers, sources, strict=True):
            known = all(source.row >= -len(given) for source in reads)
            shapes = wiring.arriving(reads, given, made) if known else None
            outputs = None if shapes is None else closed_form.output_shapes(layer, *shapes)
            yield layer, tuple(shapes or ()), outputs[0] if outputs else None
            if outputs is None:
                return
            made.append(outputs)

    def arriving(self, place: int, shape: Shape) -> Shape | None:
        """The input of the layer at that place; None where one before it does not run."""
        return next((arrives for n, (_, arrives, _) in enumerate(self.walk(shape)) if n == place), None)

    def run(self, shape: Shape) -> Shape | None:
        """What leaves the last layer; None where one does not run."""
        leaving: Shape | None = shape
        for _, _, leaving in self.walk(shape):
            if leaving is None:
                return None
        return leaving


def walk(layers: Sequence[Layer], shape: Shape) -> Iterator[Walked]:
    """Each layer with its input and its output."""
    return Rows(layers).walk(shape)


def run(layers: Sequence[Layer], shape: Shape) -> Shape | None:
    """What leaves the last layer; None where one does not run."""
    return Rows(layers).run(shape)


def arriving(layers: Sequence[Layer], place: int, shape: Shape) -> Shape | None:
    """The input of the layer at that place; None where one before it does not run."""
    return Rows(layers).arriving(place, shape)


def _inputs(layers: Sequence[Layer]) -> list[str]:
    """The names that rows read and that no row has, those of the network's inputs; the first comes first."""
    names = {layer.name for layer in layers}
    read = (wiring.parts(reference)[0] for layer in layers for reference in layer.inputs)
    others = dict.fromkeys(name for name in read if name not in names)
    return list(others) if "input" in others or not others else ["input", *others]


def refusing(
    layers: Sequence[Layer], wishes: Mapping[str, Mapping[str, int]], shape: Shape
) -> tuple[str, Shape] | None:
    """The first layer that cannot take its input as it is written, and that input."""
    for layer, arriving, leaving in walk(layers, shape):
        wish = wishes.get(layer.name, {})
        there = {"in_features": (arriving or (0,))[-1], "features": prod(arriving)}
        if leaving is None or any(there.get(name, arriving[0]) != value for name, value in wish.items()):
            return layer.name, arriving
    return None


def enters(layers: Sequence[Layer], wishes: Mapping[str, Mapping[str, int]], shape: Shape) -> bool:
    """Whether the layers up to the first with a width of its own run on such an input, as they are written."""
    refused = refusing(layers, wishes, shape)
    first = next((place for place, layer in enumerate(layers) if layer.decides), len(layers))
    return refused is None or refused[0] not in {layer.name for layer in layers[: first + 1]}
