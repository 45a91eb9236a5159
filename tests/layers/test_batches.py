"""Every layer type on batches of nothing and of three samples, beside what it is asked to say of itself."""

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest
import torch

from layerscope.asking import Answer, ask
from layerscope.catalogue import CATALOGUE, MEASURED
from layerscope.layers.base import Layer, Shape
from tests import rows
from tests.layers import sequences
from tests.oracle import CHAINED, SEQUENCES, random_layer, random_shape

TYPES = {name: kind for name, kind in CATALOGUE.items() if kind not in MEASURED}
BATCHES = (0, 3)
ENOUGH, MOST_TRIED = 12, 400


def random_row(rng: Random, name: str) -> tuple[Layer, tuple[Shape, ...]]:
    """A layer of that type with shapes for its inputs, from the generator that knows it."""
    if name in sequences.ROWS:
        return sequences.random_row(rng, CATALOGUE[name])
    if name in rows.ROWS:
        return rows.random_row(rng, CATALOGUE[name], bad=0)
    if name == "Fold":
        fold = CATALOGUE[name].fresh("it").with_chosen("output_size", (4, 5)).with_chosen("kernel_size", 2)
        return fold, ((8, 12),)
    shape = random_shape(rng, SEQUENCES.get(name, CHAINED[name].dims or None))
    return random_layer(rng, CHAINED[name], shape, bad=0), (shape,)


def running(name: str) -> Iterator[tuple[Layer, tuple[Shape, ...], Answer]]:
    """Random rows of that type that run, with what is said of them."""
    for number in range(MOST_TRIED):
        layer, shapes = random_row(Random(number), name)
        with torch.no_grad():
            answer = ask(layer, *shapes, kinds=(layer.wants == "indices",) * len(shapes))
        if answer.message is None:
            yield layer, shapes, answer


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.filterwarnings("ignore")  # torch's remarks about odd arguments
def test_a_layer_gives_what_it_says_for_no_samples_and_for_three(name: str) -> None:
    """A type that no generator knows fails here."""
    found = list(islice(running(name), ENOUGH))
    assert found, "none that runs"
    for layer, shapes, answer in found:
        for batch in BATCHES:
            module = layer.torch_class(**answer.arguments).eval()
            if not batch:
                layer.prepare(module, *shapes)
            kind = torch.int64 if layer.wants == "indices" else torch.float32
            given: list[Any] = [torch.zeros(batch, *shape, dtype=kind) for shape in shapes]
            with torch.no_grad():
                results = layer.unpack(layer.call(module, *(given or [batch])))
            assert [tuple(result.shape) for result in results] == [(batch, *shape) for shape in answer.output_shapes]
