"""einops' pack and unpack: tensors with one axis in the star's place, joined there and taken apart again."""

import ast
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault, Symbol
from layerscope.source.record import BATCH
from layerscope.source.torch.einops_patterns import PatternError, groups
from layerscope.source.torch.einops_steps import step
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


@dataclass(eq=False)
class _Star:
    """A pattern of pack and unpack: how many axes stand before and after its star."""

    before: int
    after: int
    shapes: list[tuple[int, ...]] = field(default_factory=list)


def _star(run: "Evaluator", text: Any, node: ast.AST) -> _Star:
    try:
        row = groups(text) if isinstance(text, str) else ()
    except PatternError:
        row = ()
    if row.count(("*",)) != 1 or any(len(group) != 1 for group in row):
        raise Fault(f"{run.paste.quote(node)} needs a pattern with one star, such as b * d.", node)
    return _Star(row.index(("*",)), len(row) - row.index(("*",)) - 1)


def packed(run: "Evaluator", call: Call) -> Any:
    """pack([x, y], "b * d"): both with one axis in the star's place, joined there; and what that was made of."""
    given = call.bound("tensors", "pattern")
    star, tensors = _star(run, given.get("pattern"), call.node), given.get("tensors")
    if not isinstance(tensors, list | tuple) or not all(isinstance(part, Tensor) for part in tensors):
        return run.unknown(call.node, among=[tensors])
    flat, shapes = [], []
    for part in tensors:
        end = len(part.shape) - star.after
        if end < star.before:
            raise Fault(f"{run.paste.quote(call.node)} gets a tensor with too few axes.", call.node)
        inner = part.shape[star.before : end]
        shapes.append(tuple(map(Size, inner)))
        sizes = (*part.shape[: star.before], prod(inner), *part.shape[end:])
        flat.append(step(run, part, "reshape", sizes, call.node))
    joined = run.call(Symbol("torch.cat"), Call(call.node, [flat, star.before]))
    return joined, shapes


def unpacked(run: "Evaluator", call: Call) -> Any:
    """unpack(x, shapes, "b * d"): what pack made one tensor of."""
    given = call.bound("tensor", "packed_shapes", "pattern")
    star, of, shapes = _star(run, given.get("pattern"), call.node), given.get("tensor"), given.get("packed_shapes")
    is_known = isinstance(shapes, list) and all(isinstance(shape, tuple | list) for shape in shapes)
    if not isinstance(of, Tensor) or not is_known or not shapes or len(shapes) > limits.PORTS.most:
        return run.unknown(call.node, among=[of, shapes])
    rows = [tuple(int(plain(size)) for size in shape) for shape in shapes]
    counts = [prod(row) for row in rows]
    fits = star.before < len(of.shape) and sum(counts) == of.shape[star.before]
    if not fits or any(count % BATCH == 0 for count in counts):
        raise Fault(f"{run.paste.quote(call.node)} does not fit: the sizes differ from the tensor's.", call.node)
    parts = world_of(run).method(run, of, "split", Call(call.node, [counts, star.before]))
    if not isinstance(parts, list | tuple):
        return run.unknown(call.node)
    after = star.before + 1
    return [
        step(run, part, "reshape", (*part.shape[: star.before], *row, *part.shape[after:]), call.node)
        for part, row in zip(parts, rows, strict=True)
    ]
