"""Lesson 10's answers are what torch says of the network that it is shown on."""

from dataclasses import dataclass, field
from random import Random

import pytest
import torch

from layerscope.building import module
from layerscope.layers.convolution import Conv2d
from layerscope.link import decode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import up_to
from layerscope.study.sights import sights
from layerscope.tracing import trace
from layerscope.ui.lessons import looking
from tests.oracle import random_network

KNOWN = [DEFAULT, "lenet5", "alexnet", "vgg11", "resnet18", "googlenet"]


@dataclass
class Visit:
    """A page whose visitor answers everything; what was asked is kept."""

    network: object
    asked: dict[str, str] = field(default_factory=dict)
    looks_ahead = True

    def say(self, text):
        assert text

    def next_row(self):
        """Where things stand is for the browser's tests."""

    def predict(self, key, question, answer, why, options=(), also=""):
        assert not options or answer in options
        assert question.endswith("?")
        assert why.endswith(".")
        self.asked[key] = answer
        return True


def answers(network):
    visit = Visit(network)
    looking.body(visit)  # type: ignore[arg-type]
    return visit.asked


@pytest.mark.parametrize("key", KNOWN)
def test_the_answers_for_known_networks_are_torchs(key):
    check(PRESETS[key])


def test_the_answers_for_random_networks_are_torchs(thorough):
    rng = Random(4)
    fits = 0
    while fits < (5 if thorough else 3):
        network = random_network(rng)
        if trace(network).error is None and not looking.needs(network):
            fits += 1
            check(network)


def check(network):
    asked = answers(network)
    first = next(layer for layer in network.layers if isinstance(layer, Conv2d) and not layer.inputs)
    part = up_to(network, first.name)
    built = module(part).eval()
    with torch.no_grad():
        made = built(torch.zeros(1, *part.input_shape))[0]
    assert asked["maps"] == str(len(made))
    bias = dict(built.named_parameters()).get(f"{first.name}.bias")
    assert asked["blank"] == (looking.ZERO if bias is None else looking.BIAS)
    assert torch.allclose(made[0], torch.zeros(()) if bias is None else bias[0])
    assert asked.get("negative", "0") == "0"
    last = looking._last(network)
    first_row, end = sights(last)[0][last.output_shape[1] // 2]  # type: ignore[index]
    assert asked["sees"] == str(end - first_row + 1)
    assert {"seed", "excites"} <= asked.keys()


def test_the_seed_networks_last_map_sees_sixteen_rows():
    assert answers(PRESETS[DEFAULT])["sees"] == "16"


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (decode("1x8x8~Sigmoid~Conv2d.2.3"), "no convolution"),
        (PRESETS["lstm-classifier"], "no convolution"), (decode("3x40~Conv1d.2.3"), "no convolution"),
        (decode("1x4096x4096~Conv2d.2.1"), "too large"),
    ],
)  # fmt: skip
def test_what_a_network_lacks_is_said(network, said):
    assert said in looking.needs(network)
