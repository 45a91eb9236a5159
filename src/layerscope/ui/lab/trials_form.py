"""The Trials page's questions: what is tried with which values, how, and with which training."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from layerscope import limits
from layerscope.jobs.training import SETS
from layerscope.network import Network
from layerscope.study.plan import OPTIMIZERS, PlanError
from layerscope.study.trials import GRID, TPE
from layerscope.text import in_streamlit
from layerscope.ui import number_field, remembered, state
from layerscope.ui.lab import arriving, sweep_spans
from layerscope.ui.lab.trials_view import WORDS, View, beginning, keys

HOW = {GRID: "Grid: every combination", TPE: "Search by Optuna: learn from trials"}
VALUES_HELP = "A list such as 3, 5, 7. A search also takes a range: 1 to 8, or 0.0001 to 0.1 log."
LEAST_RATE = 1e-9
"""Streamlit takes the bounds themselves, and a learning rate of 0 trains nothing."""
_N = TypeVar("_N", int, float)
CUT = "Cut short trials that fall behind"
CUT_HELP = "A trial ends early if its best accuracy so far is below the median of earlier trials at that epoch."


def words() -> dict[str, str]:
    """The page's own words in the address."""
    return {name: remembered.parameter(name) for name in WORDS}


def write(view: View) -> None:
    """Put a view into the address: one step of the browser's history."""
    state.write_here(**view.words())


def draw(network: Network, view: View) -> None:
    """The whole form."""
    _keys(network, view)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trials-values"):
        for key, text in view.tries.items():
            _text(view, key, text)
        if view.tries:
            st.button("Use these values", key="trials.use")  # leaving a field is what sends it
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trials-how"):
        _choice("how", "How", list(HOW), view.how, HOW.get, lambda value: replace(view, how=value), 300)
        if view.how == TPE:
            _number("count", "Trials", view.count, 1, limits.TRIALS.most, lambda n: replace(view, count=n))
        _choice("images", "Images", list(SETS), view.images, arriving.titled, lambda v: replace(view, images=v), 280)
        plan = view.plan
        _number("epochs", "Epochs", plan.epochs, 1, limits.TRAIN_EPOCHS.most, lambda n: _planned(view, epochs=n))
        with st.popover("More settings", help="For every trial, unless you try several values above"):
            _choice(
                "optimizer", "Optimizer", list(OPTIMIZERS), plan.optimizer, str,
                lambda value: _planned(view, optimizer=value), 240, in_popover=True,
            )  # fmt: skip
            _number(
                "lr", "Learning rate (lr)", float(plan.lr), LEAST_RATE, float(limits.TRAIN_LR.most),
                lambda value: _planned(view, lr=value), step=0.001, format="%g",
                works=f"above 0 and at most {limits.TRAIN_LR.most}", in_popover=True,
            )  # fmt: skip
            for name, label, value, least, most in (
                ("batch", "Batch size", plan.batch, 1, limits.TRAIN_BATCH.most),
                ("seed", "Seed", plan.seed, 0, limits.TRAIN_SEED.most),
            ):
                _number(name, label, value, least, most, partial(_with_number, view, name), in_popover=True)
            if view.how == TPE:
                remembered.shown(
                    st.toggle, CUT, view.cuts, key="trials.cut", help=CUT_HELP, in_popover=True,
                    on_change=lambda: write(replace(view, cuts=not view.cuts)),
                )  # fmt: skip


def _keys(network: Network, view: View) -> None:
    known = list(dict.fromkeys([*view.tries, *keys(network)]))

    def take() -> None:
        chosen = remembered.widget_value("trials.try")
        names = [name for name in chosen if isinstance(name, str)] if isinstance(chosen, list) else []
        write(replace(view, tries={name: view.tries.get(name) or beginning(network, name) for name in names}))

    remembered.shown(
        st.multiselect, "Hyperparameters to try", list(view.tries), key="trials.try", options=known,
        format_func=titled, on_change=take,
        max_selections=limits.TRIAL_KEYS.most, help="Arguments of layers, and training settings",
    )  # fmt: skip


def titled(key: str) -> str:
    """A key as the menus show it."""
    return sweep_spans.titled(key) if "." in key else f"Training: {key}"


def _text(view: View, key: str, text: str) -> None:
    name = f"trials.values.{key}"

    def take() -> None:
        typed = str(remembered.widget_value(name) or "").replace(";", ",")
        write(replace(view, tries=view.tries | {key: typed}))

    remembered.shown(
        st.text_input, in_streamlit(key), text, key=name, max_chars=limits.TRIAL_TEXT.most, on_change=take,
        help=VALUES_HELP, width=260,
    )  # fmt: skip


def _choice(
    name: str, label: str, options: list[str], now: str, named: Callable[[str], Any], put: Callable[[str], View],
    width: int, **more: Any,
) -> None:  # fmt: skip
    key = f"trials.{name}"
    remembered.shown(
        st.selectbox, label, now, key=key, options=options, format_func=named, width=width,
        on_change=lambda: write(put(_word(key, now))), **more,
    )  # fmt: skip


def _word(key: str, usual: str) -> str:
    value = remembered.widget_value(key)
    return value if isinstance(value, str) else usual


def _number(name: str, label: str, now: _N, low: _N, high: _N, put: Callable[[_N], View], **more: Any) -> None:
    key = f"trials.{name}"

    def take() -> None:
        if type(value := remembered.widget_value(key)) is type(now):
            write(put(value))

    remembered.shown(
        number_field.number_input, label, now, key=key, min_value=low, max_value=high, on_change=take, width=130, **more
    )  # fmt: skip


def _with_number(view: View, name: str, value: int) -> View:
    return _planned(view, **{name: value})


def _planned(view: View, **changes: Any) -> View:
    try:
        return replace(view, plan=replace(view.plan, **changes))
    except PlanError:  # no field sends such a number
        return view
