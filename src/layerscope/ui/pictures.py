"""Visitors' own pictures. The browser decodes and scales a file, or draws: only pixels come here."""

import torch
from torch import Tensor

from layerscope import limits
from layerscope.ui.keeping import Kept

SIDE = limits.PICTURE_SIDE.most
BYTES = 3 * SIDE * SIDE
TEXT = 4 * ((BYTES + 2) // 3)
"""Characters of a picture in base64."""
OWN, DRAWN = "own", "drawn"
"""How the name of a picture begins: of an image file, and of what was drawn with the pointer."""

kept = Kept(limits.PICTURES.most)


def keep(pixels: bytes, start: str = OWN, instead_of: str = "") -> str:
    """Keep a picture, and give its name: red, green and blue of SIDE rows of SIDE pixels; "" for anything else."""
    return kept.keep(pixels, start, instead_of) if len(pixels) == BYTES else ""


def picture(name: str) -> Tensor | None:
    """(3, SIDE, SIDE), from 0 to 1; None where it is not kept any more."""
    pixels = kept.get(name)
    if pixels is None:
        return None
    return torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(SIDE, SIDE, 3).permute(2, 0, 1) / 255
