"""ConvNeXt as torchvision builds it (Liu et al. 2022): a ResNet with the habits of a vision transformer."""

from layerscope.architectures.composing import (
    ADD,
    AVGPOOL,
    FLATTEN,
    Block,
    chained,
    conv,
    fc,
    forked,
    network,
    numbered,
)
from layerscope.layers.activation import GELU
from layerscope.layers.axes import Permute
from layerscope.layers.base import Layer
from layerscope.layers.joining import Multiply
from layerscope.layers.layer_norms import LayerNorm
from layerscope.layers.learned import Parameter
from layerscope.layers.regularization import StochasticDepth
from layerscope.network import Network

CHANNELS_LAST, CHANNELS_FIRST = Permute(name="", order=(0, 2, 3, 1)), Permute(name="", order=(0, 3, 1, 2))


def convnext_tiny() -> Network:
    """ConvNeXt, the tiny one."""
    return convnext(96, (3, 3, 9, 3), 0.1)


def convnext(first: int, depths: tuple[int, ...], drop: float) -> Network:
    """A ConvNeXt of so many blocks in each stage, whose widths begin with `first` and double.

    The last block is left out in training with the probability `drop`, those before it less often.
    """
    stages: list[Block] = [chained({"0": conv(first, 4, 4, padding=0)}, _norm("1", first))]
    before, last = 0, first * 2 ** (len(depths) - 1)
    for number, depth in enumerate(depths):
        width = first * 2**number
        if number:
            stages.append(chained(_norm("0", width // 2), {"1": conv(width, 2, 2, padding=0)}))
        drops = [drop * n / (sum(depths) - 1) for n in range(before, before + depth)]
        stages.append(numbered(*(_block(width, each) for each in drops)))
        before += depth
    classifier = chained(_norm("0", last), {"1": FLATTEN, "2": fc(1000)})
    return network(
        (3, 224, 224), chained({"features": numbered(*stages), "avgpool": AVGPOOL, "classifier": classifier}), 1000
    )


def _layer_norm(width: int) -> Layer:
    return LayerNorm(name="", normalized_shape=width, eps=1e-6)


def _norm(path: str, width: int) -> Block:
    """LayerNorm over the channels of each place, which must stand last for it."""
    return chained({"permute": CHANNELS_LAST, path: _layer_norm(width), "permute_1": CHANNELS_FIRST})


def _block(width: int, drop: float) -> Block:
    """A 7x7 convolution for each channel, then two layers that mix the channels; the whole is scaled and added.

    In training it is left out for a sample with the probability `drop`.
    """
    inside = numbered(
        conv(width, 7, groups=width),
        CHANNELS_LAST,
        _layer_norm(width),
        fc(4 * width),
        GELU(name=""),
        fc(width),
        CHANNELS_FIRST,
    )
    scale = chained({"layer_scale": Parameter(name="", shape=(width, 1, 1))})
    scaled = forked((scale, chained({"block": inside})), "mul", Multiply(name=""))
    return forked((chained(scaled, {"stochastic_depth": StochasticDepth(name="", p=drop)}), ()), "add", ADD)
