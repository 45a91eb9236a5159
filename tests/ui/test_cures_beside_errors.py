"""What is offered beside an error, for unused layers, and around layers of two directions."""

import pytest
import torch
from torch import nn

from layerscope.decoder.decoding import decode
from layerscope.ui import code_stage, codepage, state
from layerscope.ui.correcting import corrected
from layerscope.ui.pasted import EXAMPLE, MODES, Pasted
from layerscope.ui.understanding import understood
from tests.drawn import stages
from tests.test_code_page import boxes, stage, typed
from tests.test_pages import at_page, page_words, rerun

HEAD = "import torch\nimport torch.nn as nn\n\n\n"
MAT1 = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)"
UNUSED = (
    HEAD
    + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 3)\n"
    "        self.dropout = nn.Dropout(0.5)\n        self.softmax = nn.Softmax(dim=1)\n\n"
    "    def forward(self, x):\n        return self.fc(x)\n\n\nNet()(torch.randn(2, 4))\n"
)
TWO_WAY = (
    HEAD + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.lstm = nn.LSTM(10, 20, batch_first=True, bidirectional=True)\n        self.fc = nn.Linear({}, 5)\n\n"
    "    def forward(self, x):\n        out, (h, c) = self.lstm(x)\n        return self.fc({})\n\n\n"
    "Net()(torch.randn(3, 7, 10))\n"
)


def test_an_error_is_explained_in_the_manner_of_the_code() -> None:
    seen = understood(Pasted(EXAMPLE))
    assert seen is not None
    assert seen.reading is not None
    decoded = decode(MAT1, seen.network, seen.reading.written)
    assert decoded is not None
    assert "nn.Linear(16 * 5 * 5, 120)" in decoded.fitting[0].remedy
    offered = [action["label"] for action in code_stage.stage_data(Pasted(EXAMPLE))["message"]["actions"]]
    assert "Line 12: write 16 * 5 * 5" in offered
    plain = decode(MAT1.replace("256", "9999"), seen.network)
    assert plain is not None
    assert "nn.Linear(400, 120): 400 = 16 * 5 * 5" in plain.fitting[0].remedy


def test_a_view_is_put_right_in_the_manner_of_the_code() -> None:
    code = EXAMPLE.replace("torch.flatten(x, 1)", "x.view(-1, 16 * 4 * 4)")
    seen = understood(Pasted(code))
    assert seen is not None
    assert seen.reading is not None
    words = "RuntimeError: shape '[-1, 256]' is invalid for input of size 1200"
    decoded = decode(words, seen.network, seen.reading.written)
    assert decoded is not None
    assert "Write 16 * 5 * 5 instead of 16 * 4 * 4, in the view" in decoded.fitting[0].remedy


def test_the_box_for_errors_offers_the_corrections_of_the_code() -> None:
    app = at_page("code")
    typed(app, "PyTorch code", EXAMPLE)
    offered = [action for action in stage(app)["message"]["actions"] if action["key"].startswith("correct:")]
    typed(app, "A PyTorch error message", MAT1)
    assert "16 * 5 * 5" in page_words(app)
    assert stage(app)["message"]["actions"] == offered
    boxes(app).about = "another network"
    rerun(app)
    assert not [data for data in stages(app) if "message" in data]


def test_a_correction_beside_an_error_shows_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Pasted(EXAMPLE, error=MAT1, mode=MODES[1])
    monkeypatch.setattr(state, "pasted", lambda: here)
    codepage._on_event({"key": "correct:0", "value": True, "phase": "commit", "sequence": 1})
    assert here.mode == MODES[0]
    assert "nn.Linear(16 * 5 * 5, 120)" in here.text
    assert code_stage.cures_data(here) is None


def test_each_unused_layer_has_a_button_of_its_own() -> None:
    actions = [each for each in code_stage.stage_data(Pasted(UNUSED))["message"]["actions"] if "rows" in each]
    assert [action["label"] for action in actions] == ["Line 9: remove self.dropout", "Line 10: remove self.softmax"]
    for action, kept in zip(actions, ("softmax", "dropout"), strict=True):
        text = corrected(Pasted(UNUSED), action["key"].partition(":")[2])
        assert text.count("nn.") == UNUSED.count("nn.") - 1
        assert f"self.{kept}" in text
        scope: dict[str, nn.Module] = {}
        exec(text, scope)


def test_what_two_directions_change_is_said() -> None:
    wide = code_stage.stage_data(Pasted(TWO_WAY.format(20, "out")))["message"]
    assert "lstm is bidirectional: each step holds both directions, 2 × 20 values." in wide["text"]
    last = code_stage.stage_data(Pasted(TWO_WAY.format(40, "out[:, -1]")))["message"]
    assert last["actions"][0]["label"] == "Line 13: write torch.cat([h[-2], h[-1]], dim=1)"
    assert "torch.cat([h[-2], h[-1]], dim=1). [-2] is the forward direction's" in last["text"]
    assert "The result is 40 values wide, as before." in last["text"]
    out, (h, _) = nn.LSTM(10, 20, batch_first=True, bidirectional=True)(torch.randn(3, 7, 10))
    assert torch.equal(h[-2], out[:, -1, :20])
    assert torch.equal(h[-1], out[:, 0, 20:])
