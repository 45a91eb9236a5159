"""Where a layer is beyond a limit, buttons lead to what works."""

from typing import Any

import pytest

from layerscope.assignment import Assignment
from layerscope.link import View, decode, encode
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from layerscope.ui import events
from layerscope.ui.inside import card
from layerscope.ui.insides.ways_out import lacking, smaller_input
from layerscope.ui.looking import Looking
from layerscope.ui.session import Session

UNET = PRESETS["unet"]


def opened(network, selected, lens="window") -> Session:
    return Session(network=network, before=network, view=View(selected=selected, chart="inside", lens=lens))


def offers(network, name, lens="window", **options) -> list[tuple[str, Any]]:
    part = card(network, name, Looking(), lens=lens, **options)
    assert part["absent"]
    return [(one["key"], one["value"]) for one in part["offers"]]


@pytest.mark.parametrize("name", ["pool3", "upconv4", "sigmoid"])
def test_a_smaller_input_and_the_last_layer_that_fits_are_offered(name):
    (smaller, _), (select, other) = offers(UNET, name)
    assert (smaller, select) == ("smaller-input", "select")
    assert lacking(UNET, other, "window") == ""
    assert UNET.index(other) < UNET.index(name)
    session = opened(UNET, name)
    events.apply(session, "smaller-input", None, "commit")
    assert session.network.input_shape[1] < 256
    assert trace(session.network).error is None
    assert lacking(session.network, name, "window") == ""
    larger = session.network.input_shape[1] + 32
    beyond = UNET.with_input((3, larger, larger))
    assert larger == 256 or trace(beyond).error is not None or lacking(beyond, name, "window"), "it is the largest"


def test_a_layer_whose_maps_are_too_large_to_draw_leads_to_a_later_one():
    network = decode("1x600x600~Conv2d.2.3~MaxPool2d.4~Conv2d.2.3")
    assert offers(network, "conv1") == [("smaller-input", None), ("select", "conv2")]


def test_weights_that_are_too_many_are_so_on_any_input():
    vit = PRESETS["vit_b_16"]
    assert smaller_input(vit, vit.names[-1], "maps") is None
    ((key, name),) = offers(vit, vit.names[-1], "maps")
    assert key == "select"
    assert card(vit, name, Looking(), lens="maps")["inside"]
    assert offers(vit, "", "class") == [("lens", "maps")]


def test_a_network_that_is_wrong_is_not_helped_by_a_smaller_input():
    assert offers(decode("1x28x28~Conv2d.6.29"), "conv1") == []
    assert offers(UNET, "sigmoid", "class") == []


def test_what_a_teacher_locked_is_not_offered():
    assert [key for key, _ in offers(UNET, "pool3", has_lab=False)] == ["select"]
    session = opened(UNET, "pool3")
    session.adopt(Assignment(encode(UNET), rest="locked"))
    events.apply(session, "smaller-input", None, "commit")
    assert session.network == UNET
