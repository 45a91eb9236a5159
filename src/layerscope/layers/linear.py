"""The fully connected layer."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import nn

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape, axis_names
from layerscope.layers.kept import INPUT, Kept
from layerscope.parameter import Kind, chosen
from layerscope.receptive import SAME, WHOLE, Reach


@dataclass(frozen=True, kw_only=True)
class Linear(Layer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Linear
    stem: ClassVar[str] = "fc"
    decides: ClassVar[tuple[str, ...]] = ("in_features",)
    head: ClassVar[str | None] = "out_features"
    acts_on_features: ClassVar[bool] = True
    keeps_channels: ClassVar[bool] = False
    keeps: ClassVar[Kept | None] = INPUT
    lowers: ClassVar[bool] = True

    out_features: int = chosen(
        help="How many values it outputs: weight is (out_features, in_features).",
        low=1, comfortable=(1, 512), everyday=True, starter=64,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Adds one learnable number to each output: out_features more parameters.",
        kind=Kind.SWITCH,
    )  # fmt: skip

    def decided(self, shape: Shape) -> dict[str, Any]:
        return {"in_features": shape[-1]}

    def output_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        untouched = super().output_formulas(shape)[:-1]
        name = axis_names(shape)[-1]
        return *untouched, Formula(
            f"output {name}",
            "out_features",
            (("out_features", self.out_features),),
            self.out_features,
        )

    def parameter_formula(self, shape: Shape) -> Formula:
        symbols = "out_features·in_features" + (" + out_features" if self.bias else "")
        numbers = (("out_features", self.out_features), ("in_features", shape[-1]))
        value = self.out_features * (shape[-1] + (1 if self.bias else 0))
        return Formula("parameters", symbols, numbers, value)

    def mac_formula(self, shape: Shape, output_shape: Shape) -> Formula:
        positions = prod(shape[:-1])
        weights = self.out_features * shape[-1]
        if positions == 1:
            return Formula("MACs", "weights", (("weights", weights),), weights)
        numbers = (("positions", positions), ("weights", weights))
        return Formula("MACs", "positions·weights", numbers, positions * weights)

    def reach(self, shape: Shape) -> Reach:
        return WHOLE if len(shape) == 1 else (*(SAME for _ in shape[2:]), WHOLE)

    def warning(self, shape: Shape) -> str | None:
        if len(shape) == 1:
            return None
        return (
            f"Linear acts on the last axis only: of {shape_text(shape)} it reads {shape[-1]}, its in_features, "
            f"and the other axes stay. A Flatten before it would give it all {prod(shape):,} values."
        )
