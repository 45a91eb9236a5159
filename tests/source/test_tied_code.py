"""Tied tensors in code: what is written really ties them and is read back, and pastes are read as torch counts.

Pastes are run here as well, so that torch says how many parameters they have.
"""

import warnings
from random import Random
from textwrap import dedent
from typing import Any

import pytest
import safetensors.torch
import torch

from layerscope import ties
from layerscope.building import module
from layerscope.catalogue import CATALOGUE
from layerscope.network import Network
from layerscope.source.attributes import attribute
from layerscope.source.reader import read, read_all
from layerscope.source.spelling import LONGEST_LINE
from layerscope.source.writer import Style, write
from layerscope.tracing import trace
from layerscope.weights import fresh_weights
from tests.large import one_in
from tests.running import built
from tests.source.graphs import random_graph
from tests.source.test_branching_code import facts
from tests.tying import tied, total, with_random_ties


def drawn(seed: int) -> Network:
    """A random network with blocks, shared modules and several inputs, some of whose rows hold tensors of others."""
    rng = Random(seed)
    while True:
        network = random_graph(rng)
        for layer in network.layers[-2:]:  # a copy is of one size with its original, if it runs
            if layer.type != "Parameter":
                longer = network.duplicate(layer.name)
                network = network if trace(longer).error else longer
        network = with_random_ties(rng, network)
        if tied(network):
            return network


@pytest.mark.parametrize("seed", one_in(4, range(120)))
def test_written_code_ties_and_is_read_back(seed: int) -> None:
    network = drawn(seed)
    for style in Style:
        code = write(network, style)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = built(code)
        assert total(made) == trace(network).parameters, code
        again = read(code)
        assert facts(again) == facts(network), code
        assert tied(again) == tied(network), code
        assert write(again, style) == code


@pytest.mark.parametrize("seed", one_in(2, range(40)))
def test_weights_load_into_the_written_code_and_are_its_own(seed: int) -> None:
    network = drawn(seed)
    values = safetensors.torch.load(fresh_weights(network))
    code = write(network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = built(code)
        torch.manual_seed(0)
        fresh = built(code).state_dict()
    made.load_state_dict(values, strict=True)
    assert values.keys() == fresh.keys()
    for layer in network.layers:
        for tensor, name in ties.named(layer):
            mine, other = (".".join(map(attribute, f"{each}.{tensor}".split("."))) for each in (layer.name, name))
            assert torch.equal(values[mine], values[other])
            assert made.get_parameter(mine) is made.get_parameter(other)
    if not any(layer.type == "Parameter" or "." in layer.name for layer in network.layers):  # drawn in this order
        assert all(torch.equal(fresh[name], value) for name, value in values.items())
    assert total(module(network)) == total(made)


HEAD = """
import torch
from torch import nn
import torch.nn.functional as F
"""
WORDS = """
class Net(nn.Module):
    def __init__(self, share=True):
        super().__init__()
        self.embed = nn.Embedding(40, 16)
        self.body = nn.Linear(16, 16)
        self.out = nn.Linear(16, 40)
        {tie}

    def forward(self, x):
        return self.out(torch.relu(self.body(self.embed(x))))
    {more}
{after}
"""
SAMPLE = "\nmodel(torch.randint(0, 40, (2, 9)))\n"


def words(tie: str = "pass", more: str = "", after: str = "") -> str:
    """A paste of words through two tables, tied in one place or another."""
    body = WORDS.format(tie=tie.replace("\n", "\n        "), more=more.replace("\n", "\n    "), after=after)
    return HEAD + body + ("" if "model =" in after else "\nmodel = Net()\n") + SAMPLE


TIE = "def tie_weights(self):\n    self.out.weight = self.embed.weight"
SHARED = {
    "forwards": words("self.out.weight = self.embed.weight"),
    "backwards": words("self.embed.weight = self.out.weight"),
    "a method": words("self.tie_weights()", TIE),
    "a method with arguments": words(
        "self._tie(self.out, self.embed)", "def _tie(self, one, other):\n    one.weight = other.weight"
    ),
    "a method of the whole": words(more=TIE, after="model = Net()\nmodel.tie_weights()"),
    "from outside": words(after="model = Net()\nmodel.out.weight = model.embed.weight"),
    "a function": words(after="def tie(a, b):\n    a.weight = b.weight\nmodel = Net()\ntie(model.out, model.embed)"),
    "a switch": words("if share:\n    self.out.weight = self.embed.weight"),
    "a parameter": words("w = nn.Parameter(torch.randn(40, 16))\nself.embed.weight = w\nself.out.weight = w"),
    "a parameter of the whole": words(
        "self.table = nn.Parameter(torch.randn(40, 16))\nself.embed.weight = self.table\nself.out.weight = self.table"
    ),
    "setattr": words('setattr(self.out, "weight", self.embed.weight)'),
    "register_parameter": words('self.out.register_parameter("weight", self.embed.weight)'),
    "a getter": words("self.out.weight = self.inputs().weight", "def inputs(self):\n    return self.embed"),
    "twice": words("self.out.weight = self.embed.weight\nself.embed.weight = self.out.weight"),
}
APART = {
    "nobody calls it": words(more=TIE),
    "a switch": words("if share:\n    self.out.weight = self.embed.weight", after="model = Net(share=False)"),
    "a copy": words("self.out.weight = nn.Parameter(self.embed.weight.detach().clone())"),
    "another one later": words(
        "self.out.weight = self.embed.weight\nself.out.weight = nn.Parameter(torch.randn(40, 16))"
    ),
    "another layer later": words("self.out.weight = self.embed.weight\nself.out = nn.Linear(16, 40)"),
    "values alone": words("self.out.weight.data = self.embed.weight.data"),
}


def really(paste: str) -> int:
    """How many parameters torch counts."""
    space: dict[str, Any] = {}
    exec(paste, space)
    return total(space["model"])


@pytest.mark.parametrize("paste", SHARED.values(), ids=SHARED)
def test_what_people_write_is_counted_as_torch_counts_it(paste: str) -> None:
    network = read(paste)
    assert tied(network) == {"out": ("embed:weight",)}
    assert trace(network).parameters == really(paste) == 40 * 16 + 16 * 16 + 16 + 40
    assert read(write(network)) == network


@pytest.mark.parametrize("paste", APART.values(), ids=APART)
def test_what_is_not_tied_counts_twice(paste: str) -> None:
    network = read(paste)
    assert not tied(network)
    assert trace(network).parameters == really(paste) == 2 * 40 * 16 + 16 * 16 + 16 + 40


OTHERS = {
    "blocks that are one": (
        """
        class Block(nn.Module):
            def __init__(self, d):
                super().__init__()
                self.fc = nn.Linear(d, d)
                self.norm = nn.LayerNorm(d)
            def forward(self, x):
                return x + self.norm(self.fc(x))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.ModuleList(Block(8) for _ in range(4))
                for block in self.blocks[1:]:
                    block.fc.weight = self.blocks[0].fc.weight
                    block.fc.bias = self.blocks[0].fc.bias
            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return x
        model = Net()
        model(torch.rand(2, 8))
        """,
        {f"blocks.{n}.fc": ("blocks.0.fc:weight", "blocks.0.fc:bias") for n in (1, 2, 3)},
    ),
    "inside of inside": (
        """
        class Model(nn.Module):
            def __init__(self, vocabulary=30, width=12):
                super().__init__()
                self.transformer = nn.ModuleDict(dict(
                    wte=nn.Embedding(vocabulary, width),
                    h=nn.ModuleList([nn.Linear(width, width) for _ in range(2)]),
                ))
                self.lm_head = nn.Linear(width, vocabulary, bias=False)
                self.transformer.wte.weight = self.lm_head.weight
            def forward(self, x):
                x = self.transformer.wte(x)
                for layer in self.transformer.h:
                    x = layer(x)
                return self.lm_head(x)
        model = Model()
        model(torch.randint(0, 30, (2, 5)))
        """,
        {"lm_head": ("wte:weight",)},
    ),
    "another stride": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.one = nn.Conv2d(4, 4, 3, padding=1)
                self.two = nn.Conv2d(4, 4, 3, stride=2)
                self.two.weight = self.one.weight
            def forward(self, x):
                return self.two(self.one(x))
        model = Net()
        model(torch.rand(1, 4, 9, 9))
        """,
        {"two": ("one:weight",)},
    ),
    "classes of one's own": (
        """
        class Dense(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.weight = nn.Parameter(torch.randn(n, n))
                self.bias = nn.Parameter(torch.zeros(n))
            def forward(self, x):
                return F.linear(x, self.weight, self.bias)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = Dense(6), Dense(6)
                self.b.weight = self.a.weight
            def forward(self, x):
                return self.b(F.relu(self.a(x)))
        model = Net()
        model(torch.rand(2, 6))
        """,
        {"fc2": ("fc1:weight",)},
    ),
    "a function on the table": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(30, 8)
            def forward(self, x):
                return F.linear(self.embed(x), self.embed.weight)
        model = Net()
        model(torch.randint(0, 30, (2, 5)))
        """,
        {"fc1": ("embed:weight",)},
    ),
    "a product with the table": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(30, 8)
            def forward(self, x):
                return self.embed(x) @ self.embed.weight.t()
        model = Net()
        model(torch.randint(0, 30, (2, 5)))
        """,
        {},
    ),
    "a stack": (
        """
        model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6, bias=False), nn.Tanh(), nn.Linear(6, 6))
        model[4].weight = model[2].weight
        model[2].weight = model[0].weight
        model(torch.rand(2, 6))
        """,
        None,
    ),
    "a bias alone": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.c = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 6)
                self.b.bias = self.a.bias
                self.c.weight = self.b.weight
            def forward(self, x):
                return self.c(self.b(self.a(x)))
        model = Net()
        model(torch.rand(2, 6))
        """,
        {"b": ("a:bias",), "c": ("b:weight",)},
    ),
    "two calls and a tie": (
        """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.Linear(6, 6), nn.Linear(6, 6)
                self.b.weight = self.a.weight
            def forward(self, x):
                return self.b(self.a(self.b(self.a(x))))
        model = Net()
        model(torch.rand(2, 6))
        """,
        {"b": ("a:weight",)},
    ),
}


@pytest.mark.parametrize(("text", "ties_of_it"), OTHERS.values(), ids=OTHERS)
def test_ties_of_other_kinds_are_counted_as_torch_counts_them(
    text: str, ties_of_it: dict[str, tuple[str, ...]] | None
) -> None:
    paste = HEAD + dedent(text)
    network = read(paste)
    found = trace(network)
    assert found.error is None
    assert found.parameters == really(paste)
    assert ties_of_it is None or tied(network) == ties_of_it
    if not any(layer.type == "Constant" for layer in network.layers):  # which tells no more than its size
        assert read(write(network)) == network
        assert total(module(network)) == really(paste)


def test_tables_of_other_sizes_are_said_at_the_row() -> None:
    paste = words("self.out.weight = self.body.weight")
    network = read(paste)
    found = trace(network)
    assert found.error is not None
    assert found.error.message == "out and body share one weight, but that of body is 16×16 and out needs 40×16."


def test_a_tensor_under_two_names_is_noted() -> None:
    text = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.norm = nn.Linear(6, 6), nn.LayerNorm(6)
                self.norm.weight = self.fc.bias
            def forward(self, x):
                return self.norm(self.fc(x))
        model = Net()
        model(torch.rand(2, 6))
        """
    reading = read_all(HEAD + dedent(text))
    assert any("the table counts both" in note.sentence for note in reading.notes)


def test_a_long_tie_is_broken_into_lines() -> None:
    deep = ".".join(f"block_of_a_long_name_{n}" for n in range(2))
    linear: Any = CATALOGUE["Linear"]
    rows = tuple(linear(name=f"{deep}.fc{n}", out_features=4) for n in range(2))
    network = Network((4,), rows).with_tied(rows[1].name, (f"{rows[0].name}:weight",))
    code = write(network)
    assert max(map(len, code.splitlines())) <= LONGEST_LINE
    assert read(code) == network
    assert total(built(code)) == trace(network).parameters


GPT = """
class Head(nn.Module):
    def __init__(self, width, bias=True):
        super().__init__()
        self.up, self.act, self.down = nn.Linear(width, 4 * width, bias), nn.GELU(), nn.Linear(4 * width, width, bias)
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        return x + self.down(self.act(self.up(self.norm(x))))


class GPT(nn.Module):
    def __init__(self, vocabulary=50304, length=1024, width=768, depth=12):
        super().__init__()
        self.transformer = nn.ModuleDict(dict(
            wte=nn.Embedding(vocabulary, width),
            wpe=nn.Embedding(length, width),
            h=nn.ModuleList([Head(width) for _ in range(depth)]),
            ln_f=nn.LayerNorm(width),
        ))
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.transformer.wte.weight = self.lm_head.weight
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)

    def forward(self, idx):
        b, t = idx.size()
        pos = torch.arange(0, t, dtype=torch.long, device=idx.device)
        x = self.transformer.wte(idx) + self.transformer.wpe(pos)
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x))


model = GPT()
"""


def test_a_large_language_model_has_torchs_number() -> None:
    space: dict[str, Any] = {}
    with torch.device("meta"):
        exec(HEAD + GPT, space)
    network = read(HEAD + GPT + "\nmodel(torch.zeros(2, 64, dtype=torch.long))\n")
    assert trace(network).error is None
    assert trace(network).parameters == total(space["model"])
    assert tied(network) == {"lm_head": ("transformer.wte:weight",)} or tied(network) == {"lm_head": ("wte:weight",)}


def test_tensors_of_recurrent_layers_that_are_set_are_noted() -> None:
    text = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.LSTM(6, 6, batch_first=True), nn.LSTM(6, 6, batch_first=True)
                self.b.weight_ih_l0 = self.a.weight_ih_l0
            def forward(self, x):
                x, _ = self.a(x)
                x, _ = self.b(x)
                return x
        model = Net()
        model(torch.rand(2, 5, 6))
        """
    reading = read_all(HEAD + dedent(text))
    assert reading.network is not None
    assert any("does not say which tensor weight_ih_l0 is set to" in note.sentence for note in reading.notes)
