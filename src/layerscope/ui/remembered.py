"""Small things that are kept for a visitor: values under a key of the session, and words of the page's address."""

from typing import TypeVar

import streamlit as st

_T = TypeVar("_T")


def widget_value(key: str) -> object:
    """What a widget, or `remember`, left under that key; None where nothing is."""
    return st.session_state.get(key)


def remember(key: str, value: object) -> None:
    """Keep a value for this visitor; under a widget's key it is what the widget will show."""
    st.session_state[key] = value


def show(key: str, value: object) -> None:
    """Have a widget show a value, unless it does already.

    What is set is sent to the browser, where it takes the place of what the hand has typed since. So what came from
    there is not sent back.
    """
    if key not in st.session_state or type(found := st.session_state[key]) is not type(value) or found != value:
        st.session_state[key] = value


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
