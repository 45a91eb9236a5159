"""Rows that take a part of an axis."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

import torch
from torch import Tensor, nn

from layerscope.formula import Formula
from layerscope.layers.axes import MOST_AXES, Moving
from layerscope.layers.base import Shape, axis_names, unchanged
from layerscope.layers.functional import Functional, dim_complaint, place
from layerscope.parameter import LARGEST_WIDTH, chosen
from layerscope.receptive import SAME, AxisReach, Reach, Window

DIM = "The axis that is cut, the batch being axis 0; the other axes stay, so output = input there."


@dataclass(frozen=True, kw_only=True)
class AlongOneAxis(Moving, ABC):
    """A row that acts on the axis `dim` alone."""

    dim: int

    def misfit(self, shape: Shape) -> str | None:
        return dim_complaint("dim", self.dim, shape) or self.cut_complaint(shape[self.axis(shape)])

    @abstractmethod
    def cut_complaint(self, size: int) -> str | None:
        """A sentence where an axis of that size cannot be cut so."""

    def axis(self, shape: Shape) -> int:
        """The axis of a sample, counted from 0."""
        return place(self.dim, len(shape) + 1) - 1

    def along(self, shape: Shape, formula: Formula) -> tuple[Formula, ...]:
        """The formulas where that of the axis is given."""
        axis, same = self.axis(shape), unchanged(shape)
        named = formula._replace(quantity=f"output {axis_names(shape)[axis]}")
        return *same[:axis], named, *same[axis + 1 :]

    def reach_along(self, shape: Shape, reach: AxisReach) -> Reach:
        """What an output cell sees where that is so along the axis."""
        axis = self.axis(shape)
        return tuple(reach if i == axis else SAME for i in range(1, len(shape)))


class _Select(Functional):
    def __init__(self, dim: int, index: int) -> None:
        super().__init__()
        self.dim, self.index = dim, index

    def forward(self, values: Tensor) -> Tensor:
        return torch.select(values, self.dim, self.index)


@dataclass(frozen=True, kw_only=True)
class Select(AlongOneAxis):
    """https://docs.pytorch.org/docs/stable/generated/torch.select.html"""

    torch_class: ClassVar[type[nn.Module]] = _Select
    stem: ClassVar[str] = "select"

    dim: int = chosen(
        help="The axis of which one entry is taken, the batch being axis 0: with 1, (L, F) becomes (F,).",
        low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True, starter=1,
    )  # fmt: skip
    index: int = chosen(
        help="Which entry of that axis, counted from 0; -1 is the last one. It changes no shape.",
        low=-LARGEST_WIDTH, comfortable=(-1, 16), everyday=True, starter=-1,
    )  # fmt: skip

    def cut_complaint(self, size: int) -> str | None:
        if -size <= self.index < size:
            return None
        return f"index is {self.index}, but that axis has {size:,}: {-size} to {size - 1} would work."

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        axis = self.axis(shape)
        return unchanged(shape[:axis] + shape[axis + 1 :])


class _Slice(Functional):
    def __init__(self, dim: int = 1, start: int = 0, stop: int | None = None, step: int = 1) -> None:
        super().__init__()
        self.dim, self.start, self.stop, self.step = dim, start, stop, step

    def forward(self, values: Tensor) -> Tensor:
        taken = [slice(None)] * values.ndim
        taken[self.dim] = slice(self.start, self.stop, self.step)
        return values[tuple(taken)]


@dataclass(frozen=True, kw_only=True)
class Slice(AlongOneAxis):
    """https://docs.pytorch.org/docs/stable/tensor_view.html"""

    torch_class: ClassVar[type[nn.Module]] = _Slice
    stem: ClassVar[str] = "slice"

    dim: int = chosen(1, help=DIM, low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True)
    start: int = chosen(
        0, help="The first entry taken, as in x[:, start:stop:step]: size = ceil((stop − start) / step).",
        low=-LARGEST_WIDTH, comfortable=(0, 64), everyday=True,
    )  # fmt: skip
    stop: int | None = chosen(
        None, help="The first entry that is left out; the end where it is None: size = ceil((stop − start) / step).",
        low=-LARGEST_WIDTH, comfortable=(-1, 64), optional=True, everyday=True,
    )  # fmt: skip
    step: int = chosen(
        1, help="How far apart the entries are: size = ceil((stop − start) / step).", low=1, comfortable=(1, 4),
    )  # fmt: skip

    def _range(self, size: int) -> range:
        return range(size)[self.start : self.stop : self.step]

    def cut_complaint(self, size: int) -> str | None:
        if self._range(size):
            return None
        stop = "" if self.stop is None else self.stop
        return f"{self.start}:{stop} takes nothing of an axis of {size:,}."

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        start, stop, step = slice(self.start, self.stop, self.step).indices(shape[self.axis(shape)])
        numbers = (("stop", stop), ("start", start), ("step", step))
        return self.along(shape, Formula("", "ceil((stop − start) / step)", numbers, ceil((stop - start) / step)))

    def reach(self, shape: Shape) -> Reach:
        cells = self._range(shape[self.axis(shape)])
        return self.reach_along(shape, Window(1, self.step, -cells.start))
