"""Labelled images to look at through a network, and two photographs.

The handwritten digits and the photographs come with scikit-learn, which is loaded once somebody asks for them: it takes
a second, and no start of the app needs it. Fashion-MNIST, MNIST and CIFAR-10 are read from a folder that holds their
original files.
"""

import gzip
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt, prod
from pathlib import Path

import torch
from torch import Tensor

from layerscope import limits
from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.study.cifar import ARCHIVE, FILES, read_cifar
from layerscope.study.samples import fitted
from layerscope.study.sets import (
    CIFAR10,
    DIGITS,
    FASHION,
    KNOWN,
    TEN,
    DataError,
    Known,
    folder_of,
    missing,
)

FASHION_FOLDER = KNOWN[FASHION].folder
PHOTOGRAPHS = {"china": "a temple (photograph)", "flower": "a flower (photograph)"}
"""By the name of scikit-learn's file."""
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
MOST_COLORS = 3
_IMAGES_HEAD, _LABELS_HEAD = struct.Struct(">4i"), struct.Struct(">2i")
_KINDS = {IMAGES: 0x0803, LABELS: 0x0801}
"""The first number of an IDX file: unsigned bytes along three axes, or along one."""


@dataclass(frozen=True, eq=False)
class Data:
    """Images with their classes. `images` is (count, colors, height, width) in whole numbers from 0 to `white`."""

    name: str
    one: str
    """What one of them is called."""
    images: Tensor
    white: int
    labels: Tensor
    """(count,), int64: the place of each image's class in `classes`."""
    classes: tuple[str, ...]
    mirrors: bool = False
    """Whether an image and its mirror image are of the same class: a digit's are not."""
    prepared: str = ""
    """What was done with the images before they came to be of one size, as a sentence; "" where that was nothing."""

    def __len__(self) -> int:
        return len(self.images)

    def picture(self, place: int) -> Tensor:
        """One image, (colors, height, width), from 0 to 1."""
        return self.images[place].float() / self.white

    def label(self, place: int) -> str:
        """The class of one image."""
        return self.classes[int(self.labels[place])]

    def batch(self, places: Sequence[int] | Tensor | slice, shape: Shape) -> Tensor:
        """Images as a batch for an input of that shape: (count, *shape), from 0 to 1."""
        return as_inputs(self.images[places].float() / self.white, shape)

    def fit(self, shape: Shape) -> str:
        """How an image gets to the size of an input, as words: "8×8 digit, enlarged to 28×28"."""
        return fit(self.one, tuple(self.images.shape[1:]), shape)


def load(name: str | Path) -> Data:
    """The digits, a set that is on this computer, or what is in a folder. Raises DataError.

    "digits": scikit-learn's 1,797 handwritten digits of 8×8. "fashion-mnist", "mnist", "cifar10": from the folder that
    LAYERSCOPE_FASHION_MNIST, LAYERSCOPE_MNIST or LAYERSCOPE_CIFAR10 names, or as `fetching.fetch` left it. A folder:
    the original files, of Fashion-MNIST train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without "train-"
    and ".gz", of CIFAR-10 the binary version; a smaller set of the same form will do.
    """
    if name == DIGITS:
        return _digits()
    if isinstance(name, str) and (known := KNOWN.get(name)) is not None:
        if (named := folder_of(known)) is None:
            raise DataError(missing(known))
        return _read(str(named), known.name)
    folder = Path(name)
    if not folder.is_dir():
        raise DataError(f"There is no folder of that name; {DIGITS} and {', '.join(KNOWN)} are known by name.")
    return read_folder(folder)


def has_fashion() -> bool:
    """Whether Fashion-MNIST is on this computer."""
    return folder_of(KNOWN[FASHION]) is not None


@lru_cache(maxsize=1)
def _digits() -> Data:
    from sklearn.datasets import load_digits  # here, as it takes a second

    found = load_digits()
    images, labels = torch.from_numpy(found.images).to(torch.uint8)[:, None], torch.from_numpy(found.target).long()
    return Data(DIGITS, "digit", images, 16, labels, TEN)


@lru_cache(maxsize=2)
def photograph(name: str) -> Tensor:
    """The middle square of a photograph: (3, 427, 427), from 0 to 1. `name` is a key of PHOTOGRAPHS."""
    from sklearn.datasets import load_sample_image

    pixels = torch.tensor(load_sample_image(f"{name}.jpg")).permute(2, 0, 1)
    side = min(pixels.shape[1:])
    top, left = ((size - side) // 2 for size in pixels.shape[1:])
    return pixels[:, top : top + side, left : left + side].float() / 255


@lru_cache(maxsize=2)
def _read(folder: str, name: str) -> Data:
    return read_folder(Path(folder), name)


def read_folder(folder: Path, name: str = "") -> Data:
    """The images and labels of a set's original files in a folder. Raises DataError.

    `name` is the set's; without it, CIFAR-10 is known by its files, and IDX files are taken for Fashion-MNIST's.
    """
    is_cifar = any((folder / file).is_file() for file in (ARCHIVE, *FILES))
    known = KNOWN[name or (CIFAR10 if is_cifar else FASHION)]
    images, labels = read_cifar(folder) if known.name == CIFAR10 else _read_idx(folder, known)
    return Data(known.name, known.one, images, 255, labels, known.classes, known.mirrors)


def _read_idx(folder: Path, known: Known) -> tuple[Tensor, Tensor]:
    paths = [_found(folder, kind) for kind in (IMAGES, LABELS)]
    raw = _unpacked(paths[0], IMAGES, limits.SET_BYTES.most)
    magic, count, *size = _IMAGES_HEAD.unpack_from(raw.ljust(_IMAGES_HEAD.size, b"\0"))
    _check(paths[0], magic == _KINDS[IMAGES] and min(count, *size) > 0)
    _check(paths[0], len(raw) == _IMAGES_HEAD.size + count * prod(size))
    if count > limits.SET_IMAGES.most:
        raise DataError(limits.SET_IMAGES.sentence(name=paths[0].name, found=count))
    named = _unpacked(paths[1], LABELS, _LABELS_HEAD.size + limits.SET_IMAGES.most)
    magic, labelled = _LABELS_HEAD.unpack_from(named.ljust(_LABELS_HEAD.size, b"\0"))
    _check(paths[1], magic == _KINDS[LABELS] and len(named) == _LABELS_HEAD.size + labelled)
    if labelled != count:
        raise DataError(f"{paths[0].name} has {count:,} images, but {paths[1].name} has {labelled:,} labels.")
    labels = torch.tensor(list(named[_LABELS_HEAD.size :]))
    if int(labels.max()) >= len(known.classes):
        raise DataError(f"{paths[1].name} has a label {int(labels.max())}; {known.title}'s go from 0 to 9.")
    images = torch.frombuffer(bytearray(raw[_IMAGES_HEAD.size :]), dtype=torch.uint8).reshape(count, 1, *size)
    return images, labels


def _found(folder: Path, kind: str) -> Path:
    """The file of that kind; those to train with go first."""
    for start in ("train-", ""):
        for ending in (".gz", ""):
            if (path := folder / f"{start}{kind}{ending}").is_file():
                return path
    raise DataError(f"The folder has no train-{kind}.gz.")


def _unpacked(path: Path, kind: str, most: int) -> bytes:
    """The file's bytes, unpacked; never more than `most` of them are read."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read as {kind}.") from error
    if len(raw) > most:
        raise DataError(limits.SET_BYTES.sentence(name=path.name))
    return raw


def _check(path: Path, is_sound: bool) -> None:
    if not is_sound:
        raise DataError(f"{path.name} is not in the IDX form of Fashion-MNIST, or a part of it is missing.")


def as_inputs(pictures: Tensor, shape: Shape) -> Tensor:
    """Pictures (count, colors, height, width) as a batch for an input of that shape, scaled where the size differs.

    A vector gets the cells of a square picture row by row where its length is a square, and one row otherwise; a
    sequence of more than three channels gets the picture's rows.
    """
    plane = plane_of(shape)
    if len(shape) < 3 and plane[0] > 1:
        return fitted(pictures, (1, *plane)).reshape(len(pictures), *shape)
    return fitted(pictures, shape)


def plane_of(shape: Shape) -> tuple[int, int]:
    """Height and width to which a picture is scaled for an input of that shape."""
    if len(shape) > 2:
        return shape[-2], shape[-1]
    if len(shape) == 2 and shape[0] > MOST_COLORS:
        return shape[0], shape[1]
    side = isqrt(shape[-1])
    return (side, side) if len(shape) == 1 and side * side == shape[-1] else (1, shape[-1])


def fit(one: str, picture: Shape, shape: Shape) -> str:
    """How a picture (colors, height, width) gets to an input's shape, as words."""
    size, plane = picture[1:], plane_of(shape)
    words = f"{shape_text(size)} {one}"
    if size != plane:
        how = "enlarged" if prod(plane) > prod(size) else "reduced"
        words += f", {how} to {shape_text(plane)}"
    if len(shape) == 1:
        words += f", as {shape[0]:,} values"
    elif len(shape) > 2:
        colors = shape[0]
        if picture[0] == 1 < colors:
            words += f", its gray in all {colors} channels"
        elif colors == 1 < picture[0]:
            words += ", in gray"
    return words
