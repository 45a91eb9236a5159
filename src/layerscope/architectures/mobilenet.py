"""MobileNet and EfficientNet as torchvision builds them: wide blocks of separable convolutions between narrow ends.

MobileNetV2 after Sandler et al. 2018, MobileNetV3 after Howard et al. 2019, EfficientNet after Tan and Le 2019."""

from layerscope.architectures.composing import (
    ADD,
    AVGPOOL,
    FLATTEN,
    NORM,
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
    numbered,
)
from layerscope.layers.activation import Hardswish, Sigmoid, SiLU
from layerscope.layers.base import Layer
from layerscope.layers.curves import Hardsigmoid, ReLU6
from layerscope.layers.joining import Multiply
from layerscope.layers.regularization import StochasticDepth
from layerscope.network import Network

RELU6, HARDSWISH, HARDSIGMOID = ReLU6(name=""), Hardswish(name=""), Hardsigmoid(name="")
SILU, SIGMOID = SiLU(name=""), Sigmoid(name="")
V3_NORM = norm(eps=0.001, momentum=0.01)


def mobilenet_v2() -> Network:
    """MobileNetV2."""
    # How many times wider inside, channels, blocks, stride of the first.
    settings = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    settings += [(6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    blocks = [_unit(RELU6, 32, 3, 2)]
    given = 32
    for wider, width, repeats, first_stride in settings:
        for n in range(repeats):
            blocks.append(_block_of_v2(given, given * wider, width, 1 if n else first_stride))
            given = width
    blocks.append(_unit(RELU6, 1280, 1))
    head: Blocks = {"avgpool": AVGPOOL, "flatten": FLATTEN, "classifier": numbered(dropout(0.2), fc(1000))}
    return network((3, 224, 224), chained({"features": numbered(*blocks), **head}), 1000)


def mobilenet_v3_small() -> Network:
    """MobileNetV3, the small one."""
    # Kernel, width inside, channels, whether channels are weighed, activation, stride.
    settings = [
        (3, 16, 16, True, RELU, 2),
        (3, 72, 24, False, RELU, 2),
        (3, 88, 24, False, RELU, 1),
        (5, 96, 40, True, HARDSWISH, 2),
        (5, 240, 40, True, HARDSWISH, 1),
        (5, 240, 40, True, HARDSWISH, 1),
        (5, 120, 48, True, HARDSWISH, 1),
        (5, 144, 48, True, HARDSWISH, 1),
        (5, 288, 96, True, HARDSWISH, 2),
        (5, 576, 96, True, HARDSWISH, 1),
        (5, 576, 96, True, HARDSWISH, 1),
    ]
    blocks = [_unit(HARDSWISH, 16, 3, 2, norm=V3_NORM)]
    given = 16
    for kernel, inside, width, weighed, activation, stride in settings:
        weighing = squeeze_and_excite(inside, _multiple_of_8(inside // 4), RELU, HARDSIGMOID) if weighed else None
        parts = _separable(given, inside, width, kernel, stride, activation, V3_NORM, weighing)
        blocks.append(_beside_identity(chained({"block": parts}), stride == 1 and given == width))
        given = width
    blocks.append(_unit(HARDSWISH, 576, 1, norm=V3_NORM))
    classifier = numbered(fc(1024), HARDSWISH, dropout(0.2), fc(1000))
    rows: Blocks = {"features": numbered(*blocks), "avgpool": AVGPOOL, "flatten": FLATTEN, "classifier": classifier}
    return network((3, 224, 224), chained(rows), 1000)


def efficientnet_b0() -> Network:
    """EfficientNet-B0."""
    # How many times wider inside, kernel, stride of the first, channels, blocks.
    settings = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3)]
    settings += [(6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
    stages = [_unit(SILU, 32, 3, 2)]
    given, before = 32, 0
    for wider, kernel, first_stride, width, repeats in settings:
        blocks = []
        for n in range(repeats):
            inside, stride = given * wider, 1 if n else first_stride
            weighing = squeeze_and_excite(inside, given // 4, SILU, SIGMOID)
            parts = _separable(given, inside, width, kernel, stride, SILU, NORM, weighing)
            drop = {"stochastic_depth": StochasticDepth(name="", p=0.2 * before / 16)}
            fits = stride == 1 and given == width
            blocks.append(_beside_identity(chained({"block": parts}, drop if fits else {}), fits))
            given, before = width, before + 1
        stages.append(numbered(*blocks))
    stages.append(_unit(SILU, 1280, 1))
    head: Blocks = {"avgpool": AVGPOOL, "flatten": FLATTEN, "classifier": numbered(dropout(0.2), fc(1000))}
    return network((3, 224, 224), chained({"features": numbered(*stages), **head}), 1000)


def squeeze_and_excite(channels: int, few: int, activation: Layer, scale_activation: Layer) -> Block:
    """Weigh the channels by what all of them hold on average (Hu et al. 2018)."""
    weights = chained(
        {
            "avgpool": AVGPOOL,
            "fc1": conv(few, 1),
            "activation": activation,
            "fc2": conv(channels, 1),
            "scale_activation": scale_activation,
        }
    )
    return forked((weights, ()), "mul", Multiply(name=""))


def _block_of_v2(given: int, inside: int, width: int, stride: int) -> Block:
    """Wider by a 1x1 convolution, one 3x3 convolution for each channel, narrow again without an activation."""
    wider = [_unit(RELU6, inside, 1)] if inside != given else []
    depthwise = _unit(RELU6, inside, 3, stride, groups=inside)
    parts = numbered(*wider, depthwise, conv(width, 1, bias=False), NORM)
    return _beside_identity(chained({"conv": parts}), stride == 1 and given == width, identity_first=True)


def _separable(
    given: int,
    inside: int,
    width: int,
    kernel: int,
    stride: int,
    activation: Layer,
    norm: Layer,
    weighing: Block | None,
) -> Block:
    """The same with any kernel, and with the channels weighed before they get narrow."""
    wider = [_unit(activation, inside, 1, norm=norm)] if inside != given else []
    depthwise = _unit(activation, inside, kernel, stride, groups=inside, norm=norm)
    narrow = numbered(conv(width, 1, bias=False), norm)
    return numbered(*wider, depthwise, *([weighing] if weighing else []), narrow)


def _unit(activation: Layer, width: int, kernel: int, stride: int = 1, *, groups: int = 1, norm: Layer = NORM) -> Block:
    """A convolution, its normalization and its activation."""
    return numbered(conv(width, kernel, stride, groups=groups, bias=False), norm, activation)


def _beside_identity(block: Block, fits: bool, *, identity_first: bool = False) -> Block:
    """The block with what it is given added to what it gives, where both have the same shape."""
    if not fits:
        return block
    return forked(((), block) if identity_first else (block, ()), "add", ADD)


def _multiple_of_8(width: int) -> int:
    """The nearest multiple of 8, but not less than nine tenths of the width."""
    near = max(8, (width + 4) // 8 * 8)
    return near + 8 if near < 0.9 * width else near
