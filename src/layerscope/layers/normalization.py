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

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import AXES, NEEDS_AN_AXIS, Layer, Shape, arrival, per_axis
from layerscope.layers.kernel import divisors
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach

AFFINE = "Two learnable numbers for each channel, a factor and an offset: 2·C parameters."
STATISTICS = "Keep running averages for use after training; without them each batch is its own measure."


def _eps(default: float = 1e-5) -> Any:
    return chosen(
        default, help="Keeps the division sound: y = (x − mean) / √(variance + eps).",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 0.1),
    )  # fmt: skip


def _momentum() -> Any:
    return chosen(
        0.1, help="How fast averages follow the batches: running = (1 − momentum) · running + momentum · batch.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1), optional=True,
    )  # fmt: skip


def _affine_formula(count: int) -> Formula:
    return Formula("parameters", "2·C", (("C", count),), 2 * count)


@dataclass(frozen=True, kw_only=True)
class _BatchNorm(Layer, ABC):
    """Each channel to mean 0 and variance 1 over the batch."""

    stem: ClassVar[str] = "bn"
    decides: ClassVar[tuple[str, ...]] = ("num_features",)

    eps: float = _eps()
    momentum: float | None = _momentum()
    affine: bool = chosen(True, help=AFFINE, kind=Kind.SWITCH, everyday=True)
    track_running_stats: bool = chosen(True, help=STATISTICS, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if self.eps > 0 or self.track_running_stats:
            return None
        return "eps must be more than 0 where each batch is its own measure (track_running_stats=False)."

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return _affine_formula(shape[0]) if self.affine else None

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


@dataclass(frozen=True, kw_only=True)
class BatchNorm1d(_BatchNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.BatchNorm1d

    def rank_complaint(self, shape: Shape) -> str | None:
        if len(shape) <= 2:
            return None
        return f"BatchNorm1d works on (features) or (channels, length); what arrives is {arrival(shape)}."


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
        help="How many groups are normalized by themselves: each has C / num_groups channels, a whole number.",
        low=1, comfortable=(1, 32), everyday=True, starter=1,
    )  # fmt: skip
    eps: float = _eps()
    affine: bool = chosen(True, help=AFFINE, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if shape[0] % self.num_groups:
            return divisors("num_channels", shape[0], self.num_groups, name="num_groups")
        return None

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return _affine_formula(shape[0]) if self.affine else None

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


@dataclass(frozen=True, kw_only=True)
class _LastAxes(Layer, ABC):
    """Normalizes the last axes together."""

    normalized_shape: Any = chosen(
        None, help="The last axes that are normalized together; their product shares a mean. Unset: all.",
        kind=Kind.SHAPE, low=1, optional=True, bare=True, everyday=True,
    )  # fmt: skip

    def decided(self, shape: Shape) -> dict[str, Any]:
        return {"normalized_shape": shape} if self.normalized_shape is None else {}

    def _normalized(self, shape: Shape) -> Shape:
        return shape if self.normalized_shape is None else per_axis(self.normalized_shape, 1)

    def misfit(self, shape: Shape) -> str | None:
        if not shape:
            return f"LayerNorm {NEEDS_AN_AXIS}"
        wanted = self._normalized(shape)
        if shape[-len(wanted) :] == wanted:
            return None
        return f"normalized_shape is {wanted}, but the last axes of what arrives are {shape_text(shape)}."

    def reach(self, shape: Shape) -> Reach:
        normalized = len(self._normalized(shape))
        spatial = len(shape) - 1
        return tuple(WHOLE if i >= spatial - normalized else SAME for i in range(spatial))


@dataclass(frozen=True, kw_only=True)
class LayerNorm(_LastAxes):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LayerNorm
    stem: ClassVar[str] = "ln"

    eps: float = _eps()
    elementwise_affine: bool = chosen(
        True, help="A learnable factor and offset for each value: 2 · (product of normalized_shape) parameters.",
        kind=Kind.SWITCH, everyday=True,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="The offset beside the factor: (product of normalized_shape) more parameters.", kind=Kind.SWITCH
    )

    def parameter_formula(self, shape: Shape) -> Formula | None:
        if not self.elementwise_affine:
            return None
        count = prod(self._normalized(shape))
        numbers = (("values", count),)
        if self.bias:
            return Formula("parameters", "2·values", numbers, 2 * count)
        return Formula("parameters", "values", numbers, count)

    def warning(self, shape: Shape) -> str | None:
        if prod(self._normalized(shape)) > 1:
            return None
        return "Each value is normalized by itself here and becomes 0: it is its own mean."


@dataclass(frozen=True, kw_only=True)
class RMSNorm(_LastAxes):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.RMSNorm
    stem: ClassVar[str] = "rms"

    eps: float | None = chosen(
        None, help="Keeps the division sound: y = x / √(mean of x² + eps); unset, the smallest step of a float.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 0.1), optional=True,
    )  # fmt: skip
    elementwise_affine: bool = chosen(
        True, help="A learnable factor for each value: (product of normalized_shape) parameters.",
        kind=Kind.SWITCH, everyday=True,
    )  # fmt: skip

    def parameter_formula(self, shape: Shape) -> Formula | None:
        if not self.elementwise_affine:
            return None
        count = prod(self._normalized(shape))
        return Formula("parameters", "values", (("values", count),), count)

    def warning(self, shape: Shape) -> str | None:
        if prod(self._normalized(shape)) > 1:
            return None
        return "Each value is normalized by itself here, so only its sign is left."


@dataclass(frozen=True, kw_only=True)
class _InstanceNorm(Layer, ABC):
    """Each channel of each sample to mean 0 and variance 1 over its own cells."""

    stem: ClassVar[str] = "in"
    decides: ClassVar[tuple[str, ...]] = ("num_features",)

    eps: float = _eps()
    momentum: float | None = _momentum()
    affine: bool = chosen(False, help=AFFINE, kind=Kind.SWITCH, everyday=True)
    track_running_stats: bool = chosen(False, help=STATISTICS, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if prod(shape[1:]) > 1 or self.track_running_stats:
            return None
        names, ones = " × ".join(AXES[self.dims]), "×".join("1" * self.dims)
        return f"One value per channel arrives ({names} is {ones}); {self.type} needs more than one."

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        # Factor and offset change no shape, and torch cannot apply them to a batch of zero.
        module.register_parameter("weight", None)
        module.register_parameter("bias", None)

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return _affine_formula(shape[0]) if self.affine else None

    def tables(self, shape: Shape) -> int:
        return 2 * shape[0] if self.track_running_stats else 0

    def reach(self, shape: Shape) -> Reach:
        return SAME if self.track_running_stats else WHOLE

    def warning(self, shape: Shape) -> str | None:
        if prod(shape[1:]) > 1:
            return None
        return (
            "Each channel holds one value here, so in training every batch raises "
            '"Expected more than 1 spatial element"; in eval mode the running averages are used.'
        )


@dataclass(frozen=True, kw_only=True)
class InstanceNorm2d(_InstanceNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.InstanceNorm2d
    dims: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class InstanceNorm1d(_InstanceNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.InstanceNorm1d
    dims: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class InstanceNorm3d(_InstanceNorm):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.InstanceNorm3d
    dims: ClassVar[int] = 3
