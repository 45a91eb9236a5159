"""The page that makes a teacher's link: what students see, one address, and a code that fills the screen."""

import base64
import io
from html import escape
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from layerscope.assignment import LONGEST_QUESTION, Assignment, assigned, encode_assignment
from layerscope.link import LinkError
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.quiz.setting import LARGEST_SEED, MINE, NAMES, SOURCES
from layerscope.text import cleaned, in_streamlit
from layerscope.tracing import trace
from layerscope.ui import draft, remembered, state
from layerscope.ui.banner import check_words
from layerscope.ui.kept import keep
from layerscope.ui.lessons.contents import LESSONS

PAGES = {"explore": "Explore", **{lesson.key: f"Lesson: {lesson.title}" for lesson in LESSONS}, "quiz": "Quiz"}
RESTS = {"open": "may be moved, layers too", "locked": "are locked", "hidden": "are hidden"}
HOME = ("127.0.0.1", "localhost", "::1")
MOST_QR = 2_300
"""Characters; a code with more has modules too small to be read from the back row."""


def draw() -> None:
    """Draw the page."""
    state.arrive("teacher")
    here = state.session()
    st.subheader("A link for your class", anchor=False)
    st.markdown(
        "Students who open it need no login. It begins with the network that stands in Explore now: set that up first."
    )
    form, result = st.columns([2, 3], gap="large")
    with form:
        chosen = _chosen(here.network)
    keep("layerscope.teacher", {"form": draft.written(here.network)}, _restored)
    with result:
        if chosen is not None:
            _result(chosen)


def _restored(saved: dict[str, str]) -> None:
    draft.restore(saved.get("form", ""), tuple(PAGES), tuple(RESTS))


def _chosen(network: Network) -> Assignment | None:
    page = st.selectbox(
        "They see", list(PAGES), format_func=PAGES.__getitem__, key="teach.page", persist_state="session"
    )
    question = st.text_area(
        "Your question", key="teach.question", max_chars=LONGEST_QUESTION, height=80, persist_state="session",
        placeholder="Which kernel_size makes fc1.in_features 300?",
    )  # fmt: skip
    about, seed = _quiz(network) if page == "quiz" else ("", 1)
    controls = _controls(network)
    kept = remembered.widget_value("teach.free")
    if isinstance(kept, list) and not set(kept) <= set(controls):  # of another network
        remembered.remember("teach.free", [name for name in kept if name in controls])
    free = st.multiselect("Controls that may be moved in Explore", controls, key="teach.free", persist_state="session")
    rest = st.radio(
        "All the others", list(RESTS), format_func=RESTS.__getitem__, key="teach.rest", persist_state="session",
        help="Locked or hidden: layers, input and classes stay as they are, too.",
    )  # fmt: skip
    if free and rest == "open":
        st.warning("As it is, every control may be moved. Choose what becomes of the others: locked or hidden.")
    predict = st.toggle(
        "Predict first",
        key="teach.predict",
        persist_state="session",
        help="In Explore a guess comes before each result.",
    )
    large = st.toggle("Projector type", key="teach.large", persist_state="session")
    silent = st.toggle(
        "Hide the quiz's answers",
        key="teach.silent",
        persist_state="session",
        help="The quiz does not tell what is right. Lessons always do: each question builds on the one before.",
    )
    try:
        return assigned(
            network, page=page, free=tuple(free), rest=rest, question=cleaned(question).strip(), predict=predict,
            large=large, silent=silent, about=about, seed=seed,
        )  # fmt: skip
    except LinkError as error:
        st.error(in_streamlit(str(error)))
        return None


def _quiz(network: Network) -> tuple[str, int]:
    """Which quiz the class gets."""
    about = st.selectbox(
        "Questions about", SOURCES, 0 if network == PRESETS[DEFAULT] else SOURCES.index(MINE), key="teach.about",
        format_func={**NAMES, MINE: "The network in this link"}.__getitem__, persist_state="session",
    )  # fmt: skip
    return about, st.number_input("Seed", 1, LARGEST_SEED, key="teach.seed", persist_state="session")


def _controls(network: Network) -> list[str]:
    """Every control of the network's layers, the everyday ones first."""
    steps = trace(network).steps
    names = [
        (not parameter.everyday, f"{step.name}.{name}")
        for step in steps
        for name, parameter in step.layer.parameters().items()
        if step.decisions[name].role.value == "you"
    ]
    return [name for _, name in sorted(names, key=lambda pair: pair[0])]


def _only_here() -> str:
    """What to do where the link names this computer itself, which is another one for each student."""
    shown = str(st.get_option("browser.serverAddress"))
    if shown in HOME:
        return "This address works on this computer only. For a class, serve the app in your network (see the README)."
    return f"This address works on this computer only. Open the app as {in_streamlit(shown)} to make a link for others."


def _result(chosen: Assignment) -> None:
    address = _address(chosen)
    st.code(address, language=None, wrap_lines=True)
    st.html(
        f"<p>Check words: <b>{escape(check_words(chosen))}</b>. If a student's screen shows other words, the link was "
        "altered.</p><details><summary>What the words do not tell</summary><p>Whoever opens the app without the link "
        "sees everything, and no words. Anybody can make a link of their own, with words of its own: so read yours "
        "aloud. To alter this link and keep its words, a computer would have to try for years.</p></details>"
    )
    if urlsplit(address).hostname in HOME:
        st.info(_only_here())
    if len(address) > MOST_QR:
        st.info("This network is too long for a code that a camera can read; share the address.")
        return
    picture = _picture(address)
    st.html(f"<img src='{picture}' alt='QR code of the address' style='width: min(100%, 16rem); background: white'>")
    if st.button("Fill the screen"):
        _large(picture, chosen, address)


@st.dialog("For your class", width="large")
def _large(picture: str, chosen: Assignment, address: str) -> None:
    style = "display: block; margin: auto; width: min(100%, 62vh); background: white"
    st.html(
        f"<img src='{picture}' alt='QR code of the address' style='{style}'>"
        "<p style='text-align: center; font-size: 1.3rem; margin: 0'>check words: "
        f"<b>{escape(check_words(chosen))}</b></p>"
        f"<p style='text-align: center; overflow-wrap: anywhere'>{escape(address)}</p>"
    )


def _picture(address: str) -> str:
    """The code as an address of its own: an SVG with dark modules on white, whatever the theme."""
    svg = io.BytesIO()
    segno.make(address, error="l", micro=False).save(svg, kind="svg", border=3, dark="#000", light="#fff", scale=8)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.getvalue()).decode("ascii")


def _address(chosen: Assignment) -> str:
    """Where the students go: this server, the page, the assignment."""
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501/")
    folder = parts.path.rsplit("/", 1)[0]
    page = "" if chosen.page == "explore" else chosen.page
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{page}", f"class={encode_assignment(chosen)}", ""))
