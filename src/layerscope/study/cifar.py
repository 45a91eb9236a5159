"""CIFAR-10's binary version: each image is one byte for its class and 3,072 for red, green and blue. Nothing else of it
is opened: the version for Python holds pickles, which can run code.
"""

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from layerscope import limits
from layerscope.study.sets import CIFAR10, KNOWN, DataError

ARCHIVE = "cifar-10-binary.tar.gz"
SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))


def read_cifar(folder: Path) -> tuple[Tensor, Tensor]:
    """Images (count, 3, 32, 32) as bytes and classes (count,) of the training files that are in a folder.

    The files lie there unpacked, or in the archive. As many of them are read as the limit of a set allows.
    Raises DataError.
    """
    room, found = limits.SET_BYTES.most, list[Tensor]()
    try:
        for name, raw in _files(folder):
            if len(raw) > room:
                if not found:
                    raise DataError(limits.SET_BYTES.sentence(name=name))
                break
            room -= len(raw)
            found.append(_records(name, raw))
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise DataError(f"The files of {KNOWN[CIFAR10].title} cannot be read.") from error
    if not found:
        raise DataError(f"The folder has no {FILES[0]} and no {ARCHIVE}, which are CIFAR-10's binary version.")
    records = torch.cat(found)
    return records[:, 1:].reshape(-1, *SHAPE).contiguous(), records[:, 0].long()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The training files one after the other, never more of each than the limit allows and one byte."""
    most = limits.SET_BYTES.most + 1
    for name in FILES:
        if (path := folder / name).is_file():
            with path.open("rb") as file:
                yield name, file.read(most)
    if (folder / FILES[0]).is_file() or not (folder / ARCHIVE).is_file():
        return
    with tarfile.open(folder / ARCHIVE, "r:gz") as archive:
        for member in archive:  # in the archive's own order; nothing is written anywhere
            name, opened = member.name.rpartition("/")[2], archive.extractfile(member) if member.isfile() else None
            if name in FILES and opened is not None:
                yield name, opened.read(most)


def _records(name: str, raw: bytes) -> Tensor:
    if not raw or len(raw) % RECORD:
        raise DataError(f"{name} is not CIFAR-10's binary version, or a part of it is missing.")
    records = torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(-1, RECORD)
    if (highest := int(records[:, 0].max())) > 9:
        raise DataError(f"{name} has a label {highest}; CIFAR-10's go from 0 to 9.")
    return records
