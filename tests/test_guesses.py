"""A guess beside the truth, in all the forms in which people type one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.guesses import NOT_JUDGED, complaint, example, is_right, refuted, verdict
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
        ("value:fc1.in_features", "5", False, "No: you said 5; the answer is 192"),
        ("value:fc1.in_features", "does not run", False, "No: you said “does not run”; the answer is 192"),
        ("shape:conv1", "6x26x26", True, "Right: conv1 outputs 6×26×26"),
        ("shape:conv1", "26", False, "No: you said 26; the answer is 6×26×26"),
        ("parameters", "32,902", True, "Right: the network has 32,902 parameters"),
        ("parameters", "32,998", False, "No: you said 32,998; the answer is 32,902 parameters"),
        ("runs", "it runs", True, "Right: the network runs"),
        ("runs", "it does not run", False, "No: you said “it does not run”; the network runs"),
        ("text", "the maps grow", None, "You said: the maps grow"),
        ("shape:gone", "5", None, "You said 5"),
    ],
)
def test_the_verdict_comes_first(written, guess, right, says):
    told = verdict(guess, read(written), trace(SMALLER), "conv1")
    assert (told.right, told.says) == (right, says)


def test_a_wrong_guess_gets_the_reason():
    told = verdict("5", Target(VALUE, "fc1", "in_features"), trace(SMALLER))
    assert told.why == "It is the length of the flattened maps: 12 × 4 × 4 = 192."


def test_free_text_is_not_judged_and_says_so():
    assert verdict("32,902", Target("text"), trace(SMALLER)).why == NOT_JUDGED


@pytest.mark.parametrize(
    ("written", "guess", "expected"),
    [
        ("value:fc1.in_features", "many", "Type a number such as 250"),
        ("shape:conv1", "big", "Type a shape such as 8×10×10"),
        ("shape:conv1", "6×a×b", "Type a shape such as 8×10×10"),
        ("value:fc1.in_features", "it runs", "Type a number such as 250"),
        ("parameters", "more", "Type a number such as 12,345"),
        ("runs", "12", "Type “runs” or “does not run”"),
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


@pytest.mark.parametrize("written", ["", "parameters", "shape:conv1", "value:fc1.in_features"])
@pytest.mark.parametrize("size", [1, 3, 5, 13, 29])
def test_no_example_is_the_answer_or_what_was_before(written, size):
    """Nor any other number of the two networks, for whatever a guess is about."""
    target, networks = read(written), (trace(SEED), trace(SEED.with_argument("conv1", "kernel_size", size)))
    shown = example(target, *networks)
    assert shown.startswith("such as ")
    assert shown in complaint("banana", target, *networks)
    for now in networks:
        for guess in shown.removeprefix("such as ").split(" or "):
            assert complaint(guess, target) == ""
            assert verdict(guess, target, now, "conv1").right is False


def test_an_example_gives_way_to_a_network_that_has_it():
    wide = SEED.with_argument("conv1", "out_channels", 8).with_input((1, 14, 14))
    assert "8×10×10" in example(read("shape:conv1"), trace(SEED))
    assert "8×10×10" not in example(read("shape:conv1"), trace(wide))
    assert "250" not in example(read("value:fc1.in_features"), trace(SEED.with_argument("fc1", "out_features", 250)))


@pytest.mark.parametrize(
    ("said", "answer", "lead"),
    [
        ("13", "4", "No"), ("24", "12", "No"), ("192", "96", "No"), ("32,998", "32,902", "No"),
        ("300", "32,902 parameters", "No"), ("26", "6×26×26", "No"), ("24×6×6", "6×24×24", "No"),
        ("6×24×24", "6×26×26", "Not quite (only 6 is right)"),
        ("6, 24, 24", "(6, 26, 26)", "Not quite (only 6 is right)"),
        ("8,26,26", "6×26×26", "Not quite (only 26 and 26 are right)"),
    ],
)  # fmt: skip
def test_not_quite_is_said_only_of_a_shape_of_which_a_part_is_right(said, answer, lead):
    assert refuted(said, answer) == f"{lead}: you said {said}; the answer is {answer}"


@pytest.mark.parametrize(("said", "answer"), [("you", "the data"), ("6×24×24", "none, an error"), ("it runs", "300")])
def test_answers_in_words_are_quoted(said, answer):
    assert refuted(said, answer) == f"No: you answered “{said}”. The answer is “{answer}”"
