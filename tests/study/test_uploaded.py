"""Weights from a file: what Take away exports is taken back; all else gets a sentence; nothing is unpickled."""

import json
import pickle
import struct

import pytest
import safetensors.torch
import torch

from layerscope import limits
from layerscope.building import module
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import look
from layerscope.study.samples import sample
from layerscope.study.uploaded import LARGEST, WeightsFileError, fitting, opened, read_weights
from layerscope.weights import fresh_weights

SEED = PRESETS[DEFAULT]


def saved(**changes):
    """The seed network's weights as a file, some of them changed; None leaves one out."""
    values = {**module(SEED, 4).state_dict(), **changes}
    return safetensors.torch.save({name: value.contiguous() for name, value in values.items() if value is not None})


@pytest.mark.parametrize("key", [DEFAULT, "lenet5", "lstm-classifier", "textcnn"])
def test_what_is_exported_is_the_modules_and_is_taken_back(key):
    network = PRESETS[key]
    if trace_bytes(network) > limits.WEIGHTS_FILE.most:
        with pytest.raises(WeightsFileError, match="at most"):
            read_weights(fresh_weights(network, seed=7), network)
        return
    found, wanted = read_weights(fresh_weights(network, seed=7), network), module(network, 7).state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def trace_bytes(network):
    return sum(tensor.numel() * 4 for tensor in module(network).state_dict().values())


def test_a_networks_maps_are_made_with_the_files_weights():
    image = sample("digit", SEED.input_shape)
    seen = look(SEED, image, weights=read_weights(saved(), SEED))
    with torch.no_grad():
        wanted = module(SEED, 4).eval()(image[None])[0]
    assert torch.equal(seen.tensors["out"], wanted)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_real_numbers_become_float32(kind):
    found = read_weights(saved(**{"conv1.weight": torch.ones(6, 1, 5, 5, dtype=kind)}), SEED)
    assert found["conv1.weight"].dtype == torch.float32
    assert found["conv1.weight"].eq(1).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conv2.bias": None}, "Missing: conv2.bias."),
        ({"fc9.weight": torch.ones(2)}, "Not in this network: fc9.weight."),
        ({"conv1.weight": torch.ones(8, 1, 5, 5)}, "conv1.weight expects 6×1×5×5, but gets 8×1×5×5."),
        ({"conv1.bias": torch.tensor(1.0)}, "conv1.bias expects 6, but gets one number."),
        ({"conv1.bias": torch.ones(6, dtype=torch.int64)}, "conv1.bias expects float32, but gets int64."),
        ({"conv1.bias": torch.full((6,), torch.nan)}, "conv1.bias holds a value that is not a number"),
        ({"conv1.bias": torch.full((6,), 2 * LARGEST)}, "is larger than 1,000,000."),
        ({"conv1.bias": torch.ones(6, dtype=torch.bool)}, "conv1.bias holds bool"),
    ],
)
def test_each_mismatch_has_its_sentence(changes, said):
    with pytest.raises(WeightsFileError) as refused:
        read_weights(saved(**changes), SEED)
    assert said in str(refused.value)


def test_of_many_mismatches_the_first_are_told():
    with pytest.raises(WeightsFileError) as refused:
        read_weights(saved(), PRESETS["lenet5"])
    assert str(refused.value).startswith("The file does not fit this network. conv2.weight expects 16×6×5×5")
    assert "; and 3 more." in str(refused.value)


HEADER = json.dumps({"conv1.weight": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 4]}}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 8, b"x" * 100, pickle.dumps({"conv1.weight": 1}), saved()[:-1], saved() + b"\0",
        struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", len(HEADER)) + HEADER + b"\0" * 4,
        struct.pack("<Q", 2) + b"[]", struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc",
    ],
)  # fmt: skip
def test_what_is_no_safetensors_file_is_refused(data):
    with pytest.raises(WeightsFileError, match=r"not a safetensors file|holds no tensors"):
        read_weights(data, SEED)


def test_the_size_is_looked_at_first(monkeypatch):
    monkeypatch.setattr(safetensors.torch, "load", lambda _: pytest.fail("parsed"))
    size = limits.WEIGHTS_FILE.most + 1
    with pytest.raises(WeightsFileError) as refused:
        read_weights(bytes(size), SEED)
    assert str(refused.value) == limits.WEIGHTS_FILE.sentence(found=size)


def test_a_large_network_is_not_built_for_a_file():
    with pytest.raises(WeightsFileError, match="This network has 138,357,544 parameters"):
        read_weights(saved(), PRESETS["vgg16"])
    with pytest.raises(WeightsFileError, match="conv1 does not run"):
        read_weights(saved(), SEED.with_argument("conv1", "kernel_size", 29))


def test_after_a_change_what_still_fits_is_used():
    found = opened(saved())
    changed = module(SEED.with_argument("conv1", "kernel_size", 3)).state_dict()
    assert found.keys() - fitting(found, changed).keys() == {"conv1.weight"}
    assert fitting(found, module(SEED).state_dict()).keys() == found.keys()
