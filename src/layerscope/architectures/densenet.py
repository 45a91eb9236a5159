"""DenseNet as torchvision builds it (Huang et al. 2017): each layer reads all that came before it in its block."""

from layerscope.architectures.composing import (
    AVGPOOL,
    CONCAT,
    FLATTEN,
    INPUT,
    NORM,
    RELU,
    Block,
    Row,
    chained,
    conv,
    fc,
    network,
    pool,
)
from layerscope.layers.base import Layer
from layerscope.layers.pooling import AvgPool2d
from layerscope.network import Network

GROWTH = 32
"""Channels that each layer adds to those of its block."""


def densenet(depths: tuple[int, ...]) -> Network:
    """A DenseNet with so many layers in each of its blocks; in between the channels and the size are halved."""
    features: dict[str, Layer | Block] = {
        "conv0": conv(64, 7, 2, bias=False),
        "norm0": NORM,
        "relu0": RELU,
        "pool0": pool(3, 2, padding=1),
    }
    channels = 64
    for n, depth in enumerate(depths, 1):
        features[f"denseblock{n}"] = _dense_block(depth)
        channels += GROWTH * depth
        if n < len(depths):
            channels //= 2
            features[f"transition{n}"] = _transition(channels)
    features["norm5"] = NORM
    head = {"relu": RELU, "avgpool": AVGPOOL, "flatten": FLATTEN, "classifier": fc(1000)}
    return network((3, 224, 224), chained({"features": chained(features), **head}), 1000)


def _dense_block(depth: int) -> Block:
    rows: Block = ()
    made = [INPUT]
    for n in range(1, depth + 1):
        layer = chained({f"denselayer{n}": _dense_layer()})
        if n > 1:
            layer = (Row(CONCAT, f"denselayer{n}.cat", tuple(made)), *layer)
        rows += layer
        made.append(layer[-1].name)
    return (*rows, Row(CONCAT, "cat", tuple(made)))


def _dense_layer() -> Block:
    """1x1 to few channels, then 3x3 to the channels that are added; normalization and ReLU come first."""
    rows = {"norm1": NORM, "relu1": RELU, "conv1": conv(4 * GROWTH, 1, bias=False)}
    rows |= {"norm2": NORM, "relu2": RELU, "conv2": conv(GROWTH, 3, bias=False)}
    return chained(rows)


def _transition(channels: int) -> Block:
    halved = AvgPool2d(name="", kernel_size=2, stride=2)
    return chained({"norm": NORM, "relu": RELU, "conv": conv(channels, 1, bias=False), "pool": halved})
