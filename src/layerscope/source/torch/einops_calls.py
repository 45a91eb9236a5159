"""einops in a paste: which of its functions and layers are read, and what each call of them means."""

import ast
from dataclasses import dataclass
from string import ascii_letters
from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import Size
from layerscope.source.python.values import Call, Fault, Symbol
from layerscope.source.torch.einops_packing import packed, unpacked
from layerscope.source.torch.einops_patterns import (
    REST,
    PatternError,
    groups,
)
from layerscope.source.torch.einops_steps import LONGEST_PATTERN, applied
from layerscope.source.torch.modules import Module
from layerscope.source.torch.tensor import Tensor

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator


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
