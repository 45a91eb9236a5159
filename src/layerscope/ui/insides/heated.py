"""The heat of a class as the browser draws it: cells over the image, or the slices of a volume on one sheet."""

from dataclasses import replace
from typing import Any

from torch import Tensor
from torch.nn import functional

from layerscope.network import Network
from layerscope.study.places import places
from layerscope.study.sheets import Sheet, maps
from layerscope.ui.insides import images
from layerscope.ui.insides.packing import packed
from layerscope.ui.insides.sheets import chosen, drawn, scale
from layerscope.ui.looking import Looking

Part = dict[str, Any]
LINE = 10
"""Cells of a line, where a sequence is too long for one."""


def shown(network: Network, given: Tensor, heat: Tensor, name: str, looking: Looking) -> Part:
    """Heat over the network's first input, as it was given, for the class of that name; `more` is to be said of it."""
    if heat.ndim > 2:
        return _slices(network, given, heat, name, looking)
    picture = images.pixels(network, given.T if places(network).steps_first else given)
    sheet = maps(heat[None])
    more = f" Each cell is the mean of {sheet.shrunk}×{sheet.shrunk}." if sheet.shrunk > 1 else ""
    cells, wrapped = _in_lines(sheet.tiles[0, 0]) if picture is None else (sheet.tiles[0, 0], 0)
    if wrapped:
        more += f" In lines of {LINE}, from left to right."
    over = f"{'Image' if len(network.input_shape) > 2 else 'Input'}, orange where it supports {name}"
    return {
        "heat": packed(cells), "size": list(cells.shape), "picture": picture, "over": over, "wrapped": wrapped,
        "is_line": len(cells) == 1 and len(network.input_shape) < 3, "more": more,
    }  # fmt: skip


def _slices(network: Network, given: Tensor, heat: Tensor, name: str, looking: Looking) -> Part:
    """The slices of the heat beside each other; over the image lies the one that is pointed at.

    A volume of ours is one image in each of its slices.
    """
    sheet = maps(heat[None], (0, looking.channel))  # as those of one map
    slices, *size = heat.shape
    about = [f"{slices:,} slices of {'×'.join(map(str, size))} cells", sheet.cut.removesuffix(" of each")]
    if sheet.shrunk > 1:
        about.append(f"each cell is the mean of {sheet.shrunk}×{sheet.shrunk}")
    said = f"{', '.join(filter(None, about))}. {scale(sheet, 'All slices')}"
    words = "slice {across}, row {row}, column {column}"
    return {
        "heat": packed(sheet.tiles), "size": list(sheet.tiles.shape[2:]), "wrapped": 0, "more": "",
        "sheet": drawn(replace(sheet, words=words), said), "captions": _numbers(sheet),
        **chosen(sheet, looking, ("", "slice")),
        "picture": images.pixels(network, given[:, 0]),
        "over": f"Each slice of the input is this image; orange where slice {{across}} supports {name}",
    }  # fmt: skip


def _numbers(sheet: Sheet) -> list[str]:
    """Which slices are on the sheet, for the line below each; the word stands at the first."""
    first = sheet.first.get("across", 0)
    return [f"{'slice ' * (not place)}{first + place}" for place in range(sheet.tiles.shape[1])]


def _in_lines(heat: Tensor) -> tuple[Tensor, int]:
    """A long row, (1, count), as lines below each other, and its count; anything else stays, with 0."""
    rows, count = heat.shape
    if rows > 1 or count <= 2 * LINE:
        return heat, 0
    return functional.pad(heat[0], (0, -count % LINE)).reshape(-1, LINE), count
