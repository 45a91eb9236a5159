"""A sentence about a layer names that layer's own type, also where several types share the code that writes it."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from layerscope.catalogue import CATALOGUE, TORCH_LAYERS
from layerscope.layers.base import Layer, Shape
from tests.oracle import random_layer
from tests.rows import values_for

SHAPES: tuple[Shape, ...] = (
    (), (1,), (7,), (8,), (1, 1), (4, 6), (6, 8), (3, 8, 8), (4, 8, 8), (1, 1, 1), (16, 5, 5), (8, 4, 4, 4),
    (2, 2, 2, 2, 2, 2),
)  # fmt: skip
TYPES = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in CATALOGUE))
REMEDIES = {"Unsqueeze", "Flatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d"}
"""Types that a sentence may name as what would work instead."""


def sentences(name: str) -> Iterator[str]:
    """What a type says about itself on shapes that fit and on others, with sound arguments and with others."""
    rng, kind = Random(name), CATALOGUE[name]
    for shape in (*SHAPES, *rng.choices(SHAPES, k=120)):
        layer: Layer | None = None
        with suppress(ValueError):  # arguments that no layer holds
            layer = (
                random_layer(rng, kind, shape or (4,), "it", 0.2)
                if name in TORCH_LAYERS
                else kind(name="it", **values_for(rng, kind, shape or (4,), 0.2))
            )
        if layer is None:
            continue
        count = rng.randint(layer.takes[0], min(layer.takes[1], layer.takes[0] + 2))
        shapes = [shape, *(shape if rng.random() < 0.5 else rng.choice(SHAPES) for _ in range(count - 1))][:count]
        said = layer.complaint(*shapes)
        yield from filter(None, [said, layer.beyond(2**40) if layer.has_sound_values else None])
        if said is None:
            yield from filter(None, [layer.warning(*shapes)])


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_sentence_names_another_type_as_itself(name: str) -> None:
    for sentence in sentences(name):
        named = TYPES.findall(sentence)
        assert {*named} <= {name, *REMEDIES}, sentence
        first = sentence.split(" ", 1)[0]
        assert first not in CATALOGUE or first == name, sentence


def test_many_sentences_are_read() -> None:
    found = Counter({name: len({*sentences(name)}) for name in CATALOGUE})
    assert sum(found.values()) > 1_000
    assert sum(count > 0 for count in found.values()) > 0.8 * len(CATALOGUE)
