"""Corrections that belong together: a button alone leaves code that ran running, and "Correct all" corrects all."""

import pytest

from layerscope.ui.correcting import corrected
from layerscope.ui.offered import Kind, offered
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood

MIXED = """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8 * 5 * 5, 10)

    def forward(self, x):
        x = self.conv(x)
        x = x.view(-1, {width})
        return self.fc(x)

print(Net()(torch.randn({batch}, 3, 12, 12)).shape)
"""
SEQUENCE = """\
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, hidden_dim=16):
        super().__init__()
        self.embedding = nn.Embedding(100, 8)
        self.lstm = nn.LSTM(8, hidden_dim, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden_dim, 2)

    def forward(self, text):
        emb = self.embedding(text)
        out = self.lstm(emb)
        return self.fc(out[:, -1, :])

print(Net()(torch.randint(0, 100, (4, 7))).shape)
"""


@pytest.mark.parametrize("batch", [2, 3])  # 2 × 800 values are 8 rows of 200, and torch runs that
def test_a_view_and_what_reads_it_are_put_right_together(batch: int) -> None:
    here = Pasted(MIXED.format(width="8 * 5 * 5", batch=batch))
    seen = understood(here)
    assert seen is not None
    faults = [each for each in offered(seen) if each.kind is Kind.FAULT]
    assert [each.label for each in faults] == ["Lines 8 and 12: write 8 * 10 * 10"]
    exec(corrected(here, faults[0].key), {})


def test_a_view_that_holds_another_number_has_a_button_of_its_own() -> None:
    seen = understood(Pasted(MIXED.format(width="8 * 4 * 4", batch=2)))
    assert seen is not None
    assert len([each for each in offered(seen) if each.kind is Kind.FAULT]) == 2


def test_correct_all_corrects_what_only_shows_once_the_rest_is_right() -> None:
    here = Pasted(SEQUENCE)
    text = corrected(here, "all")
    exec(text, {})
    seen = understood(Pasted(text))
    assert seen is not None
    assert seen.is_right
    assert not seen.flaws
    assert "torch.cat([h_n[-2], h_n[-1]], dim=1)" in text
