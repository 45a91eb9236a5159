"""Kinds of networks that people posted and that were read wrongly, or not: in words of our own, as torch runs them."""

from typing import Any
from unittest.mock import Mock

import pytest
import torch
from torch import nn

from layerscope.source import handed_on
from layerscope.source.assembly import assembled
from layerscope.source.reader import read_all
from layerscope.source.reading import Flaw, Reading
from layerscope.tracing import trace
from tests.source.test_decoders import run

HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def parameters(reading: Reading) -> int:
    """How many parameters the network of a reading has, which runs."""
    assert reading.refusal is None, reading.refusal
    assert reading.network is not None
    seen = trace(reading.network)
    assert seen.error is None
    return seen.parameters


def counted(module: Any) -> int:
    assert isinstance(module, nn.Module)
    return sum(each.numel() for each in module.parameters())


AUTOENCODER = f"""{HEAD}
class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Linear(784, 30)
        self.mean, self.spread = nn.Linear(30, 6), nn.Linear(30, 6)
        self.up = nn.Linear(6, 784)

    def decode(self, z):
        return torch.sigmoid(self.up(z))

    def forward(self, x):
        h = F.relu(self.down(x.view(-1, 784)))
        return self.decode(self.mean(h) + torch.exp(self.spread(h)))

net = Coder()
"""


@pytest.mark.parametrize("last", ["noise = torch.randn(16, 6)\nnet.decode(noise)", "z = torch.randn(16, 6)", ""])
def test_noise_for_a_decoder_is_no_example_of_the_input(last: str) -> None:
    reading = read_all(AUTOENCODER + last)
    assert reading.network is not None
    assert reading.network.input_shape == (1, 28, 28)
    assert parameters(reading) == counted(run(AUTOENCODER)["net"])


def test_a_tensor_that_is_only_broadcast_is_no_example_of_the_input() -> None:
    code = f"""{HEAD}
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5, stride=2)
        self.head = nn.Linear(4 * 12 * 12, 1)

    def forward(self, x):
        return self.head(self.conv(x).flatten(1))

def penalty(real, fake):
    share = torch.rand(8, 1, 1, 1)
    return share.expand_as(real) * real
"""
    network = read_all(code).network
    assert network is not None
    assert network.input_shape == (1, 28, 28)


HEADS = f"""{HEAD}
class Player(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 32)
        self.choice = nn.Linear(32, 2)
        self.worth = nn.Linear(32, 1)
{{methods}}
net = Player()
"""
POLICY = """
    def policy(self, x, axis=1):
        return F.softmax(self.choice(F.relu(self.body(x))), dim=axis)
"""
VALUE = """
    def value(self, x):
        return self.worth(F.relu(self.body(x)))
"""


@pytest.mark.parametrize("methods", [POLICY, POLICY + VALUE], ids=["one", "two"])
def test_methods_stand_in_for_a_forward_that_is_missing(methods: str) -> None:
    code = HEADS.format(methods=methods)
    scope, reading = run(code), read_all(code)
    net, x = scope["net"], torch.rand(3, 4)
    outputs = [tuple(net.policy(x).shape[1:]), *([tuple(net.value(x).shape[1:])] if VALUE in methods else [])]
    assert reading.network is not None
    assert list(trace(reading.network).output_shapes) == outputs
    unused = 0 if VALUE in methods else counted(net.worth)
    assert parameters(reading) == counted(net) - unused
    flaw = next(note for note in reading.notes if isinstance(note, Flaw) and note.kind == "forward")
    assert "has no forward, so net(x) raises NotImplementedError" in flaw.sentence


@pytest.mark.parametrize("methods", ["", "\n    def forward(self):\n        raise NotImplementedError\n"])
def test_without_methods_each_head_reads_what_its_width_fits(methods: str) -> None:
    code = HEADS.format(methods=methods)
    reading = read_all(code)
    assert parameters(reading) == counted(run(code)["net"])
    assert reading.network is not None
    assert list(trace(reading.network).output_shapes) == [(2,), (1,)]


def test_methods_that_cannot_be_followed_leave_the_layers() -> None:
    code = HEADS.format(
        methods="\n    def act(self, x, memory):\n        return memory.best(self.choice(self.body(x)))\n"
    )
    assert parameters(read_all(code)) == counted(run(code)["net"])


def test_methods_of_a_training_are_none_of_a_network() -> None:
    code = HEADS.format(
        methods="\n    def training_step(self, batch, number):\n        x, y = batch\n"
        "        return F.cross_entropy(self.choice(self.body(x)), y)\n"
    )
    assert parameters(read_all(code)) == counted(run(code)["net"])


def test_a_class_that_is_called_without_a_forward_stays_an_error() -> None:
    code = f"""{HEAD}
class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def encode(self, x):
        return self.fc(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        return self.part(x)
"""
    refusal = read_all(code, (3,), "Net").refusal
    assert refusal is not None
    assert "has no forward" in refusal.reason


AGENT = f"""{HEAD}
class Critic(nn.Module):
    def __init__(self, rate, input_dims, width, actions):
        super().__init__()
        self.first = nn.Linear(*input_dims, width)
        self.last = nn.Linear(width, actions)

    def forward(self, state):
        state = {{convert}}
        return self.last(F.relu(self.first(state)))

class Agent:
    def __init__(self, rate, input_dims, actions):
        self.net = Critic(rate, input_dims, width=48, actions=actions)
"""
CONVERTED = ["torch.tensor(state, dtype=torch.float)", "torch.Tensor(state)", "torch.FloatTensor(state)",
             "torch.as_tensor(state, dtype=torch.float32)", "torch.from_numpy(state)"]  # fmt: skip


@pytest.mark.parametrize("convert", CONVERTED)
def test_the_network_that_an_agent_makes_is_read_with_the_agent_s_numbers(convert: str) -> None:
    code = AGENT.format(convert=f"{convert}.to('cpu')") + "agent = Agent(0.01, input_dims=[8], actions=4)\n"
    reading, net = read_all(code), run(code)["agent"].net
    assert parameters(reading) == counted(net)
    assert reading.network is not None
    assert reading.network.input_shape == (8,)


def test_a_copy_of_a_feature_map_is_told() -> None:
    code = f"{HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    code += "        self.a, self.b = nn.Linear(3, 4), nn.Linear(4, 2)\n    def forward(self, x):\n"
    notes = [str(note) for note in read_all(f"{code}        return self.b(torch.tensor(self.a(x)))\n").notes]
    assert any("is a copy without its history: the layers before it are not trained" in note for note in notes)


def test_what_a_call_in_the_code_gives_is_no_guess() -> None:
    refusal = read_all(AGENT.format(convert="state")).refusal
    assert refusal is not None
    assert "Critic(rate=0.5, input_dims=[64], width=48, actions=10)" in refusal.reason


def test_a_configuration_is_asked_for_with_what_is_read_of_it() -> None:
    code = f"{HEAD}class Net(nn.Module):\n    def __init__(self, config):\n        super().__init__()\n"
    code += "        self.fc = nn.Linear(config.width, config.classes)\n"
    code += "    def forward(self, x):\n        return self.fc(x)\n"
    refusal = read_all(code).refusal
    assert refusal is not None
    assert "calls Net with an object that has width and classes" in refusal.reason


TRANSLATOR = f"""{HEAD}
class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.reads, self.writes = nn.{{kind}}(9, 12), nn.{{kind}}(9, 12)
        self.head = nn.Linear(12, 9)

    def forward(self, text, state, answer):
        text, answer = text.transpose(0, 1), answer.transpose(0, 1)
        _, state = self.reads(text, state)
        out, _ = self.writes(answer, state)
        return self.head(out)

net = Translator()
"""


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_an_encoder_and_decoder_that_turn_their_inputs_with_a_state_given(kind: str) -> None:
    code = TRANSLATOR.format(kind=kind)
    assert parameters(read_all(code)) == counted(run(code)["net"])


def test_a_state_that_comes_first_does_not_tell_where_the_batch_is_in_the_sequence() -> None:
    code = f"""{HEAD}
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.RNN(7, 5), nn.Linear(5, 7)

    def forward(self, state, x):
        out, state = self.rnn(x.transpose(0, 1), state)
        return self.head(out[-1])

net = Reader()
net(torch.zeros(1, 3, 5), torch.rand(3, 2, 7))
"""
    reading = read_all(code)
    assert parameters(reading) == counted(run(code)["net"])
    assert reading.network is not None
    assert [given.shape for given in reading.network.inputs] == [(1, 5), (2, 7)]


def test_a_list_of_arrays_has_their_sizes_too() -> None:
    code = TRANSLATOR.format(kind="RNN") + (
        "def batch(words):\n    rows = []\n    for word in words:\n        rows.append(np.eye(9)[[1, 2, 3, 4, 0]])\n"
        "    return torch.FloatTensor(rows)\n"
        "net(batch(['ab', 'cd']), torch.zeros(1, 2, 12), batch(['ef', 'gh']))\n"
    )
    network = read_all(code).network
    assert network is not None
    assert [given.shape for given in network.inputs] == [(5, 9), (1, 12), (5, 9)]


@pytest.mark.parametrize("turn", ["x.t()", "x.T", "x.transpose(0, 1)", "torch.t(x)"])
def test_t_moves_the_batch_as_transpose_does(turn: str) -> None:
    code = f"""{HEAD}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.gru, self.head = nn.Embedding(50, 8), nn.GRU(8, 12), nn.Linear(12, 3)

    def forward(self, x):
        count = x.size(0)
        x = {turn}
        _, state = self.gru(self.words(x), torch.zeros(1, count, 12))
        return self.head(state[-1])

net = Net()
"""
    assert parameters(read_all(code)) == counted(run(code)["net"])


def test_a_card_is_no_question() -> None:
    code = f"""{HEAD}
def placed(x):
    if torch.cuda.is_available():
        return x.cuda()
    else:
        return x

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 2)

    def forward(self, x):
        return self.fc(placed(x))

net = Net()
"""
    assert parameters(read_all(code)) == counted(run(code)["net"])


@pytest.mark.parametrize(("line", "sizes"), [("sizes.sort()", [3, 5, 7]), ("sizes.sort(reverse=True)", [7, 5, 3])])
def test_a_list_is_sorted(line: str, sizes: list[int]) -> None:
    code = (
        f"{HEAD}sizes = [5, 3, 7]\n{line}\nnet = nn.Sequential(nn.Conv2d(1, 1, sizes[0]), nn.Conv2d(1, 1, sizes[2]))\n"
    )
    network = read_all(code, (1, 32, 32)).network
    assert network is not None
    assert [layer.chosen["kernel_size"] for layer in network.layers] == [sizes[0], sizes[2]]


def test_networks_that_are_called_on_each_other_s_results_are_followed_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Mock(wraps=assembled)
    monkeypatch.setattr(handed_on, "assembled", counted)
    code = f"{HEAD}width = unknown.width\n"
    for name in "ABCD":
        code += f"{name} = nn.Sequential(nn.Linear(width, 8), nn.Linear(8, width))\n"
    for turn in range(6):
        code += "".join(f"x{turn} = {one}({other}({one}(x{max(turn - 1, 0)})))\n" for one in "ABCD" for other in "BCDA")
    read_all(code)
    assert counted.call_count <= 4 * handed_on.MOST_FOLLOWED
