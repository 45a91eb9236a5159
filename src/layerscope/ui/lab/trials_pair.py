"""Two trials side by side on the Trials page: their settings, what came of them, their curves, and both networks."""

from dataclasses import replace

import streamlit as st

from layerscope.figures.training import beside
from layerscope.network import Network, NetworkError
from layerscope.study.plan import PlanError
from layerscope.study.trial import Trial
from layerscope.study.trials import Trials
from layerscope.text import in_streamlit
from layerscope.ui import going, remembered, state
from layerscope.ui.lab import pinning, trials_form, trials_pair_said, trials_said
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.trials_view import View
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import offer, table_files

COMPARE = "pages/compare.py"
PAIR = "trials.pair"
HEIGHT = 280
SAME_NETWORK = "Both trials use the same network; only the training differs."


def draw(trials: Trials, view: View) -> None:
    """The question which two, and what they have in common and what not."""
    if len(trials.done) < 2:
        return
    st.subheader("Compare two trials", anchor=False)
    chosen = trials_pair_said.found(trials, view.pair)
    _asked(trials, view, chosen)
    if len(chosen) < 2:
        return
    one, other = chosen
    say(trials_pair_said.sentence(one, other))
    _open_both(trials, one, other)
    made = trials_pair_said.table(trials, one, other)
    stage({"tables": [trials_said.part(made, "trials-two")]}, key="trials-two", on_event=_on_event)
    table_files(
        offer(made.caption, "trials-two", lambda: made), label="Export this table", hint="Both trials as a file"
    )
    if lines := trials_pair_said.curves(one, other):
        narrow = state.session().narrow
        picture = {
            "key": "trials-curves", "title": "Held-out accuracy after each epoch", "height": HEIGHT, "note": "",
            "description": trials_pair_said.sentence(one, other), **beside(lines, "epoch"),
        }  # fmt: skip
        stage({"figures": [picture], "narrow": narrow}, key="trials-curves", on_event=_on_event)


def _asked(trials: Trials, view: View, chosen: list[Trial]) -> None:
    told = {trial.number: trials_said.setting_text(trial) for trial in sorted(trials.done, key=lambda t: t.number)}

    def take() -> None:
        numbers = remembered.widget_value(PAIR)
        if isinstance(numbers, list):
            trials_form.write(replace(view, pair=tuple(number for number in numbers if isinstance(number, int))))

    remembered.shown(
        st.multiselect, "Trials", [trial.number for trial in chosen], key=PAIR, options=[*told],
        format_func=lambda number: f"Trial {number}: {told[number]}", on_change=take,
        max_selections=2, placeholder="Choose two trials", select_all=False,
    )  # fmt: skip


def _open_both(trials: Trials, one: Trial, other: Trial) -> None:
    """A button that pins the first network and opens the second one beside it."""
    try:
        (a, _), (b, _) = (trials.at(trial.number) for trial in (one, other))
    except (NetworkError, PlanError) as error:
        say(str(error))
        return
    if a == b:
        say(SAME_NETWORK)
    elif state.session().allows(b) and st.button(
        "Open both in Compare", key="trials.compare", icon=":material/compare_arrows:",
        help=in_streamlit(f"Trial {one.number} as network A, trial {other.number} as network B"),
    ):  # fmt: skip
        _leave(a, b, trials.network)


def _leave(a: Network, b: Network, base: Network) -> None:
    pinning.hold(a)
    going.to(COMPARE, state.commit_elsewhere(b, base, "compare"))


def _on_event(event: Event) -> None:
    if event["key"] == "narrow":
        state.session().narrow = event["value"] is True
