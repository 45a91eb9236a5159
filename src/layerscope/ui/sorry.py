"""A fault of ours on a page: a sentence and a way on, in place of Streamlit's red box. The log has the traceback."""

import streamlit as st

FAULT = (
    "<div role='alert' style='border: 3px solid #d55e00; border-inline-start-width: 12px; border-radius: 6px; "
    "padding: 0.6rem 0.8rem'><b>Part of this page could not be drawn.</b> That is a mistake in Layerscope, not yours. "
    "Your network is kept in this page's address. Load the page again; if this comes back, undo your last change with "
    "your browser's Back, or <a href='./' target='_self'>start over</a>.</div>"
)


def tell(error: Exception) -> bool:
    """Draw the sentence where the page stopped. True: nothing else is to be shown about the error."""
    st.html(FAULT)
    return True
