"""The chart by layer: the right heights, in valid Plotly, for every measure and scale."""

import json
import re
from itertools import product
from math import floor, log2
from random import Random
from typing import Any

import plotly.graph_objects as go
import pytest

from layerscope.catalogue import CATALOGUE
from layerscope.figures.bars import HEIGHT, MOST_RIGHT, bars, description, legend
from layerscope.figures.measures import Measure, Scale
from layerscope.figures.theme import CLEAR
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.large import large_last
from tests.oracle import random_network

SEED = PRESETS["fashion-mnist-cnn"]
LAYERS: dict[str, Any] = dict(CATALOGUE)
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
CASES = list(product(Measure, Scale))


def is_sound(figure):
    go.Figure(figure)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    assert figure["data"][-1]["customdata"]


def values(figure):
    """The texts above the columns by layer."""
    written = [text for text in figure["layout"]["annotations"] if "name" in text and text["yanchor"] == "bottom"]
    return {text["name"]: text["text"].replace("<b>", "").replace("</b>", "") for text in written}


def names(figure):
    """The texts below the columns."""
    return [text["text"] for text in figure["layout"]["annotations"] if text["yanchor"] == "top"]


def tops(figure):
    """Where each coloured column ends."""
    return sorted(
        base + y
        for t in figure["data"]
        for base, y, colour in zip(t["base"], t["y"], t["marker"]["color"], strict=True)
        if colour != CLEAR
    )


@pytest.mark.parametrize(("measure", "scale"), CASES)
@pytest.mark.parametrize("name", large_last(CHAINS))
def test_every_preset_is_sound(name, measure, scale):
    whole = trace(PRESETS[name])
    for width, large in ((340, False), (640, False), (900, True)):
        figure = bars(whole, measure, scale, whole.steps[0].name, width=width, large=large)
        is_sound(figure)


def test_random_networks_are_sound(thorough):
    rng = Random(5)
    for _ in range(1_500 if thorough else 60):
        network = random_network(rng)
        whole = trace(network)
        measure, scale = rng.choice(CASES)
        is_sound(bars(whole, measure, scale, rng.choice([None, *network.names]), frozenset(network.names[:2])))
        assert description(whole, measure)


@pytest.mark.parametrize(("measure", "scale"), CASES)
def test_an_empty_network_is_sound(measure, scale):
    whole = trace(Network((1, 4, 4), (), None))
    go.Figure(bars(whole, measure, scale))
    assert description(whole, measure)


def test_values_above_the_columns():
    whole = trace(SEED)
    weights = values(bars(whole))
    assert weights["fc1"] == "23.2k<br>70%"
    assert weights["conv1"] == "156<br>0.5%"
    assert weights["pool1"] == "0"
    assert values(bars(whole, Measure.MACS))["conv2"] == "115k"
    assert values(bars(whole, Measure.MEMORY))["conv1"] == "13.5 KiB"
    assert values(bars(whole, Measure.RECEPTIVE_FIELD))["pool2"] == "16×16"
    assert values(bars(whole, Measure.RECEPTIVE_FIELD))["fc1"] == "whole"


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "vgg16"])
def test_the_side_of_a_chart_of_bytes_counts_in_the_unit_it_names(name, scale):
    written = [
        text["text"] for text in bars(trace(PRESETS[name]), Measure.MEMORY, scale)["layout"]["annotations"]
        if text.get("xanchor") == "right"
    ]  # fmt: skip
    sizes = [float(words.split()[0]) * UNITS[words.split()[1]] for words in written if words != "0 B"]
    assert len(sizes) >= 3
    assert {size / 2 ** floor(log2(size)) for size in sizes} <= {1, 1.25, 1.5}, "powers of 2, or some of one"


@pytest.mark.parametrize("scale", Scale)
def test_weights_and_biases_are_stacked(scale):
    ends = [round(top) for top in tops(bars(trace(SEED), Measure.WEIGHTS, scale))]
    assert ends == sorted([150, 156, 1800, 1812, 23040, 23160, 7200, 7260, 600, 610])


def test_a_log_axis_has_no_column_for_nothing():
    figure = bars(trace(SEED), Measure.MACS, Scale.LOG)
    assert [round(top) for top in tops(figure)] == sorted([86_400, 115_200, 23_040, 7_200, 600])
    assert values(figure)["relu1"] == "0"


def test_layers_without_weights_leave_where_it_is_crowded():
    ticks = names(bars(trace(PRESETS["vgg19"])))
    assert not any("relu" in tick or "pool" in tick for tick in ticks)
    assert any("conv1" in tick for tick in ticks)


@pytest.mark.parametrize("large", [False, True])
def test_the_largest_value_is_always_written(large):
    for name in CHAINS:
        whole = trace(PRESETS[name])
        largest = max(whole.steps, key=lambda step: step.parameters).name
        assert largest in values(bars(whole, large=large))


@pytest.mark.parametrize(("large", "high"), [(False, 205), (True, 208)])
def test_the_highest_value_has_room_in_a_picture_as_high_as_the_app_has_at_1280_by_800(large, high):
    for name in ("googlenet", "vgg16", "fashion-mnist-cnn"):
        figure = bars(trace(PRESETS[name]), large=large)
        margin, texts = figure["layout"]["margin"], figure["layout"]["annotations"]
        for text in texts:
            if text["yanchor"] == "bottom":
                lines = text["text"].count("<br>") + 1
                over = (high - margin["t"] - margin["b"]) * (1 - text["y"]) - text["yshift"]
                assert over + margin["t"] >= 1.3 * lines * text["font"]["size"]


def test_one_long_name_does_not_squeeze_the_columns():
    last = SEED.names[-1]
    figure = bars(trace(SEED.rename(last, "residual1.se1.bottleneck1.dense1.inception1.inverted1.bn3")))
    assert figure["layout"]["margin"]["r"] <= MOST_RIGHT
    assert any("inverted1.bn3" in name for name in names(figure))


def test_a_failing_layer_keeps_its_place():
    whole = trace(SEED.with_argument("conv2", "kernel_size", 13))
    for width in (340, 640):
        figure = bars(whole, width=width)
        assert values(figure)["conv2"] == "✕"
        assert values(figure)["fc1"] == "–"
    narrow = trace(SEED.with_argument("pool2", "kernel_size", 60))
    assert values(bars(narrow, width=340))["pool2"] == "✕"


def test_the_changed_and_the_selected_are_marked_without_colour():
    figure = bars(trace(SEED), selected="conv1", changed=frozenset({"fc1"}))
    assert "<b>conv1</b>" in names(figure)
    for chart in (figure, bars(trace(PRESETS["vgg19"]), changed=frozenset({"fc1"}))):
        assert [item["name"] for item in chart["layout"]["annotations"] if item["text"] == "◆"] == ["fc1"]


@pytest.mark.parametrize("width", [340, 640])
@pytest.mark.parametrize("name", CHAINS)
def test_a_change_moves_no_name_and_no_border(name, width):
    whole = trace(PRESETS[name])
    calm = bars(whole, selected=whole.steps[0].name, width=width)
    lit = bars(whole, selected=whole.steps[0].name, changed=frozenset(whole.by_name), width=width)
    assert calm["layout"]["margin"] == lit["layout"]["margin"]
    if width == 640 and len(whole.steps) < 14:
        where = [
            [(t["name"], t["x"], t.get("yshift")) for t in figure["layout"]["annotations"] if t["yanchor"] == "top"]
            for figure in (calm, lit)
        ]
        assert where[0] == where[1]


def test_the_legend_tells_the_patterns():
    whole = trace(SEED)
    assert legend(whole, Measure.WEIGHTS) == "▨ biases"
    assert legend(whole, Measure.MACS) == ""
    volume = Network((1, 9, 9, 9), (LAYERS["Conv3d"](name="conv1", out_channels=2, kernel_size=(1, 3, 5)),), None)
    assert legend(trace(volume), Measure.RECEPTIVE_FIELD) == "■ depth, ▨ height, ⁙ width"


def test_uneven_receptive_fields_have_a_column_for_each_axis():
    layer = LAYERS["Conv2d"](name="conv1", out_channels=2, kernel_size=(3, 5))
    figure = bars(trace(Network((1, 20, 20), (layer,), None)), Measure.RECEPTIVE_FIELD)
    assert tops(figure) == [3, 5]


def test_two_hundred_layers():
    rows = [LAYERS["Conv2d"](name=f"conv{i}", out_channels=4, kernel_size=1) for i in range(200)]
    figure = bars(trace(Network((3, 32, 32), tuple(rows), None)), selected="conv77", width=340)
    is_sound(figure)
    assert len(names(figure)) < 30
    assert "conv77" in values(figure)


def test_the_description_mentions_the_totals():
    whole = trace(SEED)
    assert "32,998 in total" in description(whole)
    assert "fc1 23,160 (70%)" in description(whole)
    assert "232,440 in total" in description(whole, Measure.MACS)
    assert f"{whole.activation_bytes:,} in total" in description(whole, Measure.MEMORY)
    assert "whole" in description(whole, Measure.RECEPTIVE_FIELD)


@pytest.mark.parametrize("name", ["fashion-mnist-cnn", "vgg16", "mobilenet_v2"])
@pytest.mark.parametrize("measure", Measure)
def test_no_line_of_the_grid_crosses_a_value(name, measure):
    drawn = bars(trace(PRESETS[name]), measure, base=PRESETS[name])["layout"]
    path = drawn["shapes"][0]["path"]
    lines = [tuple(float(x) for x in re.findall("[ML]([-0-9.]+),", part)) for part in re.findall("M[^M]+", path)]
    heights = [float(up) for up in re.findall("M[^,]+,([0-9.e+]+)L", path)]
    assert heights
    values = [text for text in drawn["annotations"] if text["yanchor"] == "bottom"]
    margin, (low, high) = drawn["margin"], drawn["yaxis"]["range"]
    inner = HEIGHT - margin["b"] - margin["t"]
    for text in values:
        foot = text["y"] + text.get("yshift", 0) / inner
        head = foot + (text["text"].count("<br>") + 1) * 1.3 * text["font"]["size"] / inner
        middle = text["x"] * drawn["xaxis"]["range"][1] + (1 - text["x"]) * -0.5
        for (start, end), up in zip(lines, heights, strict=True):
            part = (up - low) / (high - low)
            assert not (foot < part < head and start < middle < end), text["text"]
