"""One of several answers: chosen, changed at will, and given with a button.

A browser's radio buttons choose with each arrow key. If the first choice were the answer, nobody could reach the third
of four by keyboard, nor hear all of them before answering.
"""

from collections.abc import Callable, Sequence

import streamlit as st


def choose(question: str, options: Sequence[str], key: str, take: Callable[[], None]) -> None:
    """Ask; `take` runs once the button was pressed, with what is chosen under `key`."""
    with st.form(f"{key}.form", border=False):
        st.radio(question, options, index=None, key=key, label_visibility="collapsed")
        st.form_submit_button("Answer", on_click=take)
