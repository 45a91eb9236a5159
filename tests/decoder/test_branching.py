"""The decoder on networks that branch: every example error, and mistakes that are really made in torch."""

import pytest
import torch
from torch import nn

from layerscope.decoder.decoding import decode
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.decoder.search.at import at, reckoned
from layerscope.decoder.search.changed_networks import of_layers
from layerscope.network import Network
from layerscope.tracing import trace
from layerscope.ui.explained import explanation
from tests.decoder.mistakes import torch_words
from tests.study.quiz.branches import BRANCHING, JOINED, NORMED, RESIDUAL, SHARED, conv, row
from tests.study.quiz.judge import Real

CUT = RESIDUAL.remove("shortcut")
"""The skip connection has another shape than the main path."""
TWO_WAYS = Network(
    (3, 28, 28),
    (
        conv("left", 8, 3), row("MaxPool2d", "pool1", kernel_size=2),
        conv("right", 12, 5, "input"), row("MaxPool2d", "pool2", kernel_size=2),
        row("Concat", "cat1", "pool1", "pool2"), row("Flatten", "flatten"), row("Linear", "out", out_features=10),
    ), 10,
)  # fmt: skip
NETWORKS = {**BRANCHING, "cut": CUT, "two ways": TWO_WAYS}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_example_is_explained(name):
    network = NETWORKS[name]
    for kind in KINDS.values():
        decoded = decode(kind.example, network)
        assert decoded is not None, kind.example
        assert explanation(decoded, "your code")
        for cause in decoded.causes:
            assert cause.layer == "" or cause.layer in network.names
            if cause.network is not None:
                assert trace(cause.network).steps


@pytest.mark.parametrize("name", NETWORKS)
def test_what_arrives_is_what_the_row_reads(name):
    network = NETWORKS[name]
    ran = Real(network)
    for layer in network.layers:
        if layer.name in ran.arriving:
            assert at(network, layer.name).shape == ran.arriving[layer.name][1:]
            assert reckoned(network, layer.name) == ran.arriving[layer.name][1:]


def test_what_comes_before_a_layer_is_what_it_depends_on():
    assert [layer.name for layer in at(TWO_WAYS, "pool2").before] == ["right"]
    assert [layer.name for layer in at(RESIDUAL, "shortcut").before] == ["conv1", "relu1"]
    assert [layer.name for layer in at(RESIDUAL, "shortcut").way_back] == ["relu1", "conv1"]
    assert [layer.name for layer in at(TWO_WAYS, "out").way_back] == ["flatten", "cat1"]
    assert at(NORMED, "fc1").flatten == "flatten"
    assert at(TWO_WAYS, "out").source is None  # two layers make what arrives
    assert at(SHARED, "aux").source is None
    assert at(SHARED, "aux").flatten == "flatten"


def test_a_change_is_one_of_what_the_layer_depends_on():
    names = {name for change in of_layers(TWO_WAYS, "pool2") for name in change.layers}
    assert names <= {"right", "pool2"}
    for change in of_layers(NORMED, "fc1"):
        assert set(change.network.names) >= {"add1", "fc1"}


def told(words: str, network: Network) -> list[str]:
    decoded = decode(words, network)
    assert decoded is not None
    return [cause.title for cause in decoded.fitting]


def test_another_image_is_found_through_the_branches():
    ran = Real(NORMED.with_input((4, 32, 32)))
    words = torch_words(lambda: nn.Linear(128, 20)(torch.zeros(2, *ran.arriving["fc1"][1:])))
    assert "2x512 and 128x20" in words
    assert told(words, NORMED)[0].startswith("Images of 32×32 instead of 16×16")


def test_a_pooling_that_is_not_called_is_found_through_the_branches():
    ran = Real(NORMED.remove("pool1"))
    words = torch_words(lambda: nn.Linear(128, 20)(torch.zeros(2, *ran.arriving["fc1"][1:])))
    assert "pool1 is missing" in told(words, NORMED)


def test_in_features_of_one_branch_only():
    length = Real(TWO_WAYS).arriving["flatten"][1:]
    words = torch_words(lambda: nn.Linear(8 * 14 * 14, 10)(torch.zeros(2, *length).flatten(1)))
    titles = told(words, TWO_WAYS)
    assert any(title.startswith("in_features of out does not match its input") for title in titles)


def test_a_sum_that_fails_is_named_with_what_mends_it():
    one, other = (torch.zeros(2, *shape) for shape in ((32, 14, 14), (16, 28, 28)))
    decoded = decode(torch_words(lambda: one + other), CUT)
    assert decoded is not None
    first = decoded.fitting[0]
    assert first.title == "add1 joins different shapes"
    assert first.why == "It gets 32×14×14 from conv3 and 16×28×28 from relu1."
    assert first.network is not None
    assert trace(first.network).error is None
    assert "What works: " in first.remedy


def test_a_concat_that_fails_is_named():
    network = TWO_WAYS.remove("pool2")
    words = torch_words(lambda: torch.cat([torch.zeros(2, 8, 14, 14), torch.zeros(2, 12, 28, 28)], 1))
    assert told(words, network)[0] == "cat1 joins different shapes"


def test_channels_of_a_concat():
    words = torch_words(lambda: nn.Conv2d(40, 12, 3, padding=1)(torch.zeros(2, 24, 28, 28)))
    decoded = decode(words, JOINED)
    assert decoded is not None
    assert decoded.causes


def test_only_the_way_that_a_layer_is_on_is_accused_and_the_other_way_is_named():
    halves = Network(
        (3, 28, 28),
        (
            conv("skip", 16, 1), conv("left", 8, 3, "input"), row("MaxPool2d", "pool1", kernel_size=2),
            conv("right", 8, 3, "input"), row("MaxPool2d", "pool2", kernel_size=2),
            row("Concat", "cat1", "pool1", "pool2"), row("Add", "add1", "cat1", "skip"),
        ),
    )  # fmt: skip
    decoded = decode(torch_words(lambda: torch.rand(1, 16, 14, 14) + torch.rand(1, 16, 28, 28)), halves)
    assert decoded is not None
    [said] = [cause for cause in decoded.fitting if "only one of the two branches" in cause.title]
    assert said.title == "pool1 and pool2 are on only one of the two branches"
    assert said.why == "pool1 and pool2 each turn 28 columns into 14; nothing on the way to skip does."
    assert said.remedy == "Do the same on the way to skip, or on neither way."
    both = halves.with_argument("skip", "stride", 2)
    assert trace(both).error is None, "which is what the remedy says"
