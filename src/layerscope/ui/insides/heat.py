"""The card's view of a class: which places of the image, or of a volume, support it."""

from collections.abc import Callable, Hashable
from typing import Any

from torch import Tensor

from layerscope import limits
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.once import recent
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.study import covering
from layerscope.study.class_maps import ClassMap, class_map, last_map, missing
from layerscope.study.covering import Covered, covered, uncoverable
from layerscope.study.data import PHOTOGRAPHS
from layerscope.study.inside import complaint, cost, look
from layerscope.study.places import embeddings, places
from layerscope.study.samples import SAMPLES
from layerscope.study.sets import CLOTHES, FASHION
from layerscope.tracing import trace
from layerscope.ui.insides import images
from layerscope.ui.insides.heated import shown
from layerscope.ui.insides.packing import packed
from layerscope.ui.looking import Looking, set_of

Part = dict[str, Any]
TOP = 5
"""So many classes are named with their share."""
WRITTEN = 3
"""So many maps are written out one by one where a cell's sum is."""
NO_CLOTHES = {*SAMPLES, *PHOTOGRAPHS} - {"shirt"}
"""Images of our own in which there is none."""
NOT_CLOTHES = " Classes have numbers here: this network's are pieces of clothing, and this image shows none."
REMEMBERED = 8
"""Covered images of the last looks."""


def scene(network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking) -> Part:
    """What supports one class: Grad-CAM, or where no map lasts until the classes, the image covered square by square.

    Raises LookError.
    """
    traced = trace(network)
    (count,) = traced.output_shapes[0]
    first = given[network.inputs[0].name]
    names = class_names(network, looking.image, count)
    unnamed = NOT_CLOTHES if names != CLOTHES and _is_for_clothes(network, count) else ""
    if last_map(traced):
        wanted, scores, heat, told = _grad_cam(network, given, weights, looking, names, count)
    else:
        wanted, scores, heat, told = _occlusion(network, given, weights, looking, names, count)
    shares, name = scores.softmax(0), _named(wanted, names)
    drawn = shown(network, first, heat, name, looking)
    best = shares.argsort(descending=True, stable=True)[:TOP].tolist()
    return {
        **told, **drawn, "said": told["said"] + drawn["more"] + unnamed, "wanted": wanted, "classes": count,
        "stem": f"class-{wanted}-{told['method'].lower()}",
        "top": [
            {"key": "inside:wanted", "value": one, "label": f"{_named(one, names)}: {float(shares[one]):.1%}"}
            for one in best
        ],
    }  # fmt: skip


Found = tuple[int, Tensor, Tensor, Part]
"""The class, the scores of all, the heat of that one, and what the browser says of it."""


def _grad_cam(
    network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking, names: tuple[str, ...],
    count: int,
) -> Found:  # fmt: skip
    def scores() -> Tensor:
        return look(network, given, looking.seed, weights).tensors[network.output_names[0]]

    wanted = _asked(looking, scores, count)
    found = class_map(network, given, wanted, looking.seed, weights)
    said = (
        f"Grad-CAM for {_named(wanted, names)}{_first(found.scores, wanted)}, score {_number(found.scores[wanted])}: "
        "orange shows where the "
        f"{shape_text(tuple(found.heat.shape))} cells of {found.layer} raise it.{_nothing(found.heat)}"
    )
    told = {
        "method": "Grad-CAM", "said": said, "cell": found.layer, "of": f"Heat of {found.layer}", "parts": parts(found),
    }  # fmt: skip
    return wanted, found.scores, found.heat, told


def _occlusion(
    network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking, names: tuple[str, ...],
    count: int,
) -> Found:  # fmt: skip
    found = _covered(network, given, weights, looking)
    wanted = _asked(looking, lambda: found.scores, count)
    cell, deed = _deed(network, found)
    said = (
        f"Occlusion for {_named(wanted, names)}{_first(found.scores, wanted)}: {deed}. "
        f"Orange: its score, {_number(found.scores[wanted])}, falls; "
        f"blue: it rises.{_nothing(found.drops[wanted])}"
    )
    fell = {"score": float(found.scores[wanted]), "drops": packed(found.drops[wanted]), "cell": cell}
    told = {
        "method": "Occlusion",
        "said": said,
        "cell": cell,
        "counts": True,
        "of": f"Drop in score by covered {cell}",
        "parts": fell,
    }
    return wanted, found.scores, found.drops[wanted], told


def parts(found: ClassMap) -> Part | None:
    """Of each cell's sum the largest parts, by the number of the map, and what the others add; None of large maps."""
    maps = found.maps.flatten(1)
    most = min(WRITTEN, len(maps))
    if (3 * most + 1) * maps.shape[1] > limits.INSIDE_SHEET.most:
        return None
    products = found.weights[:, None] * maps
    largest = products.abs().argsort(dim=0, descending=True, stable=True)[:most]
    return {
        "maps": packed(largest), "weights": packed(found.weights[largest]), "values": packed(maps.gather(0, largest)),
        "rest": packed(products.sum(0) - products.gather(0, largest).sum(0)), "others": len(maps) - most,
    }  # fmt: skip


def _deed(network: Network, found: Covered) -> tuple[str, str]:
    """What one cell of the heat stands for, and what was done to each."""
    if len(network.input_shape) > 2:
        cell = "block" if len(found.square) > 2 else "square"
        return cell, f"each {shape_text(found.square)} {cell} of the input in turn is set to 0"
    (_, wide) = found.square
    one = "step" if network.inputs[0].kind != "values" or places(network).steps_first else "value"
    cell, what = (one, one) if wide == 1 else ("stretch", f"stretch of {wide} {one}s")
    if network.inputs[0].kind == "values":
        return cell, f"each {what} of the input in turn is set to 0"
    (row, *_) = embeddings(network)
    return cell, f"the input is the indices 0, 1, 2, …, and the vectors of {row} for each {what} in turn are set to 0"


def _by_what(network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking) -> Hashable:
    return network.exact, looking.image, looking.seed, looking.hands, looking.file


@recent(REMEMBERED, _by_what)
def _covered(network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking) -> Covered:
    """Asked again with every event on the page, while the same stays open."""
    return covered(network, given, looking.seed, weights)


def _nothing(heat: Tensor) -> str:
    return "" if _shows(heat) else " Nothing in this image supports it; choose another class below."


def _number(score: Tensor) -> str:
    return f"{float(score):.3g}".replace("-", "−")


def _asked(looking: Looking, scores: Callable[[], Tensor], count: int) -> int:
    """The class that was chosen; where none was, the one that scores most, for which alone `scores` is asked."""
    return min(looking.wanted, count - 1) if looking.wanted >= 0 else _best(scores())


def _best(scores: Tensor) -> int:
    return int(scores.argsort(descending=True, stable=True)[0])


def _first(scores: Tensor, wanted: int) -> str:
    return ", the network's first choice" if wanted == _best(scores) else ""


def _shows(heat: Tensor) -> bool:
    return bool((heat > 0).any())


def lacking(traced: Trace) -> str:
    """Why there is nothing to see of a class, as a sentence; "" where there is."""
    return missing(traced) or complaint(traced) or ("" if last_map(traced) else uncoverable(traced))


def effort(traced: Trace) -> int:
    """Values and operations that the view takes, at most."""
    one = max(cost(traced))
    return one if last_map(traced) else max(one, covering.effort(traced))


def class_names(network: Network, image: str, count: int) -> tuple[str, ...]:
    """What the classes are called: as in the set that the image is of, or for a piece of clothing as the network's
    data has them; none where neither has so many. A digit is none of the classes of a network for clothes."""
    key = set_of(image)[0]
    if _is_for_clothes(network, count) and (key == FASHION or (not key and image not in NO_CLOTHES)):
        return CLOTHES
    data = images.data(key)
    names = data.classes if data is not None else ()
    return names if len(names) == count else ()


def _is_for_clothes(network: Network, count: int) -> bool:
    seed = PRESETS[DEFAULT]
    known = (network.names, network.input_shape, network.classes)
    return count == len(CLOTHES) and known == (seed.names, seed.input_shape, count)


def _named(one: int, names: tuple[str, ...]) -> str:
    """class 1 (Trouser)."""
    return f"class {one} ({names[one]})" if names and names[one] != str(one) else f"class {one}"
