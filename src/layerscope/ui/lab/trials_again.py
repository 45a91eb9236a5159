"""One of the trials again: on from where it ended, in Train from the start, or with several seeds."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import pandas as pd
import streamlit as st

from layerscope.jobs.kept_states import HELD
from layerscope.jobs.order import Order, Repeated
from layerscope.jobs.study import Seen
from layerscope.link import LinkError, encode
from layerscope.network import Network, NetworkError
from layerscope.study import states
from layerscope.study.data import load
from layerscope.study.plan import Plan, PlanError
from layerscope.study.sets import DataError
from layerscope.study.space import dimensions
from layerscope.study.trial import Trial
from layerscope.text import in_streamlit
from layerscope.ui import going, remembered, state
from layerscope.ui.lab import runner, train_view, trials_going_on
from layerscope.ui.lab.runner import BusyError
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.trials_view import View
from layerscope.ui.lab.whose import address, here

TRAIN = "pages/train.py"
PICKED, REFUSED = "trials.picked", "trials.not-continued"
SEEDS = range(5)
Begin = Callable[[View, Order], None]
StateOf = Callable[[int], bytes | None]


def draw(seen: Seen, view: View, rows: pd.DataFrame, begin: Begin, held: Mapping[int, str], state_of: StateOf) -> None:
    """Ask which one, and offer what can be done with it. At first it is the one at the top, also where a better one
    ends later; then the one that was chosen. `held` and `state_of` say what each trial can go on from."""
    known = rows["accuracy"].notna() | rows.index.isin([number for number, said in held.items() if said == HELD])
    numbers = [int(number) for number in rows.index[known]]
    if not numbers:
        return
    run, picked = remembered.kept(PICKED, ("", 0))
    chosen = picked if run == view.run and picked in numbers else numbers[0]

    def take() -> None:
        remembered.remember(PICKED, (view.run, remembered.widget_value("trials.again")))
        remembered.remember(REFUSED, "")

    remembered.shown(st.selectbox, "Trial", chosen, key="trials.again", options=numbers, on_change=take, width=110)
    try:
        network, plan = seen.trials.at(chosen)
    except (NetworkError, PlanError):
        return
    trial = next(trial for trial in seen.shown.done if trial.number == chosen)
    if state.session().allows(network):
        why = trials_going_on.why_not(trial, held, seen.late)
        if st.button(
            "Continue in Train", key="trials.continue", icon=":material/resume:", disabled=bool(why),
            help=in_streamlit(trials_going_on.told(trial, held, seen.late)),
        ):  # fmt: skip
            _go_on(seen, network, plan, state_of(chosen))
        with suppress(LinkError):  # a network too long for an address
            words = {"net": encode(network), **train_view.View(seen.order.data, plan).words()}
            st.page_link(
                TRAIN, label="Start over in Train", icon=":material/model_training:", width="content",
                query_params={name: word for name, word in words.items() if word},
                help="The same settings from the start: watch it learn, change a setting, compare the curve",
            )  # fmt: skip
    order = Order(network, plan, dimensions(network, {"seed": SEEDS}), seen.order.data, repeats=_source(seen, trial))
    st.button(
        f"Run it again with {len(SEEDS)} seeds", key="trials.seeds", on_click=begin, args=(view, order),
        help="New starting weights and a new order of images each time: how much does the accuracy vary? The new "
        "trials take the place of those that are shown; these are kept, and you can go back to them.",
    )  # fmt: skip


def _source(seen: Seen, trial: Trial) -> Repeated:
    """Which trial is run again; where that ran one again itself, that one, as only the seed is another."""
    if seen.order.repeats is not None:
        return seen.order.repeats
    return Repeated(trial.number, {key: value for key, value in trial.setting.items() if key != "seed"})


def tell(seen: Seen, held: Mapping[int, str]) -> None:
    """Say which trials can be continued, and why others cannot; and why the last click continued none."""
    if told := trials_going_on.sentence(seen.shown.done, held, seen.late):
        say(told)
    if refused := remembered.kept(REFUSED, ""):
        st.error(in_streamlit(refused))


def _go_on(seen: Seen, network: Network, plan: Plan, kept: bytes | None) -> None:
    """Open Train with a training that stands where the trial ended."""
    try:
        if kept is None:
            raise states.StateError(trials_going_on.GONE)
        token = runner.start(here(), network, load(seen.order.data), plan, address(), states.read(kept))
    except (states.StateError, DataError, BusyError) as error:
        remembered.remember(REFUSED, str(error))
        st.rerun()
    remembered.remember(REFUSED, "")
    words = train_view.View(seen.order.data, plan, token).words()
    going.to(TRAIN, state.commit_elsewhere(network, seen.order.network, "train") | words)
