"""The pictures of a step's memory."""

from typing import Any

import pytest

from layerscope.figures import memory as pictures
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.cards import GIGABYTE, card_bytes
from layerscope.study.estimate import Memory
from layerscope.study.memory import training_memory


@pytest.fixture(scope="module")
def needs() -> Memory:
    return training_memory(PRESETS[DEFAULT], batch=64, optimizer="Adam")


def texts(figure: dict[str, Any]) -> list[str]:
    return [each["text"] for each in figure["layout"]["annotations"]]


def test_a_line_where_a_card_ends_says_its_size_in_both_units(needs):
    """A card of 16 GB holds 16 · 2³⁰ bytes, and the axis counts in 10⁹."""
    card = 2 * needs.peak
    said = f"the card: {card / GIGABYTE:g} GiB = "
    assert [text for text in texts(pictures.step(needs, card)) if text.startswith(said)]
    assert [text for text in texts(pictures.bar(needs, card)) if text.startswith(said)]
    large = training_memory(PRESETS[DEFAULT], batch=384_000, optimizer="Adam")
    assert "the card: 16 GiB = 17.2 GB" in texts(pictures.step(large, card_bytes(16)))


def test_a_card_far_beyond_the_peak_has_neither_line_nor_words(needs):
    for picture in (pictures.bar(needs, 16 * GIGABYTE), pictures.step(needs, 16 * GIGABYTE)):
        assert not [text for text in texts(picture) if "card" in text]


def test_the_bar_names_no_card_where_there_is_no_room_beside_it(needs):
    assert not [text for text in texts(pictures.bar(needs, needs.peak + 1)) if "card" in text]
    assert not [text for text in texts(pictures.bar(needs, needs.peak - 1)) if "card" in text]
