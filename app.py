"""Navigation: which pages there are, in which groups. The server loads this file too, for its own addresses."""

import streamlit as st

from layerscope.ui.chrome import page_frame
from layerscope.ui.process import settle
from layerscope.ui.server import ROUTES, is_page_run

if is_page_run():
    page_frame()
    st.navigation(
        [st.Page("pages/explore.py", title="Explore", icon=":material/tune:", default=True)],
        position="top",
    ).run()
else:
    settle()
    app = st.App(__file__, routes=ROUTES)
