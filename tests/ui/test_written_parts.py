"""What is kept as text is sent as what it was made of, and can still be asked for its values."""

import json

import pytest

from layerscope.changes import ripple
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import views
from layerscope.ui.session import Session
from layerscope.ui.written_parts import Written, write


def test_a_written_part_is_sent_and_read_as_what_it_was():
    part = {"title": "Tensor flow", "x": [1, 2.5], "label": "6×24×24 → 12"}
    written = Written(part)
    assert json.loads(write({"figures": [written, part]})) == {"figures": [part, part]}
    assert {**written} == part
    assert len(written) == 3


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="not JSON serializable: set"):
        write({"figures": {1}})


def test_a_class_that_makes_the_same_move_has_its_pictures_made_once(monkeypatch):
    drawn, flow = [], views._flow

    def counted(session, seen):
        drawn.append(seen)
        return flow(session, seen)

    monkeypatch.setattr(views, "_flow", counted)
    start = PRESETS[DEFAULT].with_argument("conv1", "out_channels", 91)  # no other test looks at it
    for _ in range(30):  # each pupil's page has a network of its own
        session = Session(network=start.with_argument("conv1", "kernel_size", 3))
        for value in range(3, 7):
            now = start.with_argument("conv1", "kernel_size", value)
            views.figures(Session(network=now, before=session.network), ripple(trace(session.network), trace(now)))
    assert len(drawn) == 4
