"""What a sweep found, in sentences and as a table. Knows no screen."""

from collections import Counter
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from layerscope import limits
from layerscope.explain import written_count
from layerscope.figures.sweep_words import named, number_text, ranging, why
from layerscope.figures.sweeping import is_number
from layerscope.parameter import written
from layerscope.study.sweep import Sweep
from layerscope.tables import Table
from layerscope.ui.lab.sweep_spans import present
from layerscope.ui.lab.sweep_view import View

FACTS = ("runs", "fails", "reason")
USUAL = ("parameters", "macs", "activation_bytes", "receptive_field")
MOST_REASONS = 5
WHY = "does not run because"


def measures(result: Sweep) -> list[str]:
    """The columns that can be drawn: totals, then what the data decides, the values that differ before the others."""
    frame, keys = result.frame(), {axis.key for axis in result.axes}
    numbers = [str(name) for name in frame if name not in (*keys, *FACTS) and is_numeric_dtype(frame[name])]
    rest = [name for name in numbers if name not in USUAL]
    return [*USUAL, *sorted(rest, key=lambda name: frame[name].nunique() < 2)]


def seen(result: Sweep, view: View) -> tuple[str, ...]:
    """The columns that are drawn: those that were chosen, else what is decided and differs first, and the totals.

    What is only a copy of what is swept tells nothing: bn1.num_features is conv1.out_channels.
    """
    known = measures(result)
    if chosen := tuple(name for name in view.see if name in known):
        return chosen
    frame = result.frame()
    runs = frame[frame["runs"]]
    decided = [name for name in known if name not in USUAL and not name.startswith(("output.", "last_map."))]
    copied = {name for name in decided for axis in result.axes if (runs[name] == runs[axis.key]).all()}
    first = [name for name in decided if runs[name].nunique() > 1 and name not in copied][:1]
    return (*first, "parameters", "macs")


def best_of(result: Sweep, view: View) -> tuple[str, bool]:
    """The column that the table is sorted by, and whether the smallest comes first."""
    name = view.best.removeprefix("-")
    return (name, not view.best.startswith("-")) if name in measures(result) else ("parameters", True)


def setting(result: Sweep, number: Any) -> str:
    """A row of the frame in words: conv1.kernel_size 3, conv2.kernel_size 5."""
    return ", ".join(f"{key} {value}" for key, value in result.chosen(number).items())


def found(result: Sweep, view: View) -> str:
    """What came of all networks: how many run, and from where to where the drawn values go."""
    frame = result.frame()
    runs = frame[frame["runs"]]
    count = len(frame)
    if runs.empty:
        return f"None of {written_count(count, 'network')} runs. {failing(result)}"
    told = (
        f"All {written_count(count, 'network')} run."
        if len(runs) == count
        else f"{len(runs):,} of {count:,} networks {'runs' if len(runs) == 1 else 'run'}."
    )
    parts = [told]
    for name in seen(result, view)[:2]:
        values = runs[name].dropna()
        if values.empty:
            continue
        low, high = number_text(name, values.min()), number_text(name, values.max())
        if low == high:
            parts.append(f"{ranging(name, is_one=True)} always {low}.")
        else:
            at = [setting(result, end) for end in (values.idxmin(), values.idxmax())]
            parts.append(f"{ranging(name, is_one=False)} from {low} ({at[0]}) to {high} ({at[1]}).")
    return " ".join(parts)


def failing(result: Sweep) -> str:
    """Why networks do not run, the most frequent reason first; "" where all do."""
    frame = result.frame()
    wrong = frame[~frame["runs"]]
    reasons = Counter(map(why, wrong["fails"], wrong["reason"]))
    if not reasons:
        return ""
    told = [
        reason.rstrip(".") + (f" ({count:,} times)" if count > 1 else "")
        for reason, count in reasons.most_common(MOST_REASONS)
    ]
    more = len(reasons) - len(told)
    rest = f"; and {written_count(more, 'other reason')}" if more > 0 else ""
    verb = "does" if len(wrong) == 1 else "do"
    return f"{written_count(len(wrong), 'setting')} {verb} not run: {'; '.join(told)}{rest}."


def table(result: Sweep, view: View, rows: pd.DataFrame, caption: str, *, fails: bool | None = None) -> Table:
    """The rows as text: setting, drawn values, parameter count, and, where some do not run (or `fails`), why."""
    keys = [axis.key for axis in result.axes]
    shown = list(dict.fromkeys([*seen(result, view), best_of(result, view)[0], "parameters"]))
    fails = not rows["runs"].all() if fails is None else fails
    cells = tuple(
        (
            *(str(value) for value in result.chosen(number).values()),
            *(_plain(row[name]) for name in shown),
            *([why(row["fails"], row["reason"])] if fails else []),
        )
        for (number, row) in zip(map(int, rows.index), rows.to_dict("records"), strict=True)
    )
    titles = [named(name) if name == named(name).lower() else name for name in shown]  # MACs; a condition reads both
    columns = (*keys, *titles, *([WHY] if fails else []))
    numbers = {key for key in keys if is_number(result.frame(), key)}
    return Table(caption, columns, frozenset({*numbers, *titles}), cells, tuple(str(number) for number in rows.index))


def whole_table(rows: pd.DataFrame, caption: str) -> Table:
    """Some rows of the frame as text, with all columns under the names that a condition reads."""
    names = [str(name) for name in rows]
    numbers = [name for name in names if is_number(rows, name)]
    cells = tuple(
        tuple(_plain(row[name]) if name in numbers else str(row[name]) for name in names)
        for row in rows.to_dict("records")
    )
    return Table(caption, tuple(names), frozenset(numbers), cells, tuple(map(str, rows.index)))


def held_by_files(result: Sweep, view: View, count: int) -> str:
    """Which settings the files hold."""
    asks = bool(view.where.strip() or view.brushes)
    told = f"The {count:,} of {len(result.measured):,} settings that fit" if asks else f"All {count:,} settings"
    most = limits.SWEEP_FILE.most
    return f"{told}, best first." + (f" Markdown and LaTeX hold the first {most:,}." if count > most else "")


def _plain(value: float) -> str:
    return number_text("", float(value))


def present_in(result: Sweep) -> tuple[Any, ...]:
    """The open network's value of each key, as the frame has it; None where there is none."""
    frame, found = result.frame(), []
    for axis in result.axes:
        value = present(result.network, axis.key)
        is_text = value is not None and not is_number(frame, axis.key) and frame[axis.key].dtype != "bool"
        found.append(written(value) if is_text and not isinstance(value, str) else value)
    return tuple(found)


def note(result: Sweep, can_open: bool, is_asked: bool = False) -> str:
    """What marks in a picture mean. `can_open`: whether a click opens any of them; `is_asked`: whether a condition
    leaves some settings out."""
    frame = result.frame()
    marks = []
    here = pd.Series(data=True, index=frame.index)
    for axis, value in zip(result.axes, present_in(result), strict=True):
        here &= frame[axis.key] == value
    if here.any():
        marks.append("◆ the open network" if len(result.axes) == 1 else "□ the open network")
    if not frame["runs"].all():
        marks.append("✕ does not run")
    if is_asked:
        marks.append(f"{'○' if len(result.axes) == 1 else 'faint'}: does not meet the condition")
    return " · ".join([*marks, *["click to open in Explore"] * can_open])


def titled_measure(name: str) -> str:
    """A column as menus call it."""
    word = named(name)
    return word if name.lower() in word.lower() else f"{name} ({word})"


def titled_order(order: str) -> str:
    """An order of the table as its menu calls it."""
    name, is_counted = order.removeprefix("-"), order.removeprefix("-") in ("parameters", "macs", "activation_bytes")
    words = ("Most", "Fewest") if is_counted else ("Largest", "Smallest")
    return (
        f"{words[not order.startswith('-')]} {named(name) if is_counted else name.replace('receptive_', 'receptive ')}"
    )
