"""Named networks. A new one is one entry of `_CHAINS` or of `_OTHERS`; how they are built stands in architectures/.

They are built when they are asked for: most visits look at one or two.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

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
from layerscope.network import Network

Entry = tuple[str, Callable[[], Network]]
"""A title, and what builds the network."""

_CHAINS: dict[str, Entry] = {
    "fashion-mnist-cnn": ("Fashion-MNIST CNN (the course's)", chains.seed),
    "lenet5": ("LeNet-5", chains.lenet),
    "alexnet": ("AlexNet", chains.alexnet),
    "vgg11": ("VGG-11", partial(chains.vgg, 1, 1, 2, 2, 2)),
    "vgg13": ("VGG-13", partial(chains.vgg, 2, 2, 2, 2, 2)),
    "vgg16": ("VGG-16", partial(chains.vgg, 2, 2, 3, 3, 3)),
    "vgg19": ("VGG-19", partial(chains.vgg, 2, 2, 4, 4, 4)),
    "all-convolutional": ("All-convolutional", chains.all_convolutional),
    "depthwise-separable": ("Depthwise separable", chains.separable),
    "decoder": ("Decoder with ConvTranspose2d", chains.decoder),
}
_OTHERS: dict[str, Entry] = {
    "resnet18": ("ResNet-18", partial(resnet.resnet, resnet.basic_block, (2, 2, 2, 2))),
    "resnet34": ("ResNet-34", partial(resnet.resnet, resnet.basic_block, (3, 4, 6, 3))),
    "resnet50": ("ResNet-50", partial(resnet.resnet, resnet.bottleneck, (3, 4, 6, 3))),
    "resnet101": ("ResNet-101", partial(resnet.resnet, resnet.bottleneck, (3, 4, 23, 3))),
    "densenet121": ("DenseNet-121", partial(densenet.densenet, (6, 12, 24, 16))),
    "googlenet": ("GoogLeNet", inception.googlenet),
    "inception_v3": ("Inception v3", inception.inception_v3),
    "squeezenet1_1": ("SqueezeNet 1.1", squeezenet.squeezenet1_1),
    "mobilenet_v2": ("MobileNetV2", mobilenet.mobilenet_v2),
    "mobilenet_v3_small": ("MobileNetV3, small", mobilenet.mobilenet_v3_small),
    "efficientnet_b0": ("EfficientNet-B0", mobilenet.efficientnet_b0),
    "shufflenet_v2_x1_0": ("ShuffleNet V2", shufflenet.shufflenet_v2_x1_0),
    "convnext_tiny": ("ConvNeXt, tiny", convnext.convnext_tiny),
    "vit_b_16": ("Vision transformer ViT-B/16", transformer.vit_b_16),
    "unet": ("U-Net", unet.unet),
    "textcnn": ("TextCNN", texts.textcnn),
    "lstm-classifier": ("LSTM classifier", texts.lstm_classifier),
    "transformer-classifier": ("Transformer classifier", transformer.transformer_classifier),
}
_ENTRIES = _CHAINS | _OTHERS


class _Presets(Mapping[str, Network]):
    """The networks by name; each is built once, when it is first asked for."""

    def __init__(self) -> None:
        self._built: dict[str, Network] = {}

    def __getitem__(self, key: str) -> Network:
        if key not in self._built:
            self._built[key] = _ENTRIES[key][1]()
        return self._built[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_ENTRIES)

    def __len__(self) -> int:
        return len(_ENTRIES)


PRESETS: Mapping[str, Network] = _Presets()
CHAINS: tuple[str, ...] = tuple(_CHAINS)
"""The names of those without branches."""
TITLES: dict[str, str] = {key: title for key, (title, _) in _ENTRIES.items()}
DEFAULT = "fashion-mnist-cnn"
