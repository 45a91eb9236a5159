"""What is shown once every question of a quiz was answered: the score, each missed question, the lessons that help."""

from collections import Counter
from collections.abc import Sequence
from html import escape

import streamlit as st

from layerscope.formatting import unbroken
from layerscope.study.quiz.question import Question
from layerscope.ui.lessons.contents import LESSONS

HELPFUL = {
    "argument": "anatomy",
    **dict.fromkeys(("who-decides", "other-channels", "other-classes", "next-argument", "grid-runs"), "decides"),
    **dict.fromkeys(("weight-shape", "filters", "kernels", "filter-depth", "maps"), "kernel"),
    **dict.fromkeys(("next-features", "size", "full-shape", "flattened-length"), "following"),
    "error-cause": "mending",
    **dict.fromkeys(
        ("parameters", "without-bias", "most-parameters", "optimizer-values", "training-bytes"), "counting"
    ),
    "kept-for-backward": "following",
    **dict.fromkeys(
        ("same-padding", "effective-kernel", "receptive-field", "largest-image", "smallest-image"), "sliding"
    ),
    "most-macs": "patterns",
    **dict.fromkeys(
        ("joined-channels", "sum-shape", "dense-channels", "projection", "skip-parameters", "sum-field"), "skips"
    ),
}
"""The lesson that explains what a template asks, by the names of both."""


def kept(questions: Sequence[Question], chosen: Sequence[int | None]) -> None:
    """The end of a quiz that keeps its answers to itself."""
    rows = "".join(f"<li>{_kept(question, given)}</li>" for question, given in zip(questions, chosen, strict=True))
    st.html(
        f"<p><b>All {len(questions)} answers are in this page's address now.</b> To hand them in, copy the address, or "
        f"print the page.</p><ol class='quiz-review'>{rows}</ol>"
    )


def results(questions: Sequence[Question], chosen: Sequence[int | None]) -> None:
    """The score, each missed question again with its reason, and the lessons that would help."""
    pairs = enumerate(zip(questions, chosen, strict=True), 1)
    missed = [(place, question, n) for place, (question, n) in pairs if n != question.answer]
    right = len(questions) - len(missed)
    st.html(f"<p class='quiz-question' role='status'>{right} of {len(questions)} right</p>")
    if not missed:
        st.html("<p>✓ Every answer was right.</p>")
        return
    with st.container(border=True, key="quiz-lessons"):
        st.html("<p class='quiz-heading'>Lessons that would help</p>")
        for place, count in helpful([question for _, question, _ in missed]):
            lesson = LESSONS[place - 1]
            questions_ = "1 question" if count == 1 else f"{count} questions"
            st.page_link(lesson.page, label=f"Lesson {place}, {lesson.title} ({questions_} missed) →")
    rows = "".join(f"<li value='{place}'>{_review(question, given)}</li>" for place, question, given in missed)
    st.html(f"<p class='quiz-heading'>What you missed</p><ol class='quiz-review'>{rows}</ol>")


def helpful(missed: Sequence[Question]) -> list[tuple[int, int]]:
    """The lessons for the missed questions, by number, with how many of them each explains; most first."""
    counts = Counter(HELPFUL[question.key] for question in missed)
    places = {lesson.key: place for place, lesson in enumerate(LESSONS, 1)}
    return sorted(((places[key], count) for key, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))


def _review(question: Question, given: int | None) -> str:
    right, why = escape(question.right.text), escape(unbroken(question.explanation))
    return f"<b>{escape(question.text)}</b><br>{_said(question, given)} The answer is <b>{right}</b>. {why}"


def _kept(question: Question, given: int | None) -> str:
    """A question with what was said, and nothing of what is right."""
    said = "" if given is None else f"<br>You said <b>{escape(question.options[given].text)}</b>."
    return f"{escape(question.text)}{said}"


def _said(question: Question, given: int | None) -> str:
    if given is None:
        return ""
    option = question.options[given]
    return f"You said {escape(option.text)}. {escape(unbroken(option.mistake))}"
