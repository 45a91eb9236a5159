"""An answer: chosen from several or typed, changed at will, and given with a button.

A browser's radio buttons choose with each arrow key. If the first choice were the answer, nobody could reach the third
of four by keyboard, nor hear all of them before answering.
"""

from collections.abc import Callable, Collection, Sequence
from html import escape

import streamlit as st

from layerscope.formatting import capital
from layerscope.text import in_streamlit
from layerscope.ui import remembered


def choose(
    question: str, options: Sequence[str], key: str, take: Callable[[], None], names: Collection[str] = ()
) -> None:
    """Ask; `take` runs once the button was pressed, with what is chosen under `key`. Without a choice a hint comes.

    `names` are the network's; they begin as they are written.
    """

    def given() -> None:
        if remembered.widget_value(key) is None:
            remembered.remember(f"{key}.hint", "Choose one of them.")
        else:
            take()

    def shown(option: str) -> str:
        return in_streamlit(capital(option, names))

    with st.form(f"{key}.form", border=False):
        st.radio(
            in_streamlit(question), options, index=None, key=key, label_visibility="collapsed",
            format_func=shown,
        )  # fmt: skip
        st.form_submit_button("Answer", on_click=given)
    hint(key)


def typed(question: str, key: str, take: Callable[[], None], *, digits: bool = False) -> None:
    """Ask for a number or a word; `take` runs once Enter or the button was pressed, with what stands under `key`.

    `digits`: a phone shows its keyboard of numbers.
    """
    row = f"digits-{key}" if digits else f"words-{key}"
    with (
        st.form(f"{key}.form", border=False),
        st.container(horizontal=True, vertical_alignment="center", key=row.replace(".", "-")),
    ):
        st.text_input(
            in_streamlit(question), key=key, label_visibility="collapsed", width=220, placeholder="Your answer"
        )
        st.form_submit_button("Answer", on_click=take)
    hint(key)


def hint(key: str) -> None:
    """What is still missing from an answer, if `remember` left something about it under that key and ".hint"."""
    if said := remembered.widget_value(f"{key}.hint"):
        st.html(f"<p role='alert' style='margin: 0; font-weight: 600'>{escape(str(said))}</p>")
