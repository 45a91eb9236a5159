"""While a guess is awaited in Explore the other pages wait too: each of them could work the answer out.

Before the first change there is nothing to work out yet but for the pages that tell of other networks than the open
one. Where a teacher's link asks for guesses, those wait until one was made.
"""

import streamlit as st

from layerscope.ui import state

TELLS_NOTHING = ("explore", "glossary")
"""Pages that are drawn all the same: Explore hides the answer itself, the glossary knows no network."""
TELLS_OF_OTHERS = ("code", "compare", "sweep", "trials")
"""Pages that tell what becomes of networks that nobody has made yet in Explore."""
CHANGED = (
    "You changed the network in Explore and haven't yet said what will happen. This page would give the answer away."
)
AT_FIRST = (
    "Your teacher asks for a prediction, and this page could give the answer away. Change something in Explore and "
    "make a guess there; after that this page opens."
)


def holds(page: str) -> bool:
    """Whether a page must wait; then it says so, with the way to the guess."""
    here = state.session()
    if here.asked is not None and page not in TELLS_NOTHING:
        told, way = CHANGED, "Back to your guess"
    elif here.awaits_first_guess and page in TELLS_OF_OTHERS:
        told, way = AT_FIRST, "Make a guess in Explore"
    else:
        return False
    with st.container(border=True, key="waiting"):
        st.html(f"<p role='status' style='margin: 0'><b>Your guess comes first.</b> {told}</p>")
        with st.container(horizontal=True, gap="small"):
            st.page_link("pages/explore.py", label=way, icon=":material/arrow_back:", width="content")
            if here.assignment is None or not here.assignment.predict:
                st.button("Show without a guess", on_click=state.with_view, kwargs={"predict": "off"})
    return True
