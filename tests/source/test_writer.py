"""The writer: its code runs, says what the trace says, is formatted, and reads back as the same network."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from layerscope import limits
from layerscope.catalogue import CATALOGUE
from layerscope.layers.activation import ReLU
from layerscope.layers.convolution import Conv1d, Conv2d
from layerscope.layers.layer_norms import LayerNorm
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm1d, GroupNorm
from layerscope.layers.regularization import Dropout
from layerscope.layers.reshape import Flatten, Unflatten
from layerscope.layers.resize import ZeroPad2d
from layerscope.network import Network, NetworkError
from layerscope.presets import PRESETS
from layerscope.source.attributes import attribute, layer_name
from layerscope.source.calling import SPELLINGS
from layerscope.source.constructing import NEVER_LAZY, constructions
from layerscope.source.naming import names_given
from layerscope.source.reader import read
from layerscope.source.spelling import LONGEST_LINE, remark
from layerscope.source.writer import Style, write, written
from layerscope.source.writing.graph import is_plain
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.legal import legal_network
from tests.oracle import described, random_network
from tests.running import built, random_runnable

SEED = PRESETS["fashion-mnist-cnn"]
OPTIONS: list[dict[str, Any]] = [
    {"hints": hints, "shapes": shapes} for hints, shapes in product((False, True), repeat=2)
]
CHEAP = 5_000_000
"""Multiply-accumulates up to which a network is really run; the others only on torch's meta device."""


def check(network: Network, style: Style, **options: Any) -> None:
    """Run the code; compare shapes and counts with the trace."""
    story, code = trace(network), write(network, style, **options)
    device = "cpu" if story.macs < CHEAP and story.parameters < CHEAP else "meta"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch's remarks, such as those about softmax without dim
        module = built(code, device)
        output = module(torch.rand(2, *network.input_shape, device=device))
    assert tuple(output.shape) == (2, *(story.output_shape or ())), code
    children = dict(module.named_children())
    counts = {step.name: step.parameters for step in story.steps}
    found = {name: sum(map(torch.numel, child.parameters())) for name, child in children.items()}
    assert {attribute(name) for name, count in counts.items() if count} <= found.keys(), code
    assert found == {name: counts[layer_name(name)] for name in found}, code
    assert sum(map(torch.numel, module.parameters())) == story.parameters


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("key", CHAINS)
def test_every_preset_runs(key: str, style: Style) -> None:
    for options in OPTIONS:
        check(PRESETS[key], style, **options)


@pytest.mark.parametrize("style", Style)
def test_random_networks_run(style: Style, thorough: bool) -> None:
    for number, network in enumerate(random_runnable(4_000 if thorough else 80)):
        check(network, style, **OPTIONS[number % 4])


def test_the_styles_compute_the_same_values() -> None:
    """Functions with the arguments that are written do what the modules do, defaults included."""
    seen: set[str] = set()
    for network in [*map(_alone, SPELLINGS), *random_runnable(300, first_seed=20_000)]:
        modules, *others = (built(write(network, style)) for style in (Style.MODULES, Style.COURSE, Style.SEQUENTIAL))
        values = torch.rand(2, *network.input_shape) - 0.5
        for other in others:
            other.load_state_dict(modules.state_dict(), strict=True)
            with warnings.catch_warnings(), torch.no_grad():
                warnings.simplefilter("ignore")
                found, wanted = other(values.clone()), modules(values.clone())
            assert torch.allclose(found, wanted, rtol=0, atol=0, equal_nan=True), described(network)
        seen |= {layer.type for layer in network.layers if layer.name not in dict(others[0].named_children())}
    assert seen == set(SPELLINGS)


def test_every_function_exists_and_has_its_own_default_where_it_is_left_out() -> None:
    for type_name, function in SPELLINGS.items():
        room, name = function.split(".")
        assert callable(getattr({"F": functional, "torch": torch}[room], name))
        assert not trace(_alone(type_name)).parameters, "what has weights cannot be a function"


def _alone(type_name: str) -> Network:
    """A network of one layer, named as reading names what has no name."""
    layer_type = CATALOGUE[type_name]
    axes = 1 if type_name == "Dropout1d" else layer_type.dims or 2
    return Network((4, *(8,) * axes), (layer_type.fresh(*names_given([layer_type.stem], [])),))


def test_dropout_stops_after_training() -> None:
    network = Network((500,), (Dropout(name="drop1"),))
    module = built(write(network))
    assert "F.dropout(t, training=self.training)" in write(network)
    ones = torch.ones(2, 500)
    assert torch.equal(module(ones), ones)
    assert (module.train()(ones) == 0).any()


def test_the_course_style_word_for_word() -> None:
    assert (
        write(SEED.with_argument("pool1", "stride", 2), shapes=True)
        == '''\
import torch
import torch.nn.functional as F
from torch import nn


class Network(nn.Module):
    """Input (1, 28, 28), 10 classes."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5)
        self.conv2 = nn.Conv2d(in_channels=6, out_channels=12, kernel_size=5)
        self.fc1 = nn.Linear(in_features=12 * 4 * 4, out_features=120)
        self.fc2 = nn.Linear(in_features=120, out_features=60)
        self.out = nn.Linear(in_features=60, out_features=10)

    def forward(self, t):
        t = self.conv1(t)  # (N, 6, 24, 24)
        t = F.relu(t)  # (N, 6, 24, 24)
        t = F.max_pool2d(t, kernel_size=2, stride=2)  # (N, 6, 12, 12)
        t = self.conv2(t)  # (N, 12, 8, 8)
        t = F.relu(t)  # (N, 12, 8, 8)
        t = F.max_pool2d(t, kernel_size=2)  # (N, 12, 4, 4)
        t = torch.flatten(t, start_dim=1)  # (N, 192)
        t = self.fc1(t)  # (N, 120)
        t = F.relu(t)  # (N, 120)
        t = self.fc2(t)  # (N, 60)
        t = F.relu(t)  # (N, 60)
        t = self.out(t)  # (N, 10)
        return t
'''
    )


def test_the_other_styles_word_for_word() -> None:
    small = Network((4,), (Linear(name="fc1", out_features=3, bias=False), ReLU(name="relu1")))
    assert (
        write(small, Style.MODULES, hints=True, class_name="Small")
        == '''\
import torch
from torch import nn


class Small(nn.Module):
    """Input (4,)."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features=4, out_features=3, bias=False)
        self.relu1 = nn.ReLU()

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        t = self.fc1(t)
        t = self.relu1(t)
        return t
'''
    )
    assert (
        write(small, Style.SEQUENTIAL)
        == '''\
"""Input (4,)."""

from collections import OrderedDict

from torch import nn

network = nn.Sequential(
    OrderedDict(
        fc1=nn.Linear(in_features=4, out_features=3, bias=False),
        relu1=nn.ReLU(),
    )
)
'''
    )


@pytest.mark.parametrize("style", Style)
def test_a_network_without_layers(style: Style) -> None:
    network = Network((3, 4), ())
    assert tuple(built(write(network, style))(torch.rand(2, 3, 4)).shape) == (2, 3, 4)


def test_a_failing_layer_says_why_and_lazy_classes_stand_behind_it() -> None:
    code = write(SEED.with_argument("conv2", "kernel_size", 20), shapes=True)
    assert (
        """
        t = F.max_pool2d(t, kernel_size=2)  # (N, 6, 12, 12)
        # conv2 does not run: kernel_size 20 is larger than its input's height of 12.
        t = self.conv2(t)
        t = F.relu(t)
"""
        in code
    )
    assert "self.fc1 = nn.LazyLinear(out_features=120)" in code
    assert len(list(built(code).children())) == 5


def test_what_has_no_lazy_class_says_that_the_value_is_not_known() -> None:
    rows = (Linear(name="fc1", out_features=0), GroupNorm(name="gn1", num_groups=4), LayerNorm(name="ln1"))
    for style in Style:
        code = write(Network((8,), rows), style)
        assert "# num_channels is unknown because fc1 does not run." in code
        assert "# normalized_shape is unknown because fc1 does not run." in code
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a weight of no size
            built(code)


def test_lazy_classes_are_those_that_torch_has() -> None:
    for name, layer_type in CATALOGUE.items():
        assert (bool(layer_type.decides) and name not in NEVER_LAZY) == hasattr(nn, f"Lazy{name}"), name


def test_in_features_come_from_the_sizes_that_were_flattened() -> None:
    code = write(SEED.with_argument("fc1", "out_features", 77).insert(7, Dropout(name="drop1")))
    assert "in_features=12 * 4 * 4," in code
    assert "in_features=77," in code
    later = Network((3, 4, 5), (Flatten(name="f", start_dim=2), Linear(name="fc1", out_features=2)))
    assert "in_features=4 * 5," in write(later)
    across = Network((3, 4, 5), (Flatten(name="f", start_dim=2), Conv1d(name="c", out_channels=1, kernel_size=1)))
    assert "in_channels=3," in write(across)
    norm = Network((3, 4, 5), (Flatten(name="f"), BatchNorm1d(name="bn1"), LayerNorm(name="ln1")))
    assert "num_features=3 * 4 * 5)" in write(norm)
    assert "normalized_shape=(60,))" in write(norm)
    early = Network((3, 4, 5), (Flatten(name="f", end_dim=2), Linear(name="fc1", out_features=2)))
    assert "in_features=5," in write(early)
    vector = Network((8,), (Flatten(name="f"), Linear(name="fc1", out_features=2)))
    assert "in_features=8," in write(vector)
    mixed = Network((3, 4, 5), (Flatten(name="f"), Linear(name="a", out_features=60), Linear(name="b", out_features=2)))
    assert "self.b = nn.Linear(in_features=60," in write(mixed)


def test_a_function_only_where_reading_gives_the_same_name() -> None:
    renamed = replace(
        SEED, layers=tuple(replace(row, name="act") if row.name == "relu2" else row for row in SEED.layers)
    )
    code = write(renamed)
    assert "self.act = nn.ReLU()" in code
    assert "self.relu3 = nn.ReLU()" in code, "with relu2 gone, a third function would be read as relu2"
    assert code.count("F.relu(t)") == 1
    swapped = Network((4,), (ReLU(name="relu2"), ReLU(name="relu1")))
    assert [line for line in write(swapped).splitlines() if "ReLU" in line] == ["        self.relu2 = nn.ReLU()"]


def test_names_given() -> None:
    assert names_given(["relu", "pool", "relu"], ["relu1", "conv1"]) == ["relu2", "pool1", "relu3"]
    assert names_given(["flatten", "relu"], []) == ["flatten", "relu1"]
    assert names_given(["flatten", "flatten"], []) == ["flatten1", "flatten2"]
    assert names_given(["flatten"], ["flatten"]) == ["flatten1"]


def test_padding_is_a_function_only_with_all_four_sides() -> None:
    assert "F.pad(t, pad=(1, 2, 3, 4))" in write(Network((1, 4, 4), (ZeroPad2d(name="pad1", padding=(1, 2, 3, 4)),)))
    assert "nn.ZeroPad2d(padding=1)" in write(Network((1, 4, 4), (ZeroPad2d(name="pad1", padding=1),)))


def test_the_lines_of_each_layer() -> None:
    network = SEED.with_argument("conv1", "padding", (2, 2)).with_argument("conv1", "bias", False)
    for style, options in product(Style, OPTIONS):
        page = written(network, style, **options)
        rows = page.text.splitlines()
        assert page.text == write(network, style, **options)
        assert page.lines.keys() == set(network.names)
        conv = [rows[line - 1].strip() for line in page.lines["conv1"]]
        assert conv[0].endswith("nn.Conv2d("), "too long for one line"
        assert "kernel_size=5," in conv
        assert [rows[n - 1].strip().split("=")[0].strip() for n in page.lines["fc2"]] == (
            ["fc2"] if style is Style.SEQUENTIAL else ["self.fc2", "t"]
        )
    assert len(written(network).lines["relu1"]) == 1


ODD = (
    *("forward", "forward_", "training", "modules", "parameters", "type", "append", "T_destination", "_modules"),
    *("requires_grad_", "requires_grad__", "self", "t", "nn", "F", "torch", "OrderedDict", "super", "network"),
    *("_", "__", "___", "__a", "__a__", "_Network__a", "__init__", "__class__", "__call__", "__debug__", "match"),
)


@pytest.mark.parametrize("style", Style)
def test_names_that_torch_or_python_use_themselves(style: Style) -> None:
    several = Network((3,), tuple(Linear(name=name, out_features=n + 1) for n, name in enumerate(ODD)))
    check(several, style)
    module = built(write(several, style))
    assert list(module.state_dict()) == [f"{attribute(name)}.{part}" for name in ODD for part in ("weight", "bias")]
    module.load_state_dict(module.state_dict())


def test_attributes_lead_back_to_names() -> None:
    every = {*ODD, *dir(nn.Sequential()), *(f"{name}_" for name in dir(nn.Sequential())), "conv1", "out_"}
    assert {name: layer_name(attribute(name)) for name in every} == {name: name for name in every}
    assert len({attribute(name) for name in every}) == len(every)
    assert not {attribute(name) for name in every} & set(dir(nn.Sequential()))
    assert [layer_name(name) for name in ("forward_", "out_", "__a", "____", "___")] == [
        "forward",
        "out_",
        "__a",
        "__",
        "___",
    ]
    assert [attribute(name) for name in ("conv1", "forward", "out_")] == ["conv1", "forward_", "out_"]


@pytest.mark.parametrize(
    "name",
    [
        "two words",
        "class",
        "",
        "nn",
        "F",
        "torch",
        "OrderedDict",
        "super",
        "__x",
        "a.b",
        "7",
        "a" * (limits.NAME.most + 1),
    ],
)
def test_a_class_name_that_cannot_be(name: str) -> None:
    with pytest.raises(NetworkError):
        write(SEED, class_name=name)


def test_values_of_every_kind_come_back_as_they_are() -> None:
    values = (
        "a-b_C3",
        "-",
        "",
        True,
        1.0,
        1e-12,
        1e300,
        None,
        (),
        (1,),
        ("x", None),
        -(10**5000),
    )
    for value in values:
        code = write(Network((1, 8, 8), (Conv2d(name="conv1", out_channels=1, kernel_size=value),)))
        assert code.split("def forward")[0].isascii()
        kept: list[Any] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nn, "Conv2d", lambda kept=kept, **arguments: kept.append(arguments["kernel_size"]))
            built(code)
        assert kept == [value]
        assert type(kept[0]) is type(value)


def test_what_equals_the_default_but_is_of_another_type_is_written() -> None:
    row = Conv2d(name="conv1", out_channels=1, kernel_size=1, stride=True, padding=0.0, bias=True, groups=1)
    assert "kernel_size=1, stride=True, padding=0.0)" in write(Network((1, 8, 8), (row,))).replace(
        "\n            ", " "
    ).replace(",\n        )", ")")


def test_a_remark_stays_on_its_line() -> None:
    assert remark("a\x00b\u202ec\n  d\x0ce\r", "  ") == ["  # abc d e"]
    assert remark("word " * 30, "") == [f"# {'word ' * 16}word", f"# {'word ' * 12}word"]
    assert remark("word " * 90, "")[2:] == [f"# {'word ' * 15}word ..."]
    assert remark("", "  ") == []
    assert all(len(line) <= LONGEST_LINE and line.startswith("    # ") for line in remark("x" * 500, "    "))
    assert len(remark("x" * 500, "    ")) == 3


def test_the_note_is_told_once_of_equal_lazy_layers_too() -> None:
    behind = [Linear(name=f"fc{i}", out_features=60) for i in range(3)]
    made = constructions(trace(Network((1, 4, 4), (Conv2d(name="conv", out_channels=2, kernel_size=9), *behind), None)))
    assert [bool(each.note) for each in made[1:]] == [True, False, False]


def test_a_lazy_layer_says_once_why_it_is_one() -> None:
    failing = SEED.with_argument("conv1", "kernel_size", 29)
    for style in Style:
        code = " ".join(write(failing, style).replace("#", " ").split())
        told = "in_channels is unknown because conv1 does not run; a Lazy layer takes it from the first batch."
        assert code.count(told) == 1
        assert code.count("is unknown") == 1
    assert "Lazy" not in write(SEED)


def test_hints_are_written_in_every_style() -> None:
    for style in Style:
        assert write(SEED, style, hints=True) != write(SEED, style)
    code = write(SEED, Style.SEQUENTIAL, hints=True)
    assert "network: nn.Sequential = nn.Sequential(" in code
    assert read(code) == SEED


def test_a_flatten_of_the_batch_is_a_module() -> None:
    assert "nn.Flatten(start_dim=0)" in write(Network((3, 4), (Flatten(name="flatten", start_dim=0),)))
    assert "nn.Flatten(start_dim=-3)" in write(Network((3, 4), (Flatten(name="flatten", start_dim=-3),)))


def cases() -> Iterator[tuple[str, str]]:
    """Code of every preset in every style with every option, and of networks that are odd in some way."""
    networks = list(CHAINS.values()) + [legal_network(Random(seed), longest=40) for seed in range(150)]
    networks += [random_network(Random(seed), bad=0.1) for seed in range(150)]
    long = [Unflatten(name="u", dim=1, unflattened_size=(10**size,) * 16) for size in (2, 3, 4, 5, 9)]
    networks += [Network((3, 4), (row,)) for row in long]
    networks += [Network((65_536, 16), (LayerNorm(name="l", normalized_shape=(10**n,) * 9),)) for n in range(1, 9)]
    networks += [Network((3, 4), ()), *filter(is_plain, (legal_named(Random(seed)) for seed in range(300)))]
    for number, network in enumerate(networks):
        for style, options in product(Style, OPTIONS if number < len(CHAINS) else OPTIONS[number % 4 :][:1]):
            name = f"n{number}_{style.value}_{''.join(str(int(flag)) for flag in options.values())}"
            yield name, write(network, style, **options)


def legal_named(rng: Random) -> Network:
    """Random layers with names as long as they may be."""
    network = legal_network(rng)
    rows = (replace(layer, name=f"{'n' * rng.randint(30, 38)}{i}") for i, layer in enumerate(network.layers))
    return replace(network, layers=tuple(rows))


def test_ruff_leaves_the_code_as_it_is(tmp_path: Path) -> None:
    for name, code in cases():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    checks = [["check", "--isolated", "--select", "E4,E7,E9,F,I,W,B,UP,SIM,C4,PIE"]]
    checks += [["format", "--isolated", "--diff", f"--line-length={length}"] for length in (88, 100)]
    for arguments in checks:
        run = subprocess.run([*ruff, *arguments, "--no-cache", str(tmp_path)], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
