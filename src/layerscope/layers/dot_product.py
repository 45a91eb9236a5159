"""Attention without weights of its own: the function that attention layers call."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.nn import functional

from layerscope.formatting import shape_text
from layerscope.formula import Formula
from layerscope.layers.attention import ONE_OR_THREE, three
from layerscope.layers.base import Product, Shape, arrival
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen
from layerscope.receptive import WHOLE, Reach


class _ScaledDotProductAttention(nn.Module):
    """torch.nn.functional.scaled_dot_product_attention as a module; dropout acts while training only."""

    def __init__(
        self, dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False
    ) -> None:
        super().__init__()
        self.dropout_p, self.is_causal, self.scale, self.enable_gqa = dropout_p, is_causal, scale, enable_gqa

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        if key.shape[-2] != value.shape[-2]:  # torch 2.13 reads beyond the end of the shorter one
            raise ValueError(f"key has {key.shape[-2]} positions, value {value.shape[-2]}")
        return functional.scaled_dot_product_attention(
            query, key, value, dropout_p=self.dropout_p if self.training else 0.0, is_causal=self.is_causal,
            scale=self.scale, enable_gqa=self.enable_gqa,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ScaledDotProductAttention(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html"""

    features_last: ClassVar[bool | None] = True
    torch_class: ClassVar[type[nn.Module]] = _ScaledDotProductAttention
    stem: ClassVar[str] = "attention"
    takes: ClassVar[tuple[int, int]] = (1, 3)
    multiplies: ClassVar[bool] = True

    dropout_p: float = chosen(
        0.0, help="The probability of a zero among the attention weights while training; no count depends on it.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1),
    )  # fmt: skip
    is_causal: bool = chosen(
        False, help="Each position attends only to itself and those before it; it changes no shape and no count.",
        kind=Kind.SWITCH, everyday=True,
    )  # fmt: skip
    scale: float | None = chosen(
        None, help="The factor on query · key; unset: 1 / √(features of a query).",
        kind=Kind.NUMBER, low=-1_000, high=1_000, comfortable=(0, 1), optional=True,
    )  # fmt: skip
    enable_gqa: bool = chosen(
        False, help="Groups of query heads share one head of key and value; heads of the query / heads of the key must "
        "be a whole number.",
        kind=Kind.SWITCH,
    )  # fmt: skip

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        return module(*tensors) if len(tensors) > 1 else module(*tensors * 3)

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        vars(module)["is_causal"] = False  # it changes no shape, but torch would fill a mask of L × S cells

    def rank_complaint(self, *shapes: Shape) -> str | None:
        for shape in shapes:
            if len(shape) < 2:
                return f"{self.type} expects (length, features) or (heads, length, features) but gets {_given(shape)}."
            if len(shape) != len(shapes[0]):
                return f"Query, key and value must have the same number of axes, not {_all(shapes)}."
        return None

    def misfit(self, *shapes: Shape) -> str | None:
        if len(shapes) == 2:
            return f"{self.type} {ONE_OR_THREE}; it gets two."
        query, key, value = three(shapes)
        if key[-1] != query[-1]:
            return f"A query has {query[-1]:,} features and a key {key[-1]:,}; both must have the same number."
        if key[-2] != value[-2]:
            return f"Each key needs its value, but the key has length {key[-2]:,} and the value {value[-2]:,}."
        for name, other in (("key", key), ("value", value)):
            if self.enable_gqa and len(query) > 2 and query[-3] % other[-3]:
                return (
                    f"enable_gqa shares heads: the query's {query[-3]} must be a multiple of the {name}'s {other[-3]}."
                )
        return None if self._leading(query, key, value) is not None else (
            f"The axes before (length, features) must be equal or 1, not {_all(shapes)}."
        )  # fmt: skip

    def _leading(self, query: Shape, key: Shape, value: Shape) -> Shape | None:
        """The axes before length and features that leave; None where they do not fit together."""
        if self.enable_gqa and len(query) > 2:
            key, value = ((*shape[:-3], query[-3], *shape[-2:]) for shape in (key, value))
        axes = [set(sizes) - {1} for sizes in zip(query[:-2], key[:-2], value[:-2], strict=True)]
        return None if any(len(sizes) > 1 for sizes in axes) else tuple(max(sizes, default=1) for sizes in axes)

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        query, key, value = three(shapes)
        leading = self._leading(query, key, value) or ()
        names = ("heads",) if len(leading) == 1 else [f"axis {place + 1}" for place in range(len(leading))]
        return (
            *(Formula(f"output {name}", "h", (("h", size),), size) for name, size in zip(names, leading, strict=True)),
            Formula("output length", "L", (("L", query[-2]),), query[-2]),
            Formula("output features", "E_v", (("E_v", value[-1]),), value[-1]),
        )

    def mac_formula(self, *shapes: Shape) -> Formula:
        query, key, value = three((shapes[0], *shapes[2:]))
        heads = prod(shapes[1][:-2])
        numbers = (("h", heads), ("L", query[-2]), ("S", key[-2]), ("E", query[-1]), ("E_v", value[-1]))
        return Formula(
            "MACs", "h·L·S·(E + E_v)", numbers, heads * query[-2] * key[-2] * (query[-1] + value[-1])
        )  # fmt: skip

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        query, key, value = three(shapes)
        heads = prod(self._leading(query, key, value) or ())
        yield Product(query[-2], query[-1], key[-2], heads)
        yield Product(query[-2], key[-2], value[-1], heads)

    def scratch(self, *shapes: Shape) -> int:
        query, key, value = three(shapes)
        return prod(self._leading(query, key, value) or ()) * query[-2] * key[-2]

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE


def _given(shape: Shape) -> str:
    return arrival(shape) if shape else "one number"


def _all(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(shape_text, shapes[:-1])) + f" and {shape_text(shapes[-1])}"
