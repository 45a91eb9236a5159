"""What every lesson's page has besides its body: whose network, how far one is, the way on, a summary to print."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui import answering, remembered, sheethead, state
from layerscope.ui.focus import follow
from layerscope.ui.lessons import summary
from layerscope.ui.lessons.contents import LESSONS, Lesson, next_of, number
from layerscope.ui.lessons.page import Page, row
from layerscope.ui.lessons.steps import steps
from layerscope.ui.switching import projector

QUIZ = "pages/quiz.py"
COURSE, TEACHERS, MINE = "Default network (Fashion-MNIST CNN)", "Your teacher's network", "Your network"


def draw(key: str, body: Callable[[Page], None], needs: Callable[[Network], str] | None = None) -> None:
    """Draw a lesson's page. `needs` says in a sentence what a network lacks for it, "" where it lacks nothing."""
    state.arrive(key)
    place = number(key)
    lesson = LESSONS[place - 1]
    st.html(_STYLE)
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    with (
        choice,
        st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", key="shown-on"),
    ):
        projector()
        network, is_course = _network(key, needs)
    answers = answering.sheet(key, "" if is_course else hash(network))
    walk = steps(body, network, is_course)
    done = sum(step in answers for step in walk)
    if done == len(walk):
        answering.finish(place)
    with head:
        st.html(_progress(place, done, len(walk)))
        st.subheader(lesson.title, anchor=False)
    sheethead.draw(f"Lesson {place}, {lesson.title}", network)
    page = Page(lesson, network, is_course, answers, *row(1))
    body(page)
    offered = ""
    if page.asked and done == len(walk):
        offered = _complete(lesson, page.told)
        summary.draw(page.asked)
    with st.container(key="lesson-ways"):
        _ways(place, offered)
    follow(key, len(page.answers), "[class*=st-key-ask-] input, .st-key-lesson-complete a")


def _progress(place: int, done: int, steps: int) -> str:
    """Which lesson this is, and which of its steps comes now."""
    told = f"step {done + 1} of {steps}" if done < steps else "complete ✓"
    bar = f"<progress value='{done}' max='{steps}' aria-label='Steps of this lesson'></progress>"
    return f"<p class='lesson-place'>Lesson {place} of {len(LESSONS)} · {told} {bar}</p>"


def _complete(lesson: Lesson, place: Any) -> str:
    """What was achieved and what comes next, right below the last answer; the page to which it leads."""
    finished = answering.finished()
    following = next_of(lesson, finished)
    told = f"{len(finished)} of {len(LESSONS)} lessons done."
    with place.container(key="lesson-complete"):
        title = f"<p class='lesson-question' role='status'>✓ Lesson complete: {escape(lesson.title)}</p>"
        st.html(f"{title}<p class='lesson-place'>{escape(told)}</p>")
        if following is None:
            page, label = QUIZ, "All lessons are done. Next: the quiz →"
        else:
            page, label = following.page, f"Next: lesson {number(following.key)} {following.title} →"
        st.page_link(page, label=label)
    return page


def _network(key: str, needs: Callable[[Network], str] | None) -> tuple[Network, bool]:
    """The network that the lesson is shown on. Another one has other answers."""
    networks = _networks()
    wanted = _chosen(list(networks))
    state.show_network(wanted == MINE)  # an address with answers must say whose they are
    if wanted == COURSE:
        return networks[COURSE], True
    network = networks[wanted]
    broken = trace(network).error
    lacks = "it does not run yet" if broken else needs(network) if needs else ""
    if lacks:
        whose = f"{wanted[0].lower()}{wanted[1:]}"
        told = f"This lesson cannot use {whose}: {lacks}. It shows the default network instead."
        st.html(f"<p>{escape(told)}</p>")
        return networks[COURSE], True
    return network, False


def _networks() -> dict[str, Network]:
    """The networks that a lesson may be shown on, by what they are called: each once."""
    here = state.session()
    found = {COURSE: PRESETS[DEFAULT]}
    given = {} if here.assignment is None else {TEACHERS: here.assignment.network}
    for name, network in {**given, MINE: here.network}.items():
        if network not in found.values():
            found[name] = network
    return found


def _chosen(names: list[str]) -> str:
    """Which of them was chosen. Without a choice it is the teacher's, where a link gave one: what a student tried out
    since then is not what the class talks about."""
    if len(names) == 1:
        return names[0]
    is_mine = remembered.parameter("on") == "mine" and MINE in names
    usual = MINE if is_mine else TEACHERS if TEACHERS in names else COURSE
    return st.radio(
        "Shown on", names, names.index(usual), key="lessons-on", horizontal=True, label_visibility="collapsed",
        help="Your network is the one that is open in Explore.", persist_state="session", on_change=answering.leave,
    )  # fmt: skip


def _ways(place: int, offered: str) -> None:
    """The lessons beside this one, and all of them with a mark on those that are done. `offered` is a page to which a
    link stands above these already."""
    before, after = st.columns(2)
    if place > 1 and LESSONS[place - 2].page != offered:
        with before:
            st.page_link(LESSONS[place - 2].page, label=f"← {LESSONS[place - 2].title}")
    is_last = place == len(LESSONS)
    page, title = (QUIZ, "Quiz") if is_last else (LESSONS[place].page, LESSONS[place].title)
    if page != offered:
        with after:
            st.page_link(page, label=f"{title} →")
    finished = answering.finished()
    with st.expander(f"All lessons ({len(finished)} of {len(LESSONS)} done)"):
        for each in LESSONS:
            mark = "✓ " if number(each.key) in finished else ""
            st.page_link(each.page, label=f"{mark}{number(each.key)} {each.title}: {each.about}")
        st.page_link(QUIZ, label="Quiz: ten questions, each answered with the reason")


_STYLE = """<style>
.lesson-place { margin: 0; font-size: 0.85rem; }
.lesson-place progress { inline-size: 7rem; block-size: 0.5rem; margin-inline-start: 0.5rem; accent-color: #0072b2; }
.lesson-question { font-weight: 600; margin: 0 0 0.2rem; }
.lesson-verdict { overflow-wrap: break-word; }
.lesson-verdict { margin: 0; padding-inline-start: 0.6rem; border-inline-start: 3px solid #e69f00; }
.lesson-verdict[data-tone="right"] { border-inline-start-color: #009e73; }
.st-key-lesson-complete { gap: 0.3rem; padding-block-start: 0.6rem; border-block-start: 1px solid #009e73; }
.lesson-on { display: none; margin: 0; }
/* As many beside each other as have room: all in one column where the picture is beside them. */
[class*="st-key-lesson-picture-"] .stage-controls { display: grid; gap: 0 1.75rem; }
[class*="st-key-lesson-picture-"] .stage-controls { grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); }
[class*="st-key-lesson-picture-"] .stage .stage-figure:has(> .stage-code) { height: auto; }
/* Picture and sentence together take a third of a phone's screen. A lesson's sentences are shorter than Explore's. */
[class*="st-key-lesson-picture-"] .stage-has-strip .stage-body {
  --sentence: 6.8rem; --picture: clamp(9.5rem, 33svh - var(--sentence), 11.9rem);
}
/* On a screen where the stage has no strip: see stage.css. */
@media print, (min-width: 704px) {
  [class*="st-key-above-"] .stage .stage-body .stage-main { display: flex; align-items: stretch; height: auto; }
  [class*="st-key-above-"] .stage .stage-figures { height: auto; }
  [class*="st-key-above-"] .stage .stage-figure { flex: none; height: var(--height, 250px); }
  [class*="st-key-above-"] .stage .stage-message { height: auto; min-height: 7.2rem; }
  [class*="st-key-beside-"] .stage .stage-message { min-height: 6rem; }
  /* A picture is seen whole with the sliders above it. */
  [class*="st-key-lesson-picture-"] .stage .stage-figure:has(> .stage-picture) { max-height: 60dvh; }
}
@media (max-width: 640px) {
  .st-key-lesson-on-screen { display: none; }
  .st-key-shown-on { justify-content: flex-start !important; }
}
@media screen and (max-width: 640px) {
  .lesson-on { display: block; }
  .lesson-on a { display: inline-block; color: var(--st-link-color, inherit); min-height: 24px; padding-block: 0.2rem; }
  #next-question { scroll-margin-top: 5rem; }
}
@media (min-width: 641px) {
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-lesson-picture-"]) { position: sticky; top: 3.75rem; }
}
</style>"""
