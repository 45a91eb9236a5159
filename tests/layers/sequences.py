"""Random rows that read sequences or pairs, with the shapes of their inputs, and what torch really makes of them."""

from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from layerscope.catalogue import CATALOGUE, GROUPS
from layerscope.layers.base import Layer, Shape
from layerscope.parameter import Kind

BATCHES = (2, 3)
ROWS = {kind.__name__: kind for name in ("Sequences", "Attention") for kind in GROUPS[name]} | {
    name: CATALOGUE[name] for name in ("Bilinear", "CosineSimilarity", "PairwiseDistance")
}
SMALL: dict[str, tuple[Any, ...]] = {
    "hidden_size": (1, 2, 3, 5, 8),
    "proj_size": (0, 0, 1, 2, 4),
    "num_layers": (1, 1, 2, 3),
    "num_encoder_layers": (1, 2),
    "num_decoder_layers": (1, 2),
    "num_heads": (1, 2, 2, 3),
    "nhead": (1, 2, 2, 3),
    "dim_feedforward": (1, 5, 8),
    "num_embeddings": (1, 4, 9),
    "embedding_dim": (1, 3, 6),
    "padding_idx": (None, None, 0, -1, 3, 8),
    "out_features": (1, 4, 7),
    "dim": (1, 1, 2, -1, -2, 0, 4),
    "p": (2.0, 1, 0, -1),
    "scale": (None, 0.5),
}


class Real(NamedTuple):
    """What really happened: each output's shape, and the number of learnable values."""

    shapes: tuple[Shape, ...] = ()
    parameters: int = 0
    words: str = ""


def random_row(rng: Random, layer_type: type[Layer]) -> tuple[Layer, tuple[Shape, ...]]:
    """A row of that type with the shapes of its inputs, most of which fit."""
    values = {name: _value(rng, name, layer_type) for name in layer_type.parameters()}
    layer = layer_type(name="row", **values)
    shapes = _shapes(rng, layer)
    if rng.random() < 0.25:
        place = rng.randrange(len(shapes))
        shapes[place] = _changed(rng, shapes[place])
    return layer, tuple(shapes)


def _value(rng: Random, name: str, layer_type: type[Layer]) -> Any:
    parameter = layer_type.parameters()[name]
    if name in SMALL:
        return rng.choice(SMALL[name])
    if parameter.kind is Kind.SWITCH:
        return rng.random() < 0.5
    if parameter.kind is Kind.CHOICE:
        return rng.choice(parameter.words)
    return rng.choice((layer_type.usual(name), min(parameter.high, 0.25)))


def _shapes(rng: Random, layer: Layer) -> list[Shape]:
    length, other, width = rng.randint(1, 6), rng.randint(1, 6), rng.choice((1, 2, 4, 6, 12))
    many = rng.random() < 0.5
    match layer.type:
        case "Embedding":
            return [tuple(rng.randint(1, 5) for _ in range(rng.randint(0, 3)))]
        case "EmbeddingBag":
            return [(length,)]
        case "RNN" | "GRU" | "LSTM":
            return [(length, width), *_states(layer, many)]
        case "RNNCell" | "GRUCell":
            return [(width,), *[(layer.chosen["hidden_size"],)] * many]
        case "LSTMCell":
            return [(width,), *[(layer.chosen["hidden_size"],)] * 2 * many]
        case "MultiheadAttention":
            keys = (other, rng.choice((width, 3))), (other, rng.choice((width, 5)))
            return [(length, width), *keys] if many else [(length, width)]
        case "ScaledDotProductAttention":
            leading: Shape = rng.choice(((), (1,), (2,), (4,), (2, 3)))
            shared = tuple(rng.choice((size, size, 1)) for size in leading)
            read: list[Shape] = [(*shared, other, width), (*shared, other, rng.randint(1, 5))]
            return [(*leading, length, width), *(read if many else [])]
        case "TransformerDecoderLayer" | "TransformerDecoder" | "Transformer":
            return [(length, width), (other, width)]
        case "TransformerEncoderLayer" | "TransformerEncoder":
            return [(length, width)]
        case "Bilinear":
            leading = tuple(rng.randint(1, 4) for _ in range(rng.randint(0, 2)))
            return [(*leading, width), (*leading, rng.randint(1, 5))]
    shape = tuple(rng.randint(1, 5) for _ in range(rng.randint(1, 3)))
    return [shape, tuple(rng.choice((size, size, size, 1)) for size in shape)]


def _states(layer: Layer, many: bool) -> list[Shape]:
    if not many:
        return []
    _, *ports = layer.port_formulas((1, 1))
    return [tuple(size.value for size in port) for port in ports]


def _changed(rng: Random, shape: Shape) -> Shape:
    """The shape with another size; the number of axes stays: there torch takes other things for the batch."""
    if not shape:
        return shape
    axis = rng.randrange(len(shape))
    return (*shape[:axis], rng.choice((1, 2, 3, 4, 5, 6)), *shape[axis + 1 :])


def kinds_of(layer: Layer, shapes: tuple[Shape, ...]) -> tuple[bool, ...]:
    """Whether each input holds indices."""
    return (layer.wants == "indices",) * len(shapes)


def samples(layer: Layer, shapes: tuple[Shape, ...], batch: int, device: str = "cpu") -> list[Tensor]:
    """Inputs as a network has them: the batch in front."""
    if layer.wants == "indices":
        return [torch.randint(layer.chosen["num_embeddings"], (batch, *shape), device=device) for shape in shapes]
    return [torch.rand(batch, *shape, device=device) for shape in shapes]


def really(layer: Layer, shapes: tuple[Shape, ...]) -> Real:
    """Build the module as torch initialises it and run it on batches of 2 and 3.

    Each sample must come out as it does alone, else samples were mixed up.
    """
    try:
        module = layer.torch_class(**layer.arguments(*shapes)).eval()
        left = []
        with torch.no_grad():
            for batch in BATCHES:
                given = samples(layer, shapes, batch)
                together = layer.unpack(layer.call(module, *given))
                for place in range(batch):
                    alone = layer.unpack(layer.call(module, *(tensor[place : place + 1] for tensor in given)))
                    for some, one in zip(together, alone, strict=True):
                        torch.testing.assert_close(some[place], one[0], atol=1e-4, rtol=1e-4, equal_nan=True)
                left.append([(tensor.shape[0], tuple(tensor.shape[1:])) for tensor in together])
    except AssertionError as error:
        return Real(words=f"samples are mixed up, or torch asserts: {error}")
    except Exception as error:
        return Real(words=f"{type(error).__name__}: {error}")
    shapes_left = [tuple(shape for _, shape in tensors) for tensors in left]
    assert [[size for size, _ in tensors] for tensors in left] == [[batch] * len(left[0]) for batch in BATCHES]
    assert shapes_left[0] == shapes_left[1]
    return Real(shapes_left[0], sum(parameter.numel() for parameter in module.parameters()))


def counted(layer: Layer, shapes: tuple[Shape, ...]) -> int:
    """What torch's counter says of one sample where it sees every product: on the meta device, in training mode.

    On the CPU it sees none inside oneDNN's LSTM, flash attention and the fast path of Transformer layers.
    """
    arguments = layer.arguments(*shapes)
    for name in ("dropout", "dropout_p"):
        if name in arguments:
            arguments[name] = 0.0
    takes_device = "device" in type(layer)._signature()
    module = layer.torch_class(**arguments, **({"device": "meta"} if takes_device else {})).train()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        layer.call(module, *samples(layer, shapes, 1, "meta"))
    assert counter.get_total_flops() % 2 == 0
    return int(counter.get_total_flops()) // 2


def with_new(layer: Layer, **values: Any) -> Layer:
    """The layer with other arguments."""
    return replace(layer, **values)
