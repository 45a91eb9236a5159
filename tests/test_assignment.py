"""A teacher's link: what it holds comes back, what was changed is refused or shows."""

from dataclasses import replace
from random import Random

import pytest

from layerscope.assignment import (
    ADJECTIVES,
    DAMAGED,
    NOUNS,
    Assignment,
    AssignmentError,
    assigned,
    decode_assignment,
    encode_assignment,
)
from layerscope.presets import DEFAULT, PRESETS

SEED = PRESETS[DEFAULT]
LOCKED = assigned(SEED, rest="locked", free=("conv1.kernel_size",), question="Wie groß wird fc1.in_features? é ü 漢")


def test_everything_comes_back():
    full = replace(LOCKED, page="quiz", rest="hidden", predict=True, large=True, silent=True)
    for assignment in (assigned(SEED), LOCKED, full, *(assigned(network) for network in PRESETS.values())):
        code = encode_assignment(assignment)
        assert decode_assignment(code) == assignment
        assert all(character.isalnum() or character in "-_" for character in code)


def test_a_changed_link_is_refused_or_has_another_seal():
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
            assert read == LOCKED or read.seal != LOCKED.seal
    assert refused > 9_000


@pytest.mark.parametrize(
    "other",
    [
        replace(LOCKED, rest="open"),
        replace(LOCKED, free=("conv1.kernel_size", "conv2.kernel_size")),
        replace(LOCKED, predict=True),
        replace(LOCKED, question="another"),
        assigned(SEED.with_argument("conv1", "kernel_size", 3), rest="locked", free=LOCKED.free),
    ],
)
def test_another_link_has_another_seal(other):
    assert other.seal != LOCKED.seal


def test_seals_are_two_words_and_a_number():
    adjective, noun, number = LOCKED.seal.split()
    assert adjective in ADJECTIVES
    assert noun in NOUNS
    assert 10 <= int(number) < 100


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
        {"free": tuple(f"c{i}.x" for i in range(201))}, {"predict": 1}, {"free": ("a", 3)},
    ],
)  # fmt: skip
def test_values_are_checked(wrong):
    with pytest.raises(AssignmentError):
        decode_assignment(encode_assignment(replace(LOCKED, **wrong)))


def test_nothing_inflates_without_bound():
    huge = Assignment(LOCKED.net, question="x" * 1_000_000)
    with pytest.raises(AssignmentError):
        decode_assignment(encode_assignment(huge))
