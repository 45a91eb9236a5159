"""Several inputs of which one is neither an image nor a sequence nor a row: a time step, or the neighbors of nodes.

Tried where the network does not run otherwise, and taken only where it runs whole so.
"""

from collections.abc import Iterator, Sequence

from layerscope.inputs import Input
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source.followed import Followed
from layerscope.source.following import follow
from layerscope.source.other_forms import Meant, score, whole
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.reading import Note
from layerscope.source.torch.world import TorchWorld

NODES = 12
"""Nodes of a graph, where nothing says how many there are."""
MOST = 6
"""Inputs that are tried in these ways."""


def otherwise(
    run: Evaluator, world: TorchWorld, meant: Meant, found: Followed, before: dict[Note, None]
) -> Followed | None:  # fmt: skip
    """The network followed so; None where it does not run."""
    if len(found.entries) > MOST or world.single_numbers:
        return None
    notes, axes = run.remarks.notes, world.batch_axes
    for other in _tries(run, world, meant, found, before):
        if score(other) >= whole(other) and not other.misfits:
            world.is_combined = True
            return other
    world.single_numbers, world.batch_axes, run.remarks.notes = frozenset(), axes, notes
    return None


def _tries(
    run: Evaluator, world: TorchWorld, meant: Meant, found: Followed, before: dict[Note, None]
) -> Iterator[Followed]:
    """The network followed with one number for a sample in the place of some inputs, then with a graph's neighbors."""
    for singles in _singles([entry.given.name for entry in found.entries]):
        inputs = [
            Input(entry.given.name, (1,), entry.given.kind) if entry.given.name in singles else entry.given.name
            for entry in found.entries
        ]
        other = _followed(run, world, meant, inputs, before, singles)
        if other.misfits and other.fault is None:
            other = _followed(run, world, meant, _fitted(other, inputs), before, singles)
        yield other
    for rows in _graphs(found):
        yield _followed(run, world, meant, rows, before, frozenset())


def _followed(
    run: Evaluator, world: TorchWorld, meant: Meant, inputs: Sequence[Input | str], before: dict[Note, None],
    singles: frozenset[str],
) -> Followed:  # fmt: skip
    name, network, node = meant
    run.remarks.notes = dict(before)
    world.single_numbers, world.batch_axes = singles, {}
    return follow(run, world, name, network, node, inputs)


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
