"""Layers that look up a learned vector for each index: words, characters, categories."""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import nn

from layerscope.formula import Formula
from layerscope.layers.base import Layer, Shape
from layerscope.layers.kept import INPUT, Kept
from layerscope.layers.one_value import Branch
from layerscope.parameter import MOST_ENTRIES, Kind, chosen

SILENT = "it changes no shape and no count."


@dataclass(frozen=True, kw_only=True)
class _AnyEmbedding(Layer, ABC):
    """A table of vectors, one for each index."""

    features_last: ClassVar[bool | None] = True
    stem: ClassVar[str] = "embedding"
    wants: ClassVar[Literal["values", "indices", "either"]] = "indices"
    keeps_channels: ClassVar[bool] = False

    num_embeddings: int = chosen(
        help="How many different indices there are, from 0 to num_embeddings − 1, such as the words of a vocabulary: "
        "weight is (num_embeddings, embedding_dim).",
        low=1, high=MOST_ENTRIES, comfortable=(1, 30_000), everyday=True, starter=1_000,
    )  # fmt: skip
    embedding_dim: int = chosen(
        help="How many learnable values stand for one index: weight is (num_embeddings, embedding_dim).",
        low=1, comfortable=(1, 512), everyday=True, starter=64,
    )  # fmt: skip
    padding_idx: int | None = chosen(
        None, help=f"The index that fills up short sequences, whose vector training leaves as it is; {SILENT}",
        low=-MOST_ENTRIES, high=MOST_ENTRIES - 1, comfortable=(0, 10), optional=True,
    )  # fmt: skip
    max_norm: float | None = chosen(
        None, help=f"A vector longer than this is shortened when it is looked up; {SILENT}",
        kind=Kind.NUMBER, low=0, high=1_000_000, comfortable=(0, 10), optional=True,
    )  # fmt: skip
    norm_type: float = chosen(
        2.0, help=f"The p of the norm that max_norm compares; {SILENT}",
        kind=Kind.NUMBER, low=0, high=1_000, comfortable=(1, 4),
    )  # fmt: skip
    scale_grad_by_freq: bool = chosen(
        False, help=f"While training, divides an index's gradient by how often it comes in the batch; {SILENT}",
        kind=Kind.SWITCH,
    )  # fmt: skip
    sparse: bool = chosen(
        False, help=f"Keeps gradients only for the indices that came; {SILENT}", kind=Kind.SWITCH
    )  # fmt: skip

    def misfit(self, shape: Shape, /) -> str | None:
        if self.padding_idx is None or -self.num_embeddings <= self.padding_idx < self.num_embeddings:
            return None
        return (
            f"padding_idx is {self.padding_idx:,}, but num_embeddings is {self.num_embeddings:,}: "
            f"0 to {self.num_embeddings - 1:,} would work."
        )

    def beyond(self, high: int) -> str | None:
        if high <= self.num_embeddings:
            return None
        return (
            f"{self.type} takes indices from 0 to {self.num_embeddings - 1:,}, as num_embeddings is "
            f"{self.num_embeddings:,}, but the input holds indices up to {high - 1:,}."
        )

    def parameter_formula(self, shape: Shape, /) -> Formula:
        numbers = (("num_embeddings", self.num_embeddings), ("embedding_dim", self.embedding_dim))
        value = self.num_embeddings * self.embedding_dim
        return Formula("parameters", "num_embeddings·embedding_dim", numbers, value)

    def _vector(self) -> Formula:
        numbers = (("embedding_dim", self.embedding_dim),)
        return Formula("output features", "embedding_dim", numbers, self.embedding_dim)


@dataclass(frozen=True, kw_only=True)
class Embedding(_AnyEmbedding):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.Embedding
    keeps: ClassVar[Kept | None] = INPUT

    def output_formulas(self, shape: Shape, /) -> tuple[Formula, ...]:
        names = ("length",) if len(shape) == 1 else [f"axis {place + 1}" for place in range(len(shape))]
        kept = (Formula(f"output {name}", "i", (("i", i),), i) for name, i in zip(names, shape, strict=True))
        return *kept, self._vector()

    def written(self, inputs: int = 1) -> tuple[Branch, ...]:
        return (Branch("weight[{x}, {column}]", said="weight[index, column]"),)


@dataclass(frozen=True, kw_only=True)
class EmbeddingBag(_AnyEmbedding):
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html"""

    torch_class: ClassVar[type[nn.Module]] = nn.EmbeddingBag
    stem: ClassVar[str] = "bag"

    mode: str = chosen(
        "mean", help="How the vectors of a sample become one; its length = embedding_dim whatever the mode.",
        kind=Kind.CHOICE, words=("sum", "mean", "max"), everyday=True,
    )  # fmt: skip
    include_last_offset: bool = chosen(
        False, help=f"Only for samples of different lengths that are given with offsets; {SILENT}", kind=Kind.SWITCH
    )  # fmt: skip

    def rank_complaint(self, shape: Shape, /) -> str | None:
        if len(shape) == 1:
            return None
        return f"EmbeddingBag expects one axis (length), the indices of one sample, but gets {len(shape)}."

    def misfit(self, shape: Shape, /) -> str | None:
        if wrong := super().misfit(shape):
            return wrong
        if self.mode == "max" and self.scale_grad_by_freq:
            return 'scale_grad_by_freq does not work with mode="max"; "sum" or "mean" would work.'
        if self.mode == "max" and self.sparse:
            return 'sparse does not work with mode="max"; "sum" or "mean" would work.'
        return None

    def output_formulas(self, shape: Shape, /) -> tuple[Formula, ...]:
        return (self._vector(),)
