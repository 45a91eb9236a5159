"""The presets are the networks whose names they bear."""

import pytest

from layerscope.presets import DEFAULT, PRESETS, TITLES
from layerscope.tracing import trace
from tests.oracle import compare


def types(key: str) -> list[str]:
    return [layer.type for layer in PRESETS[key].layers]


def values(key: str, argument: str, kind: str) -> list[object]:
    return [layer.chosen[argument] for layer in PRESETS[key].layers if layer.type == kind]


def test_there_are_those_that_others_rely_on():
    assert {"fashion-mnist-cnn", "lenet5", "alexnet", "vgg16"} <= set(PRESETS)
    assert DEFAULT in PRESETS
    assert set(TITLES) == set(PRESETS)
    assert len(set(TITLES.values())) == len(PRESETS)


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_runs(key):
    traced = trace(PRESETS[key])
    assert traced.error is None
    assert traced.agrees
    assert traced.output_shape == ((PRESETS[key].classes,) if PRESETS[key].classes else (1, 28, 28))


@pytest.mark.parametrize("key", [key for key in PRESETS if "vgg" not in key and key != "alexnet"])
def test_small_presets_really_run(key):
    assert compare(trace(PRESETS[key])) is None


def test_the_seed_network_has_the_names_of_the_course():
    assert PRESETS["fashion-mnist-cnn"].names == (
        "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2", "relu4", "out",
    )  # fmt: skip


@pytest.mark.parametrize(("key", "convolutions"), [("vgg11", 8), ("vgg13", 10), ("vgg16", 13), ("vgg19", 16)])
def test_vgg_has_its_number_of_layers_with_weights(key, convolutions):
    assert types(key).count("Conv2d") == convolutions
    assert types(key).count("Conv2d") + types(key).count("Linear") == int(key.removeprefix("vgg"))
    assert set(values(key, "kernel_size", "Conv2d")) == {3}
    assert types(key).count("MaxPool2d") == 5


def test_alexnet_is_torchvisions():
    assert values("alexnet", "out_channels", "Conv2d") == [64, 192, 384, 256, 256]
    assert values("alexnet", "kernel_size", "Conv2d") == [11, 5, 3, 3, 3]
    assert trace(PRESETS["alexnet"]).by_name["flatten"].output_shape == (9_216,)


def test_the_separable_one_looks_at_one_channel_at_a_time():
    traced = trace(PRESETS["depthwise-separable"])
    depthwise = [s for s in traced.steps if s.type == "Conv2d" and s.arguments["groups"] > 1]
    assert len(depthwise) == 3
    assert all(step.weight_shape is not None and step.weight_shape[1] == 1 for step in depthwise)
