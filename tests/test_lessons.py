"""Every lesson, walked through by somebody who answers, run by Streamlit without a browser."""

import importlib
import re
from functools import cache
from html import escape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.mistakes.breaks import breaks, written
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.lessons import progress
from layerscope.ui.lessons.contents import LESSONS, next_of
from layerscope.ui.lessons.steps import steps
from tests.large import in_turns
from tests.test_pages import answered, at_page, moved, page_words, rerun

pytestmark = pytest.mark.usefixtures("short_training")
KEYS = [lesson.key for lesson in LESSONS]
MOST = 24
VERDICT = re.compile("you (said|answered)")
NETWORKS = {"course": None, "lenet5": PRESETS["lenet5"], "alexnet": PRESETS["alexnet"], "vgg11": PRESETS["vgg11"]}


def opened(key: str, answers: str = "", network: Any = None) -> AppTest:
    app = at_page(key, network, **({"answers": answers} if answers else {}))
    if network is not None:
        next(group for group in app.radio if group.label == "Shown on").set_value("Your network")
        rerun(app)
    return app


def words(app: AppTest) -> str:
    return " ".join([page_words(app), *(item.value for item in app.markdown)])


def waiting(app: AppTest) -> Any:
    """The first box or choice that waits for an answer."""
    boxes = [*app.text_input, *app.radio]
    return next((box for box in boxes if str(box.key).startswith("lesson.") and not box.value), None)


def fixed(app: AppTest) -> bool:
    """Do what lesson 5 asks for by hand; whether there was something to do."""
    here = app.session_state["layerscope.session"].network
    shown = here if "mine" in app.query_params.get("on", []) else PRESETS[DEFAULT]
    for made in breaks(shown):
        done = "".join(app.query_params.get("answers", ""))
        if f"fix_{made.key}:" not in done and f"where_{made.key}:" in done:
            name = f"lesson-mending-fix_{made.key}"
            app.session_state[f"{name}.broken"] = made.suggested
            app.session_state[f"{name}.{made.follows}"] = written(made.changed(made.suggested))[made.follows]
            rerun(app)
            return True
    return False


def walked(key: str, network: Any = None) -> tuple[AppTest, list[str]]:
    """Answer everything: the first option, or a number that is hardly right."""
    asked: list[str] = []
    app = opened(key, network=network)
    while len(asked) < MOST:
        if (box := waiting(app)) is None:
            if key == "mending" and fixed(app):
                continue
            break
        asked.append(box.label)
        before = words(app)
        assert not VERDICT.search(before.split(escape(box.label))[-1])
        answered(app, box, box.options[0] if hasattr(box, "options") else "7")
    return app, asked


@cache
def finished(key: str) -> tuple[AppTest, list[str]]:
    """The lesson walked to its end on its own network, once for all tests that only read it."""
    return walked(key)


@pytest.mark.parametrize(("key", "network"), in_turns(KEYS, NETWORKS, each=1))
def test_a_lesson_asks_before_it_shows_and_ends_with_a_summary(key, network):
    app, asked = walked(key, NETWORKS[network])
    assert len(asked) >= 2, "each lesson has a prediction before its results"
    assert len(set(asked)) == len(asked)
    assert waiting(app) is None
    said = words(app)
    assert "What you found out" in said
    assert "None" not in re.sub(r"<[^>]*>", " ", said)
    assert not app.error


@pytest.mark.parametrize("key", KEYS)
def test_the_first_look_at_a_lesson_gives_no_answer_away(key):
    app = opened(key)
    assert waiting(app) is not None
    assert "lesson-verdict'" not in words(app).replace(".lesson-verdict", "")
    assert "What you found out" not in words(app)


@pytest.mark.parametrize("key", KEYS)
def test_progress_stands_in_the_address_and_is_taken_from_it(key):
    app, asked = finished(key)
    text = "".join(app.query_params["answers"])
    assert len(progress.decode(text)) >= len(asked)
    again = opened(key, answers=text)
    assert waiting(again) is None
    assert "What you found out" in words(again)


@pytest.mark.parametrize("text", ["~~~", "a:b:c~:", "x" * 5_000, "h0:<script>alert(1)</script>", "H:24~h0:"])
def test_a_damaged_address_is_no_error(text):
    assert set(progress.decode(text)) <= {"a", "h0"}
    opened("following", answers=text)


def test_answers_survive_the_address():
    answers = {"h0": "24", "shape": "6, 24, 24", "who": "the layer before", "many": "1,812"}
    assert progress.decode(progress.encode(answers)) == answers


@pytest.mark.parametrize(
    ("typed", "answer", "right"),
    [
        ("1,812", "1812", True), ("1 812", "1,812", True), ("1811", "1812", False), ("six", "6", False),
        ("(6, 24, 24)", "6×24×24", True), ("6x24x24", "(6, 24, 24)", True), ("6, 24", "6×24×24", False),
        ("The data", "the data", True), ("you", "the data", False), ("", "24", False),
    ],
)  # fmt: skip
def test_an_answer_is_judged_by_what_it_means(typed, answer, right):
    assert progress.is_right(typed, answer) is right


def test_an_answer_in_words_is_asked_for_in_digits_and_the_question_stays():
    app = opened("following")
    answered(app, waiting(app), "twenty-four")
    assert "Type a number" in words(app)
    assert not VERDICT.search(words(app))
    answered(app, app.text_input[0], "24")
    assert "Right: 24." in words(app)
    assert "Type a number" not in words(app)


def test_padding_same_keeps_the_size_too():
    app = opened("sliding")
    answered(app, waiting(app), "same")
    assert "<b>✓ Right: 2.</b>" in words(app)


def test_the_button_without_a_choice_asks_for_one():
    app = opened("patterns")
    next(button for button in app.button if button.label == "Answer").click()
    rerun(app)
    assert "Choose one of them." in words(app)
    answered(app, waiting(app), waiting(app).options[0])
    assert "Choose one of them." not in words(app)


@pytest.mark.parametrize(
    ("typed", "answer", "fits"),
    [
        ("12 kernels", "12", True), ("12.0", "12", True), ("12.5", "12", False),
        ("fc1", "12", False), ("twelve", "12", False), ("12x12", "12", False),
        ("1,812", "1812", True), ("24 x 24", "6×24×24", True), ("maps", "6×24×24", False),
    ],
)  # fmt: skip
def test_what_is_of_another_kind_than_the_answer_is_not_taken(typed, answer, fits):
    assert progress.is_of_kind(typed, answer) == fits
    assert not progress.is_right("fc12", "12")
    assert progress.is_right("12 kernels", "12")


def test_answers_about_one_network_are_not_taken_for_another():
    app = opened("counting")
    answered(app, app.text_input[0], "1812")
    assert "Right: 1,812." in words(app)
    app.session_state["layerscope.session"].network = PRESETS["alexnet"]
    moved(app, "following")
    next(group for group in app.radio if group.label == "Shown on").set_value("Your network")
    rerun(app)
    moved(app, "counting")
    assert "1,812" not in words(app)
    assert not VERDICT.search(words(app))
    next(group for group in app.radio if group.label == "Shown on").set_value("Default network (Fashion-MNIST CNN)")
    rerun(app)
    assert "Right: 1,812." in words(app)


@pytest.mark.parametrize("key", KEYS)
def test_a_lesson_says_which_step_it_is_at_and_when_it_is_complete(key):
    first = words(opened(key))
    place = KEYS.index(key) + 1
    found = re.search(rf"Lesson (\d+) of {len(KEYS)} · step 1 of (\d+)", first)
    assert found
    assert int(found[1]) == place
    app, _ = finished(key)
    told = words(app)
    verdicts = [found.end() for found in re.finditer("class='lesson-verdict'", told)]
    done = told.index("Lesson complete")
    assert done > verdicts[-1]
    assert told.find("lesson-question", verdicts[-1], done - 30) == -1  # nothing but the reason between
    assert told.index("What you found out") > done
    assert f"Lesson {place} of {len(KEYS)} · complete ✓" in told
    assert len(progress.decode("".join(app.query_params["answers"]))) == int(found[2])
    assert "".join(app.query_params["done"]) == str(place)
    assert f"1 of {len(KEYS)} lessons done." in words(app)
    following = LESSONS[place] if place < len(LESSONS) else LESSONS[0]
    assert any(f"Next: lesson {KEYS.index(following.key) + 1} {following.title}" in text for text in links(app))


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


@pytest.mark.parametrize("key", KEYS)
def test_every_emphasized_word_has_an_entry_in_the_glossary(key):
    """The heading of a mistake is no word of the field."""
    texts = "\n".join(item.value for item in finished(key)[0].markdown)
    bare = re.sub(r"\[\*{1,2}[^*]+\*{1,2}\]\(glossary\?term=[^)]+\)|\*\*Mistake \d+\*\*", "", texts)
    assert re.findall(r"\*{1,2}[^*\s][^*\n]*\*{1,2}", bare) == []


def test_the_lessons_that_are_done_go_with_the_visit_and_with_the_address():
    app, _ = walked("decides")
    moved(app, "kernel")
    assert any(text.startswith("✓ 2 Who decides?") for text in links(app))
    assert "".join(app.query_params["done"]) == "2"
    again = at_page("kernel", None, done="1.2.x.99")
    assert sum(text.startswith("✓") for text in links(again)) == 2


def test_after_the_last_lesson_comes_what_is_missing_or_the_quiz():
    every = frozenset(range(1, len(LESSONS) + 1))
    assert next_of(LESSONS[-1], every - {3}) == LESSONS[2]
    assert next_of(LESSONS[-1], every) is None
    assert next_of(LESSONS[1], frozenset({1, 2, 3})) == LESSONS[3]


@pytest.mark.parametrize("key", ["decides", "kernel"])
def test_at_a_lessons_end_one_link_leads_on(key):
    app, _ = finished(key)
    assert "Lesson complete" in words(app)
    listed = len(LESSONS) + 1  # below "All lessons"
    outside = [item.proto.page for item in app.get("page_link")][:-listed]
    assert len(set(outside)) == len(outside) == 2


def test_the_number_of_steps_is_counted_without_drawing_anything():
    for key in KEYS:
        module = importlib.import_module(f"layerscope.ui.lessons.{key}")
        names = steps(module.body, PRESETS[DEFAULT], True)
        assert len(set(names)) == len(names) >= 4
