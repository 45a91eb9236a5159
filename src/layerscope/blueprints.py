"""Whole blocks of rows, worked out for the input: the same shape leaves them, so a network runs with one anywhere.

A blueprint writes rows with names of their own (`conv1`) that read each other, or `ARRIVING`. `insertion.py` gives them
their place in a network.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.formatting import shape_text
from layerscope.layers.base import AXES, Layer, Shape, arrival
from layerscope.parameter import LARGEST_WIDTH

ARRIVING = "arriving"
"""What a block's rows call the value that they are put after."""
HEADS = (8, 4, 2, 1)
WIDENING = 6
"""By how much an inverted residual block widens (Sandler et al. 2018)."""

Rows = Iterator[Layer]


@dataclass(frozen=True)
class Blueprint:
    """`rows` are those for one input shape; `complaint` says why none fit, or None.

    `words` are other words by which people look for it.
    """

    title: str
    stem: str
    words: str
    rows: Callable[[Shape], Rows]
    complaint: Callable[[Shape], str | None]


def _row(kind: str, name: str, *read: str, **arguments: Any) -> Layer:
    fresh = CATALOGUE[kind].fresh(name)
    return type(fresh)(**{**fresh.chosen, "name": name, "inputs": read, **arguments})


def _convolution(shape: Shape, name: str, read: str, width: int, kernel: int, **arguments: Any) -> Layer:
    kind = f"Conv{len(shape) - 1}d"
    return _row(kind, name, read, out_channels=width, kernel_size=kernel, padding=kernel // 2, **arguments)


def _normed(shape: Shape, number: int, read: str, width: int, kernel: int, act: str = "ReLU", **more: Any) -> Rows:
    """A convolution without bias, its norm, and an activation where one is named."""
    yield _convolution(shape, f"conv{number}", read, width, kernel, bias=False, **more)
    yield _row(f"BatchNorm{len(shape) - 1}d", f"bn{number}", f"conv{number}")
    if act:
        yield _row(act, f"relu{number}", f"bn{number}")


def _residual(shape: Shape) -> Rows:
    """Two 3×3 convolutions and the input, added (He et al. 2016)."""
    yield from _normed(shape, 1, ARRIVING, shape[0], 3)
    yield from _normed(shape, 2, "relu1", shape[0], 3, "")
    yield _row("Add", "add", "bn2", ARRIVING)
    yield _row("ReLU", "relu2", "add")


def _bottleneck(shape: Shape) -> Rows:
    """1×1 to a quarter of the channels, 3×3, 1×1 back, and the input, added (He et al. 2016)."""
    narrow = max(shape[0] // 4, 1)
    yield from _normed(shape, 1, ARRIVING, narrow, 1)
    yield from _normed(shape, 2, "relu1", narrow, 3)
    yield from _normed(shape, 3, "relu2", shape[0], 1, "")
    yield _row("Add", "add", "bn3", ARRIVING)
    yield _row("ReLU", "relu3", "add")


def _dense(shape: Shape) -> Rows:
    """Two convolutions that each read all before them; a 1×1 one brings the channels back (Huang et al. 2017)."""
    growth = max(shape[0] // 4, 1)
    known = [ARRIVING]
    for number in (1, 2):
        read = known[0] if number == 1 else f"cat{number - 1}"
        yield _convolution(shape, f"conv{number}", read, growth, 3)
        yield _row("ReLU", f"relu{number}", f"conv{number}")
        known.append(f"relu{number}")
        yield _row("Concat", f"cat{number}", *known)
    yield _convolution(shape, "transition", "cat2", shape[0], 1)


def _inception(shape: Shape) -> Rows:
    """Four branches side by side, put one after the other: 1×1, 3×3, 5×5, pooling (Szegedy et al. 2015)."""
    eighth, quarter = max(shape[0] // 8, 1), shape[0] // 4
    widths = {3: shape[0] - 2 * eighth - quarter, 5: eighth}
    yield _convolution(shape, "branch1.conv", ARRIVING, quarter, 1)
    yield _row("ReLU", "branch1.relu", "branch1.conv")
    for branch, (kernel, width) in enumerate(widths.items(), 2):
        yield _convolution(shape, f"branch{branch}.reduce", ARRIVING, max(width // 2, 1), 1)
        yield _row("ReLU", f"branch{branch}.relu1", f"branch{branch}.reduce")
        yield _convolution(shape, f"branch{branch}.conv", f"branch{branch}.relu1", width, kernel)
        yield _row("ReLU", f"branch{branch}.relu2", f"branch{branch}.conv")
    pool = f"MaxPool{len(shape) - 1}d"
    yield _row(pool, "branch4.pool", ARRIVING, kernel_size=3, stride=1, padding=1)
    yield _convolution(shape, "branch4.conv", "branch4.pool", eighth, 1)
    yield _row("ReLU", "branch4.relu", "branch4.conv")
    yield _row("Concat", "cat", "branch1.relu", "branch2.relu2", "branch3.relu2", "branch4.relu")


def _squeeze(shape: Shape) -> Rows:
    """Each channel's mean decides how much of the channel goes on (Hu et al. 2018)."""
    yield _row(f"AdaptiveAvgPool{len(shape) - 1}d", "pool", ARRIVING, output_size=1)
    yield _convolution(shape, "fc1", "pool", max(shape[0] // 16, 4), 1)
    yield _row("ReLU", "relu", "fc1")
    yield _convolution(shape, "fc2", "relu", shape[0], 1)
    yield _row("Sigmoid", "sigmoid", "fc2")
    yield _row("Multiply", "scale", ARRIVING, "sigmoid")


def _inverted(shape: Shape) -> Rows:
    """1×1 to six times the channels, 3×3 on each channel alone, 1×1 back, and the input, added."""
    wide = WIDENING * shape[0]
    yield from _normed(shape, 1, ARRIVING, wide, 1, "ReLU6")
    yield from _normed(shape, 2, "relu1", wide, 3, "ReLU6", groups=wide)
    yield from _normed(shape, 3, "relu2", shape[0], 1, "")
    yield _row("Add", "add", "bn3", ARRIVING)


def _transformer(shape: Shape) -> Rows:
    """Self-attention, then two Linear layers at each position; each added to what it read (Vaswani et al. 2017)."""
    features = shape[1]
    heads = next(heads for heads in HEADS if features % heads == 0)
    yield _row("MultiheadAttention", "self_attn", ARRIVING, num_heads=heads, batch_first=True)
    yield _row("Add", "add1", "self_attn", ARRIVING)
    yield _row("LayerNorm", "norm1", "add1", normalized_shape=features)
    yield _row("Linear", "linear1", "norm1", out_features=4 * features)
    yield _row("ReLU", "relu", "linear1")
    yield _row("Linear", "linear2", "relu", out_features=features)
    yield _row("Add", "add2", "linear2", "norm1")
    yield _row("LayerNorm", "norm2", "add2", normalized_shape=features)


def _maps(shape: Shape, least: int = 1, factor: int = 1) -> str | None:
    """Why a block of convolutions does not fit."""
    if len(shape) - 1 not in AXES:
        return f"It works on channels of maps, such as 16×8×8, but gets {arrival(shape)}."
    if shape[0] < least:
        return f"Its branches share the channels, so it needs at least {least}, but gets {shape_text(shape)}."
    return _too_wide("channels", shape[0], factor)


def _sequence(shape: Shape) -> str | None:
    """Why a block of attention does not fit."""
    if len(shape) != 2:
        return f"It works on a sequence of vectors (length, features), but gets {arrival(shape)}."
    return _too_wide("features", shape[1], 4)


def _too_wide(what: str, width: int, factor: int) -> str | None:
    if factor * width <= LARGEST_WIDTH:
        return None
    return f"It widens {width:,} {what} {factor}-fold; Layerscope takes at most {LARGEST_WIDTH:,}."


BLUEPRINTS: dict[str, Blueprint] = {
    "residual": Blueprint(
        "Residual block", "residual", "ResNet basic skip connection shortcut identity", _residual, _maps
    ),
    "bottleneck": Blueprint("Bottleneck block", "bottleneck", "ResNet residual skip connection", _bottleneck, _maps),
    "dense": Blueprint("Dense block", "dense", "DenseNet concatenation", _dense, _maps),
    "inception": Blueprint(
        "Inception block", "inception", "GoogLeNet parallel branches", _inception, lambda shape: _maps(shape, least=4)
    ),
    "squeeze-excite": Blueprint(
        "Squeeze-and-excite block", "se", "SE SENet excitation channel attention", _squeeze, _maps
    ),
    "inverted": Blueprint(
        "Inverted residual block", "inverted", "MobileNetV2 MBConv depthwise skip connection", _inverted,
        lambda shape: _maps(shape, factor=WIDENING),
    ),
    "transformer": Blueprint(
        "Transformer encoder layer", "encoder", "ViT BERT block self attention", _transformer, _sequence
    ),
}  # fmt: skip
