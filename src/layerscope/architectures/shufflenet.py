"""ShuffleNet V2 as torchvision builds it (Ma et al. 2018): half of the channels pass by, then both halves are mixed."""

from layerscope.architectures.composing import (
    CONCAT,
    NORM,
    RELU,
    Block,
    Blocks,
    chained,
    conv,
    fc,
    forked,
    network,
    numbered,
    pool,
)
from layerscope.layers.cutting import Chunk
from layerscope.layers.reduction import Mean
from layerscope.layers.shuffling import ChannelShuffle
from layerscope.network import Network


def shufflenet_v2_x1_0() -> Network:
    """ShuffleNet V2 with 1.0 times the channels."""
    stages = {}
    given = 24
    for n, (width, depth) in enumerate(((116, 4), (232, 8), (464, 4)), 2):
        stages[f"stage{n}"] = numbered(_smaller(given, width // 2), *[_same(width // 2)] * (depth - 1))
        given = width
    first = numbered(conv(24, 3, 2, bias=False), NORM, RELU)
    last = numbered(conv(1024, 1, bias=False), NORM, RELU)
    mean = Mean(name="", dim=(2, 3))
    rows: Blocks = {
        "conv1": first,
        "maxpool": pool(3, 2, padding=1),
        **stages,
        "conv5": last,
        "mean": mean,
        "fc": fc(1000),
    }
    return network((3, 224, 224), chained(rows), 1000)


def _smaller(given: int, half: int) -> Block:
    """Half the size: both branches read all channels."""
    depthwise = conv(given, 3, 2, groups=given, bias=False)
    simple = numbered(depthwise, NORM, conv(half, 1, bias=False), NORM, RELU)
    branches = chained({"branch1": simple}), chained({"branch2": _separable(half, 2)})
    return _shuffled(forked(branches, "cat", CONCAT))


def _same(half: int) -> Block:
    """The same size: one half of the channels passes by."""
    branches = (), chained({"branch2": _separable(half, 1)})
    joined = forked(branches, "cat", CONCAT, given=("chunk:0", "chunk:1"))
    return _shuffled(chained({"chunk": Chunk(name="", chunks=2, dim=1)}, joined))


def _separable(half: int, stride: int) -> Block:
    depthwise = conv(half, 3, stride, groups=half, bias=False)
    return numbered(conv(half, 1, bias=False), NORM, RELU, depthwise, NORM, conv(half, 1, bias=False), NORM, RELU)


def _shuffled(block: Block) -> Block:
    """Both halves take turns in the channels, so that the next block splits them in another way."""
    return chained(block, {"channel_shuffle": ChannelShuffle(name="", groups=2)})
