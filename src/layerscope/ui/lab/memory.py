"""The Memory page: what training the open network takes, when that is most, and the largest batch for a card."""

from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from layerscope import limits, tables
from layerscope.figures import memory as pictures
from layerscope.formatting import bytes_text
from layerscope.network import Network
from layerscope.study.cards import CARDS, CONTEXT, card_bytes
from layerscope.study.estimate import MODES, EstimateError, Memory
from layerscope.study.measured import beside
from layerscope.study.memory import PRECISIONS, training_memory
from layerscope.study.optimizers import KINDS
from layerscope.text import in_streamlit
from layerscope.ui import number_field, remembered, state
from layerscope.ui.lab import head, memory_parts, memory_said, trained_as
from layerscope.ui.lab.memory_view import WORDS, View, blocks, is_selectable, read, titled
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import offer, table_files

SMALL = 40
"""Rows up to which torch is asked without a click: it takes about 10 ms a row."""
ANOTHER = "Another card"
CARD_HELP = (
    f"Of each card {bytes_text(CONTEXT)} is set aside for the CUDA context, which PyTorch loads before the first "
    "tensor. A card has less than it is sold with, as the driver keeps some: a T4 has 14.5 of 16 GiB. For yours, "
    f"choose “{ANOTHER}” and enter what torch.cuda.get_device_properties(0).total_memory / 2**30 gives."
)
PRECISION_HELP = (
    "Autocast computes in bfloat16 or float16 and keeps the weights in float32. In float16 small gradients would "
    "become 0: train with torch.amp.GradScaler."
)
CHECKPOINT_HELP = (
    "Of the layers that you choose here nothing is kept for the backward pass: they are computed again when it reaches "
    "them. That takes less memory and more time."
)
CHECK = ":material/fact_check:"
CHECKS = "PyTorch trains the real module for two steps, on fake tensors (no data allocated), and counts what it keeps."
CHECKED = (
    "PyTorch trained the real module for two steps, on fake tensors (no data allocated). Autograd's hooks for saved "
    "tensors counted the activations, its memory tracker the rest."
)
_STYLE = """<style>
.memory-said { margin: 0; font-size: 1.05rem; }
.memory-more { margin: 0; }
.memory-selected { margin: 0; min-height: 3.2em; } /* what stands below stays where it is */
@media (min-width: 1200px) { .memory-selected { min-height: 1.6em; } }
.memory-compared { border-collapse: collapse; font-size: 0.9rem; display: block; overflow-x: auto; }
.memory-compared th, .memory-compared td { padding: 0.25rem 0.9rem 0.25rem 0; text-align: start; }
/* Pictures one below the other are as high as each says, not the screen together. */
:is(.st-key-memory, .st-key-memory-layers) .stage {
  .stage-main { height: auto; }
  .stage-figure { flex: none; height: var(--height, 250px); }
}
.st-key-memory-form input { text-overflow: ellipsis; }
/* A list is as wide as its entries, which say more than the field has room for. */
body:has(.st-key-memory-form [aria-expanded="true"]) [data-testid="stSelectboxVirtualDropdown"] {
  min-width: min(18rem, calc(100vw - 3rem));
}
/* On a phone the controls stand side by side, so that the picture is near. */
@media (max-width: 640px) {
  .st-key-memory-form > .stElementContainer { flex: 1 1 40%; width: calc(50% - 0.5rem) !important; min-width: 0; }
}
/* Letters are read over a pattern: it stops beside them. */
.st-key-memory .bartext { stroke: #fff9; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
/* What the colors are called stays in sight on a phone too: narrow parts have their names nowhere else. */
.st-key-memory .stage-key-button { display: none; }
.st-key-memory .stage-key-words { display: block; white-space: normal; }
.st-key-memory .stage .stage-key-entries { flex-wrap: wrap; gap: 0.1rem 0.8rem; }
.memory-compared .number { text-align: end; font-variant-numeric: tabular-nums; }
</style>"""


def draw() -> None:
    """Draw the page."""
    network = head.draw("memory")
    st.html(_STYLE)
    view = read(network, {name: remembered.parameter(name) for name in WORDS})
    trained_as.keep(view)
    _form(network, view)
    try:
        memory = _estimate(network, view)
    except EstimateError as error:
        st.error(in_streamlit(str(error)))
        return
    card = card_bytes(view.card)
    with st.container(gap="xsmall"):
        _say(memory.sentence, "memory-said")
        _say(memory_said.fits(memory, card))
        if told := memory_said.emulates(memory, card):
            _say(told)
        if memory.checkpoint:
            _say(memory_said.checkpointed(memory, _estimate(network, replace(view, again="")), view.again))
    moment = next((one for one in memory.moments if pictures.key_of(one) == view.at), None)
    layer = moment.layer if moment else view.at
    narrow = state.session().narrow  # one stage tells of the browser's width
    _drawn("memory", {"figures": memory_parts.moments(memory, card, view.at, moment, narrow), "narrow": narrow})
    _say(memory_said.selected(memory, view.at, moment), "memory-selected")  # beside the charts in which one selects
    if memory.trains:
        _drawn("memory-layers", {"figures": [memory_parts.layers(memory, layer, narrow)]})
        _say(memory_said.two_meanings(memory))
    made = {"cards": memory_said.on_cards(memory), "rows": memory_said.by_row(memory)}
    _drawn("memory-tables", {"tables": [memory_parts.table(key, table, layer) for key, table in made.items()]})
    place = st.container()
    compared = _compare(memory)
    with place:
        _take_away(memory, compared)


def _estimate(network: Network, view: View) -> Memory:
    again = blocks(network)[view.again] if view.again else ()
    return training_memory(
        network, view.batch, view.optimizer, view.precision, mode=view.mode, checkpoint=again
    )  # fmt: skip


def _form(network: Network, view: View) -> None:
    """The page's questions; each answer is one step of the browser's history."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="memory-form"):
        _asked(
            view,
            "batch",
            "Batch size",
            number_field.number_input,
            view.batch,
            min_value=1,
            max_value=limits.MEMORY_BATCH.most,
            step=1,
            width=120,
        )
        _asked(view, "mode", "Mode", st.selectbox, view.mode, options=MODES, width=125, format_func=str.capitalize)
        if view.mode == MODES[0]:
            _asked(view, "optimizer", "Optimizer", st.selectbox, view.optimizer, options=[*KINDS], width=190)
        _asked(
            view, "precision", "Precision", st.selectbox, view.precision, options=[*PRECISIONS],
            format_func=PRECISIONS.__getitem__, width=195, help=PRECISION_HELP,
        )  # fmt: skip
        _card(view)
        if view.mode == MODES[0] and (known := blocks(network)):
            _asked(
                view, "again", "Gradient checkpointing", st.selectbox, view.again,
                options=["", *known], format_func=partial(titled, network), width=220, help=CHECKPOINT_HELP,
            )  # fmt: skip


def _asked(view: View, name: str, label: str, widget: Any, value: Any, **more: Any) -> None:
    """One question whose answer is a field of the view."""
    key = f"memory.{name}"

    def take() -> None:
        if (chosen := remembered.widget_value(key)) is not None:
            changes: dict[str, Any] = {name: chosen}
            state.write_here(**replace(view, **changes).words())

    remembered.shown(widget, label, value, key=key, on_change=take, **more)


def _card(view: View) -> None:
    """A common card, or a number of GiB."""
    key = "memory.card-name"
    known = {size: name for name, size in CARDS.items()}
    is_other = remembered.widget_value(key) == ANOTHER or view.card not in known

    def take() -> None:
        if (size := CARDS.get(str(remembered.widget_value(key)))) is not None:
            state.write_here(**replace(view, card=size).words())

    now = ANOTHER if is_other else known[view.card]
    remembered.shown(
        st.selectbox, "Card", now, key=key, options=[*CARDS, ANOTHER], on_change=take, width=280, help=CARD_HELP
    )  # fmt: skip
    if is_other:
        most = float(limits.MEMORY_CARD.most)
        _asked(view, "card", "GiB", number_field.number_input, view.card, min_value=0.1, max_value=most, width=130)


def _say(told: str, kind: str = "memory-more") -> None:
    st.html(f"<p class='{kind}' role='status'>{escape(told)}</p>")


def _on_event(event: Event) -> None:
    """A layer or a moment was selected in a chart or its menu, or the browser tells whether the page is narrow."""
    if event["key"] == "narrow":
        state.on_event(event)
    at = event["value"]
    if event["key"] == "select" and isinstance(at, str) and (not at or is_selectable(state.session().network, at)):
        state.write_here(at=at)


def _drawn(key: str, parts: dict[str, Any]) -> None:
    stage(parts, key=key, on_event=_on_event)


def _compare(memory: Memory) -> tables.Table | None:
    """What torch counts for the same step, at once where that is quick, else with a click; the table of it."""
    st.subheader("Checked against PyTorch", anchor=False)
    found = len(memory.traced.steps)
    if memory.checkpoint:
        _say("PyTorch's own count is available only without checkpointing.")
        return None
    if found > limits.MEMORY_STEPPED.most:
        _say(limits.MEMORY_STEPPED.sentence(found=found))
        return None
    if found > SMALL and not st.button("Check against PyTorch", key="memory.check", icon=CHECK):
        _say(f"{CHECKS} This takes a few seconds.")
        return None
    try:
        with st.spinner("PyTorch trains two steps on fake tensors …"):
            compared = memory_said.compared(memory, beside(memory))
    except EstimateError as error:
        st.error(in_streamlit(str(error)))
        return None
    _say(CHECKED)
    st.html(memory_said.markup(compared))
    return compared


def _take_away(memory: Memory, compared: tables.Table | None) -> None:
    """The tables in each form; a file is made when its button is pressed."""
    offers = [
        offer("Memory by layer", "memory-layers", lambda: memory_said.by_row(memory)),
        offer("Largest batch by card", "memory-cards", lambda: memory_said.on_cards(memory)),
    ]
    if compared is not None:
        offers.append(offer(compared.caption, "memory-checked", lambda: compared))
    table_files(*offers, hint="The tables as files; pictures have their own buttons")
