"""A guess beside the truth, in all the forms in which people type one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.guesses import NOT_JUDGED, complaint, is_right, verdict
from layerscope.presets import DEFAULT, PRESETS
from layerscope.targets import SHAPE, VALUE, Target, Truth, read, truth
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]
SMALLER = SEED.with_argument("conv1", "kernel_size", 3)
KINDS = ["", "runs", "parameters", "text", "shape:conv1", "value:fc1.in_features"]


@pytest.mark.parametrize(
    ("guess", "right"),
    [
        ("6×26×26", True), ("(6, 26, 26)", True), ("6,26,26", True), ("6 26 26", True), ("[6 x 26 x 26]", True),
        ("32,902", True), ("32902", True), ("32_902", True), ("32 902", True),
        ("6×24×24", False), ("12", False), ("32,903", False),
        ("no idea", None), ("more", None), ("", None), ("9" * 400, None), ("٣", False),
    ],
)  # fmt: skip
def test_guesses_in_many_forms(guess, right):
    told = Truth("", "", values=((6, 26, 26), (32_902,)))
    assert is_right(guess, told) is right


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.sampled_from(["×", "x", " x ", ", ", " ", "*"]))
def test_the_right_shape_is_right_in_every_form(shape, between):
    told = Truth("", "", values=(tuple(shape),))
    text = between.join(map(str, shape))
    assert is_right(text, told)
    assert is_right(f"({text})", told)
    other = Truth("", "", values=((*shape, 1),))
    assert is_right(text, other) is False


@given(st.integers(0, 10**12))
def test_the_right_number_is_right_with_thousands_and_without(number):
    told = Truth("", "", values=((number,),))
    assert is_right(f"{number}", told)
    assert is_right(f"{number:,}", told)
    assert is_right(f"{number:_}", told)
    assert is_right(f"{number + 1}", told) is False


@given(st.text(max_size=130), st.sampled_from(KINDS))
def test_no_guess_breaks_anything(guess, written):
    target, now = read(written), trace(SMALLER)
    told = verdict(guess, target, now, "conv1")
    assert told.right in (True, False, None)
    if written and written != "text" and not complaint(guess, target):
        assert told.right is not None  # what is taken is judged
    complaint(guess, target)


@pytest.mark.parametrize(
    ("written", "guess", "right", "says"),
    [
        ("value:fc1.in_features", "192", True, "Right: fc1.in_features is 192"),
        ("value:fc1.in_features", "5", False, "Not quite: the answer is 192, you said 5"),
        ("value:fc1.in_features", "does not run", False, "Not quite: the answer is 192, you said “does not run”"),
        ("shape:conv1", "6x26x26", True, "Right: conv1 outputs 6×26×26"),
        ("shape:conv1", "26", False, "Not quite: the answer is 6×26×26, you said 26"),
        ("parameters", "32,902", True, "Right: the network has 32,902 parameters"),
        ("parameters", "32,998", False, "Not quite: the answer is 32,902 parameters, you said 32,998"),
        ("runs", "it runs", True, "Right: the network runs"),
        ("runs", "it does not run", False, "Not quite: the network runs, you said “it does not run”"),
        ("text", "the maps grow", None, "You said: the maps grow"),
        ("shape:gone", "5", None, "You said 5"),
    ],
)
def test_the_verdict_comes_first(written, guess, right, says):
    told = verdict(guess, read(written), trace(SMALLER), "conv1")
    assert (told.right, told.says) == (right, says)


def test_a_wrong_guess_gets_the_reason():
    told = verdict("5", Target(VALUE, "fc1", "in_features"), trace(SMALLER))
    assert told.why == "The length of the flattened maps: 12 × 4 × 4 = 192."


def test_free_text_is_not_judged_and_says_so():
    assert verdict("32,902", Target("text"), trace(SMALLER)).why == NOT_JUDGED


@pytest.mark.parametrize(
    ("written", "guess", "expected"),
    [
        ("value:fc1.in_features", "many", "Type a number such as 192"),
        ("shape:conv1", "big", "Type a shape such as 8×10×10"),
        ("shape:conv1", "6×a×b", "Type a shape such as 8×10×10"),
        ("value:fc1.in_features", "it runs", "Type a number such as 192"),
        ("parameters", "more", "Type a number such as 12,345"),
        ("runs", "12", 'Type "runs" or "does not run"'),
        ("", "banana", "Type a shape"),
    ],
)
def test_what_is_no_guess_is_asked_again(written, guess, expected):
    assert expected in complaint(guess, read(written))
    assert complaint("does not run", read(written)) == ""


def test_the_right_answer_of_every_target_is_taken_as_right():
    for network in (SEED, SMALLER, PRESETS["lenet5"]):
        now = trace(network)
        for step in now.steps:
            for target in [Target(SHAPE, step.name), *(Target(VALUE, step.name, name) for name in step.arguments)]:
                told = truth(target, now)
                assert told is not None
                assert verdict(told.short, target, now).right is True, (target, told)
