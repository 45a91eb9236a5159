"""Small networks that branch, to ask about: for a quiz, and where the learner's network has no such place."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from layerscope.layers.activation import ReLU
from layerscope.layers.adaptive import AdaptiveAvgPool2d
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv2d
from layerscope.layers.joining import Add
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import MaxPool2d
from layerscope.layers.reshape import Flatten
from layerscope.layers.stacking import Concat
from layerscope.network import Network
from layerscope.study.quiz.drafting import Draft
from layerscope.study.quiz.subject import Subject

OWN = 3
"""How many networks of its own a template may ask about."""
WIDTHS = (4, 6, 8, 10, 12, 16)
CLASSES = (2, 3, 5, 10, 20)


def drafts(
    subject: Subject, rng: Random, ask: Callable[[Subject, Random], Iterator[Draft]], own: Callable[[Random], Network]
) -> Iterator[Draft]:
    """Drafts about the learner's network where it branches, then about small ones that `own` makes."""
    if not subject.network.is_chain:
        yield from ask(subject, rng)
    for _ in range(OWN):
        small = Subject(own(rng))
        yield from (replace(draft, network=draft.network or small.network) for draft in ask(small, rng))


def random_branching(rng: Random) -> Network:
    """A small network that branches, and runs. The same state of `rng` gives the same one."""
    return rng.choice((residual_network, joined_network, dense_network, mixed_network))(rng)


def residual_network(rng: Random) -> Network:
    """Two residual blocks: one whose skip connection needs a convolution of 1 × 1, and one whose does not."""
    width, stride = rng.choice(WIDTHS), rng.choice((1, 2, 2))
    wide = rng.choice((2 * width, 3 * width, width + 4))
    kernel, bias = rng.choice((3, 3, 5)), rng.random() < 0.5
    rows = [
        _conv("conv1", width, 3),
        _relu("relu1"),
        _conv("conv2", wide, kernel, stride=stride),
        _relu("relu2"),
        _conv("conv3", wide, 3),
        Conv2d(name="shortcut", out_channels=wide, kernel_size=1, stride=stride, bias=bias, inputs=("relu1",)),
        Add(name="add1", inputs=("conv3", "shortcut")),
        _relu("relu3"),
        _conv("conv4", wide, 3),
        _relu("relu4"),
        _conv("conv5", wide, rng.choice((3, 5))),
        Add(name="add2", inputs=("conv5", "relu3")),
        _relu("relu5"),
    ]
    return _classified(rng, rows)


def joined_network(rng: Random) -> Network:
    """Two or three branches side by side, put together along the channels."""
    kernels = rng.choice(((1, 3), (3, 5), (1, 5), (1, 3, 5)))
    names = tuple(f"branch{place}" for place in range(1, len(kernels) + 1))
    branches = [
        _conv(name, rng.choice(WIDTHS), kernel, inputs=("relu1",)) for name, kernel in zip(names, kernels, strict=True)
    ]
    rows = [
        _conv("conv1", rng.choice(WIDTHS), 3), _relu("relu1"), *branches, Concat(name="cat1", inputs=names),
        _relu("relu2"), _conv("conv2", rng.choice(WIDTHS), 3), _relu("relu3"),
    ]  # fmt: skip
    return _classified(rng, rows)


def dense_network(rng: Random) -> Network:
    """A dense block: each layer reads all that came before it, and adds as many channels as its growth rate."""
    growth, count = rng.choice((4, 5, 6, 8, 12)), rng.choice((2, 3, 4))
    rows, joined = [_conv("conv1", rng.choice(WIDTHS), 3)], "conv1"
    for place in range(1, count + 1):
        rows.append(_conv(f"dense{place}", growth, 3, inputs=(joined,)))
        rows.append(Concat(name=f"cat{place}", inputs=(joined, f"dense{place}")))
        joined = f"cat{place}"
    return _classified(rng, [*rows, _relu("relu1")])


def mixed_network(rng: Random) -> Network:
    """Two branches put together, then a skip connection around two convolutions; the maps are flattened as they are."""
    first, second = rng.choice(WIDTHS), rng.choice(WIDTHS)
    wide, normed = first + second, rng.random() < 0.5
    rows = [
        _conv("conv1", rng.choice(WIDTHS), rng.choice((3, 5))),
        _relu("relu1"),
        MaxPool2d(name="pool1", kernel_size=2),
        _conv("branch1", first, 1, inputs=("pool1",)),
        _conv("branch2", second, rng.choice((3, 5)), inputs=("pool1",)),
        Concat(name="cat1", inputs=("branch1", "branch2")),
        _conv("conv2", rng.choice((wide, wide // 2)), 3, bias=not normed),
        *([BatchNorm2d(name="bn1")] if normed else []),
        _relu("relu2"),
        _conv("conv3", wide, 3),
        Add(name="add1", inputs=("conv3", "cat1")),
        MaxPool2d(name="pool2", kernel_size=2),
        Flatten(name="flatten"),
    ]
    size, classes = rng.choice((8, 12, 16, 20, 24)), rng.choice(CLASSES)
    rows.append(Linear(name="out", out_features=classes))
    return Network((rng.choice((1, 3)), size, size), tuple(rows), classes)


def _classified(rng: Random, rows: list[Layer]) -> Network:
    """The rows on small images, with an average over each map and a Linear layer for the classes after them."""
    size, classes = rng.choice((8, 10, 12, 14, 16, 20, 24, 28)), rng.choice(CLASSES)
    tail = (AdaptiveAvgPool2d(name="pool", output_size=1), Flatten(name="flatten"))
    return Network((rng.choice((1, 3)), size, size), (*rows, *tail, Linear(name="out", out_features=classes)), classes)


def _conv(name: str, channels: int, kernel: int, **more: Any) -> Layer:
    """A convolution that keeps the size of the maps at stride 1."""
    return Conv2d(name=name, out_channels=channels, kernel_size=kernel, padding=kernel // 2, **more)


def _relu(name: str) -> Layer:
    return ReLU(name=name)
