"""What stands on paper only: whose sheet it is, and which network it is about."""

from html import escape

import streamlit as st

from layerscope.formatting import shape_text
from layerscope.link import LinkError, encode
from layerscope.network import Network
from layerscope.presets import PRESETS


def draw(title: str, network: Network | None) -> None:
    """Draw lines for the learner's name and the date, and the network; the screen does not show them."""
    st.html(sheet_head(title, network))


def sheet_head(title: str, network: Network | None) -> str:
    """The HTML of `draw`: of a preset the name, of every network the short text that its address holds."""
    about = f", on {named(network)}" if network else ""
    lines = ("Name: ______________________________ &nbsp; Date: ________________", escape(f"{title}{about}"))
    return f"<div class='on-paper'>{''.join(f'<p>{line}</p>' for line in lines)}</div>"


def named(network: Network) -> str:
    """A network's name, where it has one, and its short text; its size where that is too long for an address."""
    name = next((name for name, preset in PRESETS.items() if preset == network), "a network of one's own")
    try:
        return f"{name}: {encode(network)}"
    except LinkError:
        return f"{name}: {len(network.layers)} layers, input {shape_text(network.input_shape)}"
