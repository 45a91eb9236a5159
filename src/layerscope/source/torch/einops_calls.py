"""einops in a paste: rearrange, repeat, reduce, einsum, pack and unpack, and the layers Rearrange and Reduce.

Each is read as the reshapes and permutes that it does, so it becomes the rows that torch's own functions would.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from string import ascii_letters
from typing import TYPE_CHECKING, Any

from layerscope import limits
from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.record import BATCH
from layerscope.source.torch.einops_patterns import (
    REST,
    Group,
    Pattern,
    PatternError,
    groups,
    is_straight,
    named,
    parsed,
    steps,
)
from layerscope.source.torch.modules import Module
from layerscope.source.torch.open_input import ANY_SIZE, OpenInput
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_REDUCING = {"mean": "mean", "max": "amax", "min": "amin", "sum": "sum", "prod": "prod"}
LONGEST_PATTERN = 10
"""Letters of a pattern that are as much work as one step."""


@dataclass(eq=False, repr=False)
class EinopsLayer(Module):
    """Rearrange("b c h w -> b (h w) c"): the function with its pattern, as a layer."""

    operation: str
    node: ast.AST
    given: Call
    name: str | None = None
    owner: Module | None = None

    def call(self, run: "Evaluator", call: Call) -> Any:
        if len(call.everything) != 1:
            raise Fault(f"{run.paste.quote(self.node)} expects one tensor.", call.node)
        return applied(run, self.operation, call.everything[0], self.given, call.node)


def layer(operation: str) -> Any:
    """What makes such a layer."""

    def make(run: "Evaluator", call: Call) -> Any:
        return EinopsLayer(operation, call.node, call)

    return make


def function(operation: str) -> Any:
    """What a call of such a function gives."""

    def work(run: "Evaluator", call: Call) -> Any:
        rest = call.after_first() if call.args else call
        kwargs = {name: value for name, value in rest.kwargs.items() if name != "tensor"}
        of = call.args[0] if call.args else call.kwargs.get("tensor")
        return applied(run, operation, of, Call(call.node, rest.args, kwargs), call.node)

    return work


def applied(run: "Evaluator", operation: str, of: Any, given: Call, node: ast.AST) -> Any:
    """What the tensor becomes; `given` holds the pattern and the sizes. Raises Fault."""
    if isinstance(of, list | tuple) and of and all(isinstance(part, Tensor) for part in of):
        of = run.call(Symbol("torch.stack"), Call(node, [of]))
    if not isinstance(of, Tensor):
        return run.unknown(node, among=[of])
    names = ("pattern", "reduction") if operation == "reduce" else ("pattern",)
    values = given.bound(*names)
    text, reduction = values.pop("pattern", None), values.pop("reduction", None)
    pattern = _pattern(run, text, given.node)
    sizes = _sizes(run, values, given.node)
    if operation == "reduce" and reduction not in _REDUCING:
        raise Fault(f"{run.paste.quote(given.node)} must be one of {', '.join(_REDUCING)}.", given.node)
    if isinstance(of, OpenInput) and of.is_open:
        _settled(of, pattern, sizes)
    try:
        plan = steps(operation, pattern, of.shape, sizes)
    except PatternError as error:
        raise Fault(f"{run.paste.quote(given.node)} does not fit: {error}.", node) from None
    if operation == "repeat" and is_straight(pattern, of.shape):
        return _step(run, of, "expand", plan.final, node)
    value = _step(run, of, "reshape", plan.split, node)
    value = _reduced(run, value, _REDUCING[reduction], plan.gone, node) if plan.gone else value
    value = _step(run, value, "permute", plan.order, node) if plan.order else value
    if plan.spread != plan.filled:
        value = _step(run, _step(run, value, "reshape", plan.spread, node), "expand", plan.filled, node)
    return _step(run, value, "reshape", plan.final, node)


def _step(run: "Evaluator", of: Any, name: str, numbers: tuple[int, ...], node: ast.AST) -> Any:
    """One of torch's own steps; none where it would change nothing."""
    if not isinstance(of, Tensor) or (name != "permute" and of.shape == numbers):
        return of
    args = list(numbers) if name == "permute" else [Size(number) for number in numbers]
    return world_of(run).method(run, of, name, Call(node, args))


def _reduced(run: "Evaluator", of: Any, name: str, axes: tuple[int, ...], node: ast.AST) -> Any:
    if isinstance(of, Tensor) and of.axis in axes:
        raise Fault(f"{run.paste.quote(node)} mixes the samples of a batch.", node)
    if name == "prod":
        for axis in axes[::-1]:
            of = world_of(run).method(run, of, name, Call(node, [axis]))
        return of
    return world_of(run).method(run, of, name, Call(node, [axes if len(axes) > 1 else axes[0]]))


def _pattern(run: "Evaluator", text: Any, node: ast.AST) -> Pattern:
    if not isinstance(text, str):
        raise Fault(f"The code does not say the pattern of {run.paste.quote(node)}.", node)
    run.tick(node, len(text) // LONGEST_PATTERN)
    try:
        return parsed(text)
    except PatternError as error:
        raise Fault(f"{run.paste.quote(node)} is not an einops pattern: {error}.", node) from None


def _sizes(run: "Evaluator", values: Mapping[str, Any], node: ast.AST) -> dict[str, int]:
    """The sizes that are given by name. Raises Fault."""
    for name, value in values.items():
        if isinstance(value, Unknown):
            raise Fault(value.reason, value.node or node)
        if not isinstance(plain(value), int) or value < 1:
            raise Fault(f"{name[:20]} in {run.paste.quote(node)} is not a size.", node)
    return {name: int(plain(value)) for name, value in values.items()}


def _settled(of: OpenInput, pattern: Pattern, sizes: Mapping[str, int]) -> None:
    """An input whose shape nobody told is made to fit the left side: images of three channels where it has four axes.

    The channels are what the first layer after it lets one tell.
    """
    own = pattern.left[1:]
    shape, axis, kind = of.otherwise
    if REST in named(pattern.left) or len(pattern.left[:1]) != 1:
        return
    if axis or len(shape) != len(own):
        dims = len(own) - 1
        shape = (3, *(ANY_SIZE.get(dims, 16),) * dims) if dims > 1 else (16, shape[-1])[-len(own) :]
        last = pattern.right[-1] if pattern.right else ()
        if own[:1] and len(own[0]) == 1 and own[0][0] in last:
            others = prod(sizes.get(name, 1) for name in last)
            known = all(name in sizes for name in last if name != own[0][0])
            width = of.otherwise[0][-1]
            shape = (width // others, *shape[1:]) if known and width % others == 0 else shape
    fitted = (_fitted(group, size, sizes) for group, size in zip(own, shape, strict=False))
    of.settle((tuple(fitted), 0, kind))


def _fitted(group: Group, size: int, sizes: Mapping[str, int]) -> int:
    """A size near that one, of which the group can be made."""
    known = prod(sizes.get(axis, 1) if "#" not in axis else int(axis.partition("#")[0]) for axis in group)
    is_open = any("#" not in axis and axis not in sizes for axis in group)
    return max(size // known, 1) * known if is_open else known


def summed(run: "Evaluator", call: Call) -> Any:
    """einops.einsum(x, y, "b i d, b j d -> b i j"): torch.einsum with a letter for each name."""
    *tensors, text = call.args or [None]
    if not isinstance(text, str) or not all(isinstance(part, Tensor) for part in tensors):
        return run.unknown(call.node, among=call.everything)
    run.tick(call.node, len(text) // LONGEST_PATTERN)
    letters: dict[str, str] = {}
    sides: list[str] = []
    try:
        for side in text.replace("->", ",").split(","):
            axes = [axis for group in groups(side) for axis in group]
            for axis in axes:
                letters.setdefault(axis, REST if axis == REST else ascii_letters[len(letters)])
            sides.append("".join(letters[axis] for axis in axes))
    except (PatternError, IndexError):
        raise Fault(f"{run.paste.quote(call.node)} has no einops pattern.", call.node) from None
    equation = f"{','.join(sides[:-1])}->{sides[-1]}"
    return run.call(Symbol("torch.einsum"), Call(call.node, [equation, *tensors]))


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
        flat.append(_step(run, part, "reshape", sizes, call.node))
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
        _step(run, part, "reshape", (*part.shape[: star.before], *row, *part.shape[after:]), call.node)
        for part, row in zip(parts, rows, strict=True)
    ]


def axis_sizes(run: "Evaluator", call: Call) -> Any:
    """parse_shape(x, "b c h w"): the sizes by name."""
    given = call.bound("x", "pattern")
    of, text = given.get("x"), given.get("pattern")
    try:
        row = groups(text) if isinstance(text, str) else ()
    except PatternError:
        row = ()
    if not isinstance(of, Tensor) or len(row) != len(of.shape) or any(len(group) != 1 for group in row):
        return run.unknown(call.node, among=[of])
    return {group[0]: Size(size) for group, size in zip(row, of.shape, strict=True) if group[0] != "_"}


CALLS = {
    **{f"einops.{name}": function(name) for name in ("rearrange", "repeat", "reduce")},
    "einops.layers.torch.Rearrange": layer("rearrange"), "einops.layers.torch.Reduce": layer("reduce"),
    "einops.einsum": summed, "einops.pack": packed, "einops.unpack": unpacked, "einops.parse_shape": axis_sizes,
}  # fmt: skip
"""What of einops is read."""
