"""Two branches of a network of which only one changes a size."""

from collections.abc import Iterator
from itertools import islice

from layerscope.decoder.answer import Cause
from layerscope.formatting import joined
from layerscope.network import Network
from layerscope.steps import Step
from layerscope.tracing import trace

MOST_NAMED = 2
IMAGE, SEQUENCE = 3, 2
"""How many axes they have, without the batch."""
UNITS = {IMAGE: ("channels", "rows", "columns"), SEQUENCE: ("channels", "positions")}


def one_sided(network: Network, large: int, small: int, axis: int) -> Iterator[Cause]:
    """The layers that make the one size of the other, on one side of the row that fails if one does."""
    steps = trace(network).steps
    changing = {step.name: step for step in steps if axis > 0 and _sizes(step, axis) == {large, small}}
    failing = steps[-1] if steps and steps[-1].error is not None and len(steps[-1].parents) == 2 else None
    if failing is None:
        for name, step in islice(changing.items(), MOST_NAMED):
            why = f"Here {name} turns {_turned(step, axis)}."
            remedy = f"Combine the two tensors before {name}, or send both through it."
            yield Cause(f"{name} is on only one of the two branches", why, remedy, True, name)
        return
    ways = [_before(parent) for parent in failing.parents]
    for way, other, unchanged in zip(ways, ways[::-1], failing.sources[::-1], strict=True):
        names = [name for name in changing if name in way and name not in other]
        if not names or any(name in other and name not in way for name in changing):
            continue
        first, several = changing[names[0]], len(names) > 1
        who = joined(names[:MOST_NAMED]) + (" and others" if len(names) > MOST_NAMED else "")
        verb = "each turn" if several else "turns"
        why = f"{who} {verb} {_turned(first, axis)}; nothing on the way to {unchanged} does."
        title = f"{who} {'are' if several else 'is'} on only one of the two branches"
        remedy = f"Do the same on the way to {unchanged}, or on neither way."
        yield Cause(title, why, remedy, True, names[0])


def _before(step: Step | None) -> set[str]:
    """The names of all that a step comes from, itself among them."""
    waiting, found = [step], set[str]()
    while waiting:
        one = waiting.pop()
        if one is not None and one.name not in found:
            found.add(one.name)
            waiting.extend(one.parents)
    return found


def _sizes(step: Step, axis: int) -> set[int]:
    """The sizes along an axis before and after a layer that keeps the number of axes; none for another."""
    before, after = step.input_shape, step.output_shape or ()
    return {before[axis - 1], after[axis - 1]} if len(before) == len(after) >= axis else set()


def _turned(step: Step, axis: int) -> str:
    """What a layer makes of the size along an axis: 40 rows into 20."""
    before, after = step.input_shape, step.output_shape or ()
    named = UNITS.get(len(before), ())
    unit = named[axis - 1] if axis <= len(named) else "cells"
    return f"{before[axis - 1]:,} {unit} into {after[axis - 1]:,}"
