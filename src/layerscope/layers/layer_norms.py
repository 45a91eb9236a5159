"""LayerNorm and RMSNorm: statistics over the last axes of each sample. See `normalization` for what torch refuses."""

from abc import ABC
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import NEEDS_AN_AXIS, Layer, Shape, Shapes, Wants, per_axis
from layerscope.layers.kept import Kept, statistics
from layerscope.layers.normalization import eps_field
from layerscope.layers.one_value import Branch, normalized
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach


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
            return f"{self.type} {NEEDS_AN_AXIS}"
        wanted = self._normalized(shape)
        if shape[-len(wanted) :] == wanted:
            return None
        return f"normalized_shape is {wanted}, but the last axes of its input are {shape_text(shape)}."

    def reach(self, shape: Shape) -> Reach:
        normalized = len(self._normalized(shape))
        spatial = len(shape) - 1
        return tuple(WHOLE if i >= spatial - normalized else SAME for i in range(spatial))


@dataclass(frozen=True, kw_only=True)
class LayerNorm(_LastAxes):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.LayerNorm
    stem: ClassVar[str] = "ln"

    eps: float = eps_field()
    elementwise_affine: bool = chosen(
        True, help="A learnable factor and offset for each value: 2 · (product of normalized_shape) parameters.",
        kind=Kind.SWITCH, everyday=True,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="The offset added after the factor: (product of normalized_shape) more parameters.", kind=Kind.SWITCH
    )

    def parameter_formula(self, shape: Shape) -> Formula | None:
        if not self.elementwise_affine:
            return None
        count = prod(self._normalized(shape))
        numbers = (("values", count),)
        if self.bias:
            return Formula("parameters", "2·values", numbers, 2 * count)
        return Formula("parameters", "values", numbers, count)

    def kept(self, shapes: Shapes, outputs: Shapes, wants: Wants) -> Kept | None:
        return Kept((0,), own=(statistics(2 * prod(shapes[0]) // prod(self._normalized(shapes[0]))),))

    def warning(self, shape: Shape) -> str | None:
        if prod(self._normalized(shape)) > 1:
            return None
        return "Each value is normalized by itself here and becomes 0: it is its own mean."

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return normalized(has_weight=self.elementwise_affine, has_bias=self.elementwise_affine and self.bias)


@dataclass(frozen=True, kw_only=True)
class RMSNorm(_LastAxes):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.RMSNorm
    stem: ClassVar[str] = "rms"

    eps: float | None = chosen(
        None, help="Keeps the division sound: y = x / √(mean of x² + eps); unset, the smallest step of a float.",
        kind=Kind.NUMBER, low=0, comfortable=(0, 0.1), optional=True,
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

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("{x} / √({mean_of_squares} + {eps})" + " × {weight}" * self.elementwise_affine),)
