"""The card's view of a class: which places of the image speak for it."""

from typing import Any

from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.study.class_maps import class_map
from layerscope.study.inside import look
from layerscope.tracing import trace
from layerscope.ui.insides import images
from layerscope.ui.insides.packing import packed
from layerscope.ui.looking import Looking

Part = dict[str, Any]
TOP = 5
"""So many classes are named with their share."""


def scene(network: Network, given: dict[str, Any], weights: dict[str, Any], looking: Looking) -> Part:
    """Grad-CAM for one class. Raises LookError."""
    (count,) = trace(network).output_shapes[0]
    wanted = min(looking.wanted, count - 1)
    if wanted < 0:
        scores = look(network, given, looking.seed, weights).tensors[network.output_names[0]]
        wanted = int(scores.argmax())
    found = class_map(network, given, wanted, looking.seed, weights)
    shares = found.probabilities
    best = shares.argsort(descending=True, stable=True)[:TOP].tolist()
    heat = found.heat
    nothing = "" if bool((heat > 0).any()) else " Nothing in this image speaks for it."
    said = (
        f"Grad-CAM for class {wanted}: where the {shape_text(tuple(heat.shape))} cells of {found.layer} raise its "
        f"score, {float(found.scores[wanted]):.3g}, most.{nothing}"
    ).replace("-0", "−0")
    return {
        "heat": packed(heat), "size": list(heat.shape), "layer": found.layer, "said": said,
        "picture": images.pixels(network, given[network.inputs[0].name]),
        "wanted": wanted, "classes": count,
        "top": [
            {"key": "inside:wanted", "value": one, "label": f"class {one}: {float(shares[one]):.1%}"} for one in best
        ],
    }  # fmt: skip
