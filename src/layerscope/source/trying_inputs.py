"""The first time through a network: on inputs whose shapes the layers tell, tried until the network runs."""

import ast
from collections.abc import Iterator
from math import isqrt

from layerscope.inputs import Input
from layerscope.layers.base import Shape
from layerscope.network import MOST_LAYERS
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source import joined_inputs
from layerscope.source.attempts import Attempts, reads_steps_first
from layerscope.source.docstrings import row_by_row
from layerscope.source.followed import Code, Followed
from layerscope.source.input_list import called_on
from layerscope.source.other_forms import as_one, combined, is_for_one, moved, one_by_one
from layerscope.source.other_inputs import otherwise
from layerscope.source.sizes import orders
from layerscope.source.taking import takes
from layerscope.source.torch.astray import BatchFault, StateFault
from layerscope.source.torch.misfits import Unequal
from layerscope.source.torch.open_input import SeveralFault
from layerscope.source.torch.reshaping import OneValueFault

SIZES = (28, 32, 64, 96, 128, 256)
"""Usual sizes of images, those that are tried where a network leaves one value of an image of some size."""
FRAMES = (8, 2)
"""How many images a clip is tried with, where a network takes clips of any length."""


def entered(code: Code, attempts: Attempts) -> Followed:
    """Follow a network without being told its input: with the samples first, else with the steps before them."""
    run, world = attempts.run, attempts.world
    names = takes(run, attempts.network)
    documented = row_by_row(code.tree, attempts.name)
    if documented is not None and len(documented.inputs) != len(names):
        documented = None  # the code was changed since it was written
    world.exact = documented is not None
    if documented is not None:
        return attempts.follow(documented.inputs, documented=documented)
    said = orders.says_steps_first(run.paste, code.nodes, world.showing)
    shown = world.showing.shape_for(attempts.network) if len(names) == 1 else None
    first = attempts.follow((Input("input", shown),)) if shown is not None else None
    if first is not None and (said or isinstance(first.fault, StateFault)):
        first = _turned(attempts, first, said)
    if first is not None and (first.is_whole or isinstance(first.fault, StateFault)):
        return attempts.keep(first)
    found = attempts.follow(names if len(names) > 1 else ("input",))
    if (fault := found.fault) and isinstance(fault, SeveralFault) and fault.name not in world.tuples:
        world.tuples[fault.name] = fault.count
        return entered(code, attempts)
    found = _turned(attempts, found, said)
    if len(names) > 1:
        found = next(filter(None, _of_several(attempts, found, said)), found)
    else:
        found = _of_one(attempts, found)
    if first is not None and found.fault is not None and first.score >= found.score:
        found = first  # what the code itself shows
    if found.fault is not None and run.watch.goes_without(run, getattr(found.instance, "cls", None)):
        return entered(code, attempts)  # the layers alone can be shown
    return attempts.keep(found)


def _of_several(attempts: Attempts, found: Followed, said: bool) -> Iterator[Followed | None]:
    """The other ways in which a network with several inputs runs; None for one in which it does not."""
    if found.fault is not None or found.misfits:
        yield one_by_one(attempts, found)
    if found.fault is not None:
        yield moved(attempts, found)
        yield combined(attempts, found)
    if wide := joined_inputs.widths(found):
        other = attempts.follow(wide)
        yield other if other.is_whole and not other.misfits else None
    if (not found.is_whole or found.misfits) and not attempts.world.showing.shape_for(attempts.network):
        yield otherwise(attempts, found)
    axis = found.entries[0].axis
    if found.fault is not None and (called := called_on(attempts.run, found.network, found.inputs, axis)) is not None:
        inputs = [Input(each, shape) for each, shape in zip(found.inputs, called.shapes, strict=True)]
        other = attempts.follow(inputs, axis, called.way)
        yield other if other.score > found.score else None
    read = {id(output.origin) for row in found.rows for output in row.reads}
    if found.fault is not None or sum(id(entry) in read for entry in found.entries) == 1:
        alone = _turned(attempts, attempts.follow(("input",)), said)
        is_lacking = alone.fault is not None and isinstance(alone.fault.node, ast.arg)  # another input, no other way
        yield alone if alone.fault is None or (len(alone.rows) > len(found.rows) and not is_lacking) else None


def _of_one(attempts: Attempts, found: Followed) -> Followed:
    """A network with one input, followed on what it runs on best."""
    if (found.fault is not None or found.misfits) and (other := one_by_one(attempts, found)) is not None:
        return other
    entry = found.entries[0]
    if entry.axis and isinstance(found.fault, BatchFault | StateFault):  # the code may move the batch itself
        other = attempts.follow((Input("input", entry.given.shape, entry.given.kind),))
        found = other if other.score >= found.score else found
        if isinstance(found.fault, StateFault):
            return found
    is_full = len(found.rows) >= MOST_LAYERS  # which no other shape would change
    shapes = [found.entries[0].given.shape] if reads_steps_first(found) else []
    for shape in [] if is_full or found.is_whole else [*shapes, *_others(found)]:
        other = attempts.again(found, (Input("input", shape, found.entries[0].given.kind),))
        found = other if other.score > found.score else found
        if found.is_whole:
            break
    length = entry.given.shape[0] - found.excess if len(entry.given.shape) == 1 and found.excess else 0
    if 0 < length <= LARGEST_WIDTH:  # columns that are joined with what was looked up in others
        other = attempts.again(found, (Input("input", (length,), entry.given.kind),))
        if other.is_whole and not other.misfits:
            return other
    if (found.fault is not None or is_for_one(found)) and (one := as_one(attempts, found)) is not None:
        return one
    return found


def _turned(attempts: Attempts, found: Followed, said: bool) -> Followed:
    """The network followed with its steps before the samples, where it runs so alone, or where the code says so in
    words; else as it was."""
    if all(entry.axis for entry in found.entries):
        return found
    if not (said or (not found.is_whole and reads_steps_first(found))):
        return found
    turned = attempts.turned(found)
    if turned.fault is None and (turned.is_whole if found.is_whole else turned.score >= found.score):
        return turned
    is_picked = id(getattr(turned.fault, "node", 0)) in attempts.world.picked
    is_astray = is_picked or isinstance(turned.fault, BatchFault | StateFault)
    is_accused = isinstance(found.fault, BatchFault)
    if not is_astray and turned.score >= found.score and (is_accused or turned.score > found.score):
        return turned  # what stops it there says nothing of the batch
    return found


MOST_TOKENS_MORE = 2
"""Tokens beside those of an image's patches: for the class, and for what a student distils."""


def _of_as_many(fault: Unequal, side: int) -> Iterator[int]:
    """The sides of square images that give as many patches as there are positions, from those that one side gave."""
    for more in range(MOST_TOKENS_MORE + 1):
        had, wanted = isqrt(max(fault.wanted - more, 0)), isqrt(max(fault.size - more, 0))
        if had and wanted and had**2 + more == fault.wanted and wanted**2 + more == fault.size:
            yield side * wanted // had


def _others(found: Followed) -> list[Shape]:
    """Other shapes that may be meant: as long as a parameter that is added, without the channels, with the channels
    last, flat, as a sequence."""
    shape = found.entries[0].given.shape
    others: list[Shape] = []
    if isinstance(fault := found.fault, Unequal) and shape.count(fault.wanted) == 1:  # as many as there are positions
        others += [tuple(fault.size if size == fault.wanted else size for size in shape)]
    if isinstance(fault, Unequal) and len(shape) == 3 and shape[1] == shape[2]:
        others += [(shape[0], side, side) for side in _of_as_many(fault, shape[1])]
    if isinstance(fault, OneValueFault) and len(set(shape[1:])) == 1:
        others += [(shape[0], *(size,) * (len(shape) - 1)) for size in SIZES]
    if len(shape) > 1:
        others += [shape[1:], (*shape[1:], shape[0])]
    if len(shape) == 3 and found.entries[0].is_guessed:  # images that are cut into patches, or as many positions
        others += [(shape[0], size, size) for size in SIZES]
    if len(shape) == 3 and found.entries[0].is_guessed and found.fault is not None:
        others += [(frames, *shape) for frames in FRAMES]
    if len(shape) == 1:
        others += [(16, *shape)]
        for channels in (1, 3):
            side = round((shape[0] / channels) ** 0.5)
            if side > 1 and channels * side * side == shape[0]:
                others.append((channels, side, side))
    return others
