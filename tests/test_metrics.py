"""Unread cells against torch's gradients, and shares that add up."""

from random import Random
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from layerscope.catalogue import CATALOGUE
from layerscope.metrics import share, unread
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace

SEED = PRESETS["fashion-mnist-cnn"]
LAYERS: dict[str, Any] = dict(CATALOGUE)


def single(kind, shape, **arguments):
    """The one step of a network with one layer."""
    return trace(Network(shape, (LAYERS[kind](name="layer", **arguments),), None)).steps[0]


def pooled(size, **arguments):
    return unread(single("MaxPool2d", (1, size, size), kernel_size=2, **arguments))


def unread_by_gradient(step):
    """The rows, columns, ... whose gradient is nowhere anything but 0 when every weight is 1."""
    module = step.layer.torch_class(**step.arguments)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    image = torch.zeros(1, *step.input_shape, requires_grad=True)
    module(image).sum().backward()
    grad = image.grad
    assert grad is not None
    axes = range(2, image.dim())
    totals = [grad.sum(dim=[a for a in range(image.dim()) if a != axis]) for axis in axes]
    return tuple(tuple(torch.nonzero(total == 0).flatten().tolist()) for total in totals)


def test_what_floor_leaves_over():
    assert pooled(26) == ((), ())
    assert pooled(25) == ((24,), (24,))
    assert pooled(25, ceil_mode=True) == ((), ())
    assert pooled(25, padding=1) == ((), ())


def test_a_stride_beyond_the_window_leaves_gaps():
    assert pooled(7, stride=3) == ((2, 5, 6), (2, 5, 6))
    assert unread(single("Conv1d", (1, 6), out_channels=1, kernel_size=1, stride=2)) == ((1, 3, 5),)


def test_the_seed_network_reads_everything_until_its_kernel_is_even():
    assert not any(any(unread(step)) for step in trace(SEED).steps)
    steps = trace(SEED.with_argument("conv1", "kernel_size", 4)).by_name
    assert unread(steps["pool1"]) == ((24,), (24,))


@given(
    kind=st.sampled_from(["Conv1d", "Conv2d", "AvgPool1d", "AvgPool2d", "ConvTranspose2d"]),
    sizes=st.tuples(st.integers(1, 14), st.integers(1, 14)),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 5),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    ceil_mode=st.booleans(),
)
def test_unread_cells_are_those_without_a_gradient(kind, sizes, kernel, stride, padding, dilation, mode, ceil_mode):
    arguments = {"kernel_size": kernel, "stride": stride, "padding": padding}
    if kind.startswith("Conv"):
        arguments |= {"out_channels": 1, "dilation": dilation}
    if kind in ("Conv1d", "Conv2d"):
        arguments["padding_mode"] = mode
    if kind.startswith("Avg"):
        arguments["ceil_mode"] = ceil_mode
    step = single(kind, (1, *sizes[: 1 if kind.endswith("1d") else 2]), **arguments)
    assume(step.error is None)
    assert unread(step) == unread_by_gradient(step)


@pytest.mark.parametrize("scale", [0.25, 0.5, 0.7, 2])
def test_cells_that_shrinking_an_image_skips(scale):
    step = single("Upsample", (1, 13, 9), scale_factor=scale)
    assert unread(step) == unread_by_gradient(step)


def test_layers_without_windows_leave_nothing():
    rng = Random(1)
    for kind in ("ReLU", "Flatten", "BatchNorm2d", "AdaptiveAvgPool2d"):
        extra = {"output_size": rng.randint(1, 4)} if kind.startswith("Adaptive") else {}
        assert unread(single(kind, (2, 7, 5), **extra)) == ((), ())
    assert unread(single("Linear", (7,), out_features=2)) == ()


def test_a_layer_that_does_not_run_leaves_nothing_to_draw():
    assert unread(single("Conv2d", (1, 4, 4), out_channels=1, kernel_size=5)) == ((), ())


@pytest.mark.parametrize("name", PRESETS)
def test_shares_add_up(name):
    whole = trace(PRESETS[name])
    assert sum(share(step, whole) for step in whole.steps) == pytest.approx(1)


def test_a_network_without_weights_shares_nothing():
    whole = trace(Network((4,), (LAYERS["ReLU"](name="relu"),), None))
    assert share(whole.steps[0], whole) == 0
