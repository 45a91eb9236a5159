"""The pictures of a step's memory."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.figures import byte_marks
from layerscope.figures import memory as pictures
from layerscope.figures.theme import TEXT, WRONG
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.cards import CONTEXT, GIB, card_bytes, room_on
from layerscope.study.estimate import Memory
from layerscope.study.memory import training_memory


@pytest.fixture(scope="module")
def needs() -> Memory:
    return training_memory(PRESETS[DEFAULT], batch=64, optimizer="Adam")


def texts(figure: dict[str, Any]) -> list[str]:
    return [each["text"] for each in figure["layout"]["annotations"]]


def test_each_part_of_the_bar_is_named_in_it_and_beside_it(needs):
    """In the bar's order and colors; Plotly leaves out what has no room in a part."""
    for moment in (None, *needs.moments):
        figure, key = pictures.bar(needs, moment=moment), pictures.bar_key(needs, moment)
        drawn = [bar for bar in figure["data"] if bar["x"][0]]
        assert [entry["color"] for entry in key] == [bar["marker"]["color"] for bar in drawn]
        assert [entry["label"] for entry in key] == [bar["text"][0].replace("<br>", " ") for bar in drawn]
        assert figure["layout"]["uniformtext"]["mode"] == "hide"


SAID = "the card: 16 GiB − 512 MiB for the CUDA context"


@pytest.fixture(scope="module")
def large() -> Memory:
    return training_memory(PRESETS[DEFAULT], batch=200_000, optimizer="Adam")


def test_a_line_where_the_room_on_a_card_ends_names_what_is_left_for_the_context(large):
    card = card_bytes(16)
    bar, step = (picture(large, card) for picture in (pictures.bar, pictures.step))
    assert SAID in texts(step)
    assert [shape["y0"] for shape in step["layout"]["shapes"] if shape.get("y0") == shape.get("y1")] == [room_on(card)]
    assert SAID in texts(bar)
    line, context = bar["layout"]["shapes"]
    assert line["x0"] == line["x1"] == context["x0"] == card - CONTEXT
    assert context["x1"] == card


@pytest.mark.parametrize("batch", [1, 64, 3_000, 300_000])
def test_marks_are_round_in_the_unit_that_they_are_written_in(batch):
    memory = training_memory(PRESETS[DEFAULT], batch=batch)
    for axis in (pictures.bar(memory)["layout"]["xaxis"], *(
        picture["layout"]["yaxis"] for picture in (pictures.step(memory), pictures.rows(memory))
    )):  # fmt: skip
        assert 3 <= len(axis["tickvals"]) <= 6
        for mark, words in zip(axis["tickvals"], axis["ticktext"], strict=True):
            number, _, unit = words.partition(" ")
            assert float(number) * {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit] == mark


@given(st.floats(1, 1e15), st.floats(1, 1e15))
def test_marks_of_bytes_lie_between_the_ends(one, other):
    low, top = sorted((one, other))
    for found in (byte_marks.axis(low, top), byte_marks.axis(0, top), byte_marks.log_axis(low, top)):
        assert len(found["ticktext"]) == len(set(found["ticktext"])) == len(found["tickvals"]) <= 8
    assert all(low <= mark <= top for mark in byte_marks.linear(low, top))
    assert len(byte_marks.linear(0, top)) >= 2


def test_a_card_far_beyond_the_peak_has_neither_line_nor_words(needs):
    for picture in (pictures.bar(needs, 16 * GIB), pictures.step(needs, 16 * GIB)):
        assert not [text for text in texts(picture) if "card" in text]


def test_the_bar_names_no_card_where_there_is_no_room_beside_it(large):
    for card in (large.peak + CONTEXT + 1, large.peak + CONTEXT - 1, large.peak - 1):
        assert not [text for text in texts(pictures.bar(large, card)) if "card" in text]


def test_what_does_not_fit_beside_the_context_has_a_red_line(large):
    for card, color in ((large.peak + CONTEXT, TEXT), (large.peak + CONTEXT - 1, WRONG)):
        for picture in (pictures.bar(large, card), pictures.step(large, card)):
            assert color in [shape["line"].get("color") for shape in picture["layout"]["shapes"]]
