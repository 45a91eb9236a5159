"""The presets are the networks whose names they bear."""

from hashlib import sha256
from typing import NamedTuple

import pytest
import torch

from layerscope.building import Built
from layerscope.formatting import compact
from layerscope.interchange import from_json, to_json
from layerscope.link import decode, encode
from layerscope.modules.reading import from_module
from layerscope.network import Network
from layerscope.presets import DEFAULT, GROUPED, PRESETS, SIZES, TITLES, key_of
from layerscope.tracing import trace
from tests import zoo
from tests.large import LARGE, large_last
from tests.oracle import compare


class Figures(NamedTuple):
    """What torchvision 0.28 says of a model: learnable values, multiply-accumulates of one image, and the names and
    shapes in its state_dict, their number and a digest of their sorted lines."""

    parameters: int
    macs: int
    tensors: int
    digest: str


TORCHVISION = {
    "resnet18": Figures(11_689_512, 1_814_073_344, 122, "5191d63ec3989592"),
    "resnet34": Figures(21_797_672, 3_663_761_408, 218, "f8de2a1812ef85e4"),
    "resnet50": Figures(25_557_032, 4_089_184_256, 320, "a87e91cd6bd1f939"),
    "resnet101": Figures(44_549_160, 7_801_405_440, 626, "dbc3ca74fffafc72"),
    "densenet121": Figures(7_978_856, 2_834_161_664, 727, "9c659ec278435e95"),
    "googlenet": Figures(6_624_904, 1_498_376_192, 344, "545eb1baab91f5d8"),
    "inception_v3": Figures(23_834_568, 5_713_216_096, 566, "fafa341565705812"),
    "squeezenet1_1": Figures(1_235_496, 349_151_936, 52, "3fbd2a746421cada"),
    "mobilenet_v2": Figures(3_504_872, 300_774_272, 314, "e3eb10f890f74c6e"),
    "mobilenet_v3_small": Figures(2_542_856, 56_510_400, 244, "8fee267f118ca2d7"),
    "efficientnet_b0": Figures(5_288_548, 385_814_752, 360, "98a6d92c040c4bca"),
    "shufflenet_v2_x1_0": Figures(2_278_604, 144_907_992, 338, "c54ed350c00fa178"),
    "convnext_tiny": Figures(28_589_128, 4_455_531_264, 182, "ddd0f74f783edf2b"),
    "vit_b_16": Figures(86_567_656, 17_563_828_224, 152, "2c2360f6707280a8"),
}
OTHERS = {"unet", "textcnn", "lstm-classifier", "transformer-classifier"}
"""Further networks that branch, or read words."""
MAPS = {"decoder": (1, 28, 28), "unet": (1, 256, 256)}
"""What those give that do not classify."""


def types(key: str) -> list[str]:
    return [layer.type for layer in PRESETS[key].layers]


def values(key: str, argument: str, kind: str) -> list[object]:
    return [layer.chosen[argument] for layer in PRESETS[key].layers if layer.type == kind]


def test_there_are_those_that_others_rely_on():
    assert {"fashion-mnist-cnn", "lenet5", "alexnet", "vgg16", *TORCHVISION, *OTHERS} <= set(PRESETS)
    assert DEFAULT in PRESETS
    assert set(TITLES) == set(PRESETS)
    assert len(set(TITLES.values())) == len(PRESETS)


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_runs(key):
    traced = trace(PRESETS[key])
    assert traced.error is None
    assert traced.agrees
    assert traced.output_shape == ((PRESETS[key].classes,) if PRESETS[key].classes else MAPS[key])
    sized = f"{len(traced.steps)} layers, {compact(traced.parameters)} parameters"
    assert SIZES[key] == sized, f"its Entry in presets.py should say {len(traced.steps)}, {traced.parameters:_}"


def test_menus_show_each_group_in_one_piece():
    groups = [GROUPED[key].removesuffix(f" · {TITLES[key]}") for key in PRESETS]
    runs = [group for place, group in enumerate(groups) if groups[place - 1] != group]
    assert len(runs) == len(set(groups)) > 5
    assert groups[0] == "Classic"
    assert next(iter(PRESETS)) == DEFAULT


@pytest.mark.parametrize("key", [*TORCHVISION, *sorted(OTHERS)])
def test_a_preset_comes_back_from_its_link_and_its_json(key):
    assert decode(encode(PRESETS[key])) == PRESETS[key]
    assert from_json(to_json(PRESETS[key])) == PRESETS[key]


def test_links_of_large_networks_are_short():
    assert len(encode(PRESETS["resnet18"])) <= 1_000
    assert len(encode(PRESETS["densenet121"])) <= 3_000


def test_presets_are_built_once():
    assert PRESETS["resnet18"] is PRESETS["resnet18"]
    assert "resnet" not in PRESETS
    with pytest.raises(KeyError):
        PRESETS["resnet"]


def described(state: dict[str, torch.Tensor]) -> list[str]:
    """The names and shapes of a state_dict, sorted."""
    return sorted(f"{key} {tuple(value.shape)}" for key, value in state.items())


def unfilled(network: Network) -> Built:
    """The network's module on the meta device, where its weights take no room."""
    with torch.device("meta"):
        return Built(trace(network))


@pytest.mark.parametrize("key", TORCHVISION)
def test_torchvisions_models_have_its_figures(key):
    figures = TORCHVISION[key]
    traced = trace(PRESETS[key])
    assert traced.parameters == figures.parameters
    assert traced.macs == figures.macs
    lines = described(unfilled(PRESETS[key]).state_dict())
    assert len(lines) == figures.tensors
    assert sha256("\n".join(lines).encode()).hexdigest()[:16] == figures.digest


@pytest.mark.skipif(not zoo.HAS_TORCHVISION, reason="torchvision is not installed; its recorded figures are compared")
@pytest.mark.parametrize("key", TORCHVISION)
def test_they_are_torchvisions_models(key, thorough):
    network = PRESETS[key]
    model = zoo.without_auxiliary_heads(key)
    ours = unfilled(network)
    assert described(ours.state_dict()) == described(model.state_dict())
    assert sum(value.numel() for value in model.parameters()) == trace(network).parameters
    assert zoo.macs(model, network.input_shape[-1]) == trace(network).macs
    if key in {*LARGE, "vit_b_16"} and not thorough:
        return  # vit_b_16 takes images of one size only
    side = {"inception_v3": 96, "vit_b_16": 224}.get(key, 64)
    model = zoo.filled(model)
    ours.load_state_dict(model.state_dict(), assign=True)
    images = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = model(images)
        assert wanted.std() > 0
        assert torch.equal(ours.eval()(images), wanted)


@pytest.mark.parametrize("key", [key for key in PRESETS if PRESETS[key].is_chain and trace(PRESETS[key]).macs < 10**8])
def test_small_presets_really_run(key):
    assert compare(trace(PRESETS[key])) is None


def test_the_seed_network_has_the_names_of_the_course():
    assert PRESETS["fashion-mnist-cnn"].names == (
        "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2", "relu4", "out",
    )  # fmt: skip


@pytest.mark.parametrize(("key", "convolutions"), [("vgg11", 8), ("vgg13", 10), ("vgg16", 13), ("vgg19", 16)])
def test_vgg_has_its_number_of_layers_with_weights(key, convolutions):
    assert types(key).count("Conv2d") == convolutions
    assert types(key).count("Conv2d") + types(key).count("Linear") == int(key.removeprefix("vgg"))
    assert set(values(key, "kernel_size", "Conv2d")) == {3}
    assert types(key).count("MaxPool2d") == 5


def test_alexnet_is_torchvisions():
    assert values("alexnet", "out_channels", "Conv2d") == [64, 192, 384, 256, 256]
    assert values("alexnet", "kernel_size", "Conv2d") == [11, 5, 3, 3, 3]
    assert trace(PRESETS["alexnet"]).by_name["flatten"].output_shape == (9_216,)


def test_the_separable_one_looks_at_one_channel_at_a_time():
    traced = trace(PRESETS["depthwise-separable"])
    depthwise = [s for s in traced.steps if s.type == "Conv2d" and s.arguments["groups"] > 1]
    assert len(depthwise) == 3
    assert all(step.weight_shape is not None and step.weight_shape[1] == 1 for step in depthwise)


def test_unet_is_as_wide_as_the_one_of_torch_hub():
    network = PRESETS["unet"]
    assert trace(network).parameters == 7_763_041
    assert {name: len(network.before(name)) for name in network.names if name.startswith("cat")} == {
        "cat4": 2, "cat3": 2, "cat2": 2, "cat1": 2,
    }  # fmt: skip
    assert network.before("cat1") == ("upconv1", "encoder1.relu2")


def test_those_that_read_words_take_indices():
    for key in ("textcnn", "lstm-classifier", "transformer-classifier"):
        (given,) = PRESETS[key].inputs
        assert given.kind == "indices"
        assert given.high == PRESETS[key]["embedding"].chosen["num_embeddings"]


def test_a_dense_layer_reads_all_before_it():
    network = PRESETS["densenet121"]
    assert network.before("features.denseblock1.denselayer1.norm1") == ("features.pool0",)
    assert network.before("features.denseblock1.denselayer3.cat") == (
        "features.pool0", "features.denseblock1.denselayer1.conv2", "features.denseblock1.denselayer2.conv2",
    )  # fmt: skip


@pytest.mark.parametrize("name", PRESETS)
def test_no_known_network_is_warned_about(name: str) -> None:
    """A Linear on sequences and on permuted images is meant to act on the last axis, and is not warned about."""
    assert [step.name for step in trace(PRESETS[name]).steps if step.warning] == []


def test_a_network_that_writes_in_place_is_still_the_preset_and_a_changed_one_is_not():
    for key in ("resnet18", "alexnet", DEFAULT):
        network = PRESETS[key]
        activations = [layer.name for layer in network.layers if "inplace" in layer.chosen]
        assert activations
        written = network
        for name in activations:
            written = written.with_argument(name, "inplace", True)
        assert written != network
        assert key_of(network) == key_of(written) == key
        first = next(layer.name for layer in network.layers if layer.type == "Conv2d")
        wider = network[first].chosen["out_channels"] + 2
        assert key_of(written.with_argument(first, "out_channels", wider)) is None
        assert key_of(written.with_classes(3)) is None
        renamed = network.with_names({activations[0]: "act", first: first})
        assert key_of(renamed) == key
        assert key_of(network.with_names({first: "another"})) == key


@pytest.mark.skipif(not zoo.HAS_TORCHVISION, reason="torchvision is not installed")
@pytest.mark.parametrize("key", large_last(["resnet18", "densenet121", "mobilenet_v2"]))
def test_torchvisions_own_model_is_known_by_its_name(key):
    network = from_module(zoo.without_auxiliary_heads(key), (1, *PRESETS[key].input_shape))
    assert key_of(network) == key
