"""A field for a number of which not all are taken. What is typed beyond its bounds is told with a sentence.

Streamlit would mark the field, say why where the pointer rests on it, and leave the last number in force.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from layerscope.text import in_streamlit
from layerscope.ui import remembered

FAR = 10**9
"""Numbers beyond this Streamlit refuses."""


def whole(
    page: str, label: str, now: int, low: int, high: int, take: Callable[[int], None], *, key: str, **more: Any
) -> None:  # fmt: skip
    """A field for a whole number between two."""
    number(
        page, label, now, lambda value: low <= value <= high, f"a whole number from {low:,} to {high:,}", take, key=key,
        step=1, **more,
    )  # fmt: skip


def number(
    page: str, label: str, now: Any, fits: Callable[[Any], bool], works: str, take: Callable[[Any], None], *, key: str,
    **more: Any,
) -> None:  # fmt: skip
    """A field for a number of the kind of `now`; `take` gets those that fit, and `works` says which they are."""

    def answer() -> None:
        value = remembered.widget_value(key)
        if type(value) is not type(now):
            return
        if fits(value):
            forget(page)
            take(value)
        else:
            told = f"{label} is {value:,}; {works} would work. It stays {now:,}."
            remembered.remember(_key(page), told)

    far = type(now)(FAR)
    remembered.shown(
        st.number_input, label, now, key=key, min_value=-far, max_value=far, on_change=answer, **more
    )  # fmt: skip


def tell(page: str) -> None:
    """Why the last number was not taken."""
    if told := remembered.kept(_key(page), ""):
        st.error(in_streamlit(told))


def forget(page: str) -> None:
    """Something else was answered."""
    remembered.remember(_key(page), "")


def _key(page: str) -> str:
    return f"{page}.number-refused"
