"""A parameter of positions that is shorter or longer than the sequence: said, and mended so that torch runs it."""

import pytest
import torch
from torch import nn

from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw
from layerscope.source.text.paste import replaced

HEAD = "import torch\nfrom torch import nn\n\n\nclass Tagger(nn.Module):\n"
MADE = [
    "    def __init__(self, vocab=50, width=12, length={n}):\n        super().__init__()\n"
    "        self.table = nn.Embedding(vocab, width)\n"
    "        self.places = nn.Parameter(torch.zeros(1, length, width))\n",
    "    def __init__(self):\n        super().__init__()\n        self.table = nn.Embedding(50, 12)\n"
    "        self.places = nn.Parameter(torch.randn(({n}, 12)) * 0.02)\n",
]
WAYS = [
    "    def forward(self, words):\n        x = self.table(words)\n        return x + self.places\n",
    "    def forward(self, words):\n        x = self.table(words)\n        x += self.places\n        return x\n",
    "    def forward(self, words):\n        x = self.table(words)\n        return torch.add(x, self.places)\n",
]
CALL = "\n\nTagger()(torch.randint(0, 50, (3, {n})))\n"


def runs(code: str) -> bool:
    """Whether torch runs code of ours."""
    try:
        exec(code, {"torch": torch, "nn": nn})
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize(("have", "arrive"), [(6, 9), (9, 6)])
def test_what_does_not_fit_is_explained_and_mended(made: str, way: str, have: int, arrive: int) -> None:
    code = HEAD + made.format(n=have) + way + CALL.format(n=arrive)
    reading = read_all(code)
    flaw = next(note for note in reading.notes if isinstance(note, Flaw) and note.kind == "positions")
    assert f"self.places has {have} entries along axis" in flaw.sentence
    assert f"x has {arrive} there" in flaw.sentence
    assert reading.refusal is not None
    assert "self.places" in reading.refusal.reason
    mended = replaced(code, dict(flaw.changes))
    assert not runs(code)
    assert flaw.changes
    assert runs(mended)
    assert read_all(mended).refusal is None


def test_a_slice_of_a_short_parameter_is_short_too() -> None:
    way = "    def forward(self, words):\n        return self.table(words) + self.places[:, :words.size(1)]\n"
    code = HEAD + MADE[0].format(n=6) + way + CALL.format(n=9)
    flaw = next(note for note in read_all(code).notes if isinstance(note, Flaw))
    assert flaw.title == "self.places[:, :words.size(1)] is too short"
    assert runs(replaced(code, dict(flaw.changes)))


def test_a_length_that_another_number_decides_too_is_not_changed() -> None:
    made = MADE[0].format(n=6).replace("length=6", "length=6, other=6").replace("1, length", "1, length + 0")
    code = HEAD + made + WAYS[0] + CALL.format(n=9)
    flaw = next(note for note in read_all(code).notes if isinstance(note, Flaw))
    assert flaw.changes == ()
    assert flaw.label == ""


def test_without_an_example_the_sequence_is_as_long_as_the_parameter() -> None:
    reading = read_all(HEAD + MADE[0].format(n=6) + WAYS[0])
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.input_shape == (6,)
    assert reading.doubt


def test_two_axes_that_differ_are_told_in_the_words_of_torch() -> None:
    code = HEAD + MADE[0].format(n=6).replace("(1, length, width)", "(1, length, 5)") + WAYS[0] + CALL.format(n=9)
    reading = read_all(code)
    assert reading.refusal is not None
    assert "PyTorch refuses" in reading.refusal.reason
    assert not [note for note in reading.notes if isinstance(note, Flaw)]
