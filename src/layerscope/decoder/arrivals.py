"""What arrives at a layer of a network, and for which other inputs something else would."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod

from layerscope import closed_form, wiring
from layerscope.explain import product_text, written_count
from layerscope.formatting import shape_text
from layerscope.layers.base import Layer, Shape
from layerscope.network import LARGEST_IMAGE, Network
from layerscope.steps import Step, Trace, walk

LARGEST_SIZE = 512
"""The largest image that is looked for; sequences, and networks on larger images, get more."""
USUAL_SIZES = (28, 32, 224, 64, 128, 256, 96, 299, 227, 112, 48, 512, 100, 150, 160, 192, 84, 200, 300, 384, 400, 16, 8)
"""Sizes of images that people meet, the most frequent first."""

Measure = Callable[[Network], int]
"""A number of a network that does not fall when the image grows; 0 where it does not run."""


@lru_cache(maxsize=256)
def step_at(network: Network, name: str) -> Step | None:
    """The step of that layer, run or failing, or None where the walk does not reach it."""
    if not network.is_chain:
        return _walked(network).by_name.get(name)
    place = network.index(name)
    steps = walk(network.upto(place + 1)).steps
    return steps[-1] if len(steps) == place + 1 else None


@lru_cache(maxsize=4)
def _walked(network: Network) -> Trace:
    """A network that branches is walked once for all of its layers."""
    return walk(network)


def arrival(network: Network, name: str) -> Shape | None:
    """The shape that arrives at that layer's first input, or None where nothing does. The layer need not run."""
    place = network.index(name)
    made = [step.output_shapes for step in walk(network.upto(place)).steps]
    if len(made) < place or not all(made):
        return None
    return _first(network, place, made)


def _first(network: Network, place: int, made: Sequence[tuple[Shape, ...]]) -> Shape | None:
    """What the row at `place` reads first, of what the rows before it made."""
    shapes = wiring.arriving(network.wiring[place][:1], [given.shape for given in network.inputs], made)
    return shapes[0] if shapes else None


def reckoned(network: Network, name: str, start: int = 0, shape: Shape | None = None) -> Shape | None:
    """What should arrive at that layer by the closed formulas alone, which is fast enough for a search.

    Whatever is found by it is traced before it is said. `shape` is what arrives at the layer in place `start`, for a
    chain; a network that branches is followed from its front.
    """
    place = network.index(name)
    if network.is_chain:
        return closed_form.run(network.resolved[start:place], shape or network.input_shape)
    made = [outputs for _, _, outputs in closed_form.follow(network.upto(place))]
    return None if len(made) < place or None in made else _first(network, place, [each for each in made if each])


def layers_before(network: Network, name: str) -> tuple[Layer, ...]:
    """The layers that what arrives at that one depends on, in order."""
    before = network.layers[: network.index(name)]
    if network.is_chain:
        return before
    above = network.ancestors(name)
    return tuple(layer for layer in before if layer.name in above)


def last(shape: Shape | None) -> int:
    """The last axis, which a Linear layer's in_features must be; 0 of nothing."""
    return shape[-1] if shape else 0


def features(network: Network, name: str) -> int:
    """The last axis of what arrives, which a Linear layer's in_features must be; 0 where nothing arrives."""
    return last(arrival(network, name))


def values(network: Network, name: str) -> int:
    """All values of one sample that arrive; 0 where nothing does."""
    return prod(arrival(network, name) or (0,))


def arriving(network: Network, name: str) -> str:
    """What arrives and why, with its verb: "12 × 4 × 4 = 192 values arrive", "maps of 12×4×4 arrive"."""
    shape = arrival(network, name) or ()
    flatten = flatten_before(network, name)
    before = (arrival(network, flatten) if flatten else None) or ()
    if len(shape) > 1:
        return f"maps of {shape_text(shape)} arrive"
    if len(before) > 1 and prod(before) == prod(shape):
        return f"{product_text(before)} = {written_count(prod(shape), 'value')} arrive{'s' if shape == (1,) else ''}"
    return f"{written_count(prod(shape), 'value')} arrive{'s' if shape == (1,) else ''}"


def flatten_before(network: Network, name: str) -> str | None:
    """The Flatten whose output reaches that layer unchanged, such as through ReLU and Dropout."""
    for layer in way_back(network, name):
        if layer.type == "Flatten":
            return layer.name
        if not layer.keeps_channels or layer.dims:
            return None
    return None


def way_back(network: Network, name: str) -> Iterator[Layer]:
    """The layers before that one, the nearest first, as far as each reads one other: up to where branches join."""
    sources = network.wiring[network.index(name)]
    while len(sources) == 1 and sources[0].row >= 0:
        yield network.layers[sources[0].row]
        sources = network.wiring[sources[0].row]


def with_image(network: Network, sizes: Iterable[int]) -> Network:
    """The network on images of these sizes; the channels stay."""
    return network.with_input((network.input_shape[0], *sizes))


def forget() -> None:
    """Empty the memory, for measurements from nothing."""
    step_at.cache_clear()
    _walked.cache_clear()
    closed_form.forget()


def other_images(network: Network, measure: Measure, target: int) -> Iterator[tuple[Network, int, int]]:
    """Networks on another image for which `measure` is `target`, with the smallest and largest size that do the same.

    Squares (cubes, lengths) first, the most usual size of those that fit; where the image is no square, also those
    with only one side changed.
    """
    shape = network.input_shape
    if len(shape) < 2 or target < 1:
        return
    whole = tuple(range(1, len(shape)))
    square = len(set(shape[1:])) == 1
    for axes in (whole, *(() if square else ((axis,) for axis in whole))):
        current = shape[axes[0]] if square or len(axes) == 1 else 0
        fitting = _sizes_with(network, axes, measure, target)
        if fitting:
            low, high = fitting
            size = _most_usual(low, high)
            if not low <= current <= high:
                yield _resized(network, axes, size), low, high


def _resized(network: Network, axes: tuple[int, ...], size: int) -> Network:
    shape = tuple(size if axis in axes else old for axis, old in enumerate(network.input_shape))
    return network.with_input(shape)


def _sizes_with(network: Network, axes: tuple[int, ...], measure: Measure, target: int) -> tuple[int, int] | None:
    """The smallest and largest size along `axes` for which `measure` is `target`, by halving."""
    most = LARGEST_IMAGE if len(network.input_shape) == 2 else max(LARGEST_SIZE, 2 * max(network.input_shape[1:]))
    most = min(most, LARGEST_IMAGE)
    known: dict[int, int] = {}

    def at(size: int) -> int:
        if size not in known:
            known[size] = measure(_resized(network, axes, size))
        return known[size]

    def first(reaches: int) -> int:
        """The first size whose measure is `reaches` or more; beyond the end where none is."""
        low, high = 1, most + 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if at(middle) >= reaches else (middle + 1, high)
        return low

    start = first(target)
    if start > most or at(start) != target:
        return None
    return start, first(target + 1) - 1


def is_usual(low: int, high: int) -> bool:
    """Whether a size that people meet lies between these."""
    return any(low <= size <= high for size in USUAL_SIZES)


def _most_usual(low: int, high: int) -> int:
    return next((size for size in USUAL_SIZES if low <= size <= high), low)
