"""Networks that branch as code: it runs with the network's shapes, parameters and keys, and reads back the same."""

import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Input, Network
from layerscope.presets import PRESETS
from layerscope.source.attributes import attribute
from layerscope.source.reader import read
from layerscope.source.writer import Style, write, written
from layerscope.tracing import trace
from tests.large import large_last
from tests.legal import TYPES, legal_graph
from tests.running import built
from tests.source.graphs import random_graph
from tests.source.test_writing_and_reading import OPTIONS, as_read

BRANCHING = {key: network for key, network in PRESETS.items() if not network.is_chain}
GRAPHS = 50
FEW = 250
"""Networks of any legal rows; so many more as it takes to meet each type."""
CHEAP = 2_000_000


def facts(network: Network) -> tuple[Any, ...]:
    """All that runs: what each row is, what it reads, whose module it calls, what goes in and out."""
    rows = [(layer.name, as_it_counts(layer).signature, layer.of) for layer in network.resolved]
    return network.inputs, network.classes, rows, network.wiring, network.output_names


def as_it_counts(layer: Layer) -> Layer:
    """A parameter that its readers see with one axis more than it has may say so or not."""
    is_usual = layer.type == "Parameter" and layer.chosen["ndim"] == len(layer.chosen["shape"]) + 1
    return layer.with_chosen("ndim", None) if is_usual else layer


def row(kind: str, name: str, *reads: str, **values: Any) -> Layer:
    return CATALOGUE[kind](name=name, inputs=reads, **values)


def inputs_for(network: Network, device: str) -> list[torch.Tensor]:
    return [
        torch.rand(2, *given.shape, device=device)
        if given.kind == "values"
        else torch.zeros(2, *given.shape, dtype=torch.long, device=device)
        for given in network.inputs
    ]


def run(network: Network, style: Style, **options: Any) -> nn.Module:
    """The module that the code makes, once its outputs were compared with the trace."""
    story = trace(network)
    device = "cpu" if story.macs < CHEAP and story.parameters < CHEAP else "meta"
    code = write(network, style, **options)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        module = built(code, device)
        result = module(*inputs_for(network, device))
    outputs = result if isinstance(result, tuple) else (result,)
    assert [tuple(each.shape[1:]) for each in outputs] == list(story.output_shapes), code
    assert sum(map(torch.numel, module.parameters())) == story.parameters, code
    return module


def keys(network: Network) -> set[str]:
    """The rows that hold parameters, as the paths of attributes."""
    story = trace(network)
    return {
        ".".join(map(attribute, step.name.split("."))) for step in story.steps if step.parameters and not step.layer.of
    }


def held(module: nn.Module, network: Network) -> set[str]:
    """The rows whose path a parameter's name begins with; a parameter of no module is its own row."""
    names = [name for name, _ in module.named_parameters()]
    return {path for path in keys(network) if any(name == path or name.startswith(f"{path}.") for name in names)}


def check(network: Network, style: Style, **options: Any) -> None:
    module = run(network, style, **options)
    assert held(module, network) == keys(network)
    code = write(network, style, **options)
    assert facts(read(code)) == facts(network), code


@pytest.mark.parametrize("style", [Style.COURSE, Style.MODULES])
@pytest.mark.parametrize("key", large_last(BRANCHING))
def test_every_preset_that_branches(key: str, style: Style) -> None:
    check(BRANCHING[key], style)


@pytest.mark.parametrize("style", Style)
def test_random_networks_that_branch(style: Style, thorough: bool) -> None:
    seen: set[str] = set()
    runs = 0
    wanted = GRAPHS * (48 if thorough else 1)
    for seed in range(wanted):
        network = random_graph(Random(f"{style.value} {seed}"))
        if trace(network).error is None:
            runs += 1
            check(network, style, **OPTIONS[seed % 4])
            seen |= {layer.type for layer in network.layers}
    assert runs > 0.9 * wanted
    assert len(seen) > 30, seen


@pytest.mark.parametrize("style", Style)
@pytest.mark.thorough
def test_rows_of_every_type_with_any_legal_values_in_each_style(style: Style) -> None:
    written_and_read([style], 4_000)


def test_rows_of_every_type_with_any_legal_values() -> None:
    """In all styles by turns, as many as it takes to meet every type."""
    written_and_read(list(Style), FEW)


def written_and_read(styles: list[Style], count: int) -> None:
    """So many networks, and more until every type was met, come back from code in one of the styles by turns."""
    seen: set[str] = set()
    runs = 0
    every = {known.__name__ for known in TYPES}
    for seed in range(4_000):
        if seed >= count and seen == every:
            break
        style = styles[seed % len(styles)]
        network = legal_graph(Random(f"{style.value} {seed}"))
        code = write(network, style, **OPTIONS[seed % 4])
        assert facts(read(code)) == facts(as_read(network)), code
        seen |= {layer.type for layer in network.layers}
        runs += trace(network).error is None
    assert seen == every
    assert runs > 30


def test_attention_that_names_one_tensor_three_times_reads_back_as_that() -> None:
    for kind, values in (("MultiheadAttention", {"num_heads": 1}), ("ScaledDotProductAttention", {})):
        for reads in ((), ("input", "input", "input")):
            network = Network((5, 8), (row("ReLU", "relu1"), row(kind, "attention1", *reads, **values)))
            check(network, Style.COURSE)


def test_a_parameter_that_is_the_third_to_be_added_keeps_its_place() -> None:
    rows = (row("ReLU", "relu1"), row("Parameter", "scale", shape=(16,)), row("Add", "add1", "input", "relu1", "scale"))
    check(Network((16,), rows), Style.COURSE)


def test_a_function_is_not_named_like_a_block() -> None:
    """F.relu would be relu1, but a block of that name holds rows, and so would the block's own F.relu be."""
    code = """
class Block(nn.Module):
    def forward(self, x):
        return F.relu(x) + F.relu(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu1 = Block()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return F.relu(self.fc(x)) + self.relu1(x)
"""
    network = read(code, (4,), "Net")
    assert network.names == ("fc", "relu2", "relu1.relu1", "relu1.relu2", "relu1.add1", "add1")
    check(network, Style.COURSE)


def residual(blocks: int = 2) -> Network:
    """Blocks of two convolutions with a connection around them, of different widths."""
    rows = [row("Conv2d", "stem", out_channels=4, kernel_size=3, padding=1)]
    before = "stem"
    for n in range(blocks):
        name = f"body.{n}"
        rows += [
            row("Conv2d", f"{name}.conv1", before, out_channels=4 + n, kernel_size=3, padding=1),
            row("ReLU", f"{name}.relu"),
            row("Conv2d", f"{name}.conv2", out_channels=4, kernel_size=3, padding=1),
            row("Add", f"{name}.add1", f"{name}.conv2", before),
        ]
        before = f"{name}.add1"
    return Network((3, 8, 8), (*rows, row("Flatten", "flatten"), row("Linear", "fc", out_features=5)), 5)


def test_equal_blocks_are_one_class_word_for_word() -> None:
    assert (
        write(residual())
        == '''\
import torch
from torch import nn


class BodyBlock(nn.Module):
    """body.0 and 1 more."""

    def __init__(self, out_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels=4,
            out_channels=out_channels,
            kernel_size=3,
            padding=1,
        )
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(
            in_channels=out_channels,
            out_channels=4,
            kernel_size=3,
            padding=1,
        )

    def forward(self, x):
        t = self.conv1(x)
        t = self.relu(t)
        t = self.conv2(t)
        t = t + x
        return t


class Network(nn.Module):
    """Input (3, 8, 8), 5 classes, row by row."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(in_channels=3, out_channels=4, kernel_size=3, padding=1)
        self.body = nn.Sequential(
            BodyBlock(out_channels=4),
            BodyBlock(out_channels=5),
        )
        self.fc = nn.Linear(in_features=4 * 8 * 8, out_features=5)

    def forward(self, x):
        t = self.stem(x)
        t = self.body(t)
        t = torch.flatten(t, start_dim=1)
        t = self.fc(t)
        return t
'''
    )


def test_ports_parameters_several_inputs_and_outputs_word_for_word() -> None:
    network = Network(
        (6,),
        (
            row("Embedding", "words", num_embeddings=50, embedding_dim=8),
            row("Parameter", "token", shape=(1, 1, 8), ndim=3),
            row("Concat", "cat1", "token", "words", dim=1),
            row("LSTM", "lstm", hidden_size=5, batch_first=True),
            row("Select", "select1", "lstm", dim=1, index=-1),
            row("Linear", "fc", "extra", out_features=5),
            row("Multiply", "mul1", "select1", "fc"),
            row("Linear", "again", "extra", out_features=5, of="fc"),
        ),
        None,
        (Input("text", (6,), "indices", 50), Input("extra", (3,))),
        ("mul1", "again", "lstm:h_n"),
    )
    assert (
        write(network)
        == '''\
import torch
from torch import nn


class Network(nn.Module):
    """Inputs text (6,) of indices below 50 and extra (3,), row by row."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(num_embeddings=50, embedding_dim=8)
        self.token = nn.Parameter(torch.zeros((1, 1, 8)))
        self.lstm = nn.LSTM(input_size=8, hidden_size=5, batch_first=True)
        self.fc = nn.Linear(in_features=3, out_features=5)

    def forward(self, text, extra):
        t = self.words(text)
        t = torch.cat([self.token.expand(text.shape[0], -1, -1), t], dim=1)
        lstm, (lstm_h_n, _) = self.lstm(t)
        select1 = lstm[:, -1]
        t = self.fc(extra)
        mul1 = select1 * t
        again = self.fc(extra)
        return mul1, again, lstm_h_n.transpose(0, 1)
'''
    )
    check(network, Style.COURSE)


def test_a_row_that_torch_has_as_a_function_only_is_a_small_class_in_a_sequential() -> None:
    rows = (
        row("Conv2d", "block.0", out_channels=4, kernel_size=1),
        row("Permute", "block.1", order=(0, 2, 3, 1)),
        row("LayerNorm", "block.2"),
    )
    code = write(Network((3, 4, 4), rows))
    assert "class Permute(nn.Module):" in code
    assert "return x.permute(0, 2, 3, 1)" in code
    check(Network((3, 4, 4), rows), Style.COURSE)


def test_blocks_that_cannot_be_called_only_hold_their_modules() -> None:
    rows = (
        row("Linear", "encoder.0", out_features=4),
        row("Linear", "decoder.0", out_features=4),
        row("Linear", "encoder.1", "encoder.0", out_features=4),
        row("Linear", "decoder.1", "decoder.0", out_features=4),
        row("Add", "add1", "encoder.1", "decoder.1"),
    )
    code = write(Network((4,), rows))
    assert "self.encoder = nn.ModuleList(" in code
    assert "self.encoder[1](" in code
    check(Network((4,), rows), Style.COURSE)


def test_a_chain_with_paths_keeps_them() -> None:
    rows = (
        row("Conv2d", "features.0", out_channels=4, kernel_size=3),
        row("ReLU", "features.1"),
        row("Flatten", "flatten"),
        row("Linear", "classifier.1", out_features=2),
    )
    network = Network((1, 6, 6), rows, 2)
    for style in Style:
        check(network, style)
    assert "OrderedDict(" in write(network)


def test_a_network_that_is_one_sequence_is_nn_sequential() -> None:
    network = Network((1, 6, 6), (row("Conv2d", "0", out_channels=4, kernel_size=3), row("ReLU", "1")))
    assert write(network).endswith("    nn.ReLU(),\n)\n")
    check(network, Style.COURSE)


def test_the_batch_of_a_recurrent_layer_is_moved_to_where_torch_has_it() -> None:
    """With batch_first=False torch reads (length, batch, features): the values must be those of each sample alone."""
    rows = (row("LSTM", "lstm", hidden_size=3), row("Select", "last", "lstm:h_n", dim=1, index=0))
    network = Network((5, 4), rows, None, (), ("lstm", "last"))
    module = run(network, Style.COURSE)
    samples = torch.rand(2, 5, 4)
    with torch.no_grad():
        output, last = module(samples)
        alone, last_alone = module(samples[1:])
    torch.testing.assert_close(output[1:], alone)
    torch.testing.assert_close(last[1:], last_alone)
    torch.testing.assert_close(output[:, -1], last)
    check(network, Style.COURSE)


def test_a_row_that_does_not_run_says_why() -> None:
    rows = (
        row("Linear", "a", out_features=3),
        row("Linear", "b", "input", out_features=4),
        row("Add", "add1", "a", "b"),
        row("Linear", "c", out_features=2),
    )
    code = write(Network((5,), rows))
    assert "# add1 does not run: " in code
    assert "self.c = nn.LazyLinear(out_features=2)" in code


def test_the_lines_of_each_row_are_those_of_its_class_too() -> None:
    page = written(residual(), Style.COURSE)
    lines = page.text.splitlines()
    for name in ("body.0.conv1", "body.1.conv1"):
        texts = [lines[n - 1].strip() for n in page.lines[name]]
        assert "self.conv1 = nn.Conv2d(" in texts
        assert "t = self.conv1(x)" in texts
        assert "t = self.body(t)" in texts
    assert "BodyBlock(out_channels=5)," in [lines[n - 1].strip() for n in page.lines["body.1.add1"]]


def cases(networks: Iterable[Network]) -> Iterator[tuple[str, str]]:
    """Code of networks in all styles."""
    for number, network in enumerate(networks):
        for place, style in enumerate(Style):
            yield f"g{number}_{style.value}", write(network, style, **OPTIONS[(number + place) % 4])


def ruff(arguments: list[str], networks: Iterable[Network], folder: Path) -> None:
    """What ruff says of the code; it has to have no remark."""
    for name, code in cases(networks):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]


def test_ruff_has_no_remark_on_the_code(tmp_path: Path) -> None:
    networks = [*BRANCHING.values(), *(random_graph(Random(f"ruff {seed}")) for seed in range(20))]
    ruff(["check", "--select", "E4,E7,E9,F,I,W,B,UP,SIM,C4,PIE"], networks, tmp_path)


def test_ruff_leaves_the_code_of_networks_that_people_build_as_it_is(tmp_path: Path) -> None:
    ruff(["format", "--diff"], [*BRANCHING.values(), *(residual(n) for n in (1, 2, 8))], tmp_path)
