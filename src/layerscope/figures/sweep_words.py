"""A sweep's numbers in words: its columns with their units, and why a network does not run."""

from collections.abc import Collection
from math import isnan
from typing import Any

from layerscope.formatting import bytes_text

CLICK = "<br>click to open"
UNITS = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation_bytes": "bytes of activations",
    "receptive_field": "cells of receptive field",
}
AXES = UNITS | {"memory": "memory (bytes)"}


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
    """A value of a column as text; "" where there is none."""
    if isnan(value):
        return ""
    whole = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
    return f"{whole} ({bytes_text(value)})" if measure == "activation_bytes" and value >= 1_000 else whole


def why(fails: str, reason: str) -> str:
    """Why a network does not run, with the layer that fails."""
    return f"{fails}: {reason}" if fails else reason
