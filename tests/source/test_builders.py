"""Files that define models and functions that make them, with no line that makes one: torchvision's, as they are."""

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace
from layerscope.ui.understanding import _understood
from layerscope.ui.verdict import message
from tests.source.test_torchvision_files import RECORDS, text_of

FIRST = {
    "resnet": "resnet18",
    "vgg": "vgg11",
    "convnext": "convnext_tiny",
    "efficientnet": "efficientnet_b0",
    "mobilenetv3": "mobilenet_v3_large",
    "swin_transformer": "swin_t",
    "vision_transformer": "vit_b_16",
    "shufflenetv2": "shufflenet_v2_x0_5",
}


@pytest.mark.parametrize(("file", "name"), FIRST.items(), ids=list(FIRST))
def test_the_first_function_that_makes_a_model_is_followed(file: str, name: str) -> None:
    reading = read_all(text_of(file))
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.class_name == name
    assert trace(reading.network).parameters == RECORDS[name]["parameters"]
    notes = [note.sentence for note in reading.notes]
    assert f"No line makes a model, so this is read as {name}(). Choose another under Class." in notes


def test_another_function_can_be_chosen() -> None:
    text = text_of("resnet")
    assert {"ResNet", "resnet18", "resnet50"} <= {*read_all(text).class_names}
    reading = read_all(text, None, "resnet50")
    assert reading.network is not None
    assert reading.class_name == "resnet50"
    assert trace(reading.network).parameters == RECORDS["resnet50"]["parameters"]
    assert not any("No line makes a model" in note.sentence for note in reading.notes)


def test_the_page_says_what_runs_by_its_name() -> None:
    told = message(_understood(text_of("resnet"), "", ""))
    assert "resnet18 runs on 3×224×224: 69 layers, 11,689,512 parameters" in told["text"]


def test_functions_are_offered_beside_a_class_that_can_be_made_alone() -> None:
    text = text_of("densenet")
    assert read_all(text).class_name == "DenseNet"
    reading = read_all(text, None, "densenet169")
    assert reading.network is not None
    assert trace(reading.network).parameters > trace(read_all(text).network).parameters  # type: ignore[arg-type]


def test_no_function_is_offered_where_a_line_makes_a_model() -> None:
    reading = read_all(text_of("resnet") + "\nmodel = resnet34()\n")
    assert reading.class_name == "ResNet"
    assert "resnet18" not in reading.class_names


NET = """\
import torch
import torch.nn as nn
from typing import List

class Net(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        self.fc = nn.Linear(8, {width})

    def forward(self, x):
        return self.fc(x)
"""


def test_what_is_offered_runs_in_torch() -> None:
    """A function may keep the model in a name, or return what another one returns; one with an argument is none."""
    text = NET.format(arguments="width", width="width") + (
        "\ndef make(width):\n    net = Net(width)\n    return net\n"
        "\ndef small():\n    return make(4)\n\ndef large():\n    net = make(16)\n    return net\n"
        "\ndef other():\n    return 3\n"
    )
    names: dict[str, object] = {}
    exec(text, names)
    reading = read_all(text)
    assert reading.class_names == ("Net", "small", "large")
    assert reading.class_name == "small"
    for name in ("small", "large"):
        model = names[name]()  # type: ignore[operator]
        assert isinstance(model, nn.Module)
        read = read_all(text, None, name).network
        assert read is not None
        assert trace(read).output_shape == tuple(model(torch.zeros(1, 8)).shape[1:])


@pytest.mark.parametrize(
    ("argument", "advice"),
    [
        ("widths: List[int]", "widths=[2, 2, 2, 2]"),
        ("widths: list[int]", "widths=[2, 2, 2, 2]"),
        ("width: int", "width=10"),
        ("width", "width=10"),
        ("config: Config", "add a line that calls make with config"),
    ],
)
def test_the_advice_is_a_value_of_the_kind_that_is_asked_for(argument: str, advice: str) -> None:
    name = argument.partition(":")[0]
    text = NET.format(arguments="width", width=f"width[0] if {name!r} == 'widths' else width")
    text += f"\ndef make({argument}) -> Net:\n    return Net({name})\n"
    reading = read_all(text)
    assert reading.refusal is not None
    assert advice in reading.refusal.reason
