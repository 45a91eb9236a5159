"""Code for rows that were only measured: it says what they stand for, and nobody runs past them."""

import ast
from functools import cache

import pytest
import torch
from torch import nn

import layerscope
from layerscope.layers.activation import ReLU
from layerscope.layers.opaque import Constant, Opaque
from layerscope.link import decode, encode
from layerscope.network import Network
from layerscope.source.reader import read, read_all
from layerscope.source.spelling import LONGEST_LINE
from layerscope.source.writer import Style, write


class Sorting(nn.Module):
    """Calls that no row stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8, 4)
        self.register_buffer("table", torch.ones(8, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, _ = torch.sort(self.conv(x) * self.table, dim=1)
        y: torch.Tensor = self.fc(torch.linalg.norm(x, dim=(2, 3)))
        return y


@cache
def network() -> Network:
    return layerscope.from_module(Sorting(), input_size=(1, 3, 8, 8))


@pytest.mark.parametrize("hints", [False, True])
@pytest.mark.parametrize("style", Style)
def test_the_code_says_what_a_measured_row_stands_for(style, hints):
    code = write(network(), style, hints=hints)
    ast.parse(code)
    assert max(map(len, code.splitlines())) <= LONGEST_LINE
    assert "torch.opaque" not in code
    assert "torch.constant" not in code
    assert 'measured("sort", ' in code
    assert 'measured("Buffer", gives=(8, 1, 1))' in code
    words = " ".join(code.replace("#", " ").split())
    assert "sort stands for the measured model's own sort, which reads (N, 8, 6, 6) and gives (N, 8, 6, 6)." in words
    assert "put the model's call in its place." in words


@pytest.mark.parametrize("style", Style)
def test_the_reader_says_what_is_missing(style):
    refusal = read_all(write(network(), style)).refusal
    assert refusal is not None
    assert "write the model's own Buffer in its place" in refusal.reason


def test_python_says_what_is_missing():
    names: dict[str, object] = {}
    exec(write(network()), names)  # our own code, as a visitor would run it
    with pytest.raises(NotImplementedError, match="write the model's own Buffer in its place"):
        names["Network"]()(torch.zeros(1, 3, 8, 8))  # type: ignore[operator]


def test_links_hold_measured_rows_as_before():
    assert decode(encode(network())) == network()


def test_a_row_named_like_the_function_is_no_other_one():
    rows = (
        Constant(name="table", called="Buffer", gives=(1, 8), weights=5),
        Opaque(name="measured", called="sort", reads=(1, 8), gives=(1, 8), inputs=("table",)),
        Opaque(name="after", called="sort", reads=(1, 8, 1, 8), gives=(1, 8), inputs=("measured", "table")),
    )
    code = write(Network((8,), rows))
    assert 'measured_ = measured("sort", table, gives=(8,))' in code
    assert 'measured("sort", measured_, table, gives=(8,))' in code
    assert "It holds 5 parameters." in " ".join(code.replace("#", " ").split())


def test_code_without_measured_rows_has_no_such_function():
    assert "def measured" not in write(Network((8,), (ReLU(name="a"), ReLU(name="b", inputs=("input",)))))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ('raise ValueError(f"{heads} heads do not divide {width}")', "ValueError: 3 heads do not divide 64"),
        ("raise ValueError", "raise ValueError"),
        ("raise ValueError(heads, width)", "raise ValueError(heads, width)"),
        ('raise ValueError("")', 'raise ValueError("")'),
        ("raise ValueError(missing)", "raise ValueError(missing)"),
    ],
)
def test_what_code_says_when_it_raises_is_told(error, said):
    code = (
        "from torch import nn\n\nclass Net(nn.Module):\n    def __init__(self, width, heads):\n"
        f"        super().__init__()\n        if width % heads:\n            {error}\n"
        "        self.fc = nn.Linear(width, heads)\n\n    def forward(self, x):\n        return self.fc(x)\n\n"
        "Net(64, 3)\n"
    )
    refusal = read_all(code).refusal
    assert refusal is not None
    assert refusal.reason == f"The code raises an error here: {said}."
    assert read(code.replace("64, 3", "64, 4")).names == ("fc",)
