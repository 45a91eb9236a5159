"""Sizes that the code tells beside an example call: a tensor tried in __init__, a reshape before the call."""

from typing import Any

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
DQN = """class DQN(nn.Module):
    def __init__(self, {parameters}):
        super(DQN, self).__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(input_shape[0], 32, kernel_size=8, stride=4), nn.ReLU(),
            nn.Conv2d(32, 64, kernel_size=4, stride=2), nn.ReLU(),
            nn.Conv2d(64, 64, kernel_size=3, stride=1), nn.ReLU(),
        )
        conv_out_size = self._get_conv_out(input_shape)
        self.fc = nn.Sequential(nn.Linear(conv_out_size, 512), nn.ReLU(), nn.Linear(512, n_actions))

    def _get_conv_out(self, shape):
        o = self.conv(torch.zeros(1, *shape))
        return int(np.prod(o.size()))

    def forward(self, x):
        return self.fc(self.conv({given}).view(x.size()[0], -1))


{call}
"""
COUNTED = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.conv2 = nn.Conv2d(32, 64, 5)
        x = torch.randn(50, 50).view(-1, 1, 50, 50)
        self._to_linear = None
        self.convs(x)
        self.fc = nn.Linear(self._to_linear, 2)

    def convs(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2))
        if self._to_linear is None:
            self._to_linear = x[0].shape[0] * x[0].shape[1] * x[0].shape[2]
        return x

    def forward(self, x):
        return self.fc(self.convs(x).view(-1, self._to_linear))
"""
QUIET = """class Net(nn.Module):
    def __init__(self, channels=3, size=48):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(nn.Conv2d(channels, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
        with torch.no_grad():
            n = self.features(torch.zeros(1, channels, size, size)).flatten(1).shape[1]
        self.head = nn.Linear(n, 5)

    def forward(self, x):
        return self.head(self.features(self.norm(x)).flatten(1))
"""
FORMS = {
    "call": (DQN.format(parameters="input_shape, n_actions", given="x", call="net = DQN((4, 84, 84), 6)"), (4, 84, 84)),
    "default": (DQN.format(parameters="input_shape=(4, 84, 84), n_actions=4", given="x", call=""), (4, 84, 84)),
    "scaled": (
        DQN.format(parameters="input_shape, n_actions", given="x / 255", call="net = DQN((1, 90, 85), n_actions=2)"),
        (1, 90, 85),
    ),
    "counted": (COUNTED, (1, 50, 50)),
    "without gradients": (QUIET, (3, 48, 48)),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_tensor_that_init_tries_tells_the_size(form: str) -> None:
    code, shape = FORMS[form]
    names: dict[str, Any] = {}
    exec(HEAD + code, names)
    made: nn.Module = names["net"] if "net" in names else names["DQN" if "DQN" in names else "Net"]()
    reading = read_all(HEAD + code)
    assert reading.network is not None
    assert reading.network.input_shape == shape
    assert (reading.doubt, reading.shape_told) == ("", "code")
    assert "in line" in reading.size.words
    traced = trace(reading.network)
    assert traced.output_shape == tuple(made(torch.rand(2, *shape)).shape[1:])
    assert traced.parameters == sum(value.numel() for value in made.parameters())


def test_an_example_call_says_more_than_a_tensor_that_init_tries() -> None:
    code = HEAD + QUIET + "\n\nnet = Net()\nnet(torch.rand(2, 3, 49, 49))\n"
    network = read_all(code).network
    assert network is not None
    assert network.input_shape == (3, 49, 49)


def test_a_tensor_that_a_later_layer_is_tried_on_does_not() -> None:
    code = QUIET.replace("x)).flatten", "F.max_pool2d(x, 2))).flatten").replace("self.norm(F", "(F").replace("48", "20")
    names: dict[str, Any] = {}
    exec(HEAD + code, names)
    network = read_all(HEAD + code).network
    assert network is not None
    assert network.input_shape[1:] in ((40, 40), (41, 41))
    names["Net"]()(torch.rand(2, *network.input_shape))


RNN = """sequence_length = 28
input_size = 28
batch_size = 100


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, 2, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


model = RNN(input_size, 128, 10)
"""
LOOP = "for epoch in range(2):\n    for i, (images, labels) in enumerate(train_loader):\n"
CNN = "model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))\n"
WAYS = {
    "a loop": (RNN, f"{LOOP}        images = images.reshape(-1, sequence_length, input_size)\n"
    "        model(images)\n", (28, 28)),
    "a device": (RNN, f"{LOOP}        images = images.reshape(-1, 20, 28).to(device)\n        model(images)\n"
    "", (20, 28)),
    "in the call": (RNN, f"{LOOP}        model(images.view(batch_size, 30, input_size))\n", (30, 28)),
    "its batch": (RNN, f"{LOOP}        model(images.reshape(images.shape[0], 14, 28))\n", (14, 28)),
    "a tuple": (RNN, f"{LOOP}        model(images.view((-1, 15, 28)))\n", (15, 28)),
    "a function": (
        RNN, "def train():\n    for images, labels in train_loader:\n        model(images.view(-1, 56, 28))\n", (56, 28)
    ),
    "images": (CNN, f"{LOOP}        x = images.view(-1, 1, 36, 40)\n"
    "        loss = F.cross_entropy(model(x), labels)\n", (1, 36, 40)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_reshape_before_the_call_tells_the_size(way: str) -> None:
    code, loop, shape = WAYS[way]
    names: dict[str, Any] = {
        "device": "cpu",
        "train_loader": [(torch.rand(100, shape[-1] * shape[-2]), torch.zeros(100).long())],
    }
    exec(HEAD + code + loop, names)
    reading = read_all(HEAD + code + loop)
    assert reading.network is not None
    assert reading.network.input_shape == shape
    assert reading.doubt == ""
    traced = trace(reading.network)
    assert traced.output_shape == tuple(names["model"](torch.rand(2, *shape)).shape[1:])


@pytest.mark.parametrize("loop", [
    f"{LOOP}        labels = labels.view(-1, 36, 40)\n        model(images)\n",
    f"{LOOP}        other(images.view(-1, 1, 36, 40))\n", "X = load().reshape(-1, 1, 36, 40)\n",
])  # fmt: skip
def test_a_reshape_of_something_else_does_not(loop: str) -> None:
    reading = read_all(HEAD + CNN + loop)
    assert reading.network is not None
    assert reading.shape_told != "example call"
    assert reading.doubt


@pytest.mark.parametrize("first", ["nn.Linear(wide, 64)", "nn.BatchNorm1d(wide)"])
@pytest.mark.parametrize("classes", ["classes", "3"])
def test_rows_of_a_table_are_no_images(first: str, classes: str) -> None:
    code = (
        "import pandas as pd\nimport torch.nn as nn\n\nwide = pd.read_csv('wine.csv').shape[1]\nclasses = len(load())\n"
        f"net = nn.Sequential({first}, nn.ReLU(), nn.Linear(64, {classes}))\n"
    )
    reading = read_all(code)
    assert reading.network is not None
    assert len(reading.network.input_shape) == 1
    assert not reading.size.choices
