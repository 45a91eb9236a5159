"""Rows that a live model gave and no row type says: the page tells what they are, and has nothing to move."""

import pytest

from layerscope.catalogue import CATALOGUE, MEASURED
from layerscope.changes import ripple
from layerscope.layers.convolution import Conv2d
from layerscope.layers.opaque import Constant, Opaque
from layerscope.link import decode, encode
from layerscope.network import Network
from layerscope.parameter import Role
from layerscope.tables import reasons
from layerscope.tracing import trace
from layerscope.ui.events import apply
from layerscope.ui.panel import panel
from layerscope.ui.session import Session

NETWORK = Network(
    (4, 8, 8),
    (
        Conv2d(name="conv1", out_channels=4, kernel_size=1),
        Opaque(name="roi", called="roi_align", gives=(3, 4, 2, 2), weights=5, macs=7, reads=(3, 4, 8, 8)),
        Constant(name="grid", called="Buffer", gives=(3, 4, 2, 2)),
        CATALOGUE["Add"](name="add1", inputs=("roi", "grid")),
    ),
)


def shown(name):
    session = Session(network=decode(encode(NETWORK)))
    session.select(name)
    now = trace(session.network)
    part = panel(session, ripple(now, now))
    assert part is not None
    return session, part


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roi", "4×8×8 → 4×2×2. No layer type here does what roi_align does. Its sizes and counts are what PyTorch "
         "gave for this call, so there is nothing to change here."),
        ("grid", "→ 4×2×2. Buffer: the model makes it without any input, so there is nothing to change here."),
    ],
)  # fmt: skip
def test_the_panel_says_what_a_measured_row_is_and_offers_no_slider(name, text):
    _, part = shown(name)
    assert part["controls"] == []
    assert part["text"] == text
    assert [action["key"] for action in part["actions"]] == ["move_up", "move_down", "duplicate", "remove"]


def test_no_event_changes_what_was_measured():
    session, _ = shown("roi")
    for key in ("roi.weights", "roi.macs", "none:roi.macs"):
        apply(session, key, 3, "commit")
        assert session.network == NETWORK
        assert session.notice == "Opaque has no parameter of that name to choose."
        session.notice = ""


def test_the_table_of_reasons_says_that_the_model_decided():
    rows = {row[:2]: row[3:] for row in reasons(trace(NETWORK)).rows}
    assert rows["roi", "called"] == ("the model", "What the model calls here")
    assert rows["roi", "gives"] == ("the model", "roi_align made 4×2×2 of 4×8×8")
    assert rows["roi", "reads"] == ("the model", "roi_align read 4×8×8")
    assert rows["roi", "weights"] == ("the model", "roi_align has 5 parameters")
    assert rows["roi", "macs"] == ("the model", "PyTorch counts 7 multiply-accumulates for roi_align")
    assert rows["grid", "gives"] == ("the model", "Buffer made 4×2×2")
    assert rows["grid", "weights"] == ("the model", "Buffer has 0 parameters")
    assert rows["conv1", "out_channels"][0] == "you"
    assert {
        d.role for step in trace(NETWORK).steps if isinstance(step.layer, MEASURED) for d in step.decisions.values()
    } == {Role.MODEL}


def test_every_measured_type_and_no_other_says_where_it_comes_from():
    assert {kind for kind in CATALOGUE.values() if kind.fresh("row").origin} == set(MEASURED)
