"""The row above the stage: where to start, which images, which layer to add, what to export."""

from textwrap import shorten

import streamlit as st

from layerscope.assignment import Assignment
from layerscope.datasets import DATASETS
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.presets import DEFAULT, GROUPED, PRESETS, SIZES, TITLES
from layerscope.ui import origin, popovers, remembered, state, unlinked
from layerscope.ui.adding import adding
from layerscope.ui.addresses import address
from layerscope.ui.input_form import input_form
from layerscope.ui.linking import copy_link, unfold
from layerscope.ui.session import Session
from layerscope.ui.switching import projector, switch, synced
from layerscope.ui.takeaway import takeaway
from layerscope.weights import complaint

CUSTOM = "custom"
CHANGED = "changed"
"""The choice that says which known network this one was."""
MOST_OF_TITLE = 19
"""So many characters of that network's title have room beside it."""


def toolbar(here: Session) -> None:
    """Draw the row. It wraps on a narrow screen."""
    popovers.close_where_covering(here.network)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="toolbar"):
        given = here.assignment
        projector()  # first, as it stands in the bar above
        if not here.fixes_layers:
            _presets(here)
            unfold()
            st.button("Start empty", key="start-empty", on_click=_start_empty, disabled=not here.network.layers)
            _datasets(here)
            with popovers.popover("Input", "Channels, sizes and classes by hand"):
                input_form(here)
            with popovers.popover("Add a layer", "Any type, at any place"):
                adding(here)
        takeaway(here, _preset_of(here)[0] or "network")
        copy_link(_missing(here))
        if given is not None and given.own_copy:
            _own_copy(given)
        if given is None or not given.predict:
            switch("Predict", "predict", "off", "on", "Hides what a change does until a guess has been typed.")


def _own_copy(given: Assignment) -> None:
    """The teacher's network without the link; a new tab is a visit of its own."""
    st.link_button(
        "Open your own copy", address(net=given.net), icon=":material/open_in_new:",
        help="The same network in a new tab, without your teacher's question. There you can change everything.",
    )  # fmt: skip


def face(here: Session) -> tuple[object, ...]:
    """All that the row shows of the session: while this stays the same, the row needs no drawing."""
    network = here.network
    view, no_weights = here.view, bool(complaint(here.on_screen))
    shown = (view.type_size, view.predict, no_weights, here.assignment, here.asked is None, here.narrow)
    covering = (network, here.selected) if popovers.are_open() else ()
    return _preset_of(here), not network.layers, network.inputs, network.classes, *shown, *covering, _missing(here)


def _missing(here: Session) -> tuple[str, ...]:
    """What the page's link does not hold."""
    return (*unlinked.network(here), *unlinked.inside(here))


def _preset_of(here: Session) -> tuple[str | None, bool]:
    return origin.known(here.network, here.beginning)


def _presets(here: Session) -> None:
    present, is_changed = _preset_of(here)
    chosen = synced("preset", CHANGED if is_changed else present)
    own = origin.CUSTOM if here.network.layers else "No layers yet"
    st.selectbox(
        "Network",
        [*([CHANGED] if is_changed else []), *PRESETS],
        format_func=lambda key: _preset_title(key, present, is_changed, here.narrow),
        key=chosen,
        placeholder=f"{own}; choose one",
        on_change=lambda: _load_preset(chosen),
        width=270,
        label_visibility="collapsed",
    )


def _preset_title(key: str, present: str | None, is_changed: bool, is_narrow: bool) -> str:
    """A network as the menu shows it; on a phone there is no room for its size.

    The one at hand has its name alone, to be read whole; changed, it says so.
    """
    if key == CHANGED:
        title = origin.plain_title(present or DEFAULT)
        return f"{shorten(title, MOST_OF_TITLE, placeholder='…')}, changed"  # which must not be what is cut off
    if key == present and not is_changed:
        return TITLES[key]
    return GROUPED[key] if is_narrow else f"{GROUPED[key]} · {SIZES[key]}"


def _load_preset(key: str) -> None:
    name = remembered.widget_value(key)
    if isinstance(name, str) and name in PRESETS:
        state.begin_with(PRESETS[name])


def _start_empty() -> None:
    network = state.session().network
    state.begin_with(Network(network.input_shape, (), network.classes))


def _datasets(here: Session) -> None:
    network = here.network
    same = [
        key
        for key, data in DATASETS.items()
        if data.shape == network.input_shape and network.classes in (data.classes, None)
    ]
    recent = remembered.widget_value("dataset-name")
    current = recent if recent in same else same[0] if same else CUSTOM
    key = synced("dataset", current)
    st.selectbox(
        "Images",
        [*DATASETS, CUSTOM],
        format_func=_dataset_title,
        key=key,
        on_change=lambda: _load_dataset(key),
        width=272,
        label_visibility="collapsed",
    )


def _dataset_title(key: str) -> str:
    if key == CUSTOM:
        return "Custom (see Input)"
    data = DATASETS[key]
    return f"{data.title} {shape_text(data.shape)}, {data.classes}"


def _load_dataset(key: str) -> None:
    name = remembered.widget_value(key)
    if name in DATASETS:
        remembered.remember("dataset-name", name)
        state.commit(DATASETS[name].applied_to(state.session().network))
