"""The Code page, and the way from it to the explorer and back, run by Streamlit without a browser."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope import limits
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import write
from layerscope.tracing import trace
from layerscope.ui import codepage
from layerscope.ui.pasted import EXAMPLE, MODES, Pasted
from tests.drawn import stages
from tests.test_pages import APP, address, at_page, page_words, rerun, session

SEED = PRESETS[DEFAULT]
MAT1 = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)"


@pytest.fixture
def app() -> AppTest:
    """The Code page, on coming from the explorer."""
    return at_page("code")


def typed(app: AppTest, label: str, text: str) -> AppTest:
    wanted = MODES[label == "A PyTorch error message"]
    if boxes(app).mode != wanted:
        boxes(app).mode = wanted
        rerun(app)
    return _typed(app, label, text)


def _typed(app: AppTest, label: str, text: str) -> AppTest:
    if label == "PyTorch code":  # the editor, whose events are the stage's
        boxes(app).type(text)
        return rerun(app)
    fields = [*app.text_area, *app.text_input]
    next(box for box in fields if box.label == label).set_value(text)
    return rerun(app)


def stage(app: AppTest) -> dict[str, Any]:
    return next(data for data in stages(app) if "message" in data)


def editor(app: AppTest) -> dict[str, Any]:
    data: dict[str, Any] = next(data["editor"] for data in stages(app) if "editor" in data)
    return data


def boxes(app: AppTest) -> Pasted:
    here: Pasted = app.session_state["layerscope.pasted"]
    return here


def test_pasted_code_is_understood_and_stays(app):
    typed(app, "PyTorch code", EXAMPLE)
    assert stage(app)["message"]["title"] == "fc1 does not fit"
    typed(app, "PyTorch code", "class Net(nn.Module:")
    assert stage(app)["message"]["title"] == "This code cannot be read"
    assert editor(app)["text"] == "class Net(nn.Module:"


def test_the_paste_survives_a_visit_to_the_explorer(app):
    typed(app, "PyTorch code", EXAMPLE)
    app.switch_page("pages/explore.py")
    rerun(app)
    app.switch_page("pages/code.py")
    rerun(app)
    assert editor(app)["text"] == EXAMPLE


def test_the_network_opens_in_the_explorer_and_undo_brings_back_what_was_there(app):
    typed(app, "PyTorch code", write(PRESETS["lenet5"]))
    boxes(app).leaving = True
    rerun(app)
    rerun(app)
    assert session(app).network == PRESETS["lenet5"]
    session(app).undo()
    assert session(app).network == SEED


def test_the_explorers_network_is_there_after_a_visit_to_the_code_page():
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["net"] = "1x32x32-10~Conv2d.6.5~Flatten~Linear.10"
    rerun(app)
    before = session(app).network
    assert before != SEED
    app.query_params.clear()  # a browser's address has none after a click on the other page
    app.switch_page("pages/code.py")
    rerun(app)
    app.switch_page("pages/explore.py")
    rerun(app)
    assert session(app).network == before
    assert address(app)[0].startswith("1x32x32-10~Conv2d.6.5")


def test_the_shape_is_asked_where_the_code_does_not_tell_it(app):
    assert [box.label for box in app.text_input] == []
    code = write(SEED).replace('    """Input (1, 28, 28), 10 classes."""\n\n', "").replace("12 * 4 * 4", "777")
    typed(app, "PyTorch code", code)
    assert [box.label for box in app.text_input] == ["Input shape, without the batch axis"]
    typed(app, "Input shape, without the batch axis", "1, 28, 28")
    assert stage(app)["message"]["text"] == "You wrote 777; fc1 gets 12 × 4 × 4 = 192 values."
    assert [box.label for box in app.text_input] == ["Input shape, without the batch axis"]


def test_one_click_reads_it_again_with_that_size(app):
    typed(app, "PyTorch code", "from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 6, 5))")
    key = stage(app)["message"]["actions"][2]["key"]
    verb, _, shape = key.partition(":")
    assert verb == "size"
    boxes(app).shape = shape
    rerun(app)
    assert stage(app)["message"]["tone"] == "calm"
    assert [box.value for box in app.text_input] == ["3, 32, 32"]


TWO = """
class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.out = nn.Linear(18, 2)

    def forward(self, image, numbers):
        maps = torch.flatten(self.pool(self.conv(image)), 1)
        return self.out(torch.cat([maps, numbers], dim=1))
"""


def test_each_of_several_inputs_has_a_box_for_its_shape(app):
    typed(app, "PyTorch code", TWO)
    labels = [f"Shape of {name}, without the batch axis" for name in ("image", "numbers")]
    assert [box.label for box in app.text_input] == labels
    assert stage(app)["message"]["text"].startswith("The network takes 2 inputs: image and numbers. Give a shape for ")
    typed(app, labels[1], "10")
    assert stage(app)["message"]["title"] == "Your code does not say the input size"
    assert "Two runs on 3×224×224 and 10: 5 layers, 262 parameters." in stage(app)["message"]["text"]
    assert "Input image: pool accepts any size" in stage(app)["message"]["text"]
    typed(app, labels[0], "1, 3, 64, 48")
    assert stage(app)["message"]["text"].startswith("Leave out the batch axis of image: 3, 64, 48 would work.")
    typed(app, labels[0], "3, 64, 48")
    assert stage(app)["message"]["title"] == "Two runs: 5 layers, 262 parameters"
    assert stage(app)["figures"][0]["note"] == "inputs image 3×64×48 and numbers 10, as you typed them"
    assert [box.value for box in app.text_input] == ["3, 64, 48", "10"]
    assert boxes(app).shape == "3, 64, 48; 10"
    boxes(app).leaving = True
    rerun(app)
    rerun(app)
    assert [(given.name, given.shape) for given in session(app).network.inputs] == [
        ("image", (3, 64, 48)), ("numbers", (10,)),
    ]  # fmt: skip


def test_no_network_is_assumed_unless_it_is_said_to_be_the_one(app):
    typed(app, "A PyTorch error message", MAT1)
    assert app.radio[-1].options == [codepage.NONE, codepage.EXPLORER]
    assert "Common causes" in page_words(app)
    assert "Likely cause" not in page_words(app)
    app.radio[-1].set_value(codepage.EXPLORER)
    rerun(app)
    assert "32×32" in page_words(app)
    assert "Likely cause in the network in Explore" in page_words(app)


def test_what_the_hand_typed_is_not_sent_back(app):
    """It would come late, and take the place of what was typed since."""
    typed(app, "A PyTorch error message", MAT1)
    box = app.text_area(key="paste.error")
    assert box.value == MAT1
    assert not box.proto.set_value


def test_an_error_is_explained_for_the_pasted_code_first(app):
    typed(app, "PyTorch code", EXAMPLE)
    typed(app, "A PyTorch error message", "mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)")
    assert app.radio[-1].options[0] == codepage.CODE
    assert "in_features" in page_words(app)


def test_whether_the_code_has_a_view_decides_what_fits(app):
    code = write(SEED)
    typed(app, "PyTorch code", code)
    typed(app, "A PyTorch error message", "Expected input batch_size (200) to match target batch_size (8).")
    assert "Likely cause" not in page_words(app)
    assert "Outputs and labels from different batches" in page_words(app)
    boxes(app).text = code.replace("torch.flatten(t, start_dim=1)", "t.view(-1, 192)")
    rerun(app)
    assert "Likely cause in your code" in page_words(app)
    assert "No pooling" in page_words(app)


def test_what_is_no_known_error_is_said_and_the_known_ones_are_listed(app):
    typed(app, "A PyTorch error message", "SystemError: 'conv1'")
    assert "The text ends with SystemError: &#x27;conv1&#x27;. We have no explanation for that one." in page_words(app)
    typed(app, "A PyTorch error message", "it does not work")
    assert "This text contains no error that we know" in page_words(app)


def test_where_it_happened_and_what_came_after_is_told(app):
    line = '  File "/home/me/net.py", line 17, in forward\n    x = self.fc1(x)\n'
    typed(app, "A PyTorch error message", f"{line}{MAT1}\n\nTraceback (most recent call last):\nSystemError: 'loss'")
    assert "In net.py, line 17: x = self.fc1(x)" in page_words(app)
    assert "another error, not explained here: <code>SystemError: &#x27;loss&#x27;</code>" in page_words(app)


def test_nothing_that_was_pasted_becomes_markup(app):
    markup = "<img src=x onerror=alert(1)>"
    typed(app, "A PyTorch error message", f"{markup} mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)")
    assert "<img" not in page_words(app)
    typed(app, "PyTorch code", "<script>alert(1)</script>")
    assert "<script>" not in page_words(app)


def test_the_pages_parts_are_those_of_the_trace(app):
    typed(app, "PyTorch code", write(SEED))
    assert stage(app)["message"]["title"].endswith(f"12 layers, {trace(SEED).parameters:,} parameters")


def test_what_was_typed_about_one_paste_is_not_believed_of_another(app):
    typed(app, "PyTorch code", "nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())")
    typed(app, "Input shape, without the batch axis", "1, 50, 50")
    assert stage(app)["message"]["tone"] == "calm"
    typed(app, "PyTorch code", EXAMPLE)
    assert boxes(app).shape == ""
    assert stage(app)["message"]["text"].endswith("fc1 gets 16 × 5 × 5 = 400 values.")


TWO_WAYS = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.b = nn.Conv2d(3, 8, 1)

    def forward(self, x):
        return self.a(x) + self.b(x)

Net()(torch.randn(4, 3, 40, 40))
"""
FAILED = "RuntimeError: The size of tensor a (20) must match the size of tensor b (40) at non-singleton dimension 3"


def test_an_error_is_no_longer_said_to_be_the_codes_once_the_code_runs(app):
    typed(app, "PyTorch code", f"{TWO_WAYS}{FAILED}")
    assert "Likely cause in your code" in page_words(app)
    assert "your code runs on" not in page_words(app)
    typed(app, "PyTorch code", f"{TWO_WAYS.replace('(3, 8, 1)', '(3, 8, 1, stride=2)')}{FAILED}")
    assert "As it stands now, your code runs on 3×40×40" in page_words(app)
    assert "Likely cause in your code" not in page_words(app)


def test_an_error_pasted_before_the_code_is_explained_for_the_code_then(app):
    typed(app, "A PyTorch error message", MAT1)
    assert app.radio[-1].value == codepage.NONE
    typed(app, "PyTorch code", EXAMPLE)
    boxes(app).mode = MODES[1]
    rerun(app)
    assert app.radio[-1].value == codepage.CODE


def test_the_place_for_a_file_says_how_large_it_may_be(app):
    place = app.get("file_uploader")[0].proto
    assert place.max_upload_size_mb == limits.FILE.most


def test_an_error_in_the_box_for_code_is_explained_there(app):
    typed(app, "PyTorch code", MAT1)
    assert stage(app)["message"]["title"] == "This is an error message"
    assert "The layer expects 192 values in each row but gets 300." in page_words(app)


def test_code_in_the_box_for_errors_is_led_to_the_other(app):
    typed(app, "A PyTorch error message", EXAMPLE)
    next(button for button in app.button if button.label == "Check this code").click()
    rerun(app)
    assert editor(app)["text"] == EXAMPLE
    assert stage(app)["message"]["title"] == "fc1 does not fit"
    assert (boxes(app).mode, boxes(app).error) == (MODES[0], "")
