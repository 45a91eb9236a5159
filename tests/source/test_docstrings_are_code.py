"""Nothing that a docstring says is taken for what surrounds code: errors, fences, prompts, commands, numbers."""

import pytest

from layerscope.source.reader import read_all

NET = '''import torch
from torch import nn


class Net(nn.Module):
    """A small net.

{of_class}
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 5)
        self.fc = nn.Linear(6 * 24 * 24, 10)

    def forward(self, x):
        """Forward.

{of_forward}
        """
        if x.shape[1] != 1:
            raise ValueError("gray images only")
        return self.fc(self.conv(x).flatten(1))
'''
SAID = [
    "Raises:\n    ValueError: if x has more than one channel.\n    RuntimeError: where torch does not know better.",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x3456 and 120x10)",
    "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nRuntimeError: no",
    "Parameters\n" + "-" * 24 + "\nx: the images",
    "Example:\n```python\nnet = Net()\nnet(torch.randn(1, 1, 28, 28))\n```",
    "~~~\npip install torch\n~~~",
    "$ python train.py\n%run train.py\n!ls\n? what\nOut[3]: tensor(1)",
    ">>> net = Net()\n>>> net(torch.randn(1, 1, 28, 28)).shape\ntorch.Size([1, 10])",
    "In [3]: Net()\nOut[3]: Net()",
    "1. first\n2. second\n- third\n+ fourth\n> fifth",
    "Hi all,\n\nwhy does this not work? Thanks!",
]  # fmt: skip


def filled(said: str, place: str) -> str:
    lines = {"class": "", "forward": ""} | {place: said}
    indented = {name: "\n".join(" " * width + line for line in lines[name].split("\n"))
                for name, width in (("class", 4), ("forward", 8))}  # fmt: skip
    return NET.format(of_class=indented["class"], of_forward=indented["forward"])


@pytest.mark.parametrize("place", ["class", "forward"])
@pytest.mark.parametrize("said", SAID, ids=lambda said: said.split("\n")[0][:30])
def test_code_is_read_whatever_its_docstrings_say(said, place):
    reading = read_all(filled(said, place), [(1, 28, 28)])
    assert reading.refusal is None
    assert reading.error == ""
    assert reading.network is not None
    assert reading.network.names == ("conv", "flatten", "fc")


def test_an_error_below_such_code_is_still_found():
    below = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x3456 and 100x10)"
    reading = read_all(f"{filled(SAID[0], 'forward')}\n{below}\n", [(1, 28, 28)])
    assert reading.error.strip() == below
    assert reading.network is not None


def test_a_fence_around_code_with_a_fence_in_its_docstring_is_taken_off():
    reading = read_all(f"My net:\n\n```python\n{filled(SAID[4], 'class')}```\n\nWhat is wrong?\n", [(1, 28, 28)])
    assert reading.refusal is None
    assert reading.network is not None
    assert reading.network.names == ("conv", "flatten", "fc")
