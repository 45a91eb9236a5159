"""The explorer's blocks put together: the toolbar and the stage."""

import streamlit as st

from layerscope.changes import ripple
from layerscope.tracing import trace
from layerscope.ui import address, focus, popovers, remembered, sheethead, state
from layerscope.ui.inside import LONG
from layerscope.ui.parts import stage_data
from layerscope.ui.preview import token
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.toolbar import face, toolbar


def draw() -> None:
    """Draw the page. Only the stage runs again while a slider moves."""
    state.arrive("explore")
    here = state.session()
    sheethead.draw("Explore", here.network)
    toolbar(here)
    remembered.remember("toolbar", face(here))
    _stage()
    _hand_focus_on(here)


def _hand_focus_on(here: Session) -> None:
    """What had the focus is gone: a popover that closed, or "Start empty", which leaves the choice of a first layer."""
    count, button = popovers.closed()
    is_empty = not here.network.layers
    focus.follow("explore", (count, is_empty), ".stage-message-actions button" if is_empty else button)


def rehearse() -> None:
    """Make the first page's parts once, so that no visitor waits for what torch and we do the first time only."""
    here = Session()
    seen = trace(here.network)
    stage_data(here, ripple(seen, seen))


@st.fragment
def _stage() -> None:
    here = state.session()
    state.follow()
    is_old = here.gesture is None and remembered.widget_value("toolbar") != face(here)
    waits = is_old and bool(remembered.widget_value("moved"))
    data = stage_data(here, state.current_ripple(here)) | {"preview": token(here, state.ticket()), "unsettled": waits}
    stage(data, key="stage", on_event=_happened, on_message=state.on_message, long=LONG)
    address.put_right()
    if is_old and not waits:
        st.rerun()


def _happened(event: Event) -> None:
    """Carry out an event. Another step of a slider may follow, and would wait for the whole page: the row above the
    stage is drawn anew once the hand rests, which the stage then says."""
    remembered.remember("moved", "." in event["key"])
    state.on_event(event)
