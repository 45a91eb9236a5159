"""A decoded error as a part of the page: what torch says, what each number is, and the causes that fit first."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from layerscope.decoder.answer import Cause, Decoded
from layerscope.decoder.decoding import decode
from layerscope.decoder.kinds.all_kinds import KINDS
from layerscope.decoder.recognising import last_error
from layerscope.network import Network
from layerscope.source.reading import Written

MOST_SHOWN = 3
THEN = "The text continues with another error, not explained here:"

_STYLE = """<style>
.explained .head { font-weight: 600; padding: 0.5rem 0 0.1rem; }
.explained { font-size: 0.9rem; }
.explained code { font-size: 0.85rem; padding: 0; background: none; }
.explained code { overflow-wrap: anywhere; white-space: normal; }
.explained dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 0.9rem; }
.explained dl { font-size: inherit !important; margin: 0.3rem 0 !important; padding: 0; }
.explained dl *, .explained li { font-size: inherit; }
.explained dt { margin: 0; font-family: var(--st-code-font, monospace); font-weight: 600; }
.explained dd, .explained p { margin: 0; font-size: inherit; }
.explained li { margin: 0.4rem 0; padding-inline-start: 0.6rem; }
.explained li { border-inline-start: 3px solid var(--st-border-color, #ccd4da); }
.explained li.fits { border-inline-start-color: #e69f00; }
.explained ol { list-style: none; padding: 0; margin: 0; }
.explained .now { margin: 0.3rem 0; font-weight: 600; }
.explained summary { cursor: pointer; padding: 0.3rem 0; }
</style>"""


@dataclass(frozen=True)
class About:
    """The network that an error is explained for, what it is called on the page, and what its code says by hand."""

    network: Network | None
    name: str
    written: tuple[Written, ...] | None = None
    runs_on: str = ""
    """The input on which its code itself says that it is called, where it runs so as it stands."""


def draw(text: str, about: About) -> None:
    """Draw the explanation of `text`; what is not a known error gets a sentence with what is known."""
    decoded = decode(text, about.network, about.written)
    st.html(_STYLE + (unknown(text) if decoded is None else explanation(decoded, about.name, about.runs_on)))


def unknown(text: str = "") -> str:
    """What to say when no error of torch was found in the text."""
    known = ", ".join(sorted(kind.name for kind in KINDS.values()))
    last = last_error(text)
    said = f"The text ends with {last}" if last else "This text contains no error that we know."
    said += ". We have no explanation for that one." if last else " Paste its last lines, with PyTorch's own message."
    listed = f"<details><summary>Errors we know</summary><p>{escape(known)}</p></details>"
    return f"<div class='explained'><p>{escape(said)}</p>{listed}</div>"


def explanation(decoded: Decoded, name: str, runs_on: str = "") -> str:
    """The explanation as HTML; every word of it is escaped. `runs_on` see About."""
    fitting, others = decoded.fitting, [cause for cause in decoded.causes if not cause.fits]
    title = f"Likely cause in {name}" if fitting else "Common causes"
    now = ""
    if fitting and runs_on:
        title = "What would lead to this error"
        words = f"As it stands now, your code runs on {runs_on}: this error was before a change, or with another input."
        now = f"<p class='now'>{escape(words)}</p>"
    first = fitting or others
    more = [*first[MOST_SHOWN:], *(others if fitting else ())]
    folded = (
        f"<details><summary>{len(more)} more, less likely</summary>{_list(more)}</details>" if more else ""
    )  # fmt: skip
    place = f"<p>In {escape(decoded.where)}</p>" if decoded.where else ""
    then = f"<p>{escape(THEN)} <code>{escape(decoded.then)}</code></p>" if decoded.then else ""
    return (
        f"<div class='explained'><p class='head'>What PyTorch says</p><p><code>{escape(decoded.message)}</code></p>"
        f"{place}{now}{in_words(decoded)}{then}"
        f"<p class='head'>{escape(title)}</p>{_list(first[:MOST_SHOWN])}{folded}</div>"
    )


def in_words(decoded: Decoded) -> str:
    """What torch complains about in plain words, and what each number in it is, as HTML."""
    meanings = "".join(f"<dt>{escape(piece)}</dt><dd>{escape(what)}</dd>" for piece, what in decoded.meanings)
    return f"<p>{escape(decoded.says)}</p><dl>{meanings}</dl>"


def _list(causes: Sequence[Cause]) -> str:
    return f"<ol>{''.join(map(_cause, causes))}</ol>"


def _cause(cause: Cause) -> str:
    kind = " class='fits'" if cause.fits else ""
    remedy = f"<p>{escape(cause.remedy)}</p>" if cause.remedy else ""
    return f"<li{kind}><p><strong>{escape(cause.title)}</strong></p><p>{escape(cause.why)}</p>{remedy}</li>"
