"""The quiz's page, answered by somebody, run by Streamlit without a browser."""

import json
import re
from html import escape
from random import Random
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layerscope.assignment import assigned, encode_assignment
from layerscope.formatting import shape_text
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.quiz.making import ALL
from layerscope.study.quiz.setting import COUNT, LARGEST_SEED, MINE, SOURCES, asked, failing, seed_of, unasked
from layerscope.tracing import trace
from layerscope.ui import quiz_picture
from layerscope.ui.lessons import progress
from layerscope.ui.lessons.contents import LESSONS
from layerscope.ui.quiz_end import HELPFUL, helpful
from tests.drawn import handed
from tests.large import LARGE, large_last
from tests.study.quiz.branches import RESIDUAL
from tests.test_pages import APP, answered, at_page, moved, page_words, rerun

SEED = PRESETS[DEFAULT]


def opened(**query: str) -> AppTest:
    return at_page("quiz", None, **query)


def choose(app: AppTest, text: str) -> AppTest:
    return answered(app, app.radio[0], text)


def go_on(app: AppTest) -> AppTest:
    next(button for button in app.button if button.key == "quiz.go").click()
    return rerun(app)


@pytest.mark.parametrize("source", large_last(SOURCES))
def test_every_source_gives_a_quiz_of_ten(source):
    questions = asked(source, 3, SEED)
    assert len(questions) == COUNT
    assert questions == asked(source, 3, SEED)
    assert [q.text for q in questions] != [q.text for q in asked(source, 4, SEED)]
    assert len({q.key for q in questions}) == len(questions)


@pytest.mark.parametrize(
    ("text", "seed"), [("7", 7), ("", 1), ("x", 1), ("-3", 1), ("0", 1), ("99999999", 1), ("²", 1)]
)
def test_a_seed_is_a_number_of_the_address(text, seed):
    assert seed_of(text) == seed
    assert 1 <= seed <= LARGEST_SEED


def test_all_right_answers_are_told_to_be_right_and_counted():
    app = opened(seed="5")
    for place, question in enumerate(asked(DEFAULT, 5, SEED)):
        assert f"Question {place + 1} of {COUNT}" in page_words(app)
        assert "quiz-verdict' data-tone" not in page_words(app)
        assert list(app.radio[0].options) == [option.text for option in question.options]
        choose(app, question.right.text)
        assert "Right." in page_words(app)
        go_on(app)
    assert f"{COUNT} of {COUNT} right" in page_words(app)
    assert "Every answer was right." in page_words(app)


def test_wrong_answers_name_the_mistake_and_are_reviewed():
    app, rng, mistakes = opened(seed="8", about="medium"), Random(1), []
    for question in asked("medium", 8, SEED):
        wrong = rng.choice([option for option in question.options if option != question.right])
        choose(app, wrong.text)
        mistakes.append(wrong.mistake)
        assert wrong.mistake
        go_on(app)
    assert f"0 of {COUNT} right" in page_words(app)
    for mistake in mistakes:
        assert mistake.split("'")[0].split("&")[0][:20] in page_words(app)


def test_the_network_is_given_without_what_follows_from_it():
    told = page_words(opened(seed="2"))
    assert "conv1: Conv2d(out_channels=6, kernel_size=5)" in told
    assert "192" not in told.split("quiz-question")[0]
    assert "in_channels" not in told.split("quiz-question")[0]


def test_a_running_quiz_keeps_its_answers_out_of_the_address():
    """Whoever gets the link of a running quiz gets the questions, not the answers."""
    app = opened(seed="5")
    for question in asked(DEFAULT, 5, SEED):
        choose(app, question.right.text)
        assert "answers" not in app.query_params
        go_on(app)
    assert f"{COUNT} of {COUNT} right" in page_words(app)
    assert "answers" not in app.query_params


def test_an_old_link_with_answers_opens_and_is_cleaned():
    questions = asked(DEFAULT, 5, SEED)
    app = opened(seed="5", answers=f"q0:{questions[0].answer}~q1:{questions[1].answer}")
    assert f"Question 2 of {COUNT}" in page_words(app)
    assert "answers" not in app.query_params


def test_a_reload_of_a_running_quiz_brings_the_answers_back_and_nobody_else_s():
    app = choose(opened(seed="5"), asked(DEFAULT, 5, SEED)[0].right.text)
    kept = next(data["texts"]["sheet"] for data in handed(app) if data.get("name") == "layerscope.quiz")
    again = opened(seed="5")
    again.session_state["layerscope.quiz"] = {"restored": {"sheet": kept}}
    assert kept.startswith("quiz fashion-mnist-cnn 5")
    assert progress.decode(kept.partition("\n")[2])


def test_the_lessons_that_would_help_are_named_by_what_was_missed():
    app = opened(seed="5")
    questions = asked(DEFAULT, 5, SEED)
    for question in questions:
        choose(app, next(option for option in question.options if option is not question.right).text)
        assert re.search(f"[Tt]he answer is “?{re.escape(escape(question.right.text))}”?\\.", page_words(app))
        go_on(app)
    links = [link.proto.label for link in app.get("page_link")]
    counts = helpful(questions)
    assert sum(count for _, count in counts) == COUNT
    for place, count in counts:
        noun = "question" if count == 1 else "questions"
        assert f"Lesson {place}, {LESSONS[place - 1].title} ({count} {noun} missed) →" in links


def test_every_template_has_a_lesson_that_helps():
    assert set(HELPFUL) == set(ALL)
    assert set(HELPFUL.values()) <= {lesson.key for lesson in LESSONS}


def shown_sizes(figure: dict[str, Any]) -> set[str]:
    """Sizes that stand in a figure: of tensors, and single ones."""
    texts = [re.sub(r"<[^>]*>", "", text["text"]) for text in figure["layout"]["annotations"]]
    sizes = set(re.findall(r"\d+(?:×\d+)+", " ".join([*texts, figure["description"]])))
    return sizes | {text for text in texts if text.replace(",", "").isdecimal()}


@pytest.mark.parametrize("source", large_last(source for source in SOURCES if source != MINE))
def test_the_picture_tells_no_size_but_the_inputs(source, thorough):
    for seed in (1, 2) if thorough else (1,):
        for question in asked(source, seed, SEED):
            given = {shape_text(each.shape) for each in question.network.inputs}
            figure = quiz_picture.picture(question, is_answered=False)
            assert shown_sizes(figure) <= given, question
            assert all("hovertext" not in trace and trace["hoverinfo"] == "skip" for trace in figure["data"])
            json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("source", [DEFAULT, "medium", "branching", "resnet18"])
def test_where_the_output_of_a_layer_is_asked_the_picture_ends_before_it(source):
    found = [q for seed in range(1, 6) for q in asked(source, seed, SEED) if q.key in quiz_picture.OF_OUTPUTS]
    assert found
    for question in found:
        names = {text.get("name") for text in quiz_picture.picture(question, False)["layout"]["annotations"]}
        assert question.layer not in names
        given = {shape_text(each.shape) for each in question.network.inputs}
        step = trace(question.network).by_name[question.layer]
        after = shown_sizes(quiz_picture.picture(question, is_answered=True))
        assert after <= given | {shape_text(step.output_shape or ())}


def test_the_layer_that_the_picture_outlines_is_named_in_the_question(thorough):
    for source in SOURCES if thorough else sorted(set(SOURCES) - LARGE):
        for question in asked(source, 4, SEED):
            assert not question.layer or question.layer in question.text, question


def test_a_quiz_goes_on_where_the_address_left_it():
    first = asked(DEFAULT, 5, SEED)[0]
    app = opened(seed="5", answers=f"q0:{first.answer}")
    assert f"Question 1 of {COUNT}" in page_words(app)  # with the reason that was being read
    assert escape(first.explanation) in page_words(app)
    go_on(app)
    assert f"Question 2 of {COUNT}" in page_words(app)


@pytest.mark.parametrize("answers", ["q0:9", "q0:x~q1:", "q99:1", "~~", "q0:-1"])
def test_a_damaged_address_is_no_error(answers):
    opened(seed="5", answers=answers, about="nonsense")


def test_another_seed_asks_anew():
    app = choose(opened(seed="5"), asked(DEFAULT, 5, SEED)[0].right.text)
    app.number_input[0].set_value(6)
    rerun(app)
    assert f"Question 1 of {COUNT}" in page_words(app)
    assert "".join(app.query_params["seed"]) == "6"


def test_your_network_is_asked_about():
    lenet = PRESETS["lenet5"]
    app = at_page("quiz", lenet, about="mine")
    assert "(1, 32, 32)" in page_words(app)


def test_a_network_that_serves_no_question_gets_a_sentence():
    app = at_page("quiz", SEED.with_argument("conv2", "kernel_size", 33), about="mine")
    assert "Question" in page_words(app) or "There is no question" in page_words(app)


def test_a_silent_quiz_tells_neither_what_is_right_nor_the_score():
    silent = encode_assignment(assigned(SEED, page="quiz", silent=True, about=DEFAULT, seed=5))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["class"] = silent
    moved(rerun(app), "quiz", seed="6", about="lenet5")  # a class link's quiz is not changed by the address
    questions = asked(DEFAULT, 5, SEED)
    for question in questions:
        choose(app, question.options[0].text)
        assert "Your answer is saved." in page_words(app)
        assert escape(question.explanation) not in page_words(app)
        go_on(app)
    told = page_words(app)
    assert "answers are in this page's address" in told
    assert "right</p>" not in told
    for question in questions:
        assert f"You said <b>{escape(question.options[0].text)}</b>" in told
        assert escape(question.explanation) not in told
        assert (
            question.answer == 0
            or f"<b>{escape(question.right.text)}</b>."
            not in told.split(escape(question.text))[1][:400].split("</li>")[0]
        )


def test_a_class_gets_the_quiz_on_the_teachers_network():
    lenet = PRESETS["lenet5"]
    link = encode_assignment(assigned(lenet, page="quiz", about=MINE, seed=7))
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["class"] = link
    moved(rerun(app), "quiz")
    assert escape(asked(MINE, 7, lenet)[0].text) in page_words(app)
    assert app.selectbox[0].disabled
    assert app.number_input[0].disabled


def test_a_quiz_about_a_network_that_does_not_run_says_so_and_asks_about_what_comes_before():
    broken = SEED.with_argument("conv2", "kernel_size", 29)
    told = page_words(at_page("quiz", broken, about=MINE))
    assert "This network does not run: conv2 fails. kernel_size 29 is larger than its input" in told
    assert "the layers before it: conv1, relu1, pool1." in told
    for seed in range(1, 20):
        text = " ".join(question.text for question in asked(MINE, seed, broken))
        assert not any(f"{name} =" in text for name in broken.names[3:])


@pytest.mark.parametrize("preset", [DEFAULT, "lenet5", "alexnet"])
def test_where_the_first_layer_fails_the_questions_are_not_about_the_network(preset):
    network = PRESETS[preset]
    broken = network.with_argument(network.names[0], "kernel_size", 999)
    assert "There is no layer before it" in failing(broken)
    for seed in range(1, 6):
        assert {question.key for question in asked(MINE, seed, broken) if question.network == broken} <= {"grid-runs"}


def test_a_network_that_runs_needs_no_notice():
    assert "quiz-failing'" not in page_words(at_page("quiz", SEED, about=MINE))
    broken = SEED.with_argument("conv2", "kernel_size", 29)
    assert "quiz-failing'" not in page_words(at_page("quiz", broken, about=DEFAULT))


def test_what_the_quiz_does_not_ask_about_a_network_that_branches_is_said():
    told = page_words(at_page("quiz", RESIDUAL, about="mine"))
    assert escape(unasked(RESIDUAL)) in told
    assert "Fix it" not in told
    assert "add1: Add(), reads conv3 and shortcut" in told or "about another network" in told
    assert "This network branches" not in page_words(opened(seed="2"))
