"""Prediction mode: nothing on the stage tells the answer before the guess; afterwards both are shown."""

import json
from typing import Any

import pytest

from layerscope import insertion, limits
from layerscope.assignment import assigned
from layerscope.blueprints import BLUEPRINTS
from layerscope.changes import ripple
from layerscope.guesses import NOT_JUDGED
from layerscope.link import CHOICES, encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.events import apply
from layerscope.ui.parts import stage_data
from layerscope.ui.prediction import WAITING
from layerscope.ui.preview import answer, token
from layerscope.ui.session import Session

SEED = PRESETS[DEFAULT]
OUTCOME = "conv1 outputs 6×26×26, and the network has 32,902 parameters"


def parts(here: Session) -> dict[str, Any]:
    return stage_data(here, ripple(trace(here.told_against), trace(here.network)))


def asking(*moves: tuple[str, object, str]) -> Session:
    here = Session()
    apply(here, "predict", "on", "commit")
    for key, value, phase in moves or (("conv1.kernel_size", 3, "commit"),):
        apply(here, key, value, phase)
    return here


@pytest.mark.parametrize("phase", ["input", "commit"])
def test_all_but_the_moved_control_stays_until_the_guess(phase):
    still, asked = parts(asking(("select", "conv1", "commit"))), parts(asking(("conv1.kernel_size", 3, phase)))
    for part in ("totals", "figures", "tables"):
        assert asked[part] == still[part]
    assert asked["outline"]["items"] == still["outline"]["items"]
    moved = next(c for c in asked["panel"]["controls"] if c["argument"] == "kernel_size")
    assert moved["value"] == 3
    assert asked["message"]["ask"]["key"] == "guess"


def test_no_selected_layer_tells_the_answer():
    here = asking()
    for name in SEED.names:
        apply(here, "select", name, "commit")
        told = json.dumps(parts(here), ensure_ascii=False, default=dict)
        for answer_text in ("26×26", "32,902", "11×11", "Flatten before"):
            assert answer_text not in told, (name, answer_text)


def test_a_failure_stays_hidden_too():
    here = asking(("conv1.kernel_size", 29, "commit"))
    runs = parts(asking(("conv1.kernel_size", 3, "commit")))
    asked = parts(here)
    assert asked["message"]["tone"] == "ask"
    assert asked["message"]["text"] == runs["message"]["text"]  # it says that "does not run" may be guessed, always
    assert "does not run" not in json.dumps(asked | {"message": {}}, default=dict)
    apply(here, "guess", "0×0", "commit")
    told = parts(here)["message"]
    assert told["tone"] == "wrong"
    assert told["title"] == "No: you said 0×0; conv1 does not run"
    assert "kernel_size 29 is larger than" in told["text"]
    assert told["actions"]
    assert told["note"] == "conv1.kernel_size 5 → 29: conv1 does not run"


@pytest.mark.parametrize("name", ["conv1", "conv2", "fc1"])
def test_what_stands_beside_a_new_value_says_that_it_is_the_old_ones(name):
    here = asking()
    apply(here, "select", name, "commit")
    then = parts(asking(("select", name, "commit")))["panel"]
    waiting = parts(here)["panel"]
    assert waiting["text"] == f"Before: {then['text']}"
    assert not waiting["note"]
    assert (waiting["note"] is None) is (then["note"] is None)  # the line stays free, so that no slider moves
    apply(here, "guess", "5", "commit")
    assert "Before: " not in json.dumps(parts(here)["panel"], default=dict)


def test_a_block_says_too_that_its_shapes_are_the_old_ones():
    here = Session(PRESETS["resnet18"])
    apply(here, "predict", "on", "commit")
    apply(here, "conv1.kernel_size", 3, "commit")
    apply(here, "select", "layer1", "commit")
    assert parts(here)["panel"]["text"].startswith("Before: ")


def test_list_and_pictures_are_marked_as_the_old_ones_until_the_guess():
    here = asking()
    assert parts(here)["former"] == {"word": "Before", "told": "Before your change"}
    assert parts(here)["outline"]["label"] == "Layers"
    apply(here, "guess", "5", "commit")
    assert parts(here)["former"] is None
    assert parts(here)["outline"]["label"] == "Layers (changed)"


def test_a_look_inside_says_that_it_is_from_before_the_change():
    here = asking(("select", "conv1", "commit"), ("inside", None, "commit"))
    assert parts(here)["figures"][1]["title"] == "How conv1 computes one value"
    apply(here, "conv1.kernel_size", 3, "commit")
    assert parts(here)["figures"][1]["title"] == "How conv1 computes one value, before your change"
    apply(here, "guess", "5", "commit")
    assert parts(here)["figures"][1]["title"] == "How conv1 computes one value"


def test_a_change_that_waits_for_a_guess_can_be_taken_back_by_reset_as_by_undo():
    def disabled(here: Session) -> list[bool]:
        return [action["disabled"] for action in parts(here)["outline"]["actions"]]

    here = asking()
    assert disabled(here) == [False, True, False]
    apply(here, "reset", None, "commit")
    assert here.network == SEED
    assert here.asked is None
    assert disabled(here)[2]


def test_the_guess_brings_both():
    here = asking()
    apply(here, "guess", " 6x26x26 ", "commit")
    message = parts(here)["message"]
    assert message["tone"] == "right"
    assert message["title"] == "Right: conv1 outputs 6×26×26, and the network has 32,902 parameters"
    assert message["note"] is None
    assert message["changes"][0]["label"] == "conv1.kernel_size"
    apply(here, "conv1.kernel_size", 2, "commit")
    assert "Right" not in json.dumps(parts(here), default=dict)
    assert parts(here)["message"]["tone"] == "ask"


def test_several_moves_are_one_question():
    here = asking(("conv1.kernel_size", 3, "commit"), ("conv2.kernel_size", 3, "commit"))
    assert here.asked == SEED
    apply(here, "guess", "44,710", "commit")
    assert "Right" in parts(here)["message"]["title"]
    assert here.before == SEED


def test_going_back_by_hand_closes_the_question():
    here = asking(("conv1.kernel_size", 3, "commit"), ("conv1.kernel_size", 5, "commit"))
    assert here.asked is None


WAYS_BACK = [
    [("conv1.kernel_size", 3), ("undo", None), ("redo", None)],
    [("conv1.kernel_size", 3), ("reset", None), ("undo", None)],
    [("conv1.kernel_size", 3), ("conv2.kernel_size", 3), ("undo", None)],
    [("conv1.kernel_size", 3), ("conv2.kernel_size", 3), ("undo", None), ("undo", None), ("redo", None)],
    [("conv1.kernel_size", 3), ("conv1.kernel_size", 5), ("undo", None)],
    [("conv1.kernel_size", 3), ("guess", "x"), ("repair:0", None)],
    [("conv1.kernel_size", 3), ("select", "fc1"), ("select", "conv1")],
    [("conv1.kernel_size", 3), ("details", "formulas"), ("chart", "code")],
    [("conv1.kernel_size", 3), ("remove", None), ("undo", None)],
]


@pytest.mark.parametrize("moves", WAYS_BACK, ids=lambda moves: " ".join(key for key, _ in moves))
def test_no_way_round_the_guess(moves):
    """Whatever is done, what was never guessed about is never shown."""
    here = asking(("select", "conv1", "commit"))
    unseen = {f"{trace(SEED.with_argument('conv1', 'kernel_size', 3)).parameters:,}", "6×26×26", "11×11"}
    for key, value in moves:
        apply(here, key, value, "commit")
        told = json.dumps(parts(here), ensure_ascii=False, default=dict)
        assert not [answer_text for answer_text in unseen if answer_text in told], key
    assert here.asked is not None or here.network == SEED


def test_going_back_to_what_was_seen_asks_nothing():
    here = asking()
    apply(here, "guess", "5", "commit")
    for end in ("undo", "redo", "undo"):
        apply(here, end, None, "commit")
        assert here.asked is None
    apply(here, "conv1.kernel_size", 4, "commit")
    assert here.asked == SEED


def test_what_was_seen_before_the_mode_began_may_be_seen_again():
    here = Session()
    apply(here, "conv1.kernel_size", 3, "commit")
    apply(here, "predict", "on", "commit")
    apply(here, "undo", None, "commit")
    assert here.asked is None
    apply(here, "redo", None, "commit")
    assert here.asked is None


def test_which_controls_there_are_tells_nothing_either():
    """A layer that is not reached any more has no controls; while a guess is awaited it keeps them."""
    for size in (3, 29):
        here = asking(("conv1.kernel_size", size, "commit"))
        still = asking(("select", "conv1", "commit"))
        for name in SEED.names:
            apply(here, "select", name, "commit")
            apply(still, "select", name, "commit")
            now, then = parts(here)["panel"], parts(still)["panel"]
            assert [c["key"] for c in now["controls"]] == [c["key"] for c in then["controls"]], name
            if name != "conv1":
                assert now["controls"] == then["controls"]
            assert now["text"] == f"Before: {then['text']}"


@pytest.mark.parametrize("phase", ["input", "commit"])
@pytest.mark.parametrize("size", [3, 29])
@pytest.mark.parametrize("chart", CHOICES["chart"])
def test_only_what_the_hand_did_differs(phase, size, chart):
    """All parts of the stage, also those of later times, but the message and the moved control."""
    first = (("select", "conv1", "commit"), ("chart", chart, "commit"))
    still, asked = parts(asking(*first)), parts(asking(*first, ("conv1.kernel_size", size, phase)))
    if chart == "inside":
        still["figures"][1] |= {"title": f"{still['figures'][1]['title']}, before your change"}
    assert still["former"] is None
    for part in still.keys() - {"message", "panel", "outline", "former"}:
        assert asked[part] == still[part], part
    assert asked.keys() == still.keys()


def test_a_block_that_was_added_waits_for_the_guess_too():
    here = asking(("select", "relu1", "commit"))
    changed, name = insertion.with_block(SEED, "relu1", next(iter(BLUEPRINTS)))
    here.commit(changed)
    for selected in (name, name.rpartition(".")[0], *changed.names):
        apply(here, "select", selected, "commit")
        assert parts(here)["message"]["tone"] == "ask"
    here.select(name.split(".")[0])
    assert parts(here)["panel"]["text"] == WAITING


def test_the_teacher_says_what_is_predicted():
    def class_of(target):
        here = Session()
        here.adopt(assigned(SEED, predict=True, target=target))
        apply(here, "conv1.kernel_size", 3, "commit")
        return here

    here = class_of("value:fc1.in_features")
    asked = parts(here)["message"]
    assert asked["title"] == "conv1.kernel_size 5 → 3: what will fc1.in_features be?"
    assert asked["ask"]["hint"] == "such as 250"  # the answer is 192
    apply(here, "guess", "many", "commit")
    assert "is not a guess yet" in parts(here)["message"]["text"]
    apply(here, "guess", "5", "commit")
    told = parts(here)["message"]
    assert (told["tone"], told["title"]) == ("wrong", "No: you said 5; the answer is 192")
    assert told["text"].startswith("conv1 now outputs 6×26×26")
    assert told["text"].count("12 × 4 × 4 = 192") == 1  # the story has the reason in it
    here = class_of("runs")
    offered = parts(here)["message"]
    assert [action["label"] for action in offered["actions"]] == ["It runs", "It does not run"]
    assert "ask" not in offered
    apply(here, "guess:runs", None, "commit")
    assert (parts(here)["message"]["tone"], parts(here)["message"]["title"]) == ("right", "Right: the network runs")
    here = class_of("text")
    apply(here, "guess", "I think <b>the maps</b> grow\n\u202e", "commit")
    told = parts(here)["message"]
    assert (told["tone"], told["title"]) == ("changed", "You said: I think <b>the maps</b> grow")
    assert told["text"].startswith(NOT_JUDGED)


def test_a_guess_is_bounded():
    here = Session()
    here.adopt(assigned(SEED, predict=True, target="text"))
    apply(here, "conv1.kernel_size", 3, "commit")
    assert parts(here)["message"]["ask"]["most"] == limits.GUESS.most
    apply(here, "guess", "x" * (limits.GUESS.most + 1), "commit")
    assert here.guess == "x" * limits.GUESS.most


@pytest.mark.parametrize("end", ["undo", "reset"])
def test_undo_and_reset_close_the_question(end):
    here = asking()
    apply(here, end, None, "commit")
    assert here.asked is None
    assert here.network == SEED


def test_an_empty_guess_is_none_and_leaving_the_mode_shows_all():
    here = asking()
    apply(here, "guess", "  ", "commit")
    assert here.asked == SEED
    apply(here, "predict", "off", "commit")
    assert here.asked is None
    assert parts(here)["message"]["tone"] == "changed"


def test_what_is_no_guess_gets_a_sentence_and_shows_nothing():
    here = asking()
    apply(here, "guess", "banana", "commit")
    assert here.asked == SEED
    assert "“banana” is not a guess yet" in parts(here)["message"]["text"]
    apply(here, "guess", "It does not run", "commit")
    assert here.asked is None
    assert parts(here)["message"]["title"] == f"No: you said “It does not run”; {OUTCOME}"


def test_the_panel_keeps_what_others_decide_as_it_was():
    here, still = asking(), asking(("select", "conv1", "commit"))
    now, then = parts(here)["panel"], parts(still)["panel"]
    assert now["text"] == f"Before: {then['text']}"
    assert now["controls"][0] == then["controls"][0]


def test_the_fast_lane_hides_as_much():
    here = asking()
    lane = token(here)
    assert lane is not None
    asked = answer({**lane, "key": "conv1.kernel_size", "value": 2})
    apply(here, "conv1.kernel_size", 2, "input")
    assert asked.pop("next").items() <= ({**lane, "net": encode(here.network)}).items()
    assert asked == parts(here)


@pytest.mark.parametrize(
    ("size", "guess", "judged"),
    [
        (29, "does not run", "Right: conv1 does not run"),
        (29, "an error", "Right: conv1 does not run"),
        (29, "it runs", "No: you said “it runs”; conv1 does not run"),
        (29, "6×1×1", "No: you said 6×1×1; conv1 does not run"),
        (
            3,
            "isn’t running",
            "No: you said “isn’t running”; conv1 outputs 6×26×26, and the network has 32,902 parameters",
        ),
        (3, "it works", "Right: conv1 outputs 6×26×26, and the network has 32,902 parameters"),
    ],
)
def test_whether_it_runs_may_be_guessed(size, guess, judged):
    here = asking(("conv1.kernel_size", size, "commit"))
    assert "or “does not run”" in parts(here)["message"]["text"]
    apply(here, "guess", guess, "commit")
    assert parts(here)["message"]["title"] == judged


def test_a_failure_further_down_is_a_failure_too():
    here = Session(network=PRESETS["resnet18"], before=PRESETS["resnet18"])
    apply(here, "predict", "on", "commit")
    apply(here, "layer2.0.conv2.out_channels", 100, "commit")
    apply(here, "guess", "does not run", "commit")
    told = "Right: layer2.0.conv2 outputs 100×28×28, but layer2.0.add does not run"
    assert parts(here)["message"]["title"] == told


def test_a_value_that_followed_can_be_guessed_too_and_the_question_says_so():
    changed = trace(SEED.with_argument("conv2", "kernel_size", 3))
    length = changed.by_name["fc1"].arguments["in_features"]
    for guess, tone in ((str(length), "right"), ("192", "wrong"), (f"{changed.parameters:,}", "right")):
        here = asking(("conv2.kernel_size", 3, "commit"))
        assert "a value that follows, such as in_features, the parameter count" in parts(here)["message"]["text"]
        apply(here, "guess", guess, "commit")
        told = parts(here)["message"]
        assert told["tone"] == tone, guess
        assert ("fc1.in_features is" in told["title"]) is (guess == str(length))
