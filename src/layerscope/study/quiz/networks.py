"""Random networks to ask about, of a chosen difficulty: they run, and their sizes can be worked out on paper."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from random import Random
from typing import Any

from layerscope.layers.activation import ReLU
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv2d
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import AvgPool2d, MaxPool2d
from layerscope.layers.reshape import Flatten
from layerscope.network import Network
from layerscope.tracing import trace

CLASSES = (2, 3, 5, 10, 20)
LONGEST_VECTOR = 2_000
SMALLEST_MAP, LARGEST_MAP = 2, 10
"""Height and width of the maps that are flattened."""


class Difficulty(Enum):
    """EASY: one convolution, one pooling. MEDIUM: two of each, with padding and stride. HARD: dilation, groups,
    uneven kernels, RGB, batch normalization besides."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


def random_network(rng: Random, difficulty: Difficulty) -> Network:
    """A network on small images that runs. The same state of `rng` gives the same one."""
    while True:  # of ten, at least two are kept
        network = _drawn(rng, difficulty)
        if _is_handy(network):
            return network


def _is_handy(network: Network) -> bool:
    """Whether it runs and its numbers stay small."""
    result = trace(network)
    if result.error:
        return False
    _, height, width = next(step.input_shape for step in result.steps if step.type == "Flatten")
    longest = max(step.input_shape[0] for step in result.steps if step.type == "Linear")
    return all(SMALLEST_MAP <= size <= LARGEST_MAP for size in (height, width)) and longest <= LONGEST_VECTOR


def _drawn(rng: Random, difficulty: Difficulty) -> Network:
    if difficulty is Difficulty.EASY:
        size = rng.choice((8, 10, 12, 14, 16, 18, 20))
        return _named((rng.choice((1, 3)), size, size), rng.choice(CLASSES), _easy(rng))
    size = rng.choice((20, 24, 28, 32, 36))
    if difficulty is Difficulty.MEDIUM:
        return _named((rng.choice((1, 1, 3)), size, size), rng.choice(CLASSES), _medium(rng))
    return _named((3, size, size), rng.choice(CLASSES), _hard(rng))


def _easy(rng: Random) -> Iterator[Layer]:
    yield _conv(rng.choice((2, 3, 4, 5, 6, 8)), rng.choice((3, 3, 5)))
    yield from (ReLU(name=""), MaxPool2d(name="", kernel_size=2), Flatten(name=""))
    if rng.random() < 0.6:
        yield from (Linear(name="", out_features=rng.choice((20, 30, 40, 50))), ReLU(name=""))


def _medium(rng: Random) -> Iterator[Layer]:
    width = rng.choice((4, 5, 6, 8, 10))
    for channels in (width, rng.choice((2, 3)) * width):
        yield _conv(channels, rng.choice((3, 4, 5)), padding=rng.choice((0, 0, 1, 2)), stride=rng.choice((1, 1, 1, 2)))
        yield ReLU(name="")
        yield _pool(rng)
    yield Flatten(name="")
    for features in rng.choice(((120, 60), (100, 50), (80, 40), (64,))):
        yield from (Linear(name="", out_features=features), ReLU(name=""))


def _hard(rng: Random) -> Iterator[Layer]:
    width = rng.choice((4, 6, 8, 12))
    arriving = 3
    for channels in (width, 2 * width, rng.choice((2, 3)) * width)[: rng.choice((2, 2, 3))]:
        kernel = rng.choice((3, 3, 5, 2, (3, 5), (5, 3), (1, 3), (3, 1)))
        more: dict[str, Any] = {"padding": rng.choice((0, 1, 2)), "stride": rng.choice((1, 1, 2))}
        more["dilation"] = rng.choice((1, 1, 2))
        groups = [n for n in (2, 3, 4) if arriving % n == 0 and channels % n == 0]
        more["groups"] = rng.choice((1, *groups))
        normed = rng.random() < 0.5
        yield _conv(channels, kernel, bias=not normed, **more)
        if normed:
            yield BatchNorm2d(name="")
        yield ReLU(name="")
        if rng.random() < 0.6:
            yield _pool(rng)
        arriving = channels
    yield Flatten(name="")
    yield from (Linear(name="", out_features=rng.choice((30, 60, 100))), ReLU(name=""))


def _conv(channels: int, kernel_size: Any, **more: Any) -> Layer:
    return Conv2d(name="", out_channels=channels, kernel_size=kernel_size, **more)


def _pool(rng: Random) -> Layer:
    kernel, stride = rng.choice(((2, None), (2, None), (3, None), (3, 2)))
    return rng.choice((MaxPool2d, MaxPool2d, AvgPool2d))(name="", kernel_size=kernel, stride=stride)


def _named(input_shape: Shape, classes: int, layers: Iterator[Layer]) -> Network:
    """The layers as conv1, relu1, ..., and the layer of the classes, `out`, after them."""
    count: Counter[str] = Counter()
    rows: list[Layer] = []
    for layer in layers:
        count[layer.stem] += 1
        rows.append(replace(layer, name="flatten" if layer.stem == "flatten" else f"{layer.stem}{count[layer.stem]}"))
    return Network(input_shape, (*rows, Linear(name="out", out_features=classes)), classes)
