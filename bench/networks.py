"""The networks that the engine and its peers are timed on, written twice: as torch modules for
the peers, and as Layerscope's own values. bench/engine.py checks that both count the same."""

from collections.abc import Callable
from functools import partial

from torch import nn

from layerscope.layers.activation import ReLU
from layerscope.layers.base import Layer
from layerscope.layers.convolution import Conv2d
from layerscope.network import Network
from layerscope.presets import PRESETS

Shape = tuple[int, ...]

# 100 convolutions, each followed by a ReLU: one chain repeats itself, as deep networks do; in the
# other every second layer is 4 wide and the rest all differ, so that no two convolutions are alike
# and remembering layers seen before does not help.
ALIKE = (16,) * 100
UNLIKE = tuple(4 if place % 2 == 0 else 5 + place // 2 for place in range(100))


def alexnet() -> nn.Module:
    """AlexNet in torchvision's layout."""
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.AdaptiveAvgPool2d(6), nn.Flatten()),
        *(nn.Dropout(), nn.Linear(256 * 6 * 6, 4096), nn.ReLU()),
        *(nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)),
    )


def vgg16() -> nn.Module:
    """VGG-16 in torchvision's layout."""
    layers: list[nn.Module] = []
    channels = 3
    for width, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2, 2))
    layers += [nn.AdaptiveAvgPool2d(7), nn.Flatten()]
    layers += [nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout()]
    layers += [nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000)]
    return nn.Sequential(*layers)


def chain(widths: tuple[int, ...]) -> nn.Module:
    """3x3 convolutions of these widths, each with a ReLU."""
    layers: list[nn.Module] = []
    channels = 3
    for width in widths:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers)


def own_chain(widths: tuple[int, ...]) -> Network:
    """The same layers as Layerscope's value."""
    layers: list[Layer] = []
    for place, width in enumerate(widths, start=1):
        layers.append(Conv2d(name=f"conv{place}", out_channels=width, kernel_size=3, padding=1))
        layers.append(ReLU(name=f"relu{place}"))
    return Network((3, 32, 32), tuple(layers))


MODULES: dict[str, tuple[Callable[[], nn.Module], Shape]] = {
    "AlexNet": (alexnet, (3, 224, 224)),
    "VGG-16": (vgg16, (3, 224, 224)),
    "200 layers": (partial(chain, ALIKE), (3, 32, 32)),
    "200 unlike layers": (partial(chain, UNLIKE), (3, 32, 32)),
}

NETWORKS: dict[str, Network] = {
    "AlexNet": PRESETS["alexnet"],
    "VGG-16": PRESETS["vgg16"],
    "200 layers": own_chain(ALIKE),
    "200 unlike layers": own_chain(UNLIKE),
}
