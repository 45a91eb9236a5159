"""Transformers: the vision transformer as torchvision builds it, and a classifier of texts."""

from layerscope.architectures.composing import (
    ADD,
    CONCAT,
    RELU,
    Block,
    Row,
    chained,
    conv,
    dropout,
    fc,
    forked,
    network,
    numbered,
)
from layerscope.layers.activation import GELU
from layerscope.layers.attention import MultiheadAttention
from layerscope.layers.axes import Permute
from layerscope.layers.base import Layer
from layerscope.layers.embedding import Embedding
from layerscope.layers.layer_norms import LayerNorm
from layerscope.layers.learned import Parameter
from layerscope.layers.reduction import Mean
from layerscope.layers.reshape import Flatten
from layerscope.layers.slicing import Select
from layerscope.network import Network


def vit_b_16() -> Network:
    """ViT-B/16 (Dosovitskiy et al. 2021): an image as 196 patches of 16x16, with a class token before them."""
    width, patches = 768, 14 * 14
    flat, last = Flatten(name="", start_dim=2), Permute(name="", order=(0, 2, 1))
    tokens = chained({"conv_proj": conv(width, 16, 16, padding=0), "flatten": flat, "permute": last})
    token = Row(Parameter(name="", shape=(1, 1, width), ndim=3), "class_token")
    joined = Row(CONCAT, "cat", (token.name, tokens[-1].name))
    positions = Row(Parameter(name="", shape=(1, patches + 1, width), ndim=3), "pos_embedding")
    layers = chained({f"encoder_layer_{n}": _vision_layer(width, 12, 4 * width) for n in range(12)})
    encoder = chained(
        forked(((), (positions,)), "add", ADD),
        {"dropout": dropout(0.0), "layers": layers, "ln": _layer_norm(width, 1e-6)},
    )
    head = {"select": Select(name="", dim=1, index=0), "heads.head": fc(1000)}
    return network((3, 224, 224), chained((*tokens, token, joined), {"encoder": encoder, **head}), 1000)


def _vision_layer(width: int, heads: int, hidden: int) -> Block:
    """Attention, then two layers at each place; both are normalized before, and what they are given is added after."""
    attention = {"ln_1": _layer_norm(width, 1e-6), "self_attention": _attention(heads), "dropout": dropout(0.0)}
    mlp = numbered(fc(hidden), GELU(name=""), dropout(0.0), fc(width), dropout(0.0))
    places = chained({"ln_2": _layer_norm(width, 1e-6), "mlp": mlp})
    return chained(forked((chained(attention), ()), "add", ADD), forked(((), places), "add_1", ADD))


def transformer_classifier() -> Network:
    """A classifier of texts of 128 words with two layers of nn.TransformerEncoder (Vaswani et al. 2017)."""
    width, length, vocabulary = 128, 128, 10_000
    words = Embedding(name="", num_embeddings=vocabulary, embedding_dim=width)
    positions = Row(Parameter(name="", shape=(length, width)), "positions")
    layers = numbered(*[_encoder_layer(width, 4, 4 * width)] * 2)
    rows = chained(
        {"embedding": words},
        forked(((), (positions,)), "add", ADD),
        {"dropout": dropout(0.1), "encoder.layers": layers, "mean": Mean(name="", dim=1), "fc": fc(2)},
    )
    return network((length,), rows, 2, words=vocabulary)


def _encoder_layer(width: int, heads: int, hidden: int) -> Block:
    """nn.TransformerEncoderLayer: what is given is added first, then both are normalized."""
    attention = chained({"self_attn": _attention(heads), "dropout1": dropout(0.1)})
    places = {
        "linear1": fc(hidden),
        "relu": RELU,
        "dropout": dropout(0.1),
        "linear2": fc(width),
        "dropout2": dropout(0.1),
    }
    return chained(
        forked(((), attention), "add", ADD),
        {"norm1": _layer_norm(width)},
        forked(((), chained(places)), "add_1", ADD),
        {"norm2": _layer_norm(width)},
    )


def _attention(heads: int) -> Layer:
    return MultiheadAttention(name="", num_heads=heads, batch_first=True)


def _layer_norm(width: int, eps: float = 1e-5) -> Layer:
    return LayerNorm(name="", normalized_shape=width, eps=eps)
