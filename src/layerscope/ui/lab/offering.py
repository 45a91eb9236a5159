"""Changes with which the open network can be trained, each a button that says what changes, and what that decides."""

from collections.abc import Callable, Iterable

import streamlit as st

from layerscope.study.suiting import Offer
from layerscope.text import in_streamlit
from layerscope.ui import state
from layerscope.ui.lab.saying import say


def draw(offers: Iterable[Offer], key: str, words: Callable[[int], dict[str, str]]) -> None:
    """Draw them, but none that a teacher's link locks. `words` are those of the page's address with a batch size."""
    here = state.session()
    for place, offer in enumerate(offers):
        if offer.network != here.network and (here.fixes_layers or not here.allows(offer.network)):
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(in_streamlit(offer.title), key=f"{key}.{place}", on_click=_take, args=(offer, words))
            if offer.decides:
                say(f"Then {offer.decides}", role="")


def _take(offer: Offer, words: Callable[[int], dict[str, str]]) -> None:
    """Network and batch size change in one step of the browser's history."""
    state.begin_here(offer.network, **(words(offer.batch) if offer.batch is not None else {}))
