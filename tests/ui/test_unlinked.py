"""What a link does not hold is said where it is copied; what it does hold, is not."""

from dataclasses import replace
from random import Random
from string import ascii_letters

import pytest

from layerscope import limits
from layerscope.layers.activation import ReLU
from layerscope.link import LinkError, decode, encode
from layerscope.network import Network
from layerscope.study.hands import Hand
from layerscope.ui import unlinked
from layerscope.ui.looking import Looking, linked, opened
from layerscope.ui.session import Session
from tests.drawn import handed
from tests.test_pages import at_page, moved, rerun, session
from tests.test_pages import opened as explore

LARGE = Hand("conv1", 0, 0, ((0.5,) * (limits.INSIDE_LINKED.most + 1),) * 2)
LOOKS = [
    (Looking("own-abc"), "maps", ("your image",)),
    (Looking("own-abc"), "weights", ()),
    (Looking("drawn-abc", file="weights-abc"), "class", ("your drawing", "your weights")),
    (Looking(file="trained-abc"), "weights", ("the trained weights",)),
    (Looking(hands=(LARGE,)), "window", ("a kernel set by hand",)),
    (Looking(hands=(LARGE, replace(LARGE, filter=1))), "window", ("2 kernels set by hand",)),
    (Looking(excites="fashion-mnist"), "excites", ("the set of images",)),
    (Looking("digits.17", 3, 1, 0, (Hand("conv1", 0, -1, "blur"),), wanted=2, cell=(3, 4)), "window", ()),
]


@pytest.mark.parametrize(("looking", "lens", "missing"), LOOKS)
def test_what_a_link_leaves_out_is_named(looking, lens, missing):
    here = Session()
    here.looking = looking
    here.view = linked(replace(here.view, chart="inside", lens=lens), looking)
    assert unlinked.inside(here) == missing
    if not missing:  # another visitor sees the same
        used = looking if lens != "weights" else replace(looking, image="digit")
        assert opened(Looking(), here.view.looked, here.view.hands) == used
    here.view = replace(here.view, chart="macs")
    assert unlinked.inside(here) == ()


def said(app):
    (data,) = handed(app, "copy_link")
    return data["without"]


def test_the_button_of_explore_says_what_its_link_lacks():
    app = explore(view="selected-conv1.chart-inside")
    assert said(app) == ""
    session(app).looking = Looking("own-abc", file="weights-abc")
    assert said(rerun(app)) == "without your image and your weights"


def test_pages_of_the_lab_say_it_too():
    assert said(at_page("train")) == ""
    assert said(at_page("train", data="own")) == "without your images"
    assert said(at_page("compare")) == ""
    rng = Random(1)
    words = ("".join(rng.choices("abcdefghij", k=20)) for _ in range(500))
    long = Network((4, 8, 8), tuple(ReLU(name=word) for word in words))
    app = explore()
    session(app).network = session(app).beginning = long
    assert said(moved(app, "compare")) == f"without {unlinked.NETWORK_A}"


def test_a_network_that_no_link_holds_is_named():
    rng = Random(1)
    words = ("".join(rng.choices(ascii_letters, k=60)) for _ in range(900))
    long = Network((4, 8, 8), tuple(ReLU(name=word) for word in words))
    with pytest.raises(LinkError):
        decode(encode(long))
    app = explore()
    session(app).network = long
    assert said(rerun(app)) == f"without {unlinked.NETWORK}"
    assert said(moved(app, "memory")) == f"without {unlinked.NETWORK}"
