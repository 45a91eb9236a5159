"""A sweep's numbers in words: its columns with their units, and why a network does not run."""

from collections.abc import Collection, Iterable
from math import isnan
from typing import Any

from layerscope.figures import byte_marks, count_marks
from layerscope.figures.theme import Json
from layerscope.formatting import bytes_text, compact

CLICK = "<br>click to open"
BYTES = ("activation_bytes", "memory")
"""Columns whose numbers are bytes."""
UNITS = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation_bytes": "bytes of activations",
    "receptive_field": "cells of receptive field",
}
AXES = UNITS | {"memory": "memory per step"}


def opening(number: Any, opens: Collection[int] | None) -> str | None:
    """What a click on a row of the frame opens, as text; None where it opens nothing. `opens`: None means all rows."""
    return str(number) if opens is None or number in opens else None


def inviting(number: Any, opens: Collection[int] | None) -> str:
    """What the hover of a row says of a click."""
    return "" if opening(number, opens) is None else CLICK


def named(measure: str) -> str:
    """A column as titles call it: what people say, with its unit."""
    return AXES.get(measure, measure)


def with_name(measure: str, value: float) -> str:
    """A value and what it is of: 32,998 parameters, but fc1.in_features 192."""
    number = number_text(measure, value)
    return f"{number} {UNITS[measure]}" if measure in UNITS else f"{measure} {number}"


def ranging(measure: str, is_one: bool) -> str:
    """A column and the verb for what its values do, at the beginning of a sentence: MACs range, Parameters are."""
    word = UNITS.get(measure)
    subject = measure if word is None else "The receptive field" if measure == "receptive_field" else word
    is_plural = subject == word
    verb = ("are" if is_plural else "is") if is_one else ("range" if is_plural else "ranges")
    return f"{subject[0].upper() + subject[1:] if is_plural else subject} {verb}"


def number_text(measure: str, value: float) -> str:
    """A value of a column as text, bytes both ways; "" where there is none."""
    if isnan(value):
        return ""
    whole = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
    return f"{whole} ({bytes_text(value)})" if measure in BYTES and value >= 1_024 else whole


def brief(measure: str, value: float) -> str:
    """A value in few characters: 5.45 MiB, 5.71M; "" where there is none."""
    return "" if isnan(value) else bytes_text(value) if measure in BYTES else compact(value)


def end_text(measure: str, value: float) -> str:
    """A value as the slider below its axis writes it, with all its digits; bytes in larger units too."""
    if isnan(value):
        return ""
    whole = f"{value:,.0f}" if float(value).is_integer() else f"{value:.3g}" if abs(value) < 1 else compact(value)
    return f"{whole} = {bytes_text(value)}" if measure in BYTES and value >= 1_024 else whole


def short_end_text(measure: str, value: float) -> str:
    """The same for a phone, where axes are close to each other."""
    return f"{value:.3g}" if 0 < abs(value) < 1 else brief(measure, value)


def marks(measure: str, values: Iterable[float], *, log: bool = False, from_zero: bool = False) -> Json:
    """The marks of an axis of Plotly's over values of a column; those of bytes are round in bytes."""
    known = [value for value in values if not isnan(value) and (value > 0 or not log)]
    if not known or (measure not in BYTES and not log):
        return {"tickformat": "~s"}
    if measure not in BYTES:
        return count_marks.log_axis(min(known), max(known))
    ends = 0 if from_zero else min(known), max(known)
    return byte_marks.log_axis(*ends) if log else byte_marks.axis(*ends)


def why(fails: str, reason: str) -> str:
    """Why a network does not run, with the layer that fails."""
    return f"{fails}: {reason}" if fails else reason
