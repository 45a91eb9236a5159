"""What trials came to, on the page: sentences, pictures with brushes, the table, and what can be taken away."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from layerscope import limits, tables
from layerscope.explain import written_count
from layerscope.figures import trials as pictures
from layerscope.jobs.study import AGAIN, WAITS, Seen
from layerscope.network import NetworkError
from layerscope.study.importance import ENOUGH, FewTrialsError, compared, importance
from layerscope.study.plan import PlanError
from layerscope.study.space import Between
from layerscope.study.trial import CUT, EXPLODED, FINISHED, STOPPED
from layerscope.study.trials import Trials
from layerscope.text import in_streamlit
from layerscope.ui import going, remembered, state
from layerscope.ui.lab import opening, trials_again, trials_brushes, trials_form, trials_pair, trials_said
from layerscope.ui.lab.brushing import HOW
from layerscope.ui.lab.opening import Opens
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.trials_again import Begin, StateOf
from layerscope.ui.lab.trials_view import BEST, TOPS, View
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import Offer, table_files

EXPLORE = "pages/explore.py"
OPENING = "trials.opening"
HEIGHT, LOW_HEIGHT = 320, 250
MARKS = {
    CUT: "▼ cut short", EXPLODED: "✕ exploded", STOPPED: "■ stopped", AGAIN: "○ running again",
    WAITS: "○ waiting to run again",
}  # fmt: skip
MEASURES = ("parameters", "macs", "memory")


def draw(seen: Seen, view: View, begin: Begin, held: Mapping[int, str], state_of: StateOf) -> None:
    """Everything below the status. `held` and `state_of` say what each trial can go on from."""
    trials = seen.shown
    _leave(trials)
    here = state.session()
    opens = opening.of_trials(trials, here)
    locked = opening.said(opens, len(trials.done), "trial", here) if trials.done else ""
    if told := " ".join(
        filter(None, (trials_said.best(trials, seen.order.repeats), trials_said.failing(trials), locked))
    ):
        say(told)
    if not trials.done:
        return
    rows = trials_said.held(trials, view)
    if left_out := trials_said.left_out(trials, view):
        say(left_out)
    _asked(trials, view)
    frame = trials.frame()
    if frame["accuracy"].notna().any():
        _pictures(trials, frame, view, rows, opens, is_over=not seen.goes_on)
    shown = rows.head(limits.TRIALS.most)
    made = trials_said.table(trials, shown, _caption(trials, rows))
    stage({"tables": [trials_said.part(made, "trials", opens)]}, key="trials-table", on_event=_on_event)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trials-after"):
        table_files(Offer("The trials", "trials", partial(_file, trials, rows)), hint="The trials as a table")
        trials_again.draw(seen, view, rows, begin, held, state_of)
    trials_again.tell(seen, held)
    trials_pair.draw(trials, view)


def _caption(trials: Trials, rows: pd.DataFrame) -> str:
    few = f"{len(rows):,} of {len(trials.done):,} trials" if len(rows) < len(trials.done) else "All trials so far"
    return few if len(trials.done) < trials.count or few[0] != "A" else "All trials"


def _asked(trials: Trials, view: View) -> None:
    """In which order, how many, and on which scale."""
    keys = [each.key for each in trials.space if each.is_ordered]
    orders = [f"{sign}{name}" for name in (*trials_said.SHOWN, *keys) for sign in ("-", "")]
    name, is_ascending = trials_said.best_of(trials, view)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trials-order"):
        remembered.shown(
            st.selectbox, "Sort by", name if is_ascending else f"-{name}", key="trials.best", options=orders,
            format_func=trials_said.titled_order, width=260,
            on_change=lambda: _write(view, best=str(remembered.widget_value("trials.best") or BEST)),
        )  # fmt: skip
        remembered.shown(
            st.selectbox, "Show", view.top, key="trials.top", options=TOPS, width=150,
            format_func=lambda top: f"the first {top}" if top else "all",
            on_change=lambda: _write(view, top=str(remembered.widget_value("trials.top") or "")),
        )  # fmt: skip
        remembered.shown(
            st.toggle, "Log scale", view.log, key="trials.log", on_change=lambda: _write(view, log=not view.log)
        )


def _write(view: View, **changes: Any) -> None:
    trials_form.write(replace(view, **changes))


def _pictures(
    trials: Trials, frame: pd.DataFrame, view: View, rows: pd.DataFrame, opens: Opens, *, is_over: bool
) -> None:
    narrow = state.session().narrow
    keys = [each.key for each in trials.space]
    logs = [each.key for each in trials.space if isinstance(each.values, Between) and each.values.log]
    figure, note = pictures.lines(
        frame, keys, rows.index, log=view.log, logs=logs, opens=opens, kept=trials_said.brushed(frame, view),
        ends=trials_said.column_text, narrow=narrow,
    )  # fmt: skip
    described = f"{len(rows):,} of {len(frame):,} trials are highlighted; the table lists them."
    lines = {"key": "trials-lines", "title": "All trials side by side", "height": HEIGHT, "description": described,
             "note": " ".join(filter(None, [note, HOW if is_over else ""])), **figure}  # fmt: skip
    stage({"figures": [lines], "narrow": narrow}, key="trials-lines", on_event=_on_event)
    if is_over:  # until then each new trial may move the ends of a range
        axes = ["accuracy" if name == pictures.PERCENT else name for name in pictures.axes(frame, keys)]
        trials_brushes.draw(frame, axes, view)
    hovers = {
        trial.number: f"<b>trial {trial.number}</b><br>{escape(trials_said.setting(trials, trial.number))}"
        for trial in trials.done
    }
    seen = [mark for state, mark in MARKS.items() if (frame["state"] == state).any()]
    if seen and (frame["state"] == FINISHED).any():  # where all are alike, there is nothing to tell apart
        seen.insert(0, "● finished")
    marks = " · ".join([*seen, *trials_said.unplaced(frame)])
    measures = told_apart(frame)
    for measure, column in zip(measures, st.columns(len(measures)) if measures else (), strict=True):
        name = trials_said.NAMES.get(measure, measure)
        part = {"key": f"trials-{measure}", "title": f"Accuracy against {name}", "height": LOW_HEIGHT,
                "description": described, "note": marks,
                **pictures.plane(frame, measure, rows.index, hovers, log=view.log, opens=opens)}  # fmt: skip
        with column:
            stage({"figures": [part], "narrow": narrow}, key=f"trials-plane-{measure}", on_event=_on_event)
    if len(trials.space) == 1:  # nothing to tell apart
        return
    if is_over:  # of some hundred trials it takes seconds, which every visitor of this process would feel
        _importance(trials, narrow)
    elif trials.count >= ENOUGH:
        say("What matters most is worked out once the trials are over.")


def told_apart(frame: pd.DataFrame) -> list[str]:
    """The measures in which trials with an accuracy differ: of one value a picture has nothing to show."""
    known = frame[frame["accuracy"].notna()]
    return [measure for measure in MEASURES if known[measure].nunique() > 1]


def _importance(trials: Trials, narrow: bool) -> None:
    try:
        found = importance(trials)
    except FewTrialsError as error:
        say(str(error))
        return
    first, share = next(iter(found.items()))
    told = f"{first} explains {round(100 * share)}% of the differences in accuracy {_among(trials)}."
    part = {"key": "trials-shares", "title": "What matters", "height": 60 + 34 * len(found), "description": told,
            "note": told, **pictures.shares(found)}  # fmt: skip
    stage({"figures": [part], "narrow": narrow}, key="trials-shares", on_event=_on_event)


def _among(trials: Trials) -> str:
    """Which accuracies importance is worked out from, as the end of a sentence."""
    counted, epochs = compared(trials)
    if epochs is None:
        return "among these trials"
    reached = f"after {written_count(epochs, 'epoch')}, which all {len(counted):,} trials reached"
    return f"{reached}; too few finished to compare them at the end"


def _file(trials: Trials, rows: pd.DataFrame, ending: str) -> str:
    """CSV has the plain numbers; the others have what the page shows."""
    if ending == "csv":
        return tables.frame_csv(rows, index=True)
    return tables.FORMATS[ending](trials_said.table(trials, rows, "Trials"))


def _on_event(event: Event) -> None:
    if event["key"] == "select" and str(event["value"]).isdecimal():
        remembered.remember(OPENING, int(event["value"]))
    elif event["key"] == "narrow":
        state.session().narrow = event["value"] is True


def _leave(trials: Trials) -> None:
    """Open the network of a trial that was clicked; undo there brings back the one that was open."""
    number = remembered.kept(OPENING, -1)
    remembered.remember(OPENING, -1)
    if number in {trial.number for trial in trials.done}:
        try:
            network, _ = trials.at(number)
        except (NetworkError, PlanError) as error:
            st.error(in_streamlit(str(error)))
        else:
            going.to(EXPLORE, state.commit_elsewhere(network, trials.network))
