"""Each of thousands of questions has exactly one right option, as torch finds it."""

import re
import time
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
import torch

from layerscope.network import Network
from layerscope.presets import CHAINS, PRESETS
from layerscope.study.quiz import joins, skips
from layerscope.study.quiz.making import ALL, questions
from layerscope.study.quiz.networks import Difficulty, random_network
from layerscope.study.quiz.question import Question, check
from layerscope.study.quiz.setting import BRANCHING_PRESETS, SOURCES
from tests.edits import edited
from tests.large import large_last
from tests.sentences import faults
from tests.study.quiz.judge import device_for, is_right

SEED = PRESETS["fashion-mnist-cnn"]
SMALL = ("fashion-mnist-cnn", "lenet5", "all-convolutional", "depthwise-separable", "decoder")
JUDGED = 600
OF_BRANCHES = {*joins.TEMPLATES, *skips.TEMPLATES}
"""Asked about small networks of the quiz's own, where the learner's is a chain."""
ONE_OF_SEVERAL = re.compile(
    r"(?:^|[a-z,;:] )(1 (?:channels|filters|kernels|maps|values|cells|rows|biases|groups|gaps|places|taps))\b"
)
"""One thing is not said as several."""


@pytest.fixture(autouse=True)
def without_preparation(monkeypatch):
    """oneDNN prepares each new shape, which takes longer than to run it once."""
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)


def a_network(rng: Random) -> Network:
    """A preset, a random network, or an edited one."""
    network = PRESETS[rng.choice(SMALL)] if rng.random() < 0.12 else random_network(rng, rng.choice(list(Difficulty)))
    for _ in range(rng.choice((0, 0, 0, 0, 1, 2, 3))):
        network = edited(rng, network)
    return network


def judged(question: Question) -> list[int]:
    """The places of the options that torch finds right."""
    return [place for place, option in enumerate(question.options) if is_right(question, option)]


def without_errors(network: Network) -> tuple[str, ...]:
    """The templates whose questions can be judged: torch's meta device has other words for some errors."""
    return ALL if device_for(network) == "cpu" else tuple(key for key in ALL if key != "error-cause")


def wording(question: Question) -> list[str]:
    """What is wrong with the words of a question."""
    found = [fault for option in question.options for fault in faults(option.mistake or "Right.")]
    for text in (question.text, question.explanation):
        found += faults(re.sub(r"nn\.\w+\(\)", "a call of nothing", text))
    values = {option.value for option in question.options}
    if not len(values) == len({option.text for option in question.options}) == len(question.options):
        found.append("two options are alike")
    if not 2 <= len(question.options) <= 4:
        found.append(f"there are {len(question.options)} options")
    if question.right.mistake or question.right.text not in question.explanation:
        found.append("the explanation does not hold the right answer")
    for option in question.options:
        if option is not question.right and not (
            option.mistake.startswith(("That ", "With ")) and option.mistake[-1] == "."
        ):
            found.append(f"no mistake is named: {option.mistake}")
    if len({option.mistake for option in question.options}) < len(question.options):
        found.append("two options name the same mistake")
    for text in (question.text, question.explanation, *(option.mistake for option in question.options)):
        ours = re.sub(r"to have 1 channels, but|got 1 channels instead", "", text)  # torch says so
        found += [f"it says {several}" for several in ONE_OF_SEVERAL.findall(ours)]
    return found


def test_exactly_one_option_is_right(thorough):
    rng = Random(2026)
    count: Counter[str] = Counter()
    short: Counter[str] = Counter()
    while sum(count.values()) < JUDGED * (100 if thorough else 1):
        network = a_network(rng)
        for question in questions(network, rng.randrange(1000), 45, without_errors(network)):
            count[question.key] += 1
            short[question.key] += len(question.options) < 4
            assert judged(question) == [question.answer], (question, judged(question))
            assert wording(question) == [], (question, wording(question))
    assert set(count) == set(ALL)
    assert min(count.values()) > JUDGED // 200, count
    del short["who-decides"]  # three may decide
    assert sum(short.values()) < sum(count.values()) / (
        50 if thorough else 40
    )  # hardly any network leaves fewer than three mistakes


@pytest.mark.parametrize("preset", large_last(CHAINS))
def test_presets(preset):
    network = PRESETS[preset]
    found = questions(network, 5, 60, without_errors(network))
    assert len({question.key for question in found}) >= (13 if preset == "decoder" else 20)
    for question in found:
        assert judged(question) == [question.answer], question
        assert wording(question) == [], question


@pytest.mark.parametrize("preset", large_last(BRANCHING_PRESETS))
def test_presets_that_branch(preset, thorough):
    assert preset in SOURCES
    network = PRESETS[preset]
    found = questions(network, 5, 90 if thorough else 12, without_errors(network))
    assert any(question.key in OF_BRANCHES for question in found)
    assert sum(question.network == network for question in found) >= 5
    for question in found:
        assert judged(question) == [question.answer], question
        assert wording(question) == [], question


def test_the_judge_can_say_no():
    for question in questions(SEED, 1, 25):
        wrong = replace(question, answer=(question.answer + 1) % len(question.options))
        assert judged(wrong) != [wrong.answer]


def test_the_same_seed_asks_the_same():
    for network in (SEED, random_network(Random(3), Difficulty.HARD)):
        assert questions(network, 7) == questions(network, 7)
        assert questions(network, 7) == questions(network.insert(99, "ReLU").remove(network.free_name("relu")), 7)
        assert len({questions(network, seed) for seed in range(20)}) == 20


def test_the_seed_means_the_same_in_every_process():
    """Python's own hashes differ from process to process; a class gets one link."""
    keys = [question.key for question in questions(SEED, 7)]
    assert keys == KEYS_OF_SEED_7
    assert [question.answer for question in questions(SEED, 7)] == ANSWERS_OF_SEED_7


# To be written anew when a template is added or changed.
KEYS_OF_SEED_7 = [
    "argument", "who-decides", "smallest-image", "kernels", "training-bytes",
    "effective-kernel", "sum-shape", "dense-channels", "sum-field", "error-cause",
]  # fmt: skip
ANSWERS_OF_SEED_7 = [1, 2, 2, 0, 1, 1, 3, 0, 2, 2]


def test_each_template_once_before_any_twice():
    assert sorted(q.key for q in questions(SEED, 3, len(ALL))) == sorted(ALL)
    more = questions(SEED, 3, 2 * len(ALL))
    assert Counter(q.key for q in more[: len(ALL)]) == dict.fromkeys(ALL, 1)
    assert len({q.text for q in more}) == len(more)
    layers = [q.layer for q in questions(SEED, 3, 5, ["parameters"])]
    assert sorted(layers) == ["conv1", "conv2", "fc1", "fc2", "out"]


def test_count_and_templates():
    assert len(questions(SEED, 1)) == 10
    assert questions(SEED, 1, 0) == () == questions(SEED, 1, templates=[])
    assert {q.key for q in questions(SEED, 1, 8, ["kernels", "maps"])} == {"kernels", "maps"}
    assert questions(SEED, 1, 4, ["kernels", "maps"]) == questions(SEED, 1, 4, ["maps", "kernels"])
    with pytest.raises(ValueError, match="There is no template colours; there are argument, "):
        questions(SEED, 1, templates=["colours"])


def test_what_a_network_cannot_serve_is_left_out():
    assert {q.key for q in questions(Network((1, 28, 28), ()), 1)} == {"grid-runs", *OF_BRANCHES}
    vectors = Network((16,), ()).insert(0, "Linear")
    asked = {q.key for q in questions(vectors, 1, 99)} - OF_BRANCHES
    of_a_linear = {"argument", "full-shape", "weight-shape", "parameters", "without-bias", "grid-runs", "who-decides"}
    assert asked <= of_a_linear | {"kept-for-backward", "optimizer-values", "training-bytes"}
    failing = SEED.with_argument("conv2", "kernel_size", 13)
    found = questions(failing, 1, 99)
    assert {q.layer for q in found if q.network == failing} <= {"", "conv1", "pool1", "relu1"}
    assert not {"next-argument", "largest-image", "most-parameters", "error-cause"} & {q.key for q in found}


def test_equal_layers_have_no_winner():
    """Two layers with the most parameters: the question has no answer."""
    network = Network((8,), (), None)
    for place, width in enumerate((8, 8, 2)):
        network = network.insert(place, "Linear").with_argument(f"fc{place + 1}", "out_features", width)
    assert questions(network, 1, 9, ["most-parameters", "most-macs"]) == ()
    assert questions(network.with_argument("fc2", "out_features", 9), 1, 9, ["most-parameters"])


def test_a_choice_is_marked():
    (question,) = questions(SEED, 1, 1, ["kernels"])
    for place, option in enumerate(question.options):
        marked = check(question, place)
        assert marked.right is (place == question.answer)
        mistake = option.mistake.replace("That ", "Your answer ", 1)
        verdict = f"No: you said {option.text}; the answer is {question.right.text}. {mistake}"
        assert marked.sentence == f"{verdict if option.mistake else 'Right.'} {question.explanation}"
    for choice in (-1, len(question.options)):
        with pytest.raises(ValueError, match=rf"The choice is {choice}; from 0 to 3 would work\."):
            check(question, choice)


def test_what_was_wrong_names_the_answer_that_it_is_about():
    """After "you said 192; the answer is 96" nobody knows which of the two "That" would be."""
    seen = 0
    for seed in range(12):
        for question in questions(SEED, seed, len(ALL)):
            for place in range(len(question.options)):
                told = check(question, place).why
                seen += "Your answer " in told
                assert not told.startswith("That "), told
    assert seen > 100


def test_ten_questions_take_less_than_50_ms():
    questions(SEED, 0, len(ALL))
    taken = []
    for seed in range(5):
        start = time.process_time()
        questions(SEED, seed)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05


def test_the_right_option_stands_anywhere():
    places = Counter(q.answer for seed in range(60) for q in questions(SEED, seed, 25) if len(q.options) == 4)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) < 1.25 * min(places.values())


def hand_made() -> list[Network]:
    """Networks that the random ones seldom come to, and that some template must treat with care."""
    wrapped = SEED.with_argument("conv1", "padding_mode", "circular").with_argument("conv1", "padding", 2)
    tall = SEED.with_input((1, 20, 20)).with_argument("conv2", "padding_mode", "reflect")
    tall = tall.with_argument("conv2", "kernel_size", 3).with_argument("conv2", "dilation", 3)
    rounded = SEED.with_input((1, 29, 29)).with_argument("pool1", "ceil_mode", True)
    return [
        wrapped,
        tall,
        rounded,
        SEED.with_argument("conv2", "padding", "same"),
        SEED.insert(0, "MaxPool2d"),
        SEED.insert(0, "BatchNorm2d"),
        SEED.insert(2, "PReLU").with_argument("prelu1", "num_parameters", 6),
        SEED.with_classes(None),
        SEED.with_input((12, 28, 28)),
        SEED.remove("flatten"),
        SEED.with_argument("flatten", "start_dim", 2),
        SEED.insert(3, "BatchNorm2d").with_input((3, 28, 28)),
    ]


@pytest.mark.parametrize("place", range(12))
def test_networks_that_need_care(place, thorough):
    network = hand_made()[place]
    for seed in range(8 if thorough else 1):
        for question in questions(network, seed, 50):
            assert judged(question) == [question.answer], question
            assert wording(question) == [], question


def test_a_value_that_follows_is_a_change_and_the_width_itself():
    network = SEED.with_input((12, 28, 28))
    asked = [q for seed in range(30) for q in questions(network, seed, 9, ["next-argument"])]
    assert {q.layer for q in asked} == {"conv1", "fc1", "fc2"}  # behind conv2 its maps are flattened
    texts = {option.text for q in asked for option in q.options}
    assert "conv1.in_channels becomes 9" in texts  # an option where it would be a change
    assert "conv1.in_channels becomes 12" not in texts
    assert any("to 12 and" in q.text for q in asked)


def test_what_could_be_read_in_two_ways_is_not_asked():
    pooled = SEED.insert(0, "MaxPool2d")  # does the pooling decide conv1.in_channels, or do the data?
    asked = questions(pooled, 1, 99, ["who-decides"])
    assert not [q for q in asked if q.layer == "conv1" and "value of in_channels" in q.text]
    rounded = SEED.with_argument("pool1", "ceil_mode", True)  # rounding down would be a mistake there, not the rule
    assert {q.layer for q in questions(rounded, 1, 99, ["size"])} == {"conv1", "conv2", "pool2"}
    wrapped = SEED.with_argument("conv1", "padding_mode", "circular")  # cannot pad more than there is
    assert {q.layer for q in questions(wrapped, 1, 99, ["same-padding"])} == {"conv2"}


def test_mistakes_with_the_same_message_do_not_stand_side_by_side():
    """Eight channels reach conv2 when conv1 is left out, and when it is widened from 6 to 8."""
    network = SEED.with_input((8, 28, 28)).with_argument("conv1", "padding", 2)
    causes = {o.value for seed in range(30) for q in questions(network, seed, 4, ["error-cause"]) for o in q.options}
    assert "channels-last" in causes
    assert not {("skipped", "conv1"), ("widened", "conv1", 8)} & causes


def test_a_layer_of_one_window_is_not_asked_for_its_receptive_field():
    """Its only value lies at the border, where padding takes a part of what it would see."""
    network = SEED.with_argument("conv1", "padding", 2).with_argument("pool2", "stride", 1024)
    asked = [q for seed in range(20) for q in questions(network, seed, 9, ["receptive-field"])]
    assert {q.layer for q in asked} == {"pool1", "conv2"}
    assert all("away from the border" in q.text for q in asked)
    assert judged(asked[0]) == [asked[0].answer]


@pytest.mark.parametrize("key", ["next-features", "flattened-length", "next-argument"])
def test_a_reason_does_not_begin_with_the_name_of_a_layer(key):
    found = [question for seed in range(4) for question in questions(SEED, seed, 9, [key])]
    assert found
    assert not [one.explanation for one in found if one.explanation.split(" ")[0] in SEED.names]
