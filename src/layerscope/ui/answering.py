"""What visitors answer: one sheet a page and subject, in the session and in the address, so that it can be shared."""

import streamlit as st

from layerscope.ui.lessons import progress

_ANSWERS, _SHEET, _DONE = "layerscope.answers", "layerscope.sheet", "layerscope.done"


def sheet(page: str, about: object = "", *, is_private: bool = False) -> dict[str, str]:
    """What this visitor answered on a page. It stands in the address, so that it can be kept and shared.

    Answers to questions `about` something else, another network above all, are a sheet of their own. Those of a
    private sheet, a running quiz, are taken out of the address: whoever gets the link must not get the answers.
    """
    st.session_state[_SHEET] = title = f"{page} {about}"
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_ANSWERS, {})
    coming = progress.decode(st.query_params.get("answers", ""))
    if coming and not kept.get(title):
        kept[title] = coming
    here = kept.setdefault(title, {})
    _write_done()
    if is_private:
        leave()
    elif progress.encode(here) != st.query_params.get("answers", ""):
        hand_in()
    return here


def hand_in() -> None:
    """Write the sheet that is before the visitor into the address."""
    st.query_params["answers"] = progress.encode(_here())


def written() -> str:
    """The sheet that is before the visitor and what it is about, as text; "" for an empty one."""
    here = _here()
    return f"{st.session_state.get(_SHEET)}\n{progress.encode(here)}" if here else ""


def restore(text: str) -> None:
    """Take up what `written` gave, where it is about what is before the visitor."""
    title, _, answers = text.partition("\n")
    if title == st.session_state.get(_SHEET) and not _here():
        _here().update(progress.decode(answers))


def _here() -> dict[str, str]:
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_ANSWERS, {})
    return kept.setdefault(str(st.session_state.get(_SHEET)), {})


def keep(key: str, text: str) -> None:
    """Keep an answer on the sheet that is before the visitor; the first one counts."""
    _here().setdefault(key, text)


def forget() -> None:
    """Start the sheet over."""
    st.session_state.setdefault(_ANSWERS, {})[str(st.session_state.get(_SHEET))] = {}
    leave()


def leave() -> None:
    """Take the answers out of the address, as other questions come; the sheet keeps them."""
    st.query_params.pop("answers", None)


def finish(lesson: int) -> None:
    """Keep that a lesson is done, by its number: in the session, and in the address of each lesson."""
    st.session_state[_DONE] = finished() | {lesson}
    _write_done()


def finished() -> frozenset[int]:
    """The numbers of the lessons that are done, by this visitor or by the address that they came with."""
    kept: frozenset[int] = st.session_state.get(_DONE, frozenset())
    coming = progress.decode_done(st.query_params.get("done", ""))
    if coming - kept:
        st.session_state[_DONE] = kept = kept | coming
    return kept


def _write_done() -> None:
    text = progress.encode_done(finished())
    if text and st.query_params.get("done", "") != text:
        st.query_params["done"] = text
