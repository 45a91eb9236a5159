"""Questions about networks that branch: each has exactly one right option, as torch finds it."""

from collections import Counter
from random import Random

import pytest
import torch

from layerscope.network import Network, NetworkError
from layerscope.presets import PRESETS
from layerscope.study.quiz import joins, skip_paths, skips
from layerscope.study.quiz.branching import random_branching
from layerscope.study.quiz.making import questions
from layerscope.study.quiz.setting import BRANCHING as SOURCE
from layerscope.study.quiz.setting import BRANCHING_PRESETS, OF_BRANCHES, asked, unasked
from layerscope.study.quiz.sheet import facts, layer_lines, sheet
from layerscope.study.quiz.subject import Subject
from layerscope.tracing import trace
from tests.edits import edited
from tests.large import LARGE
from tests.random_graphs import judged as judged_rows
from tests.random_graphs import random_graph
from tests.study.quiz.branches import BRANCHING, JOINED, NORMED, RESIDUAL, SHARED
from tests.study.quiz.test_questions import judged, without_errors, wording

NEW = (*joins.TEMPLATES, *skips.TEMPLATES)
JUDGED = 300


@pytest.fixture(autouse=True)
def without_preparation(monkeypatch):
    """oneDNN prepares each new shape, which takes longer than to run it once."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)


def a_network(rng: Random) -> Network:
    """One that branches: by hand, by the quiz, by chance, or one of these edited."""
    network = random_branching(rng) if rng.random() < 0.6 else rng.choice(list(BRANCHING.values()))
    if rng.random() < 0.2:
        network = random_graph(rng)
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        try:
            network = edited(rng, network)
        except NetworkError:
            continue
    return network


def test_exactly_one_option_is_right(thorough):
    rng = Random(14)
    count: Counter[str] = Counter()
    while sum(count.values()) < JUDGED * (53 if thorough else 1):
        network = a_network(rng)
        for question in questions(network, rng.randrange(1000), 40, without_errors(network)):
            count[question.key] += 1
            assert judged(question) == [question.answer], (question, judged(question))
            assert wording(question) == [], (question, wording(question))
    assert set(count) >= {*NEW, "parameters", "weight-shape", "size", "maps", "receptive-field", "next-argument"}


@pytest.mark.parametrize("key", NEW)
def test_the_quiz_makes_a_network_for_itself_where_there_is_no_such_place(key):
    chain = PRESETS["fashion-mnist-cnn"]
    asked = [question for seed in range(12) for question in questions(chain, seed, 3, [key])]
    assert len(asked) > 24
    assert len({question.network for question in asked}) > 10
    for question in asked:
        assert not question.network.is_chain
        assert trace(question.network).error is None or key == "projection"
        assert judged(question) == [question.answer], question
        assert wording(question) == [], question
        assert len(question.options) == 4


def test_the_network_beside_a_question_does_not_hold_its_answer():
    for seed in range(10):
        for question in questions(RESIDUAL, seed, 2, ["projection"]):
            assert "shortcut" not in " ".join(layer_lines(question.network))


@pytest.mark.parametrize("name", BRANCHING)
def test_what_needs_layers_one_after_another_is_not_asked(name):
    asked = [question for seed in range(4) for question in questions(BRANCHING[name], seed, 99)]
    keys = {question.key for question in asked if question.network == BRANCHING[name]}
    assert not keys & {"largest-image", "smallest-image", "error-cause"}
    assert {"parameters", "weight-shape", "size", "filters"} <= keys


def test_a_layer_whose_width_a_sum_fixes_is_not_said_to_be_free():
    asked = [q for seed in range(10) for q in questions(RESIDUAL, seed, 30, ["who-decides"])]
    assert {q.layer for q in asked if "value of out_channels" in q.text} == {"conv1", "conv2"}
    widened = [q for seed in range(10) for q in questions(RESIDUAL, seed, 30, ["next-argument"])]
    assert {q.layer for q in widened} == {"conv2"}
    grids = " ".join(q.text for seed in range(20) for q in questions(RESIDUAL, seed, 3, ["grid-runs"]))
    assert "conv2.out_channels" in grids
    assert "conv3.out_channels" not in grids


def test_ways_and_lines():
    subject = Subject(RESIDUAL)
    steps = subject.trace.by_name
    assert [step.name for step in subject.up_to(steps["shortcut"])] == ["conv1", "relu1", "shortcut"]
    assert subject.up_to(steps["relu3"]) == ()
    assert [step.name for step in subject.line_after(steps["conv2"])] == ["relu2", "conv3"]
    assert subject.line_after(steps["relu1"]) == ()
    course = Subject(PRESETS["fashion-mnist-cnn"])
    assert course.up_to(course.steps[3]) == course.steps[:4]
    assert course.line_after(course.steps[3]) == course.steps[4:]


def test_a_skip_connection_is_told_from_the_main_path():
    found = {skip.add.name: skip for skip in skip_paths.skips(Subject(RESIDUAL))}
    assert [(skip.source, skip.main, len(skip.layers)) for skip in found.values()] == [
        ("relu1", "conv3", 1), ("relu3", "conv4", 0),
    ]  # fmt: skip
    (normed,) = skip_paths.skips(Subject(NORMED))
    assert (normed.source, normed.main) == ("input", "bn2")
    assert [step.name for step in normed.layers] == ["down", "bn3"]
    assert normed.parameters == 32 + 16
    assert skip_paths.skips(Subject(SHARED)) == []  # neither goes around the other


@pytest.mark.parametrize("preset", ["vit_b_16", "transformer-classifier"])
def test_tokens_are_not_called_channels(preset):
    """A class token is put before the others: their number grows, not their channels."""
    network = PRESETS[preset]
    asked = [q for seed in range(6) for q in questions(network, seed, 20, ["joined-channels", "sum-shape"])]
    about = [question for question in asked if question.network == network]
    assert {question.key for question in about} == {"sum-shape"}
    said = " ".join(option.mistake for question in about for option in question.options)
    assert "positions side by side" in said
    assert "channels" not in said
    assert "maps" not in said


def test_every_preset_that_branches_has_questions_of_its_own(thorough):
    """Which templates ask about the preset itself; the others make small networks, or need layers in a line."""
    for preset in BRANCHING_PRESETS if thorough else sorted(set(BRANCHING_PRESETS) - LARGE):
        network = PRESETS[preset]
        keys = {q.key for q in questions(network, 1, 80, without_errors(network)) if q.network == network}
        assert keys >= {"who-decides", "weight-shape", "parameters", "without-bias", "full-shape"}, preset
        assert not keys & {"largest-image", "smallest-image", "error-cause"}, preset
        has_maps = len(network.input_shape) == 3
        assert len(keys) >= (17 if has_maps else 8), (preset, keys)
        assert not has_maps or keys & set(OF_BRANCHES), preset


def test_a_module_that_is_called_twice_is_asked_about_once():
    asked = questions(SHARED, 1, 99)
    assert "again" not in {question.layer for question in asked}
    assert "most-macs" not in {question.key for question in asked if question.network == SHARED}


def test_the_sheet_says_what_each_layer_reads():
    lines = layer_lines(RESIDUAL)
    assert "add1: Add(), reads conv3 and shortcut" in lines
    assert "relu1: ReLU()" in lines
    assert "again: conv1 again, reads input" in layer_lines(SHARED)
    assert facts(JOINED).endswith(
        "in the order of the forward pass; each reads the one before it, unless it says what it reads:"
    )
    assert facts(PRESETS["lenet5"]).endswith("Layers in the order of the forward pass:")
    assert "add1: Add(), reads conv3 and shortcut" in sheet(questions(RESIDUAL, 1), answers=True)


def test_what_is_not_asked_about_is_said():
    assert unasked(PRESETS["lenet5"]) == ""
    assert unasked(RESIDUAL).startswith("This network branches. ")


def test_random_networks_that_branch_run_and_differ():
    rng = Random(0)
    networks = [random_branching(rng) for _ in range(200)]
    assert len(set(networks)) > 180
    joins_of = Counter(layer.type for network in networks for layer in network.layers if layer.takes[1] > 1)
    assert set(joins_of) == {"Add", "Concat"}
    assert sum({"Add", "Concat"} <= {layer.type for layer in network.layers} for network in networks) > 30
    for network in networks:
        assert not network.is_chain
        real = judged_rows(trace(network))
        assert real == [step.output_shapes for step in trace(network).steps]
        assert real[-1] == ((network.classes,),)


def test_a_quiz_on_them_asks_about_branches_each_second_time():
    for seed in range(1, 26):
        quiz = asked(SOURCE, seed, PRESETS["lenet5"])
        assert [question.key in OF_BRANCHES for question in quiz] == [True, False] * 5
        assert len({question.key for question in quiz}) == 10
        for question in quiz:
            assert judged(question) == [question.answer], question
            assert wording(question) == [], question
