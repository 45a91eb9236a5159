"""`trace` beside real torch modules, really initialised and really run; and the numbers that are known beforehand."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from layerscope.asking import _ask
from layerscope.catalogue import CATALOGUE
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.steps import Step, Trace
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.oracle import (
    CHAINED,
    compare,
    described,
    own_refusal,
    random_layer,
    random_network,
    random_question,
    random_shape,
    single,
)

LAYERS = 2_000
NETWORKS = 300
SEED = PRESETS["fashion-mnist-cnn"]


def test_random_layers_are_judged_as_torch_judges_them(thorough):
    verdicts: Counter[tuple[str, bool]] = Counter()
    wrong, by_torch = [], 0
    for number in range(LAYERS * (300 if thorough else 1)):
        layer, shape = random_question(Random(number))
        traced = trace(single(layer, shape))
        verdicts[layer.type, traced.error is None] += 1
        by_torch += traced.error is not None and own_refusal(layer, shape) is None
        if difference := compare(traced):
            wrong.append(f"Random({number}): {layer!r} on {shape}: {difference}")
        if not traced.agrees:
            wrong.append(f"Random({number}): {layer!r} on {shape}: {traced.steps[-1].checks}")
        if traced.error and traced.error.message.startswith("PyTorch does not run it"):
            wrong.append(f"Random({number}): {layer!r} on {shape}: no sentence of ours")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:10])
    ran = sum(count for (_, runs), count in verdicts.items() if runs)
    assert verdicts.total() >= LAYERS
    assert ran >= 0.30 * verdicts.total()
    assert by_torch >= 0.15 * verdicts.total(), "refused by torch, not by limits of our own"
    assert all(verdicts[name, True] >= LAYERS // 1_000 for name in CHAINED)


def test_random_networks_are_judged_as_torch_judges_them(thorough):
    verdicts: Counter[bool] = Counter()
    kinds: Counter[tuple[int, bool]] = Counter()
    wrong = []
    for number in range(NETWORKS * (250 if thorough else 1)):
        network = random_network(Random(number))
        traced = trace(network)
        verdicts[traced.error is None] += 1
        kinds[len(network.input_shape), network.head is not None] += 1
        if difference := compare(traced):
            wrong.append(f"Random({number}): {described(network)}: {difference}")
        if not traced.agrees:
            wrong.append(f"Random({number}): {described(network)}: a formula disagrees")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:10])
    assert verdicts.total() >= NETWORKS
    assert verdicts[True] >= 0.30 * verdicts.total()
    assert verdicts[False] >= 0.15 * verdicts.total()
    assert all(kinds[axes, head] >= NETWORKS // 200 for axes in (1, 2, 3, 4) for head in (True, False))


@given(st.randoms(use_true_random=False))
def test_a_layer_that_is_judged_wrongly_is_found_small(rng):
    layer, shape = random_question(rng)
    traced = trace(single(layer, shape))
    assert compare(traced) is None
    assert traced.agrees


@given(st.randoms(use_true_random=False))
def test_a_network_that_is_judged_wrongly_is_found_small(rng):
    network = random_network(rng)
    traced = trace(network)
    assert compare(traced) is None, described(network)
    assert traced.agrees, described(network)


# --- multiply-accumulates -----------------------------------------------------------------------------------------


def counted_macs(traced: Trace, device: str = "cpu") -> int:
    """What torch's own counter says of the real modules on one sample."""
    modules = [step.layer.torch_class(**step.arguments, **_on(device, step)).eval() for step in traced.steps]
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        nn.Sequential(*modules)(torch.zeros(1, *traced.network.input_shape, device=device))
    assert counter.get_total_flops() % 2 == 0
    return counter.get_total_flops() // 2


def _on(device: str, step: Step) -> dict[str, Any]:
    return {"device": device} if step.weight_shape else {}


def test_macs_are_those_of_the_flop_counter():
    seen = 0
    for number in range(1_500):
        rng = Random(number)
        layer_type = CATALOGUE[WITH_MACS[number % len(WITH_MACS)]]
        shape = random_shape(rng, layer_type.dims or None)
        traced = trace(single(random_layer(rng, layer_type, shape, bad=0), shape))
        if traced.error is None:
            seen += 1
            assert traced.macs == counted_macs(traced), (number, traced.steps)
            assert traced.macs > 0
    assert seen >= 500


WITH_MACS = ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Linear")


@pytest.mark.parametrize("key", CHAINS)
def test_macs_of_the_presets_are_those_of_the_flop_counter(key):
    traced = trace(PRESETS[key])
    assert traced.macs == counted_macs(traced, device="meta" if traced.parameters > 10**6 else "cpu")


# --- known numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "input_shape", "parameters", "macs"),
    [
        ("fashion-mnist-cnn", (1, 28, 28), 32_998, 232_440),
        ("lenet5", (1, 32, 32), 61_706, 416_520),
        ("alexnet", (3, 224, 224), 61_100_840, 714_188_480),
        ("vgg16", (3, 224, 224), 138_357_544, 15_470_264_320),
        ("vgg11", (3, 224, 224), 132_863_336, None),
        ("vgg13", (3, 224, 224), 133_047_848, None),
        ("vgg19", (3, 224, 224), 143_667_240, None),
    ],
)
def test_reference_table(key, input_shape, parameters, macs):
    traced = trace(PRESETS[key])
    assert traced.error is None
    assert traced.network.input_shape == input_shape
    assert traced.parameters == parameters
    assert macs in (None, traced.macs)
    assert traced.agrees


def test_the_seed_network_row_by_row():
    whole = (28, 28)
    rows = [
        # name, output, weight, bias, parameters, MACs, receptive field
        ("conv1", (6, 24, 24), (6, 1, 5, 5), (6,), 156, 86_400, (5, 5)),
        ("relu1", (6, 24, 24), None, None, 0, 0, (5, 5)),
        ("pool1", (6, 12, 12), None, None, 0, 0, (6, 6)),
        ("conv2", (12, 8, 8), (12, 6, 5, 5), (12,), 1_812, 115_200, (14, 14)),
        ("relu2", (12, 8, 8), None, None, 0, 0, (14, 14)),
        ("pool2", (12, 4, 4), None, None, 0, 0, (16, 16)),
        ("flatten", (192,), None, None, 0, 0, (16, 16)),
        ("fc1", (120,), (120, 192), (120,), 23_160, 23_040, whole),
        ("relu3", (120,), None, None, 0, 0, whole),
        ("fc2", (60,), (60, 120), (60,), 7_260, 7_200, whole),
        ("relu4", (60,), None, None, 0, 0, whole),
        ("out", (10,), (10, 60), (10,), 610, 600, whole),
    ]
    steps = trace(SEED).steps
    assert [
        (s.name, s.output_shape, s.weight_shape, s.bias_shape, s.parameters, s.macs, _field(s).size) for s in steps
    ] == rows
    assert [_field(step).whole for step in steps] == [False] * 7 + [True] * 5


def _field(step: Step) -> Any:
    assert step.receptive_field is not None
    return step.receptive_field


def features(network: Network) -> Any:
    traced = trace(network)
    assert traced.error is None
    return traced.by_name["fc1"].arguments["in_features"]


def test_kernel_3_in_the_first_layer_leaves_fc1_as_it_was():
    network = SEED.with_argument("conv1", "kernel_size", 3)
    assert features(network) == 192
    assert [trace(network).by_name[n].output_shape for n in ("pool1", "conv2", "pool2")] == [
        (6, 13, 13),
        (12, 9, 9),
        (12, 4, 4),
    ]


def test_both_kernels_3_raise_the_total():
    network = SEED.with_argument("conv1", "kernel_size", 3).with_argument("conv2", "kernel_size", 3)
    assert (features(network), trace(network).parameters) == (300, 44_710)


def test_both_kernels_7():
    network = SEED.with_argument("conv1", "kernel_size", 7).with_argument("conv2", "kernel_size", 7)
    assert trace(network).parameters == 17_590


def test_without_pooling():
    network = SEED.remove("pool1").remove("pool2")
    assert (features(network), trace(network).parameters) == (4_800, 585_958)


def test_groups_cut_the_weights_of_conv2():
    network = SEED.with_argument("conv2", "groups", 2)
    assert trace(network).by_name["conv2"].parameters == 912


@pytest.mark.parametrize("size", [28, 29, 30, 31])
def test_floor_hides_some_pixels(size):
    assert features(SEED.with_input((1, size, size))) == 192


def test_classes_decide_the_last_layer():
    traced = trace(SEED.with_classes(100))
    assert traced.by_name["out"].arguments["out_features"] == 100
    assert traced.output_shape == (100,)


def test_activation_memory_is_that_of_all_outputs():
    traced = trace(PRESETS["alexnet"])
    assert traced.activation_bytes == sum(step.activation_bytes for step in traced.steps)
    assert trace(SEED).by_name["conv1"].activation_bytes == 4 * 6 * 24 * 24


def test_a_network_without_layers_puts_out_its_input():
    traced = trace(Network((1, 28, 28), ()))
    assert (traced.error, traced.output_shape, traced.parameters, traced.macs) == (None, (1, 28, 28), 0, 0)
    assert traced.agrees


def test_steps_before_a_misfit_stay():
    traced = trace(SEED.with_argument("conv2", "kernel_size", 13))
    assert [step.name for step in traced.steps] == ["conv1", "relu1", "pool1", "conv2"]
    assert [step.error is None for step in traced.steps] == [True, True, True, False]
    assert traced.error is traced.steps[-1].error
    assert traced.output_shape is None
    assert traced.parameters == 156
    assert traced.steps[-1].arguments["in_channels"] == 6


# --- threads ------------------------------------------------------------------------------------------------------


def seen(traced: Trace) -> tuple[Any, ...]:
    steps = [replace(step, error=None) for step in traced.steps]
    error = traced.error and (traced.error.message, traced.error.torch_message)
    return [(s.arguments, s.answer, s.decisions, s.receptive_field and s.receptive_field.size) for s in steps], error


def test_threads_do_not_disturb_each_other():
    networks = [random_network(Random(number)) for number in range(300)]
    alone = [seen(trace(network)) for network in networks]
    for _ in range(2):
        _ask.cache_clear()
        with ThreadPoolExecutor(16) as pool:
            together = list(pool.map(lambda network: seen(trace(network)), networks))
        assert together == alone
