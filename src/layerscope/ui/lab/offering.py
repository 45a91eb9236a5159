"""Changes with which the open network can be trained, each a button that says what changes, and what that decides."""

from collections.abc import Callable, Iterable
from math import inf

import streamlit as st

from layerscope.study import effort
from layerscope.study.suiting import Offer
from layerscope.text import in_streamlit
from layerscope.ui import state
from layerscope.ui.lab.saying import say


def draw(
    offers: Iterable[Offer],
    key: str,
    words: Callable[[int], dict[str, str]],
    takes: Callable[[Offer], float],
    limit: float = inf,
) -> None:
    """Draw them, but none that a teacher's link locks; where a training would be long, the shortest first.

    `words` are those of the page's address with a batch size, `takes` the seconds of a training on a slow core,
    `limit` those after which it is stopped.
    """
    here = state.session()
    timed = [(takes(offer), offer) for offer in offers]
    if any(effort.told(slow) for slow, _ in timed):
        timed.sort(key=lambda one: one[0])
    for place, (slow, offer) in enumerate(timed):
        if offer.network != here.network and (here.fixes_layers or not here.allows(offer.network)):
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(in_streamlit(offer.title), key=f"{key}.{place}", on_click=_take, args=(offer, words))
            then = f"Then {offer.decides}" if offer.decides else ""
            if said := " ".join(filter(None, [then, effort.told(slow, limit)])):
                say(said, role="")


def _take(offer: Offer, words: Callable[[int], dict[str, str]]) -> None:
    """Network and batch size change in one step of the browser's history."""
    state.change_here(offer.network, **(words(offer.batch) if offer.batch is not None else {}))
