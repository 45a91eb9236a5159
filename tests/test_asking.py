"""Asking torch: its own words, and values that nobody should have typed."""

import gc
import math
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from layerscope.asking import ask
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Network, NetworkError
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.oracle import single

SEED = PRESETS["fashion-mnist-cnn"]
ALEXNET = PRESETS["alexnet"]


def new(kind: str, name: str = "it", **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def failing(network: Network) -> Any:
    error = trace(network).error
    assert error is not None
    return error


# --- torch's own words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (
            SEED.with_input((1, 8, 8)),
            "Calculated padded input size per channel: (2 x 2). Kernel size: (5 x 5). "
            "Kernel size can't be greater than actual input size",
        ),
        (
            single(new("Conv2d", out_channels=12), (3, 8)),  # torch takes the batch for channels
            "Given groups=1, weight of size [12, 3, 3, 3], expected input[1, 1, 3, 8] to have 3 channels, "
            "but got 1 channels instead",
        ),
        (SEED.with_argument("conv2", "groups", 4), "in_channels must be divisible by groups"),
        (
            SEED.with_argument("conv2", "groups", 3).with_argument("conv2", "out_channels", 10),
            "out_channels must be divisible by groups",
        ),
        (
            SEED.with_argument("conv2", "padding", "same").with_argument("conv2", "stride", 2),
            "padding='same' is not supported for strided convolutions",
        ),
        (
            SEED.with_argument("pool2", "kernel_size", 3).with_argument("pool2", "padding", 2),
            "pad should be at most half of effective kernel size, but got pad=2, kernel_size=3 and dilation=1",
        ),
        (
            single(new("MaxPool2d", kernel_size=3), (6, 2, 2)),
            "Given input size: (6x2x2). Calculated output size: (6x0x0). Output size is too small",
        ),
        (
            single(new("Conv2d"), (192,)),
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [1, 192]",
        ),
        # The same for networks of a size that is used in earnest:
        (
            ALEXNET.with_argument("conv2", "kernel_size", 40),
            "Calculated padded input size per channel: (31 x 31). Kernel size: (40 x 40). "
            "Kernel size can't be greater than actual input size",
        ),
        (ALEXNET.with_argument("conv5", "groups", 3), "in_channels must be divisible by groups"),
    ],
)
def test_torchs_own_words(network, words):
    assert failing(network).torch_message == words


def test_where_torch_says_nothing_nothing_is_shown():
    """torch would mix the images of a batch without a word; it takes one flat vector for an unbatched sequence."""
    assert failing(single(new("Flatten", start_dim=0), (3, 4, 4))).torch_message == ""
    assert failing(single(new("MaxPool1d"), (8,))).torch_message == ""


# --- huge and hostile ---------------------------------------------------------------------------------------------

HOSTILE: tuple[Any, ...] = (
    10**400,
    -(10**400),
    10**9,
    2**31,
    2**63,
    -1,
    1e308,
    (10**400, 3),
    (3,) * 1_000,
    (),
    (None, None),
    "x" * 40,
    "",
    "-",
    "same",
    True,
    None,
    b"3",
    2 + 1j,
    range(3),
    frozenset((1,)),
    object(),
    [3, [3]],
    {"a": 1},
    ([3], 3),
    {3},
    (((((3,),),),),),
)

LIMIT = 1.0


@pytest.fixture(scope="module", autouse=True)
def _first_thought_is_slow():
    """torch needs about a second for the first use of its meta device in a process."""
    nn.Linear(1, 1, device="meta")(torch.empty(0, 1, device="meta"))


@pytest.mark.parametrize("kind", CATALOGUE)
def test_hostile_values_are_answered_with_a_sentence(kind, thorough):
    shape = (8, *(9, 9, 9)[: CATALOGUE[kind].dims or 2]) if kind != "BatchNorm1d" else (8, 9)
    slowest = 0.0
    for place, name in enumerate(CATALOGUE[kind].parameters(), list(CATALOGUE).index(kind)):
        for value in HOSTILE if thorough else HOSTILE[place % 4 :: 4]:
            layer = new(kind).with_chosen(name, value)
            start = time.process_time()
            traced = trace(Network(shape, (new("Identity", "before"), layer)))
            if traced.error is not None:
                assert 10 < len(traced.error.message) < 3_000
                assert all(len(repair.label) < 200 for repair in traced.error.repairs)
            assert traced.agrees
            assert len(traced.steps) == 2
            slowest = max(slowest, time.process_time() - start)
    assert slowest < LIMIT


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, (1, math.nan)], ids=str)
def test_endless_and_undefined_numbers_are_in_no_layer_and_in_no_network(number):
    for kind, layer_type in CATALOGUE.items():
        for name in layer_type.parameters():
            with pytest.raises(ValueError, match="a finite number is needed"):
                new(kind).with_chosen(name, number)
            with pytest.raises(NetworkError, match="finite"):
                Network((8, 9, 9), (new(kind, "it"),)).with_argument("it", name, number)


def test_deep_tuples_are_answered_with_a_sentence():
    deep: Any = 3
    for _ in range(500):
        deep = (deep,)
    assert failing(single(new("Conv2d", kernel_size=deep), (3, 9, 9))).message == (
        "kernel_size has 1 values; here it takes one value or 2."
    )
    assert failing(single(new("Conv2d", out_channels=deep), (3, 9, 9))).message == (
        "out_channels is ((...),); it takes one value, not one for each axis."
    )


FLAT = new("Flatten", "flat")
GIANT = (65_536, 4_096, 4_096)
GIANTS = {
    "wide linear": Network((3, 224, 224), (FLAT, new("Linear", out_features=65_536))),
    "wide linear on everything": Network(GIANT, (FLAT, new("Linear", out_features=65_536))),
    "linear on the last axis": Network(GIANT, (new("Linear", out_features=65_536),)),
    "wide conv": Network(GIANT, (new("Conv2d", out_channels=65_536, kernel_size=64),)),
    "just under a gigabyte": Network((2_048, 64, 64), (new("Conv2d", out_channels=2_047, kernel_size=8),)),
    "misfit": Network(GIANT, (new("Conv2d", out_channels=65_536, kernel_size=64, groups=3),)),
    "norm of everything": Network(GIANT, (new("LayerNorm"),)),
    "norm of flat values": Network((64, 4_096, 4_096), (FLAT, new("BatchNorm1d"))),
    "averages of flat values": Network((64, 4_096, 4_096), (FLAT, new("BatchNorm1d", affine=False))),
    "averages of many maps": Network(
        (64, 4_096, 4_096),
        (FLAT, new("Unflatten", "un", unflattened_size=(-1, 2, 1)), new("InstanceNorm2d", track_running_stats=True)),
    ),
    "vgg": PRESETS["vgg16"],
    "reflected": Network(GIANT, (new("Conv2d", padding=64, padding_mode="reflect"),)),
    "enlarged beyond all numbers": Network(GIANT, tuple(new("Upsample", f"u{i}", scale_factor=64) for i in range(200))),
    "transposed beyond all numbers": Network(
        (1, 4_096, 4_096), tuple(new("ConvTranspose2d", f"u{i}", kernel_size=64, stride=64) for i in range(200))
    ),
    "padded two hundred times": Network(GIANT, tuple(new("ZeroPad2d", f"p{i}", padding=64) for i in range(200))),
    "adaptive": Network((65_536, 4, 4), (new("AdaptiveAvgPool2d", "a", output_size=65_536), new("Softmax", dim=3))),
    "the largest image": Network(
        (3, 65_536, 65_536), (new("Conv2d", "a"), new("MaxPool2d", "b"), FLAT, new("Linear", out_features=9))
    ),
    "the widest kernel": Network((65_536,) * 3, (new("Conv2d", out_channels=65_536, kernel_size=1_024),)),
    "too wide a kernel": Network((3, 20, 20), (new("Conv2d", kernel_size=1_024),)),
    "the largest volume": Network((65_536,) * 4, (new("Conv3d"),)),
    "transposed with the widest kernel": Network(
        (1, 65_536, 65_536), tuple(new("ConvTranspose2d", f"u{i}", kernel_size=1_024, stride=1_023) for i in range(9))
    ),
    "an axis too few": Network((1, 65_536), (new("Conv2d", out_channels=65_536, kernel_size=(1, 1_024)),)),
    "raw audio": Network(
        (1, 65_536), (new("Conv1d", kernel_size=1_024, stride=1_024), new("Conv1d", "c", kernel_size=65))
    ),
    "neighbours": Network(GIANT, (new("LocalResponseNorm", size=1_024),)),
}


def memory() -> float:
    """What the process holds, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measured where Linux shows it")
@pytest.mark.parametrize("key", GIANTS)
def test_giants_cost_no_memory_and_no_time(key):
    gc.collect()
    before, most = memory(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    traced = trace(GIANTS[key])
    assert all(step.error or step.output_shape for step in traced.steps)
    fields = [step.receptive_field for step in traced.steps]
    repairs = traced.error.repairs if traced.error else ()
    assert time.process_time() - start < LIMIT, (len(fields), repairs)
    assert memory() - before < 100
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most) / 1024 < 100, "at its worst in between"
    assert traced.agrees


def test_giants_are_counted():
    assert trace(GIANTS["wide linear"]).parameters == 65_536 * (3 * 224 * 224 + 1)
    assert trace(GIANTS["averages of flat values"]).output_shape == (64 * 4_096 * 4_096,)
    assert trace(GIANTS["wide conv"]).macs == 65_536**2 * 64**2 * (4_096 - 63) ** 2


# --- the memory of answers ----------------------------------------------------------------------------------------


def test_the_same_question_is_asked_once():
    shape = (3, 17, 19)
    with torch.no_grad():
        first = ask(new("Conv2d", "a"), shape)
        assert ask(new("Conv2d", "b"), shape) is first
        assert ask(new("Conv2d", "b", kernel_size=4), shape) is not first
        assert ask(new("Conv2d", "b"), (3, 17, 20)) is not first


def test_nothing_is_left_for_autograd_and_modes_stay_as_they_were():
    assert torch.is_grad_enabled()
    trace(SEED)
    trace(SEED.with_argument("conv2", "groups", 4))
    assert torch.is_grad_enabled()
    assert torch.empty(1).device.type == "cpu"


def test_what_torch_says_in_training_mode_does_not_matter():
    """One value for each channel: torch refuses it while training, and so only for a batch of one."""
    traced = trace(single(new("BatchNorm2d"), (3, 1, 1)))
    assert traced.error is None
    assert traced.steps[0].warning == (
        "Each channel holds one value here, so in training a batch of 1 raises "
        '"Expected more than 1 value per channel"; a larger batch works.'
    )
