"""The message above the list: what it tells of each kind of change, and how much of it."""

from typing import Any

import pytest

from layerscope import blocks
from layerscope.assignment import assigned
from layerscope.insertion import with_block
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui import events, state
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.branching import row
from tests.ui.contract import check_stage

SEED = PRESETS[DEFAULT]
RESNET, VIT = PRESETS["resnet18"], PRESETS["vit_b_16"]


def at(network: Network) -> Session:
    return Session(network=network, before=network, beginning=network)


def message(session: Session) -> dict[str, Any]:
    data = stage_data(session, state.current_ripple(session))
    check_stage(data)
    return dict(data["message"])


@pytest.mark.parametrize("kind", ["bottleneck", "inception", "inverted", "residual"])
def test_a_whole_block_is_one_change(kind):
    here = at(RESNET)
    here.commit(with_block(RESNET, "layer2.1.relu_1", kind)[0])
    told = message(here)
    assert (told["tone"], told["title"][:6]) == ("changed", "added ")


def test_a_copy_of_a_block_is_one_change():
    here = at(RESNET)
    copied, path = blocks.duplicated(RESNET, "layer3.0")
    here.commit(copied)
    assert message(here)["title"].startswith(f"added {path}")


def test_the_same_change_of_all_blocks_is_one_change_and_its_values_are_few():
    name = "encoder.layers.encoder_layer_0.mlp.0"
    here = at(VIT)
    events.apply(here, f"{name}.out_features", 1024, "commit")
    events.apply(here, "alike", None, "commit")
    here.before = VIT
    told = message(here)
    assert told["title"] == f"{name}.out_features 3072 → 1024 in 12 layers"
    assert [chip["label"] for chip in told["changes"]] == [
        "… encoder_layer_0.mlp.0.out_features and 11 alike",
        "… encoder_layer_0.mlp.3.in_features and 11 alike",
        "parameters",
    ]


def test_of_many_values_the_first_are_told_and_how_many_more():
    before = PRESETS["alexnet"]
    here = at(before)
    for name in ("conv1", "conv2", "conv3", "conv4", "conv5"):
        here.commit(here.network.with_argument(name, "out_channels", 32))
    here.before = before
    chips = message(here)["changes"]
    assert [chip["key"] for chip in chips[6:]] == ["more", "parameters"]
    assert chips[6]["label"].startswith("and ")


def test_another_network_is_no_change():
    here = at(SEED)
    here.commit(PRESETS["googlenet"])
    assert message(here)["tone"] == "rest"


def test_the_message_says_whether_a_hand_still_moves():
    here = at(SEED)
    events.apply(here, "conv1.kernel_size", 29, "input")
    assert message(here)["moving"] is True
    events.apply(here, "conv1.kernel_size", 29, "commit")
    assert message(here)["moving"] is False


def test_totals_of_what_fails_say_up_to_where_they_count():
    here = at(RESNET)
    here.commit(RESNET.with_argument("layer2.0.conv2", "out_channels", 100))
    tiles = {tile["key"]: tile["change"] for tile in stage_data(here, state.current_ripple(here))["totals"]}
    assert tiles == {
        "parameters": "up to layer2.0.add", "macs": "up to layer2.0.add", "memory": "up to layer2.0.add",
        "output": "was 1,000 classes", "checks": None,
    }  # fmt: skip


def test_a_control_of_a_module_that_is_called_again_changes_the_module():
    rows = [row("Conv2d", "enc.0", out_channels=8, kernel_size=3), row("ReLU", "relu")]
    rows += [
        row("Conv2d", "conv1", "input", out_channels=8, kernel_size=3, of="enc.0"),
        row("Add", "add", "relu", "conv1"),
    ]
    here = at(Network((3, 8, 8), tuple(rows)))
    events.apply(here, "select", "conv1", "commit")
    data = stage_data(here, state.current_ripple(here))
    assert data["panel"]["subtitle"] == "Conv2d, weights of enc.0"
    assert [item["type"] for item in data["outline"]["items"] if item["key"] == "conv1"] == ["Conv2d, weights of enc.0"]
    events.apply(here, "conv1.out_channels", 16, "commit")
    assert [here.network[name].chosen["out_channels"] for name in ("enc.0", "conv1")] == [16, 16]
    told = message(here)
    assert told["title"] == "enc.0.out_channels 8 → 16"
    assert told["tone"] == "changed"


def locked(network: Network, *free: str) -> Session:
    here = Session()
    here.adopt(assigned(network, free=free, rest="locked"))
    return here


def test_only_repairs_that_the_teachers_link_allows_are_offered_and_an_error_stays():
    here = locked(RESNET, "layer2.0.conv2.out_channels")
    events.apply(here, "layer2.0.conv2.out_channels", 100, "commit")
    told = message(here)
    assert [action["label"] for action in told["actions"]] == ["out_channels 128 in layer2.0.conv2"]
    events.apply(here, "repair:1", None, "commit")
    refused = message(here)
    assert refused["note"].startswith("Not possible: Locked by your teacher: the list of layers")
    assert (refused["title"], refused["actions"]) == (told["title"], told["actions"])
    events.apply(here, "repair:0", None, "commit")
    assert here.network == RESNET


def test_no_flatten_is_offered_where_layers_are_locked():
    assert not message(locked(SEED.remove("flatten"), "conv1.kernel_size"))["actions"]


def test_the_free_argument_of_a_module_is_free_wherever_it_is_called():
    rows = [row("Conv2d", "enc", out_channels=8, kernel_size=3), row("ReLU", "relu")]
    again = row("Conv2d", "again", "input", out_channels=8, kernel_size=3, of="enc")
    here = locked(Network((3, 8, 8), (*rows, again, row("Add", "add", "relu", "again"))), "enc.out_channels")
    events.apply(here, "select", "again", "commit")
    controls = stage_data(here, state.current_ripple(here))["panel"]["controls"]
    assert [control["argument"] for control in controls if control["kind"] == "range"] == ["out_channels"]
    events.apply(here, "again.out_channels", 16, "commit")
    assert (here.notice, here.network["enc"].chosen["out_channels"]) == ("", 16)
