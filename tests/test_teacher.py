"""The teacher's page and what students can do with its link, run by Streamlit without a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope import checkwords, tables
from layerscope.assignment import assigned, decode_assignment, encode_assignment
from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import events, preview, takeaway
from layerscope.ui import waiting as waits
from layerscope.ui.free_controls import MORE
from layerscope.ui.teacher import NO_CONTROLS, NO_LINK, NOTHING_FREE, PREDICTS
from tests.drawn import handed, stages
from tests.large import in_turns
from tests.test_pages import APP, PAGES, answered, at_page, moved, opened, page_words, press, rerun, session

SEED = PRESETS[DEFAULT]
LENET = PRESETS["lenet5"]
LOCKED = assigned(LENET, rest="locked", free=("conv1.kernel_size",), question="What follows? <b>")
HIDDEN = assigned(LENET, rest="hidden", free=("conv1.kernel_size",), predict=True, large=True)


@pytest.fixture(autouse=True, scope="module")
def _words_at_once() -> Iterator[None]:
    """Check words take a twentieth of a second on purpose (`test_checkwords.py`); here only whose they are matters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkwords, "_COST", 2**8)
        patch.setattr(checkwords, "_kept", {})
        yield


def student(assignment: Any, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["class"] = assignment if isinstance(assignment, str) else encode_assignment(assignment)
    for key, value in query.items():
        app.query_params[key] = value
    return rerun(app)


def stage(app: AppTest) -> dict[str, Any]:
    return next(data for data in stages(app) if "picker" not in data)


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
    assert "conv1.out_channels" not in controls(app)
    assert "You can change: kernel_size of conv1 (marked ✎). The rest is locked." in banner(app)
    assert "Network: LeNet-5" in banner(app)
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

    assert why(student(LOCKED))["conv1.out_channels"] == ["your teacher", "Set by your teacher"]
    assert why(student(LOCKED))["conv1.stride"] == ["default", "PyTorch's default"]
    assert why(student(LOCKED))["pool1.stride"] == ["default", "PyTorch's default: the same as kernel_size, 2"]
    assert why(student(LOCKED))["conv1.kernel_size"][0] == "you"
    assert why(student(LOCKED))["conv1.in_channels"][0] == "the data"
    seen = why(student(HIDDEN))
    assert not {"conv1.out_channels", "conv1.stride"} & seen.keys()
    assert seen["conv1.kernel_size"][0] == "you"
    assert why(rerun(AppTest.from_file(APP, default_timeout=60)))["conv1.out_channels"][0] == "you"


@pytest.mark.parametrize(("given", "words"), [
    (LOCKED, "The weights are random until you set them."),
    (assigned(LENET), "The weights are random until you set them, or train the network in the Lab."),
])  # fmt: skip
def test_only_who_may_train_there_is_sent_to_the_lab(given, words):
    app = by_hand(by_hand(student(given), "select", "conv1"), "inside")
    assert stage(app)["figures"][1]["inside"]["note"].endswith(words)


def test_projector_type_is_that_of_every_page():
    assert "html { font-size:" not in page_words(moved(student(LOCKED), "quiz"))
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
    assert "Locked by your teacher" in stage(app)["message"]["text"]
    by_hand(app, "conv1.kernel_size", 3)
    assert session(app).network == LENET.with_argument("conv1", "kernel_size", 3)


@pytest.mark.parametrize(
    "net", [encode(SEED), encode(LENET.with_argument("conv2", "kernel_size", 3)), encode(LENET.remove("relu1"))]
)
def test_locked_means_locked_in_the_address(net):
    app = student(LOCKED, net=net, view="predict-off")
    assert session(app).network == LENET
    assert "Locked by your teacher" in stage(app)["message"]["text"]
    open_one = encode(LENET.with_argument("conv1", "kernel_size", 3))
    assert session(student(LOCKED, net=open_one)).network == LENET.with_argument("conv1", "kernel_size", 3)


def test_locked_means_locked_on_the_fast_lane():
    app = student(LOCKED)
    token = preview.token(session(app))
    assert token is not None
    moved = preview.answer({**token, "key": "conv1.kernel_size", "value": 3})
    assert "Locked" not in moved["message"]["text"]
    refused = preview.answer({**token, "key": "conv2.kernel_size", "value": 3})
    assert "Locked by your teacher" in refused["message"]["text"]


def test_locks_stay_while_a_guess_is_awaited_and_a_refusal_leaves_the_question():
    app = student(assigned(LENET, rest="locked", free=("conv1.kernel_size",), predict=True))
    by_hand(app, "conv1.kernel_size", 3)
    assert controls(app)["locked"] == "readonly"
    assert controls(app)["conv1.kernel_size"] == "range"
    by_hand(app, "conv1.out_channels", 9)
    told = stage(app)["message"]
    assert told["tone"] == "ask"
    assert told["ask"]
    assert "Locked by your teacher" in told["text"]


def test_a_damaged_link_says_so_and_has_no_check_words():
    app = student(encode_assignment(LOCKED)[:-4])
    assert "damaged or was changed: nothing is locked here" in banner(app)
    assert "is-refused" in banner(app)
    assert "Check words:" not in banner(app)


def test_a_link_damaged_by_hand_unlocks_and_leaves_no_check_words():
    app = student(LOCKED)
    app.query_params["class"] = encode_assignment(LOCKED)[:-4]
    rerun(app)
    assert session(app).assignment is None
    assert controls(app)["conv1.out_channels"] == "range"
    app.query_params["class"] = encode_assignment(LOCKED)
    rerun(app)
    assert controls(app)["locked"] == "readonly"


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


def test_what_is_locked_takes_one_line_and_what_is_free_is_marked():
    part = stage(student(LOCKED))
    line = next(control for control in part["panel"]["controls"] if control["key"] == "locked")
    assert line["label"] == "Set by your teacher"
    assert line["why"] == "out_channels 6 · stride 1 · padding 0 · everything else at PyTorch defaults"
    marked = {item["key"]: item["yours"] for item in part["outline"]["items"] if "yours" in item}
    assert marked == {"conv1": "You can change kernel_size"}
    assert part["panel"]["actions"] == []
    assert not part["panel"].get("wiring")
    assert not any("yours" in item for item in stage(opened())["outline"]["items"])


def test_many_free_controls_are_counted_and_marked():
    free = tuple(f"{layer.name}.out_channels" for layer in PRESETS["vgg11"].layers if layer.type == "Conv2d")
    app = student(assigned(PRESETS["vgg11"], rest="locked", free=(*free, "fc1.bias", "fc2.bias")))
    assert f"You can change {len(free) + 2} controls, marked ✎ in the list of layers." in banner(app)
    assert {item["key"] for item in stage(app)["outline"]["items"] if "yours" in item} >= {"conv1", "fc1"}


@pytest.mark.parametrize(("rest", "is_offered"), [("open", True), ("locked", False), ("hidden", False)])
def test_a_locked_network_is_not_replaced_by_a_pasted_one(rest, is_offered):
    app = moved(student(assigned(LENET, rest=rest)), "code")
    app.session_state["layerscope.pasted"].put("import torch.nn as nn\nnet = nn.Sequential(nn.Linear(4, 2))")
    rerun(app)
    data = stages(app)
    keys = [action["key"] for part in data if "message" in part for action in part["message"]["actions"]]
    assert ("open" in keys) is is_offered


@pytest.mark.parametrize("own_copy", [True, False])
def test_an_own_copy_is_offered_where_the_teacher_allows_it(own_copy):
    app = student(assigned(LENET, rest="locked", own_copy=own_copy, predict=True))
    links = [item.proto.url for item in app.get("link_button")]
    assert [encode(LENET) in link and "class=" not in link for link in links] == ([True] if own_copy else [])


def link_of(app: AppTest) -> str:
    """The address that the teacher's page shows."""
    return str(next(part["text"] for part in handed(app) if part.get("button") == "Copy link"))


def test_the_page_makes_a_link_that_opens_what_was_chosen():
    app = at_page("teacher", LENET)
    assert "LeNet-5: 12 layers, input 1×32×32, 61,706 parameters" in page_words(app)
    app.text_area[0].set_value("Why 400?")
    app.radio[0].set_value("locked")
    rerun(app)
    app.pills(key="teach.free.usual.conv2").set_value(["conv2.out_channels"])
    next(box for box in app.selectbox if box.label == "They predict").set_value("value")
    rerun(app)
    next(box for box in app.selectbox if box.label == "The value").set_value("fc1.in_features")
    rerun(app)
    address = link_of(app)
    assert [item.proto.url for item in app.get("link_button")] == [address]  # "Open as a student"
    code = address.split("class=")[1]
    there = student(code)
    assert session(there).network == LENET
    assert "Why 400?" in banner(there)
    # The layer whose control is free is selected, and the control named.
    assert "conv2.kernel_size" not in controls(there)
    assert controls(there)["conv2.out_channels"] == "range"
    assert "You can change: out_channels of conv2 (marked ✎). The rest is locked." in banner(there)
    assert any("data:image/svg+xml" in item.proto.body for item in app.get("html"))
    by_hand(there, "conv2.out_channels", 8)
    assert stage(there)["message"]["title"] == "conv2.out_channels 16 → 8: what will fc1.in_features be?"
    by_hand(there, "guess", "5")
    assert stage(there)["message"]["title"] == "No: you said 5; the answer is 200"


@pytest.mark.parametrize("kind", sorted(PREDICTS))
@pytest.mark.parametrize("network", [SEED, LENET.with_argument("conv1", "kernel_size", 64), Network((4,), (), None)])
def test_every_kind_of_prediction_makes_a_link(network, kind):
    app = at_page("teacher", network)
    box = next(box for box in app.selectbox if box.label == "They predict")
    if kind not in {option.split(":")[0] for option in box.options} and PREDICTS[kind] not in box.options:
        assert (kind, bool(network.layers)) in (("value", False), ("shape", False))
        return
    box.set_value(kind)
    given = decode_assignment(link_of(rerun(app)).split("class=")[1])
    assert given.predict is (kind != "nothing")
    assert given.asks.kind == {"nothing": "", "anything": ""}.get(kind, kind)
    assert given.network == network


def test_what_another_network_had_is_not_predicted():
    app = at_page("teacher", SEED)
    next(box for box in app.selectbox if box.label == "They predict").set_value("shape")
    rerun(app)
    next(box for box in app.selectbox if box.label == "The layer").set_value("pool2")
    rerun(app)
    session(app).network = Network((8,), SEED.layers[-1:], 10)
    rerun(app)
    assert decode_assignment(link_of(app).split("class=")[1]).target == "shape:out"


def test_lessons_begin_on_the_teachers_network_and_always_tell():
    """Each question builds on the answer before; only the quiz can keep its answers back."""
    app = student(assigned(LENET, page="following", silent=True))
    app.switch_page("pages/following.py")
    rerun(app)
    box = next(box for box in app.text_input if str(box.key).startswith("lesson."))
    assert box.label.startswith("conv1 (kernel_size=5) gets 1×32×32.")
    answered(app, box, "7")
    said = " ".join(item.proto.body for item in app.get("html"))
    assert "the answer is 28" in said
    assert "locked" not in banner(app)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (SEED, ["Default network (Fashion-MNIST CNN)", "Your network"]),
        (LENET, ["Default network (Fashion-MNIST CNN)", "Your teacher's network", "Your network"]),
    ],
)
def test_a_lesson_is_about_the_network_that_the_banner_names_whatever_a_student_tried_out(given, names):
    app = student(assigned(given, free=("conv1.kernel_size",), rest="locked"))
    by_hand(app, "conv1.kernel_size", 3)
    app.switch_page("pages/following.py")
    rerun(app)

    def asked() -> str:
        return str(next(box for box in app.text_input if str(box.key).startswith("lesson.")).label)

    size = "1×32×32" if given is LENET else "1×28×28"
    assert asked().startswith(f"conv1 (kernel_size=5) gets {size}.")
    choice = next(group for group in app.radio if group.label == "Shown on")
    assert choice.options == names
    choice.set_value("Your network")
    rerun(app)
    assert asked().startswith(f"conv1 (kernel_size=3) gets {size}.")
    session(app).undo()
    rerun(app)
    assert "kernel_size=5" in asked()
    assert [list(group.options) for group in app.radio if group.label == "Shown on"] == (
        [names[:2]] if given is LENET else []
    )


def test_an_address_with_answers_says_whose_they_are():
    app = at_page("following", LENET)
    next(group for group in app.radio if group.label == "Shown on").set_value("Your network")
    rerun(app)
    box = next(box for box in app.text_input if str(box.key).startswith("lesson."))
    answered(app, box, "28")
    words = {name: app.query_params[name] for name in ("net", "on", "answers")}
    again = AppTest.from_file(APP, default_timeout=60)
    moved(again, "following", **{name: "".join(text) for name, text in words.items()})
    assert "Right: 28." in " ".join(item.proto.body for item in again.get("html"))


def test_controls_are_only_asked_for_where_others_are_locked():
    app = at_page("teacher", LENET)
    assert not app.pills
    app.radio[0].set_value("hidden")
    rerun(app)
    assert [(row.label, row.options) for row in app.pills][:2] == [
        ("conv1", ["out_channels", "kernel_size", "stride", "padding"]),
        ("pool1", ["kernel_size", "stride", "padding"]),
    ]


def test_rarely_changed_controls_fold_away_and_are_in_sight_once_one_is_chosen():
    app = at_page("teacher", LENET)
    app.radio[0].set_value("locked")
    rerun(app)

    def more() -> Any:
        return next(one for one in app.expander if one.label == MORE)

    assert "inplace" in [name for row in more().get("button_group") or () for name in row.options]
    assert not more().proto.expanded
    app.pills(key="teach.free.rare.flatten").set_value(["flatten.end_dim"])
    app.pills(key="teach.free.usual.conv1").set_value(["conv1.stride", "conv1.padding"])
    rerun(app)
    assert more().proto.expanded
    assert set(decode_assignment(link_of(app).split("class=")[1]).free) == {
        "flatten.end_dim", "conv1.stride", "conv1.padding",
    }  # fmt: skip
    app.pills(key="teach.free.rare.flatten").set_value([])
    rerun(app)
    assert more().proto.expanded  # nothing moves
    session(app).network = SEED.remove("conv1")
    rerun(app)
    assert not [name for row in app.pills for name in row.value or ()]


def test_of_very_many_controls_one_is_found_by_typing_and_what_was_chosen_stays():
    app = at_page("teacher", PRESETS["resnet18"])
    app.radio[0].set_value("locked")
    rerun(app)
    assert not app.multiselect
    (row,) = app.pills
    row.set_value(["conv1.kernel_size", "conv1.stride"])
    rerun(app)
    app.selectbox(key="teach.layer").set_value("layer3.1.conv2")
    rerun(app)
    assert [each.label for each in app.pills] == ["layer3.1.conv2"]
    assert "2 chosen: conv1.kernel_size, conv1.stride" in page_words(app)
    app.pills[0].set_value(["layer3.1.conv2.padding"])
    rerun(app)
    free = ("conv1.kernel_size", "conv1.stride", "layer3.1.conv2.padding")
    assert set(decode_assignment(link_of(app).split("class=")[1]).free) == set(free)
    assert f"3 chosen: {', '.join(free)}" in page_words(app)
    app.selectbox(key="teach.layer").set_value("conv1")
    rerun(app)
    assert app.pills[0].value == ["conv1.kernel_size", "conv1.stride"]
    session(app).network = PRESETS["resnet34"].rename("conv1", "stem")
    rerun(app)
    assert app.pills[0].label == "stem"


# --- while a guess is awaited, no page and no file tells the answer ---------------------------------------------------

ANSWERS = ("32,902", "32902", "6×26×26", "(6, 26, 26)", "6, 26, 26", "12×11×11")
"""What conv1.kernel_size = 3 makes of the course's network, in the forms in which it could be told."""


def everything(app: AppTest) -> str:
    """All that is sent to the browser, and the address."""
    kinds = (
        "html", "bidi_component", "markdown", "link_button", "caption", "heading", "download_button", "selectbox",
        "radio", "popover", "dataframe", "table", "code",
    )  # fmt: skip
    sent = [str(node.proto) for kind in kinds for node in app.get(kind)]
    return "\n".join([*sent, str(dict(app.query_params))])


def waiting(**more: Any) -> AppTest:
    app = student(assigned(SEED, predict=True, target="parameters", **more))
    return by_hand(app, "conv1.kernel_size", 3)


@pytest.mark.parametrize(
    ("page", "rest"),
    in_turns([path.removeprefix("pages/").removesuffix(".py") for path in PAGES], ["open", "locked"], each=1),
)
def test_no_page_tells_while_a_guess_is_awaited(page, rest):
    app = waiting(rest=rest, free=("conv1.kernel_size",))
    moved(app, page)
    told = everything(app)
    assert [answer for answer in ANSWERS if answer in told] == []
    if page not in ("explore", "glossary"):
        assert "Your guess comes first." in told
        assert not app.button
        assert not app.text_input
    moved(app, "explore")
    assert stage(app)["message"]["tone"] == "ask"
    by_hand(app, "guess", "32902")
    assert stage(app)["message"]["title"] == "Right: the network has 32,902 parameters"
    assert "Your guess comes first." not in everything(moved(app, page))


@pytest.mark.parametrize("words", [{"net": encode(SEED)}, {"on": "mine"}, {"view": "predict-off"}, {"class": ""}])
def test_no_address_tells_while_a_guess_is_awaited(words):
    app = waiting()
    for page in ("explore", "following", "quiz"):
        for name, word in words.items():
            app.query_params[name] = word
        moved(app, page)
        assert [answer for answer in ANSWERS if answer in everything(app)] == []


def test_nothing_is_exported_while_a_guess_is_awaited():
    app = waiting()
    assert not app.get("download_button")
    export = next(one.proto.popover for one in app.get("popover") if one.proto.popover.label == "Export")
    assert export.disabled
    by_hand(app, "guess", "5")
    assert app.get("download_button")


def test_a_file_that_was_asked_for_before_holds_what_is_on_the_screen():
    here = session(waiting())
    assert takeaway._file(here, tables.summary, "csv") == tables.FORMATS["csv"](tables.summary(trace(SEED)))


def test_a_reload_in_the_middle_asks_again():
    app = waiting()
    again = student("".join(app.query_params["class"]), net="".join(app.query_params["net"]))
    assert stage(again)["message"]["tone"] == "ask"
    assert [answer for answer in ANSWERS if answer in everything(again)] == []


# --- before the first guess, the pages that tell of other networks wait -----------------------------------------------

FIRST = assigned(SEED, predict=True, target="parameters", rest="locked", free=("conv1.kernel_size",))


@pytest.mark.parametrize("page", [path.removeprefix("pages/").removesuffix(".py") for path in PAGES])
def test_no_page_tells_before_the_first_change(page):
    told = everything(moved(student(FIRST), page))
    assert [answer for answer in ANSWERS if answer in told] == []
    assert ("Your guess comes first." in told) is (page in waits.TELLS_OF_OTHERS)


def test_the_first_guess_opens_what_waited_and_a_change_taken_back_is_none():
    app = student(FIRST)
    by_hand(app, "conv1.kernel_size", 3)
    by_hand(app, "undo")
    assert waits.AT_FIRST in everything(moved(app, "sweep"))
    by_hand(moved(app, "explore"), "conv1.kernel_size", 3)
    by_hand(app, "guess", "5")
    assert "32,902" in everything(moved(app, "sweep"))
    assert "Your guess comes first." not in everything(app)


@pytest.mark.parametrize(
    "given",
    [
        assigned(SEED, predict=True, rest="locked"),  # nothing to change, so nothing to guess
        assigned(SEED, rest="locked", free=("conv1.kernel_size",)),
    ],
)
def test_where_no_guess_can_come_nothing_waits(given):
    assert "Your guess comes first." not in everything(moved(student(given), "sweep"))


def test_somebody_alone_may_see_the_result_without_a_guess():
    app = opened(view="predict-on")
    by_hand(app, "conv1.kernel_size", 3)
    moved(app, "quiz")
    press(app, "Show without a guess")
    assert "Your guess comes first." not in everything(rerun(app))
    assert stage(moved(app, "explore"))["message"]["tone"] == "changed"


# --- the form begins with what Explore shows --------------------------------------------------------------------------


def form(app: AppTest) -> tuple[bool, str]:
    """Whether the type is large, and what is predicted."""
    large = next(one for one in app.toggle if one.key == "teach.large").value
    return large, str(next(one for one in app.selectbox if one.key == "teach.predict").value)


def test_the_form_follows_explores_switches_and_keeps_what_was_chosen_in_it():
    app = at_page("teacher")
    assert form(app) == (False, "nothing")
    session(app).with_view(type_size="large")
    assert form(rerun(app)) == (True, "nothing")
    next(one for one in app.selectbox if one.key == "teach.predict").set_value("parameters")
    session(app).with_view(type_size="normal")
    assert form(rerun(app)) == (False, "parameters")
    next(one for one in app.toggle if one.key == "teach.large").set_value(True)
    session(app).with_view(predict="on")
    assert form(rerun(app)) == (True, "anything")
    given = decode_assignment(link_of(app).split("class=")[1])
    assert (given.large, given.predict, given.target) == (True, True, "")


@pytest.mark.parametrize("page", ["teacher", "memory"])
def test_a_changed_network_has_the_name_that_explore_gives_it(page):
    app = at_page(page)
    changed = SEED.with_argument("conv1", "kernel_size", 3)
    session(app).commit(changed)
    assert "Fashion-MNIST CNN, changed: 12 layers" in page_words(rerun(app))
    session(app).commit(changed.remove("relu4"))
    assert "Fashion-MNIST CNN, changed: 11 layers" in page_words(rerun(app))


def test_a_student_begins_at_the_layer_that_the_teacher_had_selected():
    app = at_page("teacher", LENET)
    session(app).select("pool2")
    there = student(link_of(rerun(app)).split("class=")[1])
    assert stage(there)["panel"]["title"] == "pool2"


def large_code(app: AppTest) -> str:
    return next(str(item.proto.body) for item in app.get("html") if "class='teach-large'" in item.proto.body)


def test_the_full_screen_shows_the_code_the_question_and_the_words_and_no_address_that_nobody_could_type():
    app = at_page("teacher")
    app.text_area[0].set_value("Why 400?")
    press(rerun(app), "Show full screen")
    large = large_code(app).split("</style>")[1]
    places = [large.index(words) for words in ("<img", "Why 400?", "Check words:", "works on this computer only")]
    assert places == sorted(places)
    assert "?class=" not in large


@pytest.mark.parametrize("rest", ["locked", "hidden"])
def test_a_link_to_a_page_without_sliders_is_held_back_and_nothing_typed_is_lost(rest):
    app = at_page("teacher", LENET)
    app.text_area[0].set_value("Why 400?")
    app.radio[0].set_value(rest)
    rerun(app)
    assert NOTHING_FREE in page_words(app)
    assert NO_LINK in page_words(app)
    assert not [part for part in handed(app) if part.get("button") == "Copy link"]
    assert not app.get("link_button")
    app.pills(key="teach.free.usual.conv2").set_value(["conv2.out_channels"])
    rerun(app)
    assert NOTHING_FREE not in page_words(app)
    assert NO_LINK not in page_words(app)
    given = decode_assignment(link_of(app).split("class=")[1])
    assert (given.question, given.free, given.rest) == ("Why 400?", ("conv2.out_channels",), rest)


def test_a_locked_network_without_controls_says_what_to_do_and_a_quiz_needs_none():
    app = at_page("teacher", Network((4,), (), None).insert(0, "Flatten"))
    app.radio[0].set_value("locked")
    rerun(app)
    assert link_of(rerun(page_chosen(app, "quiz")))
    assert NO_LINK not in page_words(app)
    bare = at_page("teacher", Network((4,), (), None))
    bare.radio[0].set_value("locked")
    assert NO_CONTROLS in page_words(rerun(bare))


def page_chosen(app: AppTest, page: str) -> AppTest:
    next(box for box in app.selectbox if box.label == "Page").set_value(page)
    return app


def test_the_code_for_the_whole_room_says_too_that_the_link_works_on_this_computer_only():
    app = at_page("teacher", LENET)
    told = [box.value for box in app.info]
    assert len(told) == 1
    assert "works on this computer only" in told[0]
    next(button for button in app.button if button.label == "Show full screen").click()
    assert "works on this computer only" in large_code(rerun(app))


def test_a_locked_picture_offers_to_see_a_layer_and_an_open_one_to_change_it():
    def hint(app: AppTest) -> str:
        return str(stage(app)["figures"][0]["guide"]["hint"])

    assert hint(student(assigned(LENET))) == "Click a block to change that layer"
    assert hint(student(LOCKED)) == "Click a block to see that layer"
    token = preview.token(session(student(LOCKED)))
    assert token is not None
    moved = preview.answer({**token, "key": "conv1.kernel_size", "value": 3})
    assert moved["figures"][0]["guide"]["hint"] == "Click a block to see that layer"
