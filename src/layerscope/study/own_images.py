"""Images of one's own in a ZIP: one folder for each class. All is bounded before it is decoded; nothing is unpacked
onto a disk.
"""

import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from threading import Lock

import torch
from torch import Tensor

from layerscope import limits
from layerscope.study.data import Data
from layerscope.study.sets import DataError
from layerscope.text import is_whole

SIDE = 64
"""Images become squares of so many pixels a side: their middle, scaled."""
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
NOTES = (".txt", ".md", ".csv", ".tsv", ".json", ".xml", ".yaml", ".yml", ".html", ".pdf", ".ini", ".db")
"""What lies beside images (a readme, labels, Windows's Thumbs.db and desktop.ini): left out."""
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
LEAST = 2
"""Images of a class: one to learn from, and one held out."""
_one_at_a_time = Lock()
"""An image of a few kilobytes may need a hundred megabytes while it is decoded."""
_WAYS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
"""How each entry of a ZIP's directory begins."""
HOW = "Put the images of each class into a folder with its name, and the folders into a ZIP."


def read_zip(raw: bytes) -> Data:
    """The images of a ZIP as (count, 3, 64, 64), or (count, 1, 64, 64) where all are gray. Raises DataError.

    The name tells the content: the same images have the same name.
    """
    if len(raw) > limits.OWN_FILE.most:
        raise DataError(limits.OWN_FILE.sentence(found=len(raw)))
    if (found := raw.count(_ENTRY)) > limits.OWN_ENTRIES.most:  # before zipfile makes an object of each
        raise DataError(limits.OWN_ENTRIES.sentence(found=found))
    try:
        with _one_at_a_time, zipfile.ZipFile(BytesIO(raw)) as archive:
            entries = list(_entries(archive))
            classes = _classes(entries)
            _check_declared(entries)
            pixels, sizes = zip(*_decoded(_unpacked(archive, entries)), strict=True)
    except DataError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise DataError(f"This file cannot be read as a ZIP. {HOW}") from error
    images = torch.stack(pixels)
    if bool((images == images[:, :1]).all()):
        images = images[:, :1].contiguous()
    labels = torch.tensor([classes.index(_class(entry)) for entry in entries])
    return Data(
        f"own-{sha256(raw).hexdigest()[:12]}", "image", images, 255, labels, tuple(classes), mirrors=True,
        prepared=_prepared(set(sizes)),
    )  # fmt: skip


def _prepared(sizes: set[tuple[int, int]]) -> str:
    """How images of these widths and heights became squares of one size."""
    if sizes == {(SIDE, SIDE)}:
        return ""
    which = f"Your images are of {len(sizes):,} sizes."
    if len(sizes) == 1:
        which = "Your images are {} pixels wide and {} high.".format(*next(iter(sizes)))
    if all(width == height for width, height in sizes):
        return f"{which} Each is scaled to {SIDE}×{SIDE}."
    return f"{which} The middle square of each is cut out, not stretched, and scaled to {SIDE}×{SIDE}."


def _entries(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The images of an archive, in the order of their names."""
    listed = archive.infolist()
    if len(listed) > limits.OWN_ENTRIES.most:
        raise DataError(limits.OWN_ENTRIES.sentence(found=len(listed)))
    for entry in sorted(listed, key=lambda entry: entry.filename):
        parts, name = entry.filename.split("/"), _shown(entry.filename)
        if ".." in parts or entry.filename.startswith("/") or "\\" in entry.filename:
            raise DataError(f"{name} points outside the ZIP. {HOW}")
        if entry.is_dir() or parts[-1].startswith(".") or "__MACOSX" in parts:
            continue
        if entry.filename.lower().endswith(NOTES):
            continue
        if not entry.filename.lower().endswith(ENDINGS):
            raise DataError(f"{name} is not an image of a supported type; {', '.join(FORMATS)} would work.")
        if len(parts) < 2:
            raise DataError(f"{name} is not in a folder, so its class is unknown. {HOW}")
        if entry.flag_bits & 1:
            raise DataError(f"{name} is encrypted. Make the ZIP without a password.")
        if entry.compress_type not in _WAYS:
            raise DataError(f"{name} uses a compression method that is not supported. Make an ordinary ZIP.")
        yield entry


def _check_declared(entries: list[zipfile.ZipInfo]) -> None:
    """What the archive itself says of its images' sizes; `_unpacked` believes nothing of it."""
    if sum(entry.file_size for entry in entries) > limits.OWN_BYTES.most:
        raise DataError(limits.OWN_BYTES.sentence())


def _class(entry: zipfile.ZipInfo) -> str:
    return entry.filename.split("/")[-2]


def _classes(entries: list[zipfile.ZipInfo]) -> list[str]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[_class(entry)] = counts.get(_class(entry), 0) + 1
    if len(counts) < 2:
        raise DataError(
            f"The ZIP has images of {len(counts)} {'class' if len(counts) == 1 else 'classes'}; it needs 2. {HOW}"
        )
    if len(counts) > limits.OWN_CLASSES.most:
        raise DataError(limits.OWN_CLASSES.sentence(found=len(counts)))
    for name, count in counts.items():
        if len(name) > limits.WORD.most or not is_whole(name) or not name.isprintable():
            raise DataError(f"The name of a class may have up to {limits.WORD.most} printable characters.")
        if count < LEAST:
            raise DataError(f"{name} has {count} image; each class needs {LEAST}, as one is held out.")
    return sorted(counts)


def _unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Each entry's bytes; never more are unpacked than the limit, whatever the archive says of them."""
    room = limits.OWN_BYTES.most
    for entry in entries:
        with archive.open(entry) as file:
            raw = file.read(room + 1)
        if len(raw) > room:
            raise DataError(limits.OWN_BYTES.sentence())
        room -= len(raw)
        yield entry, raw


def _decoded(unpacked: Iterator[tuple[zipfile.ZipInfo, bytes]]) -> Iterator[tuple[Tensor, tuple[int, int]]]:
    """Each image as (3, 64, 64), in bytes, with the width and height that it had upright. Its size is known before it
    is decoded, and that of all so far."""
    from PIL import Image, ImageOps  # here, as few need it

    room = limits.OWN_ALL_PIXELS.most
    for entry, raw in unpacked:
        shown = _shown(entry.filename)
        try:
            with Image.open(BytesIO(raw), formats=FORMATS) as image:
                found = image.width * image.height
                if found > limits.OWN_PIXELS.most:
                    raise DataError(limits.OWN_PIXELS.sentence(name=shown, found=found))
                room -= found
                if room < 0:
                    raise DataError(limits.OWN_ALL_PIXELS.sentence(side=SIDE))
                size = image.size
                image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded no larger than that needs
                upright = ImageOps.exif_transpose(image).convert("RGB")
                square = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.BILINEAR)
        except DataError:
            raise
        except Image.DecompressionBombError as error:
            raise DataError(limits.OWN_PIXELS.sentence(name=shown, found="far too many")) from error
        except Exception as error:  # whatever a decoder finds in bytes from outside
            raise DataError(f"{shown} cannot be read as an image; {', '.join(FORMATS)} would work.") from error
        pixels = torch.frombuffer(bytearray(square.tobytes()), dtype=torch.uint8)
        is_turned = (upright.width > upright.height) is not (size[0] > size[1])
        yield pixels.reshape(SIDE, SIDE, 3).permute(2, 0, 1), size[::-1] if is_turned else size


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[-limits.WORD.most :]
