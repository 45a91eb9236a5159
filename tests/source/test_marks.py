"""Code as it is copied from pages, mails and terminals: with numbers, quoted, as a diff, with an error beside it."""

import pytest

from layerscope.source.reader import read_all
from tests.large import in_turns

SMALL = """import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(
            16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 10
        )

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        if self.training:
            for i in range(2):
                x = x + 0
        return self.fc2(F.relu(self.fc1(x)))"""
BLOCKS = '''from torch import nn

class Block(nn.Module):
  def __init__(self, width):
    super().__init__()
    self.norm = nn.BatchNorm2d(width)
    self.conv = nn.Conv2d(width, width, 3, padding=1)

  def forward(self, x):
    return x + self.conv(self.norm(x).relu())

class Net(nn.Module):
  """Two blocks.

  1 first
  2 second
  """
  def __init__(self):
    super().__init__()
    self.stem = nn.Conv2d(3, 8, 3,
                          padding=1)
    self.blocks = nn.Sequential(*[Block(8) for _ in range(2)])
    self.head = nn.Linear(8, 5)

  def forward(self, x):
    x = self.blocks(self.stem(x))
    return self.head(x.mean((2, 3)))'''
ALONE = """model = nn.Sequential(
    nn.Conv2d(1, 4, 3),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(4 * 26 * 26, 10),
)"""
CODES = {"small": SMALL, "blocks": BLOCKS, "alone": ALONE}
ERROR = """Traceback (most recent call last):
  File "train.py", line 12, in <module>
    out = net(x)
RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x256 and 120x10)"""
FORMS = {
    "a blank": lambda n, row: f"{n} {row}".rstrip(),
    "two blanks": lambda n, row: f"{n}  {row}",
    "four blanks": lambda n, row: f"{n}    {row}",
    "to the left": lambda n, row: f"{n:<5}{row}",
    "to the right": lambda n, row: f"{n:>4} {row}",
    "to the right, stripped": lambda n, row: f"{n:>4}  {row}".rstrip(),
    "cat -n": lambda n, row: f"{n:>6}\t{row}",
    "a tab": lambda n, row: f"{n}\t{row}",
    "a colon": lambda n, row: f"{n}: {row}",
    "grep -n": lambda n, row: f"{n}:{row}",
    "a bar": lambda n, row: f"{n:>3} | {row}",
    "a bar alone": lambda n, row: f"{n}|{row}",
    "a dot": lambda n, row: f"{n}. {row}",
    "a bracket": lambda n, row: f"{n}) {row}",
    "a line each": lambda n, row: f"{n}\n{row}",
    "quoted": lambda n, row: f"> {row}".rstrip(),
    "quoted and numbered": lambda n, row: f"> {n:>3} {row}",
    "added": lambda n, row: f"+{row}",
    "indented": lambda n, row: f"    {row}".rstrip(),
}
AROUND = {
    "alone": ("", ""),
    "above": ("Hi all,\nI tried this:\n\n", ""),
    "below": ("", "\n\nWhat am I doing wrong?\nThanks!"),
    "around": ("I don't know why it (the network) fails:\n", "\n\nAny ideas?"),
    "error below": ("", f"\n\n{ERROR}"),
    "all": ("I tried this:\n\n", f"\n\nI get this error:\n\n{ERROR}"),
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("form", "around"), in_turns(FORMS, AROUND))
def test_code_with_marks_is_read_as_it_is_without(form: str, around: str, code: str, thorough: bool) -> None:
    wanted = read_all(CODES[code])
    assert wanted.network is not None
    above, below = AROUND[around]
    firsts = (1, 8, 95, 990)  # the first number has one digit, gets a second, a third and a fourth
    turn = list(CODES).index(code) + list(FORMS).index(form)
    for first in firsts if thorough else (firsts[turn % 4], firsts[(turn + 1) % 4]):
        rows = [FORMS[form](n, row) for n, row in enumerate(CODES[code].split("\n"), first)]
        text = above + "\n".join(rows) + below
        reading = read_all(text)
        assert reading.refusal is None, text
        assert reading.network == wanted.network
        assert bool(reading.error) == (ERROR in below)


@pytest.mark.parametrize("around", AROUND)
def test_a_diff_among_sentences_is_read_as_it_is_after_the_change(around: str) -> None:
    wanted = read_all(SMALL)
    changed = "        self.conv1 = nn.Conv2d(1, 6, 5)"
    rows = [f" {row}" for row in SMALL.split("\n")]
    place = rows.index(f" {changed}")
    rows[place : place + 1] = [f"-{changed.replace('6', '5')}", f"+{changed}"]
    head = "diff --git a/n.py b/n.py\nindex 123abcd..456789a 100644\n--- a/n.py\n+++ b/n.py\n@@ -1,9 +1,9 @@\n"
    above, below = AROUND[around]
    reading = read_all(above + head + "\n".join(rows) + below)
    assert reading.refusal is None
    assert reading.network == wanted.network


@pytest.mark.parametrize("mark", ["In [3]:\n", "In [3]: ", "In [ ]:\n", "In [*]: "])
def test_the_mark_of_a_cell_is_no_code(mark: str) -> None:
    assert read_all(mark + SMALL).network == read_all(SMALL).network


@pytest.mark.parametrize("above", ["", "I get this:\n"])
@pytest.mark.parametrize("form", ["alone", "numbered"])
def test_an_error_above_the_code_is_kept_as_one(above: str, form: str) -> None:
    rows = SMALL.split("\n")
    code = "\n".join(rows if form == "alone" else [f"{n} {row}" for n, row in enumerate(rows, 1)])
    reading = read_all(f"{above}{ERROR}\n\n{code}")
    assert reading.network == read_all(SMALL).network
    assert reading.error == ERROR


def test_a_column_of_numbers_is_no_code() -> None:
    rows = SMALL.split("\n")
    text = "\n".join([*map(str, range(1, len(rows) + 1)), *rows])
    assert read_all(text).network == read_all(SMALL).network


NUMBERS = (
    "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.widths = [\n            3,\n            4 ,\n            5 ,\n            6 ]\n"
    "        self.fc = nn.Linear(self.widths[\n            1 ], self.widths[\n            2 ])\n\n"
    "    def forward(self, x):\n        return self.fc(x)\n"
)


def test_numbers_of_the_code_stay() -> None:
    network = read_all(NUMBERS).network
    assert network is not None
    assert (network.input_shape, network.layers[0].chosen["out_features"]) == ((4,), 5)


def test_numbers_in_an_error_below_are_not_those_of_the_code() -> None:
    error = (
        "-" * 75 + "\nRuntimeError                              Traceback (most recent call last)\n"
        "<ipython-input-3> in forward(self, x)\n     10     def forward(self, x):\n     11         x = self.a(x)\n"
        "     12         y = x\n---> 13         x = self.b(x)\nRuntimeError: bad"
    )
    reading = read_all(f"{SMALL}\n\n{error}")
    assert reading.network == read_all(SMALL).network
    assert reading.error == error
