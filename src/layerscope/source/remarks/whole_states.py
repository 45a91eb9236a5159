"""A recurrent layer's states used whole, self.fc(h_n), where a loss then gets one row for each layer, not each sample.

The states are (layers × directions, batch, hidden_size), so what is made of all of them has the batch on axis 1.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from layerscope.source import expressing
from layerscope.source.expressing import Told
from layerscope.source.labels import label_of
from layerscope.source.making import made_by
from layerscope.source.reading import Flaw
from layerscope.source.record import Output, Row
from layerscope.source.remarks.case import Case
from layerscope.source.remarks.target_calls import LossCall, loss_calls
from layerscope.source.torch.applying import RECURRENT
from layerscope.source.torch.modules import LayerModule
from layerscope.source.torch.worlds import world_of

_KEEPING = frozenset({
    "Linear", "LazyLinear", "Dropout", "Identity", "LayerNorm", "ReLU", "LeakyReLU", "GELU", "ELU", "SiLU", "Tanh",
    "Sigmoid", "Softmax", "LogSoftmax",
})  # fmt: skip
"""Rows that leave the first two axes where they are."""


@dataclass(frozen=True)
class _Whole:
    """The first row that reads a state, the layer whose state it is, and how many rows that state has."""

    reader: Row
    layer: Row
    count: int


def found(case: Case) -> tuple[_Whole, LossCall] | None:
    """The state that reaches a loss whole, and the loss; None where none does."""
    whole = _whole(case) if case.followed.documented is None else None
    if whole is None or case.example is None:
        return None
    sizes = {size for shape in _called_on(case) for size in shape[:2]}
    for call in loss_calls(case):
        if call.target[:1] and call.target[0] in sizes and call.target[0] != whole.count:
            return whole, call
    return None


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the loss, with the last layer's state as what is meant."""
    if (pair := found(case)) is None:
        return
    whole, call = pair
    layer, count, batch = whole.layer, whole.count, call.target[0]
    name = getattr(layer.module, "name", "") or layer.type
    state = _state(whole)
    text = case.paste.quote(state) if state is not None else "the state"
    each = "direction of a layer" if layer.layer.chosen.get("bidirectional") else "layer"
    rows = f"{count} rows, one for each {each}" if count > 1 else "1 row, for the only layer"
    told = _cure(case, whole, state, batch)
    words = f"{text} is the final state of {name}: {rows}, and the batch only after that. So the loss gets {count} "
    words += f"{'samples' if count > 1 else 'sample'} for {batch} targets."
    if told:
        words += f" {text}[-1] is the state of the last layer, one row per sample."
    quote = f"Expected input batch_size ({count}) to match target batch_size ({batch})." if call.of_classes else ""
    yield case.flaw(
        words, whole.reader.node, kind="whole_state", tone="error",
        title=f"The first axis of {text} is not the batch", quote=quote,
        label=label_of(told) if told else "", changes=tuple(edit for edit, _ in told),
    )  # fmt: skip


def _whole(case: Case) -> _Whole | None:
    """The state of which the output of the network is made, with all its rows; None where there is none."""
    leaving = case.followed.leaving or tuple(Output(row) for row in case.followed.rows[-1:])
    output = leaving[0] if len(leaving) == 1 else None
    while output is not None and isinstance(output.origin, Row) and output.origin.type in _KEEPING:
        (read, *_), reader = output.origin.reads, output.origin
        layer = read.origin
        if isinstance(layer, Row) and layer.type in RECURRENT and read.port:
            chosen = layer.layer.chosen
            return _Whole(reader, layer, chosen["num_layers"] * (2 if chosen.get("bidirectional") else 1))
        output = read
    return None


def _called_on(case: Case) -> list[tuple[int, ...]]:
    """The shapes of what the network is called on, as the code makes it."""
    calls = case.example.calls if case.example is not None else ()
    return [each.given[0].shape for each in world_of(case.run).showing.shown if each.node in calls and each.given]


def _state(whole: _Whole) -> ast.expr | None:
    """Where the state is handed over by its name."""
    node = whole.reader.node
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return first if isinstance(first, ast.Name | ast.Attribute) else None


def _cure(case: Case, whole: _Whole, state: ast.expr | None, batch: int) -> list[Told]:
    """The last layer's state in its place, with batch_first where the samples come first; [] where both directions
    would have to be joined, as that is another width."""
    module = whole.layer.module
    if state is None or whole.layer.layer.chosen.get("bidirectional"):
        return []
    told: list[Told] = [((case.paste.after(state), "[-1]"), f"write {case.paste.segment(state)}[-1]")]
    axes = {shape.index(batch) for shape in _called_on(case) if batch in shape[:2]}
    is_first = bool(whole.layer.layer.chosen["batch_first"])
    if axes == {int(is_first)} and isinstance(module, LayerModule):
        if (made := made_by(case.paste, module)) is None:
            return []
        verb = "write" if "batch_first" in made.arguments else "add"
        edit = expressing.edit(made, "batch_first", str(not is_first))
        told.append((edit, f"{verb} batch_first={not is_first}"))
    return told
