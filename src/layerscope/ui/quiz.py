"""The quiz: ten questions about a network, one at a time, each answered with the reason; a sheet to print."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from layerscope.formatting import unbroken
from layerscope.study.quiz.question import Question, check
from layerscope.study.quiz.setting import (
    LARGEST_SEED,
    MINE,
    NAMES,
    SOURCES,
    asked,
    failing,
    network_of,
    seed_of,
    unasked,
)
from layerscope.study.quiz.sheet import facts, layer_lines, sheet, sheet_html
from layerscope.ui import answering, number_field, quiz_end, quiz_picture, remembered, sheethead, state
from layerscope.ui.choosing import choose
from layerscope.ui.focus import follow
from layerscope.ui.kept import keep
from layerscope.ui.lessons.contents import LESSONS
from layerscope.ui.switching import projector

PAGE = "quiz"
SEED, ABOUT, NEXT = "quiz.seed", "quiz.about", "quiz.next"

_STYLE = """<style>
.quiz-network { font-size: 0.85rem; margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.quiz-network.is-phones { display: none; }
@media screen and (max-width: 640px) {
  .quiz-network { display: none; }
  .quiz-network.is-phones { display: block; }
}
.quiz-question { font-size: 1.1rem; font-weight: 600; margin: 0; }
.quiz-heading { font-weight: 600; margin: 0; }
.quiz-verdict {
  margin: 0; padding-inline-start: 0.6rem; border-inline-start: 3px solid #e69f00; overflow-wrap: break-word;
}
.quiz-verdict[data-tone="right"] { border-inline-start-color: #009e73; }
.quiz-failing { margin: 0; padding: 0.5rem 0.8rem; border: 1px solid #d55e00; border-inline-start-width: 6px; }
.quiz-unasked { margin: 0; font-size: 0.85rem; }
/* Drawn by us: in the dark Chromium fills an empty one white, as if all were done. */
.stMain progress {
  appearance: none; inline-size: 7rem; block-size: 0.5rem; margin-inline-start: 0.5rem; overflow: hidden;
  background: transparent; border: 1px solid currentColor; border-radius: 4px;
}
.stMain progress::-webkit-progress-bar { background: transparent; }
.stMain progress::-webkit-progress-value { background: #0072b2; }
.stMain progress::-moz-progress-bar { background: #0072b2; }
.quiz-review li { margin: 0.5rem 0; }
/* On a low screen the picture is seen down to its names, below a question of usual length. */
@media screen and (min-width: 641px) and (max-height: 850px) {
  .st-key-quiz-picture .stage-figure { --height: 15rem !important; }
}
</style>"""


def draw() -> None:
    """Draw the page."""
    state.arrive(PAGE)
    st.html(_STYLE)
    top = st.container()
    right, left = st.columns([5, 3], gap="medium")  # on a phone the question comes first
    with left, st.container(key="quiz-settings"):
        source, seed = _settings()
    questions = asked(source, seed, state.session().network)
    with top:
        sheethead.draw(f"Quiz, seed {seed}, {NAMES[source]}", state.session().network if source == MINE else None)
    whose = hash(state.session().network) if source == MINE else ""
    answers = answering.sheet(PAGE, f"{source} {seed} {whose}", is_private=True)
    keep("layerscope.quiz", {"sheet": answering.written()}, _restored)
    place = next((n for n in range(len(questions)) if f"q{n}" not in answers), len(questions))
    usual = place - 1 if place < len(questions) else -1  # a reload begins with the last answer's reason
    waiting = remembered.kept(NEXT, usual) == place - 1 >= 0  # the answer just given is still being read
    shown = place - 1 if waiting else place
    with left:
        if shown < len(questions):
            _network(questions[shown])
        _take(questions, source, seed)
    with right:
        if source == MINE and questions:
            _failing()
        if told := unasked(network_of(source, state.session().network)):
            st.html(f"<p class='quiz-unasked' role='note'>{escape(told)}</p>")
        if not questions:
            st.html(
                "<p>There is no question about this network. Choose one that runs and has a convolution or a Linear "
                "layer.</p>"
            )
        elif shown < len(questions):
            _one(questions, shown, answers)
            quiz_picture.draw(questions[shown], waiting and not state.session().is_silent)
            _network(questions[shown], "is-phones")
        else:
            _end(questions, answers)
    follow(PAGE, (len(answers), shown), ".st-key-quiz-go button, [class*=st-key-quiz-] [role=radiogroup] input")


def _settings() -> tuple[str, int]:
    given = state.session().assignment
    is_given = given is not None and given.page == PAGE
    usual = (given.about, str(given.seed)) if given is not None and is_given else (SOURCES[0], "1")
    asked_for = usual if is_given else (remembered.parameter("about", usual[0]), remembered.parameter("seed", usual[1]))
    source, seed = asked_for[0], seed_of(asked_for[1])
    source = source if source in SOURCES else SOURCES[0]
    state.show_network(source == MINE)
    remembered.remember(ABOUT, source)
    remembered.remember(SEED, seed)
    st.selectbox(
        "Questions about", SOURCES, format_func=NAMES.__getitem__, key=ABOUT, on_change=_again, disabled=is_given
    )
    projector()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="digits-seed"):
        number_field.number_input(
            "Seed", 1, LARGEST_SEED, seed, key=SEED, on_change=_again, disabled=is_given,
            help="The same seed gives the same questions, so everybody who opens this address gets these.",
        )  # fmt: skip
        # A phone's keyboard of digits has no Enter. The field sends what it holds once it is left: for this button.
        st.button("Set", key="seed-set", disabled=is_given)
    return source, seed


def _again() -> None:
    """Other questions: the old answers mean nothing to them."""
    about, seed = str(remembered.widget_value(ABOUT)), str(remembered.widget_value(SEED))
    answering.forget()
    remembered.remember(NEXT, -1)
    remembered.set_parameters(about=about, seed=seed)


def _network(question: Question, place: str = "") -> None:
    """The layers and their values: beside the question, or on a phone below its picture, as one answers with them."""
    lines = "\n".join([facts(question.network), *layer_lines(question.network)])
    st.html(f"<p class='quiz-network {place}'>{escape(lines)}</p>")


def _failing() -> None:
    """A notice where the questions are not about all of the visitor's network."""
    network = state.session().network
    if told := failing(network):
        st.html(f"<p class='quiz-failing' role='note'>{escape(told)}</p>")
    if told and network.is_chain:
        st.page_link("pages/explore.py", label="Fix it in Explore →")


def _bar(place: int, count: int) -> str:
    return f"<progress value='{place}' max='{count}' aria-label='Questions answered'></progress>"


def _one(questions: Sequence[Question], place: int, answers: dict[str, str]) -> None:
    question, given = questions[place], _given(answers, place, questions)
    with st.container(border=True):
        new = place > 0 and question.network != questions[place - 1].network
        about = ", about another network" if new else ""
        st.html(
            f"<p>Question {place + 1} of {len(questions)}{about} {_bar(place, len(questions))}</p>"
            f"<p class='quiz-question'>{escape(question.text)}</p>"
        )
        name = f"quiz.{place}"
        texts = [option.text for option in question.options]
        if given is None:

            def take() -> None:
                said = remembered.widget_value(name)
                if said in texts:
                    answering.keep(f"q{place}", str(texts.index(said)))
                    remembered.remember(NEXT, place)

            choose(question.text, texts, name, take)
            return
        st.html("".join(_option(question, n, given) for n in range(len(texts))))
        _verdict(question, given)
    last = place + 1 == len(questions)
    st.button(
        "See my results" if last else "Next question", on_click=remembered.remember, args=(NEXT, -1), key="quiz.go"
    )


def _option(question: Question, place: int, given: int) -> str:
    told = not state.session().is_silent
    mark = ("✓\u2002" if place == question.answer else "✗\u2002" if place == given else "") if told else ""
    text = escape(mark + question.options[place].text)
    return f"<p style='margin: 0.15rem 0'>{f'<b>{text}</b>' if place == given else text}</p>"


def _verdict(question: Question, given: int) -> None:
    if state.session().is_silent:
        st.html("<p class='quiz-verdict' role='status'><b>Your answer is saved.</b></p>")
        return
    marked = check(question, given)
    tone = "right" if marked.right else "other"
    said = f"<b>{'✓ ' if marked.right else ''}{escape(marked.verdict)}</b> {escape(unbroken(marked.why))}"
    st.html(f"<p class='quiz-verdict' data-tone='{tone}' role='status'>{said}</p>")


def _given(answers: dict[str, str], place: int, questions: Sequence[Question]) -> int | None:
    text = answers.get(f"q{place}", "")
    return int(text) if text.isdecimal() and int(text) < len(questions[place].options) else None


def _end(questions: Sequence[Question], answers: dict[str, str]) -> None:
    """The result."""
    chosen = [_given(answers, place, questions) for place in range(len(questions))]
    if state.session().is_silent:
        answering.hand_in()
        quiz_end.kept(questions, chosen)
        return
    quiz_end.results(questions, chosen)
    given = state.session().assignment
    with st.container(horizontal=True):
        st.button("Start over", on_click=answering.forget)
        st.button("New questions", on_click=_reseed, disabled=given is not None and given.page == PAGE)
    st.page_link(LESSONS[0].page, label="All lessons →")


def _restored(saved: dict[str, str]) -> None:
    answering.restore(saved.get("sheet", ""))


def _reseed() -> None:
    remembered.remember(SEED, remembered.kept(SEED, 1) % LARGEST_SEED + 1)
    _again()


def _take(questions: Sequence[Question], source: str, seed: int) -> None:
    """The sheet to print; the key only where the teacher does not keep the answers."""
    if not questions:
        return
    title, file = f"Quiz {seed}: {NAMES[source]}", f"quiz-{source.replace(' ', '-')}-{seed}"
    with st.popover("Print or save"):
        st.caption("Each is a file: open it in a browser and print it.")
        st.download_button(
            "Sheet", lambda: sheet_html(questions, title), f"{file}.html", "text/html", on_click="ignore"
        )
        if not state.session().is_silent:
            st.download_button(
                "Sheet with answer key", lambda: sheet_html(questions, title, answers=True), f"{file}-key.html",
                "text/html", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                "Markdown with key", lambda: sheet(questions, title, answers=True), f"{file}.md", "text/markdown",
                on_click="ignore",
            )  # fmt: skip
