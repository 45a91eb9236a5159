"""The card's view of a class: which places of the image support it."""

from typing import Any

from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.class_maps import ClassMap, class_map
from layerscope.study.inside import look
from layerscope.study.sets import CLOTHES
from layerscope.tracing import trace
from layerscope.ui.insides import images
from layerscope.ui.insides.packing import packed
from layerscope.ui.looking import Looking, set_of

Part = dict[str, Any]
TOP = 5
"""So many classes are named with their share."""


def scene(network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking) -> Part:
    """Grad-CAM for one class. Raises LookError."""
    (count,) = trace(network).output_shapes[0]
    found, wanted = _found(network, given, weights, looking, count)
    shares = found.probabilities
    best = shares.argsort(descending=True, stable=True)[:TOP].tolist()
    heat = found.heat
    names = class_names(network, looking.image, count)
    nothing = "" if _shows(found) else " Nothing in this image supports it."
    said = (
        f"Grad-CAM for {_named(wanted, names)}: where the {shape_text(tuple(heat.shape))} cells of {found.layer} raise "
        f"its score, {float(found.scores[wanted]):.3g}, most.{nothing}"
    ).replace("-0", "−0")
    return {
        "heat": packed(heat), "size": list(heat.shape), "layer": found.layer, "said": said,
        "picture": images.pixels(network, given[network.inputs[0].name]),
        "wanted": wanted, "classes": count, "name": _named(wanted, names),
        "top": [
            {"key": "inside:wanted", "value": one, "label": f"{_named(one, names)}: {float(shares[one]):.1%}"}
            for one in best
        ],
    }  # fmt: skip


def _found(
    network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking, count: int
) -> tuple[ClassMap, int]:
    """The map of the class that was chosen, and which that is: where none was, of those that score most the first for
    which the image has something to show."""
    if looking.wanted >= 0:
        wanted = [min(looking.wanted, count - 1)]
    else:
        scores = look(network, given, looking.seed, weights).tensors[network.output_names[0]]
        wanted = scores.argsort(descending=True, stable=True)[:TOP].tolist()
    made = ((class_map(network, given, one, looking.seed, weights), one) for one in wanted)
    first = next(made)
    return first if _shows(first[0]) else next((each for each in made if _shows(each[0])), first)


def _shows(found: ClassMap) -> bool:
    return bool((found.heat > 0).any())


def class_names(network: Network, image: str, count: int) -> tuple[str, ...]:
    """What the classes are called: those of the data that the network is for, or else of the set that the image is of;
    none where neither has so many."""
    seed = PRESETS[DEFAULT]
    is_for_clothes = (network.names, network.input_shape, network.classes) == (seed.names, seed.input_shape, count)
    data = images.data(set_of(image)[0])
    names = CLOTHES if is_for_clothes else data.classes if data is not None else ()
    return names if len(names) == count else ()


def _named(one: int, names: tuple[str, ...]) -> str:
    """class 1 (Trouser)."""
    return f"class {one} ({names[one]})" if names and names[one] != str(one) else f"class {one}"
