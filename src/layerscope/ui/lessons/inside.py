"""The view inside a network on a lesson's page: only that runs again with what the hand does there."""

import streamlit as st

from layerscope.network import Network
from layerscope.ui import inside, remembered, state
from layerscope.ui.lessons.moving import look
from layerscope.ui.looking import Looking
from layerscope.ui.stage.stage import Event, stage


@st.fragment
def window(key: str, network: Network, name: str, begin: Looking, lens: str = "window") -> None:
    """Draw a layer's window at work, or another view of it. What is looked at is kept, and is `begin` at first."""

    def take(event: Event) -> None:
        look(event)
        verb, _, what = event["key"].partition(":")
        if verb == "inside":
            seen = remembered.kept(key, begin)
            remembered.remember(key, inside.event(network, name, seen, what, event["value"]))

    narrow = state.session().narrow
    card = inside.card(network, name, remembered.kept(key, begin), lens=lens, is_narrow=narrow)
    if card["inside"]:
        card["inside"]["can_write"] = False  # there is no other view to go to
    stage({"figures": [card], "narrow": narrow}, key=f"{key}.stage", on_event=take, long=inside.LONG)
