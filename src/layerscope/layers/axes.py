"""Rows that put axes in another order, or add and remove axes of one cell. No value changes."""

from abc import ABC
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, unchanged
from layerscope.layers.functional import Functional, dim_complaint, dims_complaint, place, several
from layerscope.layers.kept import VIEW, Kept
from layerscope.parameter import LARGEST_WIDTH, Kind, chosen
from layerscope.receptive import MOVED, SAME, AxisReach, Reach, Varying

MOST_AXES = limits.RANK.most


@dataclass(frozen=True, kw_only=True)
class Moving(Layer, ABC):
    """A row that only moves values, so indices may pass too."""

    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    passes_kind: ClassVar[bool] = True
    keeps_channels: ClassVar[bool] = False

    def reach(self, shape: Shape) -> Reach:
        return MOVED


class _Permute(Functional):
    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, values: Tensor) -> Tensor:
        return torch.permute(values, self.order)


@dataclass(frozen=True, kw_only=True)
class Permute(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.permute.html"""

    features_last: ClassVar[bool | None] = True
    torch_class: ClassVar[type[nn.Module]] = _Permute
    stem: ClassVar[str] = "permute"

    order: Any = chosen(
        help="The axes in their new order (dims of torch.permute), the batch, axis 0, in front: 0, 2, 3, 1 puts the "
        "channels last. Output axis n = input axis order[n].",
        kind=Kind.SHAPE, low=-MOST_AXES, high=MOST_AXES - 1, everyday=True, starter=(0, 2, 3, 1),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        axes = len(shape) + 1
        if sorted(place(dim, axes) for dim in self.order) != list(range(axes)):
            return f"order must name every axis once, the batch too: {_listed(axes)} in any order."
        if place(self.order[0], axes) != 0:
            return "The batch is axis 0 and has to stay in front: samples would be mixed. order must begin with 0."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        return unchanged(tuple(shape[place(dim, len(shape) + 1) - 1] for dim in self.order[1:]))


def _listed(axes: int) -> str:
    return ", ".join(map(str, range(axes)))


class _Transpose(Functional):
    def __init__(self, dim0: int, dim1: int) -> None:
        super().__init__()
        self.dim0, self.dim1 = dim0, dim1

    def forward(self, values: Tensor) -> Tensor:
        return torch.transpose(values, self.dim0, self.dim1)


@dataclass(frozen=True, kw_only=True)
class Transpose(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.transpose.html"""

    features_last: ClassVar[bool | None] = True
    torch_class: ClassVar[type[nn.Module]] = _Transpose
    stem: ClassVar[str] = "transpose"

    dim0: int = chosen(
        help="One of the two axes that change places, the batch being axis 0: its new size = the other one's.",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True, starter=1,
    )  # fmt: skip
    dim1: int = chosen(
        help="The other axis: its new size = the size of axis dim0.",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True, starter=2,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        return dim_complaint("dim0", self.dim0, shape) or dim_complaint("dim1", self.dim1, shape)

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        one, other = (place(dim, len(shape) + 1) - 1 for dim in (self.dim0, self.dim1))
        sizes = list(shape)
        sizes[one], sizes[other] = sizes[other], sizes[one]
        return unchanged(tuple(sizes))


class _Squeeze(Functional):
    def __init__(self, dim: int | tuple[int, ...]) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, values: Tensor) -> Tensor:
        return torch.squeeze(values, self.dim)


@dataclass(frozen=True, kw_only=True)
class Squeeze(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html"""

    torch_class: ClassVar[type[nn.Module]] = _Squeeze
    stem: ClassVar[str] = "squeeze"
    keeps: ClassVar[Kept | None] = VIEW

    dim: Any = chosen(
        help="The axis of size 1 that is removed, or several, the batch being axis 0: (C, 1, 1) becomes (C,). "
        "An axis of another size stays.",
        kind=Kind.SHAPE, bare=True, low=-MOST_AXES, high=MOST_AXES - 1, everyday=True, starter=-1,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        return dims_complaint("dim", several(self.dim), shape)

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        taken = {place(dim, len(shape) + 1) - 1 for dim in several(self.dim)}
        return unchanged(tuple(size for axis, size in enumerate(shape) if axis not in taken or size != 1))

    def warning(self, shape: Shape) -> str | None:
        axes = [place(dim, len(shape) + 1) for dim in several(self.dim)]
        stays = next((axis for axis in axes if shape[axis - 1] != 1), None)
        return None if stays is None else f"Axis {stays} stays: it has {shape[stays - 1]:,} cells, not 1."


class _Unsqueeze(Functional):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, values: Tensor) -> Tensor:
        return torch.unsqueeze(values, self.dim)


@dataclass(frozen=True, kw_only=True)
class Unsqueeze(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html"""

    torch_class: ClassVar[type[nn.Module]] = _Unsqueeze
    stem: ClassVar[str] = "unsqueeze"
    keeps: ClassVar[Kept | None] = VIEW

    dim: int = chosen(
        help="Where the new axis of size 1 goes, the batch being axis 0: with 1, (L,) becomes (1, L).",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True, starter=1,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        if len(shape) + 2 > MOST_AXES:
            return limits.RANK.sentence(found=len(shape) + 2)
        return dim_complaint("dim", self.dim, shape, more=1)

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        axis = place(self.dim, len(shape) + 2) - 1
        return unchanged((*shape[:axis], 1, *shape[axis:]))


class _Roll(Functional):
    def __init__(self, shifts: int | tuple[int, ...], dim: int | tuple[int, ...]) -> None:
        super().__init__()
        self.shifts, self.dim = shifts, dim

    def forward(self, values: Tensor) -> Tensor:
        return torch.roll(values, self.shifts, self.dim)


@dataclass(frozen=True, kw_only=True)
class Roll(Moving):
    """https://docs.pytorch.org/docs/stable/generated/torch.roll.html"""

    torch_class: ClassVar[type[nn.Module]] = _Roll
    stem: ClassVar[str] = "roll"
    keeps_channels: ClassVar[bool] = True

    shifts: Any = chosen(
        help="By how many cells the values move, one number for each axis in dim; those pushed out come back at the "
        "other end. It changes no shape.",
        kind=Kind.SHAPE, bare=True, low=-LARGEST_WIDTH, everyday=True, starter=1,
    )  # fmt: skip
    dim: Any = chosen(
        help="The axes along which values move, the batch being axis 0. It changes no shape.",
        kind=Kind.SHAPE, bare=True, low=-MOST_AXES, high=MOST_AXES - 1, everyday=True, starter=-1,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        shifts, dims = several(self.shifts), several(self.dim)
        if len(shifts) != len(dims):
            return f"shifts has {len(shifts)} values and dim has {len(dims)}; each axis needs one shift."
        return dims_complaint("dim", dims, shape)

    def reach(self, shape: Shape) -> Reach:
        moved = dict(zip((place(dim, len(shape) + 1) for dim in several(self.dim)), several(self.shifts), strict=True))
        return tuple(_turned(moved.get(axis, 0), shape[axis - 1]) for axis in range(2, len(shape) + 1))


def _turned(shift: int, size: int) -> AxisReach:
    return Varying(lambda u: ((u - shift) % size,) * 2, Fraction(1)) if shift % size else SAME
