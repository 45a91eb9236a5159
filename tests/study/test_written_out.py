"""The formula of one value, with its numbers: calculated as it is written, it gives what torch's module gives; and the
cells that it names hold what is read."""

import math
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import torch

from layerscope.building import called, module
from layerscope.catalogue import CATALOGUE, TORCH_LAYERS
from layerscope.inputs import Input
from layerscope.layers.base import Layer
from layerscope.layers.several import letters
from layerscope.link import decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import LookError, look
from layerscope.study.samples import inputs, sample
from layerscope.tracing import trace
from tests.oracle import random_layer, random_shape
from tests.study.test_calculations import units

SIGNS = {"×": "*", "−": "-", "³": "**3", "π": "pi", "√": "sqrt", "|": ""}
FUNCTIONS = {name: getattr(math, name) for name in ("exp", "tanh", "log", "erf", "sqrt", "pi", "pow")}
FUNCTIONS |= {"max": max, "min": min, "nan": math.nan, "inf": math.inf}
WRITTEN = sorted(name for name, kind in CATALOGUE.items() if kind.fresh("it").written())
ALONE = [name for name in WRITTEN if CATALOGUE[name].takes[1] == 1 and CATALOGUE[name].wants != "indices"]
JOINS = [name for name in WRITTEN if CATALOGUE[name].takes[1] > 1]
MOVES = [name for name in WRITTEN if CATALOGUE[name].fresh("it").moves]


def calculated(text: str) -> float:
    """What somebody gets who calculates a formula as it stands."""
    words = text.replace("√2", "sqrt(2)").replace("|", "@", 1).replace("|", ")", 1).replace("@", "abs(")
    for sign, python in SIGNS.items():
        words = words.replace(sign, python)
    functions = FUNCTIONS | {"abs": abs}
    return float(eval(words, {"__builtins__": {}}, functions))


def hooked(network: Network, given: dict[str, torch.Tensor], name: str) -> torch.Tensor:
    """What a hook sees leave a row's module: its first output."""
    made, seen = module(network, 4).eval(), list[Any]()
    hook = called(made)[name].register_forward_hook(lambda *about: seen.append(about[2]))
    with torch.no_grad():
        made(*(tensor[None].clone() for tensor in given.values()))  # a row may work in place
    hook.remove()
    result = seen[0]
    first: torch.Tensor = result[0] if isinstance(result, tuple) else result
    return first[0]


def check(network: Network, given: dict[str, torch.Tensor], name: str) -> None:
    """That each value's formula gives torch's value, and that the cells hold the numbers in it."""
    seen, wanted = look(network, given, seed=4), hooked(network, given, name)
    written = seen.written(name)
    torch.testing.assert_close(written.made, wanted, rtol=0, atol=0, equal_nan=True)
    for unit in units(wanted):
        text, value = written.text(unit), float(wanted[unit])
        if network[name].type != "Function":
            assert calculated(text) == pytest.approx(value, rel=1e-4, abs=1e-5, nan_ok=True), text
        cells = written.cells(unit)
        held = [float(read.given[cell]) for read, cell in zip(written.reads, cells, strict=True) if cell is not None]
        if written.moves:
            assert len(held) <= 1
            assert held == held[:0] or held[0] == value
            continue
        assert len(held) == len(written.reads)
        formula = written.branches[int(written.which[unit])].text
        for letter, one in zip(("x",) if len(held) == 1 else letters(len(held)), held, strict=True):
            assert f"{{{letter}}}" not in formula or repr(one) in text


def alone(name: str, seed: int) -> tuple[Layer, tuple[int, ...]] | None:
    """A layer of that type that runs, and what it reads."""
    rng = Random(seed)
    for _ in range(40):
        kind = CATALOGUE[name]
        shape = random_shape(rng, (kind.dims or None) if rng.random() < 0.8 else None)
        layer = (
            random_layer(rng, kind, shape, bad=0)
            if name in TORCH_LAYERS and rng.random() < 0.8
            else kind.fresh("layer")
        )
        network = Network(shape, (layer,))
        if trace(network).error is None and layer.written():
            with suppress(LookError):  # one sample may be too few
                look(network, torch.zeros(shape))
                return layer, shape
    return None


@pytest.mark.filterwarnings("ignore")  # what torch remarks on an axis that is not given
@pytest.mark.parametrize("name", ALONE)
def test_one_value_is_its_formula(name):
    found = [one for one in (alone(name, seed) for seed in range(8)) if one is not None]
    assert found or name in GIVEN, name
    for layer, shape in [*found, *GIVEN.get(name, ())]:
        values = torch.randn(shape, generator=torch.Generator().manual_seed(3)) * 3
        check(Network(shape, (layer,)), {"input": values}, layer.name)


def row(kind: str, **values: Any) -> Layer:
    return CATALOGUE[kind](name="layer", **values)


GIVEN: dict[str, list[tuple[Layer, tuple[int, ...]]]] = {
    "Reshape": [(row("Reshape", shape=(2, -1, 3)), (4, 3, 3))],
    "Expand": [(row("Expand", shape=(3, 4, 5)), (3, 1, 5))],
    "Permute": [(row("Permute", order=(0, 2, 3, 1)), (3, 4, 5)), (row("Permute", order=(0, 2, 1)), (3, 4))],
    "Transpose": [(row("Transpose", dim0=1, dim1=3), (3, 4, 5))],
    "Squeeze": [(row("Squeeze", dim=2), (3, 1, 5))],
    "Unsqueeze": [(row("Unsqueeze", dim=2), (3, 5))],
    "Roll": [(row("Roll", shifts=(1, -2), dim=(1, 3)), (3, 4, 5))],
    "Slice": [(row("Slice", dim=2, start=1, step=2), (3, 9, 5))],
    "Select": [(row("Select", dim=-1, index=-2), (3, 9, 5))],
    "Split": [(row("Split", split_size=(1, 2, 3), dim=1), (6, 2, 2))],
    "Pad": [(row("Pad", pad=(1, 2, 0, 3), value=0.25), (2, 3, 4)), (row("Pad", pad=(-1, 2)), (2, 3, 4))],
    "Unflatten": [(row("Unflatten", dim=1, unflattened_size=(2, 3)), (6, 2))],
    "ChannelShuffle": [(row("ChannelShuffle", groups=2), (6, 2, 3))],
    "PixelUnshuffle": [(row("PixelUnshuffle", downscale_factor=2), (3, 4, 6))],
    "PReLU": [(row("PReLU", num_parameters=3), (3, 4, 5))],
    "Clamp": [(row("Clamp", min=-1, max=0.5), (3, 4)), (row("Clamp", max=0.5), (5,))],
    "Function": [(row("Function", function=name), (3, 4)) for name in ("square", "sqrt", "sin")],
    "Power": [(row("Power", exponent=3), (3, 4))],
}
"""Layers whose arguments are seldom right at random."""


def joined(kind: str, shapes: list[tuple[int, ...]], **values: Any) -> tuple[Network, dict[str, torch.Tensor]]:
    """A row that reads several inputs of the network."""
    names = tuple(f"in{place}" for place in range(len(shapes)))
    layer = CATALOGUE[kind](name="join", inputs=names, **values)
    declared = tuple(Input(*one) for one in zip(names, shapes, strict=True))
    rng = torch.Generator().manual_seed(2)
    given = {name: torch.randn(shape, generator=rng) for name, shape in zip(names, shapes, strict=True)}
    return Network(shapes[0], (layer,), inputs=declared), given


STRETCHED: dict[str, list[tuple[int, ...]]] = {
    "Add": [(2, 3, 4), (2, 1, 1)], "Multiply": [(2, 1, 1), (2, 3, 4)], "Divide": [(4, 3), (1, 3)],
    "Concat": [(2, 3, 4), (5, 3, 4), (1, 3, 4)],
}  # fmt: skip


@pytest.mark.parametrize("name", JOINS)
def test_what_several_inputs_give_is_their_formula(name):
    alike: list[list[tuple[int, ...]]] = [
        [(2, 3, 4)] * 2,
        [(3, 5)] * 2,
        [(7,)] * 2,
        [(2, 2, 3, 4)] * 2,
        [(2, 3, 4)] * 3,
    ]
    for shapes in [*alike, *([STRETCHED[name]] if name in STRETCHED else [])]:
        if len(shapes) <= CATALOGUE[name].takes[1]:
            check(*joined(name, shapes), "join")


def test_inputs_may_be_joined_along_any_axis():
    for dim in (1, 2, 3, -1):
        check(*joined("Concat", [(2, 3, 4)] * 2, dim=dim), "join")
        check(*joined("Stack", [(2, 3, 4)] * 2, dim=dim), "join")


def test_a_word_is_a_row_of_the_table():
    network = decode("100~Input.100.as-words.kind-indices.high-9~Embedding.9.6.as-look")
    given = inputs(network.inputs, lambda shape: torch.zeros(shape))
    seen = look(network, given)
    written = seen.written("look")
    assert written.text((11, 3)) == "weight[2.0, 3.0]"
    assert written.cells((11, 3)) == ((11,),)
    assert float(written.made[11, 3]) == float(seen.weights["look"][2, 3])


def test_the_default_network_says_where_a_flattened_value_was():
    network = PRESETS[DEFAULT]
    seen = look(network, sample("digit", network.input_shape))
    assert seen.written("relu1").text((0, 0, 0)).startswith("max(0, ")
    flat = next(layer.name for layer in network.layers if layer.type == "Flatten")
    assert seen.written(flat).cells((17,)) == ((1, 0, 1),)
    with pytest.raises(LookError, match="conv1 is a Conv2d, whose values take more than a formula of few numbers"):
        seen.written("conv1")
