"""Kinds of faults in pasted code that torch names only when the code runs: each is told, each offered change works."""

import pytest

from layerscope.source.reader import read_all
from layerscope.ui.offered import offered
from layerscope.ui.pasted import Pasted
from layerscope.ui.understanding import understood
from tests.ui.test_pasted_slips import is_calm, mended
from tests.ui.test_pasted_torch import corrected, net, told, words_of_torch

TABLES = "self.words = nn.Embedding(40, 8); self.places = nn.Embedding(24, 8)"
LOOKED_UP = {
    "randint": ("self.words(x).mean(1)", "torch.randint(0, 90, (3, 6))", "words has no row for 89"),
    "literal": ("self.words(x).mean(1)", "torch.tensor([[1, 39, 40]])", "words has no row for 40"),
    "positions": (
        "(self.words(x) + self.places(torch.arange(x.size(1)))).mean(1)", "torch.randint(9, (3, 30))",
        "places has no row for 29",
    ),
    "constant": (
        "self.words(x) + self.places(torch.tensor([24]))", "torch.randint(9, (3, 6))", "places has no row for 24",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("uses", "given", "title"), LOOKED_UP.values(), ids=LOOKED_UP)
def test_a_number_that_an_embedding_has_no_row_for(uses: str, given: str, title: str) -> None:
    source = net(TABLES, f"return {uses}", f"out = Net()({given})")
    message = told(source)
    assert (message["tone"], message["title"]) == ("error", title)
    assert message["quote"] == words_of_torch(source) != ""
    assert is_calm(mended(source))


def test_the_number_is_changed_where_it_is_written() -> None:
    source = net(
        "self.words = nn.Embedding(size, 8)", "return self.words(x)", "out = Net()(torch.randint(0, 50, (2, 6)))"
    )
    source = source.replace("def __init__(self)", "def __init__(self, size=20)")
    assert "size=50" in mended(source)
    assert "nn.Embedding(size, 8)" in mended(source)


def test_a_number_below_zero_has_no_simple_change() -> None:
    source = net(TABLES, "return self.words(x)", "out = Net()(torch.tensor([[1, -1]]))")
    message = told(source)
    assert message["title"] == "words has no row for -1"
    assert not [action for action in message["actions"] if action["key"].startswith("correct:")]


def test_positions_are_not_counted_on_a_guessed_length() -> None:
    short = net("self.places = nn.Embedding(4, 8)", "return x + self.places(torch.arange(x.size(1)))", "")
    assert not [flaw for flaw in read_all(short).flaws if flaw.kind == "indices"]


HEADS = {
    "view": "b, t, c = x.shape; return self.one(x).view(b, t, self.heads, c // self.heads).mean(2)",
    "raise": (
        "\n        if x.size(2) % self.heads != 0: raise ValueError('heads')\n        return self.one(x)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("forward", HEADS.values(), ids=HEADS)
def test_heads_that_do_not_divide_the_width(forward: str) -> None:
    init = "self.heads = heads; self.one = nn.Linear(48, 48)"
    source = net(init, forward, "out = Net(5)(torch.randn(2, 7, 48))").replace(
        "def __init__(self)", "def __init__(self, heads)"
    )
    assert words_of_torch(source)
    right = corrected(source)
    assert words_of_torch(right) == ""
    assert "Net(4)" in right or "Net(6)" in right


SEQUENCES = {
    "encoder": "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 2)",
    "layer": "nn.TransformerEncoderLayer(8, 2, batch_first=True)",
    "after a Linear": "nn.Sequential(nn.Linear(8, 8), nn.TransformerEncoderLayer(8, 2, batch_first=True))",
}


@pytest.mark.parametrize("layer", SEQUENCES.values(), ids=SEQUENCES)
def test_a_sequence_without_a_batch_axis_is_one_sample(layer: str) -> None:
    source = net(f"self.layer = {layer}", "return self.layer(x)", "out = Net()(torch.randn(5, 8))")
    seen = understood(Pasted(text=source))
    assert seen is not None
    assert seen.trace is not None
    assert seen.trace.error is None
    assert seen.trace.network.input_shape == (5, 8)
    assert words_of_torch(source) == ""
    assert told(source)["title"] == "The example has no batch axis"
    assert "torch.randn(1, 5, 8)" in mended(source)


def test_the_batch_of_a_sequence_is_put_where_the_layer_has_it() -> None:
    source = "import torch\nfrom torch import nn\nrnn = nn.LSTM(8, 16)\nout, state = rnn(torch.randn(5, 8))\n"
    right = corrected(source)
    assert "torch.randn(5, 1, 8)" in right
    assert words_of_torch(right) == ""


def test_an_input_that_is_named_like_a_layer_is_renamed() -> None:
    init = "self.left = nn.Linear(5, 8); self.right = nn.Linear(6, 8); self.right_input = nn.Linear(8, 2)"
    source = net(
        init,
        "return self.right_input(self.left(left) + self.right(right))",
        "out = Net()(torch.randn(4, 5), torch.randn(4, 6))",
    )
    source = source.replace("def forward(self, x)", "def forward(self, left, right)")
    network = read_all(source).network
    assert network is not None
    assert [(given.name, given.shape) for given in network.inputs] == [("left_input", (5,)), ("right_input2", (6,))]
    assert network["right"].inputs == ("right_input2",)
    assert "A layer is named left too; input left is shown as left_input." in told(source)["text"]


def test_a_state_may_be_returned() -> None:
    init = "self.rnn = nn.GRU(8, 16, batch_first=True); self.out = nn.Linear(16, 2)"
    source = net(init, "y, state = self.rnn(x); return self.out(y[:, -1]), state", "out = Net()(torch.randn(4, 5, 8))")
    reading = read_all(source)
    assert reading.refusal is None
    assert len(reading.layers) == 3
    assert words_of_torch(source) == ""


KEYWORDS = {
    "near": ("nn.Linear(12, 8, bais=False)", "Line 8: write bias"),
    "part of it": ("nn.Linear(12, 8, use_bias=False)", "Line 8: write bias"),
    "another library's": ("nn.Linear(12, 8, activation='relu')", "Line 8: remove activation"),
}


@pytest.mark.parametrize(("made", "label"), KEYWORDS.values(), ids=KEYWORDS)
def test_a_keyword_that_a_layer_does_not_have(made: str, label: str) -> None:
    source = net(f"self.one = {made}", "return self.one(x)", "out = Net()(torch.randn(5, 12))")
    message = told(source)
    assert message["quote"] == words_of_torch(source) != ""
    labels = [action["label"] for action in message["actions"]]
    assert labels[0].partition(": ")[2] == label.partition(": ")[2]
    assert is_calm(mended(source))


@pytest.mark.parametrize("function", ["F.relu", "torch.sigmoid", "torch.tanh"])
def test_a_function_that_is_not_called(function: str) -> None:
    uses = f"x = self.one(x); x = {function}; return self.two(x)"
    source = net("self.one = nn.Linear(12, 8); self.two = nn.Linear(8, 2)", uses, "out = Net()(torch.randn(5, 12))")
    assert told(source)["title"] == f"{function} is not called"
    assert words_of_torch(source)
    assert is_calm(mended(source))


@pytest.mark.parametrize("name", ["init", "_init", "__init", "init__", "__inti__"])
def test_an_init_of_another_name(name: str) -> None:
    source = net("self.one = nn.Linear(12, 8)", "return self.one(x)", "out = Net()(torch.randn(5, 12))")
    source = source.replace("def __init__", f"def {name}")
    assert told(source)["title"] == "__init__ of Net is misspelled"
    assert is_calm(mended(source))


def test_a_method_called_init_is_no_slip() -> None:
    source = net("self.one = nn.Linear(12, 8); self.init()", "return self.one(x)", "out = Net()(torch.randn(5, 12))")
    source = source.replace(
        "    def forward", "    def init(self):\n        nn.init.zeros_(self.one.weight)\n\n    def forward"
    )
    assert is_calm(source)


# --- a Linear that acts on the last axis --------------------------------------------------------------------------

ATTENTION = """
import torch, math
import torch.nn as nn

class MHA(nn.Module):
    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads, self.d_k = heads, width // heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.o = nn.Linear(width, width)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (layer(x).view(B, T, self.heads, self.d_k).transpose(1, 2) for layer in (self.q, self.k, self.v))
        a = (q @ k.transpose(-2, -1) / math.sqrt(self.d_k)).softmax(dim=-1)
        return self.o((a @ v).transpose(1, 2).contiguous().view(B, T, C))

MHA()(torch.randn(8, 10, 64))
"""
FORGOTTEN = """
import torch
import torch.nn as nn

net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Linear(26, 10))
net(torch.randn(2, 1, 28, 28))
"""
SCORED = """
import torch
import torch.nn as nn

class Scores(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(64, 64)

    def forward(self, x):
        B, T, C = x.shape
        return self.score(x).view(B, T, C)

Scores()(torch.randn(8, 10, 64))
"""


def test_a_linear_on_the_last_axis_is_meant_where_attention_follows():
    seen = understood(Pasted(ATTENTION))
    assert seen is not None
    assert seen.warned is None
    assert offered(seen) == ()


def test_a_forgotten_flatten_is_offered_and_runs_and_one_that_would_not_run_is_not_offered():
    seen = understood(Pasted(FORGOTTEN))
    assert seen is not None
    (flatten,) = offered(seen)
    assert flatten.label == "Line 5: flatten before fc1 and write 2704"
    seen = understood(Pasted(SCORED))
    assert seen is not None
    assert seen.warned is not None
    assert offered(seen) == ()
