"""Pooling by a power mean: between the mean and the largest value of each window."""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from layerscope.layers.base import Shape
from layerscope.layers.pooling import SlidingWindow, too_large_alone
from layerscope.parameter import LARGEST_KERNEL, Kind, chosen


@dataclass(frozen=True, kw_only=True)
class _LPPool(SlidingWindow, ABC):
    """The p-norm of each window."""

    norm_type: float = chosen(
        help="The p of y = (Σ xᵖ) ** (1 / p): the sum for 1, nearer to the largest value the larger p is.",
        kind=Kind.NUMBER, low=0.01, high=100, comfortable=(1, 8), everyday=True, starter=2,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LPPool1d(_LPPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LPPool1d
    dims: ClassVar[int] = 1

    kernel_size: int = chosen(
        help="The length of the window, one number: output = floor((i − k) / s) + 1.",
        low=1, high=LARGEST_KERNEL, comfortable=(1, 8), everyday=True, starter=2,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LPPool2d(_LPPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LPPool2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class LPPool3d(_LPPool):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LPPool3d
    dims: ClassVar[int] = 3

    def misfit(self, shape: Shape) -> str | None:
        return too_large_alone(shape, self.axes(self.kernel_size)) or super().misfit(shape)
