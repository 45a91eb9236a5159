"""What the editor is told, and what it tells: texts, notebooks, and texts that are too long."""

import json

import pytest

from layerscope import limits
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import write
from layerscope.ui import code_stage, codepage, correcting, state
from layerscope.ui.pasted import EXAMPLE, Pasted
from layerscope.ui.stage.stage import _new_events

SEED = PRESETS[DEFAULT]


def editor(here):
    return code_stage.editor_data(here)["editor"]


def keys(here):
    return [action["key"] for action in code_stage.stage_data(here)["message"]["actions"]]


def event(key, value, sequence=1):
    return {"key": key, "value": value, "phase": "commit", "sequence": sequence}


def test_what_the_hand_types_needs_no_text_sent_back():
    here = Pasted()
    here.type(EXAMPLE)
    assert (here.text, here.revision) == (EXAMPLE, 0)
    here.put("x = 1\r\ny = 2\rz = 3")
    assert here.text == "x = 1\ny = 2\nz = 3"
    first = here.revision
    here.put("x")
    assert here.revision > first > 0
    assert editor(here)["origin"] != editor(Pasted())["origin"]  # after a restart revisions begin again


def test_lines_that_end_in_two_signs_are_corrected_in_their_place():
    here = Pasted()
    here.type(EXAMPLE.replace("\n", "\r\n"))
    assert editor(here)["tones"] == {"12": "error"}
    correcting.correct(here, "0")
    assert here.text == EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5")


NOTEBOOK = json.dumps(
    {"cells": [
        {"cell_type": "markdown", "source": ["# A network"]},
        {"cell_type": "code", "source": EXAMPLE.splitlines(keepends=True), "outputs": [{"png": "iVBO" * 1000}]},
    ], "nbformat": 4}
)  # fmt: skip


@pytest.mark.parametrize("come", ["typed", "opened"])
def test_a_notebooks_code_stands_in_the_box(come, monkeypatch):
    here = Pasted()
    monkeypatch.setattr(state, "pasted", lambda: here)
    if come == "typed":
        here.type(NOTEBOOK)
    else:
        codepage._open(NOTEBOOK)
    assert here.text.strip() == EXAMPLE.strip()
    assert here.revision > 0
    assert keys(here) == ["correct:0", "open"]


def test_answers_outlast_a_correction_but_not_another_paste():
    here = Pasted(text=EXAMPLE, shape="3, 32, 32", selected="fc1")
    here.type(EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5"))
    assert here.shape == "3, 32, 32"
    here.type(write(SEED))
    assert (here.shape, here.selected) == ("", "")


def test_the_editor_says_what_is_too_long_for_it():
    told = editor(Pasted())
    most = limits.EDITED.most
    assert (told["most"], told["file"]) == (most, limits.FILE.most * 2**20)
    assert told["too_long"] == limits.EDITED.sentence(found="{found}")
    long = Pasted(text="x" * (limits.CODE.most + 1))
    assert code_stage.stage_data(long)["message"]["text"].startswith("The code is 65,537 characters long; the limit is")


def test_the_editors_events_may_be_long_and_others_not():
    text = "x" * (limits.EDITED.most + 5)
    (long,) = _new_events(event("text", text), 0, codepage.LONG)
    assert len(long["value"]) == limits.EDITED.most
    (short,) = _new_events(event("select", text), 0, codepage.LONG)
    assert len(short["value"]) == limits.EVENT_TEXT.most


def test_each_place_of_a_layer_is_told():
    places = editor(Pasted(text=EXAMPLE))["places"]
    lines = EXAMPLE.split("\n")
    for line, column, end_line, end, layer in places:
        assert line == end_line
        if layer.startswith(("conv", "fc")):
            assert layer in lines[line - 1][column - 1 : end - 1] or f"self.{layer} = " in lines[line - 1]
    assert {(12, "fc1"), (20, "fc1"), (17, "conv1")} <= {(line, layer) for line, *_, layer in places}


def test_so_many_places_at_most():
    rows = "".join(f"    nn.ReLU(),  # {n}\n" for n in range(limits.LAYERS.most))
    here = Pasted(text=f"import torch.nn as nn\nnet = nn.Sequential(\n{rows})\n", shape="3, 8, 8")
    found = editor(here)["places"]
    assert limits.LAYERS.most <= len(found) <= limits.PLACES.most


def wrong(count):
    rows = "".join(f"    nn.Linear({n + 10}, 7),\n" for n in range(count))
    return f"import torch.nn as nn\nnet = nn.Sequential(\n{rows})\n"


def test_each_correction_has_a_button():
    most = limits.CORRECTIONS.most
    few = Pasted(text=wrong(6), shape="9")
    assert keys(few) == ["correct:all", *(f"correct:{n}" for n in range(6)), "open"]
    many = Pasted(text=wrong(most + 3), shape="9")
    assert keys(many) == ["correct:all", *(f"correct:{n}" for n in range(most)), "open"]
    correcting.correct(many, "all")
    assert keys(many) == ["open"]
