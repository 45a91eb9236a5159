"""What you found out in a lesson, to print, once every question was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from layerscope.ui import answering

_HEADS = ("Question", "Your answer", "Right answer", "Why")
_STYLE = """<style>
.lesson-summary h2 { font-size: 1.05rem; padding: 0.4rem 0; }
.lesson-summary { overflow-x: auto; }
.lesson-summary td { overflow-wrap: anywhere; }
.lesson-summary td:nth-child(3) { font-weight: 600; }
.lesson-summary table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
.lesson-summary th, .lesson-summary td { text-align: start; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; }
.lesson-summary tr { border-bottom: 1px solid var(--st-border-color, #ccd4da); }
@media (max-width: 640px) {
  .lesson-summary :is(table, tbody, tr, td) { display: block; }
  .lesson-summary thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .lesson-summary tr { padding-block: 0.4rem; }
  .lesson-summary td { padding: 0.1rem 0; }
  .lesson-summary td:first-child { font-weight: 600; }
  .lesson-summary td:not(:first-child)::before { content: attr(data-head) ": "; font-weight: 400; }
}
@media (min-width: 641px) {
  .lesson-summary td:nth-child(2), .lesson-summary td:nth-child(3) { overflow-wrap: break-word; min-width: 4rem; }
}
</style>"""


@dataclass(frozen=True)
class Answered:
    """A question, what was given and what is right, and why."""

    question: str
    given: str
    answer: str
    why: str
    is_right: bool


def draw(asked: Sequence[Answered]) -> None:
    """A table of question, guess, answer and reason, and a way to start over."""
    rows = "".join(f"<tr role='row'>{_cells(each.question, each.given, each.answer, each.why)}</tr>" for each in asked)
    right = sum(each.is_right for each in asked)
    st.html(
        f"{_STYLE}<section class='lesson-summary'><h2>What you found out: {right} of {len(asked)} right</h2>"
        "<table role='table'><thead role='rowgroup'><tr role='row'>"
        + "".join(f"<th role='columnheader'>{head}</th>" for head in _HEADS)
        + f"</tr></thead><tbody role='rowgroup'>{rows}</tbody></table></section>"
    )
    with st.container(key="lesson-anew"):
        left, right_side, _ = st.columns([1, 1, 3])
    with left:
        st.button("Start over", on_click=answering.forget)
    with right_side, st.container(key="lesson-on-screen"):
        st.html("<p class='lesson-place'>To print this page, press Ctrl+P.</p>")


def _cells(*texts: str) -> str:
    """A row of the summary. On a phone its cells stand below each other, with their heads; they stay cells by name."""
    pairs = zip(_HEADS, texts, strict=True)
    return "".join(f"<td role='cell' data-head='{head}'>{escape(text)}</td>" for head, text in pairs)
