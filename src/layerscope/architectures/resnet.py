"""ResNet as torchvision builds it (He et al. 2016; the stride of a bottleneck stands at its 3x3 convolution)."""

from collections.abc import Callable

from layerscope.architectures.composing import (
    ADD,
    AVGPOOL,
    FLATTEN,
    NORM,
    RELU,
    Block,
    chained,
    conv,
    fc,
    forked,
    network,
    pool,
)
from layerscope.network import Network


def resnet(block: Callable[[int, int, bool], Block], depths: tuple[int, ...]) -> Network:
    """A ResNet with so many blocks in each of its stages."""
    stages = {f"layer{n}": _stage(block, 2**n * 32, depth, n) for n, depth in enumerate(depths, 1)}
    stem = {"conv1": conv(64, 7, 2, bias=False), "bn1": NORM, "relu": RELU, "maxpool": pool(3, 2, padding=1)}
    head = {"avgpool": AVGPOOL, "flatten": FLATTEN, "fc": fc(1000)}
    return network((3, 224, 224), chained({**stem, **stages, **head}), 1000)


def _stage(block: Callable[[int, int, bool], Block], width: int, depth: int, number: int) -> Block:
    """Blocks of one width; the first halves the size in all stages but the first, and projects where it must."""
    stride = 1 if number == 1 else 2
    projects = stride > 1 or block is bottleneck
    first = {"0": block(width, stride, projects)}
    return chained(first | {str(n): block(width, 1, False) for n in range(1, depth)})


def basic_block(width: int, stride: int, projects: bool) -> Block:
    """Two 3x3 convolutions beside the identity."""
    convolutions = chained(
        {
            "conv1": conv(width, 3, stride, bias=False),
            "bn1": NORM,
            "relu": RELU,
            "conv2": conv(width, 3, bias=False),
            "bn2": NORM,
        }
    )
    shortcut = _projection(width, stride) if projects else ()
    return chained(forked((convolutions, shortcut), "add", ADD), {"relu_1": RELU})


def bottleneck(width: int, stride: int, projects: bool) -> Block:
    """1x1 to few channels, 3x3 on them, 1x1 to four times as many, beside the identity."""
    convolutions = chained(
        {
            "conv1": conv(width, 1, bias=False),
            "bn1": NORM,
            "relu": RELU,
            "conv2": conv(width, 3, stride, bias=False),
            "bn2": NORM,
            "relu_1": RELU,
            "conv3": conv(4 * width, 1, bias=False),
            "bn3": NORM,
        }
    )
    shortcut = _projection(4 * width, stride) if projects else ()
    return chained(forked((convolutions, shortcut), "add", ADD), {"relu_2": RELU})


def _projection(width: int, stride: int) -> Block:
    return chained({"downsample.0": conv(width, 1, stride, bias=False), "downsample.1": NORM})
