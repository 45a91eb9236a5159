"""The page that makes a teacher's link: one task in five steps, which ends with an address and its code."""

import base64
import io
from dataclasses import replace
from html import escape
from urllib.parse import urlsplit

import segno
import streamlit as st

from layerscope import targets
from layerscope.assignment import LONGEST_QUESTION, Assignment, assigned, encode_assignment
from layerscope.link import LinkError
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.quiz.setting import LARGEST_SEED, MINE, NAMES, SOURCES
from layerscope.targets import Target
from layerscope.text import cleaned, in_streamlit
from layerscope.tracing import trace
from layerscope.ui import copying, draft, free_controls, number_field, remembered, sheethead, state
from layerscope.ui.addresses import address
from layerscope.ui.banner import check_words
from layerscope.ui.kept import keep
from layerscope.ui.lessons.contents import LESSONS
from layerscope.ui.switching import projector

PAGES = {"explore": "Explore", **{lesson.key: f"Lesson: {lesson.title}" for lesson in LESSONS}, "quiz": "Quiz"}
RESTS = {
    "open": "Everything", "locked": "Only what I choose (rest locked)", "hidden": "Only what I choose (rest hidden)",
}  # fmt: skip
NOTHING, ANYTHING = "nothing", "anything"
PREDICTS = {
    NOTHING: "Nothing: results show at once",
    targets.VALUE: "A value, such as fc1.in_features",
    targets.SHAPE: "The shape that a layer outputs",
    targets.PARAMETERS: "The parameter count",
    targets.RUNS: "Whether the network runs",
    ANYTHING: "A shape, the parameter count or whether it runs (their choice)",
    targets.TEXT: "Free text (you grade it)",
}
NOTHING_FREE = "No link yet: choose at least one, such as kernel_size of a convolution."
NO_LINK = (
    "There is no link yet. In step 3, choose at least one value that students can change, such as kernel_size of a "
    "convolution."
)
NO_CONTROLS = (
    "This network has nothing that students could change: add a layer in Explore, or choose everything in step 3."
)
JOIN = "Join this class"
ONLY_HERE = "This link works on this computer only."
SERVE = (
    "For a class, start Layerscope with “make serve HOST=192.168.0.10”, but with your computer's own address (see "
    "“Serving others” in the README)."
)
HOME = ("127.0.0.1", "localhost", "::1")
MOST_QR = 2_300
"""Characters; a code with more has modules too small to be read from the back row."""
_STYLE = """<style>
.teach-step {
  display: flex; gap: 0.6rem; align-items: center; margin: 0; padding: 0; font-size: 1.05rem; font-weight: 600;
}
.teach-step > span {
  flex: none; width: 1.6rem; height: 1.6rem; border-radius: 50%; background: #0072b2; color: #fff;
  text-align: center; line-height: 1.6rem; font-size: 0.95rem;
}
.teach-words { margin: 0; }
/* Room for either sentence, so that nothing below moves. */
.teach-free { margin: 0; min-height: 1.6em; padding-inline-start: 0.6rem; border-inline-start: 3px solid transparent; }
.teach-free.is-lacking { font-weight: 600; border-inline-start-color: #e69f00; }
@media (max-width: 640px) { .teach-free { min-height: 3.2em; } }
@media (min-width: 641px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-teach-result) { position: sticky; top: 3.75rem; }
}
</style>"""
_LARGE = """<style>
[data-testid="stDialog"]:has(.teach-large) { padding: 0; }
[data-testid="stDialog"]:has(.teach-large) > div {
  margin: 0; width: 100%; max-width: none; height: 100dvh; border-radius: 0;
}
[data-testid="stDialog"]:has(.teach-large) [role="dialog"] > button { z-index: 2; background: #fff; color: #000; }
.teach-large { position: fixed; inset: 0; z-index: 1; display: flex; background: #fff; color: #000; }
.teach-large img { flex: none; width: min(100dvh, 66%); height: 100%; object-fit: contain; }
.teach-large > div {
  flex: 1; display: flex; flex-direction: column; justify-content: safe center; gap: 1.2rem; min-width: 0;
  padding: 3.5rem 2rem 2rem 0.5rem; overflow: auto; font-size: clamp(1.2rem, 2.3vw, 4rem); line-height: 1.3;
}
.teach-large > div > p { margin: 0; font-size: inherit; overflow-wrap: break-word; }
.teach-large .teach-join { font-weight: 600; }
.teach-large .teach-check b { display: block; }
.teach-large > div > .teach-told { font-size: 0.95rem; }
@media (max-aspect-ratio: 1/1) {
  .teach-large { flex-direction: column-reverse; }
  .teach-large img { flex: 1 1 0; width: 100%; min-height: 10rem; }
  .teach-large > div { flex: none; gap: 0.5rem; padding: 1rem 3rem 0 1rem; }
}
</style>"""
"""The code takes the height of the screen, on one that stands upright its width; always on white, as it is."""


def draw() -> None:
    """Draw the page."""
    state.arrive("teacher")
    here = state.session()
    st.html(_STYLE)
    projector()
    st.subheader("A link for your class", anchor=False)
    st.markdown("Students open one link, without a login, and see your network with your question.")
    form, result = st.columns([1, 1], gap="large")
    with form:
        draft.follow_explore(ANYTHING)
        chosen, lacking = _chosen(here.network)
    with result, st.container(key="teach-result"):
        _step(5, "Share your link")
        large = st.toggle(
            "Large type where this link is opened", key="teach.large", persist_state="session",
            help="For a link that you open on a projector. A student who opens it gets large type as well.",
        )  # fmt: skip
        keep("layerscope.teacher", {"form": draft.written(here.network, ANYTHING)}, _restored)
        if chosen is None:
            st.html(f"<p class='teach-words' role='status'>{escape(lacking)}</p>")
        else:
            _result(replace(chosen, large=large))


def _step(number: int, title: str) -> None:
    st.html(f"<h3 class='teach-step'><span>{number}</span>{escape(title)}</h3>")


def _restored(saved: dict[str, str]) -> None:
    draft.restore(saved.get("form", ""), tuple(PAGES), tuple(RESTS), tuple(PREDICTS))


def _chosen(network: Network) -> tuple[Assignment | None, str]:
    """What was chosen; where that makes no link, why it does not."""
    _step(1, "Your network")
    st.html(f"<p class='teach-words'>{escape(sheethead.described(network, state.session().beginning))}</p>")
    st.page_link("pages/explore.py", label="Change it in Explore", icon=":material/tune:")
    _step(2, "What students see")
    page = st.selectbox("Page", list(PAGES), format_func=PAGES.__getitem__, key="teach.page", persist_state="session")
    question = st.text_area(
        "Your question", key="teach.question", max_chars=LONGEST_QUESTION, height=80, persist_state="session",
        placeholder="Which kernel_size makes fc1.in_features 300?",
    )  # fmt: skip
    about, seed, silent = _quiz(network) if page == "quiz" else ("", 1, False)
    _step(3, "What students can change in Explore")
    rest, free, own_copy = _locks(network, page)
    _step(4, "What students predict in Explore before they see it")
    predict, target = _prediction(network)
    if page == "explore" and rest != "open" and not free:
        return None, NO_LINK if free_controls.every(network) else f"There is no link yet. {NO_CONTROLS}"
    try:
        chosen = assigned(
            network, page=page, free=tuple(free), rest=rest, question=cleaned(question).strip(), predict=predict,
            target=target.written, own_copy=own_copy, silent=silent, about=about, seed=seed,
            selected=_selected(network),
        )  # fmt: skip
    except LinkError as error:
        return None, str(error)
    return chosen, ""


def _selected(network: Network) -> str:
    """The layer that was selected in Explore, where one was."""
    here = state.session()
    return here.row if here.view.selected and here.row in network.names else ""


def _locks(network: Network, page: str) -> tuple[str, list[str], bool]:
    """What becomes of the controls; the ones that stay free; whether students may open their own copy.

    Where the link lacks something it is said here, where it can be mended: the link itself may be out of sight.
    """
    rest = st.radio(
        "Students can change", list(RESTS), format_func=RESTS.__getitem__, key="teach.rest", persist_state="session",
        horizontal=True,
        help="If the rest is locked or hidden, students cannot change layers, input or classes either.",
    )  # fmt: skip
    if rest == "open":
        return rest, [], False
    free = free_controls.choose(network)
    controls = free_controls.every(network)
    lacks = page == "explore" and not free
    told = (NOTHING_FREE if controls else NO_CONTROLS) if lacks else f"Chosen: {len(free)} of {len(controls)}."
    st.html(f"<p class='teach-free{' is-lacking' if lacks else ''}' role='status'>{escape(told)}</p>")
    own_copy = st.toggle(
        "Let them open their own copy", key="teach.own_copy", persist_state="session",
        help="A button opens the network in a new tab, without your question and without locks.",
    )  # fmt: skip
    return rest, free, own_copy


def _prediction(network: Network) -> tuple[bool, Target]:
    """Whether a guess comes first, and what it is about: only what this network has."""
    layers, values = _places(network)
    kinds = [kind for kind in PREDICTS if (kind != targets.VALUE or values) and (kind != targets.SHAPE or layers)]
    kind = _one_of("predict", kinds, PREDICTS, NOTHING, "They predict")
    if kind == targets.SHAPE:
        maps = [step.name for step in trace(network).steps if step.output_shape and len(step.output_shape) > 1]
        return True, Target(kind, _one_of("layer", layers, {}, (maps or layers)[-1], "The layer"))
    if kind == targets.VALUE:
        usual = next((name for name in values if name.endswith(".in_features")), values[0])
        layer, _, argument = _one_of("value", values, {}, usual, "The value").rpartition(".")
        return True, Target(kind, layer, argument)
    return kind != NOTHING, Target("" if kind in (NOTHING, ANYTHING) else kind)


def _places(network: Network) -> tuple[list[str], list[str]]:
    """The layers, and the values of theirs that others decide."""
    values = [
        f"{step.name}.{name}"
        for step in trace(network).steps
        for name, decision in step.decisions.items()
        if decision.role.value != "you" and name != step.layer.head
    ]
    return list(network.names), values


def _one_of(name: str, options: list[str], titles: dict[str, str], usual: str, label: str) -> str:
    """A choice that is kept over pages; what another network had is forgotten."""
    key = f"teach.{name}"
    if remembered.widget_value(key) not in options:
        remembered.remember(key, usual)
    return st.selectbox(
        label, options, format_func=lambda option: titles.get(option, option), key=key, persist_state="session",
        label_visibility="collapsed" if titles else "visible",
    )  # fmt: skip


def _quiz(network: Network) -> tuple[str, int, bool]:
    """Which quiz the class gets, and whether it keeps its answers."""
    about = st.selectbox(
        "Questions about", SOURCES, 0 if network == PRESETS[DEFAULT] else SOURCES.index(MINE), key="teach.about",
        format_func={**NAMES, MINE: "The network in this link"}.__getitem__, persist_state="session",
    )  # fmt: skip
    seed = number_field.number_input(
        "Seed", 1, LARGEST_SEED, remembered.kept("teach.seed", 1), key="teach.seed", persist_state="session",
        help="The same number gives the same questions.",
    )  # fmt: skip
    return about, seed, st.toggle(
        "Hide the correct answers in the quiz", key="teach.silent", persist_state="session",
        help="Lessons always show the answers: each question builds on the one before.",
    )  # fmt: skip


def _only_here() -> str:
    """What to do where the link names this computer itself, which is another one for each student."""
    shown = str(st.get_option("browser.serverAddress"))
    if shown in HOME:
        return f"{ONLY_HERE} {SERVE}"
    return f"{ONLY_HERE} Open Layerscope as {shown} to make one for others."


def _result(chosen: Assignment) -> None:
    there = address(chosen.page, **{"class": encode_assignment(chosen)})
    copying.draw(there, "The link for your class", "Copy link", "teach-link")
    has_code = len(there) <= MOST_QR
    with st.container(horizontal=True, gap="small"):
        st.link_button("Open as a student", there, icon=":material/open_in_new:")
        is_asked = has_code and st.button("Show full screen", icon=":material/qr_code:")
    st.html(
        f"<p class='teach-words'>Check words: <b>{escape(check_words(chosen))}</b>. If a student's screen shows other "
        "words, the link was altered.</p>"
    )
    is_only_here = urlsplit(there).hostname in HOME
    if is_only_here:
        st.info(in_streamlit(_only_here()))
    if has_code:
        picture = _picture(there)
        st.html(f"<img src='{picture}' alt='QR code of the link' style='width: min(100%, 15rem); background: white'>")
        if is_asked:
            _large(picture, chosen, is_only_here)
    else:
        st.info("This network is too long for a code that a camera can read. Share the link.")
    st.html(
        "<details><summary>What check words can't tell you</summary><p>Whoever opens Layerscope without the link sees "
        "everything but no check words. Anyone can make their own link with other words, so read yours aloud. "
        "To alter this link and keep its words, a computer would have to try for years.</p></details>"
    )


@st.dialog(JOIN, width="large")
def _large(picture: str, chosen: Assignment, is_only_here: bool) -> None:
    """What a room reads from afar, and a word to the teacher. Not the address of a class: nobody could type it."""
    told = f"<p class='teach-told'>{escape(_only_here())}</p>" if is_only_here else ""
    st.html(
        f"{_LARGE}<div class='teach-large'><img src='{picture}' alt='QR code of the link'>"
        f"<div><p class='teach-join' aria-hidden='true'>{JOIN}</p><p>{escape(chosen.question)}</p>"
        f"<p class='teach-check'>Check words: <b>{escape(check_words(chosen))}</b></p>{told}</div></div>"
    )


def _picture(there: str) -> str:
    """The code as an address of its own: an SVG with dark modules on white, whatever the theme."""
    svg = io.BytesIO()
    segno.make(there, error="l", micro=False).save(svg, kind="svg", border=3, dark="#000", light="#fff", scale=8)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.getvalue()).decode("ascii")
