"""The images that excite a map most are those that torch's own module says, within the limits."""

import pytest
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.link import decode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study import exciting as room
from layerscope.study.data import load
from layerscope.study.exciting import SHOWN, affordable, exciting
from layerscope.study.inside import LookError, cost, look, up_to
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]


@pytest.mark.parametrize("name", ["conv1", "pool2", "flatten", "fc1", "out"])
def test_the_strongest_images_are_torchs(name):
    digits, part = load("digits"), up_to(SEED, name)
    found = exciting(part, digits, seed=3)
    with torch.no_grad():
        made = module(SEED, 3).eval()
        left = look(SEED, digits.batch([0], SEED.input_shape)[0], 3).maps[name].shape
        every = module(part, 3).eval()(digits.batch(slice(0, len(digits)), SEED.input_shape))
    assert made.state_dict().keys() >= module(part).state_dict().keys()
    every = every.reshape(len(digits), left[0], -1)
    values, cells = every.max(2)
    assert found.looked_at == len(digits)
    assert found.images.shape == (left[0], SHOWN)
    for row in range(0, left[0], max(1, left[0] // 7)):
        wanted = values[:, row].sort(descending=True).values[:SHOWN]
        assert torch.allclose(found.values[row], wanted, atol=1e-5)
        for place, value, cell in zip(found.images[row], found.values[row], found.cells[row], strict=True):
            assert float(every[place, row, cell]) == pytest.approx(float(value), abs=1e-5)
            assert int(cells[place, row]) == int(cell) or float(values[place, row]) == pytest.approx(float(value))
        assert len(set(found.images[row].tolist())) == SHOWN


def test_networks_that_branch_and_weights_of_ones_own():
    network = PRESETS["resnet18"].with_input((3, 16, 16))
    found = exciting(up_to(network, network.names[12]), load("digits"), seconds=0)
    assert found.looked_at >= 1
    zero = {"conv1.weight": torch.zeros(6, 1, 5, 5), "conv1.bias": torch.arange(6.0)}
    found = exciting(up_to(SEED, "conv1"), load("digits"), weights=zero)
    assert found.values[:, 0].tolist() == list(range(6))
    assert found.images[0].tolist() == list(range(SHOWN)), "of equal ones the first"


def test_no_more_images_than_there_are_operations_for(monkeypatch):
    part = up_to(SEED, "conv1")
    operations = cost(trace(part))[1]
    assert affordable(part, 1_797) == 1_797
    monkeypatch.setattr(limits, "INSIDE_SET", limits.Limit("", "", 70 * operations + 1, limits.INSIDE_SET.says))
    found = exciting(part, load("digits"))
    assert found.looked_at == 70
    assert int(found.images.max()) < 70
    monkeypatch.setattr(limits, "INSIDE_SET", limits.Limit("", "", operations - 1, limits.INSIDE_SET.says))
    with pytest.raises(LookError) as refused:
        exciting(part, load("digits"))
    assert str(refused.value) == limits.INSIDE_SET.sentence(name="conv1", found=operations)


def test_time_ends_it_after_a_batch(monkeypatch):
    assert exciting(up_to(SEED, "conv1"), load("digits"), seconds=0).looked_at == room.BATCH
    times = iter([0.0, 1.0, 99.0])
    monkeypatch.setattr(room, "monotonic", lambda: next(times))
    found = exciting(up_to(SEED, "conv1"), load("digits"))
    assert found.looked_at == 2 * room.BATCH
    assert 1 < limits.INSIDE_SECONDS.most < 99


def test_many_maps_are_compared_up_to_a_number():
    found = exciting(
        Network((1, 8, 8), decode(f"1x8x8~Conv2d.{limits.INSIDE_EXCITED.most + 1}.8").layers), load("digits")
    )
    assert len(found.images) == limits.INSIDE_EXCITED.most


@pytest.mark.parametrize("key", ["textcnn", "transformer-classifier"])
def test_a_network_that_reads_no_image_says_so(key):
    with pytest.raises(LookError, match="does not read one image"):
        exciting(PRESETS[key], load("digits"))
    with pytest.raises(LookError, match="does not run"):
        exciting(SEED.with_argument("conv1", "kernel_size", 29), load("digits"))
