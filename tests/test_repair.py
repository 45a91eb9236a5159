"""Repairs: each one offered really works, and what its words promise of other values holds."""

import re
import time
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import torch

from layerscope import insertion
from layerscope.building import module
from layerscope.catalogue import CATALOGUE
from layerscope.layers.base import Layer
from layerscope.network import Input, Network
from layerscope.presets import PRESETS
from layerscope.repair import MOST_REPAIRS, flatten_before
from layerscope.steps import Repair
from layerscope.tracing import trace
from tests.large import large_last
from tests.oracle import compare, described, random_network

SEED = PRESETS["fashion-mnist-cnn"]
RANGE = re.compile(r"(\w+) (-?\d+) or (less|more)")


def new(kind: str, name: str = "it", **values: Any) -> Layer:
    return replace(CATALOGUE[kind].fresh(name), **values)


def labels(network: Network) -> list[str]:
    error = trace(network).error
    assert error is not None
    return [repair.label for repair in error.repairs]


def complete(network: Network) -> list[str]:
    """The labels of those repairs that make the whole network run."""
    error = trace(network).error
    assert error is not None
    return [repair.label for repair in error.repairs if repair.complete]


# --- whatever is offered works ------------------------------------------------------------------------------------


def broken_networks(wanted: int) -> list[Network]:
    found: list[Network] = []
    number = 0
    while len(found) < wanted:
        network = random_network(Random(number), longest=7, bad=0.012)
        number += 1
        if trace(network).error is not None:
            found.append(network)
    return found


def check_repair(broken: Network, failing: str, repair: Repair) -> None:
    repaired = trace(repair.network)
    assert compare(repaired) is None, "torch agrees"
    if repair.complete:
        assert repaired.error is None
        assert " still fails" not in repair.label
    else:
        assert repaired.error is not None
        worse = repaired.steps[-1].name
        assert repair.label.endswith(f" (then {worse} still fails)")
        assert repair.network.index(worse) > repair.network.index(failing)
    assert described(repair.network) != described(broken)  # to Python a padding of False equals one of 0


def check_range(broken: Network, failing: str, repair: Repair) -> int:
    """What "or less" and "or more" promise, tried on the neighbouring values. The number of values tried."""
    promise = RANGE.match(repair.label)
    if promise is None:
        return 0
    name, value, step = promise[1], int(promise[2]), 1 if promise[3] == "more" else -1
    parameter = broken[failing].parameters()[name]
    others = [v for v in (value + step, value + 2 * step, value + 5 * step) if parameter.low <= v <= parameter.high]
    assert others, repair.label
    for other in others:
        traced = trace(broken.with_argument(failing, name, other))
        assert traced.by_name[failing].error is None, f"{repair.label}: not with {other}"
        if repair.complete:
            assert traced.error is None, f"{repair.label}: not with {other}"
    return len(others)


def test_repairs_of_random_networks(thorough):
    wanted = 5_000 if thorough else 80
    offered: Counter[bool] = Counter()
    without = ranges = 0
    slowest = 0.0
    for broken in broken_networks(wanted):
        traced = trace(broken)
        assert traced.error is not None
        failing = traced.steps[-1].name
        start = time.process_time()
        repairs = traced.error.repairs
        slowest = max(slowest, time.process_time() - start)
        assert len(repairs) <= MOST_REPAIRS
        assert len({repair.label for repair in repairs}) == len(repairs), [r.label for r in repairs]
        assert len({repair.network for repair in repairs}) == len(repairs)
        assert [r.complete for r in repairs] == sorted((r.complete for r in repairs), reverse=True)
        for repair in repairs:
            offered[repair.complete] += 1
            try:
                check_repair(broken, failing, repair)
                ranges += check_range(broken, failing, repair)
            except AssertionError as problem:
                raise AssertionError(f"{repair.label}: {problem}\n{described(broken)}") from problem
        without += not repairs
    assert offered[True] > wanted
    assert ranges > wanted / 20
    assert without < 0.15 * wanted
    assert slowest < 1.0


@pytest.mark.parametrize("key", large_last(PRESETS))
def test_repairs_of_the_presets(key, thorough):
    preset = PRESETS[key]
    tried = 0
    for layer in preset.layers[: 24 if thorough else 8]:
        for name, value in (("kernel_size", 64), ("groups", 5), ("padding", "sam"), ("output_padding", 9), ("p", 3)):
            if name not in layer.parameters():
                continue
            broken = preset.with_argument(layer.name, name, value)
            error = trace(broken).error
            if error is None:
                continue
            start = time.process_time()
            assert any(repair.complete for repair in error.repairs), (layer.name, name)
            assert time.process_time() - start < 1.0
            failing = trace(broken).steps[-1].name
            for repair in error.repairs:
                assert (trace(repair.network).error is None) == repair.complete
                check_range(broken, failing, repair)
            tried += 1
    assert tried > (key != "lstm-classifier")


@pytest.mark.parametrize(
    ("key", "layer", "name", "value", "first"),
    [
        ("shufflenet_v2_x1_0", "stage2.0.branch1.0", "kernel_size", 64, "kernel_size 3"),
        ("shufflenet_v2_x1_0", "stage2.0.branch2.3", "padding", "sam", "padding 1"),
        ("shufflenet_v2_x1_0", "stage2.0.branch1.2", "out_channels", 7, "out_channels 58 in stage2.0.branch1.2"),
        ("unet", "encoder1.conv1", "kernel_size", 64, "kernel_size 3 in encoder1.conv1"),
        ("unet", "encoder2.conv2", "stride", 3, "stride 1 in encoder2.conv2"),
        ("unet", "pool1", "kernel_size", 64, "kernel_size 2 in pool1"),
        ("unet", "pool2", "stride", 3, "no stride in pool2"),
    ],
)
def test_one_cause_that_shows_in_several_places_is_mended_where_it_is(key, layer, name, value, first):
    assert complete(PRESETS[key].with_argument(layer, name, value))[0] == first


def test_joins_that_do_not_fit_in_several_places_are_mended_together():
    def fc(name, width, *reads):
        return new("Linear", name, out_features=width, inputs=reads)

    rows = (fc("a", 4), fc("b", 5, "input"), new("Add", "ab", inputs=("a", "b")), fc("c", 3), fc("d", 6, "input"))
    network = Network((8,), (*rows, new("Add", "cd", inputs=("c", "d")), new("ReLU", "end")))
    error = trace(network).error
    assert error is not None
    assert error.repairs[0].label == "out_features 4 in b; out_features 3 in d"
    assert all(trace(repair.network).error is None for repair in error.repairs if repair.complete)
    third = replace(network, layers=(*network.layers, fc("e", 9, "input"), new("Add", "all", inputs=("end", "e"))))
    assert complete(third)[0] == "out_features 4 in b; out_features 3 in d; out_features 3 in e"


# --- what a teacher will meet -------------------------------------------------------------------------------------


def test_a_kernel_that_is_too_large():
    """12 would suit conv2, but leaves one cell, too few for pool2; 11 is the largest that makes the network run."""
    assert complete(SEED.with_argument("conv2", "kernel_size", 13)) == [
        "kernel_size 11 or less",
        "padding 1 or more",
        "remove pool1",
        "padding 2 in conv1",
        "an input of 1×32×32",
        "remove conv2",
    ]
    shorter = replace(SEED.remove("pool2"), classes=None)
    assert labels(shorter.with_argument("conv2", "kernel_size", 13))[0] == "kernel_size 12 or less"


def test_a_kernel_that_is_too_large_on_one_axis():
    assert labels(SEED.with_argument("conv2", "kernel_size", (13, 5)))[:2] == [
        "kernel_size (11, 5)",
        "padding 1 or more",
    ]


def test_groups_that_do_not_divide():
    assert labels(SEED.with_argument("conv2", "groups", 4)) == [
        "groups 3 or less",
        "groups 6",
        "out_channels 8 in conv1",
        "remove conv2",
    ]


def test_a_missing_flatten():
    """Linear runs without it, on the last axis only; the trace says so, and knows what was meant."""
    network = SEED.remove("flatten")
    step = trace(network).by_name["fc1"]
    assert step.error is None
    assert step.arguments["in_features"] == 4
    assert step.warning == (
        "Linear acts on the last axis only: of 12×4×4 it reads 4, its in_features, and the other axes stay. "
        "A Flatten before it would give it all 192 values."
    )
    repair = flatten_before(network, "fc1")
    assert repair is not None
    assert repair.label == "insert a Flatten before fc1"
    assert trace(repair.network).by_name["fc1"].arguments["in_features"] == 192
    assert trace(repair.network).parameters == 32_998


def test_a_layer_that_needs_a_flat_vector():
    network = Network((3, 8, 8), (new("Conv2d", "conv"), new("BatchNorm1d", "norm")))
    assert labels(network) == ["insert a Flatten before norm", "remove norm"]


def test_a_flatten_in_the_wrong_place():
    assert labels(SEED.move("flatten", 0)) == ["remove flatten", "move flatten after conv1 (then pool1 still fails)"]
    network = Network((1, 8, 8), (new("Flatten", "flat"), new("Conv2d", "conv"), new("Linear", "fc")))
    assert labels(network) == ["move flat after conv", "remove flat", "remove conv"]


def test_a_layer_for_other_axes():
    network = Network((3, 64), (new("Conv2d", "conv", kernel_size=(3, 5), out_channels=4), new("ReLU", "relu")))
    assert labels(network)[0] == "use Conv1d instead"
    error = trace(network).error
    assert error is not None
    assert error.repairs[0].network["conv"] == new("Conv1d", "conv", kernel_size=5, out_channels=4)


def test_an_image_that_is_too_small():
    network = PRESETS["lenet5"].with_input((1, 12, 12))
    assert "an input of 1×16×16" in labels(network)


@pytest.mark.parametrize(
    ("name", "value", "first"),
    [
        ("padding", "sam", "padding 0"),
        ("kernel_size", True, "kernel_size 3"),
        ("kernel_size", None, "kernel_size 3"),
        ("kernel_size", 2.0, "kernel_size 3"),
        ("kernel_size", (3, 3, 3), "kernel_size 3"),
        ("kernel_size", 0, "kernel_size 3"),
        ("stride", "2", "stride 1"),
        ("bias", 1, "bias True"),
        ("out_channels", (3, 3), "out_channels 16"),
        ("padding_mode", "zero", "padding_mode zeros"),
    ],
)
def test_a_value_of_the_wrong_kind(name, value, first):
    assert complete(SEED.with_argument("conv2", name, value))[0] == first


@pytest.mark.parametrize(
    ("layer", "first"),
    [
        (new("Dropout", p=2), "p 0.5"),
        (new("BatchNorm2d", eps=-1), "eps 1e-05"),
        (new("Upsample", scale_factor=None), "scale_factor 2"),
        (new("Upsample", size=5), "no size"),
        (new("Upsample", align_corners=True), "mode bilinear"),
        (new("Softmax", dim=7), "no dim"),
        (new("Softmax", dim=4), "no dim"),
        (new("GELU", approximate="fast"), "approximate none"),
        (new("PReLU", num_parameters=3), "num_parameters 1"),
        (new("PixelShuffle", upscale_factor=3), "upscale_factor 2 or less"),
        (new("LayerNorm", normalized_shape=(4, 4)), "no normalized_shape"),
        (new("GroupNorm", num_groups=3), "num_groups 2 or less"),
        (new("Unflatten", unflattened_size=(3, 2)), "unflattened_size (-1, 2)"),
        (new("Flatten", start_dim=0), "start_dim 1"),
        (new("Flatten", start_dim=3, end_dim=2), "start_dim 2"),
        (new("MaxPool2d", padding=2), "kernel_size 4"),
        (new("ConvTranspose2d", output_padding=1), "stride 2 or more"),
        (new("AdaptiveAvgPool2d", output_size=0), "output_size 1"),
        (new("ZeroPad2d", padding=-4), "padding -3"),
    ],
)
def test_the_first_repair_of_a_single_layer(layer, first):
    assert labels(Network((4, 8, 8), (layer,)))[0] == first


def test_two_unsound_values_have_no_single_repair():
    network = SEED.with_argument("conv2", "kernel_size", 0).with_argument("conv2", "stride", 0)
    assert labels(network) == ["remove conv2"]


def test_the_heads_width_is_not_repaired():
    network = PRESETS["all-convolutional"].with_argument("conv5", "groups", 7)
    assert not [label for label in labels(network) if label.startswith("out_channels")]
    after = PRESETS["all-convolutional"].insert(9, new("GroupNorm", "norm", num_groups=3))
    assert not [label for label in labels(after) if "conv5" in label]


def test_a_network_of_the_most_layers_gets_no_more():
    layers = (new("Conv2d", "conv"), *(new("ReLU", f"r{i}") for i in range(1022)), new("BatchNorm1d", "norm"))
    assert labels(Network((3, 8, 8), layers)) == ["remove norm"]


def test_a_single_layer_is_not_removed():
    assert labels(Network((4,), (new("MaxPool2d"),))) == []


def test_repairs_are_looked_for_when_asked_for():
    error = trace(SEED.with_argument("conv2", "kernel_size", 13)).error
    assert error is not None
    assert "repairs" not in vars(error)
    assert error.repairs is error.repairs


@pytest.mark.parametrize("row", ["layer2.0.conv2", "layer2.1.conv2", "layer3.0.downsample.0", "layer4.0.conv2"])
def test_a_repair_tears_no_block_apart_and_cuts_off_no_path(row):
    network = PRESETS["resnet18"].with_argument(row, "out_channels", 100)
    now = trace(network)
    assert now.error is not None
    assert now.error.repairs
    for repair in now.error.repairs:
        after = repair.network
        for block in ("layer2.0", "layer2.1", "layer3.0", "layer4.0"):
            places = [place for place, name in enumerate(after.names) if name.startswith(f"{block}.")]
            assert places == [*range(places[0], places[-1] + 1)], repair.label
        unread = [name for name in after.names if not after.users(name)]
        assert unread == ["fc"], repair.label
        new = {*after.names} - {*network.names}
        assert all(name.startswith(f"{now.steps[-1].name.rpartition('.')[0]}.") for name in new), repair.label


def new_rows(row: str) -> dict[str, set[str]]:
    """What each repair adds to a ResNet-18 in which that row makes 100 channels."""
    network = PRESETS["resnet18"].with_argument(row, "out_channels", 100)
    error = trace(network).error
    assert error is not None
    return {repair.label: {*repair.network.names} - {*network.names} for repair in error.repairs}


def test_what_mends_the_main_path_is_not_called_a_shortcut():
    names = new_rows("layer2.0.conv2")
    assert names["a 1×1 convolution to 128 channels on the way from layer2.0.bn2"] == {"layer2.0.conv3"}
    names = new_rows("layer3.0.downsample.0")
    assert names["a 1×1 convolution to 256 channels on the way from layer3.0.downsample.1"] == {"layer3.0.shortcut1"}


def test_padding_that_keeps_the_size_is_offered_as_a_number_where_the_stride_forbids_the_word():
    conv = CATALOGUE["Conv2d"]
    for kernel, dilation, wanted in ((3, 1, 1), (5, 2, 4), ((3, 5), 1, (1, 2))):
        chosen: dict[str, Any] = {
            "out_channels": 8,
            "kernel_size": kernel,
            "dilation": dilation,
            "padding": "same",
            "stride": 2,
        }
        error = trace(Network((3, 32, 32), (conv(name="conv1", **chosen),))).error
        assert error is not None
        found = error.repairs
        mended = next(repair.network for repair in found if repair.label == f"padding {wanted}")
        assert trace(mended).output_shape == (8, 16, 16)


@pytest.mark.parametrize("kind", ["Embedding", "EmbeddingBag"])
@pytest.mark.parametrize("value", [None, "a", 2.5, True, -3, 0, (1, 2), 10**9])
def test_a_table_without_a_sound_size_is_mended(kind: str, value: object) -> None:
    """What a file or a link may hold. How many indices there may be was once compared with it all the same."""
    rows = (new(kind, "embed", num_embeddings=value, embedding_dim=4),)
    network = Network((6,), rows, None, (Input("input", (6,), "indices", 50),))
    error = trace(network).error
    assert error is not None
    assert any(repair.complete for repair in error.repairs), error.message


# --- maps where a sequence is read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("LSTM", ""),
        ("GRU", ""),
        ("MultiheadAttention", ""),
        ("TransformerEncoderLayer", ", nhead 4"),
        ("TransformerDecoderLayer", ", nhead 4"),
        ("Transformer", ", nhead 4"),
    ],
)
def test_maps_before_a_layer_that_reads_sequences_become_one(kind, words):
    maps = Network((3, 16, 16), (new("Conv2d", "conv1", out_channels=12, kernel_size=3),))
    broken, name = insertion.with_layer(maps, "conv1", kind)
    if "nhead" in broken[name].chosen:
        broken = broken.with_argument(name, "nhead", 8)
    mends = f"make a sequence of the cells of conv1 (Flatten, Transpose){words}"
    assert mends in complete(broken)
    error = trace(broken).error
    assert error is not None
    (repair,) = (repair for repair in error.repairs if repair.label == mends)
    mended = trace(repair.network)
    assert mended.by_name[name].input_shape == (14 * 14, 12)
    made = module(repair.network)(torch.zeros(2, 3, 16, 16))
    assert made.shape[1:] == mended.output_shape
    assert sum(each.numel() for each in module(repair.network).parameters()) == mended.parameters
