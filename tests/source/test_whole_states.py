"""A recurrent layer's states used whole, and a loss with one target for each sample. Torch runs the same code."""

import re

import pytest

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw, Reading
from layerscope.source.text.paste import replaced

CODE = """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{kind}(input_size=6, hidden_size=8{options})
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        {names} = self.rnn(x)
        return {result}

model = Net()
criterion = nn.{loss}
x = torch.randn({sizes})
y = {target}
loss = criterion(model(x), y)
"""
CLASSES = "torch.randint(0, 5, (9,))"


def code(**parts: str) -> str:
    usual = {"kind": "LSTM", "options": ", batch_first=True", "names": "out, (h, c)", "result": "self.fc(h)"}
    usual |= {"loss": "CrossEntropyLoss()", "sizes": "9, 4, 6", "target": CLASSES}
    return CODE.format(**usual | parts)


def flaws(reading: Reading) -> list[Flaw]:
    return [flaw for flaw in reading.flaws if flaw.kind == "whole_state"]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"options": ", num_layers=2, batch_first=True"},
        {"options": ", num_layers=2"},  # where the samples come first all the same
        {"options": ", num_layers=3", "sizes": "4, 9, 6"},
        {"result": "self.fc(c)"},
        {"kind": "GRU", "names": "out, h"},
        {"kind": "RNN", "names": "_, h", "result": "torch.relu(self.fc(h))"},
        {"loss": "NLLLoss()", "result": "torch.log_softmax(self.fc(h), dim=-1)"},
        {"loss": "BCEWithLogitsLoss()", "target": "torch.rand(9, 5)"},
    ],
    ids=str,
)
def test_a_state_used_whole_is_an_error_and_the_last_layers_mends_it(parts: dict[str, str]) -> None:
    text = code(**parts)
    with pytest.raises((ValueError, RuntimeError)) as error:
        exec(text, {})
    (flaw,) = flaws(read_all(text))
    assert flaw.tone == "error"
    assert flaw.quote in str(error.value)
    assert re.search(r"write [hc]\[-1\]", flaw.label)
    mended = replaced(text, dict(flaw.changes))
    exec(mended, {})
    assert not flaws(read_all(mended))


@pytest.mark.parametrize(
    "parts",
    [
        {"result": "self.fc(h[-1])"},
        {"result": "self.fc(out[:, -1])"},
        {"target": "torch.randint(0, 5, (1,))"},  # a target for the one row
    ],
    ids=str,
)
def test_nothing_is_said_of_a_loss_that_fits(parts: dict[str, str]) -> None:
    text = code(**parts) if "target" not in parts else code(**parts, sizes="1, 4, 6")
    assert not flaws(read_all(text))


def test_both_directions_get_no_button() -> None:
    text = code(options=", batch_first=True, bidirectional=True")
    (flaw,) = flaws(read_all(text))
    assert "2 rows, one for each direction of a layer" in flaw.sentence
    assert not flaw.changes
