"""What a new visitor reads: what this is, one task, and no tick before something was achieved."""

from typing import Any

import pytest

from layerscope.assignment import assigned
from layerscope.changes import ripple
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, preview
from layerscope.ui.first_sight import QUIET, QUIET_INSIDE, WHAT, WHOM
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from tests.ui.contract import check_stage

SEED = PRESETS[DEFAULT]


def told(here: Session) -> dict[str, Any]:
    """The message on the stage."""
    data = stage_data(here, ripple(trace(here.told_against), trace(here.network)))
    check_stage(data)
    message: dict[str, Any] = data["message"]
    return message


def commit(here: Session, key: str, value: Any) -> dict[str, Any]:
    events.apply(here, key, value, "commit")
    return told(here)


def test_the_first_screen_says_what_this_is_and_for_whom_and_offers_a_task_without_a_tick():
    message = told(Session())
    assert message["tone"] == "rest"  # which has no mark
    assert message["lead"]["text"] == WHAT
    assert (message["lead"]["whom"], message["lead"]["note"]) == (WHOM, QUIET)
    assert message["title"] == "Try it: get fc1.in_features to 300"
    assert "192" in message["text"]
    assert "task" not in message


def test_above_the_inside_of_a_layer_it_does_not_say_that_there_are_only_shapes():
    here = Session()
    events.apply(here, "chart", "inside", "commit")
    assert told(here)["lead"]["note"] == QUIET_INSIDE
    assert "shapes" not in QUIET_INSIDE


def test_a_phones_introduction_asks_its_question_in_a_line():
    here = Session(narrow=True)
    assert told(here)["text"] == "Why 192? flatten makes 12 × 4 × 4 = 192 values."
    events.apply(here, "greeted", None, "commit")
    assert "12 maps of 4 × 4 reach flatten" in told(here)["text"]


def test_the_introduction_goes_when_it_is_closed_or_something_changed():
    here = Session()
    assert "lead" not in commit(here, "greeted", None)
    assert told(here)["title"] == "Try it: get fc1.in_features to 300"
    here = Session()
    commit(here, "conv1.kernel_size", 3)
    assert "lead" not in told(here)
    commit(here, "reset", None)
    assert "lead" not in told(here)


def test_the_task_stays_beside_each_change_and_is_found_done_when_it_is():
    here = Session()
    assert commit(here, "conv1.kernel_size", 3)["task"] == {"text": "Try it: get fc1.in_features to 300", "done": False}
    assert commit(here, "conv2.kernel_size", 3)["task"] == {"text": "Done: fc1.in_features is 300.", "done": True}
    assert "task" not in commit(here, "conv2.kernel_size", 5)  # it was done, and need not be done again
    here.begin_with(PRESETS["lenet5"])
    assert told(here)["title"] == "Try it: get fc1.in_features to 576"


def test_what_was_achieved_is_not_asked_for_again_on_a_network_at_rest():
    here = Session()
    commit(here, "conv2.kernel_size", 3)
    here.before = here.network
    assert told(here)["title"] == "Try it: drag kernel_size of conv2 and watch fc1.in_features"


def test_a_pending_guess_is_not_given_away_by_the_task():
    here = Session()
    here.with_view(predict="on")
    message = commit(here, "conv2.kernel_size", 3)
    assert message["tone"] == "ask"
    assert "task" not in message
    assert not here.achieved
    assert commit(here, "guess", "12x11x11")["task"]["done"]
    assert here.achieved


def test_a_drag_shows_it_done_before_the_hand_lets_go():
    here = Session()
    token = preview.token(here)
    assert token is not None
    parts = preview.answer({**token, "key": "conv2.kernel_size", "value": 3})
    assert parts["message"]["task"] == {"text": "Done: fc1.in_features is 300.", "done": True}
    assert not here.achieved
    commit(here, "conv2.kernel_size", 3)
    again = preview.token(here)
    assert again is not None
    parts = preview.answer({**again, "key": "conv2.kernel_size", "value": 5})
    assert "task" not in parts["message"]


def test_a_hand_that_comes_back_during_a_drag_moves_nothing_in_the_message():
    here = Session()
    events.apply(here, "conv1.kernel_size", 4, "input")
    away = told(here)
    events.apply(here, "conv1.kernel_size", 5, "input")
    back = told(here)
    assert (back["tone"], back["title"]) == (away["tone"], "Back to where it was")
    assert back["task"] == away["task"]
    assert commit(here, "conv1.kernel_size", 5)["tone"] == "rest"


@pytest.mark.parametrize("question", ["Why 192?", ""])
def test_a_teachers_link_has_no_task_of_ours(question):
    here = Session()
    here.adopt(assigned(SEED, rest="locked", free=("conv2.kernel_size",), question=question))
    assert here.task is None
    assert "Try it: get" not in told(here)["title"]
    here.begin_with(SEED)
    assert "task" not in commit(here, "conv2.kernel_size", 3)


def test_an_empty_network_invites_to_a_first_layer_without_a_tick():
    here = Session()
    here.begin_with(Network((1, 28, 28), ()))
    assert told(here)["tone"] == "rest"
    assert told(here)["title"] == "Add a first layer"


def test_a_link_from_elsewhere_brings_the_task_of_its_network():
    here = Session()
    here.open(PRESETS["lenet5"])
    assert told(here)["title"] == "Try it: get fc1.in_features to 576"
    assert told(here)["lead"]["text"] == WHAT


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("given", [{"question": "Why does fc1 need 192 inputs?"}, {"predict": True}])
def test_what_a_teacher_asks_is_not_answered_beside_it(given, narrow):
    here = Session(narrow=narrow)
    here.adopt(assigned(SEED, **given))
    assert "lead" not in told(here)
    assert not any(char.isdigit() for char in told(here)["text"])
    events.apply(here, "conv1.kernel_size", 4, "input")
    events.apply(here, "conv1.kernel_size", 5, "input")  # a hand that comes back
    assert "192" not in told(here)["text"]


def test_a_teachers_link_that_asks_nothing_has_our_introduction():
    here = Session()
    here.adopt(assigned(SEED))
    assert "lead" in told(here)
    assert "Why 12 × 4 × 4?" in told(here)["text"]


@pytest.mark.parametrize("written", ["", "value:fc1.in_features", "shape:pool2", "parameters", "runs", "text"])
def test_before_the_first_change_it_says_that_a_guess_will_be_asked_for_and_about_what(written):
    here = Session()
    here.adopt(assigned(SEED, rest="locked", free=("conv1.kernel_size",), predict=True, target=written))
    message = told(here)
    assert "lead" not in message  # which invites to watch what changes, and would have its place
    assert message["title"].startswith("Drag a slider, then predict: ")
    assert message["title"].endswith(here.target.question[1:] if written else "what will happen")
    assert message["text"] == "The result stays hidden until you have guessed."


def test_the_switch_for_predictions_says_so_too():
    here = Session()
    assert "hidden" not in told(here)["text"]
    here.with_view(predict="on")
    assert "hidden until you have guessed" in told(here)["text"]


@pytest.mark.parametrize("rest", ["locked", "hidden"])
def test_what_a_student_can_move_stands_before_what_is_locked(rest):
    here = Session()
    here.adopt(assigned(SEED, rest=rest, free=("conv2.kernel_size", "conv2.bias")))
    controls = stage_data(here, ripple(trace(SEED), trace(SEED)))["panel"]["controls"]
    kinds = [control["kind"] == "readonly" for control in controls]
    assert kinds == sorted(kinds)
    assert [control["argument"] for control in controls[:2]] == ["kernel_size", "bias"]
