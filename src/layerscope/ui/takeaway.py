"""What can be taken away: the tables as files, the address to share."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from layerscope import tables
from layerscope.steps import Trace
from layerscope.tracing import trace
from layerscope.ui.session import Session

ENDINGS = {"csv": ("CSV", "text/csv"), "md": ("Markdown", "text/markdown"), "tex": ("LaTeX", "application/x-tex")}
MAKERS = {"reasons": tables.reasons, "summary": tables.summary}
TITLES = {"reasons": "Why these values", "summary": "Summary"}


def _file(here: Session, make: Callable[[Trace], tables.Table], ending: str) -> str:
    return tables.FORMATS[ending](make(trace(here.network)))


def takeaway(here: Session) -> None:
    """Buttons for both tables in each form. A file is made when its button is pressed, from the network of then."""
    with st.popover("Take away", help="The tables as files"):
        for name, make in MAKERS.items():
            st.markdown(f"**{TITLES[name]}** as")
            with st.container(horizontal=True, gap="small"):
                for ending, (title, mime) in ENDINGS.items():
                    st.download_button(
                        title,
                        partial(_file, here, make, ending),
                        file_name=f"layerscope-{name}.{ending}",
                        mime=mime,
                        key=f"take.{name}.{ending}",
                        on_click="ignore",
                    )
