"""The Sweep page: one or two parameters of the open network over a range, and the settings that meet a condition."""

import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from layerscope import limits, tables
from layerscope.explain import written_count
from layerscope.figures import parallel, sweeping
from layerscope.figures.sweep_words import end_text, named, short_end_text
from layerscope.network import Network, NetworkError
from layerscope.study.script import script
from layerscope.study.script_condition import UntoldError
from layerscope.study.sweep import ConditionError, Sweep, SweepError
from layerscope.text import in_streamlit
from layerscope.ui import going, origin, remembered, state
from layerscope.ui.lab import head, opening, sweep_fitting, sweep_form, sweep_run, sweep_said
from layerscope.ui.lab.brushing import HOW
from layerscope.ui.lab.opening import Opens
from layerscope.ui.lab.saying import say
from layerscope.ui.lab.sweep_run import BusyError
from layerscope.ui.lab.sweep_view import View, read
from layerscope.ui.stage.stage import Event, stage
from layerscope.ui.takeaway import Offer, forms

EXPLORE = "pages/explore.py"
OPENING, CANCELLED, FIT = "sweep.opening", "sweep.canceled", "sweep.fit"
HEIGHT, LOW_HEIGHT = 300, 230
SCRIPT_RUNS = "It needs only PyTorch, and builds and runs each network."
_STYLE = """<style>
.st-key-sweep-examples button p {
  font-family: var(--st-code-font, monospace); font-size: 0.85rem; font-variant-ligatures: none;
}
.st-key-sweep-table td:last-child:not(.stage-right) { min-width: 16rem; }
:is(.st-key-sweep-lines, .st-key-sweep-pictures) .stage .stage-main { height: auto; }
:is(.st-key-sweep-lines, .st-key-sweep-pictures) .stage .stage-figure { flex: none; height: var(--height, 250px); }
</style>"""

_GIVES_WAY = "<style>.st-key-sweep-go[data-stale='true'] { display: none; }</style>"
"""Where Streamlit draws a page anew, what it no longer has stays until the run is over: here that takes seconds."""


def draw() -> None:
    """Draw the page."""
    network = head.draw("sweep")
    st.html(_STYLE)
    view = read(network, sweep_form.words())
    sweep_form.ranges(network, view)
    try:
        result = sweep_run.known(network, view.grid) or _large(network, view)
    except (SweepError, BusyError) as error:
        st.error(in_streamlit(str(error)))
        return
    if result is None:
        return
    _leave(result)
    sweep_form.drawn(result, view)
    opens = opening.of_sweep(result, state.session())
    say(" ".join(filter(None, (sweep_said.found(result, view), _locked(result, opens)))))
    shown, rows, problem = _fitting(result, view)
    _pictures(result, shown, rows, opens)
    if told := sweep_said.failing(result):
        say(told)
    st.subheader("Which settings fit?", anchor=False)
    sweep_form.condition(result, view, problem)
    _answer(result, shown, rows, opens)


def _fitting(result: Sweep, view: View) -> tuple[View, pd.DataFrame, str]:
    """The view that is shown, and the rows that it keeps; where its condition is wrong the one before it, and why."""
    try:
        rows = sweep_fitting.held(result, view)
    except ConditionError as error:
        for where in (remembered.kept(FIT, ""), ""):
            before = replace(view, where=where)
            with suppress(ConditionError):  # it may be of another network
                return before, sweep_fitting.held(result, before), f"{error} {sweep_fitting.still(before)}"
        raise
    remembered.remember(FIT, view.where)
    return view, rows, ""


def _locked(result: Sweep, opens: Opens) -> str:
    return opening.said(opens, len(result.measured), "setting", state.session())


def _large(network: Network, view: View) -> Sweep | None:
    """A sweep that takes a while: what it costs, a button, and its progress; None while it is not made.

    Any click, on Cancel above all, ends the run of the page and with it the sweep.
    """
    rows = sweep_run.rows_of(network, view.grid)
    count = rows // max(len(network.layers), 1)
    seconds = max(1, round(rows / sweep_run.ROWS_A_SECOND))
    above, below = st.empty(), st.empty()
    said = f"This sweep has {count:,} networks. This may take up to {written_count(seconds, 'second')}."
    if remembered.kept(CANCELLED, False):
        remembered.remember(CANCELLED, False)
        said += " You canceled the sweep; no result was kept."
    with above:
        say(said)
    if not below.button(f"Sweep {count:,} networks", key="sweep.go"):
        return None
    st.html(_GIVES_WAY)
    above.button("Cancel", key="sweep.cancel", on_click=remembered.remember, args=(CANCELLED, True))
    bar = below.progress(0.0, f"Preparing {count:,} networks…")
    told = [0.0]

    def on_progress(done: int, total: int) -> None:
        if (now := time.monotonic()) - told[0] > 0.1:
            told[0] = now
            bar.progress(done / total, f"{done:,} of {total:,} networks" if done else f"Preparing {total:,} networks…")

    result = sweep_run.made(network, view.grid, on_progress)
    above.empty()
    below.empty()
    return result


def _pictures(result: Sweep, view: View, rows: pd.DataFrame, opens: Opens) -> None:
    """A picture for each value that is shown; the settings that are left stand out where a condition leaves some."""
    frame, keys = result.frame(), [axis.key for axis in result.axes]
    now = sweep_said.present_in(result)
    figures, narrow = [], state.session().narrow
    held = rows.index if len(rows) < len(frame) else None
    for measure in sweep_said.seen(result, view):
        if len(keys) == 1:
            figure = sweeping.line(frame, keys[0], measure, log=view.log, now=now[0], opens=opens, held=held)
        else:
            figure = sweeping.heat(
                frame, (keys[0], keys[1]), measure, log=view.log, now=(now[0], now[1]), opens=opens, words=not narrow,
                held=held,
            )  # fmt: skip
        height = HEIGHT if len(keys) > 1 else LOW_HEIGHT
        title = f"{named(measure)} over {' and '.join(keys)}"
        figures.append(
            {
                "key": f"sweep-{measure}", "title": title, "height": height,
                "description": sweep_said.found(result, view),
                "note": sweep_said.note(result, bool(opens), held is not None), **figure,
            }
        )  # fmt: skip
    data = {"figures": figures, "narrow": narrow}
    stage(data, key="sweep-pictures", on_event=_on_event)


def _answer(result: Sweep, view: View, rows: pd.DataFrame, opens: Opens) -> None:
    """The settings that are left, as parallel lines and as a table, and what can be taken away."""
    if told := sweep_fitting.answer(result, view, rows):
        say(told)
    if result.frame()["runs"].any():
        _parallel(result, view, rows, opens)
    shown = rows.head(limits.SWEEP_TABLE.most)
    caption = "Settings, best first" if view.where or view.brushes else "All settings, best first"
    if len(shown) < len(rows):
        caption += f". {limits.SWEEP_TABLE.sentence(shown=len(shown), found=len(rows))}"
    made = sweep_said.table(result, view, shown, caption)
    stage({"tables": [_part(made, opens)]}, key="sweep-table", on_event=_on_event)
    _take_away(result, view, rows)


def _part(made: tables.Table, opens: Opens) -> dict[str, Any]:
    columns = [{"label": name, "align": "right" if name in made.numeric else "left"} for name in made.columns]
    rows = [
        {"key": key, "cells": cells, "tone": "ok", "opens": key if int(key) in opens else None}
        for key, cells in zip(made.keys, made.rows, strict=True)
    ]
    return {"key": "settings", "caption": made.caption, "columns": columns, "rows": rows, "foot": None}


def _parallel(result: Sweep, view: View, rows: pd.DataFrame, opens: Opens) -> None:
    """Each setting as a line across its values; ranges below the picture keep a part of them."""
    frame = result.frame()
    names = [*(axis.key for axis in result.axes), *sweep_said.seen(result, view)]
    columns = [name for name in dict.fromkeys(names) if frame[name].notna().any()]
    narrow = state.session().narrow
    figure, note = parallel.parallel(
        frame, columns, rows.index, log=view.log, opens=opens, kept=sweep_fitting.kept(result, view),
        ends=short_end_text if narrow else end_text, narrow=narrow,
    )  # fmt: skip
    part = {
        "key": "sweep-parallel", "title": "All settings side by side", "height": HEIGHT,
        "note": " ".join(filter(None, [note, HOW])),
        "description": f"{len(rows):,} of {len(frame):,} settings are highlighted; the table lists them.", **figure,
    }  # fmt: skip
    stage({"figures": [part], "narrow": narrow}, key="sweep-lines", on_event=_on_event)
    sweep_form.brushes(result, view, columns)


def _take_away(result: Sweep, view: View, rows: pd.DataFrame) -> None:
    """The table in each form, and the sweep as code."""
    with st.popover("Export"):
        st.caption(in_streamlit(sweep_said.held_by_files(result, view, len(rows))))
        shown = _shown(result, view, rows, rows.head(1))
        forms(Offer(f"The {len(shown.columns)} columns of the table", "sweep", partial(_file, result, view, rows)))
        forms(Offer(f"All {len(rows.columns)} columns", "sweep-all", partial(_whole_file, rows)))
        st.markdown("**The sweep** as")
        try:
            code, told = _script(result, view)
        except SweepError as error:
            st.download_button("PyTorch script", "", key="sweep.take.no", disabled=True, help=in_streamlit(str(error)))
            return
        st.download_button("PyTorch script", code, "sweep.py", "text/x-python", key="sweep.take.py", on_click="ignore")
        st.caption(in_streamlit(told))


def _script(result: Sweep, view: View) -> tuple[str, str]:
    """The sweep as code, and what it does. Raises SweepError."""
    title = origin.title(result.network)
    try:
        code = script(result, title, view.where, sweep_fitting.spans(result, view))
    except UntoldError as error:
        return script(result, title), f"{SCRIPT_RUNS} {error}"
    asks = bool(view.where.strip() or view.brushes)
    return code, f"{SCRIPT_RUNS} It prints {'the settings that fit' if asks else 'all settings'}."


def _file(result: Sweep, view: View, rows: pd.DataFrame, ending: str) -> str:
    """The columns that the page shows; CSV has all rows, a document so many as it holds."""
    return tables.FORMATS[ending](_shown(result, view, rows, _few(rows, ending)))


def _shown(result: Sweep, view: View, rows: pd.DataFrame, few: pd.DataFrame) -> tables.Table:
    """The table of the page; with the columns of all rows, of `few` of them."""
    return sweep_said.table(result, view, few, "Settings, best first", fails=not rows["runs"].all())


def _whole_file(rows: pd.DataFrame, ending: str) -> str:
    """All columns."""
    if ending == "csv":
        return tables.frame_csv(rows)
    return tables.FORMATS[ending](sweep_said.whole_table(_few(rows, ending), "Settings, best first"))


def _few(rows: pd.DataFrame, ending: str) -> pd.DataFrame:
    return rows if ending == "csv" else rows.head(limits.SWEEP_FILE.most)


def _on_event(event: Event) -> None:
    if event["key"] == "select" and str(event["value"]).isdecimal():
        remembered.remember(OPENING, int(event["value"]))
    elif event["key"] == "narrow":
        state.session().narrow = event["value"] is True


def _leave(result: Sweep) -> None:
    """Open the network of a row that was clicked; undo there brings back the one that was open."""
    number = remembered.kept(OPENING, -1)
    remembered.remember(OPENING, -1)
    if 0 <= number < len(result.measured):
        try:
            network = result.at(number)
        except NetworkError as error:
            st.error(in_streamlit(str(error)))
        else:
            going.to(EXPLORE, state.commit_elsewhere(network, result.network))
