"""Rows that see the values of a sample in another shape: as many in another order of sizes, or repeated."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.axes import Moving
from layerscope.layers.base import Shape, arrival, unchanged
from layerscope.layers.functional import Functional
from layerscope.layers.kept import VIEW, Kept
from layerscope.layers.reshape import split
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, AxisReach, Reach, Varying


class _Reshape(Functional):
    """As view and reshape are called in a network: x.reshape(x.shape[0], *shape)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, values: Tensor) -> Tensor:
        return torch.reshape(values, (values.shape[0], *self.shape))


@dataclass(frozen=True, kw_only=True)
class Reshape(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.reshape.html"""

    torch_class: ClassVar[type[nn.Module]] = _Reshape
    stem: ClassVar[str] = "reshape"
    keeps: ClassVar[Kept | None] = VIEW

    shape: Any = chosen(
        help="The new sizes without the batch, which stays; one of them may be -1 and is worked out. Their product = "
        "the number of values.",
        kind=Kind.SHAPE, low=-1, high=limits.AXIS.most, everyday=True, starter=(-1,),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        if len(self.shape) + 1 > limits.RANK.most:
            return limits.RANK.sentence(found=len(self.shape) + 1)
        if split(self.shape, prod(shape)) is not None:
            return None
        if self.shape.count(-1) > 1:
            return "Only one size may be -1: it is worked out from the others."
        values = f"the {prod(shape):,} values of {arrival(shape)}" if len(shape) > 1 else f"{prod(shape):,} values"
        return f"{' × '.join(map(str, self.shape))} does not hold {values}."

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        vars(module)["shape"] = split(self.shape, prod(shape))  # of no values torch can work out no -1

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        sizes = split(self.shape, prod(shape)) or tuple(map(abs, self.shape))
        known = [n for n in self.shape if n != -1]
        worked_out = Formula(
            "", " / ".join(("values", *map(str, known))), (("values", prod(shape)),), prod(shape) // prod(known)
        )
        return tuple(
            worked_out._replace(quantity=same.quantity) if n == -1 else same._replace(symbols="n", numbers=(("n", n),))
            for n, same in zip(self.shape, unchanged(sizes), strict=True)
        )


class _Expand(Functional):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, values: Tensor) -> Tensor:
        return values.expand(values.shape[0], *self.shape)


@dataclass(frozen=True, kw_only=True)
class Expand(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html"""

    torch_class: ClassVar[type[nn.Module]] = _Expand
    stem: ClassVar[str] = "expand"

    shape: Any = chosen(
        help="The new sizes without the batch: an axis of 1 is repeated so often, -1 leaves an axis as it is, so "
        "output = the size given, or the input's.",
        kind=Kind.SHAPE, low=-1, everyday=True, starter=(-1, -1, -1),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        if len(self.shape) != len(shape):
            return f"shape has {len(self.shape)} values, but its input has {len(shape)} axes. Unsqueeze adds an axis."
        for axis, (n, size) in enumerate(zip(self.shape, shape, strict=True), 1):
            if n == 0 or (n not in (-1, size) and size != 1):
                return f"Only an axis of 1 can be repeated: axis {axis} has {size:,} cells and cannot have {n:,}."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        return unchanged(tuple(size if n == -1 else n for n, size in zip(self.shape, shape, strict=True)))

    def reach(self, shape: Shape) -> Reach:
        return tuple(_repeated(n, size) for n, size in zip(self.shape[1:], shape[1:], strict=True))


def _repeated(cells: int, size: int) -> AxisReach:
    return SAME if cells in (-1, size) else Varying(lambda u: (0, 0), Fraction(0))
