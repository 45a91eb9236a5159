"""Rows that cut an axis into parts, one output each."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from layerscope import limits
from layerscope.formula import Formula
from layerscope.layers.axes import MOST_AXES
from layerscope.layers.base import Shape
from layerscope.layers.functional import Functional
from layerscope.layers.slicing import DIM, AlongOneAxis
from layerscope.parameter import Kind, chosen
from layerscope.receptive import MOVED, SAME, Reach

CELLS_PER_PART = 2**12
"""A tensor of its own for each part takes torch as long as so many cells, in an empty batch too."""


@dataclass(frozen=True, kw_only=True)
class _Parts(AlongOneAxis, ABC):
    """A row with one output for each part of an axis."""

    @property
    @abstractmethod
    def parts(self) -> int:
        """How many parts torch is asked for."""

    @property
    def ports(self) -> tuple[str, ...]:
        return tuple(map(str, range(min(max(self.parts, 1), limits.PORTS.most))))

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        return tuple(result)

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        return self.port_formulas(shape)[0]

    def reach(self, shape: Shape) -> Reach:
        return MOVED if self.axis(shape) else SAME  # each output has a part of the axis

    def tables(self, shape: Shape) -> int:
        return CELLS_PER_PART * self.parts


class _Chunk(Functional):
    def __init__(self, chunks: int, dim: int = 1) -> None:
        super().__init__()
        self.chunks, self.dim = chunks, dim

    def forward(self, values: Tensor) -> tuple[Tensor, ...]:
        return torch.chunk(values, self.chunks, self.dim)


@dataclass(frozen=True, kw_only=True)
class Chunk(_Parts):
    """https://docs.pytorch.org/docs/stable/generated/torch.chunk.html"""

    torch_class: ClassVar[type[nn.Module]] = _Chunk
    stem: ClassVar[str] = "chunk"

    chunks: int = chosen(
        help="Into how many parts the axis is cut: size = ceil(i / chunks), the last part may be smaller.",
        low=1, comfortable=(1, 8), everyday=True, starter=2,
    )  # fmt: skip
    dim: int = chosen(1, help=DIM, low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True)

    @property
    def parts(self) -> int:
        return self.chunks if type(self.chunks) is int else 1

    def cut_complaint(self, size: int) -> str | None:
        if self.chunks > limits.PORTS.most:
            return limits.PORTS.sentence(type="Chunk", found=self.chunks)
        part = ceil(size / self.chunks)
        if (parts := ceil(size / part)) == self.chunks:
            return None
        return f"Parts of ceil({size} / {self.chunks}) = {part} make {parts} of {size}, not {self.chunks}."

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        (shape,) = shapes
        size, n = shape[self.axis(shape)], self.chunks
        part, numbers = ceil(size / n), (("i", size), ("n", n))
        last = Formula("", "i − (n − 1)·ceil(i / n)", numbers, size - (n - 1) * part)
        others = self.along(shape, Formula("", "ceil(i / n)", numbers, part))
        return *(others for _ in range(n - 1)), self.along(shape, last)


class _Split(Functional):
    def __init__(self, split_size: tuple[int, ...], dim: int = 1) -> None:
        super().__init__()
        self.split_size, self.dim = split_size, dim

    def forward(self, values: Tensor) -> tuple[Tensor, ...]:
        return tuple(torch.split(values, list(self.split_size), self.dim))


@dataclass(frozen=True, kw_only=True)
class Split(_Parts):
    """https://docs.pytorch.org/docs/stable/generated/torch.split.html"""

    torch_class: ClassVar[type[nn.Module]] = _Split
    stem: ClassVar[str] = "split"

    split_size: Any = chosen(
        help="The sizes of the parts, one for each output: their sum must be the size of the axis. Size = its entry.",
        kind=Kind.SHAPE, low=1, everyday=True, starter=(4, 4),
    )  # fmt: skip
    dim: int = chosen(1, help=DIM, low=-MOST_AXES, high=MOST_AXES - 1, comfortable=(1, 4), everyday=True)

    @property
    def parts(self) -> int:
        return len(self.split_size) if isinstance(self.split_size, tuple) else 1

    def cut_complaint(self, size: int) -> str | None:
        if (total := sum(self.split_size)) == size:
            return None
        return f"split_size makes {' + '.join(map(str, self.split_size))} = {total:,}, but that axis has {size:,}."

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        (shape,) = shapes
        return tuple(self.along(shape, Formula("", "size", (("size", n),), n)) for n in self.split_size)
