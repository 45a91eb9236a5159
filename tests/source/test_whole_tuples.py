"""What a recurrent layer returns, handed on whole: told, read as it is meant, and put right so that torch runs it."""

import pytest
import torch

from layerscope.source.reader import read_all
from layerscope.source.text.paste import replaced
from layerscope.tracing import trace

HEAD = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


"""


def network(init: str, forward: str, sample: str = "torch.randn(4, 7, 10)") -> str:
    """A class with these lines in __init__ and forward, called once."""
    lines = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    lines += [f"        {line}" for line in init.split("\n")]
    lines += ["", "    def forward(self, x):"] + [f"        {line}" for line in forward.split("\n")]
    return HEAD + "\n".join(lines) + f"\n\n\nnet = Net()\nout = net({sample})\n"


LSTM = "self.lstm = nn.LSTM(10, 20, batch_first=True)\nself.fc = nn.Linear(20, 3)"
DEEP = "self.lstm = nn.LSTM(10, 20, num_layers=2, batch_first=True)\nself.fc = nn.Linear(20, 3)"
GRU = LSTM.replace("LSTM", "GRU")
BOTH = "self.lstm = nn.LSTM(10, 20, batch_first=True, bidirectional=True)\nself.fc = nn.Linear(40, 3)"
TWO = LSTM.replace("lstm", "one") + "\nself.two = nn.GRU(20, 20, batch_first=True)"
ATTENTION = "self.attn = nn.MultiheadAttention(10, 2, batch_first=True)\nself.norm = nn.LayerNorm(10)"
WRAPPED = "self.lstm = Encoder()\nself.fc = nn.Linear(20, 3)"
ENCODER = """\
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(10, 20, batch_first=True)

    def forward(self, x):
        return self.rnn(x)


"""
CASES = {
    "one name": (LSTM, "x = self.lstm(x)\nreturn self.fc(x)"),
    "within a call": (LSTM, "return self.fc(self.lstm(x))"),
    "a function": (LSTM, "x = self.lstm(x)\nx = F.relu(x)\nreturn self.fc(x)"),
    "torch's function": (LSTM, "x = torch.tanh(self.lstm(x))\nreturn self.fc(x)"),
    "places at once": (LSTM, "x = self.lstm(x)[:, -1]\nreturn self.fc(x)"),
    "places later": (LSTM, "out = self.lstm(x)\nout = out[:, -1, :]\nreturn self.fc(out)"),
    "a method": (LSTM, "out = self.lstm(x)\nreturn self.fc(out.contiguous().view(out.size(0), 7, 20))"),
    "a sign": (GRU, "y = self.lstm(x)\nreturn self.fc(y * 0.5)"),
    "a sum": (ATTENTION, "return self.norm(x + self.attn(x, x, x))"),
    "attention": (ATTENTION, "x = self.attn(x, x, x)\nreturn self.norm(x)"),
    "two in a row": (TWO, "x = self.one(x)\nx = self.two(x)\nreturn self.fc(x)"),
    "also taken apart": (
        LSTM,
        "out = self.lstm(x)\nh = out[1][0]\nreturn self.fc(out) + self.fc(h[-1])[:, None]",
    ),
    "the states as one": (LSTM, "_, hidden = self.lstm(x)\nreturn self.fc(hidden.squeeze(0))"),
    "the last of the states": (DEEP, "out, hidden = self.lstm(x)\nreturn self.fc(hidden[-1])"),
    "both directions": (BOTH, "_, h = self.lstm(x)\nreturn self.fc(torch.cat((h[-2, :, :], h[-1, :, :]), dim=1))"),
    "three names": (LSTM, "out, h, c = self.lstm(x)\nreturn self.fc(h[-1])"),
    "parts of a row": (LSTM, "y = self.lstm(x)\nz = torch.cat([y, x], dim=2)\nreturn self.fc(z[:, :, :20])"),
}


def mended(code: str) -> str:
    """The code with all corrections."""
    flaws = read_all(code).flaws
    assert flaws
    assert {flaw.kind for flaw in flaws} == {"tuple"}
    assert all(flaw.tone == "error" and flaw.label for flaw in flaws)
    return replaced(code, {span: text for flaw in flaws for span, text in flaw.changes})


def check(code: str) -> None:
    """The network is read as it is meant, and the correction makes torch give just that."""
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    better = mended(code)
    names: dict[str, torch.Tensor] = {}
    exec(better, names)
    assert trace(reading.network).output_shapes == (tuple(names["out"].shape[1:]),)
    again = read_all(better)
    assert not again.flaws
    assert again.network == reading.network


@pytest.mark.parametrize("name", CASES)
def test_a_tuple_that_is_handed_on_is_told_and_put_right(name: str) -> None:
    code = network(*CASES[name])
    if name not in ("the last of the states",):  # torch takes the cell state there without a word
        with pytest.raises((TypeError, AttributeError, ValueError)):
            exec(code, {})
    check(code)


def test_a_block_that_returns_a_tuple() -> None:
    code = network(WRAPPED, "x = self.lstm(x)\nreturn self.fc(x)").replace("class Net", f"{ENCODER}class Net")
    check(code)


@pytest.mark.parametrize("layers", ["nn.LSTM(10, 20, batch_first=True), nn.Linear(20, 3)",
                                    "\n    nn.GRU(10, 20),\n    nn.ReLU(),\n    nn.Linear(20, 3),\n"])  # fmt: skip
def test_a_sequence_of_layers_with_one_that_returns_a_tuple(layers: str) -> None:
    code = f"{HEAD}net = nn.Sequential({layers})\nout = net(torch.randn(4, 7, 10))\n"
    if "batch_first" in layers:
        check(code)
    better = mended(code)
    exec(better, {})
    assert "class Output(nn.Module):" in better
    assert "cannot unpack" in read_all(code).flaws[0].title


def test_the_word_for_what_the_last_of_two_states_is() -> None:
    flaw = read_all(network(*CASES["the last of the states"])).flaws[0]
    assert flaw.title == "hidden[-1] is the cell state c_n"
    assert "h, c = hidden" in flaw.sentence
    assert flaw.label == "Line 14: write hidden[0][-1]"


@pytest.mark.parametrize("forward", [
    "out, (h, c) = self.lstm(x)\nreturn self.fc(h[-1])",
    "out = self.lstm(x)\nreturn self.fc(out[0])",
    "out, hidden = self.lstm(x)\nout, hidden = self.lstm(x, hidden)\nreturn self.fc(out)",
    "_, hidden = self.lstm(x)\nreturn self.fc(hidden[0][-1])",
    "_, hidden = self.lstm(x)\nreturn self.fc(torch.cat(hidden, dim=0)[-1])",
])  # fmt: skip
def test_tuples_that_are_taken_apart_are_left_alone(forward: str) -> None:
    code = network(LSTM, forward)
    exec(code, {})
    assert not read_all(code).flaws
