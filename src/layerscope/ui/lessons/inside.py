"""The view inside a layer on a lesson's page: only that runs again with what the hand does there."""

import streamlit as st

from layerscope.network import Network
from layerscope.ui import inside, remembered, state
from layerscope.ui.lessons.moving import look
from layerscope.ui.looking import Looking
from layerscope.ui.stage.stage import Event, stage


@st.fragment
def window(key: str, network: Network, name: str, begin: Looking) -> None:
    """Draw a layer's window at work. What is looked at is kept for this visitor, and is `begin` at first."""

    def take(event: Event) -> None:
        look(event)
        verb, _, what = event["key"].partition(":")
        if verb == "inside":
            seen = remembered.kept(key, begin)
            remembered.remember(key, inside.event(network, name, seen, what, event["value"]))

    narrow = state.session().narrow
    card = inside.card(network, name, remembered.kept(key, begin), is_narrow=narrow)
    stage({"figures": [card], "narrow": narrow}, key=f"{key}.stage", on_event=take, long=inside.LONG)
