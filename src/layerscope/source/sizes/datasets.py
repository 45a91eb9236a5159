"""Sizes that the name of a dataset tells: datasets.MNIST(...), load_dataset("cifar10")."""

import ast
from collections.abc import Iterator

from layerscope.source.sizes.evidence import Case, Evidence, Row, last_word

_GRAY, _SMALL, _ANY = (1, 28, 28), (3, 32, 32), (3, None, None)
KNOWN: dict[str, tuple[str, Row]] = {
    "mnist": ("MNIST", _GRAY),
    "fashionmnist": ("Fashion-MNIST", _GRAY),
    "kmnist": ("KMNIST", _GRAY),
    "qmnist": ("QMNIST", _GRAY),
    "emnist": ("EMNIST", _GRAY),
    "usps": ("USPS", (1, 16, 16)),
    "cifar10": ("CIFAR-10", _SMALL),
    "cifar100": ("CIFAR-100", _SMALL),
    "svhn": ("SVHN", _SMALL),
    "stl10": ("STL-10", (3, 96, 96)),
    "imagenet": ("ImageNet", _ANY),
    "celeba": ("CelebA", (3, 218, 178)),
    "flowers102": ("Flowers102", _ANY),
    "food101": ("Food101", _ANY),
    "oxfordiiitpet": ("Oxford-IIIT Pet", _ANY),
    "stanfordcars": ("Stanford Cars", _ANY),
    "imagefolder": ("ImageFolder", _ANY),
}
"""What torchvision calls them in small letters without signs, what people call them, and the sizes of one image."""
_LOADERS = {"load_dataset", "get_dataset"}
_RECOLOURING = {"repeat", "expand", "convert", "Lambda", "cat", "stack", "cvtColor"}
"""Words that may stand for another number of channels."""


def find(case: Case) -> Iterator[Evidence]:
    """One for each dataset that is constructed."""
    recoloured = any(isinstance(node, ast.Attribute) and node.attr in _RECOLOURING for node in case.code.nodes)
    for call in case.calls:
        word = last_word(call)
        if word in _LOADERS and call.args:
            name = case.worth(call.args[0])
            word = name.rpartition("/")[2] if isinstance(name, str) else ""
        if found := KNOWN.get("".join(filter(str.isalnum, word)).lower()):
            title, row = found
            words = f"from {title} in line {case.line(call)}"
            row = (None, *row[1:]) if recoloured else row
            yield Evidence(row, "dataset", words, case.paste.span(call), node=call)
