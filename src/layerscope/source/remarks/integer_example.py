"""torch.tensor([[0, 0], [0, 1]]) as an example: whole numbers, which no layer with weights takes."""

import ast
from collections.abc import Iterator

from layerscope.source.reading import Flaw, Span
from layerscope.source.remarks.case import Case

_CONVERTING = {"float", "double", "half", "type", "bfloat16", "long", "float32", "float64"}
_QUOTE = "mat1 and mat2 must have the same dtype, but got Long and Float"


def remark(case: Case) -> Iterator[Flaw]:
    """A remark about an example of whole numbers alone, which torch makes a tensor of type Long."""
    example, layers, paste = case.example, case.layers, case.paste
    if example is None:
        return
    call = example.node
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "tensor" or call.keywords or not example.called or len(call.args) != 1:
        return
    numbers = [part for part in ast.walk(call.args[0]) if not isinstance(part, ast.List | ast.Tuple | ast.expr_context)]
    whole = all(isinstance(part, ast.Constant) and type(part.value) is int for part in numbers)
    elsewhere = any(isinstance(node, ast.Attribute) and node.attr in _CONVERTING for node in case.code.nodes)
    first = next((layer for layer in layers if layer.decides), None)
    if not whole or elsewhere or first is None or layers[0] is not first:
        return
    changes: tuple[tuple[Span, str], ...] = ()
    if isinstance(call.func, ast.Attribute):
        changes = ((paste.inside(call), f", dtype={paste.segment(call.func.value)}.float32"),)
    quote = _QUOTE if first.type == "Linear" and first.chosen["bias"] is True else ""
    yield case.flaw(
        f"{paste.quote(call)} has only whole numbers, so PyTorch makes it Long; the weights of {first.name} "
        "are Float. dtype=torch.float32 makes it Float too.", call,
        kind="example", tone="error", title="The example has only whole numbers", quote=quote,
        label=f"Line {call.end_lineno}: add dtype" if changes else "", changes=changes,
    )  # fmt: skip
