"""The teacher's page and what students can do with its link, run by Streamlit without a browser."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.assignment import assigned, encode_assignment
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui import events, preview
from tests.test_pages import APP, at_page, moved, page_words, rerun, session

SEED = PRESETS[DEFAULT]
LENET = PRESETS["lenet5"]
LOCKED = assigned(LENET, rest="locked", free=("conv1.kernel_size",), question="What follows? <b>")
HIDDEN = assigned(LENET, rest="hidden", free=("conv1.kernel_size",), predict=True, large=True)


def student(assignment: Any, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["class"] = assignment if isinstance(assignment, str) else encode_assignment(assignment)
    for key, value in query.items():
        app.query_params[key] = value
    return rerun(app)


def stage(app: AppTest) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.json)
    return data


def by_hand(app: AppTest, key: str, value: Any = None) -> AppTest:
    events.apply(session(app), key, value, "commit")
    return rerun(app)


def banner(app: AppTest) -> str:
    return " ".join(item.proto.body for item in app.get("html") if "from-teacher" in item.proto.body)


def controls(app: AppTest) -> dict[str, str]:
    return {control["key"]: control["kind"] for control in stage(app)["panel"]["controls"]}


def test_a_student_sees_the_network_the_question_and_the_check_words():
    app = student(LOCKED)
    assert session(app).network == LENET
    assert LOCKED.check_words in banner(app)
    assert "What follows? &lt;b&gt;" in banner(app)
    assert controls(app)["conv1.kernel_size"] == "range"
    assert controls(app)["conv1.out_channels"] == "readonly"
    assert [box.label for box in app.selectbox] == []


def test_hidden_controls_are_not_there_and_predict_and_type_are_set():
    app = student(HIDDEN)
    assert "conv1.out_channels" not in controls(app)
    assert stage(app)["large"]
    by_hand(app, "conv1.kernel_size", 3)
    assert stage(app)["message"]["tone"] == "ask"
    by_hand(app, "predict", "off")
    assert session(app).view.predict == "on"


def test_the_table_of_reasons_says_what_the_link_decides():
    def why(app: AppTest) -> dict[str, list[str]]:
        return {row["key"]: row["cells"][3:] for row in stage(app)["tables"][0]["rows"]}

    assert why(student(LOCKED))["conv1.out_channels"] == ["the link", "as your teacher's link has it"]
    assert why(student(LOCKED))["conv1.kernel_size"][0] == "you"
    assert why(student(LOCKED))["conv1.in_channels"][0] == "the data"
    seen = why(student(HIDDEN))
    assert "conv1.out_channels" not in seen
    assert seen["conv1.kernel_size"][0] == "you"
    assert why(rerun(AppTest.from_file(APP, default_timeout=60)))["conv1.out_channels"][0] == "you"


def test_projector_type_is_that_of_every_page():
    assert "font-size: 125%" not in page_words(moved(student(LOCKED), "quiz"))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["class"] = encode_assignment(HIDDEN)
    assert "is-large" in page_words(rerun(app))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("conv1.out_channels", 9), ("conv2.kernel_size", 3), ("same:conv1.padding", None), ("split:conv1.stride", None),
        ("remove", None), ("duplicate", None), ("move_down", None),
    ],
)  # fmt: skip
def test_locked_means_locked_on_the_stage(key, value):
    app = by_hand(student(LOCKED), key, value)
    assert session(app).network == LENET
    assert "locked by your teacher" in stage(app)["message"]["text"]
    by_hand(app, "conv1.kernel_size", 3)
    assert session(app).network == LENET.with_argument("conv1", "kernel_size", 3)


@pytest.mark.parametrize(
    "net", [encode(SEED), encode(LENET.with_argument("conv2", "kernel_size", 3)), encode(LENET.remove("relu1"))]
)
def test_locked_means_locked_in_the_address(net):
    app = student(LOCKED, net=net, view="predict-off")
    assert session(app).network == LENET
    assert "locked by your teacher" in stage(app)["message"]["text"]
    open_one = encode(LENET.with_argument("conv1", "kernel_size", 3))
    assert session(student(LOCKED, net=open_one)).network == LENET.with_argument("conv1", "kernel_size", 3)


def test_locked_means_locked_on_the_fast_lane():
    app = student(LOCKED)
    token = preview.token(session(app))
    assert token is not None
    moved = preview.answer({**token, "key": "conv1.kernel_size", "value": 3})
    assert "locked" not in moved["message"]["text"]
    refused = preview.answer({**token, "key": "conv2.kernel_size", "value": 3})
    assert "locked by your teacher" in refused["message"]["text"]


def test_locks_stay_while_a_guess_is_awaited_and_a_refusal_leaves_the_question():
    app = student(assigned(LENET, rest="locked", free=("conv1.kernel_size",), predict=True))
    by_hand(app, "conv1.kernel_size", 3)
    assert controls(app)["conv1.out_channels"] == "readonly"
    assert controls(app)["conv1.kernel_size"] == "range"
    by_hand(app, "conv1.out_channels", 9)
    told = stage(app)["message"]
    assert told["tone"] == "ask"
    assert told["ask"]
    assert "locked by your teacher" in told["text"]


def test_a_damaged_link_says_so_and_has_no_check_words():
    app = student(encode_assignment(LOCKED)[:-4])
    assert "damaged or was changed: nothing is locked here" in banner(app)
    assert "is-refused" in banner(app)
    assert "check words:" not in banner(app)


def test_a_link_damaged_by_hand_unlocks_and_leaves_no_check_words():
    app = student(LOCKED)
    app.query_params["class"] = encode_assignment(LOCKED)[:-4]
    rerun(app)
    assert session(app).assignment is None
    assert controls(app)["conv1.out_channels"] == "range"
    app.query_params["class"] = encode_assignment(LOCKED)
    rerun(app)
    assert controls(app)["conv1.out_channels"] == "readonly"


def test_reset_goes_back_to_the_teachers_network_only():
    app = by_hand(student(LOCKED), "conv1.kernel_size", 3)
    by_hand(app, "reset")
    by_hand(app, "reset")
    assert session(app).network == LENET


def test_the_link_comes_back_into_the_address():
    app = by_hand(student(LOCKED), "conv1.kernel_size", 3)
    assert "".join(app.query_params["class"]) == encode_assignment(LOCKED)
    app.query_params.clear()
    rerun(app)
    assert session(app).assignment == LOCKED
    assert "".join(app.query_params["class"]) == encode_assignment(LOCKED)


def test_the_page_makes_a_link_that_opens_what_was_chosen():
    app = at_page("teacher", LENET)
    app.text_area[0].set_value("Why 400?")
    app.radio[0].set_value("locked")
    app.multiselect[0].set_value(["conv2.out_channels"])
    rerun(app)
    address = app.code[0].value
    code = address.split("class=")[1]
    there = student(code)
    assert session(there).network == LENET
    assert "Why 400?" in banner(there)
    # The layer whose control is free is selected, and the control named.
    assert controls(there)["conv2.kernel_size"] == "readonly"
    assert controls(there)["conv2.out_channels"] == "range"
    assert "Yours to move: conv2.out_channels. The others are locked." in banner(there)
    assert any("data:image/svg+xml" in item.proto.body for item in app.get("html"))


def test_lessons_begin_on_the_teachers_network_and_always_tell():
    """Each question builds on the answer before; only the quiz can keep its answers back."""
    app = student(assigned(LENET, page="following", silent=True))
    app.switch_page("pages/following.py")
    rerun(app)
    box = next(box for box in app.text_input if str(box.key).startswith("lesson."))
    assert box.label.startswith("1×32×32 arrives at conv1")
    box.set_value("7")
    rerun(app)
    said = " ".join(item.proto.body for item in app.get("html"))
    assert "right is 28" in said
    assert "locked" not in banner(app)


def test_an_address_with_answers_says_whose_they_are():
    app = at_page("following", LENET)
    next(group for group in app.radio if group.label == "Shown on").set_value("Your network")
    rerun(app)
    box = next(box for box in app.text_input if str(box.key).startswith("lesson."))
    box.set_value("28")
    rerun(app)
    words = {name: app.query_params[name] for name in ("net", "on", "answers")}
    again = AppTest.from_file(APP, default_timeout=60)
    moved(again, "following", **{name: "".join(text) for name, text in words.items()})
    assert "Right: 28." in " ".join(item.proto.body for item in again.get("html"))


def test_controls_chosen_without_a_lock_are_remarked_upon():
    app = at_page("teacher", LENET)
    app.multiselect[0].set_value(["conv2.out_channels"])
    assert "every control may be moved" in rerun(app).warning[0].value
    app.radio[0].set_value("locked")
    assert not rerun(app).warning
