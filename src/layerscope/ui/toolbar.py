"""The row above the stage: where to start, which images, which layer to add, what to export."""

from functools import cache

import streamlit as st

from layerscope.assignment import Assignment
from layerscope.datasets import DATASETS
from layerscope.formatting import shape_text
from layerscope.network import Network
from layerscope.presets import GROUPED, PRESETS, SIZES
from layerscope.ui import remembered, state
from layerscope.ui.adding import ADDING, adding
from layerscope.ui.addresses import address
from layerscope.ui.input_form import input_form
from layerscope.ui.linking import copy_link, unfold
from layerscope.ui.session import Session
from layerscope.ui.takeaway import takeaway
from layerscope.weights import complaint

CUSTOM = "custom"
EMPTY = "empty"


def toolbar(here: Session) -> None:
    """Draw the row. It wraps on a narrow screen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="toolbar"):
        given = here.assignment
        if not here.fixes_layers:
            _presets(here)
            unfold()
            _datasets(here)
            with st.popover("Input", help="Channels, sizes and classes by hand"):
                input_form(here)
            with st.popover("Add a layer", help="Any type, at any place", key=ADDING, on_change="rerun"):
                adding(here)
        takeaway(here, _preset_of(here) or "network")
        copy_link()
        _toggle(here, "Projector", "type_size", "normal", "large", "")
        if given is not None and given.own_copy:
            _own_copy(given)
        if given is None or not given.predict:
            _toggle(here, "Predict", "predict", "off", "on", "Hides what a change does until a guess has been typed.")


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
    shown = (here.selected, view.type_size, view.predict, no_weights, here.assignment, here.asked is None)
    return _preset_of(here), network.inputs, network.classes, _structure(network), *shown


def _preset_of(here: Session) -> str | None:
    """The known network that this one is, or was until a slider was moved.

    A name that changed with the first move would cost every visitor a whole run of the page just then.
    """
    if not here.network.layers:
        return EMPTY
    same = [key for key, network in PRESETS.items() if network == here.network]
    begun = [key for key, network in PRESETS.items() if network == here.beginning]
    mine = _structure(here.network)
    return next((key for key in (*same, *begun, *PRESETS) if _preset_structure(key) == mine), None)


def _structure(network: Network) -> tuple[object, ...]:
    rows = tuple((layer.name, layer.type, layer.inputs) for layer in network.layers)
    return network.input_shape, rows, network.outputs


@cache
def _preset_structure(key: str) -> tuple[object, ...]:
    return _structure(PRESETS[key])


def _presets(here: Session) -> None:
    present = _preset_of(here)
    chosen = _synced("preset", present)
    st.selectbox(
        "Network",
        [EMPTY, *PRESETS],
        format_func=lambda key: _preset_title(key, present),
        key=chosen,
        placeholder="Your own network; choose or search",
        on_change=lambda: _load_preset(chosen),
        width=310,
        label_visibility="collapsed",
    )


def _preset_title(key: str, present: str | None) -> str:
    """A network as the menu shows it. The one at hand goes without its sizes, as sliders may have changed them."""
    if key == EMPTY:
        return "Start empty · the input alone"
    return GROUPED[key] if key == present else f"{GROUPED[key]} · {SIZES[key]}"


def _load_preset(key: str) -> None:
    name = remembered.widget_value(key)
    if isinstance(name, str) and name in PRESETS:
        state.begin_with(PRESETS[name])
    elif name == EMPTY:
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
    key = _synced("dataset", current)
    st.selectbox(
        "Images",
        [*DATASETS, CUSTOM],
        format_func=_dataset_title,
        key=key,
        on_change=lambda: _load_dataset(key),
        width=280,
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


def _toggle(here: Session, label: str, field: str, off: str, on: str, help_text: str) -> None:
    """A switch between two words of a field of the view."""
    st.toggle(
        label,
        key=_synced(field, getattr(here.view, field) == on),
        help=help_text or None,
        on_change=lambda: state.with_view(**{field: off if getattr(here.view, field) == on else on}),
    )


def _synced(key: str, value: object) -> str:
    """Give the widget of that key the value which the network has, before it is drawn."""
    remembered.remember(f"widget.{key}", value)
    return f"widget.{key}"
