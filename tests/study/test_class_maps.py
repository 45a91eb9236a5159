"""Grad-CAM is what torchcam says, the maps are what torchlens records; a network without classes or places says so."""

import importlib
import subprocess
import sys
import warnings
from importlib.util import find_spec
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.building import called, module
from layerscope.link import decode, encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.class_maps import class_map, last_map, missing
from layerscope.study.inside import LookError, look
from layerscope.study.samples import sample
from layerscope.tracing import trace
from tests.zoo import HELP

SEED = PRESETS[DEFAULT]
VIT = (
    "1x28x28-3~Conv2d.8.4.stride-4~Flatten.start_dim-2~Permute.0x2x1~Parameter.1x1x8.ndim-3.as-token"
    "~Concat.in-token,permute1~TransformerEncoderLayer.2.dim_feedforward-16.batch_first-t~Select.1.0~Linear.3"
)
"""A convolution whose map's places attention mixes."""
INPLACE = decode("1x16x16~Conv2d.6.3~ReLU.inplace-t~Flatten~Linear.4").with_classes(4)


def peer(name):
    """A package that the tests compare with; a sentence, and a failed test, where it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        raise AssertionError(f"{error}: {HELP}") from error


def networks():
    yield "seed", SEED
    yield "in place", INPLACE
    for key in ("lenet5", "fashion-mnist-cnn", "squeezenet1_1", "resnet18", "googlenet"):
        network = PRESETS[key]
        yield key, network if network.input_shape[-1] < 64 else network.with_input((3, 64, 64))


@pytest.mark.parametrize("network", [pytest.param(network, id=key) for key, network in networks()])
def test_grad_cam_is_torchcams(network):
    methods = peer("torchcam.methods")
    image = sample("edges", network.input_shape)
    for wanted in (0, 3):
        ours = class_map(network, image, wanted, seed=1)
        built = module(network, 1).eval()
        # An activation that works in place would change what torchcam keeps; it looks at the layer before such a one.
        for part in built.modules():
            if isinstance(part, nn.ReLU):
                part.inplace = False
        theirs = methods.GradCAM(built, target_layer=called(built)[ours.layer])
        scores = built(image[None].requires_grad_())
        (heat,) = theirs(wanted, scores, normalized=False)
        theirs.remove_hooks()
        assert torch.allclose(ours.heat, heat[0], atol=1e-6)
        assert torch.allclose(ours.scores, scores[0].detach(), atol=1e-6)
        assert float(ours.probabilities.sum()) == pytest.approx(1)
        assert ours.heat.shape == (trace(network).by_name[ours.layer].output_shape or ())[1:]


RECORDED = """
import sys, warnings
import torch
from layerscope.link import decode, encode
from layerscope.building import module
from layerscope.study.samples import sample

warnings.simplefilter("ignore")
import torchlens

kept = {}
for key, code, *names in (line.split() for line in sys.stdin):
    network = decode(code)
    recorded = torchlens.trace(module(network, 2).eval(), sample("ramp", network.input_shape)[None])
    kept |= {f"{key} {name}": recorded[name].out[0].detach() for name in names}
torch.save(kept, sys.argv[1])
"""
"""Run in a process of its own: torchlens puts functions of its own in the place of torch's, for good."""


@pytest.mark.thorough
def test_maps_are_what_torchlens_records(tmp_path):
    """That they are those of the modules is seen in every run (`test_inside.py`)."""
    assert find_spec("torchlens"), HELP
    networks = {"course": PRESETS[DEFAULT], "residual": PRESETS["resnet18"].with_input((3, 32, 32))}
    wanted = {"course": networks["course"].names[:-1], "residual": networks["residual"].names[:-1:9]}
    lines = "\n".join(" ".join([key, encode(network), *wanted[key]]) for key, network in networks.items())
    kept = tmp_path / "maps"
    subprocess.run([sys.executable, "-c", RECORDED, str(kept)], input=lines, text=True, check=True)
    recorded = torch.load(kept)
    for key, network in networks.items():
        seen = look(network, sample("ramp", network.input_shape), seed=2)
        for name in wanted[key]:
            assert torch.allclose(recorded[f"{key} {name}"], seen.tensors[name], atol=1e-6), (key, name)


def test_the_gradient_is_that_of_hooks_on_the_module():
    built, image = module(SEED, 5).eval(), sample("digit", SEED.input_shape)
    kept: dict[str, Any] = {}
    layer = built.get_submodule("pool2")
    layer.register_forward_hook(lambda _m, _i, made: kept.update(maps=made))
    layer.register_full_backward_hook(lambda _m, _i, left: kept.update(gradient=left[0]))  # type: ignore[index]
    built(image[None])[0, 7].backward()
    found = class_map(SEED, image, 7, seed=5)
    assert found.layer == "pool2"
    assert torch.allclose(found.weights, kept["gradient"][0].mean((1, 2)))
    wanted = (found.weights[:, None, None] * kept["maps"][0].detach()).sum(0).relu()
    assert torch.allclose(found.heat, wanted, atol=1e-7)


def test_weights_of_ones_own_and_no_gradient_left():
    weights = {"out.weight": torch.zeros(10, 60), "out.bias": torch.arange(10.0)}
    found = class_map(SEED, sample("digit", SEED.input_shape), 2, weights=weights)
    assert found.scores.tolist() == list(range(10))
    assert not found.heat.any()
    assert not found.scores.requires_grad


def test_a_module_that_is_called_twice_counts_at_its_last_call():
    network = decode("2x8x8~Conv2d.2.3.padding-1~Conv2d.of-conv1~Flatten~Linear.3")
    found = class_map(network, sample("edges", network.input_shape), 1)
    last = last_map(trace(network))
    assert last is not None
    assert found.layer == network.names[1] == last.name
    assert found.heat.shape == (8, 8)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (PRESETS["unet"], "does not output one score for each class"),
        (decode("1x8x8~Conv2d.2.9"), "does not run"),
        (decode("1x8x8~Flatten~Linear.1"), "one score for each class"),
    ],
)
def test_what_a_network_lacks_is_said(network, said):
    assert said in missing(trace(network))
    with pytest.raises(LookError, match=said):
        class_map(network, None, 0)


def test_without_a_map_that_lasts_until_the_classes_there_is_no_grad_cam():
    for code in ("64~Linear.32~Linear.10", "1x8x8~Flatten~Linear.3", VIT):
        network = decode(code)
        assert missing(trace(network)) == ""
        assert last_map(trace(network)) is None
        with pytest.raises(LookError, match="Grad-CAM has nothing to show"):
            class_map(network, None, 0)
    assert last_map(trace(PRESETS["vit_b_16"])) is None


def test_a_class_that_is_not_there_and_an_image_that_does_not_fit():
    with pytest.raises(LookError, match="classes 0 to 9"):
        class_map(SEED, sample("digit", SEED.input_shape), 10)
    with pytest.raises(LookError, match="expects 1×28×28"):
        class_map(SEED, torch.zeros(3, 28, 28), 1)
    with pytest.raises(LookError, match="at most"):
        class_map(PRESETS["vgg16"], torch.zeros(3, 224, 224), 1)


VOLUMES = {
    "chain": decode("1x6x12x10~Conv3d.4.3~ReLU~MaxPool3d.2~Conv3d.6.2~ReLU~Flatten~Linear.3"),
    "branching": decode(
        "2x5x8x8~Conv3d.4.3.padding-1~ReLU~Conv3d.4.3.padding-1~Add.in-relu1,conv2~AdaptiveAvgPool3d.1~Flatten~Linear.4"
    ),
    "deep": decode("1x40x4x4~Conv3d.2.1~Flatten~Linear.3"),
}


@pytest.mark.parametrize("key", VOLUMES)
@pytest.mark.parametrize("wanted", [0, 2])
def test_grad_cam_of_a_volume_is_that_of_hooks_on_the_module(key, wanted):
    network = VOLUMES[key]
    built, image = module(network, 5).eval(), sample("ramp", network.input_shape)
    row = last_map(trace(network))
    assert row is not None
    kept: dict[str, Any] = {}
    layer = called(built)[row.name]
    layer.register_forward_hook(lambda _m, _i, made: kept.update(maps=made))
    layer.register_full_backward_hook(lambda _m, _i, left: kept.update(gradient=left[0]))  # type: ignore[index]
    scores = built(image[None].requires_grad_())[0]
    scores[wanted].backward()
    found = class_map(network, image, wanted, seed=5)
    counts = kept["gradient"][0].mean((1, 2, 3))
    assert found.layer == row.name
    assert torch.allclose(found.weights, counts)
    assert torch.allclose(found.scores, scores.detach())
    assert torch.allclose(found.heat, (counts[:, None, None, None] * kept["maps"][0].detach()).sum(0).relu(), atol=1e-6)
    assert found.heat.shape == (row.output_shape or ())[1:]
    assert found.heat.ndim == 3


def test_grad_cam_of_a_volume_is_torchcams():
    methods, network = peer("torchcam.methods"), VOLUMES["chain"]
    image = sample("edges", network.input_shape)
    ours, built = class_map(network, image, 1, seed=1), module(network, 1).eval()
    theirs = methods.GradCAM(built, target_layer=called(built)[ours.layer])
    (heat,) = theirs(1, built(image[None].requires_grad_()), normalized=False)
    theirs.remove_hooks()
    assert torch.allclose(ours.heat, heat[0], atol=1e-6)


def test_channels_in_groups_are_no_volume():
    network = decode("4x6x6~Conv2d.4.3~Unflatten.1.2x2~Flatten~Linear.3")
    row = last_map(trace(network))
    assert row is not None
    assert row.name == "conv1"
