"""Blocks: rows whose names begin alike, as those of `layer1.0`. What they hold, which are equal, and edits of them.

Nothing about blocks is stored: a block is a path, the dotted beginning of names. All functions are pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from layerscope import ties, wiring
from layerscope.inputs import paths_above
from layerscope.layers.base import Layer
from layerscope.network import MOST_LAYERS, Network, NetworkError


def rows_of(network: Network, path: str) -> tuple[str, ...]:
    """The names of a block's rows in order; of the row itself where `path` is a row's name."""
    return network.blocks.get(path) or ((path,) if path in network.names else ())


def is_block(network: Network, path: str) -> bool:
    """Whether rows stand in a block of that path."""
    return path in network.blocks


def gathered(network: Network, names: Sequence[str]) -> tuple[str, ...]:
    """Those names, the paths of blocks in the place of all their rows."""
    chosen = {*names}
    found = dict.fromkeys(
        next((path for path in paths_above(name) if chosen.issuperset(rows_of(network, path))), name) for name in names
    )
    return tuple(found)


def entries(network: Network, names: Iterable[str]) -> tuple[str, ...]:
    """What the rows read from outside of themselves, in order."""
    inside = {*names}
    read = (reference for name in network.names if name in inside for reference in network.before(name))
    return tuple(dict.fromkeys(one for one in read if wiring.parts(one)[0] not in inside))


def exits(network: Network, names: Iterable[str]) -> tuple[str, ...]:
    """The rows whose values are read outside of them, or leave the network; the last row where none is."""
    inside = {*names}
    leaving = {wiring.parts(reference)[0] for reference in network.output_names}
    found = tuple(
        name
        for name in network.names
        if name in inside and (name in leaving or any(user not in inside for user in network.users(name)))
    )
    return found or tuple(name for name in network.names if name in inside)[-1:]


def alike(network: Network, path: str) -> tuple[str, ...]:
    """The blocks beside `path`, itself included, that hold equal rows, each wired in the same way."""
    parent, dot, _ = path.rpartition(".")
    depth = path.count(".") + 1
    beside = dict.fromkeys(
        ".".join(parts[:depth])
        for parts in (name.split(".") for name in network.names if name.startswith(parent + dot))
        if len(parts) > depth
    )
    wanted = tuple(_content(network, path))
    return tuple(
        other
        for other in beside
        if other == path or all(one == row for one, row in zip_longest(wanted, _content(network, other)))
    )


def _content(network: Network, path: str) -> Iterator[tuple[object, ...]]:
    """A block's rows without what is its own: rows by their places in it, what it reads by its order."""
    names = rows_of(network, path)
    known = {name: f"{place}" for place, name in enumerate(names)}
    outside: dict[str, str] = {}
    for name in names:
        layer = network[name]
        read = []
        for reference in (*network.before(name), *filter(None, [layer.of])):
            row, port = wiring.parts(reference)
            stands_for = known.get(row) or outside.setdefault(row, f"from outside {len(outside)}")
            read.append((stands_for, port))
        tied = tuple(ties.following(tie, known) for tie in layer.tied)
        yield name.removeprefix(path), layer.signature, tuple(read), tied


def siblings(network: Network, name: str) -> tuple[str, ...]:
    """The rows that stand where row `name` does in blocks equal to one that holds it, itself included.

    The outermost block that has equals counts. Just (name,) where none has.
    """
    for path in paths_above(name):
        equals = alike(network, path)
        if len(equals) > 1:
            return tuple(other + name.removeprefix(path) for other in equals)
    return (name,)


Change = tuple[tuple[str, ...], str, Any]
"""Rows, one argument of theirs, and its value."""


def changes_alike(before: Network, after: Network) -> tuple[Change, ...]:
    """What would do to all equal blocks what one edit has done to one; empty where there is nothing more to do."""
    if before.names != after.names:
        return ()
    found = []
    for old, new in zip(before.layers, after.layers, strict=True):
        if type(old) is not type(new) or old.signature == new.signature or new.of:
            continue
        others = tuple(name for name in siblings(before, old.name) if name != old.name and after[name].type == new.type)
        if others:
            found += [(others, key, new.chosen[key]) for key, value in old.chosen.items() if value != new.chosen[key]]
    return tuple(change for change in found if any(after[name].chosen[change[1]] != change[2] for name in change[0]))


def changed_alike(network: Network, changes: Sequence[Change]) -> Network:
    """The network with those arguments changed."""
    for names, parameter, value in changes:
        for name in names:
            network = network.with_argument(name, parameter, value)
    return network


def graft(network: Network, after: str, rows: Sequence[Layer]) -> Network:
    """The network with rows after that row or input of the network: what read it reads the last of them.

    The rows name all that they read.
    """
    place = network.index(after) + 1 if after in network.names else 0
    last = rows[-1].name

    def change(reference: str) -> str:
        return last if reference == after else reference

    old = explicit(network)
    layers = (*old[:place], *rows, *wiring.renamed(old[place:], change))
    return replace(network, layers=layers, outputs=tuple(map(change, network.outputs)))


def explicit(network: Network) -> tuple[Layer, ...]:
    """The rows, each naming all that it reads; a network makes them short again."""
    return tuple(replace(layer, inputs=network.before(layer.name)) for layer in network.layers)


def without(network: Network, path: str) -> Network:
    """The network without that block. What read it reads what it read."""
    for name in reversed(rows_of(network, path)):
        network = network.remove(name)
    return network


def duplicated(network: Network, path: str) -> tuple[Network, str]:
    """The network with a copy of that block after it, which reads the block; and the copy's path."""
    names = rows_of(network, path)
    (first, *_), (last, *others) = entries(network, names) or ("",), exits(network, names)
    if others or not first:
        raise NetworkError(f"{path} cannot be duplicated: a copy reads a block's output, and this one has several.")
    new = free_path(network, path)
    copies = {name: new + name.removeprefix(path) for name in names}

    def change(reference: str) -> str:
        row, port = wiring.parts(reference)
        if reference == first:
            return last
        return f"{copies.get(row, row)}:{port}" if port else copies.get(row, row)

    known = {layer.name: layer for layer in explicit(network)}
    rows = []
    for name in names:
        old = known[name]
        read = tuple(map(change, old.inputs))
        tied = tuple(ties.following(tie, copies) for tie in old.tied)
        rows.append(replace(old, name=copies[name], inputs=read, of=copies.get(old.of, old.of), tied=tied))
    return graft(_together(network, names), last, rows), new


def _together(network: Network, names: Sequence[str]) -> Network:
    """The network, if the value that leaves a block comes last in it; a copy stands right after that."""
    if exits(network, names)[0] != names[-1]:
        raise NetworkError(f"{names[-1]} comes after the row that makes the block's output; move it up first.")
    return network


def free_path(network: Network, path: str) -> str:
    """The first path like this one that is not taken: layer1.1 after layer1.0, residual2 after residual1."""
    stem = re.sub(r"\d+$", "", path)
    taken = {*network.names, *network.blocks}
    first = int(path[len(stem) :] or 1) + 1
    return next(f"{stem}{n}" for n in range(first, first + MOST_LAYERS + 1) if f"{stem}{n}" not in taken)


def swapped(network: Network, upper: str, lower: str) -> Network:
    """The network with two neighbours in the other order, each a row or a block; `upper` stands right above `lower`.

    Where the lower one reads the upper one, the values go through them in the other order too. Otherwise all reads what
    it read. Raises NetworkError where that is impossible, with the reason.
    """
    above, below = rows_of(network, upper), rows_of(network, lower)
    if len(above) == len(below) == 1:
        return network.move(above[0], network.index(below[0]))
    rows = dict(zip(network.names, explicit(network), strict=True))
    outputs = network.outputs
    if any(wiring.parts(reference)[0] in above for reference in entries(network, below)):
        rows, outputs = _rerouted(network, rows, (upper, above), (lower, below))
    first = network.index(above[0])
    rest = [name for name in network.names if name not in above and name not in below]
    order = [*rest[:first], *below, *above, *rest[first:]]
    return replace(network, layers=tuple(rows[name] for name in order), outputs=outputs)


def _rerouted(
    network: Network, rows: dict[str, Layer], upper: tuple[str, Sequence[str]], lower: tuple[str, Sequence[str]]
) -> tuple[dict[str, Layer], tuple[str, ...]]:
    """The rows by name, and the outputs, where the lower block reads what the upper one read, and is read by it."""
    (above_name, above), (below_name, below) = upper, lower
    read, made, left = entries(network, above), exits(network, above), exits(network, below)
    if len(read) != 1:
        raise NetworkError(f"{below_name} cannot come before {above_name}, which reads {len(read)} values.")
    between = {one for one in entries(network, below) if wiring.parts(one)[0] in above}
    if len(made) == 1 and between != {made[0]}:
        raise NetworkError(f"{below_name} cannot come before {above_name}, which it reads.")
    if len(made) != 1 or len(left) != 1:
        several = above_name if len(made) != 1 else below_name
        raise NetworkError(f"{below_name} cannot come before {above_name}: the block {several} has several outputs.")

    def routed(name: str, reference: str) -> str:
        if name in above:
            return left[0] if reference == read[0] else reference
        if name in below:
            return read[0] if reference == made[0] else reference
        return made[0] if reference == left[0] else reference

    changed = {
        name: replace(layer, inputs=tuple(routed(name, reference) for reference in layer.inputs))
        for name, layer in rows.items()
    }
    return changed, tuple(routed("", reference) for reference in network.outputs)
