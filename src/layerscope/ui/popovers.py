"""The toolbar's popovers: they close once something else than their own buttons changed what they cover."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layerscope.network import Network
from layerscope.ui import focus, remembered

_OPEN, _OVER, _CLOSED = "popovers.open", "popovers.over", "popovers.closed"
"""The keys of those that were open when the toolbar was drawn last, the network that was on the screen then; how many
were closed, and the key of the last one."""
_NONE = (0, "")
_KEYS = {label: f"popover.{label.lower().replace(' ', '-')}" for label in ("Input", "Add a layer", "Export")}


def popover(label: str, help_text: str) -> DeltaGenerator:
    """One of them; the page runs anew when it is opened or closed, so that it shows what is there then."""
    return st.popover(label, help=help_text, key=_KEYS[label], on_change="rerun")


def are_open() -> bool:
    """Whether one is open."""
    return any(remembered.widget_value(key) for key in _KEYS.values())


def close_where_covering(network: Network) -> None:
    """Close those that were open already while another network was on the screen. Before they are drawn."""
    was_open: tuple[str, ...] = remembered.kept(_OPEN, ())
    for key in was_open if remembered.widget_value(_OVER) != network else ():
        remembered.remember(key, False)
        remembered.remember(_CLOSED, (remembered.kept(_CLOSED, _NONE)[0] + 1, key))
    remembered.remember(_OPEN, tuple(key for key in _KEYS.values() if remembered.widget_value(key)))
    remembered.remember(_OVER, network)


def hand_focus_on() -> None:
    """What had the focus in one that was closed is gone: its button gets it."""
    count, key = remembered.kept(_CLOSED, _NONE)
    focus.follow("popovers", count, f".st-key-{key.replace('.', '-')} button")


def keep_open(network: Network) -> None:
    """They may stay open over this network: what they did themselves goes on."""
    remembered.remember(_OVER, network)


def close() -> None:
    """Close them with the next run."""
    remembered.remember(_OVER, None)
