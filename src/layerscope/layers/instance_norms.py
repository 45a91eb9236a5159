"""InstanceNorm: statistics over each channel of each sample. See `normalization` for what torch refuses."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import AXES, Layer, Shape, Shapes, Wants
from layerscope.layers.kept import Kept, statistics
from layerscope.layers.normalization import AFFINE, STATISTICS, affine_formula, eps_field, momentum_field
from layerscope.layers.one_value import Branch, normalized
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach


@dataclass(frozen=True, kw_only=True)
class _InstanceNorm(Layer, ABC):
    """Each channel of each sample to mean 0 and variance 1 over its own cells."""

    stem: ClassVar[str] = "in"
    decides: ClassVar[tuple[str, ...]] = ("num_features",)

    eps: float = eps_field()
    momentum: float | None = momentum_field()
    affine: bool = chosen(False, help=AFFINE, kind=Kind.SWITCH, everyday=True)
    track_running_stats: bool = chosen(False, help=STATISTICS, kind=Kind.SWITCH)

    def misfit(self, shape: Shape) -> str | None:
        if prod(shape[1:]) > 1 or self.track_running_stats:
            return None
        names, ones = " × ".join(AXES[self.dims]), "×".join("1" * self.dims)
        return f"{self.type} needs more than one value per channel; {names} is {ones}."

    def prepare(self, module: nn.Module, shape: Shape) -> None:
        # Factor and offset change no shape, and torch cannot apply them to a batch of zero.
        module.register_parameter("weight", None)
        module.register_parameter("bias", None)

    def parameter_formula(self, shape: Shape) -> Formula | None:
        return affine_formula(shape[0]) if self.affine else None

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

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return normalized(has_weight=self.affine, has_bias=self.affine)

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        if self.affine or self.track_running_stats:
            return None  # torch repeats the factors for each sample
        return Kept((0,), own=(statistics(2 * shapes[0][0]),))


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
