"""Random networks for the quiz: they run for real, and are as hard as they should be."""

from math import prod
from random import Random

import pytest

from layerscope.layers.convolution import Conv2d
from layerscope.study.quiz.making import questions
from layerscope.study.quiz.networks import Difficulty, random_network
from layerscope.tracing import trace
from tests.oracle import judged


def of(difficulty, count=60, seed=0):
    rng = Random(seed)
    return [random_network(rng, difficulty) for _ in range(count)]


@pytest.mark.parametrize("difficulty", Difficulty)
def test_they_run_for_real_and_stay_small(difficulty):
    networks = of(difficulty)
    assert len(set(networks)) > 55
    for network in networks:
        result = trace(network)
        assert result.error is None
        assert judged(result).runs
        assert network.head == "out"
        assert max(prod(step.output_shape or ()) for step in result.steps) < 40_000
        assert max(step.input_shape[0] for step in result.steps if step.type == "Linear") <= 2_000
    assert of(difficulty, 20, 4) == of(difficulty, 20, 4) != of(difficulty, 20, 5)


@pytest.mark.parametrize("difficulty", Difficulty)
def test_they_serve_nearly_every_template(difficulty):
    for seed, network in enumerate(of(difficulty, 30)):
        assert len({question.key for question in questions(network, seed, 25)}) >= 22


def types(network):
    return [layer.type for layer in network.layers]


def test_easy_has_one_convolution_and_one_pooling():
    for network in of(Difficulty.EASY):
        assert types(network).count("Conv2d") == types(network).count("MaxPool2d") == 1
        assert 1 <= types(network).count("Linear") <= 2
        conv = network["conv1"]
        assert isinstance(conv, Conv2d)
        assert (conv.padding, conv.stride, conv.dilation, conv.groups) == (0, 1, 1, 1)


def test_medium_pads_and_strides():
    convolutions = [layer for network in of(Difficulty.MEDIUM) for layer in network.layers if isinstance(layer, Conv2d)]
    assert len(convolutions) == 120
    assert {conv.padding for conv in convolutions} == {0, 1, 2}
    assert {conv.stride for conv in convolutions} == {1, 2}
    assert {(conv.dilation, conv.groups) for conv in convolutions} == {(1, 1)}


def test_hard_has_everything():
    networks = of(Difficulty.HARD)
    convolutions = [layer for network in networks for layer in network.layers if isinstance(layer, Conv2d)]
    assert {network.input_shape[0] for network in networks} == {3}
    assert any("BatchNorm2d" in types(network) for network in networks)
    assert {conv.dilation for conv in convolutions} == {1, 2}
    assert {conv.groups for conv in convolutions} >= {1, 2, 3}
    assert any(isinstance(conv.kernel_size, tuple) for conv in convolutions)
    assert any(conv.kernel_size in (2, (3, 5)) for conv in convolutions)
