"""Several things that are wrong in a paste are told apart: the first as the message, each other one below it."""

import pytest

from layerscope.ui.code_stage import stage_data
from layerscope.ui.pasted import Pasted

LSTM = """
import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self, vocab=100, width=12, hidden=16):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden, 2)
    def forward(self, text):
        out = self.lstm(self.embedding(text))
        return self.fc(out[:, -1, :])
print(Net()(torch.randint(0, 100, (8, 50))).shape)
"""
SIGMOID = """
class Binary(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(20, 64)
        self.l2 = nn.Linear(64, 1)
    def forward(self, x):
        x = F.relu(self.l1(x))
        return torch.sigmoid(self.l2(x))
model = Binary()
loss_fn = nn.BCEWithLogitsLoss()
out = model(torch.randn(32, 20))
loss = loss_fn(out, torch.randint(0, 2, (32,)).float())
"""


@pytest.mark.parametrize(("code", "first", "others"), [
    (LSTM, "uses the whole tuple", ("lstm is bidirectional", "You wrote hidden = 16")),
    (SIGMOID, "the target (32,)", ("applies sigmoid itself",)),
])  # fmt: skip
def test_each_is_an_item_and_a_sentence(code, first, others):
    message = stage_data(Pasted(text=code))["message"]
    assert first in message["text"]
    told = [item["text"] for item in message["items"]]
    assert len(told) == len(others)
    for words, other in zip(told, others, strict=True):
        assert other in words
        assert other not in message["text"]
        assert words.endswith(".")
        assert not words.endswith("..")


@pytest.mark.parametrize("code", [LSTM, SIGMOID])
def test_the_button_for_all_shows_no_line_that_stands_under_another_one(code):
    """Imports that are added move the lines down; it then showed them once more, with other numbers."""
    every, *single = [action for action in stage_data(Pasted(text=code))["message"]["actions"] if action.get("edits")]
    assert every["label"] == "Correct all"
    shown = [{"".join(text for _, text in row["pieces"]) for row in action["rows"]} for action in single]
    assert all(shown)
    assert not set().union(*shown) & {"".join(text for _, text in row["pieces"]) for row in every["rows"]}
