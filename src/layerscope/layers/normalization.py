"""Normalization: statistics over the batch, over groups of channels, over whole samples.

Of one value there is no variance. Where a mean is over one value, torch refuses the batch in some cases
(`_verify_batch_size` and `_verify_spatial_size` in torch.nn.functional):

- BatchNorm, one value for each channel: a batch of one, in training; without running averages in eval mode too.
- GroupNorm, one value for each group: a batch of one, in training and in eval mode.
- InstanceNorm, one value for each channel: every batch, in training; without running averages in eval mode too.
- LayerNorm: never, but only zeros leave.

A network is for one sample or more. What runs for two samples in eval mode runs, and a warning tells what is refused;
what no batch gets through in eval mode is an error.
"""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, Shapes, Wants, arrival
from layerscope.layers.kept import Kept, statistics
from layerscope.layers.kernel import divisors
from layerscope.layers.one_value import Branch, normalized
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach

AFFINE = "Two learnable numbers for each channel, a factor and an offset: 2·C parameters."
STATISTICS = "Keep running averages for use after training; without them each batch uses its own statistics."


def eps_field(default: float = 1e-5) -> Any:
    """The field of what is added to the variance."""
    return chosen(
        default, help="Keeps the division sound: y = (x − mean) / √(variance + eps).",
        kind=Kind.NUMBER, low=0, comfortable=(0, 0.1),
    )  # fmt: skip


def momentum_field() -> Any:
    """The field of how fast running averages follow."""
    return chosen(
        0.1, help="How fast averages follow the batches: running = (1 − momentum) · running + momentum · batch.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1), optional=True,
    )  # fmt: skip


def affine_formula(count: int) -> Formula:
    """A factor and an offset for each channel."""
    return Formula("parameters", "2·C", (("C", count),), 2 * count)


@dataclass(frozen=True, kw_only=True)
class _BatchNorm(Layer, ABC):
    """Each channel to mean 0 and variance 1 over the batch."""

    stem: ClassVar[str] = "bn"
    decides: ClassVar[tuple[str, ...]] = ("num_features",)

    eps: float = eps_field()
    momentum: float | None = momentum_field()
    affine: bool = chosen(True, help=AFFINE, kind=Kind.SWITCH, everyday=True)
    track_running_stats: bool = chosen(True, help=STATISTICS, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if self.eps > 0 or self.track_running_stats:
            return None
        return "eps must be more than 0 where each batch uses its own statistics (track_running_stats=False)."

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return affine_formula(shape[0]) if self.affine else None

    def tables(self, shape: Shape) -> int:
        return 2 * shape[0] if self.track_running_stats else 0

    def reach(self, shape: Shape) -> Reach:
        return SAME if self.track_running_stats else WHOLE

    def warning(self, shape: Shape) -> str | None:
        if prod(shape[1:]) > 1:
            return None
        if self.track_running_stats:
            return (
                "Each channel holds one value here, so in training a batch of 1 raises "
                '"Expected more than 1 value per channel"; a larger batch works.'
            )
        return (
            "Each channel holds one value here and there are no running averages, so a batch of 1 raises "
            '"Expected more than 1 value per channel", in eval mode too; a larger batch works.'
        )

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0,), own=(statistics(once=2 * shapes[0][0]),))

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return normalized(has_weight=self.affine, has_bias=self.affine)


@dataclass(frozen=True, kw_only=True)
class BatchNorm1d(_BatchNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.BatchNorm1d

    def rank_complaint(self, shape: Shape) -> str | None:
        if len(shape) <= 2:
            return None
        return f"BatchNorm1d expects (features) or (channels, length) but gets {arrival(shape)}."


@dataclass(frozen=True, kw_only=True)
class BatchNorm2d(_BatchNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.BatchNorm2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class BatchNorm3d(_BatchNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.BatchNorm3d
    dims: ClassVar[int] = 3


@dataclass(frozen=True, kw_only=True)
class SyncBatchNorm(_BatchNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.SyncBatchNorm

    def warning(self, shape: Shape) -> str | None:
        return "SyncBatchNorm trains on several GPUs only; on one device BatchNorm does the same."


@dataclass(frozen=True, kw_only=True)
class GroupNorm(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.GroupNorm
    stem: ClassVar[str] = "gn"
    decides: ClassVar[tuple[str, ...]] = ("num_channels",)

    num_groups: int = chosen(
        help="How many groups are normalized separately: each has C / num_groups channels, a whole number.",
        low=1, comfortable=(1, 32), everyday=True, starter=1,
    )  # fmt: skip
    eps: float = eps_field()
    affine: bool = chosen(True, help=AFFINE, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if shape[0] % self.num_groups:
            return divisors("num_channels", shape[0], self.num_groups, name="num_groups")
        return None

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return affine_formula(shape[0]) if self.affine else None

    def reach(self, shape: Shape) -> Reach:
        return WHOLE

    def values_per_mean(self, shape: Shape) -> int:
        """How many values of one sample share a mean."""
        return shape[0] // self.num_groups * prod(shape[1:])

    def warning(self, shape: Shape) -> str | None:
        if self.values_per_mean(shape) > 1:
            return None
        return (
            'Each group holds one value here, so a batch of 1 raises "Expected more than 1 value per channel", '
            "in eval mode too. In a larger batch each value becomes 0: it is its own mean."
        )

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0,), own=(statistics(2 * self.num_groups),))

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return normalized(has_weight=self.affine, has_bias=self.affine)
