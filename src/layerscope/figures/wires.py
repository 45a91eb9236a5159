"""Who reads whom, as plain numbers: for each row of a list the places of the earlier rows that it reads."""

from collections.abc import Iterable, Sequence

from layerscope.network import Network

Wires = tuple[tuple[int, ...], ...]


def wires(rows: Iterable[tuple[str, Sequence[str]]]) -> Wires:
    """From rows as (name, what it reads). A port ("lstm1:h_n") is its row; what is named twice is read once."""
    places: dict[str, int] = {}
    found = []
    for place, (name, read) in enumerate(rows):
        found.append(tuple(dict.fromkeys(places[one.partition(":")[0]] for one in read)))
        places[name] = place
    return tuple(found)


def wires_of(network: Network) -> Wires:
    """Those of a network: its inputs are the first places, its rows follow in their order."""
    inputs = len(network.inputs)
    rows = ([row + inputs if row >= 0 else -1 - row for row, _ in read] for read in network.wiring)
    return (*[()] * inputs, *(tuple(dict.fromkeys(read)) for read in rows))


def readers(read: Wires) -> list[list[int]]:
    """The other way round: for each row the places of those that read it."""
    found: list[list[int]] = [[] for _ in read]
    for place, row in enumerate(read):
        for one in row:
            found[one].append(place)
    return found
