"""The box from which a layer or a whole block is added, at any place."""

from html import escape

import streamlit as st

from layerscope import insertion
from layerscope.blueprints import BLUEPRINTS
from layerscope.catalogue import GROUPS
from layerscope.network import Network, NetworkError
from layerscope.ui import popovers, remembered, state
from layerscope.ui.session import Session

BLOCK = "Block"
_TOLD = "add.told"
"""What came of the last press of the button, and the network for which that holds."""


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
    told, of = remembered.kept(_TOLD, ("", here.network))
    st.html(f"<p role='status' style='margin: 0; max-width: 20rem'>{escape(told) if of == here.network else ''}</p>")


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
    """Add the layer and select it, so that the next one goes after it; the box stays open and says what came of it."""
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
        remembered.remember(_TOLD, (f"Not possible: {error}", here.network))
        here.notice = str(error)
        return
    state.commit(network)
    if here.network == network:  # a teacher's link may have refused it
        here.select(name)
        remembered.remember(_TOLD, (f"Added {name}. The next layer goes after it.", network))
        popovers.keep_open(network)
