"""A tensor of numbers into which the code puts results one by one: outputs = torch.zeros(...); outputs[:, t] = h.

What torch holds then is the same as what torch.stack, or torch.cat, would make of the parts: that is what is recorded
when the tensor is read.
"""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from layerscope import limits
from layerscope.source.python.constants import plain
from layerscope.source.python.values import Call, Fault, Value, carries
from layerscope.source.torch.tensor import Tensor
from layerscope.source.torch.worlds import world_of

if TYPE_CHECKING:
    from layerscope.source.python.evaluator import Evaluator

_OF_SIZES = frozenset({"shape", "ndim", "size", "dim", "numel", "device", "dtype", "is_cuda"})
"""What a tensor says of itself whatever is in it."""


@dataclass(eq=False, repr=False)
class Filled(Value):
    """Such a tensor: `of` is what it was made as, `parts` are the results by where they begin along `axis`.

    `step` is how long each part is along that axis, 0 where the parts have no such axis: outputs[:, t] = h.
    """

    of: Tensor
    axis: int
    step: int
    parts: dict[int, Tensor] = field(default_factory=dict)
    read_as: Any = None
    """What it was read as last, None where a part came since."""
    carries = True

    def with_item(self, run: "Evaluator", place: Any, value: Any, node: ast.AST) -> "Filled":
        found = _along(self.of, place)
        if not isinstance(value, Tensor) or found is None or found[0] != self.axis or found[2] != self.step:
            raise Fault(_advice(run, node), node)
        _check(run, self.of, found, value, node)
        self.parts[found[1]], self.read_as = value, None
        return self

    def read(self, run: "Evaluator", node: ast.AST) -> Any:
        """The tensor of all parts; where none was put, it is as it was made."""
        if self.read_as is None:
            size, step = self.of.shape[self.axis], self.step or 1
            if any(start % step for start in self.parts) or size % step or size // step > limits.PORTS.most:
                raise Fault(_advice(run, node), node)
            row = [self._part(run, start, node) for start in range(0, size, step)]
            name = "cat" if self.step else "stack"
            self.read_as = world_of(run).joined(run, name, Call(node, [row], {"dim": self.axis}))
        return self.read_as

    def _part(self, run: "Evaluator", start: int, node: ast.AST) -> Any:
        place: Any = slice(start, start + self.step) if self.step else start
        return self.parts.get(start) or self.of.item(run, (*[slice(None)] * self.axis, place), node)

    # Answers

    def attribute(self, run: "Evaluator", name: str, node: ast.AST) -> Any:
        return (self.of if name in _OF_SIZES else self.read(run, node)).attribute(run, name, node)

    def item(self, run: "Evaluator", place: Any, node: ast.AST) -> Any:
        found = _along(self.of, place)
        known = self.parts.get(found[1]) if found is not None and found[::2] == (self.axis, self.step) else None
        return self.read(run, node).item(run, place, node) if known is None else known

    def items(self, run: "Evaluator", node: ast.AST) -> list[Any] | None:
        return run.items(self.read(run, node), node)

    def length(self, run: "Evaluator", node: ast.AST) -> Any:
        return self.of.length(run, node)


def filled(run: "Evaluator", of: Tensor, place: Any, value: Any, node: ast.AST) -> Filled | None:
    """What a tensor is after something was put into it; None where it stays a constant of the same sizes.

    Raises Fault where no row could say it.
    """
    if of.carries and isinstance(place, Tensor) and _is_mask(of, place) and isinstance(value, int | float):
        of.become(_masked(run, of, place, value, node))
        return None
    if of.carries:
        raise Fault(
            f"Layerscope cannot follow {run.paste.quote(node)}, which changes part of a tensor. Make a new one "
            "instead, with torch.where(...), masked_fill(...) or torch.cat(...).", node,
        )  # fmt: skip
    if not carries([value]):
        return None
    found = _along(of, place)
    if found is None or of.weights or not isinstance(value, Tensor):
        raise Fault(_advice(run, node), node)
    run.fills = True
    made = of.filled = Filled(of.changed(), found[0], found[2]).with_item(run, place, value, node)
    return made


def _is_mask(of: Tensor, place: Tensor) -> bool:
    """Whether a place is a row of yes and no for the first axes of a tensor."""
    return place.dtype == torch.bool and place.shape == of.shape[: len(place.shape)]


def _masked(run: "Evaluator", of: Tensor, mask: Tensor, value: float, node: ast.AST) -> Tensor:
    """scores[mask == 0] = -1e9 is masked_fill with a mask of as many axes. Raises Fault."""
    world = world_of(run)
    for _ in range(len(of.shape) - len(mask.shape)):
        mask = world.method(run, mask, "unsqueeze", Call(node, [-1]))
    made: Tensor = world.method(run, of, "masked_fill", Call(node, [mask, value]))
    return made


def _along(of: Tensor, place: Any) -> tuple[int, int, int] | None:
    """The one axis of which a place takes a part, where that begins, and how long it is, 0 for a single number; None
    for anything else."""
    places = [plain(each) for each in (place if isinstance(place, tuple) else (place,))]
    if places.count(Ellipsis) == 1:
        here = places.index(Ellipsis)
        places[here : here + 1] = [slice(None)] * (len(of.shape) - len(places) + 1)
    taken = [(axis, each) for axis, each in enumerate(places) if each != slice(None)]
    if len(taken) != 1 or len(places) > len(of.shape) or taken[0][0] == of.axis:
        return None
    axis, part = taken[0]
    size = of.shape[axis]
    if type(part) is int and -size <= part < size:
        return axis, part % size, 0
    ends = part.indices(size) if isinstance(part, slice) else None
    return (axis, ends[0], ends[1] - ends[0]) if ends is not None and ends[2] == 1 and ends[1] > ends[0] else None


def _check(run: "Evaluator", of: Tensor, found: tuple[int, int, int], value: Tensor, node: ast.AST) -> None:
    """Raise Fault where torch could not put the value there as it is."""
    axis, _, step = found
    shape = (*of.shape[:axis], *([step] if step else []), *of.shape[axis + 1 :])
    if value.shape != shape:
        raise Fault(_advice(run, node), node)


def _advice(run: "Evaluator", node: ast.AST) -> str:
    """That a result cannot be followed there, and what can be written instead."""
    text = run.paste.quote(node)
    name = run.paste.quote(node.value) if isinstance(node, ast.Subscript) else "results"
    return (
        f"Layerscope cannot follow the assignment to {text}. Collect the results in a list, {name} = [] and "
        f"{name}.append(...), then join them with torch.stack({name}, dim=...)."
    )
