"""A field begins with the value that is set: a busy browser may miss it, and sends back what the field began with."""

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui import codepage, pasted
from tests.test_pages import at_page, moved, rerun

AT = {
    "sweep": {"first": "conv1.kernel_size:2:9:1", "second": "conv2.out_channels~6,12", "where": "parameters <= 50_000"},
    "trials": {"try.conv1.out_channels": "2, 4"},
    "train": {"epochs": "9", "batch": "16", "optimizer": "Adam"},
    "memory": {"batch": "13", "optimizer": "SGD"},
    "quiz": {"seed": "77"},
}
"""Pages with fields that show a word of the address, and such words."""


def fields(app: AppTest) -> dict[str, tuple[object, object]]:
    """What each field shows, and what it begins with."""
    typed = [(box, box.value) for box in (*app.text_input, *app.text_area, *app.number_input)]
    chosen = [(box, box.index) for box in (*app.selectbox, *app.radio)]
    found = {
        box.key: (now, box.proto.default if box.proto.HasField("default") else None) for box, now in typed + chosen
    }
    found |= {box.key: (box.value, box.proto.default) for box in app.toggle}
    found |= {box.key: ([*box.indices], [*box.proto.default]) for box in app.multiselect}
    return {key: both for key, both in found.items() if key}


@pytest.mark.parametrize("page", AT)
def test_fields_begin_with_what_they_show(page: str):
    app = at_page(page, PRESETS[DEFAULT], **AT[page])
    found = fields(app)
    assert found
    assert {key: both for key, both in found.items() if both[0] != both[1]} == {}


def test_the_boxes_of_the_code_page_begin_with_what_they_show():
    app = at_page("code")
    app.radio(key=codepage.MODE).set_value(pasted.MODES[1])
    rerun(app)
    app.text_area(key=codepage.ERROR).set_value("RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x3 and 4x2)")
    moved(rerun(app), "quiz")
    found = fields(moved(app, "code"))
    assert codepage.ERROR in found
    assert {key: both for key, both in found.items() if both[0] != both[1]} == {}
