"""Rows that join branches cell by cell (Add, Multiply, ...), and the product of matrices.

The batch is the first axis of every input. torch lines axes up from the last one, so shapes of different length would
line the batch of one input up with another axis of the other: that runs for some sizes of a batch only, and is refused.
"""

from abc import ABC
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import ClassVar

import torch
from torch import Tensor, nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Product, Shape, Shapes, Wants, axis_names
from layerscope.layers.functional import Functional
from layerscope.layers.kept import NOTHING, Kept
from layerscope.layers.one_value import Branch
from layerscope.layers.several import MOST_INPUTS, SeveralInputs, given, letters
from layerscope.receptive import MOVED, Reach


def broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """The shape of shapes joined cell by cell, where an axis of 1 is stretched; None where they do not fit."""
    if len(set(map(len, shapes))) != 1:
        return None
    axes = [set(sizes) - {1} for sizes in zip(*shapes, strict=True)]
    return None if any(len(sizes) > 1 for sizes in axes) else tuple(max(sizes, default=1) for sizes in axes)


def axes_complaint(what: str, shapes: Sequence[Shape]) -> str | None:
    """A sentence where not all shapes have the same number of axes."""
    for place, shape in enumerate(shapes):
        if len(shape) != len(shapes[0]):
            return f"{what} needs inputs with the same number of axes: {given(0, shapes[0])}, {given(place, shape)}."
    return None


@dataclass(frozen=True, kw_only=True)
class _CellByCell(SeveralInputs, ABC):
    """One output cell from the cells in the same place of all inputs."""

    takes: ClassVar[tuple[int, int]] = (2, MOST_INPUTS)
    sign: ClassVar[str] = ""
    """What stands between the numbers that it joins; a word stands before them."""

    def written(self, inputs: int = 2) -> tuple[Branch, ...]:
        numbers = [f"{{{letter}}}" for letter in letters(inputs)]
        if self.sign.isalpha():
            return (Branch(f"{self.sign}({', '.join(numbers)})"),)
        return (Branch(f" {self.sign} ".join(numbers)),)

    def misfit(self, *shapes: Shape) -> str | None:
        if wrong := axes_complaint(self.type, shapes):
            return wrong
        for place in range(1, len(shapes)):
            if broadcast(shapes[: place + 1]) is None:
                other = next(i for i in range(place) if broadcast((shapes[i], shapes[place])) is None)
                return f"{self.type} needs equal shapes: {given(other, shapes[other])}, {given(place, shapes[place])}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        names = axis_names(shapes[0])
        return tuple(_largest(name, sizes) for name, sizes in zip(names, zip(*shapes, strict=True), strict=True))

    def warning(self, *shapes: Shape) -> str | None:
        joined = broadcast(shapes)
        if joined is None or joined in shapes:
            return None
        return f"No input of {self.type} is as large as its output, {shape_text(joined)}: PyTorch stretches axes of 1."


def _largest(axis: str, sizes: tuple[int, ...]) -> Formula:
    if len(set(sizes)) == 1:
        return Formula(f"output {axis}", "i", (("i", sizes[0]),), sizes[0])
    names = letters(len(sizes))
    return Formula(
        f"output {axis}", f"max({', '.join(names)})", tuple(zip(names, sizes, strict=True)), max(sizes)
    )  # an axis of 1 is stretched


class _Add(Functional):
    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.add, inputs)


@dataclass(frozen=True, kw_only=True)
class Add(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.add.html"""

    torch_class: ClassVar[type[nn.Module]] = _Add
    stem: ClassVar[str] = "add"
    sign: ClassVar[str] = "+"
    keeps: ClassVar[Kept | None] = NOTHING
    hands_on: ClassVar[bool] = True


class _Subtract(Functional):
    def forward(self, minuend: Tensor, subtrahend: Tensor) -> Tensor:
        return torch.sub(minuend, subtrahend)


@dataclass(frozen=True, kw_only=True)
class Subtract(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.sub.html"""

    torch_class: ClassVar[type[nn.Module]] = _Subtract
    stem: ClassVar[str] = "sub"
    sign: ClassVar[str] = "−"
    takes: ClassVar[tuple[int, int]] = (2, 2)
    keeps: ClassVar[Kept | None] = NOTHING


class _Multiply(Functional):
    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.mul, inputs)


@dataclass(frozen=True, kw_only=True)
class Multiply(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.mul.html"""

    torch_class: ClassVar[type[nn.Module]] = _Multiply
    stem: ClassVar[str] = "mul"
    sign: ClassVar[str] = "×"

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        if len(shapes) > 2:
            return None  # torch keeps the products in between
        return Kept(tuple(place for place in (0, 1) if wants[1 - place]))


class _Divide(Functional):
    def forward(self, dividend: Tensor, divisor: Tensor) -> Tensor:
        return torch.div(dividend, divisor)


@dataclass(frozen=True, kw_only=True)
class Divide(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.div.html"""

    torch_class: ClassVar[type[nn.Module]] = _Divide
    stem: ClassVar[str] = "div"
    sign: ClassVar[str] = "/"
    takes: ClassVar[tuple[int, int]] = (2, 2)

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0, 1) if wants[1] else (1,))


class _Maximum(Functional):
    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.maximum, inputs)


@dataclass(frozen=True, kw_only=True)
class Maximum(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.maximum.html"""

    torch_class: ClassVar[type[nn.Module]] = _Maximum
    stem: ClassVar[str] = "maximum"
    sign: ClassVar[str] = "max"


class _Minimum(Functional):
    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(torch.minimum, inputs)


@dataclass(frozen=True, kw_only=True)
class Minimum(_CellByCell):
    """https://docs.pytorch.org/docs/stable/generated/torch.minimum.html"""

    torch_class: ClassVar[type[nn.Module]] = _Minimum
    stem: ClassVar[str] = "minimum"
    sign: ClassVar[str] = "min"


class _MatMul(Functional):
    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return torch.matmul(left, right)


@dataclass(frozen=True, kw_only=True)
class MatMul(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.matmul.html"""

    torch_class: ClassVar[type[nn.Module]] = _MatMul
    stem: ClassVar[str] = "matmul"
    features_last: ClassVar[bool | None] = True
    takes: ClassVar[tuple[int, int]] = (2, 2)
    multiplies: ClassVar[bool] = True
    keeps_channels: ClassVar[bool] = False
    lowers: ClassVar[bool] = True

    def misfit(self, *shapes: Shape) -> str | None:
        left, right = shapes
        told = f"{given(0, left)}, {given(1, right)}"
        if len(left) != len(right) or len(left) < 2:
            return f"MatMul needs two inputs with the same number of axes, at least 2 besides the batch: {told}."
        if left[-1] != right[-2]:
            return f"MatMul needs as many columns in input 1 ({left[-1]}) as rows in input 2 ({right[-2]}): {told}."
        if broadcast((left[:-2], right[:-2])) is None:
            return f"MatMul needs equal axes before the last two: {told}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        left, right = shapes
        names = axis_names(left)
        rows, columns = (("n", left[-2]),), (("p", right[-1]),)
        return (
            *map(_largest, names, zip(left[:-2], right[:-2], strict=True)),
            Formula(f"output {names[-2]}", "n", rows, left[-2]),
            Formula(f"output {names[-1]}", "p", columns, right[-1]),
        )

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        left, right = shapes
        return (Product(left[-2], left[-1], right[-1], prod(broadcast((left[:-2], right[:-2])) or ())),)

    def mac_formula(self, *shapes: Shape) -> Formula:
        shape, output_shape = shapes[:2]
        products, n, m, p = prod(output_shape[:-2]), shape[-2], shape[-1], output_shape[-1]
        numbers = (("products", products), ("n", n), ("m", m), ("p", p))
        if products == 1:
            return Formula("MACs", "n·m·p", numbers[1:], n * m * p)
        return Formula("MACs", "products·n·m·p", numbers, products * n * m * p)

    def reach(self, *shapes: Shape) -> Reach:
        return MOVED

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept(tuple(place for place in (0, 1) if wants[1 - place]))
