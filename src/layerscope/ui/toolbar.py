"""The row above the stage: where to start, which images, which layer to add, what to take away."""

from functools import cache

import streamlit as st

from layerscope import insertion
from layerscope.blueprints import BLUEPRINTS
from layerscope.catalogue import GROUPS
from layerscope.datasets import DATASETS
from layerscope.formatting import shape_text
from layerscope.network import LARGEST_IMAGE, Network, NetworkError
from layerscope.parameter import LARGEST_WIDTH
from layerscope.presets import PRESETS, TITLES
from layerscope.text import in_streamlit
from layerscope.ui import state
from layerscope.ui.session import Session
from layerscope.ui.takeaway import takeaway
from layerscope.weights import complaint

CUSTOM = "custom"
EMPTY = "empty"
BLOCK = "Block"
ADDING = "add.open"


def toolbar(here: Session) -> None:
    """Draw the row. It wraps on a narrow screen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="toolbar"):
        given = here.assignment
        if not here.fixes_layers:
            _presets(here)
            _datasets(here)
            with st.popover("Input", help="Channels, sizes and classes by hand"):
                _custom_input(here)
            with st.popover("Add a layer", help="Any type, at any place", key=ADDING, on_change="rerun"):
                _add_layer(here)
        takeaway(here)
        _toggle(here, "Projector", "type_size", "normal", "large", "Large type for the back row.")
        if given is None or not given.predict:
            _toggle(here, "Predict", "predict", "off", "on", "Hides what a change does until a guess has been typed.")


def face(here: Session) -> tuple[object, ...]:
    """All that the row shows of the session: while this stays the same, the row needs no drawing."""
    network = here.network
    view, no_weights = here.view, bool(complaint(network))
    shown = (here.selected, view.type_size, view.predict, no_weights, here.assignment)
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
    chosen = _synced("preset", _preset_of(here))
    st.selectbox(
        "Network",
        [*PRESETS, EMPTY],
        format_func=lambda key: TITLES.get(key, "Empty: begin with the input alone"),
        key=chosen,
        placeholder="Your own; or load ...",
        on_change=lambda: _load_preset(chosen),
        width=270,
        help="Load a known network. Its name stays while you only move sliders; Undo brings yours back.",
    )


def _load_preset(key: str) -> None:
    name = state.widget_value(key)
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
    recent = state.widget_value("dataset-name")
    current = recent if recent in same else same[0] if same else CUSTOM
    key = _synced("dataset", current)
    st.selectbox(
        "Images",
        [*DATASETS, CUSTOM],
        format_func=_dataset_title,
        key=key,
        on_change=lambda: _load_dataset(key),
        width=250,
        help="The data decides the first in_channels and the last out_features.",
    )


def _dataset_title(key: str) -> str:
    if key == CUSTOM:
        return "Custom (see Input)"
    data = DATASETS[key]
    return f"{data.title} {shape_text(data.shape)}, {data.classes}"


def _load_dataset(key: str) -> None:
    name = state.widget_value(key)
    if name in DATASETS:
        state.remember("dataset-name", name)
        state.commit(DATASETS[name].applied_to(state.session().network))


AXES = {
    1: ("features",),
    2: ("channels", "length"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}
KINDS = {1: "Vector (features)", 2: "Sequence (1-D)", 3: "Image (2-D)", 4: "Volume (3-D)"}


def _custom_input(here: Session) -> None:
    """Numbers for each axis; nothing changes until the form is sent, so an unfinished entry breaks nothing."""
    network = here.network
    axes = st.selectbox("Kind of input", list(AXES), index=len(network.input_shape) - 1, format_func=KINDS.__getitem__)
    stamp = f"{network.input_shape}.{network.classes}.{axes}"
    with st.form("input", border=False):
        defaults = (*network.input_shape, *(28,) * 4)
        sizes = [
            st.text_input(name, str(defaults[i]), key=f"input.{name}.{stamp}") for i, name in enumerate(AXES[axes])
        ]
        classes = st.text_input(
            "classes (0: the output is not one number per class)", str(network.classes or 0),
            key=f"input.classes.{stamp}",
        )  # fmt: skip
        if st.form_submit_button("Use this input"):
            _use_input(network, dict(zip(AXES[axes], sizes, strict=True)), classes)


def _use_input(network: Network, sizes: dict[str, str], classes: str) -> None:
    """Commit the input and draw the page anew; a refusal becomes a sentence below the fields, which stay."""
    try:
        shape = tuple(
            _whole(name, text, 1, LARGEST_IMAGE if place else LARGEST_WIDTH)
            for place, (name, text) in enumerate(sizes.items())
        )
        changed = network.with_input(shape).with_classes(_whole("classes", classes, 0, LARGEST_WIDTH) or None)
    except NetworkError as error:
        st.error(in_streamlit(str(error)))
        return
    state.commit(changed)
    st.rerun()


def _whole(name: str, text: str, low: int, high: int) -> int:
    """Raises NetworkError."""
    said = text.strip().replace(",", "").replace("_", "")
    if len(said) < 20 and said.isdecimal() and low <= int(said) <= high:
        return int(said)
    raise NetworkError(f"{name} takes a whole number from {low} to {high:,}; {text[:40]!r} is none.")


def _add_layer(here: Session) -> None:
    kinds = [f"{group} · {kind.__name__}" for group, types in GROUPS.items() for kind in types]
    kinds += [f"{BLOCK} · {blueprint.title}" for blueprint in BLUEPRINTS.values()]
    st.selectbox("Layer type", kinds, key="add.type")
    places = _places(here.network)
    after = here.network.index(here.row) + 1 if here.row else 0
    at = next(number for number, (place, _) in enumerate(places) if place == (after, ""))
    key = f"add.place.{after}.{len(places)}"
    st.selectbox("Where", range(len(places)), index=at, format_func=lambda number: places[number][1], key=key)
    st.button("Add this layer", key="add.go", on_click=lambda: _add(here, key))


Place = tuple[tuple[int, str], str]
"""After how many rows, and for which of several readers alone ("" for all); in words."""


def _places(network: Network) -> list[Place]:
    """Where a layer may be put: after each row, and where several rows read it, on each one's way alone."""
    places: list[Place] = [((0, ""), "at the beginning")]
    for number, name in enumerate((network.inputs[0].name, *network.names)):
        readers = network.users(name)
        if number:
            places.append(((number, ""), f"after {name}"))
        if len(readers) > 1:
            places += [((number, reader), f"between {name} and {reader} only") for reader in readers]
    return places


def _add(here: Session, key: str) -> None:
    """Add the layer, select it and close the box; a refusal becomes a sentence on the stage."""
    group, _, title = str(state.widget_value("add.type")).partition(" · ")
    number, places = state.widget_value(key), _places(here.network)
    if not isinstance(number, int) or not 0 <= number < len(places):
        return
    (after, reader), _ = places[number]
    reference = here.network.names[after - 1] if after else here.network.inputs[0].name
    try:
        if group == BLOCK:
            kind = next(key for key, blueprint in BLUEPRINTS.items() if blueprint.title == title)
            network, name = insertion.with_block(here.network, reference, kind, reader)
        else:
            network, name = insertion.with_layer(here.network, reference, title, reader)
    except NetworkError as error:
        here.notice = str(error)
    else:
        state.commit(network)
        here.select(name)
    state.remember(ADDING, False)


def _toggle(here: Session, label: str, field: str, off: str, on: str, help_text: str) -> None:
    """A switch between two words of a field of the view."""
    st.toggle(
        label,
        key=_synced(field, getattr(here.view, field) == on),
        help=help_text,
        on_change=lambda: state.with_view(**{field: off if getattr(here.view, field) == on else on}),
    )


def _synced(key: str, value: object) -> str:
    """Give the widget of that key the value which the network has, before it is drawn."""
    state.remember(f"widget.{key}", value)
    return f"widget.{key}"
