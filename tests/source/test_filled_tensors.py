"""Results that are put into a tensor one by one, and states that a parameter makes: torch judges the shapes."""

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = (
    "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    "        super().__init__()\n        self.cell = nn.GRUCell(8, 16)\n        self.rnn = nn.LSTM(8, 16, 2)\n"
    "        self.one = nn.Linear(8, 16)\n        self.out = nn.Linear(16, 4)\n\n    def forward(self, x):\n"
)
LOOP = (
    "h = torch.zeros(len(x), 16)\n{made}\nfor t in range({first}x.size(1)):\n    h = self.cell(x[:, t], h)\n    {put}"
)
STEPS = "outputs = torch.zeros(x.size(0), x.size(1), 16)"
FIRST = "outputs = x.new_zeros(x.size(1), x.size(0), 16)"
BODIES = [
    LOOP.format(made=STEPS, first="", put="outputs[:, t] = h") + "\nreturn self.out(outputs)",
    LOOP.format(made=STEPS, first="", put="outputs[:, t, :] = h") + "\nreturn self.out(outputs[:, -1])",
    LOOP.format(made=FIRST, first="1, ", put="outputs[t] = h") + "\nreturn self.out(outputs.transpose(0, 1))",
    LOOP.format(made=FIRST, first="", put="outputs[t, ...] = h") + "\nreturn self.out(outputs[-1] + outputs[0])",
    "x = x[:, 0]\nboth = torch.empty(x.shape[0], 32)\nboth[:, :16] = self.one(x)\nboth[:, 16:] = self.one(x)\n"
    "return both",
    "outputs = torch.zeros(x.size(0), 16)\nother = outputs\nother[:, :16] = self.one(x[:, 0])\n"
    "return self.out(outputs)",
    "outputs = torch.zeros(x.size(0), 3, 16)\ndef step(t):\n    outputs[:, t] = self.one(x[:, t])\nfor t in range(3):\n"
    "    step(t)\nreturn self.out(outputs)",
    "weight = next(self.parameters()).data\nstate = (weight.new(2, x.size(1), 16).zero_(), "
    "weight.new_zeros(2, x.size(1), 16))\nout, state = self.rnn(x, state)\nreturn self.out(out[-1])",
]  # fmt: skip


def code_of(body: str) -> str:
    return (
        HEAD
        + "".join(f"        {row}\n" for row in body.split("\n"))
        + "\n\nnet = Net()\nout = net(torch.randn(2, 3, 8))\n"
    )


@pytest.mark.parametrize("body", BODIES)
def test_torch_agrees(body: str) -> None:
    code = code_of(body)
    scope: dict[str, torch.Tensor] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    traced = trace(reading.network)
    assert traced.error is None
    real = tuple(scope["out"].shape)
    assert traced.output_shape in (real[1:], (*real[:1], *real[2:]))  # with the batch in front, or after the steps
    net = scope["net"]
    assert isinstance(net, nn.Module)
    assert 0 < traced.parameters <= sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize("put", ["outputs[:, t, :8] = h[:, :8]", "outputs[h > 0] = h", "outputs[0] = h"])
def test_what_no_row_says_is_refused_with_what_would_work(put: str) -> None:
    reading = read_all(code_of(LOOP.format(made=STEPS, first="", put=put) + "\nreturn self.out(outputs)"))
    assert reading.refusal is not None
    assert reading.refusal.line == 18
    assert "torch.stack(outputs" in reading.refusal.reason


ELSEWHERE = [
    "outs = [torch.zeros(x.size(0), 3, 16)]\nfor one in outs:\n    one[:, 0] = self.one(x[:, 0])\n"
    "return self.out(torch.cat([*outs, self.one(x)], 1))",
    "outputs = torch.zeros(x.size(0), 3, 16)\ndef put(into, t, h):\n    into[:, t] = h\nfor t in range(3):\n"
    "    put(outputs, t, self.one(x[:, t]))\nreturn self.out(outputs)",
]  # fmt: skip


@pytest.mark.parametrize("body", ELSEWHERE)
def test_what_is_filled_through_a_list_or_a_helper_is_refused_and_loses_no_layer(body: str) -> None:
    reading = read_all(code_of(body))
    assert reading.refusal is not None
    assert "torch.stack" in reading.refusal.reason or "torch.cat" in reading.refusal.reason


def test_a_part_of_a_result_that_is_overwritten_is_refused() -> None:
    reading = read_all(code_of("x = self.one(x)\nx[:, 0] = 0\nreturn self.out(x)"))
    assert reading.refusal is not None
    assert "torch.where" in reading.refusal.reason
