"""A loss that compares the network's output with a target value by value, where their shapes differ.

Both have to be seen in the code: the loss is called on what the network gives, and on a tensor that the code makes or
on the network's own input, as in an autoencoder.
"""

import ast
from collections.abc import Iterator

import torch

from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source import walking
from layerscope.source.reading import Change, Flaw
from layerscope.source.remarks import whole_states
from layerscope.source.remarks.case import Case
from layerscope.source.remarks.target_calls import VALUE_BY_VALUE, loss_calls

_REFUSING = ("BCELoss", "BCEWithLogitsLoss")
"""Losses that refuse other shapes even where one could be repeated."""


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the first such call whose two shapes differ."""
    example = case.example
    if example is None or not example.called or not example.batch or case.shape is None or case.followed.outputs:
        return
    call = next(loss_calls(case, VALUE_BY_VALUE), None)
    output = walking.run(case.layers, case.shape) if call is not None else None
    if call is None or output is None or whole_states.found(case) is not None:  # whose batch is elsewhere
        return
    if call.target != (example.batch, *output):
        yield _told(case, call.node, call.kind, (example.batch, *output), call.target)


def _told(case: Case, call: ast.Call, kind: str, output: Shape, target: Shape) -> Flaw:
    said = f"({', '.join(map(str, output))})"
    given = f"({', '.join(map(str, target))}{',' * (len(target) == 1)})"
    try:
        repeated = tuple(torch.broadcast_shapes(output, target))  # type: ignore[no-untyped-call]
    except RuntimeError:
        repeated = ()
    column = output == (*target, 1)
    words = f"The output is {said} and the target {given}; {kind} compares them value by value."
    quote = ""
    if kind in _REFUSING:
        quote = f"Target size (torch.Size([{given.strip('(,)')}])) must be the same as input size"
        quote += f" (torch.Size([{said.strip('()')}]))"
        quote = quote if kind == "BCEWithLogitsLoss" else ""
    elif repeated:
        words += f" PyTorch repeats both to {shape_text(repeated)} and compares each output with each target."
    cure = (Change(case.paste.after(call.args[1]), ".unsqueeze(1)", "write .unsqueeze(1) after the target"),)
    return case.flaw(
        words, call, kind="target", tone="warning" if repeated and kind not in _REFUSING else "error",
        title="The output and the target have different shapes", quote=quote,
        label=f"Line {case.paste.place(call.args[1])[0]}: write .unsqueeze(1) after the target" if column else "",
        changes=tuple((each.place, each.text) for each in cure) if column else (),
    )  # fmt: skip
