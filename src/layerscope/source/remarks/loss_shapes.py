"""A loss that compares the network's output with a target value by value, where their shapes differ.

Both have to be seen in the code: the loss is called on what the network gives, and on a tensor that the code makes or
on the network's own input, as in an autoencoder.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from layerscope.formatting import shape_text
from layerscope.layers.base import Shape
from layerscope.source import walking
from layerscope.source.python.values import Fault
from layerscope.source.reading import Change, Flaw
from layerscope.source.remarks.case import Case
from layerscope.source.torch.tensor import Tensor

_VALUE_BY_VALUE = {
    "MSELoss": "MSELoss", "mse_loss": "MSELoss", "L1Loss": "L1Loss", "l1_loss": "L1Loss", "BCELoss": "BCELoss",
    "SmoothL1Loss": "SmoothL1Loss", "smooth_l1_loss": "SmoothL1Loss", "HuberLoss": "HuberLoss",
    "binary_cross_entropy": "BCELoss", "BCEWithLogitsLoss": "BCEWithLogitsLoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
}  # fmt: skip
_REFUSING = ("BCELoss", "BCEWithLogitsLoss")
"""Losses that refuse other shapes even where one could be repeated."""


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about the first such call whose two shapes differ."""
    example = case.example
    if example is None or not example.called or not example.batch or case.shape is None or case.followed.outputs:
        return
    if not any(word in case.paste.text for word in _VALUE_BY_VALUE):
        return
    output = walking.run(case.layers, case.shape)
    if output is None:
        return
    for call, kind in _calls(case.code.nodes):
        target = _target(case, call.args[1])
        if _gives_the_output(case, call.args[0]) and target is not None:
            if target != (example.batch, *output):
                yield _told(case, call, kind, (example.batch, *output), target)
            return


def _calls(nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    """The calls of losses with two arguments, and which loss each is."""
    held = dict(_VALUE_BY_VALUE)
    for node in nodes:
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(value, ast.Call) and _word(value.func) in held and isinstance(node, ast.Assign):
            held |= {_word(target): held[_word(value.func)] for target in node.targets}
    for node in nodes:
        if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
            makes = isinstance(node.func, ast.Call) and _word(node.func.func) in held
            word = _word(node.func.func) if makes and isinstance(node.func, ast.Call) else _word(node.func)
            if word in held:
                yield node, held[word]


def _gives_the_output(case: Case, node: ast.expr) -> bool:
    """Whether it is the call of the network on the example, or a name that is given that call alone."""
    called = case.example.calls if case.example is not None else ()
    if isinstance(node, ast.Name):
        values = _given(case.code.nodes, node.id)
        return len(values) == 1 and values[0] in called
    return node in called


def _given(nodes: Sequence[ast.AST], name: str) -> list[Any]:
    return [
        node.value for node in nodes if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name) and target.id == name
    ]  # fmt: skip


def _target(case: Case, node: ast.expr) -> Shape | None:
    """The shape of a tensor that the code makes; None where it is not known."""
    if isinstance(node, ast.Name) and len(_given(case.code.nodes, node.id)) != 1:
        return None
    try:
        value = case.run.worth(node)
    except Fault:
        return None
    return value.shape if isinstance(value, Tensor) and not value.carries and not value.weights else None


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


def _word(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
