"""Code that branches is read: torch runs each paste and is the judge of shapes and counts."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.network import Network
from layerscope.source.reader import SourceError, read, read_all
from layerscope.source.writer import write
from layerscope.tracing import trace
from tests.source.test_branching_code import facts
from tests.source.test_reader_ways import net

FOLDER = Path(__file__).parent / "branching"
PASTES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
CONVS = "self.conv1 = nn.Conv2d(3, 8, 3, padding=1)\nself.conv2 = nn.Conv2d(8, 8, 3, padding=1)"


def run(source: str) -> tuple[nn.Module, list[tuple[int, ...]]]:
    """The network of a paste, and the shapes of what it gives, the batch taken off."""
    names: dict[str, Any] = {}
    torch.manual_seed(0)
    exec(compile(source, "paste", "exec"), names)
    return names["net"], [tuple(each.shape[1:]) for each in tensors(names["out"])]


def tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, dict):
        value = list(value.values())
    return [each for part in value for each in tensors(part)] if isinstance(value, list | tuple) else [value]


def wired(network: Network) -> str:
    """The rows, and what they read where that is not the row above: "conv1 | add1(conv1, input)"."""
    rows = (layer.name + (f"({', '.join(layer.inputs)})" if layer.inputs else "") for layer in network.layers)
    return " | ".join(rows)


@pytest.mark.parametrize("key", PASTES)
def test_torch_agrees(key: str) -> None:
    module, shapes = run(PASTES[key])
    reading = read_all(PASTES[key])
    assert reading.refusal is None
    assert reading.network is not None
    story = trace(reading.network)
    assert story.error is None
    assert list(story.output_shapes) == shapes
    assert story.parameters == sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize("key", PASTES)
def test_what_was_read_is_written_and_read_back(key: str) -> None:
    network = read(PASTES[key])
    assert facts(read(write(network))) == facts(network), write(network)


NOW = [
    ("return self.conv2(x) + x", "conv1 | conv2 | add1(conv2, conv1)"),
    ("out = self.conv2(x)\nout += x\nreturn out", "conv1 | conv2 | add1(conv2, conv1)"),
    ("y = self.conv2(x)\nreturn torch.cat([x, y], 1)", "conv1 | conv2 | cat1(conv1, conv2)"),
    ("y = self.conv2(x)\nz = F.relu(x)\nreturn y", "conv1 | conv2"),
    ("return x * torch.sigmoid(self.conv2(x))", "conv1 | conv2 | sigmoid1 | mul1(conv1, sigmoid1)"),
    ("return self.conv2(self.conv2(x))", "conv1 | conv2 | conv3"),
    ("return x.permute(0, 2, 3, 1)", "conv1 | permute1"),
    ("return x.unsqueeze(3)", "conv1 | unsqueeze1"),
    ("return x[:, :, 0]", "conv1 | select1"),
    ("a, b = x.chunk(2, 1)\nreturn a + b", "conv1 | chunk1 | add1(chunk1, chunk1:1)"),
    ("a, b = torch.split(x, [3, 5], dim=1)\nreturn b", "conv1 | split1"),
    ("return x.mean(1)", "conv1 | mean1"),
    ("x = x.mean(3)\nreturn x.unsqueeze(-1)", "conv1 | mean1 | unflatten"),
    ("return torch.add(x, self.conv2(x))", "conv1 | conv2 | add1(conv1, conv2)"),
    ("return torch.stack((x, x), dim=1)", "conv1 | stack1(conv1, conv1)"),
    ("y = self.conv2(x)\nreturn (x - y) / 2 + 1", "conv1 | conv2 | sub1(conv1, conv2) | scale1 | shift1"),
    ("return x @ x.transpose(2, 3)", "conv1 | transpose1 | matmul1(conv1, transpose1)"),
    ("return x[..., 1:5:2] * x[:, :, :, None, 0]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "rows"), NOW, ids=[row[0] for row in NOW])
def test_what_forward_may_do_now(forward: str, rows: str) -> None:
    source = net(CONVS, f"x = self.conv1(x)\n{forward}")
    if rows:
        assert wired(read(source, (3, 16, 16))) == rows
    else:
        assert read_all(source, (3, 16, 16)).network is not None


def test_a_module_that_is_called_twice_is_one_module() -> None:
    network = read(net(CONVS, "x = self.conv1(x)\nreturn self.conv2(self.conv2(x))"), (3, 16, 16))
    assert network.layers[2].of == "conv2"
    assert trace(network).parameters == 3 * 8 * 9 + 8 + 8 * 8 * 9 + 8


BATCH = [
    "return x[0]",
    "return torch.cat([x, x], 0)[:2]",
    "return x.select(0, 1)",
    "return x[:2]", "return x[None]", "return x.chunk(2)[0]",
]  # fmt: skip


@pytest.mark.parametrize("forward", BATCH)
def test_nothing_that_cuts_or_mixes_the_batch_is_read_as_a_network_that_runs(forward: str) -> None:
    reading = read_all(net(CONVS, f"x = self.conv1(x)\n{forward}"), (3, 16, 16))
    assert reading.refusal is not None or reading.network is None or trace(reading.network).error is not None


def test_what_is_given_of_several_inputs_is_taken_and_the_rest_is_told_or_asked_for() -> None:
    code = """
class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.side = nn.Conv2d(3, 8, 3), nn.Linear(6, 4)
        self.pool = nn.AdaptiveAvgPool2d(1)
    def forward(self, image, numbers):
        return torch.cat([self.pool(self.conv(image)).flatten(1), self.side(numbers)], 1)
"""
    shown = read_all(code)
    assert shown.network is not None
    assert [given.shape for given in shown.network.inputs] == [(3, 224, 224), (6,)]
    assert shown.doubt.startswith("Input image: pool accepts any size. Shown here: 224×224;")
    given = read_all(code, [(3, 20, 20), None])
    assert given.network is not None
    assert [one.shape for one in given.network.inputs] == [(3, 20, 20), (6,)]
    assert (given.doubt, given.shape_told) == ("", "given")
    joined = code.replace("self.side(numbers)", "numbers")
    assert "Give a shape for numbers, without the batch axis." in str(read_all(joined, [(3, 20, 20), None]).refusal)
    assert read(joined, [(3, 20, 20), (5,)]).inputs[1].shape == (5,)


def test_a_guess_of_several_inputs_is_said_by_its_name() -> None:
    source = net("self.a = nn.Conv2d(3, 4, 3)\nself.b = nn.Conv2d(3, 4, 3)", "return self.a(x) + self.b(x)")
    source = source.replace("def forward(self, x)", "def forward(self, left, right)").replace(
        "self.a(x)", "self.a(left)"
    )
    source = source.replace("self.b(x)", "self.b(right)")
    reading = read_all(source)
    assert reading.doubt.startswith("Input left: No layer says how large the input is. Shown here: 224×224;")
    assert reading.inputs == ("left", "right")
    assert [choice.shapes for choice in reading.size.choices][1:] == ["3, 28, 28; ", "3, 32, 32; "]
    network = read(source, [(3, 8, 8), (3, 8, 8)])
    assert [given.name for given in network.inputs] == ["left", "right"]
    assert wired(network) == "a | b(right) | add1(a, b)"


TYPED = """
from typing import cast, NewType, assert_type
import torch
from torch import nn
Width = NewType("Width", int)
def make(cfg):
    layers, c = [], 3
    for v in cfg:
        if v == "M":
            layers += [nn.MaxPool2d(2)]
        else:
            v = cast(int, v)
            layers += [nn.Conv2d(c, Width(v), assert_type(3, int), padding=1), nn.ReLU(inplace=True)]
            c = torch.jit.annotate(int, v)
    return nn.Sequential(*layers)
model = torch.compile(make([64, "M", 128]))
"""


def test_helpers_of_typing_hand_their_argument_back() -> None:
    assert [layer.type for layer in read(TYPED, (3, 32, 32)).layers] == [
        "Conv2d",
        "ReLU",
        "MaxPool2d",
        "Conv2d",
        "ReLU",
    ]


def test_what_cannot_be_read_says_so() -> None:
    with pytest.raises(SourceError, match=r"does not give one result per sample"):
        read(net(CONVS, "x = self.conv1(x)\nreturn x[0]"), (3, 16, 16))


PLACES = {
    "arange": "torch.arange(t)",
    "arange on a device": "torch.arange(t, device=idx.device)",
    "arange from 0": "torch.arange(0, t, dtype=torch.long, device=idx.device)",
    "with a batch axis": "torch.arange(t).unsqueeze(0)",
}


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES)
def test_learned_places_of_a_sequence_keep_their_weights(places: str) -> None:
    code = f"""
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(100, 6)
        self.places = nn.Embedding(20, 6)
        self.fc = nn.Linear(6, 100)

    def forward(self, idx):
        b, t = idx.shape
        return self.fc(self.words(idx) + self.places({places}))

net = Net()
out = net(torch.randint(0, 100, (2, 9)))
"""
    names: dict[str, Any] = {}
    exec(code, names)
    reading = read_all(code)
    assert reading.network is not None
    story = trace(reading.network)
    assert story.error is None
    assert story.output_shapes == (tuple(names["out"].shape[1:]),)
    assert story.parameters == sum(each.numel() for each in names["net"].parameters())
    assert not any("never uses" in str(note) for note in reading.notes)


def test_learned_places_that_are_read_twice_count_once() -> None:
    code = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.places = nn.Embedding(9, 6)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        a = x[:, :3] + self.places(torch.arange(3))
        b = x[:, :5] + self.places(torch.arange(5))
        return self.fc(torch.cat([a, b], 1))

net = Net()
out = net(torch.zeros(2, 8, 6))
"""
    names: dict[str, Any] = {}
    exec(code, names)
    network = read(code)
    assert trace(network).parameters == sum(each.numel() for each in names["net"].parameters())
