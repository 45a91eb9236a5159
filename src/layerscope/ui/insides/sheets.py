"""Sheets of small pictures: a layer's weights, what it outputs, and the images that excite one of its maps most."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from torch import Tensor

from layerscope import limits
from layerscope.formatting import capital
from layerscope.layers.linear import Linear
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.study.data import Data
from layerscope.study.exciting import Excited, affordable, exciting
from layerscope.study.hands import Hand, replaced
from layerscope.study.inside import Inside, LookError, cost
from layerscope.study.sets import DIGITS as DIGIT_SET
from layerscope.study.sets import FASHION
from layerscope.study.sheets import Sheet, maps, weights
from layerscope.study.sights import sights
from layerscope.tracing import trace
from layerscope.ui.insides import images
from layerscope.ui.insides.calculating import written_out
from layerscope.ui.insides.packing import packed
from layerscope.ui.insides.window import on_image
from layerscope.ui.looking import Looking
from layerscope.ui.weightfiles import weights as file_weights

Part = dict[str, Any]
DIGITS = 3
"""Significant digits of the ends of a scale."""
ON_A_LINE = "map {row}, position {column}"
"""A value of maps that have one axis."""


def drawn(sheet: Sheet, said: str) -> Part:
    """A sheet as the browser draws it."""
    return {
        "tiles": packed(sheet.tiles), "shape": list(sheet.tiles.shape), "words": sheet.words, "most": sheet.most,
        "said": said, "first": dict(sheet.first),
    }  # fmt: skip


def scale(sheet: Sheet, what: str) -> str:
    """The scale in words: one for all that is on the sheet."""
    low, high = (f"{end:.{DIGITS}g}".replace("-", "−") for end in sheet.ends)
    most = f"{sheet.most:.{DIGITS}g}"
    if sheet.cut:
        what += " on this sheet"
    return (
        f"{what} share one color scale: white = 0, darkest orange = {most}, darkest blue = −{most}; "
        f"values from {low} to {high}."
    )


def weights_scene(seen: Inside, name: str, looking: Looking) -> Part:
    """The weight tensors of a layer, one at a time."""
    tensors = seen.parameters(name)
    keys = list(tensors)[: limits.INSIDE_TENSORS.most]
    key = looking.tensor if looking.tensor in keys else keys[0]
    sheet = weights(tensors[key], (looking.filter, looking.channel))
    options = [{"value": one, "label": one} for one in keys]
    is_kernels = tensors[key].ndim > 2
    labels = ("filter", "kernel") if is_kernels else ("row", "column") if tensors[key].ndim == 2 else ("value", "")
    return {
        "of": f"{name}.{key}{_begin(sheet)}", "stem": f"{name}.{key}",
        "sheet": drawn(sheet, f"{name}.{key}: {sheet.told}. {scale(sheet, 'All its values')}"),
        "tensor": {"value": key, "options": options} if len(keys) > 1 else None,
        "lines": is_kernels, "chooses": {"inside:filter": "down", "inside:channel": "across"} if is_kernels else {},
        **chosen(sheet, looking, labels),
    }  # fmt: skip


def _begin(sheet: Sheet) -> str:
    """Which part of a tensor is on the sheet, for the browser to tell whether it is another one."""
    return "".join(f" {axis} {first}" for axis, first in sheet.first.items())


def chosen(sheet: Sheet, looking: Looking, labels: tuple[str, str], is_across: bool = False) -> Part:
    """What is chosen of the sheet, and how many there are to choose from where it shows a part of them.

    `is_across`: the filter is counted along the sheet's second axis.
    """
    many, each = sheet.beyond[::-1] if is_across else sheet.beyond
    found = {"filter": looking.filter, "channel": looking.channel}
    for name, count in (("filter", many), ("channel", each)):
        if count:
            found[name] = min(found[name], count - 1)
    return found | {"filters": many, "depth": each, "labels": labels}


def maps_scene(seen: Inside, traced: Trace, name: str, looking: Looking) -> Part:
    """All that leaves a layer, on one sheet, and the image that it comes from."""
    made, step = seen.tensors[name], traced.steps[-1]
    is_across = made.ndim == 2 and isinstance(step.layer, Linear)
    at = (looking.channel, looking.filter) if is_across else (looking.filter, looking.channel)
    sheet = maps(made.float(), at)
    if made.ndim == 2 and len(sights(step) or ()) == 1:
        sheet = replace(sheet, words=ON_A_LINE)
    labels, chooses, place = _ways(made.ndim, is_across)
    return {
        "of": f"{name} outputs{_begin(sheet)}", "stem": f"{name}-maps",
        "sheet": drawn(sheet, f"{name} outputs {sheet.told}. {scale(sheet, 'All maps')}"),
        "shrunk": sheet.shrunk, "chooses": chooses, "lines": made.ndim > 3, "place": place,
        "can_write": written_out(step), **chosen(sheet, looking, labels, is_across),
        **on_image(seen, traced, name),
    }  # fmt: skip


def _ways(axes: int, is_across: bool) -> tuple[tuple[str, str], dict[str, str], list[str]]:
    """For an output with so many axes: the names of the two numbers that choose a part of it, which of them a chosen
    cell says, and its place along the window's axes."""
    if axes == 3:
        return ("map", ""), {"inside:filter": "across"}, ["row", "column"]
    if is_across:
        return ("column", "row"), {"inside:filter": "column", "inside:channel": "row"}, []
    if axes == 2:
        return ("row", "column"), {"inside:filter": "row"}, ["", "column"]
    if axes == 1:
        return ("value", ""), {"inside:filter": "place"}, []
    return ("map", "slice"), {"inside:filter": "down", "inside:channel": "across"}, ["across", "row", "column"]


def excites_scene(network: Network, traced: Trace, name: str, looking: Looking) -> Part:
    """The images of a set on which one map of a layer reaches its largest values. Raises LookError."""
    data = _set(looking)
    found = _excited(network, looking.seed, looking.hands, looking.file, data.name)
    row = min(looking.filter, len(found.images) - 1)
    shape = traced.steps[-1].output_shape or ()
    places, values = found.images[row].tolist(), found.values[row].tolist()
    captions = [_caption(data.label(place), value) for place, value in zip(places, values, strict=True)]
    named = list(zip(places, captions, strict=True))
    seen = "all" if found.looked_at == len(data) else f"the first {found.looked_at:,} of"
    what = "map" if len(shape) > 1 else "value"
    said = f"The images that give {what} {row} of {name} its largest values, of {seen} {len(data):,} {_title(data)}."
    if len(network.input_shape) < 3:  # the network reads no image
        said += f" It reads each as a sequence: {data.fit(network.input_shape)}."
    tiles = data.images[places].float()[None, :, 0] / data.white
    sheet = Sheet(tiles, "image {across}, row {row}, column {column}", tuple(tiles.shape))
    return {
        "of": f"{data.name} {row} {name}", "stem": f"{name}-{row}-{data.name}",
        "sheet": drawn(sheet, said) | {"gray": True},
        "lines": False, "captions": captions,
        "titles": [
            f"{data.one.capitalize()} {place:,}, labeled {words}. Select it to look inside." for place, words in named
        ],
        "names": [f"{data.name}.{place}" for place in places],
        "boxes": _boxes(traced, found.cells[row].tolist()),
        "filter": row, "filters": len(found.images), "labels": (what, ""),
        "sets": {
            "value": data.name,
            "options": [{"value": key, "label": capital(title)} for key, title in images.sets().items()],
        },
    }  # fmt: skip


def _caption(label: str, value: float) -> str:
    return f"{label}: {value:.{DIGITS}g}".replace("-", "−")


def effort(network: Network, looking: Looking) -> int:
    """Operations that comparing the images of a set takes, at most."""
    data = images.data(looking.excites)
    one = cost(trace(network))[1]
    return one if data is None else one * affordable(network, len(data))


def _set(looking: Looking) -> Data:
    """The set that is chosen, or else the digits."""
    found = images.data(looking.excites) or images.data(DIGIT_SET)
    if found is None:
        raise LookError("The images of this set cannot be read.")
    return found


def _title(data: Data) -> str:
    return images.SETS.get(data.name, "images") + (" images" if data.name == FASHION else "")


@lru_cache(maxsize=8)
def _excited(network: Network, seed: int, hands: tuple[Hand, ...], file: str, key: str) -> Excited:
    """Kept for other maps of the layer: each image goes through the network once for all of them."""
    data = images.data(key)
    assert data is not None
    given: dict[str, Tensor] = file_weights(file, network)[0] if file else {}
    return exciting(network, data, seed, replaced(network, seed, hands, given))


def _boxes(traced: Trace, cells: list[int]) -> list[list[float]]:
    """Where each largest value looks, in parts of the image: top, left, bottom, right."""
    step = traced.steps[-1]
    found, shape = sights(step), step.output_shape or ()
    if found is None or len(found) != 2:
        return []
    size = traced.network.input_shape[-2:]
    boxes = []
    for cell in cells:
        place = divmod(cell, shape[-1]) if len(shape) > 2 else (0, 0)
        spans = [axis[min(at, len(axis) - 1)] for axis, at in zip(found, place, strict=True)]
        boxes.append(
            [spans[0][0] / size[0], spans[1][0] / size[1], (spans[0][1] + 1) / size[0], (spans[1][1] + 1) / size[1]]
        )
    return boxes
