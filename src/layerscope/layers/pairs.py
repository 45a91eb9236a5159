"""Layers that compare two inputs: a learned product, an angle, a distance."""

from abc import ABC
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Product, Shape, axis_names
from layerscope.layers.kept import Kept
from layerscope.layers.several import SeveralInputs, given
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach


def _both(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(given(place, shape) for place, shape in enumerate(shapes))


@dataclass(frozen=True, kw_only=True)
class Bilinear(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Bilinear
    stem: ClassVar[str] = "bilinear"
    takes: ClassVar[tuple[int, int]] = (2, 2)
    decides: ClassVar[tuple[str, ...]] = ("in1_features", "in2_features")
    head: ClassVar[str | None] = "out_features"
    keeps_channels: ClassVar[bool] = False
    multiplies: ClassVar[bool] = True
    keeps: ClassVar[Kept | None] = Kept(inputs=(0, 1))

    out_features: int = chosen(
        help="How many values it outputs, each from its own matrix: weight is (out_features, in1_features, "
        "in2_features).",
        low=1, comfortable=(1, 512), everyday=True, starter=64,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Adds one learnable number to each output: out_features more parameters.", kind=Kind.SWITCH
    )  # fmt: skip

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {name: shape[-1] for name, shape in zip(self.decides, shapes, strict=False) if shape}

    def rank_complaint(self, *shapes: Shape) -> str | None:
        first, second = shapes
        if first and first[:-1] == second[:-1] and second:
            return None
        return f"Bilinear needs two inputs whose axes before the last are equal: {_both(shapes)}."

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        names = axis_names(shapes[0])
        kept = (Formula(f"output {n}", "i", (("i", i),), i) for n, i in zip(names, shapes[0][:-1], strict=False))
        numbers = (("out_features", self.out_features),)
        return *kept, Formula(f"output {names[-1]}", "out_features", numbers, self.out_features)

    def _weights(self, first: Shape, second: Shape) -> int:
        return self.out_features * first[-1] * second[-1]

    def parameter_formula(self, *shapes: Shape) -> Formula:
        first, second = shapes
        numbers = (("O", self.out_features), ("F", first[-1]), ("G", second[-1]))
        value = self._weights(first, second) + self.out_features * self.bias
        return Formula("parameters", "O·F·G + O" if self.bias else "O·F·G", numbers, value)

    def mac_formula(self, *shapes: Shape) -> Formula:
        first, _, second = shapes
        positions, weights = prod(first[:-1]), self._weights(first, second)
        numbers = (("positions", positions), ("weights", weights))
        return Formula("MACs", "positions·weights", numbers, positions * weights)

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        outputs, first, second = module.get_parameter("weight").shape
        return (Product(prod(shapes[0][:-1]), first * second, outputs),)  # torch's counter does not know this one

    def input_of(self, argument: str) -> int:
        return self.decides.index(argument)

    def scratch(self, *shapes: Shape) -> int:
        return prod(shapes[0]) * shapes[1][-1]

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE if len(shapes[0]) == 1 else (*(SAME for _ in shapes[0][2:]), WHOLE)


@dataclass(frozen=True, kw_only=True)
class _Comparison(SeveralInputs, ABC):
    """One number for each pair of vectors; axes of 1 are stretched."""

    takes: ClassVar[tuple[int, int]] = (2, 2)
    keeps_channels: ClassVar[bool] = False

    def misfit(self, *shapes: Shape) -> str | None:
        first, second = shapes
        alike = len(first) == len(second) and first
        if not alike or any(len({a, b} - {1}) > 1 for a, b in zip(first, second, strict=True)):
            return f"{self.type} needs two inputs of the same shape: {_both(shapes)}."
        return None

    def _joined(self, *shapes: Shape) -> tuple[Formula, ...]:
        """A formula for each axis before anything is summed."""
        sizes = tuple(map(max, *shapes))
        return tuple(
            Formula(f"output {name}", "i", (("i", size),), size)
            for name, size in zip(axis_names(sizes), sizes, strict=True)
        )

    def scratch(self, *shapes: Shape) -> int:
        return prod(map(max, *shapes))

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE

    def warning(self, *shapes: Shape) -> str | None:
        joined = tuple(map(max, *shapes))
        if joined in shapes:
            return None
        return f"No input of {self.type} is as large as {shape_text(joined)}: PyTorch stretches axes of 1."


@dataclass(frozen=True, kw_only=True)
class CosineSimilarity(_Comparison):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.CosineSimilarity
    stem: ClassVar[str] = "cosine"

    dim: int = chosen(
        1, help="The axis whose values are a vector, the batch being axis 0: y = a·b / (|a|·|b|), one number for each.",
        low=-5, high=4, comfortable=(-1, 4), everyday=True,
    )  # fmt: skip
    eps: float = chosen(
        1e-8, help="Keeps the division sound: |a|·|b| is at least eps.",
        kind=Kind.NUMBER, low=0, comfortable=(0, 0.1),
    )  # fmt: skip

    def _axis(self, shape: Shape) -> int:
        return self.dim if self.dim >= 0 else self.dim + len(shape) + 1

    def misfit(self, *shapes: Shape) -> str | None:
        if wrong := super().misfit(*shapes):
            return wrong
        axis = self._axis(shapes[0])
        if axis == 0:
            return f"dim={self.dim} is the batch axis: samples would be mixed. The first axis of a sample is 1."
        if not 0 < axis <= len(shapes[0]):
            return f"dim is {self.dim}, but with the batch axis there are {len(shapes[0]) + 1} axes."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        place = self._axis(shapes[0]) - 1
        joined = self._joined(*shapes)
        return joined[:place] + joined[place + 1 :]


@dataclass(frozen=True, kw_only=True)
class PairwiseDistance(_Comparison):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.PairwiseDistance
    stem: ClassVar[str] = "distance"

    p: float = chosen(
        2.0, help="Which distance: y = (Σ |a − b|ᵖ) ** (1 / p), so 2 is the straight line, 1 the sum of differences.",
        kind=Kind.NUMBER, low=-1_000, high=1_000, comfortable=(1, 4), everyday=True,
    )  # fmt: skip
    eps: float = chosen(
        1e-6, help="Added to each difference, so that the gradient of 0 exists.",
        kind=Kind.NUMBER, low=0, comfortable=(0, 0.1),
    )  # fmt: skip
    keepdim: bool = chosen(False, help="Keeps the last axis, with size 1.", kind=Kind.SWITCH)

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        kept = self._joined(*shapes)[:-1]
        return (*kept, Formula("output features", "1", (), 1)) if self.keepdim else kept
