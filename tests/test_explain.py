"""Why each value is what it is: the course's own reasons, and a reason for everything."""

from math import prod
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layerscope.catalogue import CATALOGUE
from layerscope.explain import as_sentence, fits, merged_sizes, reason, role_text, value_text
from layerscope.layers.reshape import Flatten
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.large import large_last
from tests.oracle import random_network
from tests.sentences import faults

SEED = PRESETS[DEFAULT]


def why(network: Network, name: str, argument: str) -> str:
    now = trace(network)
    return reason(now, now.by_name[name], argument)


@pytest.mark.parametrize(
    ("name", "argument", "by", "because"),
    [
        ("conv1", "in_channels", "the data", "the input has 1 channel (grayscale)"),
        ("conv1", "kernel_size", "you", "a hyperparameter: you choose it"),
        ("conv1", "out_channels", "you", "a hyperparameter: you choose it"),
        ("conv2", "in_channels", "conv1", "conv1 outputs 6 channels"),
        ("conv2", "out_channels", "you", "a hyperparameter: you choose it (more than conv1's 6)"),
        ("conv2", "stride", "default", "PyTorch's default; you may change it"),
        ("pool1", "stride", "default", "PyTorch's default: the same as kernel_size, 2"),
        ("fc1", "in_features", "flatten", "the length of the flattened maps: 12 × 4 × 4 = 192"),
        ("fc1", "out_features", "you", "a hyperparameter: you choose it"),
        ("fc2", "in_features", "fc1", "fc1 outputs 120 values"),
        ("fc2", "out_features", "you", "a hyperparameter: you choose it (fewer than fc1's 120)"),
        ("out", "in_features", "fc2", "fc2 outputs 60 values"),
        ("out", "out_features", "the data", "the number of classes in the data: 10"),
    ],
)
def test_the_courses_reasons(name, argument, by, because):
    assert why(SEED, name, argument) == because
    assert role_text(trace(SEED).by_name[name], argument) == by


def test_colour_is_named():
    assert why(SEED.with_input((3, 28, 28)), "conv1", "in_channels") == "the input has 3 channels (red, green, blue)"
    assert why(SEED.with_input((2, 28, 28)), "conv1", "in_channels") == "the input has 2 channels"


def test_a_linear_layer_on_maps_reads_their_last_axis():
    assert why(SEED.remove("flatten"), "fc1", "in_features") == "the last axis of the 12×4×4 that pool2 outputs"


def test_a_norm_of_several_axes_does_not_say_the_last_one():
    network = Network((12, 16), ()).insert(0, "Linear").insert(1, "LayerNorm")
    assert why(network, "ln1", "normalized_shape").startswith("the whole 12×64 that fc1 outputs")
    assert why(network.with_argument("ln1", "normalized_shape", 64), "ln1", "normalized_shape").startswith("a hyperp")


def test_a_flatten_that_leaves_an_axis_tells_no_wrong_sum():
    for argument, value in (("start_dim", 2), ("end_dim", 2)):
        assert faults(why(SEED.with_argument("flatten", argument, value), "fc1", "in_features")) == []


def test_the_data_reaches_past_layers_that_keep_it():
    assert why(SEED.insert(0, "BatchNorm2d"), "conv1", "in_channels") == "the input has 1 channel (grayscale)"
    assert why(PRESETS["decoder"], "fc1", "in_features") == "the input itself: 16"


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_every_argument_of_every_preset_has_a_reason(name):
    now = trace(PRESETS[name])
    for step in now.steps:
        for argument in step.arguments:
            assert faults(reason(now, step, argument)) == []
            assert role_text(step, argument) in {"you", "default", "the data", *PRESETS[name].names}


def test_every_argument_of_random_networks_has_a_reason(thorough):
    rng = Random(21)
    for _ in range(4_000 if thorough else 150):
        now = trace(random_network(rng, bad=0.01))
        for step in now.steps:
            for argument in step.arguments:
                sentence = reason(now, step, argument)
                assert faults(sentence) == [], (sentence, argument, now.network)


@pytest.mark.parametrize("layer_type", CATALOGUE.values(), ids=CATALOGUE)
def test_every_argument_says_in_a_sentence_what_it_does(layer_type):
    for name, parameter in layer_type.parameters().items():
        assert faults(parameter.help.replace("None", "")) == [], name
        assert parameter.help.strip().endswith((".", ")"))


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), ((5, 3), "(5, 3)"), ((5,), "(5,)"), ("same", "'same'"), (True, "True"), (0.5, "0.5")]
)
def test_values_are_written_as_python_writes_them(value, text):
    assert value_text(value) == text


def test_a_reason_that_stands_alone_begins_with_a_capital_letter_or_a_layers_name():
    seen = trace(SEED)
    assert as_sentence(seen, "the input has 1 channel") == "The input has 1 channel"
    assert as_sentence(seen, "conv1 outputs 6 channels") == "conv1 outputs 6 channels"


@pytest.mark.parametrize(
    ("padding", "words"),
    [
        (2, "With padding 2, 12 becomes 12 + 2·2 = 16. "),
        ("same", "With padding 2, 12 becomes 12 + 2·2 = 16. "),
        (0, ""),
    ],
)
def test_a_padded_size_says_by_how_much(padding, words):
    told = fits(trace(SEED.with_argument("conv2", "padding", padding)).by_name["conv2"])
    assert told is not None
    assert told.startswith(f"{words}A 5×5 window")


def test_uneven_padding_is_told_for_both_sides():
    even = SEED.with_argument("conv2", "kernel_size", 4).with_argument("conv2", "padding", "same")
    told = fits(trace(even).by_name["conv2"])
    assert told is not None
    assert told.startswith("With padding 1 before and 2 after, 12 becomes 12 + 1 + 2 = 15. ")


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(-4, 4),
)
def test_a_flatten_writes_out_the_product_that_torch_makes(sizes, start, end):
    step = trace(Network(tuple(sizes), (Flatten(name="flatten", start_dim=start, end_dim=end),))).steps[0]
    told = merged_sizes(step)
    try:
        found = tuple(torch.flatten(torch.zeros(2, *sizes), start, end).shape[1:])
    except (IndexError, RuntimeError):
        found = None
    if found is None or len(found) == len(sizes) or step.output_shape is None:
        assert told is None
        return
    assert told is not None
    factors, result = told.split(" = ")
    numbers = [int(factor) for factor in factors.split(" × ")]
    assert prod(numbers) == int(result.replace(",", "")) == found[start - 1]
    assert [*sizes[: start - 1], *numbers] == sizes[: start - 1 + len(numbers)]
    assert step.output_shape == found
