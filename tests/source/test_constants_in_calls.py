"""Parameters of forward that the code's own call gives None, a number or a word: they are no inputs."""

import pytest
import torch
from torch import nn

from layerscope.building import module
from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import torch\nfrom torch import nn\n\n\n"
RECURRENT = HEAD + (
    "class Reader(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.rnn = nn.{kind}(7, 11, batch_first=True)\n        self.out = nn.Linear(11, 3)\n\n"
    "    def forward(self, {order}):\n{more}        steps, state = self.rnn(x, state)\n"
    "        return self.out(steps[:, -1])\n\n\n{call}\n"
)
ZERO = (
    "        if state is None:\n            state = torch.zeros(1, x.size(0), 11)\n"  # which torch's own state is too
)


@pytest.mark.parametrize(("order", "call"), [
    ("x, state", "Reader()(torch.randn(2, 5, 7), None)"),
    ("x, state", "net = Reader()\nnet(torch.randn(2, 5, 7), state=None)"),
    ("state, x", "Reader()(None, torch.randn(2, 5, 7))"),
    ("x, state", "net = Reader()\nstate = None\nfor step in range(3):\n    out = net(torch.randn(2, 5, 7), state)"),
])  # fmt: skip
@pytest.mark.parametrize(("kind", "more"), [("GRU", ZERO), ("GRU", ""), ("LSTM", ""), ("RNN", "")])
def test_a_state_that_is_none_is_no_input(kind: str, more: str, order: str, call: str) -> None:
    reading = read_all(RECURRENT.format(kind=kind, order=order, more=more, call=call))
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.shape_told == "example call"
    assert [each.shape for each in reading.network.inputs] == [(5, 7)]
    seen = trace(reading.network)
    real = {"GRU": nn.GRU, "LSTM": nn.LSTM, "RNN": nn.RNN}[kind](7, 11, batch_first=True)
    own = sum(each.numel() for each in real.parameters())
    assert seen.error is None
    assert seen.parameters == own + 11 * 3 + 3
    assert module(reading.network)(torch.randn(2, 5, 7)).shape == (2, 3)


def test_a_number_and_a_word_decide_what_forward_does() -> None:
    code = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 6)\n"
        "        self.b = nn.Linear(4, 9)\n\n    def forward(self, x, times, way):\n"
        "        x = self.a(x) if way == 'a' else self.b(x)\n        for _ in range(times):\n"
        "            x = torch.relu(x)\n        return x\n\n\nNet()(torch.randn(2, 4), 3, 'b')\n"
    )
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert [layer.type for layer in reading.network.layers] == ["Linear", "ReLU", "ReLU", "ReLU"]
    assert reading.network.layers[0].name == "b"


def test_what_is_given_tensors_stays_an_input() -> None:
    code = RECURRENT.format(
        kind="GRU", order="x, state", more="", call="Reader()(torch.randn(2, 5, 7), torch.randn(1, 2, 11))"
    )  # fmt: skip
    assert len(read_all(code).inputs) == 2
