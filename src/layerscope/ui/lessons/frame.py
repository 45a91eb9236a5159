"""What every lesson's page has: whose network, predictions before results, the way on, a summary to print.

A lesson is a function `body(page)`. It writes short texts with `page.say`, asks with `page.predict`, which gives True
once somebody has committed to an answer (both stand on the left), and draws what moves with `page.moving` or
`page.figures` (on the right). Nothing of a result may be drawn before its prediction was made:

    if page.predict("height", "What height leaves conv1?", answer="24", why="28 - 5 + 1 = 24"):
        page.figures(...)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import streamlit as st

from layerscope.figures.flow import width_on
from layerscope.glossary import BY_TERM, link
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.steps import Trace
from layerscope.text import in_streamlit
from layerscope.tracing import trace
from layerscope.ui import answering, remembered, sheethead, state
from layerscope.ui.choosing import choose, hint
from layerscope.ui.focus import follow
from layerscope.ui.lessons import progress, summary
from layerscope.ui.lessons.contents import LESSONS, Lesson, number
from layerscope.ui.lessons.moving import Control, look, moving
from layerscope.ui.lessons.summary import Answered
from layerscope.ui.stage.stage import stage

Part = dict[str, Any]
_EMPHASIZED = re.compile(r"(\*{1,2})([A-Za-z_ ]{2,30})\1(?!\])")
BRANCHES = "it branches, and this lesson follows layers that stand one after another"
"""What a lesson says of a network in which a layer may read others than the one above."""
COURSE, MINE = "The course's network", "Your network"


@dataclass
class Page:
    """One visit of one lesson."""

    lesson: Lesson
    network: Network
    is_course: bool
    answers: dict[str, str]
    text: Any
    """The column of texts and predictions."""
    picture: Any
    """The column of what moves."""
    asked: list[Answered] = field(default_factory=list)
    """What was answered so far: for the summary."""
    open: int = 0
    """How many questions still wait."""
    rows: int = 1
    """How many rows of texts and pictures the page has so far."""

    @property
    def trace(self) -> Trace:
        return trace(self.network)

    @property
    def is_narrow(self) -> bool:
        """Whether the pictures are as narrow as on a phone; the browser says so."""
        return state.session().narrow

    @property
    def width(self) -> float:
        """How wide a picture is taken to be, in pixels."""
        return width_on(self.is_narrow)

    def next_row(self) -> None:
        """Go on below what stands there. On a phone a row's pictures come right after its own questions."""
        self.rows += 1
        self.text, self.picture = _row(self.rows)

    def say(self, text: str) -> None:
        """A short text of our own. Markdown: never with anything that a user typed, such as a layer's name.

        An emphasized word that stands in the glossary leads there.
        """
        self.text.markdown(_EMPHASIZED.sub(_linked, text))

    def tell(self, text: str) -> None:
        """A short text that may hold layers' names: no markup in it."""
        self.text.html(f"<p>{escape(text)}</p>")

    def predict(
        self, key: str, question: str, answer: str, why: str, options: Sequence[str] = (), also: str = ""
    ) -> bool:
        """Ask before anything is shown. True once an answer was given; then both and the reason stand below.

        Without `options` a number or a shape is typed, or the word `also`, which is as right. `key` is short and
        lasts: it stands in the address.
        """
        given = self.answers.get(key)
        with self.text, st.container(border=True, key=f"ask-{self.lesson.key}-{key}"):
            st.html(f"<p class='lesson-question'>{escape(question)}</p>")
            if given is None:
                self.open += 1
                self._answer_box(key, question, answer, options, also)
                return False
            right = progress.is_right(given, answer) or (also != "" and progress.is_right(given, also))
            answer = f"{int(answer):,}" if answer.isdecimal() else answer  # as the reason writes it
            self.asked.append(Answered(question, given, answer, why, right))
            verdict = f"Right: {answer}." if right else f"You said {given}; right is {answer}."
            mark, tone = ("✓", "right") if right else ("→", "other")
            said = f"<b>{mark} {escape(verdict)}</b> {escape(why)}"
            st.html(f"<p class='lesson-verdict' data-tone='{tone}' role='status'>{said}</p>")
        return True

    def _answer_box(self, key: str, question: str, answer: str, options: Sequence[str], also: str) -> None:
        name = f"lesson.{self.lesson.key}.{key}"

        def take() -> None:
            said = str(remembered.widget_value(name) or "").strip()
            if options or progress.is_of_kind(said, answer) or (said and progress.is_right(said, also)):
                answering.keep(key, said)
            elif said:
                remembered.remember(f"{name}.hint", "Type it in digits, such as 7.")

        if options:
            choose(question, options, name, take)
        else:
            st.text_input(
                in_streamlit(question), key=name, on_change=take, label_visibility="collapsed", width=220,
                placeholder="your prediction, then Enter",
            )  # fmt: skip
            hint(name)

    def figures(self, key: str, figures: Sequence[Part], **parts: Any) -> None:
        """Pictures in the stage's form: see `figures/`. Further parts, such as a message, by name."""
        data = {"figures": list(figures), "narrow": state.session().narrow, **parts}
        with self.picture:
            stage(data, key=f"lesson-{self.lesson.key}-{key}", on_event=look)

    def moving(
        self, key: str, controls: Sequence[Control], show: Callable[[dict[str, Any]], Part], *, above: bool = False
    ) -> None:
        """Controls, and what `show` makes of their values: parts of the stage (figures, message, tables).

        The controls stand beside the picture where there is room; `above` leaves the whole width to the picture.
        """
        place = "above" if above else "beside"
        with self.picture, st.container(key=f"{place}-{self.lesson.key}-{key}"):
            moving(f"lesson-{self.lesson.key}-{key}", tuple(controls), show)


def _linked(emphasized: re.Match[str]) -> str:
    """The same words as a link, where they are a word of the glossary, one or several."""
    words = emphasized[2]
    term = next((word for word in (words, words.removesuffix("s")) if word in BY_TERM), None)
    return f"[{emphasized[0]}]({link(term)})" if term else emphasized[0]


def draw(key: str, body: Callable[[Page], None], needs: Callable[[Network], str] | None = None) -> None:
    """Draw a lesson's page. `needs` says in a sentence what a network lacks for it, "" where it lacks nothing."""
    state.arrive(key)
    place = number(key)
    lesson = LESSONS[place - 1]
    st.html(_STYLE)
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    with head:
        st.html(f"<p class='lesson-place'>Lesson {place} of {len(LESSONS)}</p>")
        st.subheader(lesson.title, anchor=False)
    with choice:
        network, is_course = _network(key, needs)
    sheethead.draw(f"Lesson {place}, {lesson.title}", network)
    page = Page(lesson, network, is_course, answering.sheet(key, "" if is_course else hash(network)), *_row(1))
    body(page)
    if page.asked and not page.open:
        summary.draw(page.asked)
    with st.container(key="lesson-ways"):
        _ways(place)
    follow(key, len(page.answers), "[class*=st-key-ask-] input")


def _row(place: int) -> tuple[Any, Any]:
    """A column for texts and questions, and one for the pictures that belong to them."""
    text, picture = st.columns([2, 3], gap="medium")
    return text, picture.container(key=f"lesson-picture-{place}")


def _network(key: str, needs: Callable[[Network], str] | None) -> tuple[Network, bool]:
    """The network that the lesson is shown on. Another one has other answers."""
    course, mine = PRESETS[DEFAULT], state.session().network
    wanted = COURSE
    if mine != course:
        is_meant = remembered.parameter("on") == "mine" or state.session().assignment is not None
        wanted = st.radio(
            "Shown on", [COURSE, MINE], int(is_meant), key="lessons-on", horizontal=True,
            label_visibility="collapsed", help="Your network is the one that stands in Explore.",
            persist_state="session", on_change=answering.leave,
        )  # fmt: skip
    state.show_network(wanted == MINE)  # an address with answers must say whose they are
    if wanted != MINE:
        return course, True
    broken = trace(mine).error
    lacks = "it does not run" if broken else needs(mine) if needs else ""
    if lacks:
        st.html(f"<p>{escape(f'Your network cannot be shown here: {lacks}. Here is the one of the course.')}</p>")
        return course, True
    return mine, False


def _ways(place: int) -> None:
    before, after = st.columns(2)
    if place > 1:
        with before:
            st.page_link(LESSONS[place - 2].page, label=f"← {LESSONS[place - 2].title}")
    if place < len(LESSONS):
        with after:
            st.page_link(LESSONS[place].page, label=f"{LESSONS[place].title} →")
    else:
        with after:
            st.page_link("pages/quiz.py", label="Quiz →")


_STYLE = """<style>
.lesson-place { margin: 0; font-size: 0.85rem; }
.lesson-question { font-weight: 600; margin: 0 0 0.2rem; }
.lesson-verdict { margin: 0; padding-inline-start: 0.6rem; border-inline-start: 3px solid #e69f00; }
.lesson-verdict[data-tone="right"] { border-inline-start-color: #009e73; }
[class*="st-key-above-"] .stage .stage-body .stage-main { display: flex; align-items: stretch; height: auto; }
[class*="st-key-above-"] .stage-controls { display: grid; gap: 0 1.75rem; }
[class*="st-key-above-"] .stage-controls { grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); }
[class*="st-key-above-"] .stage .stage-figures { height: auto; }
[class*="st-key-lesson-picture-"] .stage .stage-figure:has(> .stage-code) { height: auto; }
[class*="st-key-above-"] .stage .stage-figure { flex: none; height: var(--height, 250px); }
@media (max-width: 640px) {
  [class*="st-key-above-"] .stage .stage-message { height: auto; min-height: 13.5rem; }
  .st-key-lesson-on-screen { display: none; }
}
@media (min-width: 641px) {
  [class*="st-key-above-"] .stage .stage-message { height: auto; min-height: 7.2rem; }
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-lesson-picture-"]) { position: sticky; top: 3.75rem; }
}
</style>"""
