"""Navigation: which pages there are, in which groups. The server loads this file too, for its own addresses."""

from pathlib import Path

import streamlit as st

from layerscope.ui.ahead import ahead
from layerscope.ui.chrome import page_frame
from layerscope.ui.process import settle, wait_until_warm
from layerscope.ui.server import ROUTES, is_page_run

if is_page_run():
    page_frame()
    wait_until_warm()
    st.navigation(
        [
            st.Page("pages/explore.py", title="Explore", icon=":material/tune:", default=True),
            st.Page("pages/code.py", title="Code", icon=":material/code:"),
        ],
        position="top",
    ).run()
else:
    settle()
    app = st.App(__file__, routes=ROUTES, middleware=ahead(Path(__file__)))
