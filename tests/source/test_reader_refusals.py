"""Refusals: line, column and reason, and what was readable before."""

import pytest

from layerscope.source.reader import SourceError, read, read_all
from tests.source.test_reader_ways import net

CONVS = "self.conv1 = nn.Conv2d(3, 8, 3, padding=1)\nself.conv2 = nn.Conv2d(8, 8, 3, padding=1)"
FORWARD = 16
"""The line of forward's first statement where __init__ has two; what is tested begins in the next one."""

IN_FORWARD = [
    ("if x.sum() > 0:\n    x = self.conv2(x)\nreturn x", 1, 9,
     "if x.sum() > 0 depends on the numbers in the tensor.", "conv1"),
    ("if flag:\n    x = self.conv2(x)\nreturn x", 1, 9,
     "The result of if flag is only known when the code runs.", "conv1"),
    ("while x.norm() > 1:\n    x = x / 2\nreturn x", 1, 9,
     "while x.norm() > 1 depends on the numbers in the tensor.", "conv1"),
    ("for part in x:\n    y = self.conv2(part)\nreturn y", 1, 9,
     "for part in x: y = self.conv2(part) loops over the samples of the batch one by one.", "conv1"),
    ("return self.conv3(x)", 1, 16,
     "self.conv3 is never set in Net.__init__; it has conv1, conv2.", "conv1"),
    ("a, b = x\nreturn a", 1, 9, "a, b loops over the samples of the batch one by one.", "conv1"),
    ("return F.ctc_loss(x, x, 1, 1)", 1, 16, "Layerscope does not know F.ctc_loss.", "conv1"),
    ("return nn.Linear(x)", 1, 16, "nn.Linear is a class: make the layer first, as in nn.Linear(...)(x).", "conv1"),
    ("return x.view(x.size(1), -1)", 1, 16,
     "The first size in x.view(x.size(1), -1) is not the batch's, x.size(0).", "conv1"),
    ("return x.view(-1, -1)", 1, 16,
     "PyTorch cannot compute the sizes in x.view(-1, -1); x.size(0), -1 would work.", "conv1"),
    ("return F.pad(x, (1, 1), mode='odd')", 1, 16,
     "F.pad(x, (1, 1), mode='odd') pads in a way that no layer here does.", "conv1"),
    ("return F.max_pool2d(x, kernel=2)", 1, 39, "F.max_pool2d has no argument kernel.", "conv1"),
    ("return F.dropout(x, self.training)", 1, 29,
     "F.dropout gets self.training as p; write training=self.training.", "conv1"),
    ("return helper(x)", 1, 16, "helper is not defined in the code.", "conv1"),
    ("def f(t):\n    return f(t)\nreturn f(x)", 2, 20,
     "Calls are nested more than 32 deep here, which is the limit.", "conv1"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "line", "column", "reason", "before"), IN_FORWARD, ids=[r[0] for r in IN_FORWARD])
def test_what_forward_cannot_do(forward: str, line: int, column: int, reason: str, before: str) -> None:
    source = net(CONVS, f"x = self.conv1(x)\n{forward}")
    reading = read_all(source, (3, 16, 16))
    assert reading.refusal is not None
    assert reading.refusal.reason == reason
    assert (reading.refusal.line, reading.refusal.column) == (FORWARD + line, column)
    assert reading.network is not None
    assert " ".join(reading.network.names) == before
    with pytest.raises(SourceError) as caught:
        read(source, (3, 16, 16))
    assert str(caught.value) == f"Line {FORWARD + line}, column {column}: {reason}"
    assert caught.value.reading is not None
    assert caught.value.reading.network == reading.network


CONSTRUCTED = [
    ("nn.FractionalMaxPool2d(2, 3)", 12, 18, "Layerscope has no layer for nn.FractionalMaxPool2d."),
    ("nn.Lambda(abs)", 12, 18,
     "PyTorch has no nn.Lambda; write a subclass of nn.Module whose forward calls the function."),
    ("nn.Conv2d(3, 8)", 12, 18, "nn.Conv2d needs kernel_size."),
    ("nn.Conv2d(**{'in_channels': 3, 'dilute': 2})", 12, 30, "nn.Conv2d has no argument dilute."),
    ("nn.Conv2d(3, 8, 3, 1, 0, 1, 1, True, 'zeros', None, None, 7)", 12, 18,
     "nn.Conv2d accepts at most 11 arguments but gets 12."),
    ("nn.Conv2d(3, width, 3)", 12, 31, "width is not defined in the code. Give it a value before the class."),
    ("nn.Conv2d(3, 10 / 0, 3)", 12, 31, "10 / 0 cannot be computed: division by zero."),
    ("nn.Conv2d(3, 1000000000000000000000000, 3)", 12, 31, "out_channels is a number with more than 19 digits."),
    ("nn.Conv2d(3, 2 ** 1000, 3)", 12, 31,
     "2 ** 1000 cannot be computed: it is too large for any layer."),
    ("nn.Conv2d(3, nn.ReLU(), 3)", 12, 31, "out_channels is nn.ReLU(), which is not a value for a layer."),
    ("models.DenseNet(1)", 15, 16,
     "We do not know torchvision.models.DenseNet. Paste its code too, or write what it does with PyTorch's own layers "
     "and functions."
    ),
    ("nn.ModuleList([nn.ReLU()])", 15, 16, "An nn.ModuleList cannot be called; call its layers one by one."),
]  # fmt: skip


@pytest.mark.parametrize(("made", "line", "column", "reason"), CONSTRUCTED, ids=[row[0] for row in CONSTRUCTED])
def test_what_cannot_be_constructed(made: str, line: int, column: int, reason: str) -> None:
    source = net(f"self.a = {made}", "return self.a(x)").replace("import copy", "from torchvision import models")
    reading = read_all(source)
    assert reading.refusal is not None, f"{made} is read now: take another example of what is not"
    assert reading.refusal.reason == reason
    assert (reading.refusal.line, reading.refusal.column) == (line, column)


def test_what_forward_never_calls_may_be_anything() -> None:
    source = net("self.a = nn.Linear(3, 2)\nself.b = nn.LSTM(3, 4)\nself.c = nn.Conv2d(1, q, 3)", "return self.a(x)")
    assert read(source).names == ("a",)


def test_a_parameter_without_a_value() -> None:
    source = "class Net(nn.Module):\n    def __init__(self, n, classes):\n        super().__init__()\n"
    source += "        self.fc1 = nn.Linear(n, 8)\n        self.fc2 = nn.Linear(8, classes)\n"
    source += "    def forward(self, x):\n        return self.fc2(self.fc1(x))\n"
    refusal = read_all(source, (4,)).refusal
    assert refusal is not None
    assert str(refusal) == (
        "Line 2, column 27: classes of Net.__init__ has no value here; add a call such as "
        "net = Net(n=64, classes=10), or a default such as classes=10."
    )
    assert read(f"{source}net = Net(4, classes=7)").classes == 7
    assert read(source.replace("classes)", "classes=7)", 1), (4,)).input_shape == (4,)


SYNTAX = [
    ("class Net(nn.Module:\n    pass", 1, 20, "Python cannot continue here: the ( in line 1, column 10 is still open."),
    ("class Net(nn.Module)\n    pass", 1, 21, "A colon : is missing here."),
    ("class Net(nn.Module):\nx = 1", 2, 1, "What comes after the colon is missing here, or it is not indented."),
    ("x = 1\n  y = 2", 2, 3, "This line is indented more than the one before, for no reason."),
    ("if x:\n    y = 2\n  z = 3", 3, 3, "This line's indentation matches no line before it."),
    ("class A:\n\tdef f(self):\n        pass", 3, 9, "Tabs and spaces are mixed in the indentation. Use spaces only."),
    ("x = “abc”", 1, 5,
     'There is a curly quote “ here, which Python does not accept; use a straight ".'),
    ("nn.Sequential(\n  nn.Linear(1, 2),\n", 1, 14, "The ( here is never closed."),
    ("x = (1]", 1, 7, "This ] does not match the ( it should close."),
    ("x = 1)", 1, 6, "This ) closes nothing: its opening bracket is missing."),
    ("nn.Sequential(nn.Linear(1, 2) nn.ReLU())", 1, 15, "Something is missing here, perhaps a comma."),
    ("x = 'abc", 1, 5, "The string that starts here is never closed."),
    ("print 'x'", 1, 1, "print needs brackets in Python 3: print(...)."),
    ("x = 5\u2060+ 1", 1, 6, "There is a character (U+2060) here that Python does not accept. Type the line again."),
    ("9" * 5000, 1, 1, "A number here has too many digits."),
    ("nn.Linear(out_features=2, 3)", 1, 28, "Arguments without a name must come before named ones."),
    (">>> x = 1\n>>> y = = 2", 2, 9, "Python cannot read this: invalid syntax."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "line", "column", "reason"), SYNTAX, ids=[row[3][:40] for row in SYNTAX])
def test_what_python_cannot_read(source: str, line: int, column: int, reason: str) -> None:
    refusal = read_all(source).refusal
    assert refusal is not None
    assert (refusal.line, refusal.column, refusal.reason) == (line, column, reason)


@pytest.mark.parametrize("source", ["", "x = 5", "# only words", "def f(): return 3", "import torch"])
def test_no_network(source: str) -> None:
    refusal = read_all(source).refusal
    assert refusal is not None
    assert str(refusal) == "There is no network in this code: no subclass of nn.Module and no nn.Sequential."


def test_a_forward_that_returns_nothing_is_read_all_the_same() -> None:
    reading = read_all(net("self.a = nn.Linear(3, 2)", "x = self.a(x)"))
    assert reading.network is not None
    assert [note.sentence for note in reading.notes] == [
        "forward returns nothing, so Net()(x) is None. Add return x at the end."
    ]


@pytest.mark.parametrize("norm", ["BatchNorm2d(6", "GroupNorm(2, 6", "InstanceNorm2d(6"])
def test_a_norm_without_its_bias_is_refused_and_not_counted_wrongly(norm):
    """Torch 2.13 has nn.BatchNorm2d(6, bias=False), half as many parameters."""
    code = f"import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(1, 6, 5), nn.{norm}, bias={{}}))"
    assert read(code.format(True), (1, 28, 28)).layers[1].type == norm.split("(")[0]
    with pytest.raises(SourceError, match=r"cannot read .* with bias=False"):
        read(code.format(False), (1, 28, 28))
