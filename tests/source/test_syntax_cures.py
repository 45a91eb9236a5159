"""Code that Python cannot read gets a change after which it is a network, where one sign is missing or wrong."""

import re

import pytest

from layerscope.source.reader import read_all
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood
from layerscope.ui.understood import Understood

ROWS = """import torch
import torch.nn as nn
net = nn.Sequential(
    nn.Conv2d(1, 16, 3),  # the first
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 13 * 13, 10),
)
y = net(torch.randn(2, 1, 28, 28))
"""
CLASS = """import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.name = "first"
        self.conv = nn.Conv2d(1, 6, 5)
        self.fc = nn.Linear(6 * 24 * 24, 10)

    def forward(self, x):
        if x.dim() == 3:
            x = x.unsqueeze(0)
        x = torch.relu(self.conv(x))
        return self.fc(torch.flatten(x, 1))

net = Net()
y = net(torch.randn(2, 1, 28, 28))
"""
LABELS = [
    (ROWS, "nn.ReLU(),", "nn.ReLU()", "Line 5: end the line with a comma"),
    (ROWS, "Conv2d(1, 16, 3),", "Conv2d(1, 16, 3)", "Line 4: end the line with a comma"),
    (ROWS, "1, 16", "1 16", "Line 4: write a comma"),
    (CLASS, "forward(self, x):", "forward(self, x)", "Line 11: end the line with :"),
    (CLASS, "Net(nn.Module):", "Net(nn.Module)  # mine", "Line 4: end the line with :"),
    (CLASS, "24, 10)", "24, 10", "Line 9: close the bracket with )"),
    (CLASS, "(x, 1))", "(x, 1)", "Line 15: close the bracket with )"),
    (CLASS, "== 3", "= 3", "Line 12: write =="),
    (CLASS, "1, 6, 5)", "1, 6, 5))", "Line 8: remove the bracket that closes nothing"),
    (CLASS, '"first"', "“first”", "Line 7: write plain signs"),
    (CLASS, "1, 6, 5", "1，6，5", ""),
    (CLASS, "6 * 24", "6 × 24", "Line 9: write plain signs"),
]


def seen_in(text: str) -> Understood:
    """What the page knows of a paste."""
    seen = understood(Pasted(text=text))
    assert seen is not None
    return seen


@pytest.mark.parametrize(("code", "right", "wrong", "label"), LABELS, ids=[row[2] for row in LABELS])
def test_a_sign_is_put_right(code, right, wrong, label):
    seen = seen_in(code.replace(right, wrong))
    assert seen.network is None
    if not label:
        return
    (cure, *_) = seen.repaired
    assert cure.label == label
    assert read_all(cure.text).network == read_all(code).network


@pytest.mark.parametrize("code", [ROWS, CLASS], ids=["rows", "class"])
def test_whatever_sign_is_missing_no_cure_makes_another_network(code):
    """Each comma, colon and closing bracket is left out in turn; most are put back."""
    whole = read_all(code).network
    cured = lacking = 0
    for sign in re.finditer(r"[,:)]", code):
        text = code[: sign.start()] + code[sign.end() :]
        seen = seen_in(text)
        refusal = read_all(text).refusal
        if refusal is None or not refusal.ways:
            continue
        lacking += 1
        for cure in seen.repaired:
            assert read_all(cure.text).network == whole, cure.label
            cured += 1
    assert lacking > 10
    assert cured >= 0.7 * lacking


@pytest.mark.parametrize("text", ["(" * 150, "f(" * 150 + "1 2", "if x = 1\n" * 300, "“" * 5000, "a b " * 2000])
def test_hostile_text_gets_few_ways(text):
    reading = read_all(text)
    assert reading.refusal is not None
    assert len(reading.refusal.ways) <= 4
    assert all(len(way) <= 200 for way in reading.refusal.ways)


def test_a_layer_that_is_only_a_local_name_is_kept_by_a_change():
    seen = seen_in(CLASS.replace("self.fc = ", "fc = "))
    (flaw,) = [flaw for flaw in seen.flaws if flaw.changes]
    assert flaw.label == "Line 9: write self.fc"
    assert flaw.quote == "'Net' object has no attribute 'fc'"
    assert flaw.sentence == "Line 9 sets fc, which ends with __init__; self.fc stays."
