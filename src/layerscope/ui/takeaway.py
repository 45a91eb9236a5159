"""What can be exported: the network as code, JSON and weights, the tables as files."""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from layerscope import tables
from layerscope.interchange import InterchangeError, to_json
from layerscope.source.writer import write
from layerscope.steps import Trace
from layerscope.text import in_streamlit
from layerscope.tracing import trace
from layerscope.ui import popovers
from layerscope.ui.coding import code_options
from layerscope.ui.lab.pinning import pin_open
from layerscope.ui.session import Session
from layerscope.weights import complaint, fresh_weights

ENDINGS = {"csv": ("CSV", "text/csv"), "md": ("Markdown", "text/markdown"), "tex": ("LaTeX", "application/x-tex")}
MAKERS = {"reasons": tables.reasons, "summary": tables.summary}
TITLES = {"reasons": "Why these values", "summary": "Summary"}


def _file(here: Session, make: Callable[[Trace], tables.Table], ending: str) -> str:
    return tables.FORMATS[ending](make(trace(here.on_screen)))


def takeaway(here: Session, name: str) -> None:
    """Buttons for each form, for files of that name. A file is made when its button is pressed, from the network then.

    The name is one for an import, as the code may be imported.
    """
    if here.asked is not None:
        # As wide as the one that opens, so that nothing beside it moves when a question comes or goes.
        st.popover("Export", key="take.later", disabled=True, help="It waits for your guess.")
        return
    stem = re.sub(r"\W", "_", name)
    with popovers.popover("Export", "The network as code, JSON or weights; the tables as files"):
        st.markdown("**The network** as")
        with st.container(horizontal=True, gap="small"):
            _button("PyTorch code", f"{stem}.py", "text/x-python", lambda: write(here.on_screen, **code_options(here)))
            _json(here, stem)
            _weights(here, stem)
        for kind, make in MAKERS.items():
            forms(Offer(TITLES[kind], f"{stem}-{kind}", partial(_file, here, make)))
        st.markdown("**Compare** with your edited version")
        st.button(
            "Pin as network A", on_click=pin_open, help="Keeps this network as A: Lab, Compare shows how others differ."
        )


class Offer(NamedTuple):
    """A table that can be taken away. `write` makes its file for an ending; it is called outside of the page's run: it
    finds no session and no address, and must hold what it needs."""

    title: str
    stem: str
    write: Callable[[str], str]


def offer(title: str, stem: str, make: Callable[[], tables.Table]) -> Offer:
    """The offer of a table whose files hold what `make` gives."""
    return Offer(title, stem, partial(_written, make))


def table_files(*offers: Offer, label: str = "Export", hint: str = "The tables as files") -> None:
    """A button that offers a page's tables as files of each form."""
    with st.popover(in_streamlit(label), help=in_streamlit(hint)):
        for each in offers:
            forms(each)


def forms(each: Offer) -> None:
    """A table's title, and a button for each form of file."""
    st.markdown(f"**{in_streamlit(each.title)}** as")
    with st.container(horizontal=True, gap="small"):
        for ending, (form, mime) in ENDINGS.items():
            _button(form, f"{each.stem}.{ending}", mime, partial(each.write, ending))


def _written(make: Callable[[], tables.Table], ending: str) -> str:
    return tables.FORMATS[ending](make())


def _fresh(here: Session) -> bytes:
    """The weights that Look inside begins with."""
    return fresh_weights(here.on_screen, seed=here.looking.seed)


def _button(title: str, file_name: str, mime: str, make: Callable[[], str | bytes], help_text: str = "") -> None:
    st.download_button(
        title, make, file_name=file_name, mime=mime, key=f"take.{file_name}", on_click="ignore", help=help_text or None
    )  # fmt: skip


def _json(here: Session, stem: str) -> None:
    """The network as JSON, where JSON has a place for all of it; otherwise a sentence says what has none."""
    try:
        to_json(here.on_screen)
    except InterchangeError as error:
        st.download_button("JSON", "", key="take.no-json", disabled=True, help=in_streamlit(str(error)))
        return
    _button("JSON", f"{stem}.json", "application/json", lambda: to_json(here.on_screen))


def _weights(here: Session, stem: str) -> None:
    """Fresh weights, as far as this server makes them; otherwise a sentence says why not."""
    if wrong := complaint(here.on_screen):
        st.download_button("Weights", "", key="take.none", disabled=True, help=in_streamlit(wrong))
        return
    _button(
        "Weights", f"{stem}.safetensors", "application/octet-stream", partial(_fresh, here),
        "A state_dict for the code's class, freshly initialized with the seed of Look inside, as safetensors.",
    )  # fmt: skip
