"""What trials came to, in sentences and as a table. Knows no screen."""

from collections.abc import Collection, Mapping
from math import floor, prod
from typing import Any

import pandas as pd

from layerscope import limits
from layerscope.explain import written_count
from layerscope.formatting import bytes_text, capital, joined
from layerscope.jobs.kept import DONE, STOPPED
from layerscope.jobs.order import Order, Repeated
from layerscope.jobs.study import ELSEWHERE, Seen
from layerscope.jobs.ticket import State
from layerscope.study.foretold import Foretold
from layerscope.study.space import Between, Setting
from layerscope.study.trial import EXPLODED, FAILED, Trial
from layerscope.study.trial import STOPPED as STOPPED_TRIAL
from layerscope.study.trials import GRID, Trials
from layerscope.tables import Table
from layerscope.ui.lab.queued import in_queue
from layerscope.ui.lab.trials_view import BEST, View

SHOWN = ("accuracy", "loss", "epochs_run", "parameters", "macs", "memory", "seconds")
NAMES = {
    "accuracy": "accuracy",
    "loss": "held-out loss",
    "epochs_run": "epochs run",
    "macs": "MACs",
    "memory": "memory per step",
}
COUNTED = ("epochs_run", "parameters", "macs")
OUTCOME = "outcome"
MOST_NAMED = 4
"""Trials that run whose numbers are named."""
LARGE = 1e3
"""A loss of this size has exploded, and its digits say no more."""
AS_IT_STOPPED = "Its accuracy and loss are those of the network when it stopped."


def about(size: int, trained: int, held: int, epochs: int, fit: str) -> str:
    """What the trials will be."""
    return (
        f"{written_count(size, 'trial')}, each trained for {written_count(epochs, 'epoch')} on {trained:,} images "
        f"({fit}). Accuracy is measured on {held:,} held-out images that no trial trains on."
    )


def too_few(order: Order) -> str:
    """That a search has fewer settings to choose from than trials, and what to do about it; "" where it has enough."""
    listed = [each.values for each in order.space if not isinstance(each.values, Between)]
    settings = prod(map(len, listed))
    if order.sampler == GRID or len(listed) < len(order.space) or settings >= order.count:
        return ""
    return (
        f"These lists make only {written_count(settings, 'setting')}, so a search for {order.count:,} trials repeats "
        "them. Try a grid, or a range such as 1 to 8."
    )


def foretold(order: Order, found: Foretold | None) -> str:
    """How many trials are known to fail before anything is trained, and why; "" where none is."""
    if found is None or not found.reasons:
        return ""
    what = "trials" if order.sampler == GRID else "combinations of these values"
    which = f"{found.failing:,} of the {found.combinations:,} {what} cannot"
    if found.failing == found.combinations:
        which = f"None of the {found.combinations:,} {what} can"
        if found.combinations == 1:
            which = "The only trial cannot" if order.sampler == GRID else "With these values no trial can"
    told = f"{which} be trained: {found.reasons[0][0].rstrip('.')}"
    more = len(found.reasons) - 1
    others = f"; {more:,} other {'reason' if more == 1 else 'reasons'}" if more else ""
    then = "You can run them all the same: they are listed with their reasons."
    return f"{told}{others}. {then}"


def status(seen: Seen) -> str:
    """How far the trials are."""
    done, count = sum(trial.outcome.is_over for trial in seen.trials.done), seen.trials.count
    if not seen.goes_on:
        how = {
            DONE: "All trials are done.",
            STOPPED: f"Stopped after {done:,} of {count:,} trials{_rest(seen.trials)}.",
        }
        return how.get(seen.state, f"The server stopped after {done:,} of {count:,} trials.")
    told = f"{done:,} of {written_count(count, 'trial')} done"
    if seen.is_unwanted:
        return f"{told}; stopping …"
    if seen.state == ELSEWHERE:
        return f"{told}; another process of this server runs them."
    runs = [number for number, now in seen.running.items() if now.state is State.RUNNING]
    if runs:
        more = len(runs) - MOST_NAMED
        these = joined([*map(str, sorted(runs)[:MOST_NAMED]), *[f"{more:,} more"] * (more > 0)])
        return f"{told}; {f'trials {these} are' if len(runs) > 1 else f'trial {these} is'} running."
    waiting = [now for now in seen.running.values() if now.state is State.WAITING]
    if not waiting:
        return f"{told}."
    first = min(waiting, key=lambda now: now.position)
    if first.reason:
        return f"{told}. {first.reason}"
    return f"{told}. You are {in_queue(first.position, first.seconds)}."


def _rest(trials: Trials) -> str:
    """What became of those that are not over."""
    cut = sum(trial.outcome.state == STOPPED_TRIAL for trial in trials.done)
    unstarted = trials.count - cut - sum(trial.outcome.is_over for trial in trials.done)
    told = [f"{cut:,} stopped partway"] if cut else []
    told += [f"{unstarted:,} not started"] if unstarted else []
    return f": {', '.join(told)}" if told else ""


def kept(seen: Seen) -> str:
    """Where the results are."""
    return seen.unsaved or (
        f"Saved on this server for {limits.KEPT_DAYS.most} days: this page's link brings the results back."
    )


def best(trials: Trials, repeats: Repeated | None = None) -> str:
    """The trial with the highest accuracy, in words; "" where none has one.

    Where only the seed is another in each, the best is luck, and how far they are apart is what one wants to know;
    `repeats` is the trial that they run again.
    """
    frame = trials.frame()
    frame = frame[frame["accuracy"].notna() & (frame["state"] != EXPLODED)]
    if frame.empty:
        return ""
    if [each.key for each in trials.space] == ["seed"]:
        return _seeds(trials, frame["accuracy"], repeats)
    number = next(map(int, frame.sort_values("accuracy", ascending=False, kind="stable").index))
    word = "Best" if sum(trial.outcome.is_over for trial in trials.done) == trials.count else "Best so far"
    return f"{word}: trial {number} with {percent(frame['accuracy'][number])} ({setting(trials, number)})."


def _seeds(trials: Trials, known: "pd.Series[float]", repeats: Repeated | None) -> str:
    """The mean and the ends of accuracies that differ by the seed alone."""
    which = f"{capital(repeated(repeats))}, " if repeats is not None else ""
    few = f"{len(known):,} of " if len(known) < trials.count else ""
    told = f"{which}{few}{written_count(trials.count, 'seed')}: accuracy {percent(float(known.mean()))} on average"
    ends = percent(float(known.min())), percent(float(known.max()))
    return f"{told}, from {ends[0]} to {ends[1]}." if len(known) > 1 else f"{told}."


def repeated(source: Repeated) -> str:
    """A trial that others run again: trial 19 (kernel_size 5, lr 0.02)."""
    return f"trial {source.number}{f' ({settings_text(source.setting)})' if source.setting else ''}"


def setting(trials: Trials, number: int) -> str:
    """A trial's values in words."""
    return setting_text(next(trial for trial in trials.done if trial.number == number))


def setting_text(trial: Trial) -> str:
    """The values of one trial in words."""
    return settings_text(trial.setting)


def settings_text(setting: Setting) -> str:
    return ", ".join(f"{key} {value_text(value)}" for key, value in setting.items())


def held(trials: Trials, view: View) -> pd.DataFrame:
    """The trials that the brushes keep, best first, those without an accuracy last; the top of them where asked."""
    frame = trials.frame()
    for name, (low, high) in brushed(frame, view).items():
        frame = frame[(frame[name] >= low) & (frame[name] <= high)]
    name, is_ascending = best_of(trials, view)
    frame = frame.sort_values(name, ascending=is_ascending, kind="stable", na_position="last")
    return frame.head(int(view.top)) if view.top else frame


def brushed(frame: pd.DataFrame, view: View) -> dict[str, tuple[Any, Any]]:
    """The first and the last value that each brush keeps of a column."""
    found = {}
    for name, (low, high) in view.brushes.items():
        if name in frame and (every := options(frame, name)):
            lows, highs = ([value for value in every if column_text(name, value) == end] for end in (low, high))
            if lows and highs:
                found[name] = lows[0], highs[-1]
    return found


def left_out(trials: Trials, view: View) -> str:
    """How many trials have no value that a brush could keep; "" where all have one."""
    frame, told = trials.frame(), []
    for name in view.brushes:
        if name in frame and options(frame, name) and (count := int(frame[name].isna().sum())):
            has, they = ("has", "it") if count == 1 else ("have", "them")
            what = NAMES.get(name, name)
            told.append(f"{written_count(count, 'trial')} {has} no {what}, so this brush leaves {they} out.")
    return " ".join(told)


def unplaced(frame: pd.DataFrame) -> list[str]:
    """How many trials have no point in a picture of accuracy."""
    count = int(frame["accuracy"].isna().sum())
    return [f"{written_count(count, 'trial')} without accuracy not shown"] if count else []


def options(frame: pd.DataFrame, name: str) -> list[Any]:
    """The values of a column between which a brush chooses; none where they are not numbers, or all are one."""
    column = frame[name].dropna()
    if not pd.api.types.is_numeric_dtype(column) or column.nunique() < 2:
        return []
    return sorted(column.unique().tolist())


def best_of(trials: Trials, view: View) -> tuple[str, bool]:
    """The column that the table is sorted by, and whether the smallest comes first."""
    name = view.best.removeprefix("-")
    known = [*(each.key for each in trials.space), *SHOWN]
    return (name, not view.best.startswith("-")) if name in known else (BEST.removeprefix("-"), False)


def titled_order(order: str) -> str:
    """An order of the table as its menu calls it."""
    name = order.removeprefix("-")
    words = ("Most", "Fewest") if name in COUNTED else ("Highest", "Lowest")
    return f"{words[not order.startswith('-')]} {NAMES.get(name, name)}"


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def value_text(value: Any) -> str:
    """A value of a setting or a column."""
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1 else f"{value:.4g}"
    return str(value)


def table(trials: Trials, rows: pd.DataFrame, caption: str) -> Table:
    """The rows as text: the trial, its setting, the result, and how it ended where not as planned."""
    keys = [each.key for each in trials.space]
    settings = {trial.number: trial.setting for trial in trials.done}
    cells = tuple(
        (
            str(number),
            *(value_text(settings[number][key]) for key in keys),
            *("" if row[name] != row[name] else _cell(name, row) for name in SHOWN),
            _outcome(row),
        )
        for number, row in zip(map(int, rows.index), rows.to_dict("records"), strict=True)
    )
    columns = ("trial", *keys, *(NAMES.get(name, name) for name in SHOWN), OUTCOME)
    return Table(
        caption, columns, frozenset(columns) - {OUTCOME}, cells, tuple(str(number) for number in rows.index)
    )  # fmt: skip


def _outcome(row: Mapping[Any, Any]) -> str:
    """How a trial ended, and why where not as planned."""
    if not row["reason"]:
        return str(row["state"])
    told = f"{row['state']}: {row['reason']}"
    return f"{told} {AS_IT_STOPPED}" if row["state"] == EXPLODED else told


def _cell(name: str, row: Mapping[Any, Any]) -> str:
    """A value of a row; of the epochs, how many there were to be."""
    text = column_text(name, row[name])
    return f"{text} of {row['epochs']}" if name == "epochs_run" else text


def part(made: Table, key: str, opens: Collection[int] = ()) -> dict[str, Any]:
    """A table in the stage's form; `opens` are the rows that can be opened, by their keys."""
    columns = [{"label": name, "align": "right" if name in made.numeric else "left"} for name in made.columns]
    rows = [
        {"key": name, "cells": cells, "tone": "ok", "opens": name if name.isdecimal() and int(name) in opens else None}
        for name, cells in zip(made.keys, made.rows, strict=True)
    ]
    return {"key": key, "caption": made.caption, "columns": columns, "rows": rows, "foot": None}


def column_text(name: str, value: float) -> str:
    """A value of a column: the accuracy in percent, memory in bytes."""
    if name == "accuracy":
        return percent(value)
    if name == "memory":
        return bytes_text(value)
    if name == "seconds":
        return f"{value:.1f}"
    if name == "epochs_run":  # rounded down: one that was stopped just before its end was not at its end
        return f"{floor(10 * value) / 10:g}"
    if name == "loss":
        return f"{value:.3f}" if value < LARGE else f"{value:.3g}"
    return value_text(value)


def failing(trials: Trials) -> str:
    """How many settings could not be trained, and of how many the loss exploded; their rows say why."""
    failed, exploded = (sum(trial.outcome.state == state for trial in trials.done) for state in (FAILED, EXPLODED))
    told = [f"{written_count(failed, 'setting')} could not be trained"] if failed else []
    told += [f"the loss of {written_count(exploded, 'trial')} exploded"] if exploded else []
    return f"{capital(' and '.join(told))}; the table says why." if told else ""
