"""A set of images that may have to be fetched first: the button, the progress, and how it ended."""

import streamlit as st

from layerscope.study.sets import KNOWN, folder_of
from layerscope.text import in_streamlit
from layerscope.ui.lab import fetches
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.train_view import SETS
from layerscope.ui.lab.whose import here

SECONDS = 1.0
"""Between two looks at a download."""


def titled(name: str) -> str:
    """A set as the menus show it."""
    known = KNOWN.get(name)
    if known is None or folder_of(known) is not None:
        return SETS[name]
    return f"{SETS[name]} (to fetch, {known.megabytes} MB)"


def is_here(name: str) -> bool:
    """Whether a set is on this computer; where it is not, draw what fetches it."""
    if name not in KNOWN:
        return True
    known, seen = KNOWN[name], fetches.look(name, here())
    if seen is not None and not seen.is_over:
        st.fragment(_watch, run_every=SECONDS)(name)
        return False
    if seen is not None and seen.said:
        st.error(in_streamlit(seen.said))
    elif seen is not None:
        say(f"{known.title} was fetched.")
        fetches.told(name, here())
    if folder_of(known) is not None:
        return True
    st.button(
        f"Fetch {known.title} ({known.megabytes} MB)", key="fetch.begin", on_click=fetches.begin, args=(name, here())
    )  # fmt: skip
    return False


def _watch(name: str) -> None:
    """A download, looked at again and again: only this part of the page."""
    seen = fetches.look(name, here())
    if seen is None or seen.is_over:
        st.rerun()  # the whole page: the images are there now, or it says why not
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fetch-progress"):
        st.button("Stop", key="fetch.stop", icon=":material/stop:", on_click=fetches.stop, args=(name, here()),
                  help="Ends the download unless another visitor waits for it too.")  # fmt: skip
        st.progress(seen.share or 0.0, _progress(KNOWN[name].title, seen.share))


def _progress(title: str, share: float | None) -> str:
    if share is None:
        return f"{title} waits until another download is done."
    return f"Fetching {title}: {share:.0%}. It continues while you use other pages."
