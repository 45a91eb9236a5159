"""The Trials page: the open network trained with many settings, live, and what came of each."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from layerscope.jobs.kept import DONE
from layerscope.jobs.order import Order
from layerscope.jobs.studies import STUDIES
from layerscope.jobs.ticket import JobError
from layerscope.network import Network
from layerscope.study import data, effort
from layerscope.study.foretold import foretold
from layerscope.study.grid import SweepError
from layerscope.study.sets import DataError
from layerscope.study.splitting import split
from layerscope.study.ways import in_the_way
from layerscope.text import in_streamlit
from layerscope.ui import address, focus, remembered, state
from layerscope.ui.lab import arriving, head, offering, trials_form, trials_results, trials_said, trials_sets, whose
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.trials_view import View, read

LAST, WATCHED = "trials.last", "trials.watched"
"""What is remembered: the words of the last visit, and the trials that run."""
LIVE = 1.0
"""Seconds between two looks at trials that run."""
_STYLE = """<style>
.stElementContainer.st-key-focus-trials { position: absolute; } /* nothing to see */
:is(.st-key-trials-lines, [class*="st-key-trials-plane"], .st-key-trials-shares, .st-key-trials-curves) .stage {
  .stage-main { height: auto; }
  .stage-figure { flex: none; height: var(--height, 250px); }
}
.st-key-trials-table td:last-child { min-width: 16rem; }
/* A link is lower than the buttons beside it, and would stand on their lower edge. */
.st-key-trials-after :has(> .stPageLink), .st-key-trials-after .stPageLink { margin-block: 0; }
.st-key-trials-after .stPageLink { display: flex; align-items: center; min-height: 2.5rem; }
</style>"""


def draw() -> None:
    """Draw the page."""
    network = head.draw("trials")
    st.html(_STYLE)
    words = _words()
    if not any(trials_form.words().values()) and any(words.values()):
        address.put(words)
    view = read(network, words)
    trials_form.draw(network, view)
    try:
        order = view.order(network)
    except SweepError as error:
        st.error(in_streamlit(str(error)))
    else:
        _begin(network, view, order)
    if not view.run:
        return
    is_live = remembered.kept(WATCHED, "") == view.run
    st.fragment(_results, run_every=LIVE if is_live else None)(network, is_live)


def _words() -> dict[str, str]:
    """The page's words; those of the last visit where the address has none, as after "back" from another page."""
    words = trials_form.words()
    last: dict[str, str] = remembered.kept(LAST, {})
    if not any(words.values()) and last:
        return last
    remembered.remember(LAST, {name: word for name, word in words.items() if word})
    return words


def _begin(network: Network, view: View, order: Order) -> None:
    """What would be tried, and the button that begins it; or why these images do not suit the network."""
    if not arriving.is_here(order.data):
        return
    try:
        images = data.load(order.data)
    except DataError as error:
        st.error(in_streamlit(str(error)))
        return
    parts = split(images)
    if way := in_the_way(network, images, order.plan, len(parts.training)):
        st.error(in_streamlit(way.says))
        offering.draw(
            way.offers, "trials.offer", lambda batch: _with_batch(view, batch),
            lambda offer: effort.seconds(offer.network, order.plan, len(parts.training), order.size),
        )  # fmt: skip
        return
    about = trials_said.about(
        order.size, len(parts.training), len(parts.held), order.plan.epochs, images.fit(network.input_shape)
    )
    took = effort.told(effort.seconds(network, order.plan, len(parts.training), order.size))
    say(" ".join(filter(None, [about, took])))
    if few := trials_said.too_few(order):
        st.warning(in_streamlit(few))
    if told := trials_said.foretold(order, foretold(network, order.plan, order.space, images, len(parts.training))):
        st.warning(in_streamlit(told))
    st.button(f"Run {order.size:,} trials", key="trials.go", on_click=begin, args=(view, order))
    if refused := remembered.kept("trials.refused", ""):
        st.error(in_streamlit(refused))


def _with_batch(view: View, batch: int) -> dict[str, str]:
    return replace(view, plan=replace(view.plan, batch=batch)).words()


def begin(view: View, order: Order) -> None:
    """Begin trials, and put their link into the address."""
    _attempt(view, lambda: STUDIES.begin(order, session=state.ticket(), address=whose.address()))


def resume(view: View) -> None:
    """Go on with trials that were stopped or interrupted."""

    def go_on() -> str:
        STUDIES.resume(view.run, session=state.ticket(), address=whose.address())
        return view.run

    _attempt(view, go_on)


def _stop(name: str) -> None:
    try:
        STUDIES.stop(name)
    except JobError as error:
        remembered.remember("trials.refused", str(error))


def _attempt(view: View, work: Callable[[], str]) -> None:
    try:
        name = work()
    except JobError as error:
        remembered.remember("trials.refused", str(error))
        return
    remembered.remember("trials.refused", "")
    remembered.remember(WATCHED, name)
    trials_form.write(view.showing(name))


def _results(network: Network, is_live: bool) -> None:
    """The trials that the address names, drawn anew every second while they run, and whenever they are asked about.

    A button in here draws this part alone: whether it is live as they are, it has to have been told by the whole page.
    """
    view = read(network, _words())
    st.subheader("Results", anchor=False)
    trials_sets.draw(view, STUDIES.look)
    try:
        seen = STUDIES.look(view.run)
    except JobError as error:
        st.error(in_streamlit(str(error)))
        return
    if is_live is not seen.changes:
        remembered.remember(WATCHED, view.run if seen.changes else "")
        st.rerun()
    if seen.order.network != state.session().network:
        head.other(seen.order.network, "These trials are", "trials")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="trials-status"):
        say(trials_said.status(seen), width="content")
        if seen.goes_on and not seen.is_unwanted:
            st.button("Stop", key="trials.stop", icon=":material/stop:", on_click=_stop, args=(view.run,))
        elif not seen.goes_on and seen.state != DONE:
            st.button(
                "Run the rest", key="trials.resume", icon=":material/play_arrow:", on_click=resume, args=(view,),
                help="Runs the trials that were not started. Those that were stopped begin again; their last figures "
                "stay until they end.",
            )  # fmt: skip
        say(trials_said.kept(seen), width="content")
    button = "stop" if seen.goes_on else "resume"
    focus.follow("trials", (view.run, button), f".st-key-trials-{button} button")
    if seen.problem:
        st.error(in_streamlit(seen.problem))
    trials_results.draw(seen, view, begin, STUDIES.held(view.run), partial(STUDIES.state_of, view.run))
