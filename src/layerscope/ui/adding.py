"""The box from which a layer or a whole block is added, at any place."""

from html import escape

import streamlit as st

from layerscope import insertion
from layerscope.blueprints import BLUEPRINTS
from layerscope.catalogue import GROUPS
from layerscope.network import Network, NetworkError
from layerscope.torch_functions import FUNCTIONS, USUAL
from layerscope.ui import popovers, remembered, state
from layerscope.ui.session import Session
from layerscope.ui.stage.stage import Event, stage

BLOCK = "Block"
_TYPE = "add.type"
"""The choice of what to add, such as "Pooling · MaxPool2d"."""
_USUAL = f"{next(iter(GROUPS))} · {next(iter(GROUPS.values()))[0].__name__}"
_NAMES = {kind: [name.partition(".")[2] for name, one in FUNCTIONS.items() if one.type == kind] for kind in USUAL}
"""What torch's functions call that layer."""
_TOLD = "add.told"
"""What came of the last press of the button, and the network for which that holds."""


def adding(here: Session) -> None:
    places = _places(here.network)
    after = here.network.index(here.row) + 1 if here.row else 0
    at = next(number for number, (place, _) in enumerate(places) if place == (after, ""))
    key = f"add.place.{after}.{len(places)}"
    choices = _choices()
    known = {choice["key"] for choice in choices}

    def on_event(event: Event) -> None:
        if event["value"] in known:
            remembered.remember(_TYPE, event["value"])
            if event["key"] == f"{_TYPE}.take":
                _add(here, key)

    picker = {
        "key": _TYPE,
        "label": "Layer type",
        "placeholder": "Type a name, such as conv",
        "none": "No layer or block has that in its name.",
        "choices": choices,
        "value": _chosen(),
    }
    stage({"picker": picker}, key="add.picker", on_event=on_event)
    st.selectbox("Where", range(len(places)), index=at, format_func=lambda number: places[number][1], key=key)
    st.button("Add this layer", key="add.go", on_click=lambda: _add(here, key))
    told, of = remembered.kept(_TOLD, ("", here.network))
    st.html(f"<p role='status' style='margin: 0; min-height: 2.6em'>{escape(told) if of == here.network else ''}</p>")


def _choices() -> list[dict[str, str]]:
    """All that can be added, with other words for it. Where a typed word fits several alike, blocks come first."""
    found = [(BLOCK, blueprint.title, blueprint.words) for blueprint in BLUEPRINTS.values()]
    found += [
        (group, one.__name__, " ".join(_NAMES.get(one.__name__, ()))) for group in GROUPS for one in GROUPS[group]
    ]
    return [
        {"key": f"{group} · {title}", "title": title, "group": group, "words": words} for group, title, words in found
    ]


def _chosen() -> str:
    """The choice of this visitor, or the usual one."""
    return remembered.kept(_TYPE, _USUAL)


Place = tuple[tuple[int, str], str]
"""After how many rows, and for which of several readers alone ("" for all); in words."""


def _places(network: Network) -> list[Place]:
    """Where a layer may be put: after each row, and where several rows read it, on each one's way alone."""
    places: list[Place] = [((0, ""), "At the beginning")]
    for number, name in enumerate((network.inputs[0].name, *network.names)):
        readers = network.users(name)
        if number:
            places.append(((number, ""), f"After {name}"))
        if len(readers) > 1:
            places += [((number, reader), f"Between {name} and {reader} only") for reader in readers]
    return places


def _add(here: Session, key: str) -> None:
    """Add the layer and select it, so that the next one goes after it; the box stays open and reports the result."""
    group, _, title = _chosen().partition(" · ")
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
    state.commit(network, name)
    if here.network == network:  # a teacher's link may have refused it
        remembered.remember(_TOLD, (f"Added {name}. The next layer goes after it.", network))
        popovers.keep_open(network)
