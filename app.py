"""Navigation: which pages there are, in which groups. The server loads this file too, for its own addresses."""

from pathlib import Path

import streamlit as st

from layerscope.ui.ahead import ahead
from layerscope.ui.chrome import page_frame
from layerscope.ui.faults import as_sentences
from layerscope.ui.guard.guard import guard
from layerscope.ui.packed import packed
from layerscope.ui.process import settle, warm_further
from layerscope.ui.replay import Replay, expect
from layerscope.ui.server import is_page_run, routes
from layerscope.ui.slow import time_runs
from layerscope.ui.sorry import tell
from layerscope.ui.unknown import unknown
from layerscope.ui.watch import health

if is_page_run():
    replay = Replay(Path(__file__))
    page_frame()
    replay.until_warm()
    from layerscope.ui import banner, menu, popovers, waiting  # here, as they need torch
    from layerscope.ui.lab.head import TITLES

    pages = {
        "": [
            st.Page("pages/explore.py", title="Explore", icon=":material/tune:", default=True),
            st.Page("pages/code.py", title="Code", icon=":material/code:"),
            st.Page("pages/quiz.py", title="Quiz", icon=":material/quiz:"),
        ],
        "Lessons": [
            st.Page("pages/anatomy.py", title="1 Anatomy of a call"),
            st.Page("pages/decides.py", title="2 Who decides?"),
            st.Page("pages/kernel.py", title="3 Kernel, filter, channel"),
            st.Page("pages/following.py", title="4 Following the shape"),
            st.Page("pages/mending.py", title="5 Break it and mend it"),
            st.Page("pages/counting.py", title="6 Counting weights"),
            st.Page("pages/sliding.py", title="7 Stride, padding, dilation, groups"),
            st.Page("pages/patterns.py", title="8 Patterns that architects use"),
            st.Page("pages/skips.py", title="9 Skip connections and concatenation"),
            st.Page("pages/looking.py", title="10 Look inside"),
            st.Page("pages/tradeoffs.py", title="11 Trade-offs"),
            st.Page("pages/training.py", title="12 Train it"),
            st.Page("pages/seeds.py", title="13 Trials"),
            st.Page("pages/glossary.py", title="Glossary", icon=":material/menu_book:"),
        ],
        "Lab": [
            st.Page("pages/compare.py", title=TITLES["compare"], icon=":material/compare_arrows:"),
            st.Page("pages/sweep.py", title=TITLES["sweep"], icon=":material/stacked_line_chart:"),
            st.Page("pages/memory.py", title=TITLES["memory"], icon=":material/memory:"),
            st.Page("pages/train.py", title=TITLES["train"], icon=":material/model_training:"),
            st.Page("pages/trials.py", title=TITLES["trials"], icon=":material/science:"),
        ],
        "Class": [
            st.Page("pages/teacher.py", title="A link for your class", icon=":material/qr_code:"),
        ],
    }
    page = st.navigation(pages, position="top")
    banner.draw(page.url_path or "explore")
    banner.draw_missing([one for group in pages.values() for one in group])
    if not waiting.holds(page.url_path or "explore"):
        page.run()
        replay.keep()
    menu.closing(next((name for name, group in pages.items() if page in group), ""))
    popovers.by_keyboard()
    warm_further()
else:
    with as_sentences():
        here = Path(__file__)
        middleware = guard() + health() + ahead(here) + packed(here) + unknown(here)
        app = st.App(__file__, routes=routes(), middleware=middleware, on_script_error=tell)
    expect(here)
    settle()
    time_runs()
