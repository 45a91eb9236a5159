"""From one page to another by a button, in one step of the browser's history.

Streamlit writes the other page's words into the address of the page that is left, as a step of the history, before it
goes: "back" would lead to this page with the words of that one. So these words end with a mark. `menu.py` leaves an
address that ends with it alone as long as the page is the one that is left, and takes the mark off where the other page
comes.
"""

from collections.abc import Mapping
from typing import NoReturn

import streamlit as st

from layerscope.ui import remembered

MARK = "going"


def to(page: str, words: Mapping[str, str]) -> NoReturn:
    """Leave for a page, whose address says these words; an empty word is left out."""
    st.switch_page(page, query_params={name: word for name, word in words.items() if word} | {MARK: "1"})


def arrived() -> None:
    """Take the mark off what the page knows of its address: the browser's has it no longer."""
    remembered.drop_parameter(MARK)
