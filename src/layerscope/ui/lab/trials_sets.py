"""The sets of trials that were begun here one after the other: which is shown, and the way back to the others."""

from collections.abc import Callable

import streamlit as st

from layerscope.explain import written_count
from layerscope.formatting import joined
from layerscope.jobs.order import Order
from layerscope.jobs.study import Seen
from layerscope.jobs.ticket import JobError
from layerscope.ui import remembered
from layerscope.ui.lab import trials_form, trials_said
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.trials_view import View

KEY, TITLES = "trials.set", "trials.set-titles"
KEPT = "The trials that were shown before are kept: choose them above."
GONE = "no longer on this server"


def draw(view: View, look: Callable[[str], Seen]) -> None:
    """Ask which set is shown, where there are several. `look` finds one by its name."""
    if view.run not in view.sets:
        return
    titles = _titles(view, look)

    def take() -> None:
        trials_form.write(view.showing(str(remembered.widget_value(KEY) or view.run)))

    remembered.shown(
        st.selectbox, "Trials shown", view.run, key=KEY, options=[*titles], format_func=titles.__getitem__,
        on_change=take, width=420,
    )  # fmt: skip
    if view.run == view.sets[-1]:
        say(KEPT)


def _titles(view: View, look: Callable[[str], Seen]) -> dict[str, str]:
    """By name what a set tries, the newest last. Each is looked at once: the file has all of its trials."""
    known: dict[str, str] = dict(remembered.kept(TITLES, {}))
    for name in view.sets:
        if name not in known:
            try:
                known[name] = titled(look(name).order)
            except JobError:  # it may be found at the next look
                continue
    remembered.remember(TITLES, known)
    return {name: f"{place}: {known.get(name, GONE)}" for place, name in enumerate(view.sets, 1)}


def titled(order: Order) -> str:
    """A set of trials in a few words: 6 trials of conv1.kernel_size and lr; trial 3 (lr 0.01), 5 seeds."""
    if order.repeats is not None:
        return f"{trials_said.repeated(order.repeats)}, {written_count(order.size, 'seed')}"
    return f"{written_count(order.size, 'trial')} of {joined([each.key for each in order.space])}"
