"""The task that a visitor is invited to do: it can be done, is not done yet, and is found done by torch's shapes."""

from dataclasses import astuple, replace

import pytest

from layerscope import limits
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.task import Task, read_task, task_for
from layerscope.tracing import trace
from tests.large import large_last

SEED = PRESETS[DEFAULT]


def moved(network: Network, task: Task) -> Network | None:
    """The network with the task's lever set so that it is done; None where no setting does it."""
    now = getattr(network[task.lever], task.parameter)
    for value in dict.fromkeys((now - 2, now // 2, now + 1)):
        if value > 0:
            other = network.with_argument(task.lever, task.parameter, value)
            if task.is_done(trace(other)):
                return other
    return None


def test_the_courses_task_is_fc1s_in_features():
    task = task_for(SEED)
    assert task is not None
    assert task.goal == "get fc1.in_features to 300"
    assert task.watch == "drag kernel_size of conv2 and watch fc1.in_features"
    assert task.result == "fc1.in_features is 300"
    both = SEED.with_argument("conv1", "kernel_size", 3).with_argument("conv2", "kernel_size", 3)
    assert task.is_done(trace(both))
    assert trace(both).by_name["fc1"].arguments["in_features"] == 300
    assert not task.is_done(trace(SEED.with_argument("conv1", "kernel_size", 3)))


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_every_known_network_has_a_task_that_can_be_done_and_is_not_done(name):
    network = PRESETS[name]
    task = task_for(network)
    assert task is not None
    assert not task.is_done(trace(network))
    done = moved(network, task)
    assert done is not None
    assert trace(done).error is None


LARGE = {
    "resnet50": "get the output shape of conv1 to 64×224×224", "densenet121": "get classifier.in_features to 1,008",
    "googlenet": "get fc.in_features to 960", "inception_v3": "get fc.in_features to 1,952",
    "mobilenet_v2": "get classifier.1.in_features to 640", "efficientnet_b0": "get classifier.1.in_features to 640",
    "convnext_tiny": "get the output shape of features.0.0 to 96×111×111",
    "shufflenet_v2_x1_0": "get fc.in_features to 512", "unet": "get conv.in_channels to 16",
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_the_task_of_a_large_network_is_one_that_people_would_set(name):
    task = task_for(PRESETS[name])
    assert task is not None
    assert task.goal == LARGE[name]


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_no_task_is_about_a_norm_or_an_unusual_stride(name):
    network, task = PRESETS[name], task_for(PRESETS[name])
    assert task is not None
    assert "Norm" not in network[task.layer].type
    done = moved(network, task)
    assert done is not None
    if task.parameter == "stride":
        assert done[task.lever].chosen["stride"] in (1, 2)


def test_a_task_is_not_done_by_a_network_that_does_not_run():
    task = task_for(SEED)
    assert task is not None
    done = SEED.with_argument("conv2", "kernel_size", 3)
    broken = done.insert(done.index("out"), "Conv2d")
    assert trace(broken).error is not None
    assert not task.is_done(trace(broken))


def test_there_is_no_task_where_nothing_can_be_moved_or_the_network_fails():
    assert task_for(Network((4,), ())) is None
    assert task_for(Network((4,), ()).insert(0, "ReLU")) is None
    assert task_for(SEED.with_argument("conv1", "kernel_size", 29)) is None


def test_the_search_of_a_long_network_is_bounded():
    long = Network((8,), tuple(replace(SEED["relu1"], name=f"r{n}") for n in range(limits.LAYERS.most)))
    assert limits.TASK_STEPS.most // len(long.layers) == 1
    assert task_for(long) is None


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "resnet18"])
def test_a_task_goes_to_the_browser_and_back(name):
    task = task_for(PRESETS[name])
    assert task is not None
    sent = [list(part) if isinstance(part, tuple) else part for part in astuple(task)]
    assert read_task(sent) == task


@pytest.mark.parametrize(
    "raw", [None, 5, [], ["a"] * 5, ["a", "b", 1.5, "c", "d"], ["a", "b", [1, "x"], "c", "d"],
            ["a", "b", True, "c", "d"], ["a" * 200, "b", 1, "c", "d"], ["\ud800", "b", 1, "c", "d"]],
)  # fmt: skip
def test_what_is_no_task_is_none(raw):
    assert read_task(raw) is None
