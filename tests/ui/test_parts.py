"""The stage's parts, for every preset and for networks that do not run."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from torch import nn

from layerscope.changes import ripple
from layerscope.link import CHOICES, LinkError, View, decode, encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.edits import edited
from tests.large import large_last
from tests.legal import legal_network
from tests.oracle import random_network
from tests.ui.contract import check_stage

SEED = PRESETS[DEFAULT]


def shown(now: Network, before: Network | None = None, **view: Any) -> dict[str, Any]:
    """What the stage is handed, checked against its contract."""
    here = Session(network=now, before=before or now, view=View(**view))
    data = stage_data(here, ripple(trace(here.before), trace(now)))
    check_stage(data)
    return data


IN_ALL_VIEWS = (DEFAULT, "unet", "lstm-classifier")


def tiles(data: dict[str, Any]) -> dict[str, str]:
    return {total["key"]: total["value"] for total in data["totals"]}


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_every_preset_can_be_drawn_in_every_view(name, thorough):
    """A chain, one that branches and one that reads a sequence in all views; the others in one of each kind."""
    network = PRESETS[name]
    place, is_whole = list(PRESETS).index(name), thorough or name in IN_ALL_VIEWS
    for field, words in CHOICES.items():
        for word in words if is_whole else [words[place % len(words)]]:
            if network.is_chain or word != "code":
                shown(network, None, **{field: word})
    layers = list({layer.type: layer.name for layer in network.layers}.values())
    for layer in layers if is_whole else layers[place % 3 :: 3]:
        data = shown(network, selected=layer, details="formulas")
        assert data["panel"]["title"] == layer
        is_warned = any(step.warning for step in trace(network).steps)
        assert data["message"]["tone"] == ("warning" if is_warned else "rest")


@pytest.mark.parametrize("name", large_last(PRESETS))
def test_the_totals_are_torchs(name):
    network = PRESETS[name]
    steps = [step for step in trace(network).steps if step.parameters]
    modules = nn.Sequential(*(step.layer.torch_class(**step.arguments, device="meta") for step in steps))
    assert tiles(shown(network))["parameters"] == f"{sum(p.numel() for p in modules.parameters()):,}"


def test_the_courses_numbers_stand_in_the_totals():
    values = tiles(shown(SEED))
    assert values["parameters"] == "32,998"
    assert values["macs"] == "232,440"
    assert values["output"] == "10 classes"
    assert values["checks"].endswith("match")


def test_a_change_is_lit_wherever_it_shows():
    smaller = SEED.with_argument("conv1", "kernel_size", 3).with_argument("conv2", "kernel_size", 3)
    data = shown(smaller, SEED, selected="fc1")
    assert {"key": "fc1.in_features", "label": "fc1.in_features", "old": "192", "new": "300"} in data["message"][
        "changes"
    ]
    assert {"key": "parameters", "label": "parameters", "old": "32,998", "new": "44,710"} in data["message"]["changes"]
    total = data["totals"][0]
    assert (total["value"], total["change"]) == ("44,710", "was 32,998")
    lit = {item["key"] for item in data["outline"]["items"] if item["lit"]}
    assert {"conv1", "conv2", "pool2", "flatten", "fc1"} <= lit
    assert not {"fc2", "out"} & lit
    control = next(c for c in data["panel"]["controls"] if c["label"] == "in_features")
    assert (control["value"], control["lit"]) == ("300", "192 → 300")
    rows = {row["key"] for row in data["tables"][0]["rows"] if row["lit"]}
    assert rows == {"conv1.kernel_size", "conv2.kernel_size", "fc1.in_features"}


def test_what_cannot_run_is_shown_up_to_the_failure():
    data = shown(SEED.with_argument("conv2", "kernel_size", 13), SEED, selected="conv2")
    tones = {item["key"]: item["tone"] for item in data["outline"]["items"]}
    assert (tones["pool1"], tones["conv2"], tones["relu2"], tones["out"]) == ("ok", "error", "unreached", "unreached")
    assert data["message"]["tone"] == "error"
    assert "conv2 does not run" in data["message"]["title"]
    assert data["message"]["quote"]
    assert data["message"]["actions"]
    assert tiles(data)["output"] == "none"
    unreached = shown(SEED.with_argument("conv2", "kernel_size", 13), SEED, selected="fc1")
    assert unreached["panel"]["text"] == "Not reached: conv2 comes before it and does not run."


def test_the_panel_of_a_flatten_writes_its_product_out():
    assert shown(SEED, selected="flatten")["panel"]["text"].startswith("12×4×4 → 192 (12 × 4 × 4 = 192)")
    partly = SEED.remove("fc1").with_argument("flatten", "start_dim", 2)
    assert shown(partly, selected="flatten")["panel"]["text"].startswith("12×4×4 → 12×16 (4 × 4 = 16)")


def test_where_no_layer_runs_the_figures_say_nothing_rather_than_0():
    data = shown(SEED.with_argument("conv1", "kernel_size", 40))
    assert tiles(data) == dict.fromkeys(("parameters", "macs", "memory", "checks"), "–") | {"output": "none"}
    assert [total["change"] for total in data["totals"]] == [None] * 5
    later = shown(SEED.with_argument("conv2", "kernel_size", 40))
    assert tiles(later)["parameters"] == "156"
    assert later["totals"][0]["change"] == "up to conv2"
    assert tiles(shown(Network((4,), (), None)))["checks"] == "–"


@pytest.mark.parametrize("failing", SEED.names)
def test_a_failure_at_any_place_can_be_drawn(failing, thorough):
    culprit = PRESETS["alexnet"]["conv1"].with_chosen("groups", 7)
    broken = SEED.insert(SEED.index(failing), replace(culprit, name="culprit"))
    around = {"culprit", SEED.names[0], SEED.names[-1]}
    for selected in broken.names if thorough else [name for name in broken.names if name in around]:
        shown(broken, SEED, selected=selected)


def test_a_linear_layer_on_maps_is_pointed_out_and_can_be_mended():
    data = shown(SEED.remove("flatten"), SEED)
    assert data["message"]["tone"] == "warning"
    assert data["message"]["actions"] == [{"key": "flatten:fc1", "label": "Insert a Flatten before fc1"}]


def test_a_network_without_layers_can_be_drawn():
    data = shown(Network((1, 28, 28), ()))
    assert data["panel"] is None
    assert data["outline"]["items"] == []


def test_random_networks_can_be_drawn_whether_they_run_or_not(thorough):
    rng = Random(61)
    for turn in range(2_000 if thorough else 40):
        network = random_network(rng, bad=0.02) if turn % 3 else legal_network(rng)
        shown(
            network,
            edited(rng, network),
            selected=rng.choice((*network.names, "")),
            details=rng.choice(CHOICES["details"]),
        )


def test_whatever_a_link_holds_can_be_drawn(thorough):
    """Damaged links that still give a network, some of them with values that no control makes."""
    rng, drawn = Random(62), 0
    codes = [encode(PRESETS[name]) for name in (DEFAULT, "lenet5", "decoder")]
    codes.append("2x9x9~Conv2d.6.5.padding-2x1.bias-t~MaxPool2d.2x2.stride-n~LayerNorm.eps-1,5e-3~Upsample.size-4~GELU")
    tokens = (
        "n",
        "t",
        "f",
        "0",
        "-1",
        "1e300",
        "-1e300",
        "0,5",
        "9" * 19,
        "same",
        "1x2",
        "nx3",
        "1x1x1x1x1",
        "5x",
        "a",
    )
    while drawn < (3_000 if thorough else 40):
        parts = rng.choice(codes).split("~")
        place = rng.randrange(1, len(parts))
        words = parts[place].split(".")
        at = rng.randrange(len(words))
        words[at] = f"{words[at].split('-')[0]}-{rng.choice(tokens)}" if "-" in words[at] else rng.choice(tokens)
        parts[place] = ".".join(words)
        try:
            network = decode("~".join(parts))
        except LinkError:
            continue
        drawn += 1
        for selected in (network.names[min(place, len(network.names)) - 1], ""):
            shown(network, SEED, selected=selected)


def test_no_text_of_the_stage_holds_markup():
    text = json.dumps([shown(network) for network in PRESETS.values()], default=dict)
    assert "<script" not in text
    assert "javascript:" not in text


def test_of_many_repairs_three_are_seen_and_those_that_give_something_away_come_last():
    failing = PRESETS["resnet18"].with_argument("layer1.0.conv2", "stride", 2)
    data = stage_data(Session(network=failing), ripple(trace(failing), trace(failing)))
    actions = data["message"]["actions"]
    assert [action["more"] for action in actions] == [False] * 3 + [True] * 3
    notes = [bool(action["note"]) for action in actions]
    assert notes == sorted(notes)
    assert actions[-1]["note"] == "maxpool is then no longer joined: the skip connection is gone."
    assert [action["key"] for action in actions][:2] == ["repair:0", "repair:1"]
