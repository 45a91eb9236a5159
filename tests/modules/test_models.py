"""Models that people use, read alive: parameters, multiply-accumulates and outputs are exactly torch's.

A normal run reads a dozen of the 162, `--thorough` all of them. What was measured with all is in records/models.json,
which is compared with the presets of the same name wherever the tests run.
"""

import json
from functools import cache
from pathlib import Path

import pytest
import torch
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from layerscope.layers.opaque import Measured
from layerscope.modules.double import meta_double
from layerscope.modules.reading import from_module, read
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests import zoo
from tests.large import one_in
from tests.modules.running import outputs

RECORDS = json.loads((Path(__file__).parent / "models.json").read_text())
QUICK = [name for name, record in RECORDS.items() if record["quick"]][::6]
SAME_VALUES = ["resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1", "timm/vit_tiny_patch16_224"]


@cache
def missing() -> str:
    """Why the packages cannot be used; "" where they can."""
    try:
        zoo.timm()
    except ImportError as error:
        return f"{error}: {zoo.HELP}"
    return ""


def test_torchvision_and_timm_are_installed():
    assert missing() == ""


def test_the_records_are_of_all_models():
    assert len(RECORDS) == 162
    assert 9 <= len(QUICK) < 14
    assert sum(record["measured"] == 0 for record in RECORDS.values()) > 100


def torchs(model, size):
    """Multiply-accumulates by FlopCounterMode, and the shapes of the outputs, of one sample on the meta device."""
    for is_training in (False, True):  # the counter cannot follow every model without gradients
        counter = FlopCounterMode(display=False)
        try:
            with torch.set_grad_enabled(is_training), counter:
                result = meta_double(model)(torch.empty(1, 3, size, size, device="meta"))
        except (RuntimeError, AttributeError, AssertionError):
            continue
        return counter.get_total_flops() // 2, [tuple(leaf.shape[1:]) for leaf in tree_leaves(result)]
    raise AssertionError("torch's own counter does not follow this model")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.thorough) for name in RECORDS]
)
def test_a_model_is_read_exactly(name):
    if missing():
        pytest.skip(missing())
    record = RECORDS[name]
    model, size = zoo.load(name)
    reading = read(model, (1, 3, size, size))
    found = trace(reading.network)
    assert found.error is None
    assert reading.stop is None
    macs, shapes = torchs(model, size)
    parameters = sum(weight.numel() for weight in model.parameters())
    assert found.parameters + reading.unused_parameters == parameters == record["parameters"]
    assert found.macs == macs == record["macs"]
    assert [*found.output_shapes] == shapes == [tuple(shape) for shape in record["outputs"]]
    rows = reading.network.layers
    assert (len(rows), sum(isinstance(row, Measured) for row in rows)) == (record["rows"], record["measured"])


@pytest.mark.parametrize("name", one_in(2, SAME_VALUES))
def test_the_rows_compute_what_the_model_computes(name):
    if missing():
        pytest.skip(missing())
    model = zoo.real(name)
    for weight in model.parameters():
        if weight.dim() == 1:
            weight.data.uniform_(0.5, 1.5)  # scales of nearly nothing would hide a branch
    size = zoo.image_size(name, model)
    network = from_module(model, (1, 3, size, size))
    images = torch.rand(2, 3, size, size)
    with torch.no_grad():
        wanted = model(images)
    (given,) = outputs(network, model, images)
    assert torch.allclose(given, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "squeezenet1_1"])
def test_names_and_wiring_are_those_of_the_preset(name):
    if missing():
        pytest.skip(missing())
    model, size = zoo.load(name)
    network, preset = from_module(model, (1, 3, size, size)), PRESETS[name]
    assert network.names == preset.names
    assert [network.before(row) for row in network.names] == [preset.before(row) for row in preset.names]


@pytest.mark.parametrize("name", sorted(set(PRESETS) & set(RECORDS)))
def test_a_preset_has_the_numbers_of_the_model_of_its_name(name):
    found = trace(PRESETS[name])
    assert found.macs == RECORDS[name]["macs"]
    assert [*found.output_shapes] == [tuple(shape) for shape in RECORDS[name]["outputs"]]
