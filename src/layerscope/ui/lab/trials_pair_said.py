"""Two trials side by side, in a sentence and as a table. Knows no screen."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from math import isnan
from typing import Any

from layerscope.network import NetworkError
from layerscope.study.plan import SGD, PlanError
from layerscope.study.trial import Trial
from layerscope.study.trials import Trials
from layerscope.tables import Table
from layerscope.ui.lab.trials_said import NAMES, OUTCOME, SHOWN, column_text, value_text

DIFFERS = "≠"
Texts = tuple[str, str]


def found(trials: Trials, numbers: tuple[int, ...]) -> list[Trial]:
    """The trials of those numbers that are done, in that order."""
    known = {trial.number: trial for trial in trials.done}
    return [known[number] for number in numbers if number in known]


def sentence(one: Trial, other: Trial) -> str:
    """In which values the two differ, and which is the better one, by how much."""
    apart = [
        f"{key} ({value_text(value)} and {value_text(other.setting[key])})"
        for key, value in one.setting.items()
        if value != other.setting[key]
    ]
    told = f"They differ in {', '.join(apart)}." if apart else "They have the same settings."
    if one.accuracy is None or other.accuracy is None:
        return told
    better, worse = (one, other) if one.accuracy >= other.accuracy else (other, one)
    # As the table has them, of which a reader takes the difference.
    points = round(100 * (better.accuracy or 0), 1) - round(100 * (worse.accuracy or 0), 1)
    if points < 0.05:
        return f"{told} Their accuracy is the same."
    return f"{told} Trial {better.number} is {points:.1f} percentage points more accurate."


def table(trials: Trials, one: Trial, other: Trial) -> Table:
    """Their settings and what came of each, a row each; those that differ are marked, but for how long each took, which
    differs each time."""
    rows = [
        (name, *texts, DIFFERS if texts[0] != texts[1] and name != "seconds" else "")
        for name, texts in (*_settings(trials, one, other), *_outcomes(trials, one, other))
    ]
    names = (f"trial {one.number}", f"trial {other.number}")
    return Table(
        f"Trial {one.number} and trial {other.number}", ("", *names, "differs"), frozenset(names), tuple(rows),
        tuple(row[0] for row in rows),
    )  # fmt: skip


def curves(one: Trial, other: Trial) -> dict[str, tuple[list[int], list[float]]]:
    """The held-out accuracy after each epoch, by what the line is called; none of a trial that was not trained."""
    return {
        f"trial {trial.number}": ([*range(1, len(trial.curve) + 1)], [*trial.curve])
        for trial in (one, other)
        if trial.curve
    }


def _settings(trials: Trials, one: Trial, other: Trial) -> Iterator[tuple[str, Texts]]:
    """What was tried, then the other settings of the training, which both have from the order."""
    for key in one.setting:
        yield key, (value_text(one.setting[key]), value_text(other.setting[key]))
    with suppress(NetworkError, PlanError):
        plans = [asdict(trials.at(trial.number)[1]) for trial in (one, other)]
        is_sgd = SGD in (plan["optimizer"] for plan in plans)
        for name in plans[0]:
            if name not in one.setting and (name != "momentum" or is_sgd):
                yield name, (value_text(plans[0][name]), value_text(plans[1][name]))


def _outcomes(trials: Trials, one: Trial, other: Trial) -> Iterator[tuple[str, Texts]]:
    frame = trials.frame()
    rows = [frame.loc[trial.number] for trial in (one, other)]
    for name in SHOWN:
        yield NAMES.get(name, name), (_number(name, rows[0][name]), _number(name, rows[1][name]))
    yield OUTCOME, (str(rows[0]["state"]), str(rows[1]["state"]))


def _number(name: str, value: Any) -> str:
    return "" if isnan(value) else column_text(name, value)
