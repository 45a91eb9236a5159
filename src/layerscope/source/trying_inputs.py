"""The first time through a network: on inputs whose shapes the layers tell, tried until the network runs."""

import ast
from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any

from layerscope.inputs import Input
from layerscope.layers.base import Shape
from layerscope.network import MOST_LAYERS
from layerscope.parameter import LARGEST_WIDTH
from layerscope.source import joined_inputs
from layerscope.source.docstrings import row_by_row
from layerscope.source.followed import Code, Followed
from layerscope.source.following import follow, takes
from layerscope.source.input_list import called_on
from layerscope.source.other_forms import as_one, combined, is_for_one, one_by_one, score, whole
from layerscope.source.other_inputs import otherwise
from layerscope.source.python.evaluator import Evaluator
from layerscope.source.reading import Note
from layerscope.source.sizes import orders
from layerscope.source.torch.astray import BatchFault, StateFault
from layerscope.source.torch.misfits import Unequal
from layerscope.source.torch.module_objects import ModuleObject
from layerscope.source.torch.modules import LayerModule, Module, walked
from layerscope.source.torch.open_input import SeveralFault
from layerscope.source.torch.reshaping import OneValueFault
from layerscope.source.torch.world import TorchWorld

SIZES = (28, 32, 64, 96, 128, 256)
"""Usual sizes of images, those that are tried where a network leaves one value of an image of some size."""
FRAMES = (8, 2)
"""How many images a clip is tried with, where a network takes clips of any length."""
Meant = tuple[str | None, Any, ast.AST]
"""A network's name, the network, and its node."""


def entered(code: Code, run: Evaluator, world: TorchWorld, meant: Meant) -> Followed:
    """Follow a network without being told its input: with the samples first, else with the steps before them."""
    name, network, node = meant
    names = takes(run, network)
    documented = row_by_row(code.tree, name)
    if documented is not None and len(documented.inputs) != len(names):
        documented = None  # the code was changed since it was written
    world.exact = documented is not None
    if documented is not None:
        return follow(run, world, name, network, node, documented.inputs, documented=documented)
    names = names if len(names) > 1 else ("input",)
    before = dict(run.remarks.notes)
    said = orders.says_steps_first(run.paste, code.nodes, world.showing)
    shown = world.showing.shape_for(network) if len(names) == 1 else None
    first: tuple[Followed, dict[Note, None]] | None = None
    if shown is not None:
        found = follow(run, world, name, network, node, (Input("input", shown),))
        if said or isinstance(found.fault, StateFault):
            found = _turned(run, world, meant, found, before, said)
        if score(found) >= whole(found) or isinstance(found.fault, StateFault):
            return found
        first = found, dict(run.remarks.notes)
        run.remarks.notes = dict(before)
    found = follow(run, world, name, network, node, names)
    if (fault := found.fault) and isinstance(fault, SeveralFault) and fault.name not in world.tuples:
        world.tuples[fault.name] = fault.count
        run.remarks.notes = before
        return entered(code, run, world, meant)
    found = _turned(run, world, meant, found, before, said)
    notes = dict(run.remarks.notes)
    if found.fault is not None or found.misfits:
        other = one_by_one(run, world, meant, found, before)
        if other is None and len(names) > 1 and found.fault is not None:
            other = combined(run, world, meant, found, before)
        if other is not None:
            return other
    if len(names) > 1 and (wide := joined_inputs.widths(found)):
        run.remarks.notes = dict(before)
        other = follow(run, world, name, network, node, wide)
        if score(other) >= whole(other) and not other.misfits:
            return other
        run.remarks.notes = notes
    if len(names) > 1 and (score(found) < whole(found) or found.misfits) and not world.showing.shape_for(network):
        other = otherwise(run, world, meant, found, before)
        if other is not None:
            return other
        run.remarks.notes = notes
    if len(names) > 1:
        called = called_on(run, found.network, names, found.entries[0].axis) if found.fault is not None else ()
        if called:
            run.remarks.notes = dict(before)
            inputs = [Input(each, shape) for each, shape in zip(names, called, strict=True)]
            other = follow(run, world, name, network, node, inputs, found.entries[0].axis)
            if score(other) > score(found):
                return other
            run.remarks.notes = notes
        read = {id(output.origin) for row in found.rows for output in row.reads}
        used = [entry for entry in found.entries if id(entry) in read]
        if found.fault is not None or len(used) == 1:
            run.remarks.notes = dict(before)
            alone = follow(run, world, name, network, node, ("input",))
            alone = _turned(run, world, meant, alone, before, said)
            is_lacking = alone.fault is not None and isinstance(
                alone.fault.node, ast.arg
            )  # another input, no other way
            if alone.fault is None or (len(alone.rows) > len(found.rows) and not is_lacking):
                return alone
            run.remarks.notes = notes
        return found
    entry = found.entries[0]
    if entry.axis and isinstance(found.fault, BatchFault | StateFault):  # the code may move the batch itself
        run.remarks.notes = dict(before)
        other = follow(run, world, name, network, node, (Input("input", entry.given.shape, entry.given.kind),))
        if score(other) >= score(found):
            found, notes = other, dict(run.remarks.notes)
        if isinstance(found.fault, StateFault):
            return found
    is_full = len(found.rows) >= MOST_LAYERS  # which no other shape would change
    shapes = [found.entries[0].given.shape] if _reads_steps_first(found) else []
    for shape in [*shapes, *_others(found)] if score(found) < whole(found) and not is_full else ():
        run.remarks.notes = dict(before)
        other = again(run, world, meant, found, (Input("input", shape, found.entries[0].given.kind),))
        if score(other) > score(found):
            found, notes = other, dict(run.remarks.notes)
        if score(found) >= whole(found):
            break
    length = entry.given.shape[0] - found.excess if len(entry.given.shape) == 1 and found.excess else 0
    if 0 < length <= LARGEST_WIDTH:
        run.remarks.notes = dict(before)  # columns that are joined with what was looked up in others
        other = again(run, world, meant, found, (Input("input", (length,), entry.given.kind),))
        if score(other) >= whole(other) and not other.misfits:
            return other
        run.remarks.notes = notes
    if (found.fault is not None or is_for_one(found)) and (one := as_one(run, world, meant, found, before)) is not None:
        return one
    if first is not None and found.fault is not None and score(first[0]) >= score(found):
        found, notes = first  # what the code itself shows
    run.remarks.notes = notes
    return found


def _turned(
    run: Evaluator, world: TorchWorld, meant: Meant, found: Followed, before: dict[Note, None], said: bool
) -> Followed:  # fmt: skip
    """The network followed with its steps before the samples, where it runs so alone, or where the code says so in
    words; else as it was."""
    runs = score(found) >= whole(found)
    if all(entry.axis for entry in found.entries) or not (said or (not runs and _reads_steps_first(found))):
        return found
    notes, run.remarks.notes = run.remarks.notes, dict(before)
    name, network, node = meant
    inputs = [entry.given if entry.is_met else entry.given.name for entry in found.entries]
    turned = follow(run, world, name, network, node, inputs, 1, found.documented)
    if turned.fault is None and score(turned) >= (whole(turned) if runs else score(found)):
        return turned
    is_astray = (
        isinstance(turned.fault, BatchFault | StateFault) or id(getattr(turned.fault, "node", 0)) in world.picked
    )
    is_accused = isinstance(found.fault, BatchFault)
    if not is_astray and score(turned) >= score(found) and (is_accused or score(turned) > score(found)):
        return turned  # what stops it there says nothing of the batch
    run.remarks.notes = notes
    return found


def again(run: Evaluator, world: TorchWorld, meant: Meant, found: Followed, inputs: Sequence[Input]) -> Followed:
    """Follow the same network on inputs of other shapes."""
    name, network, node = meant
    axis = found.entries[0].axis
    other = follow(run, world, name, network, node, inputs, axis, found.documented)
    if other.fault is not None and "batch on axis" in other.fault.reason and not axis:
        return follow(run, world, name, network, node, inputs, 1, found.documented)
    if other.fault is not None and not axis and _reads_steps_first(other):
        notes = dict(run.remarks.notes)
        turned = follow(run, world, name, network, node, inputs, 1, found.documented)
        if score(turned) > score(other):
            return turned
        run.remarks.notes = notes
    return other


def _reads_steps_first(found: Followed) -> bool:
    """Whether some layer of the network expects (length, batch, features), so that the input may be turned so too."""
    inside = [each for _, each in walked(found.instance)] if isinstance(found.instance, Module) else []
    inside += [each.group for each in inside if isinstance(each, ModuleObject) and isinstance(each.group, LayerModule)]
    return any(isinstance(each, LayerModule) and each.layer is not None and each.layer.batch_axis for each in inside)


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
