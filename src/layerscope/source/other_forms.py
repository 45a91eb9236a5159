"""Other forms in which a network may take its inputs: one index a sample, one sequence without a batch, states.

Each is followed, and taken only where the whole network runs so.
"""

import re
from collections.abc import Sequence
from itertools import islice, product

from layerscope.inputs import Input
from layerscope.source.attempts import Attempts
from layerscope.source.followed import Followed
from layerscope.source.record import Entry
from layerscope.source.torch.applying import RECURRENT
from layerscope.source.torch.astray import BatchFault, StateFault
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.open_input import LENGTH, USUAL, Met, met_as_state
from layerscope.source.ways import Way

_MAKES_ONE = re.compile(r"squeeze|(?:view|reshape)\(\(?1,")
"""How code makes a batch of one."""
MOST_COMBINED = 12
"""Shapes of several inputs that are tried together."""


def one_by_one(attempts: Attempts, found: Followed) -> Followed | None:
    """The network followed on one index for each sample, as a decoder takes one word after the other; None where it
    does not run so."""
    looked_up = _looked_up(found)
    alone = frozenset(entry.given.name for entry in found.entries if id(entry) in looked_up)
    if not alone:
        return None
    axes = {entry.given.name: 0 if entry.given.name in alone else entry.axis for entry in found.entries}
    inputs = [
        Input(each.name, (1,), each.kind)
        if each.name in alone
        else each.name
        if each == Input(each.name, USUAL)
        else each
        for each in (entry.given for entry in found.entries)
    ]
    other = attempts.follow(inputs, way=Way(axes, alone))
    return other if other.is_whole and not other.misfits else None


def is_for_one(found: Followed) -> bool:
    """Whether a view in the code is written for a batch of one."""
    return any(row.slip is not None and (row.slip.parameter, row.slip.value) == ("rows", 1) for row in found.rows)


def as_one(attempts: Attempts, found: Followed) -> Followed | None:
    """The network followed on one sequence without a batch, of which the code makes a batch of one; None where it does
    not run so."""
    given = found.entries[0].given
    if not _MAKES_ONE.search(attempts.run.paste.text) or not (given.kind == "indices" or len(given.shape) == 2):
        return None
    other = attempts.follow((Input("input", given.shape, given.kind),), way=Way(is_bare=True))
    return other if other.makes_batch and other.is_whole else None


def moved(attempts: Attempts, found: Followed) -> Followed | None:
    """The network followed with the samples first in the inputs that it turns itself, before a layer expects the steps
    first; None where it does not run so."""
    turned = [entry.given.name for entry in found.entries if entry.is_guessed and entry.axis == 1]
    if not turned or not isinstance(found.fault, BatchFault | StateFault):
        return None
    axes = {entry.given.name: 0 if entry.given.name in turned else entry.axis for entry in found.entries}
    inputs = [entry.given if entry.is_met else entry.given.name for entry in found.entries]
    other = attempts.follow(inputs, way=Way(axes, is_combined=True))
    return other if other.is_whole and not other.misfits else None


def combined(attempts: Attempts, found: Followed) -> Followed | None:
    """The network followed on sequences, or on states of its recurrent layers, in the place of inputs of which the code
    says less; None where it does not run so."""
    states = _states(found)
    ways = [_ways(entry, states) for entry in found.entries]
    for inputs in islice(product(*ways), 1, MOST_COMBINED + 1):
        axes = {given.name: axis for given, axis in inputs if isinstance(given, Input)}
        other = attempts.follow([given for given, _ in inputs], way=Way(axes, is_combined=True))
        if other.is_whole and not other.misfits:
            return other
    return None


def _states(found: Followed) -> list[Met]:
    """The states of the recurrent layers, each once."""
    inside = walked(found.instance) if isinstance(found.instance, Module) else ()
    layers = [each.layer for _, each in inside if isinstance(each, LayerModule) and each.layer is not None]
    return list(dict.fromkeys(met_as_state(layer) for layer in layers if layer.type.removesuffix("Cell") in RECURRENT))


def _looked_up(found: Followed) -> set[int]:
    """The ids of the inputs that layers such as Embedding read, however they were moved before."""
    origins: set[int] = set()
    for row in reversed(found.rows):
        if row.layer.wants == "indices" or (row.layer.passes_kind and id(row) in origins):
            origins |= {id(read.origin) for read in row.reads}
    return origins & {id(entry) for entry in found.entries}


def _ways(entry: Entry, states: Sequence[Met]) -> list[tuple[Input | str, int]]:
    """What an input may be, that as which it was followed first."""
    given, axis = entry.given, entry.axis
    if entry.is_guessed or given == Input(given.name, USUAL):
        widths = dict.fromkeys(shape[-1] for shape, _, _ in states)
        rows = [(Input(given.name, (LENGTH, width)), 0) for width in widths]
        return [(given.name, axis), *rows, *((Input(given.name, shape), at) for shape, at, _ in states)]
    if given.kind == "indices" or len(given.shape) != 1:
        return [(given, axis)]
    rows = [(Input(given.name, (LENGTH, *given.shape)), 0)]
    alike = [(Input(given.name, shape), at) for shape, at, _ in states if shape[-1] == given.shape[-1]]
    return [(given, axis), *rows, *alike]
