"""Named networks. A new one is one entry of `_ENTRIES`; how they are built stands in architectures/.

They are built when they are asked for: most visits look at one or two. So the table says what a menu tells of each.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import NamedTuple

from layerscope.architectures import (
    chains,
    convnext,
    densenet,
    inception,
    mobilenet,
    resnet,
    shufflenet,
    squeezenet,
    texts,
    transformer,
    unet,
)
from layerscope.formatting import compact
from layerscope.layers.base import Layer
from layerscope.network import Network


class Entry(NamedTuple):
    """A title, how many layers and parameters the network has, and what builds it. A chain has no branches."""

    title: str
    layers: int
    parameters: int
    build: Callable[[], Network]
    is_chain: bool = False


def _chain(title: str, layers: int, parameters: int, build: Callable[[], Network]) -> Entry:
    return Entry(title, layers, parameters, build, is_chain=True)


_ENTRIES: dict[str, dict[str, Entry]] = {
    "Classic": {
        "fashion-mnist-cnn": _chain("Fashion-MNIST CNN (default)", 12, 32_998, chains.seed),
        "lenet5": _chain("LeNet-5", 12, 61_706, chains.lenet),
        "alexnet": _chain("AlexNet", 22, 61_100_840, chains.alexnet),
        "vgg11": _chain("VGG-11", 30, 132_863_336, partial(chains.vgg, 1, 1, 2, 2, 2)),
        "vgg13": _chain("VGG-13", 34, 133_047_848, partial(chains.vgg, 2, 2, 2, 2, 2)),
        "vgg16": _chain("VGG-16", 40, 138_357_544, partial(chains.vgg, 2, 2, 3, 3, 3)),
        "vgg19": _chain("VGG-19", 46, 143_667_240, partial(chains.vgg, 2, 2, 4, 4, 4)),
        "all-convolutional": _chain("All-convolutional", 11, 66_218, chains.all_convolutional),
    },
    "Residual": {
        "resnet18": Entry("ResNet-18", 69, 11_689_512, partial(resnet.resnet, resnet.basic_block, (2, 2, 2, 2))),
        "resnet34": Entry("ResNet-34", 125, 21_797_672, partial(resnet.resnet, resnet.basic_block, (3, 4, 6, 3))),
        "resnet50": Entry("ResNet-50", 175, 25_557_032, partial(resnet.resnet, resnet.bottleneck, (3, 4, 6, 3))),
        "resnet101": Entry("ResNet-101", 345, 44_549_160, partial(resnet.resnet, resnet.bottleneck, (3, 4, 23, 3))),
        "convnext_tiny": Entry("ConvNeXt, tiny", 220, 28_589_128, convnext.convnext_tiny),
    },
    "Concat": {
        "densenet121": Entry("DenseNet-121", 427, 7_978_856, partial(densenet.densenet, (6, 12, 24, 16))),
        "googlenet": Entry("GoogLeNet (Inception v1)", 197, 6_624_904, inception.googlenet),
        "inception_v3": Entry("Inception v3", 314, 23_834_568, inception.inception_v3),
    },
    "Mobile": {
        "depthwise-separable": _chain("Depthwise separable", 24, 9_322, chains.separable),
        "squeezenet1_1": Entry("SqueezeNet 1.1", 66, 1_235_496, squeezenet.squeezenet1_1),
        "mobilenet_v2": Entry("MobileNetV2", 153, 3_504_872, mobilenet.mobilenet_v2),
        "mobilenet_v3_small": Entry("MobileNetV3, small", 157, 2_542_856, mobilenet.mobilenet_v3_small),
        "efficientnet_b0": Entry("EfficientNet-B0", 249, 5_288_548, mobilenet.efficientnet_b0),
        "shufflenet_v2_x1_0": Entry("ShuffleNet V2", 197, 2_278_604, shufflenet.shufflenet_v2_x1_0),
    },
    "Attention": {
        "vit_b_16": Entry("Vision transformer ViT-B/16", 143, 86_567_656, transformer.vit_b_16),
        "transformer-classifier": Entry("Transformer classifier", 28, 1_693_186, transformer.transformer_classifier),
    },
    "Sequence": {
        "textcnn": Entry("TextCNN", 17, 6_360_902, texts.textcnn),
        "lstm-classifier": Entry("LSTM classifier", 5, 2_955_778, texts.lstm_classifier),
    },
    "Upsampling": {
        "unet": Entry("U-Net (segmentation)", 68, 7_763_041, unet.unet),
        "decoder": _chain("Decoder with ConvTranspose2d", 7, 35_121, chains.decoder),
    },
}
"""By what they are known for; in the order of the menus."""
_ALL = {key: entry for entries in _ENTRIES.values() for key, entry in entries.items()}


class _Presets(Mapping[str, Network]):
    """The networks by name; each is built once, when it is first asked for."""

    def __init__(self) -> None:
        self._built: dict[str, Network] = {}

    def __getitem__(self, key: str) -> Network:
        if key not in self._built:
            self._built[key] = _ALL[key].build()
        return self._built[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_ALL)

    def __len__(self) -> int:
        return len(_ALL)


PRESETS: Mapping[str, Network] = _Presets()
CHAINS: tuple[str, ...] = tuple(key for key, entry in _ALL.items() if entry.is_chain)
"""The names of those without branches."""
TITLES: dict[str, str] = {key: entry.title for key, entry in _ALL.items()}
GROUPED: dict[str, str] = {
    key: f"{group} · {entry.title}" for group, entries in _ENTRIES.items() for key, entry in entries.items()
}
"""The titles, each after its group, as menus show them."""
SIZES: dict[str, str] = {
    key: f"{entry.layers} layers, {compact(entry.parameters)} parameters" for key, entry in _ALL.items()
}
"""How many layers and parameters each has, in words."""
DEFAULT = "fashion-mnist-cnn"


def key_of(network: Network) -> str | None:
    """The preset that a network is; None for any other.

    Neither names nor activations that write in place make it another one: so torchvision's own models, which differ in
    both, are known.
    """
    alike = [key for key, entry in _ALL.items() if entry.layers == len(network.layers)]
    same = next((key for key in alike if PRESETS[key] == network), None)
    if same is not None or not alike:
        return same
    told = _told(network)
    return next((key for key in alike if _told_of(key) == told), None)


@cache
def _told_of(key: str) -> tuple[object, ...]:
    return _told(PRESETS[key])


def _told(network: Network) -> tuple[object, ...]:
    """All that makes a network what it is: what its rows compute, what they read, and which weights they share. Rows
    come in the order in which the outputs need them, as a list may have a parameter anywhere before its reader."""
    order = _needed_in_order(network)
    places = {row: place for place, row in enumerate(order)}
    rows = {layer.name: places[row] for row, layer in enumerate(network.layers)}
    rows |= {given.name: -1 - place for place, given in enumerate(network.inputs) if given.name not in rows}

    def placed(name: str) -> tuple[int | None, str]:
        row, _, part = name.partition(":")
        return rows.get(row), part

    told = tuple(
        (
            layer.type, _computed(layer), placed(layer.of), tuple(map(placed, layer.tied)),
            tuple((places.get(source.row, source.row), source.port) for source in network.wiring[row]),
        )
        for row, layer in ((row, network.layers[row]) for row in order)
    )  # fmt: skip
    inputs = tuple((given.shape, given.kind, given.high) for given in network.inputs)
    return inputs, network.classes, tuple(map(placed, network.outputs)), told


def _needed_in_order(network: Network) -> list[int]:
    """The rows' places, each after what it reads, in the order in which the outputs need them; the rest at the end."""
    rows = {layer.name: row for row, layer in enumerate(network.layers)}
    named = [rows[name.partition(":")[0]] for name in network.outputs if name.partition(":")[0] in rows]
    waiting = [*range(len(network.layers))[::-1], *(named or [len(network.layers) - 1])[::-1]]
    found: dict[int, None] = {}
    while waiting:
        row = waiting[-1]
        before = [source.row for source in network.wiring[row] if source.row >= 0 and source.row not in found]
        waiting += before[::-1]
        if not before:
            waiting.pop()
            found[row] = None
    return list(found)


def _computed(layer: Layer) -> tuple[tuple[str, object], ...]:
    """The arguments that decide what is computed; (1, 1) and 1 are the same size."""
    values = ((name, value) for name, value in layer.chosen.items() if name != "inplace")
    return tuple(
        (name, value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value) for name, value in values
    )
