"""What a teacher's link says, on every page of a visit that began with one: question, locks, check words."""

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from layerscope.assignment import Assignment
from layerscope.checkwords import BusyError
from layerscope.formatting import joined
from layerscope.network import Network
from layerscope.ui import going, large_type, origin, remembered, state
from layerscope.ui.unknown import LONGEST_NAME, MISSING

MOST_NAMES = 8
"""So many controls are named; of more the banner says how many, as the list marks them."""
_STYLE = """<style>
.stVerticalBlock:has(.from-teacher) { gap: 0.5rem; }
.from-teacher {
  display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; align-items: baseline; margin: 0; padding: 0.35rem 0.8rem;
  border-inline-start: 4px solid #e69f00; border-radius: 6px;
  background: color-mix(in srgb, currentColor 7%, transparent);
}
.from-teacher.is-refused {
  border: 3px solid #d55e00; border-inline-start-width: 12px; padding-block: 0.6rem;
  background: color-mix(in srgb, #d55e00 18%, transparent);
}
.from-teacher.is-large { font-size: 1.05rem; }
.from-teacher.is-large .question { font-size: 1.3rem; }
.from-teacher .question { font-weight: 600; font-size: 1.05em; }
.from-teacher .check-words { margin-inline-start: auto; font-size: 0.85em; }
</style>"""


def draw(page: str) -> None:
    """Draw the line, or nothing where no teacher's link was followed. `page` is the one that is drawn below it."""
    going.arrived()
    state.arrive(page)
    given = state.session().assignment
    if state.session().view.type_size == "large":
        large_type.style(page)
    if refused := state.refused_class():
        st.html(
            f"{_STYLE}<div class='from-teacher is-refused' role='alert'><span class='question'>"
            f"⚠ {escape(refused.rstrip('.'))}: nothing is locked here.</span>"
            "<span>Ask your teacher for the link again.</span></div>"
        )
    if page != "explore" and (told := state.refused_link()):  # there the stage says it
        st.html(
            f"{_STYLE}<div class='from-teacher is-refused' role='alert'><span class='question'>"
            f"⚠ {escape(told)}</span></div>"
        )
    if given is None:
        return
    movable = given.movable if page == "explore" else ()
    fixed = given.rest if page == "explore" else "open"
    more = {
        "open": "",
        "locked": "The rest is locked." if movable else "Your teacher locked the controls.",
        "hidden": "" if movable else "Your teacher hid the controls.",
    }[fixed]
    silent = "The quiz does not show the correct answers." if given.silent and page == "quiz" else ""
    size = " is-large" if state.session().view.type_size == "large" else ""
    whose, yours = f"Network: {origin.title(given.network)}.", _yours(movable, given.network)
    told = " ".join(filter(None, (whose, yours, more, silent)))
    st.html(
        f"{_STYLE}<div class='from-teacher{size}' role='note' aria-label='From your teacher'>"
        f"<span class='question'>{escape(given.question or 'From your teacher')}</span><span>{escape(told)}</span>"
        f"<span class='check-words'>Check words: <b>{escape(check_words(given))}</b></span></div>"
    )


def check_words(given: Assignment) -> str:
    """The words that stand for the link, or a sentence that says why they are not there yet."""
    try:
        return given.check_words
    except BusyError as error:
        return str(error)


def draw_missing(pages: Sequence[StreamlitPage]) -> None:
    """Where the address named no page: say so, with the pages that there are."""
    if not (name := remembered.parameter(MISSING)[:LONGEST_NAME]):
        return
    with st.container(border=True, key="missing"):
        st.html(f"<p role='alert' style='margin: 0'><b>There is no page “{escape(name)}”.</b> These are there:</p>")
        with st.container(horizontal=True, gap="small"):
            for page in pages:
                st.page_link(page, width="content")


def _yours(movable: tuple[str, ...], network: Network) -> str:
    """Which controls are the student's, by name where they are few, in the order of the layers."""
    if len(movable) > MOST_NAMES:
        return f"You can change {len(movable)} controls, marked ✎ in the list of layers."
    layers: dict[str, list[str]] = {}
    for control in sorted(movable, key=lambda control: network.index(control.rpartition(".")[0])):
        layer, _, parameter = control.rpartition(".")
        layers.setdefault(parameter, []).append(layer)
    named = "; ".join(f"{parameter} of {joined(of)}" for parameter, of in layers.items())
    return f"You can change: {named} (marked ✎)." if named else ""
