"""The picture of channels, heights and features: the right values, in valid Plotly, texts apart from each other."""

import json
from itertools import combinations
from random import Random

import plotly.graph_objects as go
import pytest

from layerscope.figures.profile import description, legend, lines, places, profile
from layerscope.figures.theme import text_width
from layerscope.presets import PRESETS
from layerscope.tracing import trace
from tests.chains import CHAINS
from tests.oracle import random_network

VGG, SEED = trace(PRESETS["vgg16"]), trace(PRESETS["fashion-mnist-cnn"])


def values(seen, name):
    return next(line.values for line in lines(seen) if line.name == name)


def is_sound(figure):
    go.Figure(figure)
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_the_seed_networks_lines():
    assert [name for name, _ in places(SEED)] == ["Input", "conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "out"]
    assert values(SEED, "channels") == (1, 6, 6, 12, 12, None, None, None)
    assert values(SEED, "height") == (28, 24, 12, 8, 4, None, None, None)
    assert values(SEED, "features") == (None, None, None, None, None, 120, 60, 10)
    assert description(SEED) == "By layer: height from 28 to 4; channels from 1 to 12; features from 120 to 10."
    assert legend(SEED) == "■ height, ● channels, ◆ features"


def test_what_is_still_a_question_is_nowhere_in_the_picture():
    for seen in (VGG, SEED):
        assert [line.name for line in lines(seen, widths=False)] == ["height"]
        figure = profile(seen, widths=False)
        is_sound(figure)
        assert "×" not in json.dumps(figure, ensure_ascii=False)
        assert "channels" not in description(seen, widths=False) + legend(seen, widths=False)


@pytest.mark.parametrize("name", CHAINS)
def test_every_preset_is_sound_and_no_text_covers_another(name):
    seen, width = trace(PRESETS[name]), 560
    figure = profile(seen, width=width)
    is_sound(figure)
    margin = figure["layout"]["margin"]
    across, up = width - margin["l"] - margin["r"], 300 - margin["t"] - margin["b"]
    boxes = []
    for text in figure["layout"]["annotations"]:
        if text["xanchor"] == "center":
            wide = text_width(text["text"], text["font"]["size"])
            half = text["font"]["size"] * 0.62
            middle = text["y"] * up + text.get("yshift", 0) - (9 if text["yanchor"] == "top" else 0)
            boxes.append((text["x"] * across - wide / 2, text["x"] * across + wide / 2, middle - half, middle + half))
    for one, other in combinations(boxes, 2):
        apart = one[1] <= other[0] + 1 or other[1] <= one[0] + 1 or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)


def test_the_numbers_that_matter_are_written():
    written = {text["text"] for text in profile(VGG)["layout"]["annotations"]}
    assert {"64", "128", "256", "512", "224", "112", "56", "28", "14", "7", "4,096", "1,000"} <= written


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg16", "fashion-mnist-cnn"])
def test_as_wide_as_a_phone_every_number_is_written_large(name):
    seen = trace(PRESETS[name])
    texts = profile(seen, height=380, width=400)["layout"]["annotations"]
    written = [text["text"] for text in texts if text["font"]["size"] >= 16]
    for line in lines(seen):
        known = [value for value in line.values if value is not None]
        for value in (now for place, now in enumerate(known) if place == 0 or now != known[place - 1]):
            written.remove(f"{value:,}")
    assert written == []


def test_random_networks_are_sound():
    rng = Random(8)
    for _ in range(200):
        seen = trace(random_network(rng, bad=0.02))
        is_sound(profile(seen, width=rng.choice((340, 560, 900))))
        assert description(seen)
