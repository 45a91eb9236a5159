"""Rows that put their inputs one after the other: along an axis that is there, or along a new one."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Shape, axis_names, unchanged
from layerscope.layers.functional import Functional, dim_complaint, place
from layerscope.layers.joining import axes_complaint
from layerscope.layers.kept import NOTHING, Kept
from layerscope.layers.several import MOST_INPUTS, SeveralInputs, given, letters
from layerscope.parameter import chosen
from layerscope.receptive import MOVED, SAME, OneAfterAnother, Reach

MOST_AXES = limits.RANK.most


class _Concat(Functional):
    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, self.dim)


@dataclass(frozen=True, kw_only=True)
class Concat(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.cat.html"""

    torch_class: ClassVar[type[nn.Module]] = _Concat
    stem: ClassVar[str] = "cat"
    takes: ClassVar[tuple[int, int]] = (2, MOST_INPUTS)
    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    passes_kind: ClassVar[bool] = True
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = NOTHING
    hands_on: ClassVar[bool] = True

    dim: int = chosen(
        1, help="The axis along which the inputs are put one after the other: its sizes add up, as in 48 = 28 + 20.",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True,
    )  # fmt: skip

    def misfit(self, *shapes: Shape) -> str | None:
        if wrong := axes_complaint("Concat", shapes) or dim_complaint("dim", self.dim, shapes[0]):
            return wrong
        axis = self._axis(shapes[0])
        before, after = shapes[0][:axis], shapes[0][axis + 1 :]
        for number, shape in enumerate(shapes):
            if shape[:axis] != before or shape[axis + 1 :] != after:
                told = f"{given(0, shapes[0])}, {given(number, shape)}"
                return f"Concat along the {axis_names(shape)[axis]} needs the other axes to be equal: {told}."
        return None

    def _axis(self, shape: Shape) -> int:
        """The axis of a sample along which the inputs are joined, counted from 0."""
        return place(self.dim, len(shape) + 1) - 1

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        axis, same = self._axis(shapes[0]), unchanged(shapes[0])
        name = axis_names(shapes[0])[axis]
        return *same[:axis], _sum(f"output {name}", [shape[axis] for shape in shapes]), *same[axis + 1 :]

    def reach(self, *shapes: Shape) -> Reach:
        axis = self._axis(shapes[0])
        return OneAfterAnother(axis - 1) if axis else SAME


def _sum(quantity: str, sizes: list[int]) -> Formula:
    """48 = 28 + 20; three and more equal sizes in a row are written as a product."""
    runs = [(size, len(list(equal))) for size, equal in groupby(sizes)]
    parts = [(size, count) for size, n in runs for count in ([n] if n > 2 else [1] * n)]
    names = letters(len(parts))
    terms = [name if count == 1 else f"{count}·{name}" for name, (_, count) in zip(names, parts, strict=True)]
    numbers = tuple((name, size) for name, (size, _) in zip(names, parts, strict=True))
    return Formula(quantity, " + ".join(terms), numbers, sum(sizes))


class _Stack(Functional):
    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.stack(inputs, self.dim)


@dataclass(frozen=True, kw_only=True)
class Stack(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.stack.html"""

    torch_class: ClassVar[type[nn.Module]] = _Stack
    stem: ClassVar[str] = "stack"
    takes: ClassVar[tuple[int, int]] = (2, MOST_INPUTS)
    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    passes_kind: ClassVar[bool] = True
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = NOTHING
    hands_on: ClassVar[bool] = True

    dim: int = chosen(
        1, help="Where the new axis goes: its size = number of inputs. The batch is axis 0.",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True,
    )  # fmt: skip

    def misfit(self, *shapes: Shape) -> str | None:
        for number, shape in enumerate(shapes):
            if shape != shapes[0]:
                return f"Stack needs equal shapes: {given(0, shapes[0])}, {given(number, shape)}."
        if len(shapes[0]) + 2 > MOST_AXES:
            return limits.RANK.sentence(found=len(shapes[0]) + 2)
        return dim_complaint("dim", self.dim, shapes[0], more=1)

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        axis = place(self.dim, len(shapes[0]) + 2) - 1
        sizes = (*shapes[0][:axis], len(shapes), *shapes[0][axis:])
        return unchanged(sizes)

    def reach(self, *shapes: Shape) -> Reach:
        return MOVED
