"""Chains, whose layers are named by their types: conv1, relu1, ...

Layouts: the seed network follows the PyTorch course of this project's worked example; LeNet-5 after LeCun et al. 1998
in torch style (ReLU, max pooling); AlexNet and VGG as torchvision builds them (Krizhevsky 2014; Simonyan and Zisserman
2015); the all-convolutional net after Springenberg et al. 2015; the separable one after Howard et al. 2017 (MobileNet).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from layerscope.layers.activation import ReLU, Sigmoid
from layerscope.layers.adaptive import AdaptiveAvgPool2d
from layerscope.layers.base import Layer, Shape
from layerscope.layers.convolution import Conv2d
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm2d
from layerscope.layers.pooling import MaxPool2d
from layerscope.layers.regularization import Dropout
from layerscope.layers.reshape import Flatten, Unflatten
from layerscope.layers.transposed import ConvTranspose2d
from layerscope.network import Network


def _conv(out_channels: int, kernel_size: int, **more: Any) -> Layer:
    return Conv2d(name="", out_channels=out_channels, kernel_size=kernel_size, **more)


def _pool(kernel_size: int = 2, **more: Any) -> Layer:
    return MaxPool2d(name="", kernel_size=kernel_size, **more)


def _fc(out_features: int) -> Layer:
    return Linear(name="", out_features=out_features)


RELU, FLATTEN, DROPOUT = ReLU(name=""), Flatten(name=""), Dropout(name="")


def _network(input_shape: Shape, classes: int | None, layers: Iterable[Layer]) -> Network:
    """Name the layers by their types: conv1, relu1, ...; the only flatten has no number, the last Linear is `out`."""
    rows = list(layers)
    several = Counter(layer.stem for layer in rows)
    last_linear = max((i for i, row in enumerate(rows) if row.type == "Linear"), default=-1)
    count: Counter[str] = Counter()
    named = []
    for place, row in enumerate(rows):
        count[row.stem] += 1
        alone = row.stem in ("flatten", "unflatten") and several[row.stem] == 1
        name = row.stem if alone else f"{row.stem}{count[row.stem]}"
        is_head = classes is not None and place == last_linear
        named.append(replace(row, name="out" if is_head else name))
    return Network(tuple(input_shape), tuple(named), classes)


def seed() -> Network:
    """The default network, that of the course this project began with."""
    rows = [_conv(6, 5), RELU, _pool(), _conv(12, 5), RELU, _pool(), FLATTEN]
    return _network((1, 28, 28), 10, [*rows, _fc(120), RELU, _fc(60), RELU, _fc(10)])


def lenet() -> Network:
    """LeNet-5."""
    rows = [_conv(6, 5), RELU, _pool(), _conv(16, 5), RELU, _pool(), FLATTEN]
    return _network((1, 32, 32), 10, [*rows, _fc(120), RELU, _fc(84), RELU, _fc(10)])


def alexnet() -> Network:
    """AlexNet."""
    features = [_conv(64, 11, stride=4, padding=2), RELU, _pool(3, stride=2)]
    features += [_conv(192, 5, padding=2), RELU, _pool(3, stride=2)]
    for width in (384, 256, 256):
        features += [_conv(width, 3, padding=1), RELU]
    features += [_pool(3, stride=2), AdaptiveAvgPool2d(name="", output_size=6), FLATTEN]
    classifier = [DROPOUT, _fc(4096), RELU, DROPOUT, _fc(4096), RELU, _fc(1000)]
    return _network((3, 224, 224), 1000, [*features, *classifier])


def vgg(*blocks: int) -> Network:
    """VGG with so many convolutions in each of its five blocks."""
    rows: list[Layer] = []
    for width, repeats in zip((64, 128, 256, 512, 512), blocks, strict=True):
        rows += [_conv(width, 3, padding=1), RELU] * repeats + [_pool(2, stride=2)]
    rows += [AdaptiveAvgPool2d(name="", output_size=7), FLATTEN]
    rows += [_fc(4096), RELU, DROPOUT, _fc(4096), RELU, DROPOUT, _fc(1000)]
    return _network((3, 224, 224), 1000, rows)


def all_convolutional() -> Network:
    """Strides in the place of pooling, and classes that are maps."""
    rows: list[Layer] = []
    for width in (32, 64):
        rows += [_conv(width, 3, padding=1), RELU, _conv(width, 3, stride=2, padding=1), RELU]
    rows += [_conv(10, 1), AdaptiveAvgPool2d(name="", output_size=1), FLATTEN]
    return _network((3, 32, 32), 10, rows)


def separable() -> Network:
    """Each 3x3 convolution looks at one channel (groups = channels); a 1x1 convolution then mixes the channels."""
    norm = BatchNorm2d(name="")
    rows = [_conv(16, 3, stride=2, padding=1, bias=False), norm, RELU]
    for channels, width, stride in ((16, 32, 1), (32, 64, 2), (64, 64, 1)):
        depthwise = _conv(channels, 3, stride=stride, padding=1, groups=channels, bias=False)
        rows += [depthwise, norm, RELU, _conv(width, 1, bias=False), norm, RELU]
    rows += [AdaptiveAvgPool2d(name="", output_size=1), FLATTEN, _fc(10)]
    return _network((3, 32, 32), 10, rows)


def decoder() -> Network:
    """From 16 numbers to an image of 1x28x28."""
    up: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}
    rows = [_fc(32 * 7 * 7), RELU, Unflatten(name="", dim=1, unflattened_size=(32, 7, 7))]
    rows += [ConvTranspose2d(name="", out_channels=16, **up), RELU]
    rows += [ConvTranspose2d(name="", out_channels=1, **up), Sigmoid(name="")]
    return _network((16,), None, rows)
