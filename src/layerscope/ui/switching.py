"""Switches of the page between two words of a field of the view, such as normal and large type."""

import streamlit as st

from layerscope.ui import remembered, state


def switch(label: str, field: str, off: str, on: str, help_text: str = "") -> None:
    """Draw one; the view has the word, on every page."""
    is_on = getattr(state.session().view, field) == on
    st.toggle(
        label,
        key=synced(field, is_on),
        help=help_text or None,
        on_change=lambda: state.with_view(**{field: off if is_on else on}),
    )


def projector() -> None:
    """Draw the switch of large type, for the back row. On every page it stands at the same place in the bar on top, in
    pixels: what it makes larger must not push it away from under the pointer (see the style in `chrome.py`)."""
    switch("Projector", "type_size", "normal", "large")


def synced(key: str, value: object) -> str:
    """Give the widget of that key the value which the session has, before it is drawn."""
    remembered.remember(f"widget.{key}", value)
    return f"widget.{key}"
