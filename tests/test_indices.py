"""Indices that are too large for the table that looks them up: torch is asked with real ones."""

from random import Random
from typing import Any

import pytest
import torch

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Input, Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace


def row(kind: str, name: str, *reads: str, **values: Any) -> Layer:
    return CATALOGUE[kind](name=name, inputs=reads, **values)


def table(entries: int, *reads: str, kind: str = "Embedding", name: str = "table") -> Layer:
    return row(kind, name, *reads, num_embeddings=entries, embedding_dim=3)


MOVING: dict[str, tuple[Layer, ...]] = {
    "words": (),
    "words and tags": (row("Concat", "both", "words", "tags", dim=1),),
    "tags": (row("Reshape", "moved", "tags", shape=(6,)),),
    "half": (row("Chunk", "halves", "words", chunks=2), row("Unsqueeze", "axis", "halves:1", dim=1)),
}


def largest(network: Network) -> torch.Tensor:
    """What reaches the last row where each input holds its largest index everywhere."""
    held = {given.name: torch.full((2, *given.shape), (given.high or 1) - 1) for given in network.inputs}
    for step in trace(network.upto(len(network.layers) - 1)).steps:
        module = step.layer.torch_class(**step.arguments)
        ports = [f"{step.name}:{port}" for port in step.layer.ports] or [step.name]
        made = step.layer.unpack(step.layer.call(module, *(held[name] for name in step.sources)))
        held.update(zip(ports, made, strict=True))
    return held[network.before(network.names[-1])[0]]


@pytest.mark.parametrize("kind", ["Embedding", "EmbeddingBag"])
@pytest.mark.parametrize("way", MOVING)
def test_the_trace_refuses_what_torch_refuses_and_its_repairs_run(way: str, kind: str) -> None:
    refused = 0
    for seed in range(20):
        rng = Random(seed)
        given = (
            Input("words", (6,), "indices", rng.randint(1, 9)),
            Input("tags", (6,), "indices", rng.choice((None, rng.randint(1, 9)))),
        )
        moving = () if kind == "EmbeddingBag" and way == "half" else MOVING[way]
        rows = (*moving, table(rng.randint(1, 9), *(() if moving else ("words",)), kind=kind))
        network = Network((6,), rows, None, given)
        read, says = largest(network), ""
        if way == "words and tags" and given[1].high is None:
            read = torch.zeros_like(read)  # nobody said how large the tags are
        try:
            rows[-1].torch_class(rows[-1].chosen["num_embeddings"], 1)(read)
        except (IndexError, RuntimeError) as refusal:
            says = str(refusal)
        error = trace(network).error
        assert (error is not None) == bool(says), network
        if error is not None:
            refused += 1
            assert says[:6] == error.torch_message[:6]
            assert [repair.complete for repair in error.repairs[:2]] == [True, True]
            assert error.repairs[0].label.startswith("num_embeddings ")
            assert error.repairs[1].label.startswith("indices below ")
    assert refused > 2


def test_what_is_said_of_a_table_that_is_too_small() -> None:
    error = trace(PRESETS["textcnn"].with_argument("embedding", "num_embeddings", 5_000)).error
    assert error is not None
    assert error.message == (
        "Embedding takes indices from 0 to 4,999, as num_embeddings is 5,000, but the input holds indices up to 19,999."
    )
    assert error.torch_message == "index out of range in self"
    assert [repair.label for repair in error.repairs] == ["num_embeddings 20,000", "indices below 5,000 in the input"]
    assert error.repairs[0].network == PRESETS["textcnn"]


def test_a_table_that_is_called_again_is_enlarged_where_it_is() -> None:
    again = row("Embedding", "again", "tags", num_embeddings=9, embedding_dim=3, of="table")
    given = (Input("words", (6,), "indices", 9), Input("tags", (6,), "indices", 12))
    error = trace(Network((6,), (table(9, "words"), again), None, given)).error
    assert error is not None
    assert error.repairs[0].label == "num_embeddings 12 in table"
