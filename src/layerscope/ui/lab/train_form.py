"""The Train page's settings; each answer is one step of the browser's history."""

from math import floor, log10
from typing import Any

import streamlit as st

from layerscope import limits
from layerscope.study.plan import OPTIMIZERS, SGD
from layerscope.ui import number_field, remembered, state
from layerscope.ui.lab.train_view import EVERY_WORD, View, read

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0)
_LAST = "train.last"
LEAST_RATE = 1e-9
"""Streamlit takes the bounds themselves, and a learning rate of 0 trains nothing."""
DECAYS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


def words() -> dict[str, str]:
    """The page's own words in the address."""
    return {name: remembered.parameter(name) for name in EVERY_WORD}


def write(view: View) -> None:
    """Put a view into the address: one step of the browser's history."""
    state.write_here(**view.words())
    note(view)


def note(view: View) -> None:
    """Remember the view for when the visitor comes back from another page."""
    remembered.remember(_LAST, view)


def last() -> View:
    """The view of the last visit; the usual one where there was none."""
    return remembered.kept(_LAST, View())


def draw(view: View) -> None:
    """The controls."""
    plan = view.plan
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="train-form"):
        _asked("optimizer", "Optimizer", st.selectbox, plan.optimizer, options=[*OPTIMIZERS], width=130)
        _along(
            "lr",
            ("Learning rate", "Exact rate"),
            plan.lr,
            RATES,
            (LEAST_RATE, limits.TRAIN_LR),
            "How far each step moves the weights.",
        )
        if plan.optimizer == SGD:
            _asked("momentum", "Momentum", st.slider, plan.momentum, min_value=0.0, max_value=0.99,
                   step=0.01, width=160, help="How much of the last step carries over into the next one.")  # fmt: skip
        _along("weight_decay", ("Weight decay", "Exact decay"), plan.weight_decay, DECAYS, (0.0, limits.TRAIN_DECAY),
               "How strongly each step pulls the weights toward 0.")  # fmt: skip
        for name, label, least, limit, told in (
            ("batch", "Batch size", 1, limits.TRAIN_BATCH, "Images per step."),
            ("epochs", "Epochs", 1, limits.TRAIN_EPOCHS, "How many times each training image is used."),
            ("seed", "Seed", 0, limits.TRAIN_SEED, "The same seed gives the same curve."),
        ):  # fmt: skip
            _asked(name, label, number_field.number_input, getattr(plan, name), min_value=least, max_value=limit.most,
                   step=1, width=120, help=told)  # fmt: skip
        _asked("augmentation", "Augmentation", st.toggle, plan.augmentation,
               help="Shifts each image by up to an eighth of its size each time it is seen; clothes, photographs and "
               "your own images may also be mirrored.")  # fmt: skip


def _along(
    name: str,
    labels: tuple[str, str],
    value: float,
    stops: tuple[float, ...],
    bounds: tuple[float, limits.Limit],
    told: str,
) -> None:
    """A number of many sizes: a slider with a few stops, and a field beside it that takes any."""
    _asked(name, labels[0], st.select_slider, value, options=_with(stops, value), format_func=lambda stop: f"{stop:g}",
           width=150, help=told)  # fmt: skip
    least, most = bounds[0], float(bounds[1].most)
    _asked(name, labels[1], number_field.number_input, value, field=f"{name}.exactly", min_value=least,
           max_value=most, step=_step(value), format="%g", width=115,
           works=f"{f'from {least:g} to' if not least else 'above 0 and at most'} {most:g}")  # fmt: skip


def _step(value: float) -> float:
    """How far a press on + or − of the field moves: 0.001 at 0.002, 0.0001 at 0.001."""
    return float(10.0 ** floor(log10(value) - 1e-9)) if value > 0 else 1e-4


def _asked(name: str, label: str, widget: Any, value: Any, *, field: str = "", **more: Any) -> None:
    """One setting. Its answer is put into the view that the address has then. `field` tells two of one setting
    apart."""
    key = f"train.{field or name}"

    def take() -> None:
        if (chosen := remembered.widget_value(key)) is not None:
            write(read(words()).with_setting(name, chosen))

    remembered.shown(widget, label, value, key=key, on_change=take, **more)


def _with(known: tuple[float, ...], value: float) -> list[float]:
    """The steps of a slider, with a value between them that an address asked for."""
    return sorted({*known, value})
