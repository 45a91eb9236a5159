"""What the Code page says of a finding that stands at two places, of recurrent layers, and of prose."""

import pytest
import torch

from layerscope.ui import code_stage, correcting
from layerscope.ui.pasted import Pasted
from tests.ui.test_pasted import shown

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\n"
TWICE = HEAD + (
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.conv = nn.Conv2d(1, 64, 3, padding=1)\n        self.fc1 = nn.Linear(64 * 7 * 7, 10)\n\n"
    "    def forward(self, x):\n        x = F.max_pool2d(self.conv(x), 4)\n        x = x.view(-1, 64 * 7 * 7)\n"
    "        return self.fc1(x)\n\n\nNet()(torch.randn(2, 1, 32, 32))\n"
)


def test_a_view_and_the_linear_after_it_take_one_sentence() -> None:
    here = Pasted(text=TWICE)
    message = shown(here)["message"]
    assert message["text"].count("64 × 8 × 8 = 4,096 values") == 1
    assert "The same goes for in_features of fc1." in message["text"]
    both = next(each["key"] for each in message["actions"] if each["key"].startswith("correct:"))
    exec(correcting.corrected(here, both.partition(":")[2]), {})


CLASSIFIER = HEAD + (
    "class Classifier(nn.Module):\n    def __init__(self, vocab_size, embedding_dim, hidden_dim, output_dim):\n"
    "        super().__init__()\n        self.embedding = nn.Embedding(vocab_size, embedding_dim)\n"
    "        self.rnn = nn.{kind}(embedding_dim, hidden_dim, num_layers=2, bidirectional=True)\n"
    "        self.fc = nn.Linear(hidden_dim, output_dim)\n\n    def forward(self, x):\n"
    "        out, {state} = self.rnn(self.embedding(x))\n        return self.fc(out[:, {which}])\n\n\n"
    "model = Classifier(1000, 50, 64, 2)\nout = model(torch.randint(0, 1000, (8, 20)))\n"
)


@pytest.mark.parametrize("which", ["-1", "0"])
@pytest.mark.parametrize(("kind", "state"), [("LSTM", "(h, c)"), ("GRU", "h"), ("RNN", "h")])
def test_a_recurrent_layer_without_batch_first_gets_it_with_the_width_of_both_directions(
    kind: str, state: str, which: str
) -> None:
    here = Pasted(text=CLASSIFIER.format(kind=kind, state=state, which=which))
    message = shown(here)["message"]
    item = "the last" if which == "-1" else "the first"
    words = "Without batch_first=True, axis 0 is time and axis 1 is the batch in rnn, so "
    assert f"{words}out[:, {which}] picks {item} sample, not {item} step." in message["text"]
    assert message["text"].count("Line ") == 1
    assert "mixes samples" not in message["text"]
    assert code_stage.editor_data(here)["editor"]["tones"]["15"] == message["tone"] == "warning"
    key = next(each["key"] for each in message["actions"] if "add batch_first=True" in each["label"])
    text = correcting.corrected(here, key.partition(":")[2])
    assert "bidirectional=True, batch_first=True)" in text
    assert "nn.Linear(hidden_dim * 2, output_dim)" in text
    scope: dict[str, torch.Tensor] = {}
    exec(text, scope)
    assert scope["out"].shape == (8, 2)


def test_prose_is_told_what_to_paste() -> None:
    message = shown(Pasted(text="I have no idea what to do. How do I build a network?"))["message"]
    assert message["text"] == "There is no code in this text. Paste a class built on nn.Module, or an nn.Sequential."
