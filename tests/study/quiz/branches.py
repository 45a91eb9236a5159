"""Networks that branch, to ask about."""

from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Network


def row(kind: str, name: str, *inputs: str, **arguments: Any) -> Layer:
    """A row of a network."""
    return CATALOGUE[kind](name=name, inputs=inputs, **arguments)


def conv(name: str, channels: int, kernel: int, *inputs: str, **arguments: Any) -> Layer:
    """A convolution that keeps the size of the maps at stride 1."""
    return row("Conv2d", name, *inputs, out_channels=channels, kernel_size=kernel, padding=kernel // 2, **arguments)


TAIL = (
    row("AdaptiveAvgPool2d", "pool", output_size=1),
    row("Flatten", "flatten"),
    row("Linear", "out", out_features=10),
)

RESIDUAL = Network(
    (3, 28, 28),
    (
        conv("conv1", 16, 3), row("ReLU", "relu1"),
        conv("conv2", 32, 3, stride=2), row("ReLU", "relu2"), conv("conv3", 32, 3),
        conv("shortcut", 32, 1, "relu1", stride=2, bias=False), row("Add", "add1", "conv3", "shortcut"),
        row("ReLU", "relu3"), conv("conv4", 32, 3), row("Add", "add2", "conv4", "relu3"), *TAIL,
    ), 10,
)  # fmt: skip
"""One skip connection with a layer on it, and one without."""

JOINED = Network(
    (3, 28, 28),
    (
        conv("conv1", 8, 3), row("ReLU", "relu1"), conv("branch1", 16, 1, "relu1"), conv("branch2", 24, 5, "relu1"),
        row("Concat", "cat1", "branch1", "branch2"), conv("conv2", 12, 3), *TAIL,
    ), 10,
)  # fmt: skip

DENSE = Network(
    (3, 12, 12),
    (
        conv("conv1", 16, 3), conv("dense1", 4, 3), row("Concat", "cat1", "conv1", "dense1"),
        conv("dense2", 4, 3), row("Concat", "cat2", "cat1", "dense2"),
        conv("dense3", 4, 3), row("Concat", "cat3", "cat2", "dense3"), *TAIL,
    ), 10,
)  # fmt: skip

NORMED = Network(
    (4, 16, 16),
    (
        conv("conv1", 8, 3, stride=2, bias=False), row("BatchNorm2d", "bn1"), row("ReLU", "relu1"),
        conv("conv2", 8, 3, bias=False), row("BatchNorm2d", "bn2"),
        conv("down", 8, 1, "input", stride=2, bias=False), row("BatchNorm2d", "bn3"),
        row("Add", "add1", "bn2", "bn3"), row("MaxPool2d", "pool1", kernel_size=2), row("Flatten", "flatten"),
        row("Linear", "fc1", out_features=20), row("ReLU", "relu2"), row("Linear", "out", out_features=5),
    ), 5,
)  # fmt: skip
"""A skip connection from the input, with a normalization on it, and a Flatten of several cells."""

SHARED = Network(
    (1, 20, 20),
    (
        conv("conv1", 4, 3), row("Conv2d", "again", "input", out_channels=4, kernel_size=3, of="conv1"),
        row("Add", "add1", "conv1", "again"), row("Flatten", "flatten"), row("Linear", "out", out_features=3),
        row("Linear", "aux", "flatten", out_features=4),
    ), outputs=("out", "aux"),
)  # fmt: skip
"""A module that two rows call, and two outputs."""

BRANCHING = {"residual": RESIDUAL, "joined": JOINED, "dense": DENSE, "normed": NORMED, "shared": SHARED}
