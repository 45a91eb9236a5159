"""What asking torch may cost is known before it is asked: each bound, and the attacks that led to them."""

import time
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from layerscope import limits, probe, steps
from layerscope.asking import Answer, ask, forget, words_about
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer, Shape
from layerscope.layers.question import Kinds
from layerscope.link import decode
from layerscope.metrics import is_followed, unread
from layerscope.network import Network
from layerscope.tracing import trace
from layerscope.workload import is_light_for_one, is_light_when_empty

ATTACKS = (
    "1x28x28~AdaptiveMaxPool3d.500",
    "16x16x16~AdaptiveAvgPool3d.1000",
    "3x65536x65536~Upsample.scale_factor-1000.mode-bicubic",
    "300x1000x65535~Upsample.scale_factor-1000.mode-bicubic",
    "300x1000x6553x10~Upsample.scale_factor-1000.mode-trilinear",
    "4x4095~ZeroPad2d.1024~AvgPool3d.2",
    "65536~ZeroPad2d.1024",
    "64x65536~ConvTranspose1d.8.3.stride-1024~Upsample.scale_factor-1024",
    "64x65536" + "~ConvTranspose1d.8.3.stride-1024" * 9,
    "4x65536~AdaptiveAvgPool1d.65536" + "~AdaptiveAvgPool1d.65535~AdaptiveAvgPool1d.65536" * 9,
    "1x1x1x1~Conv3d.1.1.padding-1024.padding_mode-replicate",
    "1x1024x1024~LocalResponseNorm.1024",
    "1x1024x1024~MaxPool2d.1024.stride-1.padding-513",
    "65536x64x64~Flatten~BatchNorm1d",
)


def new(kind: str, **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh("it"), **values)


def named(name: str, kind: str, **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def with_bias(network: Network) -> Network:
    """The same with a bias that makes no sense, so that torch is asked only for its words."""
    layers = [layer.with_chosen("bias", "x") if "bias" in layer.parameters() else layer for layer in network.layers]
    return replace(network, layers=tuple(layers))


@pytest.mark.parametrize("link", [*ATTACKS, "16x2x3~ConvTranspose2d.7.11.dilation-1024"])
def test_a_link_costs_little_whatever_it_asks_for(link: str) -> None:
    for network in (decode(link), with_bias(decode(link))):
        forget()
        began = time.process_time()
        seen = trace(network)
        fields = [(step.receptive_field, unread(step)) for step in seen.steps]
        told = (seen.error.torch_message, seen.error.repairs) if seen.error else ()
        assert time.process_time() - began < 1.0, (fields, told)


@pytest.mark.parametrize(
    ("layer", "shape", "beyond"),
    [
        (new("Linear", out_features=2**14, bias=False), (2**14,), (2**14 + 1,)),
        (new("BatchNorm2d", affine=False), (2**20, 2, 2), (2**20 + 1, 2, 2)),
        (new("Upsample", scale_factor=4, mode="bicubic"), (1, 2**16, 2**16), (1, 2**16, 2**16 + 1)),
    ],
    ids=["REAL_WEIGHT", "TABLES of averages", "TABLES of places"],
)
def test_what_an_empty_batch_costs(layer: Layer, shape: Shape, beyond: Shape) -> None:
    assert limits.REAL_WEIGHT.most == 2**28
    assert limits.TABLES.most == 2**21
    assert is_light_when_empty(layer, layer.arguments(shape), shape)
    assert not is_light_when_empty(layer, layer.arguments(beyond), beyond)


@pytest.mark.parametrize(
    ("layer", "shape", "beyond"),
    [
        (new("ReLU"), (2**20,), (2**20 + 1,)),
        (new("ZeroPad2d", padding=(0, 0, 0, 1)), (1, 2**10 - 1, 2**10), (1, 2**10, 2**10)),
        (new("LocalResponseNorm", size=24), (1_000, 2**10), (1_001, 2**10)),
        (new("Conv1d", out_channels=1, kernel_size=4), (1, 2**20), (4, 2**19)),
        (new("MaxPool1d", kernel_size=64, stride=1), (1, 2**16 + 63), (1, 2**16 + 64)),
    ],
    ids=["SAMPLE in", "SAMPLE out", "SAMPLE between", "OPERATIONS multiplied", "OPERATIONS read"],
)
def test_what_one_sample_costs(layer: Layer, shape: Shape, beyond: Shape) -> None:
    assert limits.SAMPLE.most == 2**20
    assert limits.OPERATIONS.most == 2**22
    assert is_light_for_one(layer, shape)
    assert not is_light_for_one(layer, beyond)


def test_a_sample_that_is_refused_may_be_larger_up_to_a_bound() -> None:
    layer = new("Linear", out_features=10)
    assert "(1x4194304 and 7x10)" in words_about(layer, {"in_features": 7, "out_features": 10}, (limits.REFUSED.most,))
    assert "(0x4194305 and 7x10)" in words_about(layer, {"in_features": 7, "out_features": 10}, (2**22 + 1,))


@pytest.mark.parametrize("value", ["x" * 40, (2, 3), (1,)], ids=str)
def test_what_is_no_number_is_not_multiplied(value: Any) -> None:
    flat = CATALOGUE["Flatten"].fresh("flat")
    for network in (
        Network((3, 65_536, 65_536), (flat, new("Linear", out_features=value))),
        Network((4, 7, 300, 65_536), (new("Conv3d", out_channels=value),)),
        Network((4, 300, 65_536), (new("ConvTranspose2d", groups=value),)),
    ):
        tracemalloc.start()
        seen = trace(network)
        assert seen.error is not None
        assert isinstance(seen.error.torch_message, str)
        assert isinstance(seen.error.repairs, tuple)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("more", [0, 1])
def test_small_modules_are_kept_for_other_inputs(more: int) -> None:
    assert limits.KEPT_WEIGHT.most == 2**16
    layer = new("Linear", out_features=2**8, bias=False)
    forget()
    for length in (2, 3):
        assert ask(layer, (length, 2**8 + more)).weight_shape == (2**8, 2**8 + more)
    assert probe.kept.cache_info()[:2] == ((0, 0) if more else (1, 1))
    forget()
    assert probe.kept.cache_info().currsize == 0


def test_unread_cells_are_looked_for_up_to_a_bound() -> None:
    assert limits.FOLLOWED.most == 32_768
    near, far = (trace(decode(f"1x{size}~Conv1d.1.1.stride-3")).steps[0] for size in (32_768, 32_769))
    assert (is_followed(near), len(unread(near)[0])) == (True, 21_845)
    assert (is_followed(far), unread(far)) == (False, ((),))


def test_a_search_for_repairs_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first layer fails, and so does the last one whatever is tried: each try walks through 200 layers."""
    convs = [named(f"c{n}", "Conv2d", out_channels=1 + n % 97, kernel_size=3, padding=1) for n in range(198)]
    first, last = named("first", "Conv2d", out_channels=8, kernel_size=1_000), named("last", "Softmax", dim=7)
    network = Network((3, 600, 600), (first, *convs, last))
    seen = trace(network)
    asked: list[Layer] = []

    def counted(layer: Layer, *shapes: Shape, kinds: Kinds = ()) -> Answer:
        asked.append(layer)
        return ask(layer, *shapes, kinds=kinds)

    monkeypatch.setattr(steps, "ask", counted)
    assert seen.error is not None
    assert seen.error.repairs
    assert len(asked) <= limits.REPAIR_STEPS.most


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("RNN", "num_layers"),
        ("LSTM", "num_layers"),
        ("TransformerEncoder", "num_layers"),
        ("Transformer", "num_encoder_layers"),
    ],
)
@pytest.mark.parametrize("count", [limits.REPEATS.most + 1, 1_000_000, 2**70])
def test_layers_that_are_built_one_by_one_are_counted_first(kind: str, argument: str, count: int) -> None:
    layer = CATALOGUE[kind].fresh("it").with_chosen(argument, count)
    assert not is_light_when_empty(layer, layer.arguments((5, 8)), (5, 8))
    assert not is_light_for_one(layer, (5, 8))
    assert words_about(layer, layer.arguments((5, 8)), (5, 8)) == ""
