"""The quiz: ten questions about a network, one at a time, each answered with the reason; a sheet to print."""

from collections.abc import Sequence
from html import escape

import streamlit as st

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
from layerscope.ui import answering, remembered, sheethead, state
from layerscope.ui.choosing import choose
from layerscope.ui.focus import follow
from layerscope.ui.lessons.contents import LESSONS

PAGE = "quiz"
SEED, ABOUT, NEXT = "quiz.seed", "quiz.about", "quiz.next"

_STYLE = """<style>
.quiz-network { font-size: 0.85rem; margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.quiz-question { font-size: 1.1rem; font-weight: 600; margin: 0; }
.quiz-verdict { margin: 0; padding-inline-start: 0.6rem; border-inline-start: 3px solid #e69f00; }
.quiz-verdict[data-tone="right"] { border-inline-start-color: #009e73; }
.quiz-failing { margin: 0; padding: 0.5rem 0.8rem; border: 1px solid #d55e00; border-inline-start-width: 6px; }
.quiz-unasked { margin: 0; font-size: 0.85rem; }
.quiz-review li { margin: 0.5rem 0; }
</style>"""


def draw() -> None:
    """Draw the page."""
    state.arrive(PAGE)
    st.html(_STYLE)
    top = st.container()
    right, left = st.columns([3, 2], gap="medium")  # on a phone the question comes first
    with left, st.container(key="quiz-settings"):
        source, seed = _settings()
    questions = asked(source, seed, state.session().network)
    with top:
        sheethead.draw(f"Quiz, seed {seed}, {NAMES[source]}", state.session().network if source == MINE else None)
    whose = hash(state.session().network) if source == MINE else ""
    answers = answering.sheet(PAGE, f"{source} {seed} {whose}")
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
            st.html("<p>No question fits this network. One that runs, with a convolution or a Linear, would do.</p>")
        elif shown < len(questions):
            _one(questions, shown, answers)
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
    st.number_input(
        "Seed", 1, LARGEST_SEED, key=SEED, on_change=_again, disabled=is_given,
        help="The same seed gives the same questions: a class that opens this address gets these.",
    )  # fmt: skip
    return source, seed


def _again() -> None:
    """Other questions: the old answers mean nothing to them."""
    about, seed = str(remembered.widget_value(ABOUT)), str(remembered.widget_value(SEED))
    answering.forget()
    remembered.remember(NEXT, -1)
    remembered.set_parameters(about=about, seed=seed)


def _network(question: Question) -> None:
    lines = "\n".join([facts(question.network), *layer_lines(question.network)])
    st.html(f"<p class='quiz-network'>{escape(lines)}</p>")


def _failing() -> None:
    """A notice where the questions are not about all of the visitor's network."""
    network = state.session().network
    if told := failing(network):
        st.html(f"<p class='quiz-failing' role='note'>{escape(told)}</p>")
    if told and network.is_chain:
        st.page_link("pages/explore.py", label="Mend it in Explore →")


def _one(questions: Sequence[Question], place: int, answers: dict[str, str]) -> None:
    question, given = questions[place], _given(answers, place, questions)
    with st.container(border=True):
        new = place > 0 and question.network != questions[place - 1].network
        about = ", about another network than the last" if new else ""
        st.html(
            f"<p>Question {place + 1} of {len(questions)}{about}</p>"
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
        "What came of it" if last else "Next question", on_click=remembered.remember, args=(NEXT, -1), key="quiz.go"
    )


def _option(question: Question, place: int, given: int) -> str:
    told = not state.session().is_silent
    mark = ("✓ " if place == question.answer else "✗ " if place == given else "") if told else ""
    text = escape(mark + question.options[place].text)
    return f"<p style='margin: 0.15rem 0'>{f'<b>{text}</b>' if place == given else text}</p>"


def _verdict(question: Question, given: int) -> None:
    if state.session().is_silent:
        st.html("<p class='quiz-verdict' role='status'><b>Kept.</b></p>")
        return
    marked = check(question, given)
    tone = "right" if marked.right else "other"
    st.html(f"<p class='quiz-verdict' data-tone='{tone}' role='status'>{escape(marked.sentence)}</p>")


def _given(answers: dict[str, str], place: int, questions: Sequence[Question]) -> int | None:
    text = answers.get(f"q{place}", "")
    return int(text) if text.isdecimal() and int(text) < len(questions[place].options) else None


def _end(questions: Sequence[Question], answers: dict[str, str]) -> None:
    """The score, and each missed question again with its reason."""
    chosen = [_given(answers, place, questions) for place in range(len(questions))]
    if state.session().is_silent:
        rows = "".join(f"<li>{_kept(question, given)}</li>" for question, given in zip(questions, chosen, strict=True))
        st.html(
            f"<p><b>All {len(questions)} answers are kept</b> in this page's address. To hand them in, copy the "
            f"address, or print the page.</p><ol class='quiz-review'>{rows}</ol>"
        )
        return
    pairs = enumerate(zip(questions, chosen, strict=True), 1)
    missed = [(place, question, n) for place, (question, n) in pairs if n != question.answer]
    right = len(questions) - len(missed)
    st.html(f"<p class='quiz-question' role='status'>{right} of {len(questions)} right</p>")
    rows = "".join(f"<li value='{place}'>{_review(question, given)}</li>" for place, question, given in missed)
    st.html(f"<ol class='quiz-review'>{rows}</ol>" if rows else "<p>Nothing was missed.</p>")
    again, other, _ = st.columns([1, 1, 1])
    with again:
        st.button("The same once more", on_click=answering.forget)
    given = state.session().assignment
    with other:
        st.button("Other questions", on_click=_reseed, disabled=given is not None and given.page == PAGE)
    st.page_link(LESSONS[0].page, label="To the lessons →")


def _review(question: Question, given: int | None) -> str:
    right, why = escape(question.right.text), escape(question.explanation)
    return f"<b>{escape(question.text)}</b><br>{_said(question, given)} Right is <b>{right}</b>. {why}"


def _kept(question: Question, given: int | None) -> str:
    """A question with what was said, and nothing of what is right."""
    said = "" if given is None else f"<br>You said <b>{escape(question.options[given].text)}</b>."
    return f"{escape(question.text)}{said}"


def _said(question: Question, given: int | None) -> str:
    if given is None:
        return ""
    option = question.options[given]
    return f"You said {escape(option.text)}. {escape(option.mistake)}"


def _reseed() -> None:
    remembered.remember(SEED, remembered.kept(SEED, 1) % LARGEST_SEED + 1)
    _again()


def _take(questions: Sequence[Question], source: str, seed: int) -> None:
    """The sheet to print; the key only where the teacher does not keep the answers."""
    if not questions:
        return
    title, file = f"Quiz {seed}: {NAMES[source]}", f"quiz-{source.replace(' ', '-')}-{seed}"
    with st.popover("Print"):
        st.caption("A file each: open it in a browser and print it there.")
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
