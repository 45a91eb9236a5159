"""Networks that branch, written by hand for tests."""

from collections.abc import Sequence
from typing import Any

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Input, Network


def row(kind: str, name: str, *read: str, **arguments: Any) -> Layer:
    """A row that reads `read`, or the row above."""
    fresh = CATALOGUE[kind].fresh(name)
    return type(fresh)(**{**fresh.chosen, "name": name, "inputs": read, **arguments})


def two_branches() -> Network:
    """Two convolutions on the input, put one after the other."""
    rows = (
        row("Conv2d", "left", out_channels=4, kernel_size=3, padding=1),
        row("Conv2d", "right", "input", out_channels=6, kernel_size=3, padding=1),
        row("Concat", "both", "left", "right"),
        row("Flatten", "flatten"),
        row("Linear", "out", out_features=10),
    )
    return Network((3, 8, 8), rows, classes=10)


def _block(path: str, above: str, width: int, stride: int, projects: bool, wide: int) -> list[Layer]:
    rows = []
    sizes = [(1, 1, width), (3, stride, width), (1, 1, wide)]
    for number, (kernel, step, channels) in enumerate(sizes, 1):
        more = {"kernel_size": kernel, "stride": step, "padding": kernel // 2, "bias": False}
        rows.append(
            row("Conv2d", f"{path}.conv{number}", *([above] if number == 1 else []), out_channels=channels, **more)
        )
        rows.append(row("BatchNorm2d", f"{path}.bn{number}"))
        if number < 3:
            rows.append(row("ReLU", f"{path}.relu{number}"))
    short = above
    if projects:
        down = {"kernel_size": 1, "stride": stride, "bias": False}
        rows.append(row("Conv2d", f"{path}.downsample.0", above, out_channels=wide, **down))
        rows.append(row("BatchNorm2d", f"{path}.downsample.1"))
        short = f"{path}.downsample.1"
    return [*rows, row("Add", f"{path}.add", f"{path}.bn3", short), row("ReLU", f"{path}.relu3")]


def resnet(blocks: Sequence[int] = (3, 4, 6, 3), side: int = 224, width: int = 64) -> Network:
    """Bottleneck blocks as torchvision names them; (3, 4, 6, 3) is ResNet-50."""
    rows = [row("Conv2d", "conv1", out_channels=width, kernel_size=7, stride=2, padding=3, bias=False)]
    rows += [
        row("BatchNorm2d", "bn1"),
        row("ReLU", "relu"),
        row("MaxPool2d", "maxpool", kernel_size=3, stride=2, padding=1),
    ]
    for stage, count in enumerate(blocks):
        for number in range(count):
            path, channels = f"layer{stage + 1}.{number}", width * 2**stage
            stride = 2 if stage and not number else 1
            rows += _block(path, rows[-1].name, channels, stride, not number, 4 * channels)
    rows += [row("AdaptiveAvgPool2d", "avgpool", output_size=1), row("Flatten", "flatten")]
    return Network((3, side, side), (*rows, row("Linear", "fc", out_features=1000)), classes=1000)


def densenet(blocks: Sequence[int] = (6, 12, 24, 16), side: int = 224, growth: int = 32) -> Network:
    """Dense blocks as torchvision names them; (6, 12, 24, 16) is DenseNet-121."""
    rows = [row("Conv2d", "features.conv0", out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)]
    rows += [row("BatchNorm2d", "features.norm0"), row("ReLU", "features.relu0")]
    rows.append(row("MaxPool2d", "features.pool0", kernel_size=3, stride=2, padding=1))
    channels = 64
    for stage, count in enumerate(blocks, 1):
        known = [rows[-1].name]
        for number in range(1, count + 1):
            path = f"features.denseblock{stage}.denselayer{number}"
            if number > 1:
                rows.append(row("Concat", f"{path}.cat", *known))
            rows += [row("BatchNorm2d", f"{path}.norm1"), row("ReLU", f"{path}.relu1")]
            rows.append(row("Conv2d", f"{path}.conv1", out_channels=4 * growth, kernel_size=1, bias=False))
            rows += [row("BatchNorm2d", f"{path}.norm2"), row("ReLU", f"{path}.relu2")]
            rows.append(row("Conv2d", f"{path}.conv2", out_channels=growth, kernel_size=3, padding=1, bias=False))
            known.append(rows[-1].name)
            channels += growth
        rows.append(row("Concat", f"features.denseblock{stage}.cat", *known))
        if stage < len(blocks):
            path, channels = f"features.transition{stage}", channels // 2
            rows += [row("BatchNorm2d", f"{path}.norm"), row("ReLU", f"{path}.relu")]
            rows.append(row("Conv2d", f"{path}.conv", out_channels=channels, kernel_size=1, bias=False))
            rows.append(row("AvgPool2d", f"{path}.pool", kernel_size=2))
    rows += [row("BatchNorm2d", "features.norm5"), row("ReLU", "relu"), row("AdaptiveAvgPool2d", "pool", output_size=1)]
    rows += [row("Flatten", "flatten"), row("Linear", "classifier", out_features=1000)]
    return Network((3, side, side), tuple(rows), classes=1000)


def two_inputs() -> Network:
    """An image and indices, each on a way of its own, put together."""
    rows = (
        row("Flatten", "flatten"),
        row("Linear", "fc1", out_features=6),
        row("Embedding", "emb", "words", num_embeddings=20, embedding_dim=4),
        row("Flatten", "flat2"),
        row("Concat", "both", "fc1", "flat2"),
        row("Linear", "out", out_features=3),
    )
    return Network((1, 4, 4), rows, classes=3, inputs=(Input("input", (1, 4, 4)), Input("words", (5,), "indices", 20)))
