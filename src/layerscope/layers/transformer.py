"""Transformer layers: attention, then two Linear layers at every position."""

from abc import ABC
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

from torch import Tensor, nn

from layerscope.formula import Formula
from layerscope.layers.attention import attention_macs, attention_products
from layerscope.layers.base import Product, Shape
from layerscope.layers.kernel import divisors
from layerscope.layers.recurrent import BATCH_FIRST, seq_first_warning, sequence_complaint
from layerscope.layers.several import SeveralInputs
from layerscope.parameter import Kind, chosen
from layerscope.receptive import WHOLE, Reach


def heads(*default: int) -> Any:
    return chosen(
        *default, help="How many heads attend side by side, each on d_model / nhead features, a whole number.",
        low=1, comfortable=(1, 16), everyday=True, starter=None if default else 1,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AnyTransformer(SeveralInputs, ABC):
    """What layers and stacks share. Every input is (length, d_model); the last input's shape leaves."""

    features_last: ClassVar[bool | None] = True
    stem: ClassVar[str] = "transformer"
    decides: ClassVar[tuple[str, ...]] = ("d_model",)
    multiplies: ClassVar[bool] = True
    has_parts: ClassVar[bool] = True

    dim_feedforward: int = chosen(
        2048, help="How many values the first of the two Linear layers makes at each position: its weight is "
        "(dim_feedforward, d_model).",
        low=1, comfortable=(1, 4096), everyday=True,
    )  # fmt: skip
    dropout: float = chosen(
        0.1, help="The probability of a zero while training; it changes no shape and no count.",
        kind=Kind.NUMBER, low=0, high=1, comfortable=(0, 1),
    )  # fmt: skip
    activation: str = chosen(
        "relu", help="The curve between the two Linear layers; it changes no shape and no count.",
        kind=Kind.CHOICE, words=("relu", "gelu"),
    )  # fmt: skip
    layer_norm_eps: float = chosen(
        1e-5, help="Keeps the division sound: y = (x − mean) / √(variance + layer_norm_eps).",
        kind=Kind.NUMBER, low=0, comfortable=(0, 0.1),
    )  # fmt: skip
    batch_first: bool = chosen(False, help=BATCH_FIRST, kind=Kind.SWITCH, starter=True)
    norm_first: bool = chosen(
        False, help="Whether LayerNorm comes before attention and the Linear layers or after them; it changes no shape "
        "and no count.",
        kind=Kind.SWITCH,
    )  # fmt: skip
    bias: bool = chosen(
        True, help="Adds a learnable number to each value that is projected or normalized: more parameters.",
        kind=Kind.SWITCH,
    )  # fmt: skip

    nhead: int

    @property
    def encoders(self) -> int:
        """How many layers attend to their own sequence only."""
        return 0

    @property
    def decoders(self) -> int:
        """How many layers attend to a second sequence too."""
        return 0

    @property
    def norms(self) -> int:
        """How many LayerNorms there are beside those inside the layers."""
        return 0

    @property
    def batch_axis(self) -> int:
        return 0 if self.batch_first else 1

    def decided(self, *shapes: Shape) -> dict[str, Any]:
        return {"d_model": shapes[0][-1]}

    def prepare(self, module: nn.Module, *shapes: Shape) -> None:
        module.train()  # torch's fast path for inference looks at nothing where the batch is empty

    def rank_complaint(self, *shapes: Shape) -> str | None:
        return sequence_complaint(self.type, *shapes)

    def misfit(self, *shapes: Shape) -> str | None:
        width = shapes[0][-1]
        if width % self.nhead:
            return divisors("d_model", width, self.nhead, name="nhead")
        for shape in shapes[1:]:
            if shape[-1] != width:
                return f"Both sequences must have d_model features, but one has {width:,} and one {shape[-1]:,}."
        return None

    def output_formulas(self, *shapes: Shape) -> tuple[Formula, ...]:
        length, width = self._target(*shapes)
        return (
            Formula("output length", "L", (("L", length),), length),
            Formula("output features", "d_model", (("d_model", width),), width),
        )

    def _target(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def _lengths(self, *shapes: Shape) -> tuple[int, int]:
        """Length of the source, which encoders read and decoders look at, and of the target, which decoders read."""
        return shapes[0][0], shapes[-1][0]

    def _parts(self, encoder: str, decoder: str) -> str:
        """A sum over encoders and decoders in symbols."""
        counted = ((self.encoders, "n", encoder), (self.decoders, "m" if self.encoders else "n", decoder))
        single = self.encoders + self.decoders == 1 and not self.norms
        return " + ".join(part if single else f"{letter}·({part})" for count, letter, part in counted if count)

    def _numbers(self, shape: Shape) -> tuple[tuple[str, int], ...]:
        letters = (("n", self.encoders or self.decoders), ("m", self.decoders if self.encoders else 0))
        sizes = (("E", shape[-1]), ("F", self.dim_feedforward))
        return *sizes, *((letter, count) for letter, count in letters if count)

    def parameter_formula(self, *shapes: Shape) -> Formula:
        width, hidden = shapes[0][-1], self.dim_feedforward
        encoder, decoder, norm = (9, 15, 2) if self.bias else (2, 3, 1)
        offsets = " + F" if self.bias else ""
        symbols = self._parts(f"4·E·E + 2·E·F{offsets} + {encoder}·E", f"8·E·E + 2·E·F{offsets} + {decoder}·E")
        symbols += f" + {norm * self.norms}·E" if self.norms else ""
        linear = 2 * width * hidden + self.bias * hidden
        one = 4 * width * width + linear + encoder * width
        other = 8 * width * width + linear + decoder * width
        value = self.encoders * one + self.decoders * other + norm * self.norms * width
        return Formula("parameters", symbols, self._numbers(shapes[0]), value)

    def mac_formula(self, *shapes: Shape) -> Formula:
        shape, _, *others = shapes
        width, hidden = shape[-1], self.dim_feedforward
        source, target = self._lengths(shape, *others)
        reading, writing = ("S", "L") if self.decoders else ("L", "L")
        encoder = f"{reading}·(4·E·E + 2·E·F) + 2·{reading}·{reading}·E"
        decoder = f"{writing}·(6·E·E + 2·E·F) + 2·S·E·E + 2·L·L·E + 2·L·S·E"
        one = source * (4 * width * width + 2 * width * hidden) + attention_macs(source, source, width)
        other = target * (6 * width * width + 2 * width * hidden) + 2 * source * width * width
        other += attention_macs(target, target, width) + attention_macs(target, source, width)
        lengths = (("L", target), ("S", source)) if self.decoders else (("L", source),)
        numbers = (*self._numbers(shape), *lengths)
        return Formula("MACs", self._parts(encoder, decoder), numbers, self.encoders * one + self.decoders * other)

    def call(self, module: nn.Module, *tensors: Tensor) -> Any:
        return module(*(tensors if self.batch_first else [tensor.transpose(0, 1) for tensor in tensors]))

    def unpack(self, result: Any) -> tuple[Tensor, ...]:
        return (result if self.batch_first else result.transpose(0, 1),)

    def products(self, module: nn.Module, *shapes: Shape) -> Iterable[Product]:
        source, target = self._lengths(*shapes)
        for part in module.modules():
            if isinstance(part, nn.TransformerEncoderLayer):
                attended = attention_products(part.self_attn, source, source)
                yield from _so_often(self.encoders, attended, _linear_products(part, source))
            elif isinstance(part, nn.TransformerDecoderLayer):
                attended = attention_products(part.self_attn, target, target)
                other = attention_products(part.multihead_attn, target, source)
                yield from _so_often(self.decoders, attended, other, _linear_products(part, target))

    def scratch(self, *shapes: Shape) -> int:
        longest = max(shape[0] for shape in shapes)
        return max(self.nhead * longest * longest, longest * self.dim_feedforward)

    def reach(self, *shapes: Shape) -> Reach:
        return WHOLE

    def warning(self, *shapes: Shape) -> str | None:
        return None if self.batch_first else seq_first_warning(self.type)


def _so_often(count: int, *products: Iterable[Product]) -> Iterable[Product]:
    return (product._replace(times=product.times * count) for product in chain(*products))


def _linear_products(part: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer, length: int) -> Iterable[Product]:
    for linear in (part.linear1, part.linear2):
        yield Product(length, linear.in_features, linear.out_features)


@dataclass(frozen=True, kw_only=True)
class TransformerEncoderLayer(AnyTransformer):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.TransformerEncoderLayer

    nhead: int = heads()

    @property
    def encoders(self) -> int:
        return 1


@dataclass(frozen=True, kw_only=True)
class Decoding(AnyTransformer, ABC):
    """A decoder reads the sequence that it continues, and the memory that an encoder made."""

    takes: ClassVar[tuple[int, int]] = (2, 2)

    def _lengths(self, *shapes: Shape) -> tuple[int, int]:
        return shapes[-1][0], shapes[0][0]


@dataclass(frozen=True, kw_only=True)
class TransformerDecoderLayer(Decoding):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.TransformerDecoderLayer

    nhead: int = heads()

    @property
    def decoders(self) -> int:
        return 1
