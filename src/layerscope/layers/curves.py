"""Activations that are met less often: each a curve of its own, all of each value by itself."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from layerscope.layers.activation import INPLACE, Overwriting
from layerscope.layers.base import Layer, Shape
from layerscope.layers.kept import INPUT, Kept
from layerscope.layers.one_value import Branch, from_zero
from layerscope.parameter import Kind, chosen


@dataclass(frozen=True, kw_only=True)
class ReLU6(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReLU6
    stem: ClassVar[str] = "relu"
    keeps: ClassVar[Kept | None] = INPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("min(max(0, {x}), 6)"),)


@dataclass(frozen=True, kw_only=True)
class SELU(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.SELU
    stem: ClassVar[str] = "selu"
    keeps: ClassVar[Kept | None] = INPUT
    result_tells: ClassVar[bool] = True

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return Branch("1.050701 × {x}", lambda x: x > 0), Branch("1.050701 × 1.6732632 × (exp({x}) − 1)")


@dataclass(frozen=True, kw_only=True)
class Mish(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Mish
    stem: ClassVar[str] = "mish"
    keeps: ClassVar[Kept | None] = INPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} × tanh(log(1 + exp({x})))"),)


@dataclass(frozen=True, kw_only=True)
class Softplus(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softplus
    stem: ClassVar[str] = "softplus"
    keeps: ClassVar[Kept | None] = INPUT

    beta: float = chosen(
        1.0, help="How sharp the bend is: y = log(1 + exp(beta · x)) / beta, closer to ReLU the larger beta is.",
        kind=Kind.NUMBER, low=0.001, high=1000, comfortable=(0.1, 5), everyday=True,
    )  # fmt: skip
    threshold: float = chosen(
        20.0, help="Where beta · x is larger, y = x, so that exp(beta · x) never gets too large.",
        kind=Kind.NUMBER, low=-1000, high=1000, comfortable=(0, 40),
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (
            Branch("{x}", lambda x: x * self.beta > self.threshold),
            Branch("log(1 + exp({beta} × {x})) / {beta}"),
        )


@dataclass(frozen=True, kw_only=True)
class Hardsigmoid(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Hardsigmoid
    stem: ClassVar[str] = "hardsigmoid"
    keeps: ClassVar[Kept | None] = INPUT

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("min(max(0, {x} + 3), 6) / 6"),)


@dataclass(frozen=True, kw_only=True)
class LogSigmoid(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LogSigmoid
    stem: ClassVar[str] = "logsigmoid"

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("−log(1 + exp(−{x}))"),)


@dataclass(frozen=True, kw_only=True)
class Softsign(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softsign
    stem: ClassVar[str] = "softsign"

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} / (1 + |{x}|)"),)


@dataclass(frozen=True, kw_only=True)
class CELU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.CELU
    stem: ClassVar[str] = "celu"
    keeps: ClassVar[Kept | None] = INPUT
    result_tells: ClassVar[bool] = True

    alpha: float = chosen(
        1.0, help="How low it goes: y = alpha · (exp(x / alpha) − 1) below zero, which approaches −alpha.",
        kind=Kind.NUMBER, low=0.001, high=1000, comfortable=(0.1, 3), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return from_zero("{alpha} × (exp({x} / {alpha}) − 1)")


@dataclass(frozen=True, kw_only=True)
class Hardtanh(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Hardtanh
    stem: ClassVar[str] = "hardtanh"
    keeps: ClassVar[Kept | None] = INPUT

    min_val: float = chosen(
        -1.0, help="The lowest output value: y = min(max(x, min_val), max_val).",
        kind=Kind.NUMBER, low=-1_000_000, high=1_000_000, comfortable=(-6, 0), everyday=True,
    )  # fmt: skip
    max_val: float = chosen(
        1.0, help="The highest output value: y = min(max(x, min_val), max_val).",
        kind=Kind.NUMBER, low=-1_000_000, high=1_000_000, comfortable=(0, 6), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if self.max_val > self.min_val:
            return None
        return f"max_val must be more than min_val, {self.min_val}; max_val is {self.max_val}."

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("min(max({x}, {min_val}), {max_val})"),)


@dataclass(frozen=True, kw_only=True)
class Hardshrink(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Hardshrink
    stem: ClassVar[str] = "shrink"
    keeps: ClassVar[Kept | None] = INPUT

    lambd: float = chosen(
        0.5, help="Where x lies between −lambd and lambd, y = 0; elsewhere y = x.",
        kind=Kind.NUMBER, low=0, high=1_000_000, comfortable=(0, 2), everyday=True,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return Branch("0", lambda x: x.abs() <= self.lambd, "0 where |x| ≤ lambd"), Branch("{x}")


@dataclass(frozen=True, kw_only=True)
class Softshrink(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softshrink
    stem: ClassVar[str] = "shrink"
    keeps: ClassVar[Kept | None] = INPUT

    lambd: float = chosen(
        0.5, help="How far x moves toward zero: y = x − lambd above lambd, x + lambd below −lambd, else 0.",
        kind=Kind.NUMBER, low=0, high=1_000_000, comfortable=(0, 2), everyday=True,
    )  # fmt: skip

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (
            Branch("{x} − {lambd}", lambda x: x > self.lambd),
            Branch("{x} + {lambd}", lambda x: x < -self.lambd),
            Branch("0", said="0 where |x| ≤ lambd"),
        )


@dataclass(frozen=True, kw_only=True)
class Tanhshrink(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Tanhshrink
    stem: ClassVar[str] = "tanhshrink"

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} − tanh({x})"),)


@dataclass(frozen=True, kw_only=True)
class Threshold(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Threshold
    stem: ClassVar[str] = "threshold"
    keeps: ClassVar[Kept | None] = INPUT

    threshold: float = chosen(
        help="Where x is larger, y = x; elsewhere y = value.",
        kind=Kind.NUMBER, low=-1_000_000, high=1_000_000, comfortable=(-1, 1), everyday=True, starter=0,
    )  # fmt: skip
    value: float = chosen(
        help="The output where x is not larger than threshold: y = value.",
        kind=Kind.NUMBER, low=-1_000_000, high=1_000_000, comfortable=(-1, 1), everyday=True, starter=0,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return Branch("{x}", lambda x: x > self.threshold), Branch("{value}", said="value where x ≤ threshold")


@dataclass(frozen=True, kw_only=True)
class RReLU(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RReLU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.RReLU
    stem: ClassVar[str] = "rrelu"

    lower: float = chosen(
        1.0 / 8, help="The smallest slope a of y = a · x below zero, drawn at random while training.",
        kind=Kind.NUMBER, low=0, high=1000, comfortable=(0, 1), everyday=True,
    )  # fmt: skip
    upper: float = chosen(
        1.0 / 3, help="The largest slope a of y = a · x below zero; after training a = (lower + upper) / 2.",
        kind=Kind.NUMBER, low=0, high=1000, comfortable=(0, 1), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if self.lower <= self.upper:
            return None
        return f"upper must be at least lower, {self.lower}; upper is {self.upper}."

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return from_zero("({lower} + {upper}) / 2 × {x}")
