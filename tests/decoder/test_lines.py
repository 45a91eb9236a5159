"""The line of the traceback says which of several causes is meant: by what it calls."""

import pytest
import torch
from torch import nn

from layerscope.decoder.answer import Decoded
from layerscope.decoder.decoding import decode
from layerscope.decoder.line_calls import kinds_of_call
from layerscope.decoder.pointing import failing_line
from layerscope.presets import PRESETS
from tests.decoder.mistakes import torch_words
from tests.decoder.test_messages import check_sentences
from tests.decoder.trials import run

SEED = PRESETS["fashion-mnist-cnn"]
R = torch.rand
LIBRARY = (
    '  File "/usr/lib/python3.11/site-packages/torch/nn/functional.py", line 3479, in cross_entropy\n'
    "    return torch._C._nn.cross_entropy_loss(input, target, weight)\n"
)
NOTEBOOK = """---------------------------------------------------------------------------
RuntimeError                              Traceback (most recent call last)
Cell In[3], line 5
      3 model.train()
----> 5 {}

File ~/env/lib/python3.11/site-packages/torch/nn/modules/module.py:1501, in Module._call_impl(self, x)
-> 1501     return forward_call(*args, **kwargs)

"""
PLACES = {
    "script": 'Traceback (most recent call last):\n  File "/home/me/net.py", line 17, in forward\n    {}\n' + LIBRARY,
    "marked": 'Traceback (most recent call last):\n  File "net.py", line 17, in forward\n    {}\n    ^^^^^^^^\n',
    "notebook": NOTEBOOK,
    "old notebook": "<ipython-input-12-ab3> in forward(self, x)\n      3 a = b\n----> 5         {}\n",
    "alone": "{}\n",
}


def of(line: str, words: str, place: str = "script") -> Decoded:
    text = PLACES[place].format(line) + words
    found = decode(text)
    assert found is not None, text
    check_sentences(text, None)
    check_sentences(text, SEED)
    return found


@pytest.mark.parametrize("place", PLACES)
def test_the_failing_line_is_the_learner_s_own(place):
    line = "out, (h, c) = self.gru(x)"
    text = PLACES[place].format(line) + "ValueError: not enough values to unpack (expected 2, got 1)"
    assert failing_line(text) == line


def test_a_message_alone_has_no_line():
    for text in ("mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)", "", "KeyError: 'a'"):
        assert failing_line(text) == ""


MASKED = torch_words(lambda: R(32, 8, 50, 50).masked_fill(torch.zeros(32, 50) == 0, 0))
PLACED = torch_words(lambda: R(2, 197, 64) + R(1, 50, 64))
SHORTER = torch_words(lambda: R(2, 50, 64) + R(1, 197, 64))
STATES = torch_words(lambda: run("out, (h, c) = nn.GRU(3, 4)(R(5, 2, 3))"))
TOO_MANY = torch_words(lambda: run("out, h = nn.Linear(3, 4)(R(5, 3))"))
HEADS = torch_words(lambda: R(32, 50, 480).view(32, 50, 8, 64))
FLOATS = torch_words(lambda: nn.functional.cross_entropy(R(3, 4), torch.tensor([0, 1, 2]), weight=R(4).double()))
LEADING = torch_words(lambda: R(2, 8, 50, 64) @ R(2, 4, 64, 50))
BATCH_FIRST = "TypeError: __init__() got an unexpected keyword argument 'batch_first'"
LABELS = torch_words(lambda: nn.functional.l1_loss(R(1, 3, 4), R(1, 3, 5)))
KEYWORD = "TypeError: {}__init__() got an unexpected keyword argument '{}'"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("line", "words", "title", "piece"),
    [
        ("scores = scores.masked_fill(mask == 0, -1e9)", MASKED, "The mask lacks the axis of the heads",
         "mask.unsqueeze(1).unsqueeze(2)"),
        ("x = x + self.pos_embed", PLACED, "The input is longer than the table", "nn.Parameter(torch.zeros(1, length"),
        ("x = x + self.pe", SHORTER, "The table of positions was not cut", "x + pos[:, : x.size(1)]"),
        ("out, (h, c) = self.gru(x)", STATES, "Only an LSTM has two states", "out, h = gru(x)"),
        ("out, h = self.lstm(x)", TOO_MANY, "A layer with a different number", "out, (h, c) = lstm(x)"),
        ("for images, labels in loader:", TOO_MANY, "A batch with a different number", "len(batch)"),
        ("b, c = x.shape", TOO_MANY, "A shape with a different number", "x.shape[-2:]"),
        ("q = q.view(B, T, h, d)", HEADS, "heads × head size is not the width", "480 // 8 = 60"),
        ("q = q.view(B, T, n_heads, head_dim)", HEADS, "heads × head size is not the width", "x.view(32, 50, 8, 60)"),
        ("loss = criterion(out, labels)", FLOATS, "Class weights of a different type", "weight.float()"),
        ("att = q @ k.transpose(-2, -1)", LEADING, "The leading axes differ", "k.repeat_interleave(2, dim=1)"),
        ("enc = nn.TransformerEncoderLayer(512, 8, batch_first=True)", BATCH_FIRST, "batch_first came with torch 1.9",
         "pip install --upgrade torch"),
        ("loss = criterion(out, labels)", LABELS, "Outputs and labels of different shapes", "Print both shapes"),
        ("out += identity", LABELS, "A skip connection between different shapes", "1×1 convolution"),
    ],
)  # fmt: skip
def test_the_line_says_which_cause_is_meant(place, line, words, title, piece):
    first = of(line, words, place).causes[0]
    assert first.title.startswith(title)
    assert piece in first.remedy


@pytest.mark.parametrize(
    ("owner", "name", "version"),
    [("CrossEntropyLoss.", "label_smoothing", "1.10"), ("Conv2d.", "device", "1.9"), ("MultiheadAttention.",
     "batch_first", "1.9"), ("SGD.", "maximize", "1.10")],
)  # fmt: skip
def test_an_argument_of_a_later_torch_is_no_mistake(owner, name, version):
    decoded = decode(KEYWORD.format(owner, name))
    assert decoded is not None
    assert decoded.causes[0].title == f"{name} came with torch {version}"


def test_of_two_classes_in_a_line_the_one_with_the_argument_counts():
    line = "enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(512, 8, batch_first=True), 6)"
    assert of(line, BATCH_FIRST).causes[0].title == "batch_first came with torch 1.9"
    titles = [cause.title for cause in of("", BATCH_FIRST, "alone").causes]
    assert titles[0].startswith("Your own __init__")
    assert titles[1] == "batch_first came with torch 1.9"


def test_a_mask_that_is_right_is_not_called_transposed():
    text = "RuntimeError: Mask shape should match input. mask: [32, 50] input: [32, 8, 50, 50]"
    for words, first in ((text, "Two masks, or one of"), (text.replace("[32, 50]", "[50, 32]"), "The padding mask is")):
        assert of("", words, "alone").causes[0].title.startswith(first)


def test_a_keyword_that_pickle_was_given_is_a_later_torch_s():
    found = of("", "TypeError: 'weights_only' is an invalid keyword argument for Unpickler()", "alone")
    assert found.causes[0].title == "weights_only came with torch 1.13"


def test_heads_that_fit_in_a_batch_of_another_size():
    words = torch_words(lambda: R(30, 50, 480).view(10, 50, 8, 60))
    first = of("q = q.view(B, T, heads, d)", words).causes[0]
    assert first.title == "A batch or a length of a different size"
    run("x, heads = R(30, 50, 480), 8\nx.view(*x.shape[:2], heads, -1)")


def test_a_class_of_one_s_own_is_not_taken_for_torch_s():
    decoded = decode(f"    net = Net(batch_first=True)\n{BATCH_FIRST}")
    assert decoded is not None
    assert decoded.causes[0].title.startswith("Your own __init__")
    words = torch_words(lambda: run("nn.ReLU(R(3), 1, 2)"))
    decoded = decode(words)
    assert decoded is not None
    assert "__init__ has no such parameters" not in [cause.title for cause in decoded.causes]


def test_what_a_line_does_not_call_comes_last():
    titles = [cause.title for cause in of("scores = scores.masked_fill(mask == 0, -1e9)", MASKED).causes]
    assert titles[:2] == ["The mask lacks the axis of the heads, or of the queries", "A mask for another length"]
    assert titles[-2:] == ["A skip connection between different shapes", "Outputs and labels of different shapes"]


def test_an_image_is_not_taken_for_heads():
    for code in ("R(4, 3, 30, 30).view(4, 3, 32, 32)", "R(4, 1, 20, 24).view(4, 1, 20, 28)"):
        decoded = decode(torch_words(lambda code=code: run(code)))  # type: ignore[misc]
        assert decoded is not None
        assert "heads" not in " ".join(cause.title for cause in decoded.causes)


def test_the_remedies_of_lines_run():
    run(
        "mask = torch.ones(32, 50)\nR(32, 8, 50, 50).masked_fill(mask.unsqueeze(1).unsqueeze(2) == 0, -1e9)\n"
        "mask = torch.ones(32, 50, 50)\nR(32, 8, 50, 50).masked_fill(mask.unsqueeze(1) == 0, -1e9)\n"
        "x, pos, pe = R(2, 50, 64), R(1, 197, 64), R(500, 1, 64)\n"
        "x + pos[:, : x.size(1)]\nx + pe[: x.size(1)].transpose(0, 1)\n"
        "q, k = R(2, 8, 50, 64), R(2, 4, 50, 64)\nk = k.repeat_interleave(2, dim=1)\nq @ k.transpose(-2, -1)\n"
        "gru, x = nn.GRU(3, 4), R(5, 2, 3)\nout, h = gru(x)\n"
        "R(32, 50, 480).view(32, 50, 8, 60)"
    )


def test_an_uncompiled_machine_is_not_told_to_change_the_code():
    for text in ("Cannot find a working triton installation.", "RuntimeError: Compiler: cl is not found."):
        decoded = decode(text)
        assert decoded is not None
        assert decoded.causes[0].title == "This machine cannot compile"
    decoded = decode("torch._dynamo.exc.Unsupported: call_function BuiltinVariable(print)")
    assert decoded is not None
    assert decoded.causes[0].title == "Code that only Python can run"


def test_a_network_whose_outputs_fit_hears_of_255_all_the_same():
    decoded = decode("IndexError: Target 255 is out of bounds.", SEED)
    assert decoded is not None
    assert [cause.title[:9] for cause in decoded.causes] == ["255 marks", "A black a"]
    assert "labels count from 1" not in str(decoded.causes)


def test_class_weights_are_named_where_the_words_allow_them():
    assert "Class weights of a different type" in [cause.title for cause in of("", FLOATS, "alone").causes]
    words = torch_words(lambda: nn.Linear(3, 3)(torch.zeros(1, 3, dtype=torch.float64)))
    assert not [cause for cause in of("", words, "alone").causes if "weights" in cause.title]


def test_a_line_has_several_kinds_of_call():
    assert kinds_of_call("x = torch.cat([x, self.gru(y)])") == {"recurrent", "cat"}
    assert kinds_of_call("x = x + self.position_embeddings(ids)") == {"positions", "sum"}
    assert kinds_of_call("") == frozenset()
