"""What is said of the weights and indices in a look inside: where they come from, and what is set by hand."""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from layerscope.formatting import capital, joined
from layerscope.network import Network
from layerscope.ui import weightfiles
from layerscope.ui.looking import Looking

Part = dict[str, Any]

NOTHING_TRAINED = "The weights are random until you set them."
OR_TRAIN = "The weights are random until you set them, or train the network in the Lab."
MOST_NAMED = 5
"""Layers that a sentence names."""
NONE_LEFT = "Those weights no longer fit, or are gone from the server: all weights are random."
MEANINGLESS = {
    "excites": "which images come out on top is arbitrary.", "class": "which places stand out is arbitrary.",
}  # fmt: skip
YET = "This means nothing until the network is trained: with {}, "
RANDOM_ONES = "random weights"


def source(looking: Looking) -> str:
    """What a menu calls weights that nobody set by hand."""
    if not looking.file:
        return "random"
    return f"from your {_whose(looking)}"


def _whose(looking: Looking) -> str:
    return "training" if weightfiles.is_trained(looking.file) else "file"


def about(network: Network, whole: Network, looking: Looking, scene: Part, lens: str, has_lab: bool) -> str:
    """Where the weights come from, as sentences; those of a file are told of the `whole` network."""
    if lens == "window" and scene["kind"] != "sum":
        return ""
    hands = _by_hand(network, looking)
    if not looking.file:
        if lens in MEANINGLESS:
            return YET.format("weights that are random or set by hand" if hands else RANDOM_ONES) + MEANINGLESS[lens]
        random = OR_TRAIN if has_lab else NOTHING_TRAINED
        return f"{capital(hands)} set by hand; the rest is random." if hands else random
    found, left = weightfiles.weights(looking.file, whole)
    if not found and left:
        return NONE_LEFT
    partly = _layers(whole, found)
    said = f"The weights{f' of {_named(partly)}' if left else ''} come from your {_whose(looking)}"
    if hands:
        said += f"; {hands} set by hand"
    return ". ".join([said, *_random(whole, partly, left, weightfiles.names(looking.file))]) + "."


def _random(network: Network, partly: list[str], left: tuple[str, ...], names: frozenset[str]) -> Iterator[str]:
    """Which tensors a file gives no values for, and why; a layer of which it gives none goes by its own name alone."""
    for why, is_there in (("not in it", False), ("of another shape in it", True)):
        missing = [name for name in left if (name in names) is is_there]
        told = [name if layer in partly else layer for name in missing for layer in _layers(network, [name])]
        if told:
            yield f"Random, as {why}: {_named(list(dict.fromkeys(told)))}"


def _layers(network: Network, tensors: Iterable[str]) -> list[str]:
    """The layers that hold them, each once."""
    found = dict[str, None]()
    for name in tensors:
        while name and name not in network.names:
            name = name.rpartition(".")[0]
        found[name] = None
    return list(found)


def _named(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - MOST_NAMED
    return joined([*names[:MOST_NAMED], *[f"{more:,} more"] * (more > 0)])


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
