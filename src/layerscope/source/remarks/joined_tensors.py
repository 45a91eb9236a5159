"""torch.cat of tensors without the brackets of a list, and of samples along the batch."""

import ast
from typing import TYPE_CHECKING

from layerscope.source.python.values import Call
from layerscope.source.reading import Change, Span
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


def as_row(run: "Evaluator", name: str, call: Call) -> Call:
    """torch.cat(a, b, 1) with its tensors in brackets, remarked upon; the same call where they are in some."""
    count = next((n for n, value in enumerate(call.args) if not isinstance(value, Tensor)), len(call.args))
    if count < 2 or not isinstance(call.node, ast.Call) or len(call.node.args) != len(call.args):
        return call
    first, last = call.node.args[0], call.node.args[count - 1]
    start, end = run.paste.before(first), run.paste.after(last)
    rows = ", ".join(run.paste.quote(node) for node in call.node.args[:count])
    run.remarks.flaw(
        f"torch.{name} takes the tensors as one list: write [{rows}]. Layerscope assumes this fix.", call.node,
        kind="joined", tone="error", title=f"torch.{name} needs a list",
        quote=f"{name}() takes from 1 to 2 positional arguments but {len(call.args)} were given"
        if name == "cat" and len(call.args) > 2 else "",
        label=f"Line {start.line}: put the tensors in brackets",
        changes=((Span(start.line, start.column, start.line, start.column), "["), (end, "]")),
    )  # fmt: skip
    return Call(call.node, [list(call.args[:count]), *call.args[count:]], call.kwargs)


def along_the_batch(run: "Evaluator", name: str, call: Call) -> None:
    """A remark where nothing says the axis: torch.cat([a, b]) joins along axis 0, the batch."""
    node = call.node
    if not isinstance(node, ast.Call) or len(call.args) != 1 or call.kwargs:
        return
    change = Change(run.paste.inside(node), ", dim=1", "add dim=1")
    run.remarks.flaw(
        f"Without dim, torch.{name} joins along axis 0, the batch: twice as many samples, and no more channels or "
        "features. dim=1 joins those.", node, kind="joined", tone="error", title="The samples are joined, not the "
        "channels or features", ways=((change,),),
    )  # fmt: skip
