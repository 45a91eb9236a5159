"""The Train page: the open network learns from real images while one watches, pauses, and looks at what came of it."""

from html import escape

import streamlit as st

from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.suiting import Offer, TrainError, check, shrunk
from layerscope.text import in_streamlit
from layerscope.ui import remembered, state
from layerscope.ui.lab import head, runner, train_data, train_end, train_form, train_live, train_said
from layerscope.ui.lab.train_view import View, read

TOKEN, PROBLEM = "train.token", "train.problem"
_STYLE = """<style>
.train-said { margin: 0; }
.train-end { margin: 0; font-size: 1.05rem; }
ul.train-gallery { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 0; padding: 0; list-style: none; }
.train-gallery li { margin: 0; }
.train-gallery li { display: flex; flex-direction: column; gap: 0.2rem; max-width: 9rem; }
.train-gallery img { image-rendering: pixelated; object-fit: contain; }
.train-gallery span { font-size: 0.85rem; overflow-wrap: anywhere; }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-main { height: auto; }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-figure { flex: none; height: var(--height, 250px); }
:is(.st-key-train-live, .st-key-train-end) .stage .stage-figures {
  display: grid; grid-template-columns: minmax(0, 1fr); align-items: start;
}
@media (min-width: 900px) {
  .st-key-train-end .stage .stage-figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .st-key-train-live .stage .stage-figures { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .st-key-train-live .stage .stage-figure:first-child { grid-column: 1 / -1; }
}
</style>"""


def draw() -> None:
    """Draw the page."""
    network = head.draw("train")
    runner.warm()
    st.html(_STYLE)
    view = read(train_form.words())
    token = remembered.kept(TOKEN, "")
    seen = runner.look(token)
    is_busy = seen is not None and seen.state != runner.ENDED
    if seen is not None and is_busy:
        say(train_said.settings(seen))
    else:
        data = train_data.chosen(view)
        train_form.draw(view)
        if data is not None:
            _begin(network, data, view)
        if seen is None:
            return
    if seen.network != network:
        say("This training is of the network as it was when it began.")
    if is_busy:
        train_live.draw(token, seen)
        return
    run = runner.result(token)
    train_end.tell(seen, run)
    train_live.draw(token, seen)
    train_end.draw(seen, run)


def say(told: str, kind: str = "train-said", role: str = "") -> None:
    """A sentence of the page."""
    spoken = " role='status'" if role else ""
    st.html(f"<p class='{kind}'{spoken}>{escape(told)}</p>")


def _begin(network: Network, data: Data, view: View) -> None:
    """What is learned from, the change of the network that the images ask for, and the button that starts it."""
    try:
        check(network, data, view.plan, len(split(data).training))
    except TrainError as error:
        st.error(in_streamlit(str(error)))
        _offer(error.offer)
        return
    say(train_said.about(network, data, view.plan))
    _offer(shrunk(network, data))
    if problem := remembered.kept(PROBLEM, ""):
        st.error(in_streamlit(problem))
    st.button(
        "Start", key="train.start", icon=":material/play_arrow:", on_click=_start,
        args=(network, data, view.plan),
    )  # fmt: skip
    if not remembered.kept(TOKEN, ""):
        train_live.draw_empty(len(data.classes))


def _offer(offer: Offer | None) -> None:
    """A button with the change, and what the change decides."""
    if offer is None or state.session().fixes_layers:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Change the network", key="train.offer", on_click=state.begin_here, args=(offer.network,))
        say(offer.says)


def _start(network: Network, data: Data, plan: Plan) -> None:
    try:
        token = runner.start(runner.here(), network, data, plan)
    except runner.BusyError as error:
        remembered.remember(PROBLEM, str(error))
    else:
        remembered.remember(PROBLEM, "")
        remembered.remember(TOKEN, token)
        train_end.forget()
