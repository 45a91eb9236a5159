"""Who decided each argument, and what one step knows."""

from dataclasses import replace
from typing import Any

import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Input, Network
from layerscope.parameter import Role
from layerscope.presets import PRESETS
from layerscope.steps import Decision, Trace, walk
from layerscope.tracing import trace

SEED = PRESETS["fashion-mnist-cnn"]


def new(kind: str, name: str, **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def decided(traced: Trace) -> dict[str, str]:
    """conv1.in_channels -> "the data" or a layer's name, for whatever you do not decide."""
    return {
        f"{step.name}.{argument}": decision.by or decision.role.value
        for step in traced.steps
        for argument, decision in step.decisions.items()
        if decision.role is not Role.YOU
    }


def test_the_seed_network():
    assert decided(trace(SEED)) == {
        "conv1.in_channels": "the data",
        "conv2.in_channels": "conv1",
        "fc1.in_features": "flatten",
        "fc2.in_features": "fc1",
        "out.in_features": "fc2",
        "out.out_features": "the data",
    }


@pytest.mark.parametrize(
    ("key", "some"),
    [
        ("lenet5", {"conv2.in_channels": "conv1", "fc1.in_features": "flatten", "out.out_features": "the data"}),
        ("alexnet", {"conv1.in_channels": "the data", "conv5.in_channels": "conv4", "out.in_features": "fc2"}),
        ("vgg11", {"conv8.in_channels": "conv7", "fc1.in_features": "flatten"}),
        ("vgg13", {"conv10.in_channels": "conv9"}),
        ("vgg16", {"conv13.in_channels": "conv12", "fc2.in_features": "fc1"}),
        ("vgg19", {"conv16.in_channels": "conv15"}),
        ("all-convolutional", {"conv5.in_channels": "conv4", "conv5.out_channels": "the data"}),
        (
            "depthwise-separable",
            {"bn1.num_features": "conv1", "conv7.in_channels": "conv6", "out.in_features": "flatten"},
        ),
        (
            "decoder",
            {"fc1.in_features": "the data", "deconv1.in_channels": "unflatten", "deconv2.in_channels": "deconv1"},
        ),
    ],
)
def test_the_presets(key, some):
    found = decided(trace(PRESETS[key]))
    assert some.items() <= found.items()
    for step in trace(PRESETS[key]).steps:
        assert set(step.decisions) == set(step.arguments)
        for argument, decision in step.decisions.items():
            by_data = argument in step.layer.decides or f"{step.name}.{argument}" in found
            assert (decision.role is not Role.YOU) == by_data
            assert bool(decision.by) == (decision.role is Role.LAYER)


def test_a_chosen_normalized_shape_is_yours():
    network = Network((3, 8, 8), (new("Conv2d", "conv"), new("LayerNorm", "norm")))
    assert decided(trace(network)) == {"conv.in_channels": "the data", "norm.normalized_shape": "conv"}
    chosen = network.with_argument("norm", "normalized_shape", (6,))
    assert trace(chosen).by_name["norm"].decisions["normalized_shape"] == Decision(Role.YOU)


def test_layers_that_keep_the_channels_decide_none():
    layers = (new("ReLU", "relu"), new("MaxPool2d", "pool"), new("Conv2d", "conv"))
    assert decided(trace(Network((3, 8, 8), layers))) == {"conv.in_channels": "the data"}
    layers = (new("PixelShuffle", "shuffle"), new("ReLU", "relu"), new("BatchNorm2d", "norm"))
    assert decided(trace(Network((8, 8, 8), layers))) == {"norm.num_features": "shuffle"}


def test_a_failing_step_says_who_decided_too():
    step = trace(SEED.with_argument("conv2", "kernel_size", 13)).steps[-1]
    assert step.error is not None
    assert step.decisions["in_channels"] == Decision(Role.LAYER, "conv1")
    assert step.decisions["kernel_size"] == Decision(Role.YOU)
    assert (step.output_shape, step.weight_shape, step.bias_shape) == (None, None, None)
    assert (step.parameters, step.macs, step.activation_bytes) == (0, 0, 0)
    assert (step.receptive_field, step.warning, step.checks) == (None, None, ())


def test_a_walk_alone_offers_no_repairs():
    error = walk(SEED.with_argument("conv2", "kernel_size", 13)).error
    assert error is not None
    assert error.repairs == ()


def test_totals_are_the_sums_of_the_steps():
    for network in PRESETS.values():
        traced = trace(network)
        assert traced.parameters == sum(step.parameters for step in traced.steps)
        assert traced.macs == sum(step.macs for step in traced.steps)
        assert list(traced.by_name) == list(network.names)
        for step in traced.steps:
            for parent, shape in zip(step.parents, step.input_shapes, strict=True):
                assert shape in ((network.input_shape,) if parent is None else parent.output_shapes)


def test_a_long_network_is_no_deep_one():
    """Fields and decisions of 200 layers look back far, without one call inside the other."""
    layers = tuple(new("Conv2d", f"conv{i}", out_channels=2, padding=1) for i in range(200))
    last = trace(Network((2, 9, 9), layers)).steps[-1]
    assert last.receptive_field is not None
    assert last.receptive_field.size == (401, 401)
    assert last.decisions["in_channels"].by == "conv198"


def test_a_trace_is_shown_and_compared_as_what_it_is():
    """A notebook shows what a cell gives: each step once, not again in every step behind it."""
    layers = tuple(new("ReLU", f"relu{i}") for i in range(200))
    network = Network((2, 9, 9), layers)
    assert len(repr(trace(network))) < 200_000
    assert trace(network) == trace(Network((2, 9, 9), layers))
    broken = network.remove("relu199").insert(199, new("PReLU", "last", num_parameters=3))
    assert trace(broken) == trace(replace(broken))
    assert trace(broken) != trace(broken.with_argument("last", "num_parameters", 4))
    assert len(repr(trace(broken).error)) < 500


def test_a_table_of_positions_in_front_does_not_hide_that_features_stand_last():
    """Where it is added first, the Linear is meant to act on the last axis all the same."""
    for order in (("positions", "embed"), ("embed", "positions")):
        rows = (
            new("Embedding", "embed", num_embeddings=20, embedding_dim=8),
            new("Parameter", "positions", shape=(6, 8), ndim=3),
            new("Add", "add", inputs=order),
            new("Linear", "fc", out_features=4),
        )
        traced = trace(Network((6,), rows, None, (Input("input", (6,), "indices", 20),)))
        assert traced.error is None
        assert traced.by_name["fc"].warning is None
