"""The last activation beside the loss: remarked on only where both are seen and the network's output goes into it."""

import pytest
import torch
import torch.nn.functional as functional

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.source.text.paste import replaced

NET = (
    "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\nclass Net(nn.Module):\n"
    "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(20, 5)\n"
    "        self.last = nn.{last}\n\n    def forward(self, x):\n        return {end}\n\n\n"
    "net = Net().to('cuda')\n{loss}\n"
)
LOOP = "\nfor x, y in loader:\n    out = net(x)\n    loss = {call}\n    loss.backward()\n"
CASES = [
    ("Softmax(dim=1)", "self.last(self.fc(x))", "criterion = nn.CrossEntropyLoss()", "Softmax before CrossEntropyLoss"),
    ("ReLU()", "F.softmax(self.fc(x), dim=1)", "loss = F.cross_entropy(net(x), y)", "Softmax before CrossEntropyLoss"),
    ("ReLU()", "self.fc(x).softmax(1)", LOOP.format(call="F.cross_entropy(out, y)"), "Softmax before CrossEntropyLoss"),
    ("Sigmoid()", "self.last(self.fc(x))", "f = nn.BCEWithLogitsLoss()" + LOOP.format(call="f(out.squeeze(), y)"),
     "Sigmoid before BCEWithLogitsLoss"),
    ("Softmax(1)", "self.last(self.fc(x))", LOOP.format(call="F.nll_loss(out, y)"), "Softmax before NLLLoss"),
    ("ReLU()", "self.fc(x)", "f = nn.NLLLoss()" + LOOP.format(call="f(out, y)"), "No LogSoftmax before NLLLoss"),
    ("ReLU()", "self.fc(x)", LOOP.format(call="nn.BCELoss()(out, y)"), "No Sigmoid before BCELoss"),
    ("LogSoftmax(1)", "self.last(self.fc(x))", "f = nn.NLLLoss()" + LOOP.format(call="f(out, y)"), ""),
    ("Softmax(1)", "self.last(self.fc(x))", LOOP.format(call="F.nll_loss(torch.log(out), y)"), ""),
    ("ReLU()", "self.fc(x)", LOOP.format(call="F.nll_loss(F.log_softmax(out, 1), y)"), ""),
    ("ReLU()", "self.fc(x)", "f = nn.CrossEntropyLoss()" + LOOP.format(call="f(out, y)"), ""),
    ("Softmax(1)", "self.last(self.fc(x))", LOOP.format(call="F.cross_entropy(head(out), y)"), ""),
    ("Softmax(1)", "self.last(self.fc(x))", "f = nn.CrossEntropyLoss()\ng = nn.NLLLoss()", ""),
    ("Sigmoid()", "self.last(self.fc(x)).view(x.size(0), -1)", "f = nn.BCELoss()" + LOOP.format(call="f(out, y)"), ""),
    ("ReLU()", "torch.log_softmax(self.fc(x), 1).view(-1, 5)", LOOP.format(call="F.nll_loss(out, y)"), ""),
    ("Softmax(1)", "self.last(self.fc(x))",
     "def cross_entropy(out, y):\n    return -torch.log(out[range(len(y)), y]).mean()\n"
     + LOOP.format(call="cross_entropy(out, y)"), ""),
    ("ReLU()", "self.fc(x)", "nll_loss = -F.log_softmax(net(x), 1).gather(1, y)", ""),
    ("ReLU()", "self.fc(x)",
     "def train(net, f, loader):\n    for x, y in loader:\n        f(F.log_softmax(net(x), 1), y)\n\n\n"
     "train(net, nn.NLLLoss(), loader)", ""),
    ("ReLU()", "self.fc(x)", "loss = F.nll_loss(input=torch.log_softmax(net(x), 1), target=y)", ""),
    ("ReLU()", "self.fc(x)",
     "def nll(out, y):\n    return F.nll_loss(out, y)\n\n\nout = net(x)\nnll(F.log_softmax(out, 1), y)", ""),
    ("Softmax(1)", "self.last(self.fc(x)), self.fc(x)", "f = nn.CrossEntropyLoss()", ""),
    ("Softmax(1)", "self.last(self.fc(x))",
     "f = nn.CrossEntropyLoss()\n\n\nclass Other(nn.Module):\n    def forward(self, x):\n        return x.relu()", ""),
]  # fmt: skip


def told(code: str) -> list[Flaw]:
    return [note for note in read_all(code).notes if isinstance(note, Flaw) and note.kind == "loss"]


@pytest.mark.parametrize(("last", "end", "loss", "title"), CASES)
def test_it_is_told_where_it_is_sure_and_the_change_mends_it(last: str, end: str, loss: str, title: str) -> None:
    code = NET.format(last=last, end=end, loss=loss)
    found = told(code)
    assert [flaw.title for flaw in found] == [title] * bool(title)
    for flaw in found:
        assert flaw.changes
        mended = replaced(code, dict(flaw.changes))
        assert not told(mended), mended
        assert read_all(mended).refusal is None


def test_a_layer_of_a_sequential_is_taken_out() -> None:
    code = (
        "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(20, 5), nn.Softmax(dim=1))\nf = nn.CrossEntropyLoss()\n"
    )
    (flaw,) = told(code)
    assert "nn.Sequential(nn.Linear(20, 5))" in replaced(code, dict(flaw.changes))


def test_what_is_said_of_the_loss_is_so() -> None:
    """Scores from 0 to 1 leave a loss, the best ones too; without log the loss is negative."""
    best, labels = torch.eye(5) * 1e4, torch.arange(5)
    assert functional.cross_entropy(best, labels) == 0
    assert functional.cross_entropy(best.softmax(1), labels) > 0.9
    assert functional.binary_cross_entropy_with_logits(torch.ones(5), torch.ones(5)) > 0.3
    assert functional.nll_loss(best.softmax(1), labels) < 0
