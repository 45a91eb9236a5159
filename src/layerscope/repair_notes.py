"""What a repair of a join gives away, as a sentence beside it: a skip connection may be left useless."""

from math import prod

from layerscope import wiring
from layerscope.explain import written_count
from layerscope.formatting import joined
from layerscope.layers.along import Pad
from layerscope.layers.padding import AnyPad
from layerscope.layers.resize import ZeroPad2d
from layerscope.network import Network
from layerscope.steps import Repair, Trace
from layerscope.tracing import trace

PADS = (Pad, AnyPad, ZeroPad2d)
MANY = 4
"""From so many names on a sentence gives their number."""


def caution(failed: Trace, repair: Repair) -> str:
    """What is lost with that repair of the network's failing row; "" where nothing is, or where it joins nothing."""
    name = failed.steps[-1].name
    if len(failed.network.before(name)) < 2:
        return ""
    after = trace(repair.network)
    if name not in repair.network.names:
        _, *others = failed.network.before(name)
        return f"{joined(others)} is then no longer joined: the skip connection is gone."
    notes = (_trimmed(failed.network, after), _narrowed(failed.network, repair.network), _around_nothing(after, name))
    return next(filter(None, notes), "")


def _trimmed(before: Network, after: Trace) -> str:
    """How many cells of a branch are cut away, or are zeros."""
    for step in after.steps:
        if step.name in before.names or not isinstance(step.layer, PADS) or not step.output_shapes:
            continue
        read, made = step.input_shape[1:], step.output_shapes[0][1:]
        kept = prod(min(old, new) for old, new in zip(read, made, strict=True))
        source = step.sources[0]
        if kept < prod(read):
            return f"Only {kept:,} of the {prod(read):,} cells of {source}'s maps are left."
        return f"{prod(made) - kept:,} of the {prod(made):,} cells that {source} adds are zeros."
    return ""


def _narrowed(before: Network, after: Network) -> str:
    """Which layer has fewer outputs than it had, which narrows all that comes after it."""
    for old in before.layers:
        head = old.head
        if head is None or old.name not in after.names or type(after[old.name]) is not type(old):
            continue
        was, now = old.chosen[head], after[old.name].chosen[head]
        if type(was) is int and type(now) is int and now < was:
            return f"All that comes after {old.name} then has {now:,} instead of {was:,} {head.partition('_')[2]}."
    return ""


def _around_nothing(after: Trace, name: str) -> str:
    """Whether the join reads a row and what is made of it without a convolution, a Linear or another product."""
    network = after.network
    rows = [row for row in (wiring.parts(one)[0] for one in network.before(name)) if row in network.names]
    for start in rows if len(rows) == 2 else ():  # of more, each has a way of its own
        for end in rows:
            way = network.dependents(start) & (network.ancestors(end) | {end})
            if way and not any(after.by_name[row].macs for row in way if row in after.by_name):
                only = [row for row in network.names if row in way]
                told = joined(only) if len(only) < MANY else written_count(len(only), "layer")
                return f"The skip connection then goes around {told} only: no convolution and no Linear."
    return ""
