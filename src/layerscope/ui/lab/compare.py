"""The page Compare: network A, which is pinned, beside B, the one that is open."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layerscope.network import Network
from layerscope.study.compare import compare
from layerscope.tables import comparison
from layerscope.text import in_streamlit
from layerscope.ui import address, remembered, state, unlinked
from layerscope.ui.lab import head, pinning, trained_as
from layerscope.ui.lab.compare_parts import ROWS, counterpart, stage_data
from layerscope.ui.lab.compare_said import totals
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import offer, table_files

_ROWS, _SAID, _ASKED = "compare.rows", "compare.said", "compare.asked"
_STYLE = """<style>
/* What stands beside B's number is longer than a "was" of Explore. */
.st-key-compare-stage .stage-total-change { white-space: normal; line-height: 1.15; padding-block-end: 0.3rem; }
</style>"""
TOO_LONG = "A and B together are too long for a link, so the link holds B only."


def draw() -> None:
    """Draw the page. Only the stage runs again while a slider of B moves."""
    head.begin("compare")
    st.html(_STYLE)
    here = state.session()
    trained_as.read_address(here.network)
    if problem := pinning.read_address():
        st.error(in_streamlit(problem))
    _row_of_a(pinning.pinned())
    missing = [] if pinning.word_for(pinning.pinned(), here.network) else [unlinked.NETWORK_A]
    line = head.open_network("B", _begin_b, partial(_take_away, pinning.pinned(), here), missing)
    _say(pinning.pinned(), here.network)
    remembered.remember(_SAID, state.address_of_open())
    _stage(line)


def _row_of_a(a: Network) -> None:
    """Which network is A, and the ways to another one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare-head"):
        head.line(a, "A")
        head.choosing("compare.a", "Change network A…", pinning.pin)
        st.button("Pin B as A", on_click=_pin_open, help="Keeps B as it is now as A; then go on changing B.")
        if not state.session().fixes_layers:
            st.button("Swap A and B", on_click=_swap)


def _take_away(a: Network, here: Session) -> None:
    """The tables of what is on the screen as a file is made."""
    training = trained_as.chosen()
    table_files(
        offer("The table of all layers", "compare", lambda: comparison(compare(a, here.network, training).contrast)),
        offer("The totals", "compare-totals", lambda: totals(compare(a, here.network, training))),
    )


def _begin_b(network: Network) -> None:
    """Another B; A stays, also where it is only what B began as."""
    pinning.keep()
    state.begin_here(network)


def _pin_open() -> None:
    pinning.pin(state.session().network)


def _swap() -> None:
    """Make A the open network, and the open network A; a teacher's link may refuse."""
    a, b = pinning.pinned(), state.session().network
    state.begin_here(a)
    if state.session().network == a:
        pinning.pin(b)


def _say(a: Network, b: Network) -> None:
    """Let the address hold A too, and how both are trained, where it does not yet; where it cannot hold A, say so."""
    words = trained_as.words()
    if word := pinning.word_for(a, b):
        pinning.note(word)
        words[pinning.WORD] = word
    else:
        remembered.drop_parameter(pinning.WORD)
        st.caption(TOO_LONG)
    if new := {name: value for name, value in words.items() if remembered.parameter(name) != value}:
        address.put(new)


@st.fragment
def _stage(line: DeltaGenerator) -> None:
    here = state.session()
    with line:  # a slider of B changes what it says of B
        head.line(here.network, "B", here.beginning)
    said: dict[str, str] = remembered.kept(_SAID, {})
    if state.address_of_open() != said:
        said = {}
        remembered.remember(_SAID, said)
    state.follow(beside=(pinning.WORD, *trained_as.WORDS), said=said)
    about = pinning.pinned(), here.network, trained_as.chosen()
    seen = compare(*about, asks=remembered.widget_value(_ASKED) == about)
    data = stage_data(seen, here, remembered.kept(_ROWS, "differ"))
    stage(data, key="compare-stage", on_event=_on_event, on_message=state.on_message)
    if here.asked is not None:  # a guess comes first: see `waiting`
        st.rerun()
    if seen.is_partial and here.gesture is None:  # all else is on the screen by now
        compare(*about).totals  # noqa: B018
        remembered.remember(_ASKED, about)
        st.rerun()


def _on_event(event: Event) -> None:
    """Which rows the table has is this page's own; all else is done to B."""
    key, value = event["key"], event["value"]
    if key == "rows":
        if value in ROWS:
            remembered.remember(_ROWS, value)
        return
    if key == "select":
        seen = compare(pinning.pinned(), state.session().network, trained_as.chosen(), asks=False)
        event = Event(**{**event, "value": counterpart(str(value), seen.contrast)})
    state.on_event(event)
