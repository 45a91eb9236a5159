"""Visitors' own pictures, by names that nobody can guess. The browser decodes and scales a file: only pixels come here.

They stand in this module and in no cache of Streamlit's, which any visitor can have emptied.
"""

import secrets
from collections import OrderedDict
from threading import Lock

import torch
from torch import Tensor

from layerscope import limits

SIDE = limits.PICTURE_SIDE.most
BYTES = 3 * SIDE * SIDE
TEXT = 4 * ((BYTES + 2) // 3)
"""Characters of a picture in base64."""

_kept: OrderedDict[str, bytes] = OrderedDict()  # the one used last at the end
_lock = Lock()


def keep(pixels: bytes) -> str:
    """Keep a picture, and give its name: red, green and blue of SIDE rows of SIDE pixels; "" for anything else."""
    if len(pixels) != BYTES:
        return ""
    name = f"own-{secrets.token_urlsafe(16)}"
    with _lock:
        _kept[name] = pixels
        while len(_kept) > limits.PICTURES.most:
            _kept.popitem(last=False)
    return name


def picture(name: str) -> Tensor | None:
    """(3, SIDE, SIDE), from 0 to 1; None where it is not kept any more."""
    with _lock:
        pixels = _kept.get(name)
        if pixels is None:
            return None
        _kept.move_to_end(name)
    return torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(SIDE, SIDE, 3).permute(2, 0, 1) / 255
