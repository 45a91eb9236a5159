"""One step of a bidirectional layer's output, taken for the whole sequence: one of the directions has seen only that.

The final states of both directions, joined, are what is meant: h_n[-2] is the forward direction's, h_n[-1] the other's.
"""

import ast
import re
from collections.abc import Iterator

from layerscope.source.expressing import Told
from layerscope.source.labels import label_of
from layerscope.source.reading import Flaw
from layerscope.source.record import Row
from layerscope.source.remarks.case import Case
from layerscope.source.torch.applying import RECURRENT

_KEEPING = frozenset({"Dropout", "Identity", "LayerNorm", "ReLU", "Tanh"})
"""Rows that leave each step where it is."""
_STATE = "h_n"


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the first such step; none in code that was written row by row."""
    for row in case.followed.rows if case.followed.documented is None else ():
        layer = _two_way(row)
        if layer is None or not isinstance(row.node, ast.Subscript):
            continue
        which, one = ("first", "forward") if row.layer.chosen["index"] == 0 else ("last", "backward")
        text = case.paste.quote(row.node)
        name = getattr(layer.module, "name", "") or layer.type
        told = _cure(case, row, layer)
        yield case.flaw(
            f"{text} takes the {which} step, but {name} is bidirectional: its {one} direction starts there and "
            f"has seen only this one. Join the final states of both directions instead: {_joined(told)}. [-2] is the "
            "forward direction's, which has read to the end; [-1] is the backward one's, which has read back to the "
            f"start. The result is {2 * _width(layer)} values wide, as before.",
            row.node, kind="last_step", title=f"{text} leaves out most of one direction",
            label=label_of(told) if told else "", changes=tuple(edit for edit, _ in told),
        )  # fmt: skip
        return


def _width(layer: Row) -> int:
    """How many values one direction hands on at each step."""
    return int(layer.layer.chosen.get("proj_size") or layer.layer.chosen["hidden_size"])


def _joined(told: list[Told]) -> str:
    """What is to be written, with the code's own name for the states where a button writes it."""
    return told[-1][0][1] if told else f"torch.cat([{_STATE}[-2], {_STATE}[-1]], dim=1)"


def _two_way(row: Row) -> Row | None:
    """The bidirectional layer of whose output a row takes the first or the last step; None where it does not."""
    if row.type != "Select" or row.layer.chosen["dim"] != 1 or row.layer.chosen["index"] not in (0, -1):
        return None
    read = row.reads[0]
    while isinstance(read.origin, Row) and read.origin.type in _KEEPING:
        read = read.origin.reads[0]
    origin = read.origin
    is_meant = isinstance(origin, Row) and origin.type in RECURRENT and read.port == 0
    return origin if is_meant and isinstance(origin, Row) and origin.layer.chosen.get("bidirectional") else None


def _cure(case: Case, row: Row, layer: Row) -> list[Told]:
    """The step replaced by the joined states, with a name for them where the code has none; [] where that is more than
    these two changes."""
    assert isinstance(row.node, ast.Subscript)
    if row.reads[0].origin is not layer or not re.search(r"^[ \t]{0,80}import torch\b", case.paste.text, re.MULTILINE):
        return []
    found = [
        node.targets[0] for node in case.code.nodes
        if isinstance(node, ast.Assign) and node.value is layer.node and len(node.targets) == 1
    ]  # fmt: skip
    target = found[0] if len(found) == 1 else None
    if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return []
    state, told, is_pair = target.elts[1], list[Told](), layer.type == "LSTM"
    if isinstance(state, ast.Tuple) and is_pair and len(state.elts) == 2:
        state, is_pair = state.elts[0], False
    if not isinstance(state, ast.Name):
        return []
    name = state.id
    if name == "_":
        name = _STATE
        text = f"({name}, _)" if is_pair else name
        told.append(((case.paste.span(state), text), f"write {text} for _"))
        is_pair = False
    stored = [node for node in case.code.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    if sum(node.id == name for node in stored) > (name == state.id):
        return []  # it may be another one by then
    of = f"{name}[0]" if is_pair else name
    text = f"torch.cat([{of}[-2], {of}[-1]], dim=1)"
    return [*told, ((case.paste.span(row.node), text), f"write {text}")]
