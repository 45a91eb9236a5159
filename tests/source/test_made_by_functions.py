"""Networks that a function of the paste makes: what went wrong in there is told, as it is at module level."""

import contextlib
from typing import Any

import pytest

from layerscope.source.reader import read_all

HEAD = "import torch\nimport torch.nn as nn\nfrom torchvision import models\n\n"
SQUEEZED = "    model.classifier[1] = nn.Conv2d(512, classes, kernel_size=1)\n    model.num_classes = classes\n"
"    return model, 224\n"
FORMS = {
    "plain": "model = models.squeezenet1_0(pretrained=True)\nmodel.classifier[1] = nn.Conv2d(512, 2, kernel_size=1)\n",
    "function": (
        "def build(classes):\n    model = models.squeezenet1_0(pretrained=True)\n"
        + SQUEEZED
        + "\nmodel, size = build(2)\n"
    ),
    "by name": (
        "def build(name, classes):\n    model = None\n    if name == 'resnet':\n        model = models.resnet18()\n"
        "    elif name == 'squeezenet':\n        model = models.squeezenet1_0(pretrained=True)\n"
        + SQUEEZED
        + "\nmodel, size = build('squeezenet', 2)\nprint(model)\n"
    ),
    "main": (
        "def build(classes=2):\n    model = models.squeezenet1_0()\n"
        + SQUEEZED
        + "\n\ndef main():\n    model, _ = build()\n"
        "    print(model)\n\n\nif __name__ == '__main__':\n    main()\n"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_model_that_is_not_held_is_named(form: str) -> None:
    refusal = read_all(HEAD + FORMS[form]).refusal
    assert refusal is not None
    assert "squeezenet1_0 of torchvision is not in this code, and not one of the models" in str(refusal)
    line = (HEAD + FORMS[form]).split("squeezenet1_0")[0].count("\n") + 1
    assert refusal.line == line


def test_another_branch_of_the_function_is_read() -> None:
    code = HEAD + FORMS["by name"].replace("build('squeezenet', 2)", "build('resnet', 2)").replace(
        "model.classifier[1] = nn.Conv2d(512, classes, kernel_size=1)", "model.fc = nn.Linear(512, classes)"
    )
    network = read_all(code).network
    assert network is not None
    assert network.layers[-1].chosen["out_features"] == 2


CHECKED = (
    "import torch.nn as nn\n\n\ndef make(n):\n    if n % 3:\n        raise ValueError(f'{n} is no multiple of 3')\n"
    "    return nn.Sequential(nn.Linear(n, 3))\n\n\n"
)


@pytest.mark.parametrize("call", ["net = make(4)", "def main():\n    return make(4)\n\n\nnet = main()"])
def test_an_error_that_the_function_raises_is_told(call: str) -> None:
    with pytest.raises(ValueError, match="4 is no multiple of 3"):
        exec(CHECKED + call, {})
    reading = read_all(CHECKED + call)
    assert "The code raises an error here: ValueError: 4 is no multiple of 3." in str(reading.refusal)
    assert reading.network is None


@pytest.mark.parametrize(
    "call",
    [
        "net = make(6)",
        "try:\n    net = make(4)\nexcept ValueError:\n    net = make(6)",
        "def safe(n):\n    try:\n        return make(n)\n    except ValueError:\n        return make(n + 2)\n\n"
        "\nnet = safe(4)",
        "net = make(6)\nraise SystemExit",
    ],
)
def test_an_error_that_does_not_matter_is_none(call: str) -> None:
    names: dict[str, Any] = {}
    with contextlib.suppress(SystemExit):
        exec(CHECKED + call, names)
    reading = read_all(CHECKED + call)
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == (names["net"][0].in_features,)


def test_a_line_that_was_left_out_is_told() -> None:
    code = (
        "import torch.nn as nn\n\n\ndef make():\n    layers = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)]\n"
        "    layers.remove(layers[1])\n    return nn.Sequential(*layers)\n\n\nnet = make()\n"
    )
    (note,) = [note for note in read_all(code).notes if note.line == 6]
    assert "We left out this line of the function that makes the network." in note.sentence
    assert not [note for note in read_all(code.replace("    layers.remove(layers[1])\n", "")).notes if note.line]


def test_a_loop_that_trains_is_not_what_makes_the_network() -> None:
    code = (
        HEAD + "def train(model):\n    seen = []\n    for epoch in range(3):\n        seen.remove(epoch)\n"
        "    return model\n\n\n"
        "model = models.resnet18()\nmodel.fc = nn.Linear(512, 2)\nmodel = train(model)\n"
    )
    reading = read_all(code)
    assert reading.network is not None
    assert not [note for note in reading.notes if "left out" in note.sentence]
