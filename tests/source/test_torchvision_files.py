"""torchvision's model files, pasted as they are with a line that makes a model and one that calls it.

They are read to torchvision's own output shape, parameters and multiply-accumulates. The texts come from the installed
torchvision, without which these tests fail; the figures are those that `tests/modules` records of it, and compares.
"""

import inspect
import json
import warnings
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from layerscope.presets import PRESETS, key_of
from layerscope.source.reader import read_all
from layerscope.source.reading import Reading
from layerscope.steps import Trace
from layerscope.tracing import trace
from tests import zoo

RECORDS = json.loads((Path(__file__).parents[1] / "modules" / "models.json").read_text())
MODELS = {
    "alexnet": ["alexnet"],
    "vgg": ["vgg11", "vgg16_bn"],
    "resnet": ["resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2"],
    "densenet": ["densenet121"],
    "squeezenet": ["squeezenet1_0", "squeezenet1_1"],
    "mobilenetv2": ["mobilenet_v2"],
    "mobilenetv3": ["mobilenet_v3_small", "mobilenet_v3_large"],
    "shufflenetv2": ["shufflenet_v2_x0_5", "shufflenet_v2_x1_0"],
    "mnasnet": ["mnasnet0_5", "mnasnet1_0"],
    "efficientnet": ["efficientnet_b0", "efficientnet_v2_s"],
    "regnet": ["regnet_x_400mf", "regnet_y_400mf"],
    "convnext": ["convnext_tiny"],
    "vision_transformer": ["vit_b_16"],
    "swin_transformer": ["swin_t"],
}
"""Files, and models that are made with them. Those with heads for training alone are below."""
PAIRS = [(file, name) for file, names in MODELS.items() for name in names]
AUXILIARY = [("googlenet", "googlenet", 224), ("inception", "inception_v3", 299)]


def text_of(file: str) -> str:
    """The file as torchvision ships it."""
    assert zoo.HAS_TORCHVISION, zoo.HELP
    zoo.torchvision_models()
    return inspect.getsource(import_module(f"torchvision.models.{file}"))


def reading_of(file: str, *lines: str) -> tuple[Reading, Trace]:
    """The reading of a file with lines below it, and its trace; it is read to its end."""
    reading = read_all("\n".join([text_of(file), "", *lines, ""]))
    assert reading.refusal is None
    assert reading.network is not None
    return reading, trace(reading.network)


def built(name: str) -> nn.Module:
    """torchvision's own model, without weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zoo.load(name)[0].to("meta")


def parameters(model: nn.Module) -> int:
    return sum(values.numel() for values in model.parameters())


@pytest.mark.parametrize(("file", "name"), PAIRS, ids=[name for _, name in PAIRS])
def test_a_file_is_read_to_torchvisions_figures(file, name):
    reading, traced = reading_of(file, f"net = {name}()", "net(torch.randn(1, 3, 224, 224))")
    record = RECORDS[name]
    assert traced.error is None
    assert traced.agrees
    assert reading.shape_told == "example call"
    assert [[*(traced.output_shape or ())]] == record["outputs"]
    assert traced.parameters == record["parameters"]
    if name in PRESETS:  # it is known as what it is
        assert reading.network is not None
        assert key_of(reading.network) == name
    assert traced.macs == record["macs"]


@pytest.mark.parametrize(("file", "name", "side"), AUXILIARY, ids=[name for _, name, _ in AUXILIARY])
def test_heads_for_training_are_read_while_training(file, name, side):
    """A module trains until eval() is called, and then such a model gives what its auxiliary heads give, too."""
    reading, traced = reading_of(file, f"net = {name}()", f"net(torch.randn(2, 3, {side}, {side}))")
    model = built(name).train()
    with FlopCounterMode(display=False) as counter:
        given = model(torch.empty(2, 3, side, side, device="meta"))
    assert traced.error is None
    assert [tuple(value.shape[1:]) for value in given] == [(1000,)] * len(given)
    assert len(traced.network.outputs) == len(given) > 1
    assert traced.parameters == parameters(model)
    assert traced.macs == counter.get_total_flops() // 2 // 2
    assert "We assumed that self.training is True." in [note.sentence for note in reading.notes]


@pytest.mark.parametrize(("file", "name", "side"), AUXILIARY, ids=[name for _, name, _ in AUXILIARY])
def test_heads_for_training_are_left_out_after_eval(file, name, side):
    """What they count is told, as torch counts them all the same."""
    reading, traced = reading_of(file, f"net = {name}()", "net.eval()", f"net(torch.randn(1, 3, {side}, {side}))")
    record = RECORDS[name]
    assert traced.error is None
    assert traced.output_shape == (1000,)
    assert traced.network.outputs == ()
    assert traced.macs == record["macs"]
    assert traced.parameters == parameters(zoo.without_auxiliary_heads(name))
    idle = record["parameters"] - traced.parameters
    notes = " ".join(note.sentence for note in reading.notes)
    assert f"PyTorch still counts their {idle:,} parameters" in notes
    assert "self.training is False" in notes
