"""Several inputs of which one is neither an image nor a sequence nor a row: a time step, or the neighbors of nodes.

Tried where the network does not run otherwise, and taken only where it runs whole so.
"""

from collections.abc import Iterator, Sequence

from layerscope.inputs import Input
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.attempts import Attempts
from layerscope.source.followed import Followed
from layerscope.source.ways import Way

NODES = 12
"""Nodes of a graph, where nothing says how many there are."""
MOST = 6
"""Inputs that are tried in these ways."""


def otherwise(attempts: Attempts, found: Followed) -> Followed | None:
    """The network followed so; None where it does not run."""
    if len(found.entries) > MOST:
        return None
    return next((other for other in _tries(attempts, found) if other.is_whole and not other.misfits), None)


def _tries(attempts: Attempts, found: Followed) -> Iterator[Followed]:
    """The network followed with one number for a sample in the place of some inputs, then with a graph's neighbors."""
    for singles in _singles([entry.given.name for entry in found.entries]):
        way = Way(single_numbers=singles, is_combined=True)
        inputs = [
            Input(entry.given.name, (1,), entry.given.kind) if entry.given.name in singles else entry.given.name
            for entry in found.entries
        ]
        other = attempts.follow(inputs, way=way)
        if other.misfits and other.fault is None:
            other = attempts.follow(_fitted(other, inputs), way=way)
        yield other
    for rows in _graphs(found):
        yield attempts.follow(rows, way=Way(is_combined=True))


def _singles(names: Sequence[str]) -> Iterator[frozenset[str]]:
    """Which inputs may be one number for each sample: each but the first alone, then all of them."""
    yield from (frozenset([name]) for name in names[1:])
    if len(names) > 2:
        yield frozenset(names[1:])


def _fitted(found: Followed, inputs: Sequence[Input | str]) -> list[Input | str]:
    """The inputs, the row that is guessed as long as makes what it is joined with fit."""
    lengths = {
        entry.given.name: entry.given.shape[0] - found.excess
        for entry in found.entries if entry.is_guessed and len(entry.given.shape) == 1
    }  # fmt: skip
    return [
        Input(each, (lengths[each],)) if isinstance(each, str) and 0 < lengths.get(each, 0) <= LARGEST_WIDTH else each
        for each in inputs
    ]


def _graphs(found: Followed) -> Iterator[list[Input]]:
    """Of two inputs, one with a row for each node, and one with a row of neighbors for each."""
    if len(found.entries) != 2:
        return
    names = [entry.given.name for entry in found.entries]
    for place, entry in enumerate(found.entries):
        if len(entry.given.shape) == 1:
            nodes = Input(names[place], (NODES, *entry.given.shape))
            neighbors = Input(names[1 - place], (NODES, NODES))
            yield [nodes, neighbors] if place == 0 else [neighbors, nodes]
