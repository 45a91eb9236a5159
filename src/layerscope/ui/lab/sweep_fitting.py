"""Which settings of a sweep are left by its condition and its brushes, in words. Knows no screen."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype

from layerscope.explain import written_count
from layerscope.figures.sweep_words import named, number_text
from layerscope.figures.sweeping import is_number
from layerscope.study.condition_text import quoted
from layerscope.study.script_condition import Span as Kept
from layerscope.study.sweep import Sweep
from layerscope.ui.lab.sweep_said import FACTS, USUAL, best_of, seen, setting
from layerscope.ui.lab.sweep_spans import Span
from layerscope.ui.lab.sweep_view import View
from layerscope.ui.lab.typed import text_of


def held(result: Sweep, view: View) -> pd.DataFrame:
    """The rows that meet the condition and the brushes, best first; those that do not run last. Raises ConditionError.

    Without a condition or a brush these are all. A brush leaves out what has no number there.
    """
    frame = result.where(view.where) if view.where.strip() else result.frame()
    for name, (low, high) in view.brushes.items():
        if name in frame and name not in FACTS:
            places = placed(result, name)[frame.index]
            frame = frame[(places >= low) & (places <= high)]
    name, is_ascending = best_of(result, view)
    return frame.sort_values(["runs", name], ascending=[False, is_ascending], kind="stable")


def placed(result: Sweep, name: str) -> "pd.Series[Any]":
    """A column as a brush measures it: whole numbers as they are, of all else which of its values it is, from 0 on."""
    column = result.frame()[name]
    places = {value: place for place, value in enumerate(steps(result, name))}
    return column.map(places) if places else column


def steps(result: Sweep, name: str) -> list[Any]:
    """The values that a brush goes through one by one; none for whole numbers."""
    frame = result.frame()
    values = frame[name].dropna().unique().tolist()
    if not is_number(frame, name):
        return values
    return [] if all(float(value).is_integer() for value in values) else sorted(values)


def kept(result: Sweep, view: View) -> dict[str, tuple[Any, Any]]:
    """The first and the last value that each brush keeps, for its axis."""
    frame, found = result.frame(), {}
    for name, (low, high) in view.brushes.items():
        if name not in frame or name in FACTS or frame[name].isna().all():
            continue
        if values := steps(result, name):
            last = len(values) - 1
            found[name] = values[min(max(low, 0), last)], values[min(max(high, 0), last)]
        else:
            least, most = frame[name].min(), frame[name].max()
            found[name] = min(max(low, least), most), min(max(high, least), most)
    return found


def spans(result: Sweep, view: View) -> dict[str, Kept]:
    """What each brush keeps, as a script compares it: from which number to which, or some of its words."""
    found: dict[str, Kept] = {}
    for name, (first, last) in kept(result, view).items():
        if is_number(result.frame(), name):
            found[name] = _number(first), _number(last)
        else:
            words = steps(result, name)
            found[name] = tuple(map(str, words[words.index(first) : words.index(last) + 1]))
    return found


def _number(value: Any) -> float:
    """A number of a frame as Python's own."""
    return int(value) if float(value).is_integer() else float(value)


def written_steps(result: Sweep, name: str) -> list[str]:
    """The same as texts."""
    return [text_of(value) for value in steps(result, name)]


def answer(result: Sweep, view: View, rows: pd.DataFrame) -> str:
    """How many settings are left, and the best of them; how many that do not run are among them, or have no number
    where there is a brush."""
    if not view.where.strip() and not view.brushes:
        return ""
    every, working = result.frame(), rows[rows["runs"]]
    runs = int(every["runs"].sum())
    is_one = len(working) < 2
    deeds = [f"meet{'s' * is_one} this condition"] if view.where.strip() else []
    deeds += [f"{'is' if is_one else 'are'} within the brushes"] if view.brushes else []
    what, told = " and ".join(deeds), []
    if working.empty:
        more = " Relax it, or widen the ranges." if rows.empty else ""
        told.append(f"None of the {runs:,} working settings {what}.{more}")
    else:
        told.append(f"{len(working):,} of the {runs:,} working settings {what}.")
        name, is_ascending = best_of(result, view)
        word, value = "Fewest" if is_ascending else "Most", number_text(name, working[name].iloc[0])
        told.append(f"{word} {named(name)}: {value} with {setting(result, working.index[0])}.")
    if failing := len(rows) - len(working):
        verb, be = ("does", "is") if failing == 1 else ("do", "are")
        told.append(f"{written_count(failing, 'setting')} that {verb} not run {be} in the table.")
    return " ".join([*told, *_left_out(result, view, every)])


def _left_out(result: Sweep, view: View, every: pd.DataFrame) -> Iterator[str]:
    """What has no number that a brush could keep."""
    for name in view.brushes:
        if name in every and name not in FACTS and (count := int(every[name].isna().sum())):
            has, they = ("has", "it") if count == 1 else ("have", "them")
            yield f"{written_count(count, 'setting')} {has} no {named(name)}, so this brush leaves {they} out."


def still(view: View) -> str:
    """What is shown while a condition cannot be used."""
    if view.where.strip():
        return f"Until it can be used, the page shows the settings that meet {view.where}."
    return "Until it can be used, the page shows the settings without a condition."


def examples(result: Sweep) -> list[str]:
    """Conditions that some settings meet and others do not, to begin with."""
    frame = result.frame()
    runs = frame[frame["runs"]]
    if runs.empty:
        return ["not runs"]
    found = []
    middle = _round(float(runs["parameters"].median()))
    decided = next((name for name in seen(result, View(Span("", 0, 0))) if name not in USUAL), "")
    if decided and runs[decided].nunique() > 1:
        found.append(f"{decided} <= {_round(float(runs[decided].median())):_} and parameters <= {middle:_}")
    else:
        found.append(f"parameters <= {middle:_}")
    found.append(f"macs <= {_round(float(runs['macs'].median())):_}")
    for name in (axis.key for axis in result.axes if not is_number(frame, axis.key)):
        if (runs[name] != (value := runs[name].iloc[0])).any():
            found.append(f"{name} == {value if is_bool_dtype(runs[name]) else quoted(value)}")
    return [*found, *(["not runs"] if len(runs) < len(frame) else [])]


def _round(value: float) -> int:
    """A number near it that people would type: two digits and zeros."""
    power = max(len(str(int(value))) - 2, 0)
    return -int(-value // int(10**power)) * int(10**power)
