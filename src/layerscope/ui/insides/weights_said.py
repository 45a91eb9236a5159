"""What is said of the weights and indices in a look inside: where they come from, and what is set by hand."""

from math import prod
from typing import Any

from layerscope.formatting import capital
from layerscope.network import Network
from layerscope.ui import weightfiles
from layerscope.ui.looking import Looking

Part = dict[str, Any]

NOTHING_TRAINED = "The weights are random until you set them."
OR_TRAIN = "The weights are random until you set them, or train the network in the Lab."
FROM_FILE = "The weights come from your file."
FROM_TRAINING = "The weights come from your training."
NONE_LEFT = "Those weights no longer fit, or are gone from the server: all weights are random."
MEANINGLESS = {
    "excites": "which images come out on top is arbitrary.", "class": "which places stand out is arbitrary.",
}  # fmt: skip
YET = "This means nothing until the network is trained: with {}, "
RANDOM_ONES = "random weights"


def about(network: Network, looking: Looking, scene: Part, lens: str, has_lab: bool) -> str:
    """Where the weights come from, as a sentence."""
    if lens == "window" and scene["kind"] != "sum":
        return ""
    hands = _by_hand(network, looking)
    if not looking.file:
        if lens in MEANINGLESS:
            return YET.format("weights that are random or set by hand" if hands else RANDOM_ONES) + MEANINGLESS[lens]
        random = OR_TRAIN if has_lab else NOTHING_TRAINED
        return f"{capital(hands)} set by hand; the rest is random." if hands else random
    found, left = weightfiles.weights(looking.file, network)
    said = FROM_TRAINING if looking.file.startswith(weightfiles.TRAINED) else FROM_FILE
    if hands:
        said = f"{said[:-1]}; {hands} set by hand."
    if not left:
        return said
    if not found:
        return NONE_LEFT
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    fits = "fit and are" if more else "fits and is"
    return f"{said[:-1]}, except {left[0]}{more}, which no longer {fits} random."


def _by_hand(network: Network, looking: Looking) -> str:
    """The filters that are set by hand, with their verb: "filter 0 of conv1 is"; "" where none is."""
    filters = list(dict.fromkeys((hand.layer, hand.filter) for hand in looking.hands if hand.layer in network.names))
    if not filters:
        return ""
    (layer, number), *others = filters
    first = f"filter {number} of {layer}"
    return f"{first} and {len(others)} more are" if others else f"{first} is"


def indices(network: Network) -> str:
    """What each input of indices gets, as sentences."""
    said = []
    for given in network.inputs:
        if given.kind != "values":
            high = given.high or 1
            again = f", and from 0 again after {high - 1:,}" if prod(given.shape) > high else ""
            said.append(f"{given.name} gets the indices 0, 1, 2, …{again}.")
    return " ".join(said)
