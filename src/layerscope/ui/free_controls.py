"""Which controls stay free under a teacher's link: each layer's in a row of their own, chosen with a press."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from layerscope import limits
from layerscope.network import Network
from layerscope.text import in_streamlit
from layerscope.tracing import trace
from layerscope.ui import remembered

FREE, LAYER, OPENED = "teach.free", "teach.layer", "layerscope.teacher.more"
MORE = "More (rarely changed)"
_STYLE = """<style>
.teach-choose { margin: 0; font-size: 0.875rem; }
.teach-chosen { min-height: 2.8em; overflow-wrap: anywhere; }
.st-key-teach-controls, .st-key-teach-controls [data-testid="stVerticalBlock"] { gap: 0.35rem; }
.st-key-teach-controls [data-testid="stButtonGroup"] { display: flex; align-items: baseline; gap: 0.5rem; }
.st-key-teach-controls [data-testid="stButtonGroup"] > label { flex: none; width: 6rem; overflow-wrap: anywhere; }
.st-key-teach-controls [data-testid="stButtonGroup"] > label p { font-weight: 600; }
</style>"""


def every(network: Network) -> dict[str, bool]:
    """Every control of the network's layers, in their order, and whether it is an everyday one."""
    return {
        f"{step.name}.{name}": parameter.everyday
        for step in trace(network).steps
        for name, parameter in step.layer.parameters().items()
        if step.decisions[name].role.value == "you"
    }


def choose(network: Network) -> list[str]:
    """Which controls stay free. All of them stand on the page, where nothing moves when one is chosen: from a list that
    unfolds, an entry vanishes with the click and the others come after it. Of very many those of one layer stand there,
    which is found by typing."""
    controls = every(network)
    kept = remembered.kept(FREE, list[str]())
    if not set(kept) <= controls.keys():  # of another network
        kept = [name for name in kept if name in controls]
        remembered.remember(FREE, kept)
    st.html(f"{_STYLE}<p class='teach-choose'>What I choose</p>")
    if len(controls) > limits.CONTROLS.most:
        _of_one_layer(list(controls), kept)
        return kept
    rare = [name for name, is_everyday in controls.items() if not is_everyday]
    with st.container(key="teach-controls"):
        _rows([name for name in controls if name not in rare], kept, "usual")
        if rare:
            with st.expander(MORE, expanded=_is_opened(set(rare) & set(kept))):
                _rows(rare, kept, "rare")
    return kept


def _of_one_layer(names: list[str], kept: list[str]) -> None:
    """A layer to find, its controls, and below them what is chosen of all layers."""
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    if remembered.kept(LAYER, "") not in layers:  # of another network
        remembered.remember(LAYER, layers[0])
    with st.container(key="teach-controls"):
        layer = st.selectbox("Layer", layers, key=LAYER, persist_state="session", format_func=in_streamlit)
        _rows([name for name in names if name.rpartition(".")[0] == layer], kept, "found")
        chosen = [name for name in names if name in kept]
        told = f"{len(chosen):,} chosen: {', '.join(chosen)}" if chosen else "Nothing chosen yet"
        st.html(f"<p class='teach-choose teach-chosen' role='status'>{escape(told)}</p>")


def _is_opened(chosen: set[str]) -> bool:
    """Whether a chosen control would be out of sight; once opened it stays, so that nothing moves."""
    if chosen:
        remembered.remember(OPENED, True)
    return remembered.kept(OPENED, False)


def _rows(names: list[str], kept: list[str], kind: str) -> None:
    layers: dict[str, list[str]] = {}
    for name in names:
        layers.setdefault(name.rpartition(".")[0], []).append(name)
    for layer, of in layers.items():
        key = f"{FREE}.{kind}.{layer}"
        remembered.shown(
            st.pills, in_streamlit(layer), [name for name in of if name in kept], key=key, options=of,
            selection_mode="multi", format_func=_argument, on_change=_taker(key, of),
        )  # fmt: skip


def _argument(name: str) -> str:
    return in_streamlit(name.rpartition(".")[2])


def _taker(key: str, of: list[str]) -> Callable[[], None]:
    return partial(_take, key, tuple(of))


def _take(key: str, of: tuple[str, ...]) -> None:
    """What a row says replaces what was kept of its controls."""
    said = remembered.widget_value(key)
    others = [name for name in remembered.kept(FREE, list[str]()) if name not in of]
    remembered.remember(FREE, others + [name for name in of if isinstance(said, list) and name in said])
