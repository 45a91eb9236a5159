"""A network whose output is a map, and a loss in the code that wants a class for each place of it."""

import ast
from collections.abc import Iterator, Sequence

from layerscope.formatting import shape_text
from layerscope.source import walking
from layerscope.source.reading import Note
from layerscope.source.remarks import whole_states
from layerscope.source.remarks.case import Case

_TURNING = frozenset({
    "view", "reshape", "flatten", "transpose", "permute", "movedim", "swapaxes", "rearrange", "squeeze", "mean",
})  # fmt: skip
"""Methods and functions that give a tensor another shape."""
_OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"})


def remark(case: Case) -> Iterator[Note]:
    """What such a loss wants of the labels; nothing for a row of scores, or without such a loss."""
    loss = _named(case)
    output = (walking.run(case.layers, case.shape or ()) or ()) if loss else ()
    if len(output) < 2 or whole_states.found(case) is not None:
        return
    places = ", ".join(map(str, output[1:]))
    yield case.note(
        f"The output is {shape_text(output)} per sample. {loss} reads the first axis as the classes and expects "
        f"labels of shape (batch, {places}), one class per position. For one class per sample, flatten or pool "
        "before the last layer."
    )


def _named(case: Case) -> str:
    """The loss that the code names first; "" where it names none. The tree is walked only where the text has one."""
    if not any(name in case.paste.text for name in _OF_CLASSES):
        return ""
    named = ((node, getattr(node, "attr", getattr(node, "id", ""))) for node in case.code.nodes)
    found = [(node, name) for node, name in named if name in _OF_CLASSES]
    return "" if not found or _is_turned(case.code.nodes, {name for _, name in found}) else found[0][1]


def _is_turned(nodes: Sequence[ast.AST], losses: set[str]) -> bool:
    """Whether what goes into such a loss is given another shape there: cross_entropy(scores.view(-1, 65), labels)."""
    held = set(losses)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) in losses:
            held |= {getattr(target, "attr", getattr(target, "id", "")) for target in node.targets}
    calls = (node for node in nodes if isinstance(node, ast.Call) and node.args and _called(node) in held)
    return any(isinstance(call.args[0], ast.Call) and _called(call.args[0]) in _TURNING for call in calls)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
