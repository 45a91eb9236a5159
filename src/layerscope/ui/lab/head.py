"""The head of each page of the lab: which network is open, in one line, and the ways to another one.

A page of the lab begins with `network = head.draw("sweep")`, or with the two parts of it. Its address then says which
network is open, as Explore's does; the page's own words stand beside that (`remembered.parameter`,
`state.write_here`).
"""

from collections.abc import Callable, Iterable
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layerscope.network import Network
from layerscope.presets import GROUPED, PRESETS, SIZES
from layerscope.text import in_streamlit
from layerscope.ui import address, remembered, sheethead, state, unlinked
from layerscope.ui.lab.finding import WHAT_WORKS, FindingError, found
from layerscope.ui.lab.saying import say
from layerscope.ui.linking import copy_link

EXPLORE = "pages/explore.py"
TITLES = {"compare": "Compare", "sweep": "Sweep", "memory": "Memory", "train": "Train", "trials": "Trials"}
PLACEHOLDER = "https://… or class Net(nn.Module): …"
_STYLE = """<style>
.lab-network { margin: 0; overflow-wrap: anywhere; }
.lab-said { margin: 0; }
.st-key-lab-head { gap: 0.6rem; }
/* It has nothing to see and is there in some runs only: what stands below must not move when it goes. */
.stElementContainer.st-key-address-put { position: absolute; }
</style>"""


def draw(page: str) -> Network:
    """Draw the head; the network that is open. `page` is the last part of the page's address."""
    begin(page)
    open_network()
    return state.session().network


def begin(page: str) -> None:
    """The title, and what comes before it."""
    state.arrive(page)
    sheethead.draw(TITLES[page], state.session().network)
    st.html(_STYLE)
    st.subheader(TITLES[page], anchor=False)


def open_network(
    letter: str = "", take: Callable[[Network], None] = state.begin_here, more: Callable[[], None] | None = None,
    missing: Iterable[str] = (),
) -> DeltaGenerator:  # fmt: skip
    """The row of the network that is open; the place of its line, for a page that changes the network without drawing
    this row again.

    `letter` is what the page calls it; `take` makes another one the open one; `more` draws further buttons.
    `missing`: what else the page has that its link does not hold.
    """
    here = state.session()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lab-head"):
        place = st.empty()
        with place:
            line(here.network, letter, here.beginning)
        st.page_link(EXPLORE, label="Open in Explore", icon=":material/tune:", width="content")
        if not here.fixes_layers:
            choosing("lab", f"Change network{f' {letter}' if letter else ''}…", take)
        copy_link([*unlinked.network(here), *missing])
        if more is not None:
            more()
    address.say(state.address_of_open())
    if here.notice:
        st.html(f"<p role='alert' class='lab-network'><b>{escape(here.notice)}</b></p>")
    return place


def line(network: Network, letter: str = "", beginning: Network | None = None) -> None:
    """A network's title where it is or was a preset, layers, input and parameters, after what the page calls it.

    `beginning`: see sheethead.
    """
    name = f"<b>{escape(letter)}</b>: " if letter else ""
    told = f"{name}{escape(sheethead.described(network, beginning))}"
    st.html(f"<p class='lab-network'>{told}</p>", width="content")


def other(network: Network, about: str, key: str) -> None:
    """Say that something, as `about` begins, is of another network than the open one: which, and the way back."""
    here = state.session()
    told = sheethead.described(network, here.beginning_of(network))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-other"):
        say(f"{about} of another network than the open one: {told}.", role="", width="content")
        if here.allows(network) and st.button("Open that network", key=f"{key}.back"):
            state.back_here(network)
            st.rerun()  # the head above too, also where only a part of the page was to be drawn


def choosing(key: str, label: str, take: Callable[[Network], None]) -> None:
    """A box in which another network is chosen: a preset, pasted code or JSON, a link. `take` gets it, and the box
    closes.

    `key` tells several such boxes of a page apart.
    """
    preset, text, hint, box = (f"{key}.{part}" for part in ("preset", "text", "hint", "box"))

    def chosen() -> None:
        name = remembered.widget_value(preset)
        remembered.renew(preset)  # the same one may be chosen again
        if isinstance(name, str) and name in PRESETS:
            done(PRESETS[name])

    def pasted() -> None:
        try:
            network = found(str(remembered.widget_value(text) or ""))
        except FindingError as error:
            remembered.remember(hint, str(error))
        else:
            remembered.renew(text)
            done(network)

    def done(network: Network) -> None:
        remembered.remember(hint, "")
        remembered.remember(box, False)
        take(network)

    with st.popover(label, key=box, on_change="rerun"):
        st.selectbox(
            "A known network", list(PRESETS), index=None, key=remembered.named(preset), on_change=chosen,
            format_func=lambda name: f"{GROUPED[name]} · {SIZES[name]}", placeholder="Choose or search",
        )  # fmt: skip
        st.text_area(
            "Or a link, code or JSON", key=remembered.named(text), height=120, placeholder=PLACEHOLDER, help=WHAT_WORKS
        )
        st.button(
            "Open this network", key=f"{key}.go", on_click=pasted
        )  # Ctrl+Enter in the box presses it (popovers.py)
        if said := remembered.kept(hint, ""):
            st.error(in_streamlit(said))
