"""One visit of a lesson: what it says, asks and draws.

A lesson is a function `body(page)`. It writes short texts with `page.say`, asks with `page.predict`, which gives True
once somebody has committed to an answer (both stand on the left), sets something to do with `page.task`, and draws what
moves with `page.moving` or `page.figures` (on the right). Nothing of a result may be drawn before its prediction:

    if page.predict("height", "What is the height after conv1?", answer="24", why="28 - 5 + 1 = 24"):
        page.figures(...)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import streamlit as st

from layerscope.figures.flow import width_on
from layerscope.formatting import unbroken
from layerscope.glossary import BY_TERM, link
from layerscope.network import Network
from layerscope.steps import Trace
from layerscope.tracing import trace
from layerscope.ui import answering, remembered, state
from layerscope.ui.choosing import choose, typed
from layerscope.ui.lessons import progress
from layerscope.ui.lessons.contents import Lesson
from layerscope.ui.lessons.moving import Control, look, moving
from layerscope.ui.lessons.summary import Answered
from layerscope.ui.stage.stage import stage
from layerscope.ui.views import flow_height

Part = dict[str, Any]
Values = dict[str, Any]
BRANCHES = "it branches, and this lesson follows layers that run one after another"
"""What a lesson says of a network in which a layer may read others than the one before it."""
NEXT = "next-question"
"""The name of the question that waits, as a place on the page."""
_EMPHASIZED = re.compile(r"(\*{1,2})([A-Za-z_ -]{2,30})\1(?!\])")


@dataclass(frozen=True)
class Task:
    """Something to do: what is told, the controls, what they show, and when it is done."""

    told: str
    controls: Sequence[Control]
    show: Callable[[Values], Part]
    is_done: Callable[[Values], bool]
    answer: str
    """What was right to do, as words."""
    why: str
    solved: Sequence[Control]
    """The controls with the answer set, for whoever comes back."""


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
    told: Any = None
    """A place below the last verdict, for a sign that another question came, or that the lesson is complete."""
    told_in: int = 0
    """The row that it is in."""

    @property
    def trace(self) -> Trace:
        return trace(self.network)

    @property
    def looks_ahead(self) -> bool:
        """Whether nobody sees this visit: the steps are only counted."""
        return False

    @property
    def is_narrow(self) -> bool:
        """Whether the pictures are as narrow as on a phone; the browser says so."""
        return state.session().narrow

    @property
    def is_low(self) -> bool:
        """Whether a picture that is as high as wide has the room of a phone; large type is for a screen."""
        return self.is_narrow and state.session().view.type_size == "normal"

    @property
    def width(self) -> float:
        """How wide a picture is taken to be, in pixels."""
        return width_on(self.is_narrow)

    @property
    def strip_height(self) -> float:
        """How high a tensor flow is taken to be that stays above sliders, in pixels."""
        return flow_height(state.session())

    def next_row(self) -> None:
        """Go on below what stands there. On a phone a row's pictures come right after its own questions."""
        self.rows += 1
        self.text, self.picture = row(self.rows)

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
                self._opens()
                self._answer_box(key, question, answer, options, also)
                return False
            right = progress.is_right(given, answer) or (also != "" and progress.is_right(given, also))
            answer = f"{int(answer):,}" if answer.isdecimal() else answer  # as the reason writes it
            self.asked.append(Answered(question, given, answer, why, right))
            _verdict(right, f"✓ Right: {answer}." if right else progress.refused(answer, given), why)
            self._told()
        return True

    def _told(self) -> None:
        """Below the verdict that was drawn just now there is room for what comes next."""
        self.told, self.told_in = st.empty(), self.rows

    def _opens(self) -> None:
        """A question waits. On a phone a picture stands between it and the verdict above, which therefore says so."""
        self.open += 1
        if self.open == 1 and self.told is not None and self.told_in < self.rows:
            self.told.html(f"<p class='lesson-on'><a class='leads-on' href='#{NEXT}'>Next question ↓</a></p>")
            st.html(f"<span id='{NEXT}'></span>")

    def _answer_box(self, key: str, question: str, answer: str, options: Sequence[str], also: str) -> None:
        name = f"lesson.{self.lesson.key}.{key}"

        def take() -> None:
            said = str(remembered.widget_value(name) or "").strip()
            if options or progress.is_of_kind(said, answer) or (said and progress.is_right(said, also)):
                answering.keep(key, said)
            elif said:
                remembered.remember(f"{name}.hint", "Type a number, such as 7.")

        if options:
            choose(question, options, name, take, self.network.names)
        else:
            typed(question, name, take, digits=progress.number(answer) is not None and not also)

    def task(self, key: str, task: Task) -> bool:
        """Something to do with controls. True once it was done; what was reached is kept like an answer."""
        given = self.answers.get(key)
        name = f"lesson-{self.lesson.key}-{key}"
        with self.text, st.container(border=True, key=f"ask-{self.lesson.key}-{key}"):
            st.html(f"<p class='lesson-question'>{escape(task.told)}</p>")
            if given is None:
                self._opens()
            else:
                self.asked.append(Answered(task.told, "fixed", task.answer, task.why, is_right=True))
                _verdict(True, f"✓ Fixed: {task.answer}.", task.why)
                self._told()

        def reached(values: Values) -> bool:
            """Keep that it was done; whether it was, just now."""
            if given is None and task.is_done(values):
                answering.keep(key, "done")
                return True
            return False

        with self.picture, st.container(key=f"beside-{self.lesson.key}-{key}"):
            moving(name, tuple(task.controls if given is None else task.solved), task.show, reached)
        return given is not None

    def pick(self, key: str, label: str, options: Sequence[str], usual: str) -> str:
        """Which of several things is shown; chosen above the picture. The options are words of our own."""
        with self.picture:
            chosen = st.segmented_control(
                label, list(options), default=usual, required=True, key=f"lesson.{self.lesson.key}.{key}",
                label_visibility="collapsed",
            )  # fmt: skip
        return chosen or usual

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


def _verdict(right: bool, verdict: str, why: str) -> None:
    """The verdict first, then the reason."""
    tone = "right" if right else "other"
    said = f"<b>{escape(verdict)}</b> {escape(unbroken(why))}"
    st.html(f"<p class='lesson-verdict' data-tone='{tone}' role='status'>{said}</p>")


def _linked(emphasized: re.Match[str]) -> str:
    """The same words as a link, where they are a word of the glossary, one or several."""
    words = emphasized[2]
    term = next((word for word in (words, words.removesuffix("s")) if word in BY_TERM), None)
    return f"[{emphasized[0]}]({link(term)})" if term else emphasized[0]


def row(place: int) -> tuple[Any, Any]:
    """A column for texts and questions, and one for the pictures that belong to them."""
    text, picture = st.columns([2, 3], gap="medium")
    return text, picture.container(key=f"lesson-picture-{place}")
