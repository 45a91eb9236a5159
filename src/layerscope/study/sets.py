"""The sets of images that are known by name: what they are called, their classes, and where their files are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from layerscope.user_folder import user_folder

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
    """SHA-256 of each file, by its name at `host`.

    The publishers tell MD5 or nothing. These are the digests that several independent projects publish of the same
    files, some beside the publishers' MD5; nobody has compared them with the files themselves from here.
    """
    megabytes: int


KNOWN = {
    known.name: known
    for known in (
        Known(
            FASHION, "Fashion-MNIST", "image", CLOTHES, True, "LAYERSCOPE_FASHION_MNIST",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            {
                "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            },
            27,
        ),
        Known(
            MNIST, "MNIST", "digit", TEN, False, "LAYERSCOPE_MNIST", "https://ossci-datasets.s3.amazonaws.com/mnist/",
            {
                "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            },
            10,
        ),
        Known(
            CIFAR10, "CIFAR-10", "photograph", THINGS, True, "LAYERSCOPE_CIFAR10",
            "https://www.cs.toronto.edu/~kriz/",
            {"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
            170,
        ),
    )
}  # fmt: skip


def kept_in(known: Known) -> Path:
    """The folder in which a set is kept once it was fetched."""
    return user_folder(CACHE) / known.name


def folder_of(known: Known) -> Path | None:
    """The folder with a set's files, named by an operator or fetched before; None where it is not on this computer."""
    if named := os.environ.get(known.folder, ""):
        return Path(named)
    kept = kept_in(known)
    return kept if all((kept / name).is_file() for name in known.files) else None


def missing(known: Known) -> str:
    """A sentence that says how to get a set that is not on this computer."""
    return f"{known.title} is not on this computer. Fetch it, or name the folder with its files in {known.folder}."
