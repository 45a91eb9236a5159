"""Lessons 3 and 7 on networks of every kind: right answers, other kernels, and networks that they cannot show."""

from base64 import b64decode
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from layerscope.catalogue import CATALOGUE
from layerscope.network import Network
from layerscope.presets import PRESETS
from layerscope.study.hands import EVERY, Hand
from layerscope.study.samples import sample
from layerscope.ui import inside
from layerscope.ui.lessons import kernel, sliding
from layerscope.ui.lessons.moving import Slider
from layerscope.ui.looking import Looking
from tests.large import in_turns
from tests.test_lessons import opened, waiting, walked, words

LAYERS: dict[str, Any] = dict(CATALOGUE)
COURSE = PRESETS["fashion-mnist-cnn"]
SCREEN: Any = SimpleNamespace(is_narrow=False)


def network(shape, *rows):
    layers = [LAYERS[kind](name=f"layer{i}", **arguments) for i, (kind, arguments) in enumerate(rows)]
    return Network(shape, tuple(layers))


ODD = {
    "one axis": network((2, 40), ("Conv1d", {"out_channels": 4, "kernel_size": 7})),
    "three axes": network((1, 9, 9, 9), ("Conv3d", {"out_channels": 4, "kernel_size": (1, 3, 5)})),
    "uneven": network((3, 20, 20), ("Conv2d", {"out_channels": 5, "kernel_size": (1, 9), "bias": False})),
    "one cell": network((4, 6, 6), ("Conv2d", {"out_channels": 1, "kernel_size": 1})),
    "even kernel": network((4, 30, 30), ("Conv2d", {"out_channels": 6, "kernel_size": 4})),
    "grouped": network((8, 30, 30), ("Conv2d", {"out_channels": 16, "kernel_size": 3, "groups": 4})),
    "wide": network((3, 9, 9), ("Conv2d", {"out_channels": 4096, "kernel_size": 3})),
}
NONE = network((20,), ("Linear", {"out_features": 3}))


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("kernel", {"depth": "6", "filters": "12", "kernels": "72", "maps": "6", "flat": "0"}),
        ("sliding", {"keep": "2", "size": "4", "unread": "1", "cover": "9", "groups": "900"}),
    ],
)
def test_the_course_networks_answers(key, answers):
    app = opened(key, answers="~".join(f"{question}:{answer}" for question, answer in answers.items()))
    assert waiting(app) is None
    assert f"{len(answers)} of {len(answers)} right" in words(app)


@pytest.mark.parametrize(
    ("odd", "key"), in_turns([*ODD, "depthwise-separable", "all-convolutional"], ["kernel", "sliding"], each=1)
)
def test_odd_networks_are_shown_or_said_to_lack_something(key, odd):
    shown = ODD.get(odd) or PRESETS[odd]
    app, asked = walked(key, shown)
    assert len(asked) == 5
    assert not app.error
    lacks = {"kernel": kernel, "sliding": sliding}[key].needs(shown)
    assert (f"cannot use your network: {lacks}." in words(app)) == bool(lacks)


def test_a_network_without_convolutions_gives_way_to_the_courses():
    assert kernel.needs(NONE) == "it has no convolution"
    assert sliding.needs(NONE).startswith("it has no Conv2d")
    assert "It shows the default network instead." in words(opened("kernel", network=NONE))


@pytest.mark.parametrize("shown", [COURSE, *ODD.values(), *PRESETS.values()])
def test_every_kernel_of_the_block_can_be_lit(shown):
    if kernel.needs(shown):
        return
    step, weight = kernel._shown(shown)
    for filter_ in {0, weight[0] // 2, weight[0] - 1}:
        for depth in {0, weight[1] - 1}:
            told = kernel._lit(SCREEN, step, weight, {"filter": filter_, "kernel": depth})["message"]
            channel = filter_ // (weight[0] // step.arguments["groups"]) * weight[1] + depth
            assert channel < step.input_shape[0]
            assert f"reads input channel {channel}." in told["text"]
            assert ("and one bias" in told["text"]) == (step.bias_shape is not None)


def test_the_last_filter_of_a_grouped_layer_reads_the_last_channels():
    step, weight = kernel._shown(ODD["grouped"])
    told = kernel._lit(SCREEN, step, weight, {"filter": 15, "kernel": 1})["message"]
    assert told["title"] == "layer0.weight[15, 1]"
    assert told["tone"] == "rest"  # nothing was achieved: no tick
    assert "reads input channel 7." in told["text"]


def spans(sliders: list[Slider]) -> dict[str, tuple[int, int]]:
    return {slider.key: (slider.low, slider.high) for slider in sliders}


def test_the_kernel_at_work_is_the_card_that_explore_has():
    network = kernel._alone(5, kernel.SIDE)
    begin = Looking("shirt", hands=(Hand(kernel.CONV, 0, EVERY, "vertical"),))
    scene = inside.card(network, kernel.CONV, begin)["inside"]
    assert (scene["kernel"], scene["map"], scene["bias"]) == ((5, 5), (24, 24), None)
    assert scene["hand"]["value"] == "vertical"
    sums = torch.frombuffer(bytearray(b64decode(scene["sums"])), dtype=torch.float32).reshape(24, 24)
    shirt = sample("shirt", (1, 28, 28))[0]
    assert sums[7, 5] == pytest.approx(float(shirt[7:12, 8:10].sum() - shirt[7:12, 5:7].sum()), abs=1e-5)


def test_every_combination_is_drawn_or_refused_in_torchs_words():
    subject = sliding._subject(COURSE)
    assert subject is not None
    ends = spans(sliding._sliders(subject))
    refused = 0
    numbers = product((1, 5, 7), ends["stride"], ends["padding"], ends["dilation"], (1, 2, 4))
    for arguments in (dict(zip(ends, values, strict=True)) for values in numbers):
        parts = sliding._tried(subject, False, arguments)
        assert parts["figures"][0]["data"]
        height = (subject.step(**arguments).output_shape or (0, 0, 0))[1]
        if height == 0:
            refused += 1
            assert parts["message"]["tone"] == "error"
            assert parts["message"]["quote"]
            assert "Traceback" not in parts["message"]["quote"]
        else:
            assert parts["message"]["title"].startswith(f"12 → {height};")
            assert f"= {height}, and PyTorch says {height}" in parts["message"]["text"]
    assert refused >= 24


def test_the_table_gives_our_value_beside_torchs():
    subject = sliding._subject(COURSE)
    assert subject is not None
    arguments = {"kernel_size": 5, "stride": 1, "padding": 0, "dilation": 1, "groups": 2}
    table = sliding._tried(subject, False, arguments)["tables"][0]
    cells = {row["cells"][0]: row["cells"][2:] for row in table["rows"]}
    assert cells["parameters"] == ["12·(6 / 2)·5·5 + 12 = 912", "912"]
    assert cells["output height"] == ["floor((12 + 2·0 − 1·(5 − 1) − 1) / 1) + 1 = 8", "8"]
