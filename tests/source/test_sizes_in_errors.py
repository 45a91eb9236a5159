"""An error below the code tells how many values reached a Linear, and so how large the images were. Torch raises it."""

import pytest
import torch

from layerscope.source.corrections import mismatches
from layerscope.source.reader import read_all
from layerscope.tracing import trace
from layerscope.ui.understanding import _understood
from layerscope.ui.verdict import message

NET = """\
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d({channels}, 32, kernel_size=5)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=5)
        self.fc1 = nn.Linear(3*3*64, 256)
        self.fc2 = nn.Linear(256, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return self.fc2(x)
"""


def error_of(text: str, *sizes: int) -> str:
    names: dict[str, type[torch.nn.Module]] = {}
    exec(text, names)
    with pytest.raises(RuntimeError) as found:
        names["Net"]()(torch.randn(4, *sizes))
    return str(found.value)


@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 32), (3, 64), (1, 96)])
def test_the_size_with_which_torch_raises_it_is_found(channels: int, side: int) -> None:
    text = NET.format(channels=channels)
    error = error_of(text, channels, side, side)
    pasted = f'{text}\nTraceback (most recent call last):\n  File "a.py", line 20, in forward\nRuntimeError: {error}\n'
    reading = read_all(pasted)
    assert (reading.shape_told, reading.doubt) == ("error", "")
    assert reading.network is not None
    assert reading.network.input_shape == (channels, side, side)
    (wrong,) = mismatches(reading, trace(reading.network))  # so the page does not say that it runs
    assert (wrong.layer, wrong.value) == ("fc1", 576)
    assert message(_understood(pasted, "", ""))["quote"] == error
    line = pasted.splitlines().index(f"RuntimeError: {error}") + 1
    assert reading.size.words.startswith(f"from the {wrong.arrives:,} values in the error in line {line}")


def test_a_size_that_the_code_says_counts_more() -> None:
    text = NET.format(channels=1)
    error = error_of(text, 1, 28, 28)
    pasted = f"{text}\nNet()(torch.randn(4, 1, 14, 14))\n\nRuntimeError: {error}\n"
    reading = read_all(pasted)
    assert reading.shape_told == "example call"


def test_an_error_about_another_layer_tells_nothing() -> None:
    text = NET.format(channels=1)
    error = "mat1 and mat2 shapes cannot be multiplied (4x6400 and 575x256)"
    reading = read_all(f"{text}\nTraceback (most recent call last):\nRuntimeError: {error}\n")
    assert reading.shape_told == "layers"
