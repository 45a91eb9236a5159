"""Fresh weights: the written code takes them, they are what torch would make, and large ones are refused first."""

import json
import struct
import time
import tracemalloc
from random import Random
from typing import Any

import pytest
import safetensors.torch
import torch

from layerscope.interchange import from_json
from layerscope.layers.learned import Parameter
from layerscope.layers.linear import Linear
from layerscope.layers.normalization import BatchNorm1d
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.source.writer import Style, write
from layerscope.tracing import trace
from layerscope.weights import LARGEST_WEIGHTS, WeightsError, fresh_weights
from tests.chains import CHAINS
from tests.oracle import CHAINED, random_network
from tests.running import built, random_runnable
from tests.test_catalogue import suiting

SEED = PRESETS["fashion-mnist-cnn"]
SMALL = [key for key, network in CHAINS.items() if trace(network).parameters < 5_000_000]


def metadata(data: bytes) -> dict[str, Any]:
    """What the file's header says beside the tensors."""
    (length,) = struct.unpack("<Q", data[:8])
    found: dict[str, Any] = json.loads(data[8 : 8 + length])["__metadata__"]
    return found


def check(network: Network, seed: int) -> None:
    """The code of each style takes the weights, and by itself would make the same from that seed."""
    data = fresh_weights(network, seed=seed)
    state = safetensors.torch.load(data)
    for style in Style:
        torch.manual_seed(seed)
        module = built(write(network, style))
        made = module.state_dict()
        assert made.keys() == state.keys()
        for key, value in made.items():
            assert value.dtype == state[key].dtype, key
            assert torch.equal(value, state[key]), key
        module.load_state_dict(state, strict=True)
    assert metadata(data)["format"] == "pt"
    assert from_json(metadata(data)["network"]) == network


@pytest.mark.parametrize("key", SMALL)
def test_every_small_preset(key: str) -> None:
    check(PRESETS[key], seed=3)


def test_random_networks(thorough: bool) -> None:
    buffers = 0
    for number, network in enumerate(random_runnable(2_000 if thorough else 70, first_seed=40_000)):
        check(network, seed=number)
        buffers += any(layer.type.startswith("BatchNorm") for layer in network.layers)
    assert buffers > 3


def test_buffers_are_there() -> None:
    network = Network((4,), (BatchNorm1d(name="bn1"), BatchNorm1d(name="bn2", track_running_stats=False)))
    assert set(safetensors.torch.load(fresh_weights(network))) == {
        *(f"bn1.{part}" for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
        *("bn2.weight", "bn2.bias"),
    }


def test_names_are_those_of_the_code() -> None:
    network = Network((4,), (Linear(name="forward", out_features=2), Linear(name="__x", out_features=2)))
    assert set(safetensors.torch.load(fresh_weights(network))) == set(built(write(network)).state_dict())


def test_a_download_can_be_repeated_and_disturbs_nobody() -> None:
    torch.manual_seed(11)
    before = torch.get_rng_state()
    assert len({fresh_weights(SEED, seed=1) for _ in range(20)}) == 1
    assert fresh_weights(SEED, seed=1) != fresh_weights(SEED, seed=2)
    assert fresh_weights(SEED) == fresh_weights(SEED, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_no_type_draws_from_the_shared_random_state() -> None:
    before = torch.get_rng_state()
    for layer_type in CHAINED.values():
        network = Network(suiting(layer_type), (layer_type.fresh("layer"),))
        fresh_weights(network)
    fresh_weights(Network((4,), (Parameter(name="layer", shape=(4, 8)),)))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_network_without_weights() -> None:
    assert safetensors.torch.load(fresh_weights(Network((3,), ()))) == {}


def test_what_is_too_large_is_refused_before_it_is_made() -> None:
    torch.manual_seed(0)
    fresh_weights(SEED)  # what is loaded once
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(WeightsError) as refused:
        fresh_weights(PRESETS["vgg16"])
    assert time.process_time() - begun < 2
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert str(refused.value) == (
        "These weights would take 528 MiB; this server exports at most 256 MiB. The largest part is fc1 with 392 MiB. "
        "The exported code has no such limit: it creates fresh weights where it runs."
    )


def test_the_limit_counts_every_byte() -> None:
    width = LARGEST_WEIGHTS // (4 * 2048) - 1  # and 2,048 biases
    fitting = Network((width,), (Linear(name="fc1", out_features=2048),))
    assert trace(fitting).parameters * 4 == LARGEST_WEIGHTS
    with pytest.raises(WeightsError, match="These weights would take"):
        fresh_weights(Network((width,), (*fitting.layers, BatchNorm1d(name="bn1", affine=False))))
    state = safetensors.torch.load(fresh_weights(fitting))
    assert sum(value.nbytes for value in state.values()) == LARGEST_WEIGHTS


def test_a_network_that_does_not_run_has_no_weights() -> None:
    with pytest.raises(WeightsError) as refused:
        fresh_weights(SEED.with_argument("conv2", "kernel_size", 20))
    assert str(refused.value) == (
        "conv2 does not run: kernel_size 20 is larger than its input's height of 12. "
        "Until it does, the shapes of its weights are not known."
    )
    for seed in range(100):
        network = random_network(Random(seed), bad=0.3)
        if trace(network).error is not None:
            with pytest.raises(WeightsError):
                fresh_weights(network)
