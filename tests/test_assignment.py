"""A teacher's link: what it holds comes back, what was changed is refused or shows."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope import checkwords
from layerscope.assignment import (
    DAMAGED,
    REST,
    Assignment,
    AssignmentError,
    assigned,
    decode_assignment,
    encode_assignment,
)
from layerscope.link import decode, encode
from layerscope.packing import pack
from layerscope.presets import DEFAULT, PRESETS
from layerscope.targets import Target
from layerscope.text import cleaned
from tests.costs import check

SEED = PRESETS[DEFAULT]
LOCKED = assigned(SEED, rest="locked", free=("conv1.kernel_size",), question="Wie groß wird fc1.in_features? é ü 漢")


def test_everything_comes_back():
    full = replace(LOCKED, page="quiz", rest="hidden", predict=True, large=True, silent=True)
    for assignment in (assigned(SEED), LOCKED, full, *(assigned(network) for network in PRESETS.values())):
        code = encode_assignment(assignment)
        assert decode_assignment(code) == assignment
        assert all(character.isalnum() or character in "-_" for character in code)


RECORDED = json.loads((Path(__file__).parent / "records" / "class_links.json").read_text())
"""Links that were made before a link could say what is predicted."""


@pytest.mark.parametrize("link", RECORDED, ids=lambda link: link["words"])
def test_old_links_mean_what_they_meant(link):
    read = decode_assignment(link["code"])
    held = link["holds"] | {"free": tuple(link["holds"]["free"])}
    assert {name: getattr(read, name) for name in held} == held
    assert (read.net, read.check_words) == (link["net"], link["words"])
    assert (read.asks, read.own_copy) == (Target(), False)
    assert encode_assignment(read) == link["code"]


@st.composite
def assignments(draw):
    """Any that the teacher's page could make, and some more."""
    network = draw(st.sampled_from([SEED, PRESETS["lenet5"], PRESETS["resnet18"]]))
    controls = [f"{layer.name}.{name}" for layer in network.layers for name in layer.parameters()]
    names = st.sampled_from(network.names)
    target = draw(st.sampled_from(["", "runs", "parameters", "text"]) | names.map("shape:{}".format) |
                  st.sampled_from(controls).map("value:{}".format))  # fmt: skip
    question = draw(st.text(max_size=300).filter(lambda text: text == cleaned(text)))
    return assigned(
        network, page=draw(st.sampled_from(["explore", "quiz", "kernel"])), rest=draw(st.sampled_from(REST)),
        free=tuple(draw(st.lists(st.sampled_from(controls), max_size=20))), question=question,
        predict=bool(target) or draw(st.booleans()), target=target, own_copy=draw(st.booleans()),
        large=draw(st.booleans()), silent=draw(st.booleans()), seed=draw(st.integers(1, 9_999)),
        selected=draw(st.just("") | names),
    )  # fmt: skip


@given(assignments())
def test_whatever_a_teacher_chooses_comes_back(assignment):
    code = encode_assignment(assignment)
    assert decode_assignment(code) == assignment
    assert decode_assignment(code).asks.written == assignment.target


@given(assignments(), st.integers(0), st.text("ABCXYZabcxyz0189-_", max_size=6), st.integers(0, 6))
def test_an_altered_link_is_refused_or_is_another(assignment, place, put, gone):
    code = encode_assignment(assignment)
    place %= len(code)
    changed = code[:place] + put + code[place + gone :]
    try:
        read = decode_assignment(changed)
    except AssignmentError:
        return
    assert encode_assignment(read) == code or read != assignment


def test_a_changed_link_is_refused_or_has_other_words():
    code, rng = encode_assignment(LOCKED), Random(5)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    refused = 0
    for _ in range(10_000):
        kind, place = rng.randrange(4), rng.randrange(len(code))
        changed = {
            0: code[:place] + rng.choice(letters) + code[place + 1 :],
            1: code[:place],
            2: code[:place] + rng.choice(letters) * rng.randint(1, 9) + code[place:],
            3: "".join(rng.choice(letters) for _ in range(rng.randint(1, 200))),
        }[kind]
        if changed == code:
            continue
        try:
            read = decode_assignment(changed)
        except AssignmentError:
            refused += 1
        else:
            assert read == LOCKED or read.check_words != LOCKED.check_words
    assert refused > 9_000


@pytest.mark.parametrize(
    "other",
    [
        replace(LOCKED, rest="open"),
        replace(LOCKED, free=("conv1.kernel_size", "conv2.kernel_size")),
        replace(LOCKED, predict=True),
        replace(LOCKED, predict=True, target="runs"),
        replace(LOCKED, predict=True, target="value:fc1.in_features"),
        replace(LOCKED, predict=True, target="shape:fc1"),
        replace(LOCKED, own_copy=True),
        replace(LOCKED, question="another"),
        replace(LOCKED, selected="fc1"),
        assigned(SEED.with_argument("conv1", "kernel_size", 3), rest="locked", free=LOCKED.free),
    ],
)
def test_another_link_has_other_words(other):
    assert other.check_words != LOCKED.check_words


def test_all_kinds_of_prediction_have_words_of_their_own():
    kinds = ("", "runs", "parameters", "text", "shape:fc1", "shape:fc2", "value:fc1.in_features")
    links = [replace(LOCKED, predict=True, target=target, own_copy=copy) for target in kinds for copy in (False, True)]
    assert len({link.check_words for link in links}) == len(links)


def same_to_a_student():
    """Links that differ from LOCKED in nothing that a student could notice, and that a forger could count up."""
    longer = encode(SEED).replace(".5", ".5.stride-1", 1)
    assert decode(longer) == SEED
    yield from (replace(LOCKED, seed=seed) for seed in range(2, 40))
    yield from (replace(LOCKED, page="kernel", about="easy"), replace(LOCKED, net=longer))
    yield replace(LOCKED, free=("fc9.bias", "conv1.kernel_size", "conv1.nothing", "conv1.kernel_size"))
    yield replace(LOCKED, question=f" {LOCKED.question}\n")
    yield replace(LOCKED, selected="fc2")
    head = SEED.with_classes(None).with_argument("out", "out_features", 77).with_classes(10)
    yield assigned(head, rest="locked", free=LOCKED.free, question=LOCKED.question)


@pytest.mark.parametrize(
    ("given", "opens"),
    [
        ({}, ""),
        ({"selected": "pool2"}, "pool2"),
        ({"question": "Why does fc1 need 192 inputs?"}, "fc1"),
        ({"question": "Why does fc1 need 192 inputs?", "selected": "conv2"}, "fc1"),
        ({"question": "What do conv2, and then fc1, output?", "selected": "fc1"}, "fc1"),
        ({"question": "What comes out of it?"}, ""),
        ({"question": "Why is out.in_features 60?"}, "out"),
        ({"predict": True, "target": "value:fc1.in_features"}, "fc1"),
        ({"rest": "locked", "free": ("conv2.stride", "conv1.bias"), "selected": "fc1"}, "conv2"),
        ({"rest": "locked", "free": ("conv2.stride", "conv1.bias"), "selected": "conv1"}, "conv1"),
        ({"rest": "locked", "free": ("conv2.stride",), "question": "And fc1?"}, "conv2"),
        ({"rest": "locked", "free": ("conv2.stride",), "question": "And fc1?", "selected": "fc1"}, "fc1"),
        ({"rest": "hidden", "free": ("conv1.bias", "conv2.stride"), "predict": True, "target": "shape:conv2"}, "conv2"),
    ],
)
def test_a_student_begins_at_the_layer_that_the_link_is_about(given, opens):
    assert assigned(SEED, **given).opens == opens


def test_what_nobody_notices_leaves_the_words_as_they_are():
    for other in same_to_a_student():
        assert other != LOCKED
        assert other.check_words == LOCKED.check_words


def test_on_a_quiz_its_settings_count():
    quiz = replace(LOCKED, page="quiz", about="easy")
    assert len({each.check_words for each in (quiz, replace(quiz, seed=2), replace(quiz, about="hard"))}) == 3


def test_a_link_knows_its_words_without_working_them_out_again(monkeypatch):
    words = LOCKED.check_words
    monkeypatch.setattr(checkwords, "_words", lambda text: pytest.fail("once is enough"))
    assert decode_assignment(encode_assignment(LOCKED)).check_words == words


def test_only_what_is_free_may_differ():
    assert list(LOCKED.differences(SEED)) == []
    assert list(LOCKED.differences(SEED.with_argument("conv1", "kernel_size", 3))) == []
    assert list(LOCKED.differences(SEED.with_argument("conv2", "kernel_size", 3))) == ["conv2.kernel_size"]
    assert list(LOCKED.differences(SEED.remove("relu1"))) == ["the list of layers"]
    assert list(LOCKED.differences(SEED.move("relu1", 4))) == ["the list of layers"]
    assert list(LOCKED.differences(SEED.with_input((3, 32, 32)))) == ["the input"]
    assert list(LOCKED.differences(SEED.with_classes(100)))[:1] == ["the input"]
    assert list(replace(LOCKED, rest="open").differences(SEED.remove("relu1"))) == []


@pytest.mark.parametrize(
    "code", ["", "x", "é", "A" * 9_000, encode_assignment(LOCKED)[:-3], encode_assignment(LOCKED) + "AAAA"]
)
def test_what_is_no_link_is_refused(code):
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rest": "wide open"}, {"question": "x" * 301}, {"page": "p" * 41}, {"free": ("a" * 90,)}, {"net": "no net"},
        {"selected": "fc9"}, {"selected": 1},
        {"seed": 0}, {"seed": 10_000}, {"seed": 10**30}, {"about": "x y"}, {"page": "../x"}, {"free": ("a b.c",)},
        {"question": "\u202e"}, {"question": "a\0"}, {"free": tuple(f"c{i}.x" for i in range(201))},
        {"predict": 1}, {"free": ("a", 3)}, {"own_copy": 1}, {"target": "runs"}, {"predict": True, "target": "x"},
        {"predict": True, "target": "shape:fc9"}, {"predict": True, "target": "value:fc9.bias"},
        {"predict": True, "target": "shape:" + "a" * 400}, {"predict": True, "target": "shape:fc1\n"},
        {"predict": True, "target": ("runs",)},
    ],
)  # fmt: skip
def test_values_are_checked(wrong):
    with pytest.raises(AssignmentError):
        decode_assignment(encode_assignment(replace(LOCKED, **wrong)))


@pytest.mark.parametrize("field", ["question", "page", "rest", "about", "net"])
def test_half_characters_are_refused(field):
    values = {"net": LOCKED.net, field: "\ud800"}
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(pack(json.dumps(values)))
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(pack(json.dumps({"net": LOCKED.net, "\ud800": 1})))
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(pack(json.dumps({"net": LOCKED.net, "free": ["\ud800.x"]})))


def test_nothing_inflates_without_bound():
    huge = Assignment(LOCKED.net, question="x" * 1_000_000)
    with pytest.raises(AssignmentError):
        decode_assignment(encode_assignment(huge))


@pytest.mark.parametrize("name", ["net", "page", "question", "about", "rest"])
def test_half_a_character_is_refused(name):
    told = json.dumps({"net": LOCKED.net, name: "\ud800"})
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(pack(told))
    with pytest.raises(AssignmentError, match=DAMAGED):
        decode_assignment(pack(json.dumps({"net": LOCKED.net, "free": ["a\ud800"]})))


@pytest.mark.parametrize(
    "text", ["[" * 32_000, '{"net":' * 4_000, '{"free":[' + '"a",' * 8_000 + '"a"]}', '{"seed":' + "9" * 32_000 + "}",
             '{"' + "a" * 32_000 + '":1}', '{"net":"' + "\\ud800" * 5_000 + '"}', " " * 32_000, '"' * 32_000]
)  # fmt: skip
def test_no_class_link_costs_more_than_a_blink(text):
    def refused(code):
        with pytest.raises(AssignmentError):
            decode_assignment(code)

    check([(text[:20], pack(text))], refused)
