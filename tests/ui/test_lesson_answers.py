"""The lessons of calls, decisions and counts on many networks, walked through without a screen."""

import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

import plotly.graph_objects as go
import pytest
from torch import nn

from layerscope import building
from layerscope.catalogue import CATALOGUE
from layerscope.layers.linear import Linear
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.study.quiz.networks import Difficulty
from layerscope.study.quiz.networks import random_network as drawn
from layerscope.tracing import trace
from layerscope.ui.lessons import anatomy, counting, decides, progress, skips, tradeoffs
from layerscope.ui.lessons.moving import Choice, Slider
from tests.large import LARGE
from tests.oracle import random_network

LESSONS = {"anatomy": anatomy, "decides": decides, "counting": counting, "skips": skips, "tradeoffs": tradeoffs}
SEED = PRESETS[DEFAULT]
MANY = 16


@dataclass
class Visit:
    """A page whose visitor answers so many questions; everything that was asked and shown is kept."""

    network: Network
    answered: int = 99
    is_course: bool = False
    asked: dict[str, tuple[str, str, str, tuple[str, ...]]] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def trace(self) -> Trace:
        return trace(self.network)

    @property
    def width(self) -> float:
        return 640.0

    @property
    def strip_height(self) -> float:
        return 216.0

    def next_row(self):
        """Where things stand is for the browser's tests."""

    def say(self, text):
        assert text

    tell = say

    def predict(self, key, question, answer, why, options=(), also=""):
        assert key not in self.asked
        self.asked[key] = (question, answer, why, tuple(options))
        return len(self.asked) <= self.answered

    def figures(self, key, figures=(), **parts):
        self.shown.append({"figures": list(figures), **parts})

    def moving(self, key, sliders, show, *, above=False):
        assert all(control.within(control.value) == control.value for control in sliders)
        usual = {control.key: control.value for control in sliders}
        self.shown += [show(usual | {control.key: value}) for control in sliders for value in ends(control)]


def ends(control):
    """Values that a control of a lesson may have."""
    match control:
        case Slider():
            return control.low, control.value, control.high
        case Choice():
            return control.options
        case _:
            return False, True


def walk(name, network, answered=99):
    visit = Visit(network, answered)
    LESSONS[name].body(visit)
    return visit


def suitable(name, count):
    """Random networks that run and that the lesson accepts, out of `count` or as many as it takes for six."""
    found: list[Network] = []
    chance, tried = Random(6), 0
    while tried < count or (len(found) < 6 and tried < max(2_400, 30 * count)):
        tried += 1
        network = drawn(chance, Difficulty.MEDIUM) if name in ("skips", "tradeoffs") else random_network(chance)
        if trace(network).error is None and not LESSONS[name].needs(network):
            found.append(network)
    return found


def check(visit):
    questions = [question for question, *_ in visit.asked.values()]
    assert len(questions) >= 2
    assert len(set(questions)) == len(questions)
    for key, (_, answer, why, options) in visit.asked.items():
        assert why
        assert not options or (answer in options and len(set(options)) == len(options) > 1)
        assert progress.decode(progress.encode({key: answer})) == {key: answer}
        assert sum(progress.is_right(option, answer) for option in options or (answer,)) == 1
        assert all(progress.decode(progress.encode({key: option})) == {key: option} for option in options)
    for parts in visit.shown:
        json.dumps(parts, allow_nan=False)
        for figure in parts["figures"]:
            if "code" not in figure:
                go.Figure(data=figure["data"], layout=figure["layout"])


@pytest.mark.parametrize("name", LESSONS)
def test_every_preset_that_is_accepted_can_be_walked(name, thorough):
    networks = [network for key, network in PRESETS.items() if thorough or key not in LARGE]
    accepted = [network for network in networks if not LESSONS[name].needs(network)]
    assert SEED in accepted
    for network in accepted:
        check(walk(name, network))


@pytest.mark.parametrize("name", LESSONS)
def test_random_networks_can_be_walked(name, thorough):
    count = MANY // 4 if name == "tradeoffs" else MANY  # each of its networks is swept
    networks = suitable(name, count * (100 if thorough else 1))
    assert len(networks) > 5
    for network in networks:
        check(walk(name, network))


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_network_lacks_is_said_in_a_clause(name):
    said = LESSONS[name].needs(Network((4,), (), None))
    assert said
    assert said[-1] != "."


def test_each_lesson_says_what_it_lacks():
    assert counting.needs(PRESETS["decoder"]) == "it has no convolution with a linear layer after it"
    assert counting.needs(PRESETS["all-convolutional"]) != ""
    for lesson in (decides, anatomy):
        assert lesson.needs(Network((4,), (CATALOGUE["ReLU"].fresh("relu1"),))) != ""


def test_a_call_that_passes_everything_has_a_question_too():
    layer = Linear(name="fc1", out_features=2, bias=False)
    question, answer, *_ = walk("anatomy", Network((4,), (layer,))).asked["default"]
    assert ("bias" in question, answer) == (True, "True")


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("anatomy", ["5", "out_channels", "the same layer", "none, an error", "1"]),
        (
            "decides",
            [
                *("the data", "you", "you", "the layer before", "the layer before", "the data"),
                *("conv1.in_channels", "out.out_features"),
            ],
        ),
        ("counting", ["1,812", "610", "fc1", "300", "more"]),
    ],
)
def test_the_course_s_answers(name, answers):
    assert [answer for _, answer, *_ in walk(name, SEED).asked.values()] == answers


def test_the_quoted_words_are_python_s():
    with pytest.raises(TypeError) as refused:
        nn.Conv2d(5, 12, in_channels=6)  # type: ignore[call-arg, misc]
    assert str(refused.value) in walk("anatomy", SEED).asked["twice"][2]


def texts(parts):
    return json.dumps({key: value for key, value in parts.items() if key != "message"})


@pytest.mark.parametrize("preset", ["resnet18", "resnet50", "alexnet", DEFAULT])
def test_the_lesson_on_skips_states_the_layers_own_numbers(preset):
    network = PRESETS[preset]
    question = walk("skips", network).asked["padding"][0]
    (stated,) = re.findall(r"The kernel of (\S+) is (\d+)×\d+, the stride (\d+)\.", question)
    name = stated[0]
    module = building.module(network).get_submodule(name)
    assert isinstance(module, nn.Conv2d)
    assert stated[1:] == (str(module.kernel_size[0]), str(module.stride[0]))
    assert ("once the stride is set to 1" in question) is (int(stated[2]) > 1)
    if preset == "resnet18":  # the only convolution of ResNet-50 that fits is the first one
        assert len(network.users(network.before(name)[0])) == 2


def test_a_count_is_shown_only_after_its_question():
    totals = {"conv2": "1,812", "out": "610", "fc1": "23,160"}
    seen = [texts(walk("counting", SEED, answered).shown[-1]) for answered in range(3)]
    assert [[text in picture for text in totals.values()] for picture in seen] == [
        [False, False, False], [True, False, False], [True, True, False],
    ]  # fmt: skip


def test_reasons_appear_one_by_one():
    for answered in range(6):
        rows = walk("decides", SEED, answered).shown[-1]["tables"][0]["rows"]
        assert len(rows) == 12
        assert sum(row["cells"][3] != "?" for row in rows) == answered


def test_defaults_and_lines_come_after_their_questions():
    for answered, wanted in ((1, False), (2, True)):
        picture = next(f for f in walk("anatomy", SEED, answered).shown[-1]["figures"] if f["key"] == "call")
        assert ("by position" in picture["note"]) is wanted
        assert "stride=1" not in json.dumps(picture)
    assert "stride=1" in texts(walk("anatomy", SEED).shown[-1])


def test_the_slider_shows_what_torch_says():
    shown = counting._shown(SEED, 3)
    assert [tile["value"] for tile in shown["totals"]] == ["44,806", "300", "12×10×10"]
    lit = [row["cells"][0] for row in shown["tables"][0]["rows"] if row["lit"]]
    assert lit == ["conv2", "fc1"]


def test_the_lesson_on_trade_offs_asks_for_what_torch_says():
    asked = walk("tradeoffs", SEED).asked
    assert {key: answer for key, (_, answer, *_) in asked.items()} == {
        "kernel": "it falls", "plateau": "4", "widths": "about 3 times", "better": "yes",
    }  # fmt: skip
    assert "conv1.kernel_size goes from 5 to 6" in asked["kernel"][0]
    smaller = building.module(SEED.with_argument("conv1", "kernel_size", 6))
    assert f"to {sum(weight.numel() for weight in smaller.parameters()):,}." in asked["kernel"][2]
