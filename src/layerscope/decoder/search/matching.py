"""Which changes before a layer make a given number of values arrive there."""

from collections.abc import Iterator

from layerscope.decoder.search.at import at, last, reckoned
from layerscope.decoder.search.changed_networks import Change, of_layers
from layerscope.explain import value_text
from layerscope.layers.base import Shape
from layerscope.network import Network


def changes_to(network: Network, name: str, target: int) -> Iterator[tuple[Change, str]]:
    """Changes that make `target` the last axis of the input, each with a sentence on values that do the same.

    They are looked for with the closed formulas; those found are traced.
    """
    found: dict[tuple[tuple[str, ...], str], list[Change]] = {}
    for change in _promising(network, name, target):
        if last(arriving_with(network, name, change)) == target and at(change.network, name).features == target:
            found.setdefault((change.layers, change.what), []).append(change)
    for same in found.values():
        others = " or ".join(value_text(change.value) for change in same[1:])
        yield same[0], f" So does {same[0].what}={others}." if others else ""


def arriving_with(network: Network, name: str, change: Change) -> Shape | None:
    """What should arrive by the closed formulas once `change` was made: reckoned from the first changed layer on."""
    if not network.is_chain:
        return reckoned(change.network, name)
    start = min(map(network.index, change.layers))
    shape = at(network, network.layers[start].name).reckoned
    return reckoned(change.network, name, start, shape) if shape else None


def _promising(network: Network, name: str, target: int) -> Iterator[Change]:
    """Changes before the layer; those of the maps' size only where the channels divide what is to arrive."""
    flatten = at(network, name).flatten
    maps = at(network, flatten).shape if flatten else None
    flat = len(at(network, name).shape or ()) == 1
    divides = not flat or maps is None or len(maps) < 2 or target % maps[0] == 0
    for change in of_layers(network, name):
        if divides or change.what == "remove":
            yield change
