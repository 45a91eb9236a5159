"""While a guess is awaited in Explore the other pages wait too: each of them could work the answer out."""

import streamlit as st

from layerscope.ui import state

TELLS_NOTHING = ("explore", "glossary")
"""Pages that are drawn all the same: Explore hides the answer itself, the glossary knows no network."""


def holds(page: str) -> bool:
    """Whether a page must wait; then it says so, with the way back."""
    here = state.session()
    if here.asked is None or page in TELLS_NOTHING:
        return False
    with st.container(border=True, key="waiting"):
        st.html(
            "<p role='status' style='margin: 0'><b>Your guess comes first.</b> You changed the network in Explore and "
            "have not said yet what will happen. This page could tell, so it waits for your guess.</p>"
        )
        with st.container(horizontal=True, gap="small"):
            st.page_link("pages/explore.py", label="Back to your guess", icon=":material/arrow_back:", width="content")
            if here.assignment is None or not here.assignment.predict:
                st.button("Show without a guess", on_click=state.with_view, kwargs={"predict": "off"})
    return True
