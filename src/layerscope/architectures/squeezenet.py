"""SqueezeNet 1.1 as torchvision builds it (Iandola et al. 2016): few channels, then two kernel sizes side by side."""

from layerscope.architectures.composing import (
    AVGPOOL,
    CONCAT,
    FLATTEN,
    RELU,
    Block,
    chained,
    conv,
    dropout,
    forked,
    network,
    numbered,
    pool,
)
from layerscope.network import Network


def squeezenet1_1() -> Network:
    """The classes are the channels of its last convolution."""
    smaller = pool(3, 2, ceil_mode=True)
    features = numbered(
        *(conv(64, 3, 2, padding=0), RELU, smaller, _fire(16, 64), _fire(16, 64), smaller),
        *(_fire(32, 128), _fire(32, 128), smaller),
        *(_fire(48, 192), _fire(48, 192), _fire(64, 256), _fire(64, 256)),
    )
    classifier = numbered(dropout(0.5), conv(1000, 1), RELU, AVGPOOL)
    return network((3, 224, 224), chained({"features": features, "classifier": classifier, "flatten": FLATTEN}), 1000)


def _fire(few: int, many: int) -> Block:
    """A few channels go through 1x1 and 3x3 kernels side by side."""
    one = chained({"expand1x1": conv(many, 1), "expand1x1_activation": RELU})
    three = chained({"expand3x3": conv(many, 3), "expand3x3_activation": RELU})
    return chained({"squeeze": conv(few, 1), "squeeze_activation": RELU}, forked((one, three), "cat", CONCAT))
