"""The thirteen mistakes: what is shown is what happens when the shown code is really run."""

import ast
import warnings
from random import Random
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from layerscope.decoder.decoding import decode
from layerscope.layers.activation import ReLU
from layerscope.mistakes import mistake as making
from layerscope.mistakes.listing import mistakes, unsuitable
from layerscope.mistakes.mistake import Call, UnsuitableError
from layerscope.mistakes.subject import Subject
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.lessons import progress
from tests.oracle import random_network

SEED = PRESETS[DEFAULT]
TUPLES = SEED.with_argument("conv2", "kernel_size", (3, 5)).with_argument("conv1", "stride", (2, 1))
COLOURS = SEED.with_input((3, 40, 33)).with_argument("conv1", "padding", "same")
NETWORKS = {
    "seed": SEED, "lenet5": PRESETS["lenet5"], "separable": PRESETS["depthwise-separable"], "tuples": TUPLES,
    "colours": COLOURS,
}  # fmt: skip
EVERY = [(name, made) for name, network in NETWORKS.items() for made in mistakes(network)]
BIG = ("alexnet", "vgg11", "vgg19")
SILENT = {"bias", "words", "rounding"}


def run(code: str) -> Any:
    """The value of the last line, after the others were run."""
    *lines, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(ast.Module(lines, []), "lines", "exec"), names)
        return eval(compile(ast.Expression(last.value), "last", "eval"), names)


@pytest.mark.parametrize(("name", "made"), EVERY, ids=lambda value: getattr(value, "key", value))
def test_the_shown_code_does_what_is_told_of_it(name, made):
    if made.torch_message:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - any, but in exactly these words
            run(made.code_wrong)
        assert made.torch_message == f"{type(caught.value).__name__}: {caught.value}"
    else:
        assert made.silent
        assert int(run(made.code_wrong)) != run(made.code_right)
    value = run(made.code_right)
    if isinstance(value, torch.Tensor) and value.ndim:
        assert made.mended == f"(N, {', '.join(map(str, value.shape[1:]))})"
    elif not isinstance(value, torch.Tensor):
        assert made.mended.startswith(f"{value:,}")
    if made.key in SILENT:
        assert progress.is_right(str(value), made.answer)


@pytest.mark.parametrize("name", [*NETWORKS, *BIG])
def test_there_are_thirteen_and_each_asks_something_that_can_be_kept_in_an_address(name):
    every = mistakes(NETWORKS.get(name) or PRESETS[name])
    assert len(every) == len({made.key for made in every}) == len({made.question for made in every}) == 13
    assert {made.key for made in every if not made.torch_message} == SILENT
    for made in every:
        assert made.answer in made.options
        assert len(set(made.options)) == len(made.options) >= 2
        assert [progress.is_right(option, made.answer) for option in made.options].count(True) == 1
        for option in made.options:
            assert progress.decode(progress.encode({made.key: option})) == {made.key: option}
        assert all(len(line) <= 88 for line in made.code_wrong.split("\n"))


@pytest.mark.parametrize("name", [*NETWORKS, *BIG])
def test_the_decoder_knows_the_messages_and_finds_the_cause_in_the_network(name):
    network = NETWORKS.get(name) or PRESETS[name]
    kinds = {}
    for made in mistakes(network):
        if made.torch_message and made.key != "lazy":
            decoded = decode(made.torch_message, network if made.of_network else None)
            assert decoded is not None
            kinds[made.key] = decoded.kind
            if made.key in ("channels", "layout"):
                assert decoded.fitting
    assert kinds == {
        "features": "matrix", "channels": "channels", "maps": "channels", "kernel": "kernel", "batch": "matrix",
        "view": "batch-size", "init": "super-init", "same": "same-stride", "layout": "channels",
    }  # fmt: skip


def test_the_seed_networks_mistakes_have_its_numbers():
    made = {each.key: each for each in mistakes(SEED)}
    assert made["features"].answer == "192"
    assert "(2x192 and 768x120)" in made["features"].torch_message
    assert "expected input[2, 3, 28, 28] to have 1 channels" in made["channels"].torch_message
    assert made["batch"].answer == "12×16"
    assert made["bias"].answer == "1,812"
    assert made["words"].answer == "72"
    assert made["maps"].answer == "12"
    assert "row 0 holds images 0 and 1; row 1 holds images 2 and 3" in made["view"].silent
    assert made["layout"].answer == "28"


@pytest.mark.parametrize(
    ("network", "clause"),
    [
        (PRESETS["decoder"], "no Conv2d"),
        (PRESETS["all-convolutional"], "no Conv2d on images"),
        (Network((16,), (ReLU(name="relu"),)), "no Conv2d"),
        (SEED.with_argument("conv2", "out_channels", 1), "several maps"),
        (SEED.with_input((1, 4_000, 4_000)), "too large"),
        (SEED.with_input((28, 28, 28)), "does not notice"),
    ],
)
def test_what_does_not_do_is_said_in_a_clause(network, clause):
    assert clause in unsuitable(network)
    with pytest.raises(UnsuitableError, match=clause):
        mistakes(network)


def test_names_that_the_code_needs_are_not_taken():
    renamed = Network(SEED.input_shape, tuple(
        layer.__class__(**{**layer.chosen, "name": {"fc1": "rows", "conv1": "torch"}.get(layer.name, layer.name)})
        for layer in SEED.layers
    ), SEED.classes)  # fmt: skip
    for made in mistakes(renamed):
        if made.torch_message:
            with pytest.raises(Exception, match=r".") as caught:
                run(made.code_wrong)
            assert made.torch_message.endswith(str(caught.value))


def test_a_very_large_layer_is_not_built():
    with pytest.raises(UnsuitableError, match="too large"):
        Call(nn.Linear, (making.LARGEST_WEIGHT, 2)).build()


def test_any_network_that_runs_is_suitable_or_told_why():
    rng, suitable = Random(5), 0
    for _ in range(300):
        network = random_network(rng)
        if not trace(network).error and not unsuitable(network):
            suitable += 1
            assert len(mistakes(network)) == 13
    for size in range(12, 60):
        network = SEED.with_input((1 + size % 3, size, size + size % 2))
        if not trace(network).error:
            suitable += not unsuitable(network)
    assert suitable > 10


def test_an_overlooked_pooling_is_named():
    assert Subject(SEED).uncounted == ((12, 8, 8), "pool2")
    bare = SEED.remove("pool1").remove("pool2")
    assert Subject(bare).uncounted == ((12, 20), "")
    assert "somebody miscounted one size" in mistakes(bare)[0].why
