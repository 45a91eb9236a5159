"""The box from which a layer or a whole block is added, at any place."""

import streamlit as st

from layerscope import insertion
from layerscope.blueprints import BLUEPRINTS
from layerscope.catalogue import GROUPS
from layerscope.network import Network, NetworkError
from layerscope.ui import remembered, state
from layerscope.ui.session import Session

ADDING = "add.open"
BLOCK = "Block"


def adding(here: Session) -> None:
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
    group, _, title = str(remembered.widget_value("add.type")).partition(" · ")
    number, places = remembered.widget_value(key), _places(here.network)
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
    remembered.remember(ADDING, False)
