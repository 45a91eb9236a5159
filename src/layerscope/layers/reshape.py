"""Layers that only rename the axes: flattening and its reverse."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Literal

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, axis_names
from layerscope.layers.functional import dim_complaint, place
from layerscope.layers.kept import VIEW, Kept
from layerscope.parameter import Kind, chosen


@dataclass(frozen=True, kw_only=True)
class Flatten(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Flatten
    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    passes_kind: ClassVar[bool] = True
    stem: ClassVar[str] = "flatten"
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = VIEW

    start_dim: int = chosen(
        1, help="The first axis that is merged; 1 keeps the images apart. Length = product of the sizes.",
        low=-5, high=4, comfortable=(1, 4),
    )  # fmt: skip
    end_dim: int = chosen(
        -1, help="The last axis that is merged, -1 being the last there is: length = product of the merged sizes.",
        low=-5, high=4, comfortable=(-1, 4),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        for name, dim in (("start_dim", self.start_dim), ("end_dim", self.end_dim)):
            if wrong := dim_complaint(name, dim, shape):
                return wrong
        if place(self.start_dim, len(shape) + 1) > place(self.end_dim, len(shape) + 1):
            return f"start_dim {self.start_dim} comes after end_dim {self.end_dim}."
        return None

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        start, end = place(self.start_dim, len(shape) + 1) - 1, place(self.end_dim, len(shape) + 1)
        same = Layer.output_formulas(self, shape)
        letters = {1: "F", 2: "CL", 3: "CHW", 4: "CDHW"}.get(len(shape))
        sizes = shape[start:end]
        numbers = tuple(zip(letters[start:end], sizes, strict=True)) if letters else ()
        merged = (letter for letter, _ in numbers) if numbers else map(str, sizes)
        product = Formula("output features", "·".join(merged), numbers, prod(sizes))
        return *same[:start], product, *same[end:]


@dataclass(frozen=True, kw_only=True)
class Unflatten(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Unflatten
    wants: ClassVar[Literal["values", "indices", "either"]] = "either"
    passes_kind: ClassVar[bool] = True
    stem: ClassVar[str] = "unflatten"
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = VIEW

    dim: int = chosen(
        help="The axis that is split, the batch being axis 0: its size = product of unflattened_size.",
        low=-5, high=4, comfortable=(1, 4),
        everyday=True, starter=1,
    )  # fmt: skip
    unflattened_size: Any = chosen(
        help="The sizes it is split into, such as 12, 4, 4; their product must be the axis's size.",
        kind=Kind.SHAPE, low=-1, everyday=True, starter=(1, -1),
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        if wrong := dim_complaint("dim", self.dim, shape):
            return wrong
        size = shape[place(self.dim, len(shape) + 1) - 1]
        if split(self.unflattened_size, size) is not None:
            return None
        return f"{' × '.join(map(str, self.unflattened_size))} does not give the {size:,} values of that axis."

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        axis = place(self.dim, len(shape) + 1) - 1
        sizes = shape[:axis] + (split(self.unflattened_size, shape[axis]) or ()) + shape[axis + 1 :]
        return tuple(
            Formula(f"output {name}", "n", (("n", n),), n) for name, n in zip(axis_names(sizes), sizes, strict=True)
        )


def split(sizes: Sequence[int], total: int) -> Shape | None:
    """The sizes with a single -1 worked out; None where they do not hold just `total` values."""
    known = prod(n for n in sizes if n != -1)
    unknown = sizes.count(-1)
    if 0 in sizes or unknown > 1 or (total % known if unknown else total != known):
        return None
    return tuple(total // known if n == -1 else n for n in sizes)
