"""What a tensor becomes by an einops pattern: the reshapes and permutes that it does, so that it becomes the rows that
torch's own functions would."""

import ast
from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from layerscope.source.python.constants import Size, plain
from layerscope.source.python.values import Call, Fault, Symbol, Unknown
from layerscope.source.torch.einops_patterns import (
    REST,
    Group,
    Pattern,
    PatternError,
    is_straight,
    named,
    parsed,
    steps,
)
from layerscope.source.torch.open_input import ANY_SIZE, OpenInput
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_REDUCING = {"mean": "mean", "max": "amax", "min": "amin", "sum": "sum", "prod": "prod"}
LONGEST_PATTERN = 10
"""Letters of a pattern that are as much work as one step."""


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
        return step(run, of, "expand", plan.final, node)
    value = step(run, of, "reshape", plan.split, node)
    value = _reduced(run, value, _REDUCING[reduction], plan.gone, node) if plan.gone else value
    value = step(run, value, "permute", plan.order, node) if plan.order else value
    if plan.spread != plan.filled:
        value = step(run, step(run, value, "reshape", plan.spread, node), "expand", plan.filled, node)
    return step(run, value, "reshape", plan.final, node)


def step(run: "Evaluator", of: Any, name: str, numbers: tuple[int, ...], node: ast.AST) -> Any:
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
