"""The page Compare: network A, which is pinned, beside B, the one that is open."""

from functools import partial

import streamlit as st

from layerscope.network import Network
from layerscope.study.compare import compare
from layerscope.tables import Table, comparison
from layerscope.text import in_streamlit
from layerscope.ui import address, remembered, state
from layerscope.ui.lab import head, pinning
from layerscope.ui.lab.compare_parts import ROWS, counterpart, stage_data
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import table_files

_ROWS, _SAID = "compare.rows", "compare.said"
TOO_LONG = "A and B together are too long for a link, so the link holds B only."


def draw() -> None:
    """Draw the page. Only the stage runs again while a slider of B moves."""
    head.begin("compare")
    here = state.session()
    if problem := pinning.read_address():
        st.error(in_streamlit(problem))
    _row_of_a(pinning.pinned())
    head.open_network("B", _begin_b, partial(table_files, "compare", partial(_table, pinning.pinned(), here)))
    _say(pinning.pinned(), here.network)
    remembered.remember(_SAID, state.address_of_open())
    _stage()


def _row_of_a(a: Network) -> None:
    """Which network is A, and the ways to another one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare-head"):
        head.line(a, "A")
        head.choosing("compare.a", "Change network A…", pinning.pin)
        st.button("Pin B as A", on_click=_pin_open, help="Keeps B as it is now as A; then go on changing B.")
        if not state.session().fixes_layers:
            st.button("Swap A and B", on_click=_swap)


def _table(a: Network, here: Session) -> Table:
    """What is on the screen as the file is made. That is done outside of the page's run, where no session is found."""
    return comparison(compare(a, here.network).contrast)


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
    """Let the address hold A too, where it does not yet; where it cannot, say so."""
    word = pinning.word_for(a, b)
    if not word:
        remembered.drop_parameter(pinning.WORD)
        st.caption(TOO_LONG)
    elif remembered.parameter(pinning.WORD) != word:
        pinning.note(word)
        address.put({pinning.WORD: word})


@st.fragment
def _stage() -> None:
    here = state.session()
    said: dict[str, str] = remembered.kept(_SAID, {})
    if state.address_of_open() != said:
        said = {}
        remembered.remember(_SAID, said)
    state.follow(beside=(pinning.WORD,), said=said)
    seen = compare(pinning.pinned(), here.network)
    data = stage_data(seen, here, remembered.kept(_ROWS, "differ"))
    stage(data, key="compare-stage", on_event=_on_event, on_message=state.on_message)
    if here.asked is not None:  # a guess comes first: see `waiting`
        st.rerun()


def _on_event(event: Event) -> None:
    """Which rows the table has is this page's own; all else is done to B."""
    key, value = event["key"], event["value"]
    if key == "rows":
        if value in ROWS:
            remembered.remember(_ROWS, value)
        return
    if key == "select":
        seen = compare(pinning.pinned(), state.session().network)
        event = Event(**{**event, "value": counterpart(str(value), seen.contrast)})
    state.on_event(event)
