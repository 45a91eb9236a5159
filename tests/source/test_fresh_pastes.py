"""Kinds found with pastes written anew: sizes beside the batch, single indices, greetings, loops that fill weights."""

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.tracing import trace
from tests.source.test_reader_ways import net

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
CODE = net("self.fc = nn.Linear(12, 3)", "return self.fc(x)")
RECURRENT = (
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.rnn = nn.LSTM(8, 16, 2)\n"
    "        self.out = nn.Linear(16, 4)\n\n    def forward(self, x):\n{body}\n\n\nnet = Net()\n"
    "out = net(torch.randn(5, 3, 8))\n"
)
BODIES = [
    "        return self.out(self.rnn(x)[0])",
    "        h = torch.zeros(2, x.size(1), 16)\n        return self.out(self.rnn(x, (h, h))[0])",
]


@pytest.mark.parametrize("body", BODIES)
def test_steps_before_samples_are_taken_from_the_example(body: str) -> None:
    code = HEAD + RECURRENT.format(body=body)
    scope: dict[str, torch.Tensor] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == (5, 8)
    steps, _, width = scope["out"].shape
    assert trace(reading.network).output_shape == (steps, width)


TWO = (
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Embedding(9, 4)\n"
    "        self.b = nn.Embedding(7, 4)\n\n    def forward(self, user, item):\n        {body}\n\n\nnet = Net()\n"
    "out = net(torch.randint(0, 7, {shape}), torch.randint(0, 7, {shape}))\n"
)


@pytest.mark.parametrize(("body", "shape", "high"), [
    ("return (self.a(user) * self.b(item)).sum(1, keepdim=True)", "(6,)", [9, 7]),
    ("return torch.cat([self.a(user[:, 0]), self.b(user[:, 1]), self.b(item[:, 0])], 1)", "(6, 2)", [7, 7]),
])  # fmt: skip
def test_single_indices_and_tables_of_several_sizes_run(body: str, shape: str, high: list[int]) -> None:
    code = HEAD + TWO.format(body=body, shape=shape)
    scope: dict[str, torch.Tensor] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert [given.high for given in reading.network.inputs] == high
    traced = trace(reading.network)
    assert traced.error is None
    assert traced.output_shape == tuple(scope["out"].shape[1:])


@pytest.mark.parametrize(("before", "after"), [
    ("Hi all,\n\nI don't know why it doesn't train:\n\n", "\n\nWhat am I doing wrong? It's my first.\nThanks, Anna\n"),
    ("Code:\n", "\nThanks!\n"),
    ("Hello everyone\nthis is my model.\n", "\nAny ideas? I can't find it.\n\nBest regards,\nTom\n"),
])  # fmt: skip
def test_short_lines_of_english_are_no_code(before: str, after: str) -> None:
    reading = read_all(before + CODE + after)
    assert reading.refusal is None
    assert reading.network is not None


def test_what_is_wrong_is_told_where_the_code_is_wrong() -> None:
    reading = read_all(
        "Hi all,\n\nit doesn't run:\n\n" + CODE.replace("nn.Linear(12, 3)", "nn.Linear(12, 3") + "\nI'm lost.\n"
    )
    assert reading.refusal is not None
    assert "never closed" in reading.refusal.reason
    assert "string" not in reading.refusal.reason


def test_a_loss_of_ones_own_is_not_the_network() -> None:
    loss = "\n\nclass PairLoss(nn.Module):\n    def forward(self, a, b):\n        return torch.mean((a - b) ** 2)\n"
    reading = read_all(CODE + loss)
    assert reading.network is not None
    assert not [note for note in reading.notes if isinstance(note, Flaw) and note.kind == "part"]


FILLING = (
    "for m in self.modules():\n    if isinstance(m, nn.Conv2d):\n        nn.init.kaiming_normal_(m.weight)\n"
    "        if m.bias is not None:\n            m.bias.data.zero_()\n    elif isinstance(m, nn.BatchNorm2d):\n"
    "        nn.init.constant_(m.weight, 1)"
)
BODY = "self.seen = []\nself.body = nn.Sequential(*[nn.Conv2d(3, 3, 1) for _ in range({count})])\n"


@pytest.mark.parametrize(("loop", "is_followed_once"), [
    (FILLING, True),
    ("for m in self.modules():\n    if isinstance(m, nn.Conv2d):\n        m.stride = 1", False),
    ("for m in self.modules():\n    self.seen.append(m)", False),
])  # fmt: skip
def test_only_loops_that_fill_are_followed_for_one_module_of_each_kind(loop: str, is_followed_once: bool) -> None:
    def steps(count: int, code: str) -> int:
        reading = read_all(net(BODY.format(count=count) + code, "return self.body(x)"))
        assert reading.network is not None
        return reading.steps

    few, many = (steps(count, loop) - steps(count, "pass") for count in (2, 22))
    assert (many - few < 60) == is_followed_once
