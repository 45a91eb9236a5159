"""What begins a training: Start, Run it again where the server no longer knows it, and Train further at its end."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from layerscope import limits
from layerscope.network import Network
from layerscope.study import effort
from layerscope.study.data import Data
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.suiting import Offer, shrunk
from layerscope.study.ways import in_the_way
from layerscope.text import in_streamlit
from layerscope.ui import number_field, remembered
from layerscope.ui.lab import offering, runner, train_end, train_form, train_live, train_said
from layerscope.ui.lab.runner import BusyError, Seen
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.train_view import View, begun_with
from layerscope.ui.lab.whose import address, here

FURTHER, ENDING, PROBLEM = "train.further", "train.ending", "train.problem"
FURTHER_EPOCHS = 5
"""So many more are offered where the plan is done; else what it lacks."""


def draw(network: Network, data: Data, view: View, seen: Seen | None) -> None:
    """What is learned from, the change of the network that the images ask for, and the button that starts it.

    `seen`: the training that the page shows, None where there is none.
    """

    def words(batch: int) -> dict[str, str]:
        return view.with_setting("batch", batch).words()

    images, limit = len(split(data).training), limits.TRAIN_SECONDS.most

    def takes(offer: Offer) -> float:
        return effort.seconds(offer.network, view.plan, images)

    if way := in_the_way(network, data, view.plan, images):
        st.error(in_streamlit(way.says))
        offering.draw(way.offers, "train.offer", words, takes, limit)
        return
    about = train_said.about(network, data, view.plan)
    say(" ".join(filter(None, [about, effort.told(effort.seconds(network, view.plan, images), limit)])), role="")
    offering.draw(filter(None, [shrunk(network, data)]), "train.offer", words, takes, limit)
    st.button(
        "Run it again" if view.training and seen is None else "Start", key="train.start", icon=":material/play_arrow:",
        on_click=_start, args=(network, data, view),
    )  # fmt: skip
    if seen is None:
        train_live.draw_empty(len(data.classes), train_said.planned(data, view.plan))


def tell_problem() -> None:
    """Why the last click began nothing."""
    if problem := remembered.kept(PROBLEM, ""):
        st.error(in_streamlit(problem))


def draw_further(token: str, seen: Seen) -> None:
    """How many epochs more, and the button that goes on with them; nothing where they would be too many."""
    if seen.moment is None or not seen.may_go_further:
        return
    done = seen.moment.step * seen.plan.epochs // seen.moment.steps  # whole epochs, where somebody stopped it
    room = limits.TRAIN_EPOCHS.most - done
    if room < 1:
        return
    ending = token, seen.moment.step
    if remembered.kept(ENDING, ("", 0)) != ending:  # what was asked for at another ending says nothing of this one
        remembered.remember(ENDING, ending)
        remembered.remember(FURTHER, seen.plan.epochs - done or FURTHER_EPOCHS)
    more = min(remembered.kept(FURTHER, FURTHER_EPOCHS), room)
    planned = seen.plan.epochs
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="train-further"):
        epochs = remembered.shown(
            number_field.number_input, "More epochs", more, key=FURTHER, min_value=1, max_value=room, step=1, width=140
        )
        st.button(
            f"Train further, to {train_said.further(done, epochs, planned)}", key="train.go-further",
            icon=":material/resume:", on_click=_further, args=(token, seen, done + epochs), help=train_said.FURTHER,
        )  # fmt: skip


def _start(network: Network, data: Data, view: View) -> None:
    def start() -> View:
        return replace(view, training=runner.start(here(), network, data, view.plan, address()))

    _attempt(start)


def _further(token: str, seen: Seen, epochs: int) -> None:
    """Its settings become the page's, so that the link says what it takes to do it all again."""
    plan: Plan = replace(seen.plan, epochs=epochs)

    def go_on() -> View:
        runner.further(token, here(), epochs, address())
        return begun_with(seen.data.name, plan, token)

    _attempt(go_on)


def _attempt(begin: Callable[[], View]) -> None:
    """Begin, and put what was begun into the address; or remember why the server takes no more."""
    try:
        view = begin()
    except BusyError as error:
        remembered.remember(PROBLEM, str(error))
    else:
        remembered.remember(PROBLEM, "")
        train_end.forget()
        train_form.write(view)
