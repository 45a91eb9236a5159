"""What rows of sequences say where they do not fit, what they warn of, and what asking about large ones costs."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.asking import ask, forget
from layerscope.catalogue import CATALOGUE
from layerscope.interchange import from_json, to_json
from layerscope.layers.base import Layer, Shape
from layerscope.link import decode, encode
from layerscope.network import Input, Network
from layerscope.tracing import trace
from layerscope.unfilled import build
from tests.large import one_in
from tests.layers.sequences import counted

LIMIT = 1.0


def new(kind: str, name: str = "it", **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def asked(layer: Layer, *shapes: Shape) -> Any:
    with torch.no_grad():
        return ask(layer, *shapes, kinds=(layer.wants == "indices",) * len(shapes))


@pytest.mark.parametrize(
    ("layer", "shapes", "sentence"),
    [
        (new("LSTM"), [(30,)], "LSTM expects (length, features) but gets a flat vector of 30 values."),
        (new("GRU"), [(3, 8, 8)], "GRU expects (length, features) but gets 3×8×8."),
        (new("LSTM"), [(5, 8), (1, 64)], "LSTM takes both h_0 and c_0 or neither; only one state is given."),
        (new("GRU", num_layers=2), [(5, 8), (1, 64)], "GRU expects h_0 to be 2×64 but gets 1×64."),
        (
            new("LSTM", proj_size=64),
            [(5, 8)],
            "proj_size must be smaller than hidden_size, 64; proj_size is 64.",
        ),
        (new("RNN", num_layers=97), [(5, 8)], "num_layers is 97; the limit is 96."),
        (new("LSTMCell"), [(5, 8)], "LSTMCell expects (features), one step of a sequence, but gets 5×8."),
        (new("GRUCell"), [(8,), (5,)], "GRUCell expects h_0 to be 64 values but gets 5."),
        (
            new("Embedding", num_embeddings=10, padding_idx=10),
            [(5,)],
            "padding_idx is 10, but num_embeddings is 10: 0 to 9 would work.",
        ),
        (
            new("EmbeddingBag", mode="max", sparse=True),
            [(5,)],
            'sparse does not work with mode="max"; "sum" or "mean" would work.',
        ),
        (
            new("MultiheadAttention", num_heads=3),
            [(5, 8)],
            "num_heads must divide embed_dim 8: 1, 2, 4, 8; num_heads is 3.",
        ),
        (
            new("MultiheadAttention"),
            [(5, 8), (7, 8)],
            "MultiheadAttention takes one input, which attends to itself, or three: query, key and value; it gets two.",
        ),
        (
            new("MultiheadAttention"),
            [(5, 8), (7, 8), (6, 8)],
            "Each key needs its value, but the key has length 7 and the value 6.",
        ),
        (
            new("ScaledDotProductAttention"),
            [(2, 5, 4), (2, 7, 3), (2, 7, 4)],
            "A query has 4 features and a key 3; both must have the same number.",
        ),
        (
            new("ScaledDotProductAttention"),
            [(2, 5, 4), (2, 7, 4), (2, 6, 4)],
            "Each key needs its value, but the key has length 7 and the value 6.",
        ),
        (
            new("ScaledDotProductAttention", enable_gqa=True),
            [(3, 5, 4), (2, 7, 4), (2, 7, 4)],
            "enable_gqa shares heads: the query's 3 must be a multiple of the key's 2.",
        ),
        (
            new("TransformerDecoderLayer"),
            [(5, 8), (7, 6)],
            "Both sequences must have d_model features, but one has 8 and one 6.",
        ),
        (new("TransformerEncoder", nhead=3), [(5, 8)], "nhead must divide d_model 8: 1, 2, 4, 8; nhead is 3."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(layer, shapes, sentence):
    assert asked(layer, *shapes).message == sentence


@pytest.mark.parametrize("kind", ["LSTM", "MultiheadAttention", "TransformerEncoderLayer"])
def test_a_length_before_the_batch_is_warned_of(kind):
    """torch's default order runs on a batch in front too, and mixes samples and steps up in silence."""
    told = new(kind, batch_first=False).warning((5, 8))
    assert told is not None
    assert told.startswith(f"batch_first is False, so {kind} expects (length, batch, features).")
    assert new(kind).warning((5, 8)) is None


def test_dropout_that_does_nothing_is_warned_of():
    assert "num_layers is 1: it does nothing" in str(new("LSTM", dropout=0.5).warning((5, 8)))
    assert new("LSTM", dropout=0.5, num_layers=2).warning((5, 8)) is None


def test_a_classifier_of_texts():
    """Indices, a table of vectors, a recurrent layer with three outputs of which one is read by its name."""
    network = Network(
        (20,),
        (
            new("Embedding", "embedding1", num_embeddings=1_000, embedding_dim=64),
            new("LSTM", "lstm1", hidden_size=128, num_layers=2, bidirectional=True),
            replace(new("Linear", "fc1", out_features=5), inputs=("lstm1:h_n",)),
        ),
        inputs=(Input("text", (20,), "indices", 1_000),),
    )
    traced = trace(network)
    assert traced.error is None
    assert traced.agrees
    steps = traced.by_name
    assert steps["lstm1"].output_shapes == ((20, 256), (4, 128), (4, 128))
    assert (steps["embedding1"].parameters, steps["embedding1"].macs) == (64_000, 0)
    assert steps["lstm1"].parameters == sum(
        weight.numel() for weight in nn.LSTM(64, 128, 2, bidirectional=True).parameters()
    )
    assert steps["lstm1"].decisions["input_size"].by == "embedding1"
    assert traced.output_shape == (4, 5)
    assert decode(encode(network)) == network == from_json(to_json(network))


def test_the_layer_that_decides_each_width_of_an_attention():
    network = Network(
        (5, 8),
        (
            new("Linear", "keys", out_features=3),
            replace(new("Linear", "values", out_features=4), inputs=("input",)),
            replace(new("MultiheadAttention", "attention1"), inputs=("input", "keys", "values")),
        ),
    )
    step = trace(network).by_name["attention1"]
    assert [step.arguments[name] for name in ("embed_dim", "kdim", "vdim")] == [8, 3, 4]
    assert [step.decisions[name].by for name in ("embed_dim", "kdim", "vdim")] == ["", "keys", "values"]


def test_torchs_own_transformer_has_as_many_parameters():
    """44,140,544: nn.Transformer() as it is; 85,054,464: the encoder of BERT's smaller size."""
    answer = asked(CATALOGUE["Transformer"](name="it"), (10, 512), (20, 512))
    assert (answer.parameters, answer.output_shape) == (44_140_544, (20, 512))
    bert = new("TransformerEncoder", nhead=12, num_layers=12, dim_feedforward=3_072)
    assert asked(bert, (128, 768)).parameters == 85_054_464


GIANTS: dict[str, tuple[Layer, list[Shape]]] = {
    "a long sequence": (new("LSTM", num_layers=96, bidirectional=True), [(65_536, 64)]),
    "a wide state": (new("GRU", hidden_size=65_536), [(65_536, 65_536)]),
    "attention on everything": (new("MultiheadAttention", num_heads=64), [(65_536, 65_536)]),
    "a causal mask": (new("ScaledDotProductAttention", is_causal=True), [(16, 65_536, 64)]),
    "a large vocabulary": (new("Embedding", num_embeddings=2**24, embedding_dim=65_536), [(65_536,)]),
    "a tall stack": (new("TransformerEncoder", num_layers=96, dim_feedforward=64), [(65_536, 64)]),
    "a padding of volumes": (new("ReflectionPad3d", padding=1_024), [(1, 65_536, 65_536, 65_536)]),
    "columns": (new("Unfold", kernel_size=1_024), [(65_536, 4_096, 4_096)]),
}


@pytest.mark.parametrize("key", GIANTS)
def test_giants_cost_no_time(key):
    nn.Linear(1, 1, device="meta")(torch.empty(0, 1, device="meta"))  # the first use of that device takes a second
    forget()
    layer, shapes = GIANTS[key]
    start = time.process_time()
    answer = asked(layer, *shapes)
    assert time.process_time() - start < LIMIT
    assert answer.message is None or "Layerscope follows" in answer.message
    assert all(check.agrees for check in answer.checks)


@pytest.mark.parametrize("kind", one_in(3, [name for name, layer_type in CATALOGUE.items() if layer_type.repeats]))
def test_a_stack_of_96_equal_layers_is_asked_as_one_and_counted_as_all(kind: str) -> None:
    layer = new(kind, nhead=2, dim_feedforward=24)
    for argument in layer.repeats:
        layer = layer.with_chosen(argument, 96)
    shapes = [(5, 16), (7, 16)][: layer.takes[1]]
    asked(layer.with_chosen("nhead", 4), *shapes)
    forget()
    began = time.process_time()
    answer = asked(layer, *shapes)
    assert time.process_time() - began < 0.05, "building them all takes longer"
    module = layer.torch_class(**layer.arguments(*shapes), device="meta")
    assert answer.parameters == sum(value.numel() for value in module.parameters())
    assert answer.macs == counted(layer, tuple(shapes))
    assert answer.checks
    assert all(check.agrees for check in answer.checks)


def test_parts_are_left_unfilled_in_this_thread_only():
    """While one thread builds a stack without filling it, another one's weights are drawn as ever."""
    layer = new("TransformerEncoder", num_layers=8, dim_feedforward=16)
    arguments = layer.arguments((5, 16))
    stop, unfilled = threading.Event(), []

    def fill() -> None:
        while not stop.is_set():
            unfilled.append(bool((nn.Linear(8, 8).weight == 0).all()) or nn.LayerNorm(8).weight.sum().item() != 8)

    other = threading.Thread(target=fill)
    other.start()
    for _ in range(20):
        build(layer, arguments)
    stop.set()
    other.join()
    assert unfilled
    assert not any(unfilled)
    state = torch.get_rng_state()
    build(layer, arguments)
    assert torch.equal(torch.get_rng_state(), state), "and nothing was drawn"
