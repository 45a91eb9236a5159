"""Pasted code: what is said of it first, and what a correction leaves."""

import json

import pytest
import torch

from layerscope.interchange import to_json
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.reader import SourceError
from layerscope.source.writer import Style, write
from layerscope.tracing import trace
from layerscope.ui import code_stage, correcting, typed_shapes, understanding
from layerscope.ui.pasted import EXAMPLE, Pasted
from tests.chains import CHAINS
from tests.ui.contract import TONES, check_change

SEED = PRESETS[DEFAULT]


def shown(here):
    data = code_stage.stage_data(here)
    json.loads(json.dumps(data, allow_nan=False))
    assert data["message"]["tone"] in TONES
    assert data["message"]["title"]
    for action in data["message"]["actions"]:
        if action["key"].startswith("correct:"):
            check_change(here.text, action, correcting.corrected(here, action["key"].partition(":")[2]))
    return data


def wrong_lines(here):
    return {int(line): tone for line, tone in edited(here)["tones"].items()}


def edited(here):
    data = code_stage.editor_data(here)["editor"]
    json.loads(json.dumps(data, allow_nan=False))
    assert data["text"] == here.text
    assert set(data["tones"].values()) <= {"error", "warning"}
    return data


def keys(data):
    return [action["key"] for action in data["message"]["actions"]]


def test_an_empty_box_offers_an_example():
    data = shown(Pasted())
    assert keys(data) == ["example"]
    assert "figures" not in data


def test_the_example_fails_in_torch_as_the_page_says():
    told = shown(Pasted(text=EXAMPLE))["message"]
    with pytest.raises(RuntimeError, match="mat1 and mat2") as caught:
        exec(EXAMPLE, {})
    assert told["quote"] == str(caught.value)


def test_a_wrong_in_value_is_said_in_both_ways_and_its_line_marked():
    data = shown(Pasted(text=EXAMPLE))
    told = data["message"]
    assert told["tone"] == "error"
    assert told["title"] == "fc1 does not fit"
    assert told["text"] == "You wrote 16 * 4 * 4 = 256; fc1 gets 16 × 5 × 5 = 400 values."
    assert keys(data) == ["correct:0", "open"]
    assert wrong_lines(Pasted(text=EXAMPLE)) == {12: "error"}
    assert "self.fc1" in EXAMPLE.splitlines()[11]


def test_the_corrected_line_runs_in_torch():
    here = Pasted(text=EXAMPLE)
    correcting.correct(here, "0")
    assert "nn.Linear(16 * 5 * 5, 120)" in here.text
    names: dict[str, object] = {}
    exec(here.text, names)
    scores = names["scores"]
    assert isinstance(scores, torch.Tensor)
    assert scores.shape == (4, 10)
    data = shown(here)
    assert data["message"]["tone"] == "calm"
    assert keys(data) == ["open"]
    assert wrong_lines(here) == {}


def test_all_wrong_values_are_corrected_at_once():
    here = Pasted(text=EXAMPLE.replace("nn.Conv2d(6, 16, 5)", "nn.Conv2d(8, 16, 5)"))
    assert keys(shown(here))[0] == "correct:all"
    correcting.correct(here, "all")
    exec(here.text, {})


@pytest.mark.parametrize("which", ["7", "x", ""])
def test_a_correction_that_is_none_leaves_the_paste(which):
    here = Pasted(text=EXAMPLE)
    correcting.correct(here, which)
    assert here.text == EXAMPLE


def test_a_refusal_names_its_line_and_shows_what_came_before():
    here = Pasted(text=EXAMPLE.replace("x = torch.flatten(x, 1)", "x = torch.fft.rfft2(x)"))
    data = shown(here)
    assert data["message"]["tone"] == "warning"
    assert data["message"]["text"].startswith("Line 19, column ")
    assert "layers before that are shown" in data["message"]["text"]
    assert data["figures"][0]["key"] == "flow"
    assert wrong_lines(here) == {19: data["message"]["tone"]}


def test_what_is_no_code_stays_in_its_box_with_a_sentence():
    data = shown(Pasted(text="class Net(nn.Module:\n    pass"))
    assert data["message"]["title"] == "This code cannot be read"
    assert data["message"]["text"].startswith("Line 1")


def test_a_selected_layer_lights_its_lines():
    data = edited(Pasted(text=write(SEED), selected="conv2"))
    source = data["text"].splitlines()
    assert [source[number - 1].strip() for number in data["lit"]] == [
        "self.conv2 = nn.Conv2d(in_channels=6, out_channels=12, kernel_size=5)",
        "t = self.conv2(t)",
    ]


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("name", list(CHAINS))
def test_what_the_app_writes_is_understood(name, style):
    here = Pasted(text=write(PRESETS[name], style))
    seen = understanding.understood(here)
    assert seen is not None
    assert (seen.network, seen.wrong, seen.problem) == (PRESETS[name], (), "")


def test_json_is_a_network_too():
    seen = understanding.understood(Pasted(text=to_json(SEED)))
    assert seen is not None
    assert seen.network == SEED
    broken = shown(Pasted(text=to_json(SEED).replace('"version": 1', '"version": 3')))
    assert broken["message"]["tone"] == "warning"
    assert "version 3" in broken["message"]["text"]


UNKNOWN = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(777, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.conv(x), 1))
"""


def test_the_input_shape_is_asked_only_where_it_cannot_be_told():
    asked = understanding.understood(Pasted(text=UNKNOWN))
    assert asked is not None
    assert asked.asks_shape
    assert shown(Pasted(text=UNKNOWN))["message"]["title"] == "fc does not fit"
    told = understanding.understood(Pasted(text=UNKNOWN, shape="1, 28, 28"))
    assert told is not None
    assert [mismatch.arrives for mismatch in told.wrong] == [4 * 26 * 26]
    seen = understanding.understood(Pasted(text=write(SEED)))
    assert seen is not None
    assert not seen.asks_shape


ANY_SIZE = """import torch.nn as nn
net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 1))
"""


def test_a_guess_has_no_tick_and_a_button_for_each_likely_size():
    data = shown(Pasted(text=ANY_SIZE))
    assert data["message"]["tone"] == "unsure"
    assert data["message"]["title"] == "Your code does not say the input size"
    assert keys(data) == ["size:3, 224, 224", "size:3, 28, 28", "size:3, 32, 32", "open"]
    assert data["figures"][0]["note"] == "input 3×224×224: your code does not say it"
    chosen = shown(Pasted(text=ANY_SIZE, shape=keys(data)[2].partition(":")[2]))
    assert chosen["message"]["tone"] == "calm"
    assert chosen["figures"][0]["note"] == "input 3×32×32, as you typed it"


RESIZED = """import torch.nn as nn
from torchvision import transforms
prepare = transforms.Compose([transforms.Resize(96), transforms.ToTensor()])
net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 48 * 48, 10))
"""


def test_what_told_the_size_is_said_and_its_line_marked():
    here = Pasted(text=RESIZED)
    data = shown(here)
    assert data["message"]["tone"] == "calm"
    assert data["message"]["text"] == "The input is 3×96×96, from transforms.Resize(96) in line 3."
    assert code_stage.editor_data(here)["editor"]["lit"] == [3]


def test_where_code_and_layers_disagree_either_can_be_put_right():
    here = Pasted(text=RESIZED.replace("48 * 48", "32 * 32"))
    data = shown(here)
    assert data["message"]["tone"] == "error"
    assert "Line 3 says 96×96, but the layers fit 64×64: one of the two is wrong." in data["message"]["text"]
    assert keys(data) == ["correct:0", "correct:size", "open"]
    layers = Pasted(text=here.text)
    correcting.correct(here, "size")
    assert "Resize(64)" in here.text
    correcting.correct(layers, "0")
    assert "4 * 48 * 48" in layers.text
    assert "Resize(96)" in layers.text
    assert [shown(each)["message"]["tone"] for each in (here, layers)] == ["calm", "calm"]


@pytest.mark.parametrize("typed", ["1, 28, 28", "1x28x28", "(1, 28, 28)", " 1 × 28 × 28 ", "[1,28,28]"])
def test_a_shape_can_be_typed_in_many_ways(typed):
    assert typed_shapes.typed_shape(typed) == (1, 28, 28)


@pytest.mark.parametrize("typed", ["abc", "1, 28, 28, 28, 28", "-1, 28", "1; 28", "9" * 30])
def test_a_shape_that_is_none_gets_a_sentence(typed):
    with pytest.raises(SourceError, match="without the batch axis"):
        typed_shapes.typed_shape(typed)
    assert "without the batch axis" in shown(Pasted(text=UNKNOWN, shape=typed))["message"]["text"]


@pytest.mark.parametrize("typed", ["3, 32, 32; 10", "3x32x32\n10", " (3, 32, 32) ;10"])
def test_the_shapes_of_several_inputs_can_be_typed(typed):
    assert typed_shapes.typed_shapes(typed) == ((3, 32, 32), (10,))
    assert typed_shapes.together(typed_shapes.apart(typed, 2)).replace(" ", "").endswith(";10")


def test_shapes_that_are_left_out_are_for_the_code_to_tell():
    assert typed_shapes.typed_shapes("; 10") == (None, (10,))
    assert typed_shapes.typed_shapes(" ; ") is None
    assert typed_shapes.apart("; 10", 3) == ["", "10", ""]
    assert typed_shapes.together(["", " "]) == ""
    assert typed_shapes.apart("1; 2", 1) == ["1; 2"]


def test_one_of_several_classes_can_be_chosen():
    one = UNKNOWN.replace("777", "2704")
    two = one + one.replace("Net", "Other")
    seen = understanding.understood(Pasted(text=two, class_name="Net"))
    assert seen is not None
    assert set(seen.class_names) == {"Net", "Other"}
    assert seen.reading is not None
    assert seen.reading.class_name == "Net"
    gone = understanding.understood(Pasted(text=UNKNOWN, shape="1, 28, 28", class_name="Other"))
    assert gone is not None
    assert gone.network is not None


def test_a_network_that_fails_says_what_would_mend_it():
    broken = SEED.with_argument("conv2", "kernel_size", 13)
    told = shown(Pasted(text=write(broken)))["message"]
    error = trace(broken).error
    assert error is not None
    assert told["title"] == "conv2 does not run"
    assert told["text"].startswith(error.message)
    assert error.repairs[0].label in told["text"]
    assert told["quote"] == error.torch_message


def picture(here):
    return next(figure for figure in code_stage.stage_data(here)["figures"] if figure["key"] == "flow")


JOINED = EXAMPLE.replace("x = F.relu(self.fc2(x))", "x = x + F.relu(x)\n        x = self.fc2(x)")


@pytest.mark.parametrize("text", [EXAMPLE, JOINED], ids=["a chain", "one that branches"])
def test_a_layer_that_fails_is_drawn_as_failing(text):
    failing, mended = Pasted(text=text), Pasted(text=text.replace("16 * 4 * 4", "16 * 5 * 5"))
    written = {letter["text"] for letter in picture(failing)["layout"]["annotations"]}
    assert "<b>✕ fc1</b>" in written
    assert "As written, fc1 fails." in picture(failing)["description"]
    assert "#D55E00" in json.dumps(picture(failing))
    for said in ("✕", "As written", "#D55E00"):
        assert said not in json.dumps(picture(mended), ensure_ascii=False)


def test_a_layer_that_fails_and_keeps_the_shape_is_named_itself():
    text = "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.conv = nn.Conv2d(3, 8, 3)\n        self.norm = nn.BatchNorm2d(4)\n"
    text += "    def forward(self, x):\n        return self.norm(self.conv(x))\n"
    written = {letter["text"] for letter in picture(Pasted(text=text, shape="3, 9, 9"))["layout"]["annotations"]}
    assert "<b>✕ norm</b>" in written
    assert "conv" in written
