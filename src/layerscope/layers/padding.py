"""Padding: cells added around a map, zeros or taken from its own."""

from abc import ABC
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, per_axis
from layerscope.layers.kept import INPUT, NOTHING, Kept
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen
from layerscope.receptive import Reach, Varying, Window


@dataclass(frozen=True, kw_only=True)
class AnyPad(Layer, ABC):
    """Cells before and after each axis. torch names the last axis first: left, right, top, bottom, front, back."""

    stem: ClassVar[str] = "pad"

    padding: Any = chosen(
        help="How many cells to add, one number or two for each axis, the last one first: output = before + i + after. "
        "A negative number cuts cells away.",
        low=-LARGEST_KERNEL, high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip

    def values_per_parameter(self, shape: Shape) -> int:
        return 2 * self.dims

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """Cells before and after each axis, in the order of the shape."""
        sides = per_axis(self.padding, 2 * self.dims)
        return tuple((sides[2 * axis], sides[2 * axis + 1]) for axis in reversed(range(self.dims)))

    def misfit(self, shape: Shape) -> str | None:
        for formula, sides in zip(self.output_formulas(shape)[1:], self.pads, strict=True):
            size, most = dict(formula.numbers)["i"], -min(sides)
            if most > size:
                axis = formula.quantity.removeprefix("output ")
                return f"padding cuts {most} cells from one side of the {axis} of {size}; at most {size} can go."
            if formula.value < 1:
                return f"The {formula.quantity} would be {formula.filled} = {formula.value}; at least 1 is needed."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        return super().output_formulas(shape)[0], *(
            Formula(f"output {axis}", "i + before + after", (("i", i), ("before", a), ("after", b)), i + a + b)
            for axis, i, (a, b) in zip(AXES[self.dims], shape[1:], self.pads, strict=True)
        )

    def reach(self, shape: Shape) -> Reach:
        return tuple(Window(1, 1, before) for before, _ in self.pads)

    @property
    def moves(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class _ConstantPad(AnyPad, ABC):
    """Padding with one number."""

    keeps: ClassVar[Kept | None] = NOTHING

    def tables(self, shape: Shape) -> int:
        # torch pads the last axes of whatever comes: where one is missing, the empty batch gets cells.
        if len(shape) != self.dims - 1:
            return 0
        return prod(size + before + after for size, (before, after) in zip((0, *shape), self.pads, strict=True))


@dataclass(frozen=True, kw_only=True)
class ZeroPad1d(_ConstantPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ZeroPad1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ZeroPad3d(_ConstantPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ZeroPad3d
    dims: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class _ChosenPad(_ConstantPad, ABC):
    """Padding with a number of one's own."""

    value: float = chosen(
        help="The number in the added cells; it changes no shape and no count.",
        kind=Kind.NUMBER, low=-1_000_000, high=1_000_000, comfortable=(-1, 1), everyday=True, starter=0,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ConstantPad1d(_ChosenPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConstantPad1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ConstantPad2d(_ChosenPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConstantPad2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class ConstantPad3d(_ChosenPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ConstantPad3d
    dims: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class _OwnPad(AnyPad, ABC):
    """Padding with cells of the map itself."""

    how: ClassVar[str] = "repeats the ends of"

    @staticmethod
    def cell(place: int, size: int) -> int:
        """The cell that stands at a place, which lies beyond the ends in the padding."""
        return min(max(place, 0), size - 1)

    def reach(self, shape: Shape) -> Reach:
        return tuple(self._axis_reach(size, before) for size, (before, _) in zip(shape[1:], self.pads, strict=True))

    def _axis_reach(self, size: int, before: int) -> Varying:
        return Varying(lambda u: (self.cell(u - before, size),) * 2, Fraction(1))

    def most(self, size: int) -> int | None:
        """How many cells one side of an axis can give; None where there is no bound."""
        return None

    def misfit(self, shape: Shape) -> str | None:
        for axis, size, sides in zip(AXES[self.dims], shape[1:], self.pads, strict=True):
            most = self.most(size)
            if most is not None and max(sides) > most:
                return (
                    f"{self.type} {self.how} the {axis} of {size}, which allows {most} on each side; "
                    f"padding asks for {max(sides)}."
                )
        return super().misfit(shape)


@dataclass(frozen=True, kw_only=True)
class _ReflectionPad(_OwnPad, ABC):
    """The map mirrored at its border, which is not repeated."""

    how: ClassVar[str] = "mirrors"
    keeps: ClassVar[Kept | None] = INPUT
    widens: ClassVar[bool] = True

    @staticmethod
    def cell(place: int, size: int) -> int:
        return size - 1 - abs(size - 1 - abs(place))

    def most(self, size: int) -> int | None:
        return size - 1


@dataclass(frozen=True, kw_only=True)
class ReflectionPad1d(_ReflectionPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReflectionPad1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ReflectionPad2d(_ReflectionPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReflectionPad2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class ReflectionPad3d(_ReflectionPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReflectionPad3d
    dims: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class ReplicationPad1d(_OwnPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReplicationPad1d
    dims: ClassVar[int] = 1
    keeps: ClassVar[Kept | None] = INPUT
    widens: ClassVar[bool] = True

    padding: Any = chosen(
        help="How many cells to add, one number or two for each axis, the last one first: output = before + i + after.",
        high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReplicationPad2d(_OwnPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReplicationPad2d
    dims: ClassVar[int] = 2
    keeps: ClassVar[Kept | None] = INPUT
    widens: ClassVar[bool] = True

    padding: Any = chosen(
        help="How many cells to add, one number or two for each axis, the last one first: output = before + i + after.",
        high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReplicationPad3d(_OwnPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReplicationPad3d
    dims: ClassVar[int] = 3
    keeps: ClassVar[Kept | None] = INPUT
    widens: ClassVar[bool] = True

    padding: Any = chosen(
        help="How many cells to add, one number or two for each axis, the last one first: output = before + i + after.",
        high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _CircularPad(_OwnPad, ABC):
    """The map's other end."""

    how: ClassVar[str] = "continues at the other end of"

    padding: Any = chosen(
        help="How many cells to add, one number or two for each axis, the last one first: output = before + i + after.",
        high=LARGEST_KERNEL, comfortable=(0, 8), per_axis=True, everyday=True, starter=1,
    )  # fmt: skip

    @staticmethod
    def cell(place: int, size: int) -> int:
        return place % size

    def most(self, size: int) -> int | None:
        return size


@dataclass(frozen=True, kw_only=True)
class CircularPad1d(_CircularPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.CircularPad1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class CircularPad2d(_CircularPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.CircularPad2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class CircularPad3d(_CircularPad):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.CircularPad3d
    dims: ClassVar[int] = 3
