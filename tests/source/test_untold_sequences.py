"""Networks that read sequences of an unknown length are offered sequences, never images, and are never said to fail."""

import pytest

from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import torch\nfrom torch import nn\n\n\n"
BLOCK = HEAD + (
    "class Block(nn.Module):\n    def __init__(self, d=48):\n        super().__init__()\n"
    "        self.norm = nn.{norm}\n        self.att = nn.MultiheadAttention(d, 4, batch_first=True)\n"
    "        self.out = nn.Linear(d, d)\n\n    def forward(self, x):\n        y = self.norm(x)\n"
    "        return x + self.out(self.att(y, y, y)[0])\n"
)
PAIR = HEAD + (
    "class Pair(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.body = nn.Transformer(48, 4, 1, 1, 96, batch_first=True)\n\n"
    "    def forward(self, source, target):\n        return self.body(source, target)\n"
)
SEQUENCES = {
    "attention after a norm": BLOCK.format(norm="LayerNorm(d)"),
    "attention after a Linear": BLOCK.format(norm="Linear(d, d)"),
    "an LSTM after a Linear": HEAD + "net = nn.Sequential(nn.Linear(48, 48), nn.ReLU(), nn.LSTM(48, 8))\n",
    "source and target": PAIR,
    "a bare Transformer": HEAD + "net = nn.Transformer(d_model=48, nhead=4, batch_first=True)\n",
}  # fmt: skip


@pytest.mark.parametrize("code", SEQUENCES.values(), ids=SEQUENCES)
def test_sequences_are_offered(code: str) -> None:
    reading = read_all(code)
    assert reading.doubt
    assert reading.size.choices
    for choice in reading.size.choices:
        first = choice.shapes.partition(";")[0]
        assert first.endswith(", 48")
        assert first.count(",") == 1
        assert choice.label.endswith("steps of 48")


@pytest.mark.parametrize("name", ["attention after a norm", "attention after a Linear", "source and target"])
def test_the_shown_length_runs(name: str) -> None:
    reading = read_all(SEQUENCES[name])
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).error is None
    assert {each.shape for each in reading.network.inputs} == {(16, 48)}
