"""Sequences whose batch is on another axis than a layer or its code takes it for: batch_first, and states made by hand.

Each comes with the changes that may be meant. Which of them mends the code is tried before it is offered.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from layerscope.source import expressing
from layerscope.source.making import made_by
from layerscope.source.python.values import Fault
from layerscope.source.reading import Change, Flaw, Span
from layerscope.source.remarks.remarks import flaw_at
from layerscope.source.text.paste import Paste
from layerscope.source.torch.astray import Assigned, BatchFault, Layers, Picked, StateFault
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

MOST_PICKS = 3
"""Items of sequences that are turned together."""


def told(run: "Evaluator", nodes: Sequence[ast.AST], fault: Fault) -> Iterator[Flaw]:
    """What is said where a network could not be followed because its batch is on another axis."""
    picked = world_of(run).picked.get(id(fault.node))
    if isinstance(fault, StateFault):
        yield _of_state(run.paste, nodes, world_of(run).named_values, fault)
    elif isinstance(fault, BatchFault):
        yield _of_layers(run.paste, fault.layers, fault.node)
    elif picked is not None:
        yield _of_layers(run.paste, picked.layers, fault.node, picked)


def _of_layers(paste: Paste, layers: Layers, node: ast.AST | None, picked: Picked | None = None) -> Flaw:
    """`layers` are those that say where the batch is, the nearest first; the first of them refuses it, or what it
    gives is `picked` from as if it were elsewhere."""
    assert node is not None
    assert layers[0].layer is not None
    first = layers[0]
    is_first = bool(layers[0].layer.chosen["batch_first"])
    axes = "axis 0 is the batch and axis 1 is time" if is_first else "axis 0 is time and axis 1 is the batch"
    name, which = first.name or first.type, _which(node)
    words = f"{'With' if is_first else 'Without'} batch_first=True, {axes} in {name}"
    does = "so the axes do not fit here" if picked is None else f"so {paste.quote(node)} picks samples, not steps"
    if picked is not None and which:
        does = f"so {paste.quote(node)} picks {which} sample, not {which} step"
    alike = [each for each in layers if each.layer is not None and each.layer.chosen["batch_first"] == is_first]
    switched = [_switched(paste, [first], not is_first), _switched(paste, alike, not is_first)]
    turned = [_turned(paste, [node])]
    title = "batch_first=True does not fit here" if is_first else "batch_first=True is missing"
    is_moved = picked is not None and picked.is_moved
    if is_moved:
        title = f"{paste.quote(node)} takes samples for steps"
    ways = _known([*turned, *switched] if is_moved else [*switched, *turned])
    tone = "error" if picked is None else "warning"
    return flaw_at(
        paste, f"{words}, {does}.", node, kind="batch_first", tone=tone, title=title, ways=ways, explains=True
    )


def _which(node: ast.AST) -> str:
    """Which item a single number picks: "the last" for out[:, -1]; "" for other parts."""
    parts = node.slice.elts if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) else []
    parts = parts or ([node.slice] if isinstance(node, ast.Subscript) else [])
    numbers = [part for part in parts if _is_number(part)]
    words = {"-1": "the last", "0": "the first"}
    return words.get(ast.unparse(numbers[0]), "one") if len(numbers) == 1 else ""


def _of_state(paste: Paste, nodes: Sequence[ast.AST], assigned: Assigned, fault: StateFault) -> Flaw:
    assert fault.node is not None
    found = dict(fault.sizes(assigned))
    changes = tuple(Change(paste.span(size), text, f"write {text}") for size, text in found.items())
    sizes, batch = map(paste.quote, found), changes[0].text
    words = f"{' and '.join(dict.fromkeys(sizes))} is the length of the sequences here, but a state needs the batch"
    words += f", {batch}: {fault.name} expects (layers × directions, batch, hidden_size)."
    picks = [node for node in nodes if isinstance(node, ast.Subscript) and _moved(paste, node) is not None]
    taken = {(change.place.line, change.place.column) for change in changes}
    turned = [each for each in _turned(paste, picks[:MOST_PICKS]) if (each.place.line, each.place.column) not in taken]
    return flaw_at(
        paste, words, fault.node, kind="state", tone="error",
        title="The state is made for the length, not for the batch",
        ways=_known([changes, (*changes, *turned)]),
    )  # fmt: skip


def _known(ways: Sequence[tuple[Change, ...]]) -> tuple[tuple[Change, ...], ...]:
    return tuple(dict.fromkeys(way for way in ways if way))


def _switched(paste: Paste, layers: Sequence[LayerModule], value: bool) -> tuple[Change, ...]:
    """batch_first in the calls that make these layers; () where one of them is not a plain call."""
    changes: dict[Span, Change] = {}
    for each in layers:
        made = made_by(paste, each)
        if made is None:
            return ()
        place, text = expressing.edit(made, "batch_first", str(value))
        verb = "write" if "batch_first" in made.arguments else "add"
        changes.setdefault(made.span, Change(place, text, f"{verb} batch_first={value}"))
    return tuple(changes.values())


def _turned(paste: Paste, picks: Sequence[ast.AST | None]) -> tuple[Change, ...]:
    """out[:, -1] as out[-1], and the other way round."""
    found = ((node, _moved(paste, node)) for node in picks)
    return tuple(
        Change(paste.span(node.slice), text, f"write {paste.segment(node.value)}[{text}]")
        for node, text in found
        if isinstance(node, ast.Subscript) and text is not None
    )


def _moved(paste: Paste, node: ast.AST | None) -> str | None:
    """The item with its number on the other of the first two axes; None where it is not a single number there."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    if _is_number(node.slice):
        return f":, {paste.segment(node.slice)}"
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    if len(parts) < 2 or not _is_number(parts[1]) or not all(map(_is_whole, [parts[0], *parts[2:]])):
        return None
    return paste.segment(parts[1])


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is node.upper is node.step is None
