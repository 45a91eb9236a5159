"""More kinds of code that people post, as torch runs them: distributions, sizes changed in place, notebook cells."""

from typing import Any

import pytest
import torch

from layerscope.source.corrections import mismatches
from layerscope.source.reader import read_all
from layerscope.tracing import trace

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"


def agrees(code: str) -> Any:
    """The trace of what is read, after comparing it with what torch makes of the code."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None, str(reading.refusal)
    assert reading.network is not None
    assert not reading.doubt
    seen = trace(reading.network)
    assert seen.error is None
    assert not mismatches(reading, seen)
    out = scope["out"] if isinstance(scope["out"], tuple) else (scope["out"],)
    parts = [part for each in out for part in (each if isinstance(each, tuple) else (each,))]
    assert list(seen.output_shapes) == [tuple(part.shape[1:]) for part in parts]
    assert seen.parameters == sum(each.numel() for each in scope["net"].parameters())
    return seen


def policy(returned: str, distribution: str = "Normal(mean, spread)") -> str:
    return f"""{HEAD}from torch.distributions import Categorical, Normal

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 16)
        self.mean = nn.Linear(16, 2)
        self.value = nn.Linear(16, 1)
        self.log = nn.Parameter(torch.zeros(1, 2))

    def forward(self, x):
        x = torch.tanh(self.body(x))
        mean, spread = self.mean(x), self.log.exp().expand_as(self.mean(x))
        made = {distribution}
        return {returned}

net = Net()
"""


def test_a_draw_is_as_large_as_its_distribution() -> None:
    agrees(policy("made.rsample(), self.value(x)") + "out = net(torch.randn(5, 8))\n")


@pytest.mark.parametrize(("distribution", "gives"), [
    ("Normal(mean, spread)", [(2,), (2,), (1,)]), ("Categorical(logits=mean)", [(2,), (1,)]),
    ("Categorical(torch.softmax(mean, -1))", [(2,), (1,)]),
])  # fmt: skip
def test_a_distribution_is_shown_as_what_it_is_made_of(distribution: str, gives: list[tuple[int, ...]]) -> None:
    code = policy("made, self.value(x)", distribution) + "made, value = net(torch.randn(5, 8))\n"
    scope: dict[str, Any] = {}
    exec(code, scope)
    reading = read_all(code)
    assert reading.refusal is None
    assert reading.network is not None
    assert list(trace(reading.network).output_shapes) == gives
    assert "makes a distribution: the tensors that it is made of are shown" in str(reading.notes)


def test_what_a_distribution_is_asked_for_is_refused_with_what_to_do() -> None:
    words = str(read_all(policy("made.log_prob(mean)") + "out = net(torch.randn(5, 8))\n").refusal)
    assert "make the distribution outside of forward" in words


@pytest.mark.parametrize("change", [
    "x.resize_(6, 784)", "x.resize_(6, 1, 784)\nx = x[:, 0]", "x = x.view(6, 784, 1)\nx.squeeze_(2)",
    "x = x.view(784, 6)\nx.t_()", "x = x.view(784, 6)\nx.transpose_(0, 1)", "x = x.view(6, 784)\nx.unsqueeze_(1)",
])  # fmt: skip
def test_sizes_that_are_changed_in_place_count(change: str) -> None:
    code = (
        f"{HEAD}net = nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))\nx = torch.randn(6, 1, 28, 28)\n"
    )
    seen = agrees(f"{code}{change}\nout = net(x)\n")
    assert seen.network.input_shape[-1] == 784


def test_a_sentence_whose_words_are_joined_for_a_batch_of_one() -> None:
    seen = agrees(f"""{HEAD}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(30, 10)
        self.a = nn.Linear(2 * 10, 16)

    def forward(self, inputs):
        return self.a(self.words(inputs).view((1, -1)))

net = Net()
out = net(torch.tensor([3, 5]))
""")
    assert seen.network.input_shape == (2,)


def test_the_two_sides_of_images_as_arguments() -> None:
    reading = read_all(f"""{HEAD}class Net(nn.Module):
    def __init__(self, h, w, outputs):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, stride=2)
        size = ((w - 5) // 2 + 1) * ((h - 5) // 2 + 1)
        self.head = nn.Linear(size * 8, outputs)

    def forward(self, x):
        return self.head(self.conv(x).flatten(1))

net = Net(40, 90, 2)
""")
    assert reading.network is not None
    assert reading.network.input_shape == (3, 40, 90)
    assert (reading.shape_told, reading.doubt) == ("argument", "")
    assert reading.size.words == "as h=40 and w=90 in line 15 say"


CELLS = """\
In [5]:
net = nn.Sequential(
    nn.Conv2d(3, 4, 3),
    nn.Flatten(),
    nn.Linear(4 * 30 * 30, 10),
)
net
Out[5]:
Sequential(
  (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
)
In [6]:
out = net(torch.randn(2, 3, 32, 32))
out.shape
Out[6]: torch.Size([2, 10])
"""


@pytest.mark.parametrize("head", ["", "In [4]:\nimport torch\nimport torch.nn as nn\n", HEAD])
def test_a_notebook_s_cells_with_their_answers(head: str) -> None:
    reading = read_all(head + CELLS)
    assert reading.refusal is None
    assert reading.network is not None
    assert trace(reading.network).output_shape == tuple(
        torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(3600, 10))(
            torch.randn(1, *reading.network.input_shape)
        ).shape[1:]
    )
