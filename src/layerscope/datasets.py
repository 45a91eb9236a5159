"""Named inputs: what the images of a dataset decide about a network."""

from dataclasses import dataclass

from layerscope.layers.base import Shape
from layerscope.network import Network


@dataclass(frozen=True)
class Dataset:
    """`shape` is (C, H, W); `source` names where the figures come from."""

    title: str
    shape: Shape
    classes: int
    source: str

    def applied_to(self, network: Network) -> Network:
        """The network on these images; one without classes stays without."""
        fitted = network.with_input(self.shape)
        return fitted if network.classes is None else fitted.with_classes(self.classes)


DATASETS: dict[str, Dataset] = {
    "fashion-mnist": Dataset("Fashion-MNIST", (1, 28, 28), 10, "Xiao, Rasul, Vollgraf 2017"),
    "mnist": Dataset("MNIST", (1, 28, 28), 10, "LeCun, Cortes, Burges 1998"),
    "cifar-10": Dataset("CIFAR-10", (3, 32, 32), 10, "Krizhevsky 2009"),
    "cifar-100": Dataset("CIFAR-100", (3, 32, 32), 100, "Krizhevsky 2009"),
    "svhn": Dataset("SVHN", (3, 32, 32), 10, "Netzer et al. 2011"),
    "imagenet": Dataset("ImageNet size", (3, 224, 224), 1000, "Russakovsky et al. 2015"),
}
