"""Rows of torch's functions that act on each value alone: with a number (Scale, Shift, ...) or without (Function).

`Function` holds a name from a list and nothing else, so no other code of torch's can be reached through it. What torch
counts as multiply-accumulates (products of matrices and convolutions) none of them does; their shapes have formulas.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from layerscope.layers.base import Layer, Shape
from layerscope.layers.functional import Functional
from layerscope.layers.kept import INPUT, NOTHING, Kept
from layerscope.layers.one_value import Branch
from layerscope.parameter import LARGEST_WIDTH, Kind, chosen

OF_EACH_VALUE: dict[str, Callable[[Tensor], Tensor]] = {
    name: getattr(torch, name)
    for name in (
        "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg2rad", "erf", "erfc",
        "erfinv", "exp", "exp2", "expm1", "floor", "frac", "lgamma", "log", "log10", "log1p", "log2", "nan_to_num",
        "neg", "positive", "rad2deg", "reciprocal", "round", "rsqrt", "sign", "sin", "sinc", "sinh", "sqrt", "square",
        "tan", "trunc",
    )
}  # fmt: skip
"""Functions of one value, by their names in torch."""


class _Function(Functional):
    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def forward(self, values: Tensor) -> Tensor:
        return OF_EACH_VALUE[self.function](values)


@dataclass(frozen=True, kw_only=True)
class Function(Layer):
    """https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops"""

    torch_class: ClassVar[type[nn.Module]] = _Function
    stem: ClassVar[str] = "function"

    function: str = chosen(
        help="The PyTorch function that each value goes through, such as torch.exp; it changes no shape.",
        kind=Kind.CHOICE, words=tuple(OF_EACH_VALUE), everyday=True, starter="abs",
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch(f"{self.function}({{x}})"),)


class _Scale(Functional):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, values: Tensor) -> Tensor:
        return torch.mul(values, self.factor)


@dataclass(frozen=True, kw_only=True)
class Scale(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.mul.html"""

    torch_class: ClassVar[type[nn.Module]] = _Scale
    stem: ClassVar[str] = "scale"
    keeps: ClassVar[Kept | None] = NOTHING

    factor: float = chosen(
        help="The number that each value is multiplied by: y = factor · x.",
        kind=Kind.NUMBER, low=-LARGEST_WIDTH, comfortable=(0, 2), everyday=True, starter=0.5,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{factor} × {x}"),)


class _Shift(Functional):
    def __init__(self, amount: float) -> None:
        super().__init__()
        self.amount = amount

    def forward(self, values: Tensor) -> Tensor:
        return torch.add(values, self.amount)


@dataclass(frozen=True, kw_only=True)
class Shift(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.add.html"""

    torch_class: ClassVar[type[nn.Module]] = _Shift
    stem: ClassVar[str] = "shift"
    keeps: ClassVar[Kept | None] = NOTHING

    amount: float = chosen(
        help="The number that is added to each value: y = x + amount.",
        kind=Kind.NUMBER, low=-LARGEST_WIDTH, comfortable=(-1, 1), everyday=True, starter=1.0,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} + {amount}"),)


class _Power(Functional):
    def __init__(self, exponent: float) -> None:
        super().__init__()
        self.exponent = exponent

    def forward(self, values: Tensor) -> Tensor:
        return torch.pow(values, self.exponent)


@dataclass(frozen=True, kw_only=True)
class Power(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.pow.html"""

    torch_class: ClassVar[type[nn.Module]] = _Power
    stem: ClassVar[str] = "power"
    keeps: ClassVar[Kept | None] = INPUT

    exponent: float = chosen(
        help="The number that each value is raised to: y = x ** exponent.",
        kind=Kind.NUMBER, low=-LARGEST_WIDTH, comfortable=(-2, 4), everyday=True, starter=2,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("pow({x}, {exponent})"),)


class _Clamp(Functional):
    def __init__(self, min: float | None = None, max: float | None = None) -> None:
        super().__init__()
        self.min, self.max = min, max

    def forward(self, values: Tensor) -> Tensor:
        return torch.clamp(values, self.min, self.max)


@dataclass(frozen=True, kw_only=True)
class Clamp(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.clamp.html"""

    torch_class: ClassVar[type[nn.Module]] = _Clamp
    stem: ClassVar[str] = "clamp"
    keeps: ClassVar[Kept | None] = INPUT

    min: float | None = chosen(
        None, help="Smaller values become this: y = max(x, min).",
        kind=Kind.NUMBER, low=-LARGEST_WIDTH, comfortable=(-1, 1), optional=True, everyday=True, starter=0.0,
    )  # fmt: skip
    max: float | None = chosen(
        None, help="Larger values become this: y = min(x, max).",
        kind=Kind.NUMBER, low=-LARGEST_WIDTH, comfortable=(0, 6), optional=True, everyday=True,
    )  # fmt: skip

    def misfit(self, shape: Shape) -> str | None:
        return "Give min or max, or both." if self.min is None and self.max is None else None

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        low = "{x}" if self.min is None else "max({x}, {min})"
        return (Branch(low if self.max is None else f"min({low}, {{max}})"),)
