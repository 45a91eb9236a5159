"""Activations that are met less often: each a curve of its own, all of each value by itself."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from layerscope.layers.activation import Overwriting
from layerscope.layers.base import Layer
from layerscope.parameter import Kind, chosen


@dataclass(frozen=True, kw_only=True)
class ReLU6(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.ReLU6
    stem: ClassVar[str] = "relu"


@dataclass(frozen=True, kw_only=True)
class SELU(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.SELU
    stem: ClassVar[str] = "selu"


@dataclass(frozen=True, kw_only=True)
class Mish(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Mish
    stem: ClassVar[str] = "mish"


@dataclass(frozen=True, kw_only=True)
class Softplus(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softplus
    stem: ClassVar[str] = "softplus"

    beta: float = chosen(
        1.0, help="How sharp the bend is: y = log(1 + exp(beta · x)) / beta, closer to ReLU the larger beta is.",
        kind=Kind.NUMBER, low=0.001, high=1000, comfortable=(0.1, 5), everyday=True,
    )  # fmt: skip
    threshold: float = chosen(
        20.0, help="Where beta · x is larger, y = x, so that exp(beta · x) never gets too large.",
        kind=Kind.NUMBER, low=-1000, high=1000, comfortable=(0, 40),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Hardsigmoid(Overwriting):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Hardsigmoid
    stem: ClassVar[str] = "hardsigmoid"


@dataclass(frozen=True, kw_only=True)
class LogSigmoid(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LogSigmoid
    stem: ClassVar[str] = "logsigmoid"


@dataclass(frozen=True, kw_only=True)
class Softsign(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Softsign
    stem: ClassVar[str] = "softsign"
