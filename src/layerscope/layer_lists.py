"""Many layers in few words: whole blocks by their paths, neighbours together; of scattered ones where most are."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from re import fullmatch

from layerscope import blocks
from layerscope.formatting import joined
from layerscope.inputs import paths_above
from layerscope.network import Network

MOST_PATHS = 4
"""How many rows and blocks a sentence names."""
MOST_TYPES = 3
"""How many types of layers."""

MOST_OF_ALL = 0.75
"""A block with more of the network's rows is nearly the whole network."""


def told_rows(network: Network, names: Sequence[str]) -> str:
    """Those rows of the network in words: "pool2"; "layer1 to layer4 (60 of 69 layers)"; "62 of 69 layers, most of them
    in layer1 to layer4"; "11 of 40 layers: 5 Conv2d, 5 ReLU and 1 MaxPool2d"."""
    gathered = blocks.gathered(network, names)
    found, count = _together(gathered), f"{len(names):,} of {len(network.layers):,} layers"
    if len(found) <= MOST_PATHS:
        return joined(found) + (f" ({count})" if len(names) > len(gathered) else "")
    if where := _where(network, names):
        return f"{count}, most of them in {joined(_together(where))}"
    types = Counter(network[name].type for name in names).most_common()
    named = [f"{number:,} {kind}" for kind, number in types[:MOST_TYPES]]
    rest = sum(number for _, number in types[MOST_TYPES:])
    return f"{count}: {joined([*named, f'{rest:,} more'] if rest else named)}"


def _where(network: Network, names: Sequence[str]) -> list[str]:
    """The few blocks that hold most of these rows, none of them nearly the whole network; none where there are none."""
    inside = Counter(path for name in names if (path := outermost(network, name)))
    few = dict(inside.most_common(MOST_PATHS))
    return [path for path in inside if path in few] if sum(few.values()) * 2 > len(names) else []


def outermost(network: Network, name: str) -> str:
    """The largest block around a row that is not nearly the whole network; "" where there is none."""
    most = MOST_OF_ALL * len(network.layers)
    return next((path for path in paths_above(name) if len(network.blocks[path]) < most), "")


def _together(paths: Sequence[str]) -> list[str]:
    """Paths that follow each other as one: layer3.2 to layer3.5."""
    groups = [[path for _, path in group] for _, group in groupby(enumerate(paths), key=_neighbours)]
    return [group[0] if len(group) == 1 else f"{group[0]} to {group[-1]}" for group in groups]


def _neighbours(item: tuple[int, str]) -> tuple[str, int]:
    """The same for layer3.2, layer3.3, layer3.4, which follow each other."""
    place, path = item
    match = fullmatch(r"(.*?)(\d{1,6})", path)
    return (match[1], int(match[2]) - place) if match else (path, place)
