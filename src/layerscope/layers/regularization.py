"""Layers that only matter while training, and the normalization of AlexNet's time."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import torch
from torch import Tensor, nn

from layerscope.layers.activation import INPLACE
from layerscope.layers.base import AXES, Layer, Shape, Shapes, Wants, arrival
from layerscope.layers.functional import Functional
from layerscope.layers.kept import VIEW, Kept, Own
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, Reach


@dataclass(frozen=True, kw_only=True)
class _AnyDropout(Layer, ABC):
    """Zeros at random while training; does nothing afterwards."""

    stem: ClassVar[str] = "drop"
    only_trains: ClassVar[bool] = True

    p: float = chosen(
        0.5, help="The probability of a zero while training, others become x / (1 − p); no count depends on it.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1), everyday=True,
    )  # fmt: skip
    inplace: bool = chosen(False, help=INPLACE, kind=Kind.SWITCH)

    def _mask(self, cells: int) -> Kept:
        """What is kept where so many cells are drawn: the factor of each, which is 0 or 1 / (1 − p)."""
        if self.p == 0:
            return VIEW
        within = 0 if self.inplace else None
        return Kept(own=(Own("the mask", cells) if self.p < 1 else Own("a zero", once=1),), within=within)


@dataclass(frozen=True, kw_only=True)
class Dropout(_AnyDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Dropout

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return self._mask(prod(shapes[0]))


@dataclass(frozen=True, kw_only=True)
class AlphaDropout(_AnyDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.AlphaDropout


@dataclass(frozen=True, kw_only=True)
class FeatureAlphaDropout(_AnyDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.FeatureAlphaDropout


@dataclass(frozen=True, kw_only=True)
class _MapDropout(_AnyDropout, ABC):
    """Zeros whole feature maps of so many axes."""

    axes: ClassVar[int]
    """How many axes its input has, without the batch."""

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        if len(shape) != self.axes:  # torch remarks on every call what `warning` says; after training it only hands on
            module.forward = nn.Identity().forward

    def warning(self, shape: Shape) -> str | None:
        if len(shape) == self.axes:
            return None
        return f"{self.type} drops whole feature maps of {self._maps()}; elsewhere use Dropout."

    def _maps(self) -> str:
        return f"({', '.join(('channels', *AXES[self.axes - 1]))})"

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return self._mask(shapes[0][0]) if len(shapes[0]) == self.axes else None


@dataclass(frozen=True, kw_only=True)
class Dropout2d(_MapDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Dropout2d
    axes: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class Dropout1d(_MapDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Dropout1d
    axes: ClassVar[int] = 2

    def misfit(self, shape: Shape) -> str | None:
        if len(shape) <= self.axes:
            return None
        return f"Dropout1d takes {self._maps()}, but its input has {len(shape)} axes. Dropout2d or Dropout would work."


@dataclass(frozen=True, kw_only=True)
class Dropout3d(_MapDropout):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Dropout3d
    axes: ClassVar[int] = 4


class _StochasticDepth(Functional):
    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p has to be from 0 to 1, but got {p}")
        self.p, self.mode = p, mode

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return values
        samples = values.shape[0] if self.mode == "row" else 1
        kept = torch.rand((samples, *[1] * (values.ndim - 1)), device=values.device) >= self.p
        return values * kept / (1 - self.p) if self.p < 1 else values * 0


@dataclass(frozen=True, kw_only=True)
class StochasticDepth(Layer):
    """https://docs.pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html"""

    torch_class: ClassVar[type[nn.Module]] = _StochasticDepth
    stem: ClassVar[str] = "depth"
    only_trains: ClassVar[bool] = True

    p: float = chosen(
        help="The probability that a sample's branch is zero while training, others become x / (1 − p); no count "
        "depends on it.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1), everyday=True, starter=0.1,
    )  # fmt: skip
    mode: str = chosen(
        "row", help="Whether each sample has its own draw (row), or all share one (batch).",
        kind=Kind.CHOICE, words=("row", "batch"),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LocalResponseNorm(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LocalResponseNorm
    stem: ClassVar[str] = "lrn"

    size: int = chosen(
        help="How many neighboring channels are looked at: y = x / (k + alpha / size · Σ x²) ** beta.",
        low=1, high=1024, comfortable=(1, 16), everyday=True, starter=5,
    )  # fmt: skip
    alpha: float = chosen(
        1e-4, help="The factor in y = x / (k + alpha / size · Σ x²) ** beta.", kind=Kind.NUMBER, low=0, high=1000,
        comfortable=(0, 1),
    )  # fmt: skip
    beta: float = chosen(
        0.75,
        help="The exponent in y = x / (k + alpha / size · Σ x²) ** beta.",
        kind=Kind.NUMBER,
        low=0,
        high=100,
        comfortable=(0, 2),
    )
    k: float = chosen(
        1.0,
        help="The number added in y = x / (k + alpha / size · Σ x²) ** beta.",
        kind=Kind.NUMBER,
        low=0,
        high=1000,
        comfortable=(0, 4),
    )

    def rank_complaint(self, shape: Shape) -> str | None:
        if len(shape) > 1:
            return None
        given = f"{shape[0]:,} flat values" if shape else arrival(shape)
        return f"LocalResponseNorm needs channels and at least one more axis but gets {given}."

    def scratch(self, shape: Shape) -> int:
        return (shape[0] + self.size) * prod(shape[1:])

    def reach(self, shape: Shape) -> Reach:
        return (SAME,) * (len(shape) - 1)  # other channels, but no other places
