"""Calls of losses in a paste on what the network gives and on a target that the code makes."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerscope.layers.base import Shape
from layerscope.source.python.values import Fault
from layerscope.source.remarks.case import Case
from layerscope.source.torch.tensor import Tensor

VALUE_BY_VALUE = {
    "MSELoss": "MSELoss", "mse_loss": "MSELoss", "L1Loss": "L1Loss", "l1_loss": "L1Loss", "BCELoss": "BCELoss",
    "SmoothL1Loss": "SmoothL1Loss", "smooth_l1_loss": "SmoothL1Loss", "HuberLoss": "HuberLoss",
    "binary_cross_entropy": "BCELoss", "BCEWithLogitsLoss": "BCEWithLogitsLoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
}  # fmt: skip

OF_CLASSES = {
    "CrossEntropyLoss": "CrossEntropyLoss", "cross_entropy": "CrossEntropyLoss", "NLLLoss": "NLLLoss",
    "nll_loss": "NLLLoss",
}  # fmt: skip
"""The losses by the names that code has for them: those that compare values, and those that read classes."""


@dataclass(frozen=True)
class LossCall:
    """A loss that is called on the network's output, and the shape of the target."""

    node: ast.Call
    kind: str
    target: Shape

    @property
    def of_classes(self) -> bool:
        return self.kind in OF_CLASSES


def loss_calls(case: Case, kinds: Mapping[str, str] = VALUE_BY_VALUE | OF_CLASSES) -> Iterator[LossCall]:
    """Those of which both are known."""
    if any(word in case.paste.text for word in kinds):
        for call, kind in _calls(case.code.nodes, kinds):
            target = _target(case, call.args[1])
            if target is not None and _gives_the_output(case, call.args[0]):
                yield LossCall(call, kind, target)


def _calls(nodes: Sequence[ast.AST], kinds: Mapping[str, str]) -> Iterator[tuple[ast.Call, str]]:
    """The calls of losses with two arguments, and which loss each is."""
    held = dict(kinds)
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


def _word(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
