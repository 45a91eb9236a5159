"""One layer of a network, and what is known of the way to it; each answer is worked out once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

from layerscope import closed_form, wiring
from layerscope.explain import product_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.network import Network
from layerscope.steps import Step, Trace, walk


@dataclass(frozen=True)
class At:
    """The place of a layer in a network. Shapes are without the batch axis."""

    network: Network
    name: str

    @cached_property
    def step(self) -> Step | None:
        """The layer's step, run or failing, or None where the walk does not reach it."""
        steps = self._steps
        return steps[self._place] if len(steps) > self._place else None

    @cached_property
    def shape(self) -> Shape | None:
        """What reaches the layer's first input, or None where nothing does. The layer need not run."""
        made = [step.output_shapes for step in self._steps[: self._place]]
        if len(made) < self._place or not all(made):
            return None
        return _first(self.network, self._place, made)

    @cached_property
    def reckoned(self) -> Shape | None:
        """What should reach it by the closed formulas alone."""
        return reckoned(self.network, self.name)

    @cached_property
    def features(self) -> int:
        """The last axis of the input, which a Linear layer's in_features must be; 0 where nothing arrives."""
        return last(self.shape)

    @cached_property
    def values(self) -> int:
        """All values of one sample that arrive; 0 where nothing does."""
        return prod(self.shape or (0,))

    @cached_property
    def before(self) -> tuple[Layer, ...]:
        """The layers that the input depends on, in order."""
        rows = self.network.layers[: self._place]
        if self.network.is_chain:
            return rows
        above = self.network.ancestors(self.name)
        return tuple(layer for layer in rows if layer.name in above)

    @cached_property
    def way_back(self) -> tuple[Layer, ...]:
        """The layers before, the nearest first, as long as each reads only one other: up to where branches join."""
        return tuple(self._back())

    @cached_property
    def flatten(self) -> str | None:
        """The Flatten whose output reaches the layer unchanged, such as through ReLU and Dropout."""
        for layer in self.way_back:
            if layer.type == "Flatten":
                return layer.name
            if not layer.keeps_channels or layer.dims:
                return None
        return None

    @cached_property
    def maps(self) -> Shape | None:
        """What is flattened for the layer; None where nothing is."""
        return at(self.network, self.flatten).shape if self.flatten else None

    @cached_property
    def source(self) -> Layer | None:
        """The layer that decides how many channels or values arrive: the last convolution or Linear layer."""
        for layer in self.way_back:
            if "out_channels" in layer.parameters() or "out_features" in layer.parameters():
                return layer
            if not layer.keeps_channels and layer.type != "Flatten":
                return None
        return None

    @cached_property
    def given(self) -> str:
        """What reaches the layer, and why so much: "12 × 4 × 4 = 192 values", "maps of 12×4×4"."""
        shape, before = self.shape or (), self.maps or ()
        if len(shape) > 1:
            return f"maps of {shape_text(shape)}"
        made = f"{product_text(before)} = " if len(before) > 1 and prod(before) == prod(shape) else ""
        return f"{made}{written_count(prod(shape), 'value')}"

    @cached_property
    def in_words(self) -> str:
        """The same as a sentence: "fc1 receives 12 × 4 × 4 = 192 values"."""
        return f"{self.name} receives {self.given}"

    @cached_property
    def _place(self) -> int:
        return self.network.index(self.name)

    @cached_property
    def _steps(self) -> Sequence[Step]:
        """The walk as far as this layer; a network that branches is walked once for all of its layers."""
        if self.network.is_chain:
            return walk(self.network.upto(self._place + 1)).steps
        return _walked(self.network).steps

    def _back(self) -> Iterator[Layer]:
        sources = self.network.wiring[self._place]
        while len(sources) == 1 and sources[0].row >= 0:
            yield self.network.layers[sources[0].row]
            sources = self.network.wiring[sources[0].row]


@lru_cache(maxsize=256)
def at(network: Network, name: str) -> At:
    """That layer of that network, kept with its answers."""
    return At(network, name)


@lru_cache(maxsize=4)
def _walked(network: Network) -> Trace:
    return walk(network)


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    at.cache_clear()
    _walked.cache_clear()
    closed_form.forget()


def last(shape: Shape | None) -> int:
    """The last axis, which a Linear layer's in_features must be; 0 of nothing."""
    return shape[-1] if shape else 0


def reckoned(network: Network, name: str, start: int = 0, shape: Shape | None = None) -> Shape | None:
    """What should reach that layer by the closed formulas alone, which is fast enough for a search.

    Whatever is found by it is traced before it is said. `shape` is the input of the layer in place `start`, for a
    chain; a network that branches is followed from its front.
    """
    place = network.index(name)
    if network.is_chain:
        return closed_form.run(network.resolved[start:place], shape or network.input_shape)
    made = [outputs for _, _, outputs in closed_form.follow(network.upto(place))]
    return None if len(made) < place or None in made else _first(network, place, [each for each in made if each])


def _first(network: Network, place: int, made: Sequence[tuple[Shape, ...]]) -> Shape | None:
    """What the row at `place` reads first, of what the rows before it made."""
    shapes = wiring.arriving(network.wiring[place][:1], [given.shape for given in network.inputs], made)
    return shapes[0] if shapes else None
