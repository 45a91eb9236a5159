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


CONVS = "self.a = nn.Conv2d(3, 8, 5); self.b = nn.Conv2d({read}, 16, 5); self.fc = nn.Linear(16 * 5 * 5, 5)"
DEEP = "x = F.max_pool2d(F.relu(self.a(x)), 2); x = {second}; return self.fc({flat})"
POOLED = "F.max_pool2d(F.relu(self.b(x)), 2)"
SKIP = ("self.a = nn.Conv2d(3, 8, 3, padding=1); self.b = nn.Conv2d(8, 8, 3, padding=1); "
        "self.up = nn.ConvTranspose2d(8, 8, 2, 2); self.out = nn.Conv2d(16, 1, 1)")  # fmt: skip
JOIN = "a = self.a(x); b = self.up(self.b(F.max_pool2d(a, 2))); return {join}"


def of_layers(init: str, forward: str) -> str:
    rows = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    rows += [f"        {row}" for row in init.split("; ")] + ["", "    def forward(self, x):"]
    head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"
    return head + "\n".join([*rows, *(f"        {row}" for row in forward.split("; ")), ""])


@pytest.mark.parametrize(("init", "forward", "size", "sure"), [
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.flatten(1)"), (4, 1, 40, 40), True),
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.flatten(1)"), (2, 6, 30, 50), True),
    (CONVS.format(read=16), DEEP.format(second=POOLED, flat="x.flatten(1)"), (2, 3, 224, 224), True),
    (CONVS.format(read=16), DEEP.format(second=POOLED, flat="x.flatten(1)"), (2, 3, 51, 51), False),
    (CONVS.format(read=8), DEEP.format(second="F.max_pool2d(self.b(x), 6)", flat="x[:, 0]"), (2, 3, 22, 22), False),
    (CONVS.format(read=8).replace("16, 5", "16, 7"), DEEP.format(second="self.b(x)", flat="x.flatten(1)"),
     (2, 3, 11, 11), False),
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.view(x.size(0), 16 * 5 * 5)"), (4, 3, 28, 28), True),
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.view(-1, 400)"), (4, 3, 224, 224), False),
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.view(x.size(0), 400)"), (7, 3, 100, 100), False),
    (CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.flatten(1)"), (64, 784), True),
    (SKIP, JOIN.format(join="self.out(torch.cat([a, b], 1))"), (2, 3, 101, 101), False),
    (SKIP, JOIN.format(join="a + b"), (2, 3, 227, 227), False),
    ("self.a = nn.Conv1d(1, 8, 5); self.b = nn.Conv1d(16, 8, 5)",
     "return self.b(F.max_pool1d(self.a(x), 4))", (2, 1, 16_000), False),
])  # fmt: skip
def test_what_arrives_where_the_error_is_tells_the_size(
    init: str, forward: str, size: tuple[int, ...], sure: bool
) -> None:  # fmt: skip
    text = of_layers(init, forward)
    batch = size[0]
    names: dict[str, type[torch.nn.Module]] = {}
    exec(text, names)
    with pytest.raises(RuntimeError) as found:
        names["Net"]()(torch.randn(*size))
    error = str(found.value)
    reading = read_all(f'{text}\nTraceback (most recent call last):\n  File "a.py", line 9\nRuntimeError: {error}\n')
    assert reading.shape_told == "error"
    assert reading.network is not None
    assert reading.network.input_shape == size[1:] if sure else len(reading.network.input_shape) == len(size) - 1
    assert reading.batch in (0, batch)
    assert bool(reading.doubt) == (not sure)
    traced = trace(reading.network)
    assert mismatches(reading, traced) or traced.error is not None  # so the page does not say that it runs
    with pytest.raises(RuntimeError) as again:
        names["Net"]()(torch.randn(batch, *reading.network.input_shape))
    assert str(again.value) == error


GROUPS = "Given groups=1, weight{}input[4, 1, 40, 40] to have 3 channels, but got 1 channels instead"
AXES = "Expected 4-dimensional input for 4-dimensional weight {}, but got 2-dimensional input of size [4, 1600] instead"


@pytest.mark.parametrize("old", [
    GROUPS.format(" of size 8 3 5 5, expected "), GROUPS.format("[8, 3, 5, 5], so expected "),
    AXES.format("[8, 3, 5, 5]"), AXES.format("8 3 5 5"),
])  # fmt: skip
def test_older_words_tell_the_same(old: str) -> None:
    text = of_layers(CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.flatten(1)"))
    reading = read_all(f"{text}\nTraceback (most recent call last):\nRuntimeError: {old}\n")
    assert (reading.shape_told, reading.batch) == ("error", 4)


def test_code_that_runs_on_what_the_layers_tell_is_not_said_to_run_above_an_error() -> None:
    text = of_layers(CONVS.format(read=8), DEEP.format(second=POOLED, flat="x.view(-1, 400)"))
    reading = read_all(f"{text}\nTraceback (most recent call last):\n{_view_error(text, 3, 100)}\n")
    assert reading.doubt.startswith("With 32×32 this code runs, so the error in line ")


def _view_error(text: str, batch: int, side: int) -> str:
    names: dict[str, type[torch.nn.Module]] = {}
    exec(text, names)
    with pytest.raises(RuntimeError) as found:
        names["Net"]()(torch.randn(batch, 3, side, side))
    return f"RuntimeError: {found.value}"
