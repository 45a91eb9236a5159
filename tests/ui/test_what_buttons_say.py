"""A button of the Code page says all that it changes; each change stands there once; errors are called errors."""

import pytest

from layerscope.ui import code_stage
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"


def net(init: str, forward: str, call: str, parameters: str = "self") -> str:
    rows = ["class Net(nn.Module):", f"    def __init__({parameters}):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")]
    rows += ["    def forward(self, x):", *(f"        {row}" for row in forward.split("; "))]
    return HEAD + "\n".join([*rows, f"net = Net()\nnet(torch.randn({call}))", ""])


COMMA = net(
    "self.body = nn.Sequential(; nn.Conv2d(3, 16, 3),; nn.ReLU(); nn.MaxPool2d(2),; ); self.fc = nn.Linear(9, 10)",
    "return self.fc(self.body(x))", "4, 3, 32, 32",
)  # fmt: skip
BOTH_WAYS = net(
    "self.lstm = nn.LSTM(16, hidden, bidirectional=True); self.fc = nn.Linear(hidden, 5)",
    "h = torch.zeros(2, x.size(0), 64); out, _ = self.lstm(x, (h, h)); return self.fc(out[:, -1])", "8, 20, 16",
    "self, hidden=64",
)  # fmt: skip
HEADS = net(
    "self.body = nn.TransformerEncoderLayer(width, nhead, batch_first=True)", "return self.body(x)", "8, 20, 100",
    "self, width=100, nhead=8",
)  # fmt: skip
LONE = net(
    "self.conv = nn.Conv2d(1, 4, 3); self.a = nn.Linear(26, 64); self.b = nn.Linear(64, 10)",
    "return self.b(self.a(self.conv(x)))", "2, 1, 28, 28",
)  # fmt: skip
TWICE = net(
    "self.a = nn.Conv2d(1, 8, 3); self.b = nn.Linear(8 * 28 * 28, 99); self.c = nn.Linear(98, 10)",
    "return self.c(self.b(self.a(x).flatten(1)))", "2, 1, 28, 28",
)  # fmt: skip


@pytest.mark.parametrize(("source", "label"), [
    (COMMA, "Line 10: end the line with a comma; line 15: flatten before fc; line 13: write 3600"),
    (BOTH_WAYS, "Line 8: add batch_first=True; line 9: write hidden * 2"),
    (HEADS, "Line 6: write 5 for nhead"),
    (LONE, "Line 12: flatten before a; line 9: write 2704"),
])  # fmt: skip
def test_a_button_says_all_that_it_changes(source: str, label: str) -> None:
    action = shown(Pasted(source))["message"]["actions"][0]
    assert action["label"] == label
    assert {f"{row['line']}" for row in action["rows"]} == {
        part.split(": ")[0].split()[1] for part in label.split("; ")
    }


def test_each_change_stands_there_once_and_what_code_says_is_written_as_code() -> None:
    message = code_stage.stage_data(Pasted(TWICE))["message"]
    every, *others = [action for action in message["actions"] if "rows" in action]
    assert every["label"] == "Correct all"
    assert every["rows"] == []
    assert every["edits"]
    assert [action["label"] for action in others] == ["Line 9: write 8 * 26 * 26", "Line 10: write 99"]
    assert message["text"].startswith("You wrote 8 * 28 * 28 = 6,272; b gets 8 × 26 × 26 = 5,408 values.")


@pytest.mark.parametrize("source", [
    COMMA, BOTH_WAYS, net("self.fc = nn.Linear(4, 2)", "raise ValueError('no')", "2, 4"), "x = (1\n",
    net("self.w = nn.Parameter(torch.zeros(1, 9, 4))", "return x + self.w", "2, 5, 4"),
])  # fmt: skip
def test_what_python_or_torch_refuses_is_called_an_error(source: str) -> None:
    assert shown(Pasted(source))["message"]["tone"] == "error"


def test_what_only_layerscope_cannot_read_is_not_called_an_error() -> None:
    source = net("self.fc = nn.Linear(4, 2)", "return mystery(self.fc(x))", "2, 4")
    assert shown(Pasted("from somewhere import mystery\n" + source))["message"]["tone"] != "error"


def test_a_layer_that_is_never_used_can_be_taken_away_once_all_else_is_right() -> None:
    rows = "self.a = nn.Linear({}, 2); self.softmax = nn.Softmax(dim=1)"
    for width, labels in ((4, ["Line 9: remove self.softmax"]), (5, ["Line 8: write 4"])):
        message = shown(Pasted(net(rows.format(width), "return self.a(x)", "2, 4")))["message"]
        assert [action["label"] for action in message["actions"] if "rows" in action] == labels
