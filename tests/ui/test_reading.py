"""A component's value is what Streamlit shows of it, and takes no class of its own."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.components.v2.bidi_component import main
from streamlit.components.v2.presentation import make_bidi_component_presenter

from layerscope.ui.stage import reading

EVENT = {"event": "event", "value": {"key": "conv1.kernel_size", "value": 3}}


class _Sent(dict[str, Any]):
    """What the browser sent, as Streamlit keeps it for a run."""

    widget_metadata = {"events": SimpleNamespace(value_type="json_trigger_value")}  # noqa: RUF012


@pytest.mark.parametrize("value", [{}, {"open": True}, {"event": "its own"}, None, "text"])
@pytest.mark.parametrize(
    "sent",
    [{}, {"events": None}, {"events": []}, {"events": EVENT}, {"events": [EVENT]}, {"events": [EVENT, "no event"]},
     {"events": [EVENT, {"event": "event", "value": 2}]}, {"events": [{"event": "bare"}]}],
)  # fmt: skip
def test_it_is_what_streamlit_shows(value, sent):
    state: Any = SimpleNamespace(_new_widget_state=_Sent(sent))
    theirs = make_bidi_component_presenter("events", "stage")(value, state)
    ours = reading.present("events")(value, state)
    assert ours == theirs
    assert type(ours) in (dict, type(value))


def test_every_component_is_read_so():
    reading.plainly()
    assert vars(main)["make_bidi_component_presenter"] is reading.present
