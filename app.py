"""Navigation only: which pages there are, in which groups."""

import streamlit as st

from layerscope.ui.chrome import page_frame

page_frame()
st.navigation(
    [st.Page("pages/explore.py", title="Explore", icon=":material/tune:", default=True)],
    position="top",
).run()
