"""What differs between two networks and their traces: the ripple of a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layerscope import ties
from layerscope.parameter import Role
from layerscope.renaming import renames
from layerscope.steps import Step, Trace
from layerscope.tracing import trace

A_FEW = 8
"""Up to so many rows come, go or move in a change of a network; where more do, it may be another one."""


@dataclass(frozen=True)
class Change:
    """One value that is different now. `what` is an argument's name, "inputs", "tied", "output", "parameters" or
    "input"."""

    layer: str
    what: str
    old: Any
    new: Any
    role: Role

    @property
    def label(self) -> str:
        """Such as "fc1.in_features"."""
        return f"{self.layer}.{self.what}" if self.layer else self.what


@dataclass(frozen=True)
class Ripple:
    """Everything that one change touched, in the order of the layers.

    `edits` is what the user changed, `decided` what followed in the arguments, `shapes` in the outputs. `added`,
    `removed` and `moved` name layers; `renamed` has the new names by the old ones. `before` has the new names already,
    so that each row is compared with itself.
    """

    before: Trace
    after: Trace
    edits: tuple[Change, ...]
    decided: tuple[Change, ...]
    shapes: tuple[Change, ...]
    parameters: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    renamed: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all changed."""
        return not self.renamed and self.before.network == self.after.network

    @property
    def touched(self) -> frozenset[str]:
        """The layers in which something is different now."""
        changes = (*self.edits, *self.decided, *self.shapes, *self.parameters)
        return frozenset({change.layer for change in changes} | {*self.added, *self.moved, *self.renamed.values()}) - {
            ""
        }

    @property
    def is_far(self) -> bool:
        """Whether another network has come rather than a change: most layers have other names, types or places, and
        many do."""
        kinds = [{(layer.name, layer.type) for layer in one.network.layers} for one in (self.before, self.after)]
        most, kept = max(map(len, kinds)), len(kinds[0] & kinds[1]) - len(self.moved)
        return 2 * kept < most and most - kept > A_FEW

    def of(self, layer: str, what: str) -> Change | None:
        """The change of that value, if it changed."""
        every = (*self.edits, *self.decided, *self.shapes, *self.parameters)
        return next((c for c in every if c.layer == layer and c.what == what), None)


def ripple(before: Trace, after: Trace) -> Ripple:
    """Compare two traces, layer by layer of the same name; a layer that was only renamed is the same one."""
    names = renames(before.network, after.network)
    before = trace(before.network.with_names(names)) if names else before
    old_names, new_names = before.network.names, after.network.names
    old_set, new_set = set(old_names), set(new_names)
    kept = [name for name in new_names if name in old_set]
    old_order = [name for name in old_names if name in new_set]
    edits, decided, shapes, parameters = [*_input_edits(before, after)], [], [], []
    for name in kept:
        mine = _argument_edits(before, after, name)
        edits += mine
        old, new = before.by_name.get(name), after.by_name.get(name)
        if old is None or new is None:
            continue
        decided += _decided(old, new, {edit.what for edit in mine})
        if old.output_shapes != new.output_shapes:
            shapes.append(Change(name, "output", old.output_shape, new.output_shape, Role.LAYER))
        if old.parameters != new.parameters:
            parameters.append(Change(name, "parameters", old.parameters, new.parameters, Role.LAYER))
    return Ripple(
        before,
        after,
        tuple(edits),
        tuple(decided),
        tuple(shapes),
        tuple(parameters),
        added=tuple(name for name in new_names if name not in old_set),
        removed=tuple(name for name in old_names if name not in new_set),
        moved=_moved(old_order, kept),
        renamed=names,
    )


def _input_edits(before: Trace, after: Trace) -> list[Change]:
    pairs = (
        ("input", before.network.input_shape, after.network.input_shape),
        ("classes", before.network.classes, after.network.classes),
    )
    return [Change("", what, old, new, Role.DATA) for what, old, new in pairs if old != new]


def _argument_edits(before: Trace, after: Trace, name: str) -> list[Change]:
    old, new = before.network[name], after.network[name]
    if old is new:
        return []
    if type(old) is not type(new):
        return [Change(name, "type", old.type, new.type, Role.YOU)]
    decided = new.head if name == after.network.head else None
    rewired = (old.inputs, old.of) != (new.inputs, new.of)
    then, now = before.network.before(name), after.network.before(name)
    wires = [Change(name, "inputs", then, now, Role.YOU)] if rewired and then != now else []
    if old.tied != new.tied:
        held, holds = ties.shared(before.network.layers, name), ties.shared(after.network.layers, name)
        wires += [Change(name, "tied", held, holds, Role.YOU)] if held != holds else []
    if new.of and new.of == old.of:  # its module's arguments are those of the row that has it
        return wires
    return wires + [
        Change(name, what, value, new.chosen[what], Role.YOU)
        for what, value in old.chosen.items()
        if what != decided and (value != new.chosen[what] or type(value) is not type(new.chosen[what]))
    ]


def _decided(old: Step, new: Step, edited: set[str]) -> list[Change]:
    """What differs without having been edited; also a width that is the user's own again, as the head is another."""
    if old.answer is new.answer:
        return []
    return [
        Change(new.name, what, old.arguments[what], new.arguments[what], decision.role)
        for what, decision in new.decisions.items()
        if what in old.arguments
        and what in new.arguments
        and old.arguments[what] != new.arguments[what]
        and what not in edited
        if old.type == new.type or decision.role is not Role.YOU
    ]


def _moved(old_order: list[str], new_order: list[str]) -> tuple[str, ...]:
    """The layers whose removal makes both orders alike where they stand one after another, or all that stand elsewhere.

    Where two runs of layers changed places, the shorter one has moved.
    """
    differing = [place for place, (old, new) in enumerate(zip(old_order, new_order, strict=True)) if old != new]
    if not differing:
        return ()
    first, last = differing[0], differing[-1]
    old, new = old_order[first : last + 1], new_order[first : last + 1]
    edge = old.index(new[0])
    if old[edge:] + old[:edge] == new:
        return tuple(old[edge:] if len(old) <= 2 * edge else old[:edge])
    return tuple(new_order[place] for place in differing)
