"""The network's inputs by hand: sizes, what they hold, several of them, and the number of classes."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from layerscope import limits
from layerscope.network import LARGEST_IMAGE, Input, Network, NetworkError
from layerscope.parameter import LARGEST_WIDTH
from layerscope.text import in_streamlit
from layerscope.ui import popovers, state
from layerscope.ui.session import Session

AXES = {
    1: ("features",),
    2: ("channels", "length"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}
HOLDS = {"values": "Values", "indices": "Indices, such as token IDs"}
KINDS = {1: "Vector (features)", 2: "Sequence (1-D)", 3: "Image (2-D)", 4: "Volume (3-D)"}


def input_form(here: Session) -> None:
    """Numbers for each axis; nothing changes until the form is sent, so an unfinished entry breaks nothing."""
    network = here.network
    place = _which_input(network)
    given = network.inputs[place]
    axes = st.selectbox("Kind of input", list(AXES), index=len(given.shape) - 1, format_func=KINDS.__getitem__)
    stamp = f"{given}.{network.classes}.{axes}"
    holds = st.selectbox(
        "Contents", list(HOLDS), index=list(HOLDS).index(given.kind), format_func=HOLDS.__getitem__,
        key=f"input.holds.{stamp}",
    )  # fmt: skip
    with st.container(key="digits-input"), st.form("input", border=False):
        defaults = (*given.shape, *(28,) * 4)
        names = ("length", *AXES[axes][1:]) if holds == "indices" and axes == 1 else AXES[axes]
        sizes = [
            st.text_input(name.capitalize(), str(defaults[i]), key=f"input.{name}.{stamp}")
            for i, name in enumerate(names)
        ]
        high = ""
        if holds == "indices":
            high = st.text_input("Entries (every index is smaller)", str(given.high or 1000), key=f"input.high.{stamp}")
        classes = str(network.classes or 0)
        if not place:
            classes = st.text_input("Classes (0 if this is not a classifier)", classes, key=f"input.classes.{stamp}")
        if st.form_submit_button("Use this input"):
            _use_input(network, place, dict(zip(names, sizes, strict=True)), high, classes)
    with st.container(horizontal=True, gap="small"):
        st.button("Add another input", key="input.more", on_click=_add_input)
        if place:
            st.button(
                f"Remove {in_streamlit(given.name)}", key="input.less", on_click=lambda: _remove_input(given.name)
            )


def _which_input(network: Network) -> int:
    """The place of the input that the form is about."""
    names = [given.name for given in network.inputs]
    if len(names) == 1:
        return 0
    return names.index(st.selectbox("Which input", names, key=f"input.which.{len(names)}") or names[0])


def _add_input() -> None:
    network = state.session().network
    taken = {*network.names, *(given.name for given in network.inputs)}
    name = next(f"input{n}" for n in range(2, len(taken) + 3) if f"input{n}" not in taken)
    _try(lambda: replace(network, inputs=(*network.inputs, Input(name, network.input_shape))))
    popovers.keep_open(state.session().network)  # its sizes come next


def _remove_input(name: str) -> None:
    network = state.session().network
    if readers := network.users(name):
        state.session().notice = f"{readers[0]} uses {name}; give it another input first."
        return
    _try(lambda: replace(network, inputs=tuple(given for given in network.inputs if given.name != name)))


def _try(change: Callable[[], Network]) -> None:
    """Commit what a change makes; a refusal becomes a sentence on the stage."""
    try:
        state.commit(change())
    except NetworkError as error:
        state.session().notice = str(error)


def _use_input(network: Network, place: int, sizes: dict[str, str], high: str, classes: str) -> None:
    """Commit the input and draw the page anew; a refusal becomes a sentence below the fields, which stay."""
    try:
        shape = tuple(
            _whole(name, text, 1, LARGEST_IMAGE if axis else LARGEST_WIDTH)
            for axis, (name, text) in enumerate(sizes.items())
        )
        entries = _whole("entries", high, 1, limits.ENTRIES.most) if high else None
        given = Input(network.inputs[place].name, shape, "indices" if high else "values", entries)
        inputs = (*network.inputs[:place], given, *network.inputs[place + 1 :])
        changed = replace(network, input_shape=inputs[0].shape, inputs=inputs)
        changed = changed.with_classes(_whole("classes", classes, 0, LARGEST_WIDTH) or None)
    except NetworkError as error:
        st.error(in_streamlit(str(error)))
        return
    state.commit(changed)
    popovers.close()
    st.rerun()


def _whole(name: str, text: str, low: int, high: int) -> int:
    """Raises NetworkError."""
    said = text.strip().replace(",", "").replace("_", "")
    if len(said) < 20 and said.isdecimal() and low <= int(said) <= high:
        return int(said)
    raise NetworkError(f"{name} must be a whole number from {low} to {high:,}, not {text[:40]!r}.")
