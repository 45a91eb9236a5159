"""Small things that are kept for a visitor: values under a key of the session, and words of the page's address."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

_T = TypeVar("_T")
_W = TypeVar("_W")
_RENEWED = "renewed"
"""The key under which is kept how often each widget was replaced."""


def named(key: str) -> str:
    """The key that Streamlit is given for a widget that `renew` may replace."""
    times = st.session_state.get(_RENEWED, {}).get(key, 0)
    return f"{key}.{times}" if times else key


def renew(key: str) -> None:
    """From the next run on another widget stands there, which knows nothing of what the hand did before.

    A browser that does not show a widget, as in a popover that is closed, does not hear of a value that is set for it,
    and sends the one that it has again with whatever is done next. What it has of the widget before counts no more.
    """
    times = st.session_state.setdefault(_RENEWED, {})
    times[key] = times.get(key, 0) + 1


def widget_value(key: str) -> object:
    """What a widget, or `remember`, left under that key; None where nothing is."""
    return st.session_state.get(named(key))


def is_nothing() -> bool:
    """Whether nothing is kept for this visitor yet: their first page is not drawn."""
    return not len(st.session_state)


def remember(key: str, value: object) -> None:
    """Keep a value for this visitor; under a widget's key it is what the widget will show."""
    st.session_state[named(key)] = value


def shown(
    widget: Callable[..., _W], label: str, value: object, *, key: str, in_popover: bool = False, **more: Any
) -> _W:
    """Draw a field of Streamlit's, such as `st.text_input`, that shows a value of ours; what the widget gives.

    What is set is sent to the browser, where it takes the place of what the hand has typed since. So what came from
    there is not sent back. What is sent once may be missed by a busy browser, which then shows what the field begins
    with, and sends that back: so it begins with the value, not with an empty text, the least number or the first
    option.
    """
    found = widget_value(key)
    if type(found) is not type(value) or found != value:
        if in_popover and named(key) in st.session_state:
            renew(key)
        remember(key, value)
    key = named(key)
    if isinstance(value, int | float) and "min_value" in more:  # an address may ask for more than the field takes
        value = min(max(value, more["min_value"]), more["max_value"])
    if "options" not in more or widget is st.select_slider:
        return widget(label, value=value, key=key, **more)
    options = [*more["options"]]
    if isinstance(value, list):
        return widget(label, default=[each for each in value if each in options], key=key, **more)
    return widget(label, index=options.index(value) if value in options else 0, key=key, **more)


def parameter(name: str, usual: str = "") -> str:
    """A word of the page's address."""
    return str(st.query_params.get(name, usual))


def set_parameters(**words: str) -> None:
    """Write words into the page's address, beside what stands there: one step of the browser's history.

    An empty word is taken out.
    """
    every = st.query_params.to_dict() | words
    st.query_params.from_dict({name: word for name, word in every.items() if word})


def drop_parameter(name: str) -> None:
    """Take a word out of the page's address."""
    st.query_params.pop(name, None)


def kept(key: str, usual: _T) -> _T:
    """A value of the usual one's type that `remember` kept, or the usual one."""
    value = st.session_state.get(key, usual)
    return value if type(value) is type(usual) else usual
