"""What stands on paper only: whose sheet it is, and which network it is about."""

from html import escape

import streamlit as st

from layerscope.explain import written_count
from layerscope.formatting import shape_text
from layerscope.link import LinkError, encode
from layerscope.network import Network
from layerscope.presets import TITLES, key_of
from layerscope.tracing import trace
from layerscope.ui import origin


def draw(title: str, network: Network | None) -> None:
    """Draw lines for the learner's name and the date, and the network; the screen does not show them."""
    st.html(sheet_head(title, network))


def sheet_head(title: str, network: Network | None) -> str:
    """The HTML of `draw`."""
    about = f", on {named(network)}" if network else ""
    lines = ("Name: ______________________________ &nbsp; Date: ________________", escape(f"{title}{about}"))
    return f"<div class='on-paper'>{''.join(f'<p>{line}</p>' for line in lines)}</div>"


def described(network: Network, beginning: Network | None = None) -> str:
    """A network in a line: its title where it is or was a preset, how many layers, the input, the parameter count.

    `beginning` is what was opened before it was changed, where that is known.
    """
    now = trace(network)
    layers = written_count(len(network.layers), "layer")
    size = f"{now.parameters:,} parameters" if now.error is None else f"it does not run ({now.steps[-1].name} fails)"
    return f"{origin.title(network, beginning)}: {layers}, input {shape_text(network.input_shape)}, {size}"


def named(network: Network) -> str:
    """A preset's title; of any other network the short text that its address holds, or its size where that is long."""
    key = key_of(network)
    if key is not None:
        return TITLES[key]
    try:
        return f"a custom network: {encode(network)}"
    except LinkError:
        return f"a custom network: {len(network.layers)} layers, input {shape_text(network.input_shape)}"
