"""Kernels that are set by hand in a link: what it holds is read back as it was, what it leaves out is said."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layerscope import limits
from layerscope.link import View, decode_view, encode_view
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.hands import EVERY, STARTERS, Hand
from layerscope.ui import events
from layerscope.ui.handed import hand_words, hands_of, left_out, said_of, short
from layerscope.ui.inside import card
from layerscope.ui.looking import Looking, linked, opened
from layerscope.ui.session import Session
from tests.ui.test_inside_card import numbers

SEED = PRESETS[DEFAULT]
WEIGHT = st.floats(-limits.INSIDE_WEIGHT.most, limits.INSIDE_WEIGHT.most).map(short)
SIDE = st.integers(1, limits.INSIDE_LINKED.most)


@st.composite
def kernels(draw: st.DrawFn) -> Hand:
    layer = draw(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}(\.[A-Za-z0-9_]{1,5}){0,2}", fullmatch=True))
    filter_, channel = draw(st.integers(0, 99_999)), draw(st.one_of(st.just(EVERY), st.integers(0, 99_999)))
    if draw(st.booleans()):
        return Hand(layer, filter_, channel, draw(st.sampled_from(list(STARTERS))))
    rows, columns = draw(SIDE), draw(SIDE)
    cells = draw(st.lists(WEIGHT, min_size=rows * columns, max_size=rows * columns))
    kernel = tuple(tuple(cells[row * columns :][:columns]) for row in range(rows))
    return Hand(layer, filter_, channel, kernel, draw(st.one_of(st.just(EVERY), st.integers(0, 99_999))))


@given(st.lists(kernels(), max_size=3))
def test_a_link_holds_kernels_as_they_are(hands):
    looking = Looking(hands=tuple(hands))
    view = linked(View(chart="inside"), looking)
    assert decode_view(encode_view(view)) == view
    assert opened(Looking(), view.looked, view.hands) == replace(looking, hands=hands_of(view.hands))
    if not left_out(hands):
        assert hands_of(view.hands) == tuple(hands)
        assert said_of(hands) == ""
    assert sum(map(len, view.hands)) <= limits.INSIDE_LINKED_TEXT.most


def test_the_address_is_read_by_people_too():
    hands = (Hand("conv1", 0, EVERY, "blur"), Hand("layer1.0.conv1", 3, 2, ((1.0, -0.5), (0.00012, -1000.0))))
    assert hand_words(hands) == ("conv1~0~all~blur", "layer1.0.conv1~3~2~1_m0.5~0.00012_m1000")
    code = encode_view(linked(View(), Looking(hands=hands)))
    assert code == "hands-conv1~0~all~blur,layer1-0-conv1~3~2~1_m0-5~0-00012_m1000"


def test_a_kernel_set_on_the_page_is_the_links():
    session = Session(view=View(chart="inside", selected="conv1"))
    events.apply(session, "inside:weights", "vertical", "commit")
    events.apply(session, "inside:filter", 1, "commit")
    events.apply(session, "inside:cell", "0,2,-0.123456", "commit")
    again = opened(Looking(), session.view.looked, decode_view(encode_view(session.view)).hands)
    assert again == session.looking
    shown, wanted = (card(SEED, "conv1", one)["inside"] for one in (again, session.looking))
    assert shown == wanted
    assert numbers(shown["weights"]).reshape(5, 5)[0, 2] == pytest.approx(-0.1235)
    events.apply(session, "inside:seed", 3, "commit")
    assert session.view.hands == ()
    assert opened(again, session.view.looked, session.view.hands) == session.looking


def test_a_renamed_layer_takes_its_kernels_along_in_the_link():
    session = Session(view=View(selected="conv1"))
    events.apply(session, "inside:weights", "blur", "commit")
    session.rename("conv1", "first")
    assert session.view.hands == ("first~0~all~blur",)


def test_what_a_link_leaves_out_is_said_and_stays():
    network = SEED.with_argument("conv1", "kernel_size", 8)
    session = Session(network=network, before=network, view=View(chart="inside", selected="conv1"))
    events.apply(session, "inside:weights", "blur", "commit")
    assert "A link leaves out" not in card(network, "conv1", session.looking)["inside"]["note"]
    events.apply(session, "inside:cell", "0,0,1", "commit")
    assert session.view.hands == ("conv1~0~all~blur",)
    note = card(network, "conv1", session.looking)["inside"]["note"]
    assert note.endswith(limits.INSIDE_LINKED.sentence(name="conv1", found=8))
    assert set(opened(session.looking, session.view.looked, session.view.hands).hands) == set(session.looking.hands)


def test_of_many_kernels_the_newest_have_room():
    kernel = tuple(map(tuple, torch.full((7, 7), -0.1234).tolist()))
    hands = tuple(Hand("conv1", place, 0, kernel) for place in range(limits.INSIDE_HANDS.most))
    words = hand_words(hands)
    assert 0 < len(words) < len(hands)
    assert words[-1].startswith(f"conv1~{limits.INSIDE_HANDS.most - 1}~0~m0.1234_")
    assert left_out(hands) == hands[: -len(words)]
    assert said_of(hands) == limits.INSIDE_LINKED_TEXT.sentence(name="conv1", found=7)
    assert len(encode_view(linked(View(), Looking(hands=hands)))) < limits.LINK.most / 2


@pytest.mark.parametrize(
    "odd",
    [
        "hands-x", "hands-conv1~0~all", "hands-conv1~all~0~blur", "hands-conv1~0~0~", "hands-~0~0~blur",
        "hands-conv1~0~0~1--5", "hands-conv1~999999~0~blur", "hands-conv1~0~0~blur,,", "hands-conv1~0~0~ä",
    ],
)  # fmt: skip
def test_a_damaged_word_is_no_word(odd):
    assert decode_view(odd).hands == () or hands_of(decode_view(odd).hands) == ()


@pytest.mark.parametrize(
    "word",
    [
        "conv1~0~0~odd", "conv1~0~0~1_2~3", "conv1~0~0~1001", "conv1~0~0~nan", "conv1~0~0~1e9", "conv1~0~0~mm1",
        "conv1~0~0~1_", "conv1~0~0~blur~1", "conv1~all~0~blur", "conv1~0~x~blur", "conv1", "",
        "conv1~0~0~" + "_".join("1" * 8), "conv1~0~0~" + "~".join("1" * 8),
    ],
)  # fmt: skip
def test_a_word_beyond_the_bounds_counts_for_nothing(word):
    assert hands_of([word, "conv1~0~all~blur"]) == (Hand("conv1", 0, EVERY, "blur"),)


def test_a_link_has_as_many_kernels_as_are_kept():
    code = "hands-" + ",".join(["conv1~0~all~blur"] * 99)
    assert len(decode_view(code).hands) == limits.INSIDE_HANDS.most
