"""GoogLeNet and Inception v3 as torchvision builds them, without their auxiliary heads, which only train.

Szegedy et al. 2015 (where torchvision has a 3x3 convolution in the place of the 5x5 one) and Szegedy et al. 2016.
"""

from typing import Any

from layerscope.architectures.composing import (
    AVGPOOL,
    CONCAT,
    FLATTEN,
    RELU,
    Block,
    Blocks,
    chained,
    conv,
    dropout,
    fc,
    forked,
    network,
    norm,
    pool,
)
from layerscope.layers.pooling import AvgPool2d
from layerscope.network import Network


def googlenet() -> Network:
    """GoogLeNet, also called Inception v1."""
    rows: Blocks = {
        "conv1": _unit(64, 7, 2),
        "maxpool1": pool(3, 2, ceil_mode=True),
        "conv2": _unit(64, 1),
        "conv3": _unit(192, 3),
        "maxpool2": pool(3, 2, ceil_mode=True),
        "inception3a": _module_v1(64, 96, 128, 16, 32, 32),
        "inception3b": _module_v1(128, 128, 192, 32, 96, 64),
        "maxpool3": pool(3, 2, ceil_mode=True),
        "inception4a": _module_v1(192, 96, 208, 16, 48, 64),
        "inception4b": _module_v1(160, 112, 224, 24, 64, 64),
        "inception4c": _module_v1(128, 128, 256, 24, 64, 64),
        "inception4d": _module_v1(112, 144, 288, 32, 64, 64),
        "inception4e": _module_v1(256, 160, 320, 32, 128, 128),
        "maxpool4": pool(2, 2, ceil_mode=True),
        "inception5a": _module_v1(256, 160, 320, 32, 128, 128),
        "inception5b": _module_v1(384, 192, 384, 48, 128, 128),
        "avgpool": AVGPOOL,
        "flatten": FLATTEN,
        "dropout": dropout(0.2),
        "fc": fc(1000),
    }
    return network((3, 224, 224), chained(rows), 1000)


def inception_v3() -> Network:
    """Inception v3, which factors large kernels into small and flat ones."""
    rows: Blocks = {
        "Conv2d_1a_3x3": _unit(32, 3, 2, padding=0),
        "Conv2d_2a_3x3": _unit(32, 3, padding=0),
        "Conv2d_2b_3x3": _unit(64, 3),
        "maxpool1": pool(3, 2),
        "Conv2d_3b_1x1": _unit(80, 1),
        "Conv2d_4a_3x3": _unit(192, 3, padding=0),
        "maxpool2": pool(3, 2),
        "Mixed_5b": _small_kernels(32),
        "Mixed_5c": _small_kernels(64),
        "Mixed_5d": _small_kernels(64),
        "Mixed_6a": _first_reduction(),
        "Mixed_6b": _flat_kernels(128),
        "Mixed_6c": _flat_kernels(160),
        "Mixed_6d": _flat_kernels(160),
        "Mixed_6e": _flat_kernels(192),
        "Mixed_7a": _second_reduction(),
        "Mixed_7b": _crossed_kernels(),
        "Mixed_7c": _crossed_kernels(),
        "avgpool": AVGPOOL,
        "dropout": dropout(0.5),
        "flatten": FLATTEN,
        "fc": fc(1000),
    }
    return network((3, 299, 299), chained(rows), 1000)


def _unit(out_channels: int, kernel_size: int | tuple[int, ...], stride: int = 1, **more: Any) -> Block:
    """A convolution, its normalization and ReLU."""
    convolution = conv(out_channels, kernel_size, stride, bias=False, **more)
    return chained({"conv": convolution, "bn": norm(eps=0.001), "relu": RELU})


def _side_by_side(*branches: Block, path: str = "cat") -> Block:
    return forked(branches, path, CONCAT)


def _pooled(width: int) -> Block:
    """The mean around each place, then a 1x1 convolution."""
    average = AvgPool2d(name="", kernel_size=3, stride=1, padding=1)
    return chained({"avg_pool2d": average, "branch_pool": _unit(width, 1)})


def _module_v1(one: int, before3: int, three: int, before5: int, five: int, pooled: int) -> Block:
    """Four ways of looking at the same maps, beside each other."""
    return _side_by_side(
        chained({"branch1": _unit(one, 1)}),
        chained({"branch2.0": _unit(before3, 1), "branch2.1": _unit(three, 3)}),
        chained({"branch3.0": _unit(before5, 1), "branch3.1": _unit(five, 3)}),
        chained({"branch4.0": pool(3, 1, padding=1, ceil_mode=True), "branch4.1": _unit(pooled, 1)}),
    )


def _small_kernels(pooled: int) -> Block:
    """Two 3x3 convolutions do the work of a 5x5 one."""
    return _side_by_side(
        chained({"branch1x1": _unit(64, 1)}),
        chained({"branch5x5_1": _unit(48, 1), "branch5x5_2": _unit(64, 5)}),
        chained({"branch3x3dbl_1": _unit(64, 1), "branch3x3dbl_2": _unit(96, 3), "branch3x3dbl_3": _unit(96, 3)}),
        _pooled(pooled),
    )


def _first_reduction() -> Block:
    last = _unit(96, 3, 2, padding=0)
    return _side_by_side(
        chained({"branch3x3": _unit(384, 3, 2, padding=0)}),
        chained({"branch3x3dbl_1": _unit(64, 1), "branch3x3dbl_2": _unit(96, 3), "branch3x3dbl_3": last}),
        chained({"max_pool2d": pool(3, 2)}),
    )


def _flat_kernels(width: int) -> Block:
    """A row of seven and a column of seven do the work of a 7x7 one."""
    once = {"branch7x7_1": _unit(width, 1), "branch7x7_2": _unit(width, (1, 7)), "branch7x7_3": _unit(192, (7, 1))}
    twice = {"branch7x7dbl_1": _unit(width, 1), "branch7x7dbl_2": _unit(width, (7, 1))}
    twice |= {"branch7x7dbl_3": _unit(width, (1, 7)), "branch7x7dbl_4": _unit(width, (7, 1))}
    return _side_by_side(
        chained({"branch1x1": _unit(192, 1)}),
        chained(once),
        chained(twice | {"branch7x7dbl_5": _unit(192, (1, 7))}),
        _pooled(192),
    )


def _second_reduction() -> Block:
    flat = {"branch7x7x3_1": _unit(192, 1), "branch7x7x3_2": _unit(192, (1, 7)), "branch7x7x3_3": _unit(192, (7, 1))}
    return _side_by_side(
        chained({"branch3x3_1": _unit(192, 1), "branch3x3_2": _unit(320, 3, 2, padding=0)}),
        chained(flat | {"branch7x7x3_4": _unit(192, 3, 2, padding=0)}),
        chained({"max_pool2d": pool(3, 2)}),
    )


def _crossed_kernels() -> Block:
    """A row of three and a column of three beside each other, in two of the branches."""
    twice = {"branch3x3dbl_1": _unit(448, 1), "branch3x3dbl_2": _unit(384, 3)}
    return _side_by_side(
        chained({"branch1x1": _unit(320, 1)}),
        chained({"branch3x3_1": _unit(384, 1)}, _cross("branch3x3_2", "cat")),
        chained(twice, _cross("branch3x3dbl_3", "cat_1")),
        _pooled(192),
        path="cat_2",
    )


def _cross(path: str, join: str) -> Block:
    flat, upright = chained({f"{path}a": _unit(384, (1, 3))}), chained({f"{path}b": _unit(384, (3, 1))})
    return forked((flat, upright), join, CONCAT)
