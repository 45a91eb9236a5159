"""Attention: every position of one sequence looks at every position of another, or of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from torch import Tensor, nn

from layerscope.formula import Formula
from layerscope.layers.base import Product, Shape
from layerscope.layers.kernel import divisors
from layerscope.layers.recurrent import BATCH_FIRST, seq_first_warning, sequence_complaint
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen
from layerscope.receptive import WHOLE, Reach

MASKS = frozenset({
    "attn_mask", "key_padding_mask", "src_mask", "mask", "src_key_padding_mask", "tgt_mask", "memory_mask",
    "tgt_key_padding_mask", "memory_key_padding_mask",
})  # fmt: skip
"""What torch calls the masks of attention and Transformers: they change no shape and no count. No row reads them."""
ONE_OR_THREE = "takes one input, which attends to itself, or three: query, key and value"


def attention_macs(queries: int, keys: int, width: int) -> int:
    """Both products of attention: queries by keys, and the weights that come of it by the values."""
    return 2 * queries * keys * width


def attention_products(module: nn.MultiheadAttention, queries: int, keys: int) -> Iterable[Product]:
    """The four projections, and for each head queries by keys and weights by values."""
    width, own = module.embed_dim, module.in_proj_weight is None
    read = (module.k_proj_weight.shape[1], module.v_proj_weight.shape[1]) if own else (width, width)
    attended = keys + (module.bias_k is not None) + module.add_zero_attn
    yield Product(queries, width, width, 2)
    yield from (Product(keys, features, width) for features in read)
    yield Product(queries, module.head_dim, attended, module.num_heads)
    yield Product(queries, attended, module.head_dim, module.num_heads)


def three(shapes: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, key and value; one input is all of them."""
    query, key, value = (shapes * 3)[:3] if len(shapes) == 1 else (*shapes, shapes[-1])[:3]
    return query, key, value


@dataclass(frozen=True, kw_only=True)
class MultiheadAttention(SeveralInputs):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html"""

    features_last: ClassVar[bool | None] = True
    torch_class: ClassVar[type[nn.Module]] = nn.MultiheadAttention
    stem: ClassVar[str] = "attention"
    takes: ClassVar[tuple[int, int]] = (1, 3)
    decides: ClassVar[tuple[str, ...]] = ("embed_dim", "kdim", "vdim")
    multiplies: ClassVar[bool] = True
    has_parts: ClassVar[bool] = True

    num_heads: int = chosen(
        help="How many heads attend side by side, each on embed_dim / num_heads features, a whole number.",
        low=1, comfortable=(1, 16), everyday=True, starter=1,
    )  # fmt: skip
    dropout: float = chosen(
        0.0, help="The probability of a zero among the attention weights while training; no count depends on it.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1),
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Adds one learnable number to each projected feature: 4·embed_dim more parameters.", kind=Kind.SWITCH
    )  # fmt: skip
    add_bias_kv: bool = chosen(
        False, help="Adds one learnable position to the keys and the values: 2·embed_dim more parameters.",
        kind=Kind.SWITCH,
    )  # fmt: skip
    add_zero_attn: bool = chosen(
        False, help="Adds one position of zeros to the keys and the values, so that a query can attend to nothing.",
        kind=Kind.SWITCH,
    )  # fmt: skip
    batch_first: bool = chosen(False, help=BATCH_FIRST, kind=Kind.SWITCH, starter=True)

    @property
    def ports(self) -> tuple[str, ...]:
        return "attn_output", "attn_output_weights"

    @property
    def batch_axis(self) -> int:
        return 0 if self.batch_first else 1

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        query, key, value = three(shapes)
        own = {"embed_dim": query[-1]}
        return own if key[-1] == value[-1] == query[-1] else own | {"kdim": key[-1], "vdim": value[-1]}

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        placed = tensors if self.batch_first else tuple(tensor.transpose(0, 1) for tensor in tensors)
        return module(*placed) if len(placed) > 1 else module(*placed * 3)

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        output, weights = result
        return output if self.batch_first else output.transpose(0, 1), weights

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        module.training = True  # torch's fast path for inference makes no weights of an empty batch

    def rank_complaint(self, *shapes: Shape) -> str | None:
        return sequence_complaint(self.type, *shapes)

    def misfit(self, *shapes: Shape) -> str | None:
        if len(shapes) == 2:
            return f"{self.type} {ONE_OR_THREE}; it gets two."
        query, key, value = three(shapes)
        if query[-1] % self.num_heads:
            return divisors("embed_dim", query[-1], self.num_heads, name="num_heads")
        if key[0] != value[0]:
            return f"Each key needs its value, but the key has length {key[0]:,} and the value {value[0]:,}."
        return None

    def _keys(self, key: Shape) -> int:
        """How many positions each query attends to."""
        return key[0] + self.add_bias_kv + self.add_zero_attn

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        query = shapes[0]
        return (
            Formula("output length", "L", (("L", query[0]),), query[0]),
            Formula("output features", "embed_dim", (("embed_dim", query[1]),), query[1]),
        )

    def port_formulas(self, *shapes: Shape) -> tuple[tuple[Formula, ...], ...]:
        query, key, _ = three(shapes)
        more = int(self.add_bias_kv) + int(self.add_zero_attn)
        weights = (
            Formula("weights for each query", "L", (("L", query[0]),), query[0]),
            Formula("weights on each key", f"S + {more}" if more else "S", (("S", key[0]),), self._keys(key)),
        )
        return self.output_formulas(*shapes), weights

    def parameter_formula(self, *shapes: Shape) -> Formula:
        query, key, value = three(shapes)
        width, keys, values = query[-1], key[-1], value[-1]
        numbers = (("E", width), ("E_k", keys), ("E_v", values))
        same = keys == values == width
        symbols = "4·E·E" if same else "E·(2·E + E_k + E_v)"
        vectors = 4 * self.bias + 2 * self.add_bias_kv
        symbols += f" + {vectors}·E" if vectors else ""
        value_of_it = width * (2 * width + keys + values + vectors)
        return Formula("parameters", symbols, numbers[:1] if same else numbers, value_of_it)

    def mac_formula(self, *shapes: Shape) -> Formula:
        query, key, value = three((shapes[0], *shapes[2:]))
        width, queries, keys = query[-1], query[0], self._keys(key)
        projections = 2 * queries * width * width + key[0] * width * (key[-1] + value[-1])
        numbers = (("projections", projections), ("L", queries), ("S", keys), ("E", width))
        macs = projections + attention_macs(queries, keys, width)
        return Formula("MACs", "projections + 2·L·S·E", numbers, macs)

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        query, key, _ = three(shapes)
        return attention_products(cast(nn.MultiheadAttention, module), query[0], key[0])

    def input_of(self, argument: str) -> int:
        return {"kdim": 1, "vdim": 2}.get(argument, 0)

    def scratch(self, *shapes: Shape) -> int:
        query, key, _ = three(shapes)
        return self.num_heads * query[0] * self._keys(key)

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE

    def warning(self, *shapes: Shape) -> str | None:
        return None if self.batch_first else seq_first_warning(self.type)
