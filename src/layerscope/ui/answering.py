"""What visitors answer: one sheet a page and subject, in the session and in the address, so that it can be shared."""

import streamlit as st

from layerscope.ui.lessons import progress

_ANSWERS, _SHEET = "layerscope.answers", "layerscope.sheet"


def sheet(page: str, about: object = "") -> dict[str, str]:
    """What this visitor answered on a page. It stands in the address, so that it can be kept and shared.

    Answers to questions `about` something else, another network above all, are a sheet of their own.
    """
    st.session_state[_SHEET] = title = f"{page} {about}"
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_ANSWERS, {})
    coming = progress.decode(st.query_params.get("answers", ""))
    if coming and not kept.get(title):
        kept[title] = coming
    here = kept.setdefault(title, {})
    text = progress.encode(here)
    if text != st.query_params.get("answers", ""):
        st.query_params["answers"] = text
    return here


def keep(key: str, text: str) -> None:
    """Keep an answer on the sheet that is before the visitor; the first one counts."""
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_ANSWERS, {})
    kept.setdefault(str(st.session_state.get(_SHEET)), {}).setdefault(key, text)


def forget() -> None:
    """Begin the sheet anew."""
    st.session_state.setdefault(_ANSWERS, {})[str(st.session_state.get(_SHEET))] = {}
    leave()


def leave() -> None:
    """Take the answers out of the address, as other questions come; the sheet keeps them."""
    st.query_params.pop("answers", None)
