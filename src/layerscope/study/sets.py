"""The sets of images that are known by name: what they are called, their classes, and where their files are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DIGITS, FASHION, MNIST, CIFAR10 = "digits", "fashion-mnist", "mnist", "cifar10"
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TEN = tuple("0123456789")
CACHE = "LAYERSCOPE_DATA"
"""The environment variable in which an operator names the folder in which fetched sets are kept."""


class DataError(ValueError):
    """Images that are not there or cannot be read; the message is a sentence for the user."""


@dataclass(frozen=True)
class Known:
    """A set that other people publish. `files` are those that are fetched: their addresses and checksums by name."""

    name: str
    title: str
    one: str
    """What one of its images is called."""
    classes: tuple[str, ...]
    mirrors: bool
    """Whether an image and its mirror image are of the same class."""
    folder: str
    """The environment variable in which an operator names the folder with its original files."""
    host: str
    files: Mapping[str, str]
    """MD5 of each file, by its name at `host`."""
    megabytes: int


KNOWN = {
    known.name: known
    for known in (
        Known(
            FASHION, "Fashion-MNIST", "image", CLOTHES, True, "LAYERSCOPE_FASHION_MNIST",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            {
                "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            },
            27,
        ),
        Known(
            MNIST, "MNIST", "digit", TEN, False, "LAYERSCOPE_MNIST", "https://ossci-datasets.s3.amazonaws.com/mnist/",
            {
                "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
            },
            10,
        ),
        Known(
            CIFAR10, "CIFAR-10", "photograph", THINGS, True, "LAYERSCOPE_CIFAR10",
            "https://www.cs.toronto.edu/~kriz/", {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}, 170,
        ),
    )
}  # fmt: skip


def kept_in(known: Known) -> Path:
    """The folder in which a set is kept once it was fetched."""
    if named := os.environ.get(CACHE, ""):
        return Path(named) / known.name
    from pooch import os_cache  # here, as few need it

    return Path(os_cache("layerscope")) / known.name


def folder_of(known: Known) -> Path | None:
    """The folder with a set's files, named by an operator or fetched before; None where it is not on this computer."""
    if named := os.environ.get(known.folder, ""):
        return Path(named)
    kept = kept_in(known)
    return kept if all((kept / name).is_file() for name in known.files) else None


def missing(known: Known) -> str:
    """A sentence that says how to get a set that is not on this computer."""
    return f"{known.title} is not on this computer. Fetch it, or name the folder with its files in {known.folder}."
