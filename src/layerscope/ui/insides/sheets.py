"""Sheets of small pictures: a layer's weights, what it outputs, and the images that excite one of its maps most."""

from functools import lru_cache
from typing import Any

from torch import Tensor

from layerscope import limits
from layerscope.network import Network
from layerscope.steps import Step, Trace
from layerscope.study.data import Data
from layerscope.study.exciting import Excited, affordable, exciting
from layerscope.study.hands import Hand, replaced
from layerscope.study.inside import Inside, LookError, cost
from layerscope.study.sets import DIGITS as DIGIT_SET
from layerscope.study.sets import FASHION
from layerscope.study.sheets import Sheet, maps, weights
from layerscope.study.sights import sights
from layerscope.study.windows import WITH_WINDOWS
from layerscope.tracing import trace
from layerscope.ui.insides import images
from layerscope.ui.insides.packing import packed
from layerscope.ui.insides.window import on_image, too_large
from layerscope.ui.looking import Looking
from layerscope.ui.weightfiles import weights as file_weights

Part = dict[str, Any]
DIGITS = 3
"""Significant digits of the ends of a scale."""


def _part(sheet: Sheet, said: str) -> Part:
    """A sheet as the browser draws it."""
    return {
        "tiles": packed(sheet.tiles), "shape": list(sheet.tiles.shape), "words": sheet.words, "most": sheet.most,
        "said": said,
    }  # fmt: skip


def _scale(sheet: Sheet, what: str) -> str:
    """The scale in words: one for all that is on the sheet."""
    low, high = (f"{end:.{DIGITS}g}".replace("-", "−") for end in sheet.ends)
    most = f"{sheet.most:.{DIGITS}g}"
    return (
        f"{what} share one color scale: white = 0, darkest orange = {most}, darkest blue = −{most}; "
        f"values from {low} to {high}."
    )


def weights_scene(seen: Inside, name: str, looking: Looking) -> Part:
    """The weight tensors of a layer, one at a time."""
    tensors = seen.parameters(name)
    keys = list(tensors)[: limits.INSIDE_TENSORS.most]
    key = looking.tensor if looking.tensor in keys else keys[0]
    sheet = weights(tensors[key])
    options = [{"value": one, "label": one} for one in keys]
    is_kernels = tensors[key].ndim > 2
    chosen = {"filter": looking.filter, "channel": looking.channel} if is_kernels else {}
    return {
        "of": f"{name}.{key}", "stem": f"{name}.{key}",
        "sheet": _part(sheet, f"{name}.{key}: {sheet.told}. {_scale(sheet, 'All its values')}"),
        "tensor": {"value": key, "options": options} if len(keys) > 1 else None,
        "lines": is_kernels, "clicks": "kernel" if is_kernels else "", **chosen,
    }  # fmt: skip


def maps_scene(seen: Inside, traced: Trace, name: str, looking: Looking) -> Part:
    """All that leaves a layer, on one sheet, and the image that it comes from."""
    made = seen.tensors[name]
    sheet = maps(made.float())
    return {
        "of": f"{name} outputs", "stem": f"{name}-maps",
        "sheet": _part(sheet, f"{name} outputs {sheet.told}. {_scale(sheet, 'All maps')}"),
        "shrunk": sheet.shrunk, "clicks": "map" if made.ndim == 3 else "", "lines": made.ndim > 3,
        "can_write": _has_arithmetic(traced.steps[-1]), "filter": looking.filter,
        **on_image(seen, traced, name),
    }  # fmt: skip


def _has_arithmetic(step: Step) -> bool:
    """Whether the window's view writes out each value of the layer's maps."""
    is_map = len(step.output_shape or ()) == 3
    return is_map and isinstance(step.layer, WITH_WINDOWS) and not too_large(step)


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
    tiles = data.images[places].float()[None, :, 0] / data.white
    sheet = Sheet(tiles, "image {across}, row {row}, column {column}", tuple(tiles.shape))
    return {
        "of": f"{data.name} {row} {name}", "stem": f"{name}-{row}-{data.name}",
        "sheet": _part(sheet, said) | {"gray": True},
        "clicks": "image", "lines": False, "captions": captions,
        "titles": [f"{data.one} {place:,}, labeled {words}. Select it to look inside." for place, words in named],
        "names": [f"{data.name}.{place}" for place in places],
        "boxes": _boxes(traced, found.cells[row].tolist()),
        "filter": row, "filters": len(found.images), "kind": what,
        "sets": {
            "value": data.name, "options": [{"value": key, "label": title} for key, title in images.sets().items()],
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
