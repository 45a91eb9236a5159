"""Lesson 5: a network to break and to fix, and the thirteen common mistakes, each made for real."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import streamlit as st

from layerscope.decoder.answer import Decoded
from layerscope.decoder.decoding import decode
from layerscope.mistakes.breaks import breaks
from layerscope.mistakes.listing import mistakes, unsuitable
from layerscope.mistakes.mistake import Mistake
from layerscope.network import Network
from layerscope.ui.coding import code_part
from layerscope.ui.explained import in_words
from layerscope.ui.lessons import breaking
from layerscope.ui.lessons.page import Page
from layerscope.ui.lessons.progress import is_right
from layerscope.ui.lessons.summary import Answered


def needs(network: Network) -> str:
    """What a network must have for this lesson."""
    return unsuitable(network) or ("" if breaks(network) else "no single number in it breaks it")


def body(page: Page) -> None:
    """A network to break and to fix; then the common mistakes to choose from, each with torch's own words."""
    page.say(
        "Error messages help, once you can read them. In PyTorch code **in_channels** and **in_features** are numbers "
        "that you type, so a change in one place breaks another. Here you break a network, read what PyTorch really "
        "says, and fix it."
    )
    breaking.ask(page)
    if not page.looks_ahead:
        _more(page)


def _more(page: Page) -> None:
    """The thirteen mistakes: the chosen one, and those that were predicted before for the summary."""
    every = mistakes(page.network)
    page.next_row()
    page.say(
        "More mistakes: thirteen common ones, made with layers and sizes of this network. PyTorch really runs the "
        "code. Look at the **shapes**, predict, then see."
    )
    chosen = _chosen(page, every)
    for mistake in every:
        if mistake.key in page.answers and mistake is not chosen:
            given = page.answers[mistake.key]
            right = is_right(given, mistake.answer)
            page.asked.append(Answered(mistake.question, given, mistake.answer, mistake.why, right))
    if chosen:
        _show(page, chosen, every.index(chosen) + 1)


def _chosen(page: Page, every: Sequence[Mistake]) -> Mistake | None:
    by_key = {mistake.key: mistake for mistake in every}
    titles = {
        mistake.key: f"{'✓ ' if mistake.key in page.answers else ''}{place}. {mistake.title}"
        for place, mistake in enumerate(every, 1)
    }
    with page.text:
        key = st.selectbox(
            "Mistake", list(by_key), index=None, format_func=titles.__getitem__, key="lesson.mending.which",
            placeholder="Choose a mistake",
        )  # fmt: skip
    return by_key.get(key or "")


def _show(page: Page, mistake: Mistake, number: int) -> None:
    """The code and the question; once that is answered, what torch says and the code that runs."""
    known = page.predict(mistake.key, mistake.question, mistake.answer, mistake.why, mistake.options)
    wrong, right = mistake.code_wrong.split("\n"), mistake.code_right.split("\n")
    bad = [n for n, line in enumerate(wrong, 1) if line not in right] or [len(wrong)]
    page.figures(
        f"{mistake.key}-wrong", [_card("wrong", f"Mistake {number}", mistake.code_wrong, wrong=bad if known else ())]
    )
    if known:
        page.picture.html(_STYLE + _told(mistake, page.network))
        lit = [n for n, line in enumerate(right, 1) if line not in wrong]
        card = _card("right", "Fixed", mistake.code_right, lit=lit)
        page.figures(f"{mistake.key}-right", [card | {"note": f"runs: {mistake.mended}"}])


def _card(key: str, title: str, code: str, **marks: Any) -> dict[str, Any]:
    height = 56 + 18 * (code.count("\n") + 1)
    return {"key": key, "title": title, "height": height, **code_part(code, **marks), "file": f"{key}.py"}


@lru_cache(maxsize=256)
def _decoded(message: str, network: Network | None) -> Decoded | None:
    return decode(message, network)


def _told(mistake: Mistake, network: Network) -> str:
    """Torch's words, each number in them, and the cause that fits, as HTML; every word is escaped."""
    if not mistake.torch_message:
        return _section("PyTorch says nothing", f"<p>{escape(mistake.silent)}</p>")
    quote = f"<p><code>{escape(mistake.torch_message)}</code></p>"
    decoded = _decoded(mistake.torch_message, network if mistake.of_network else None)
    if decoded is not None:
        quote += in_words(decoded)
        for cause in decoded.fitting[:1]:
            quote += f"<p><b>Likely cause:</b> {escape(cause.title)}.</p>"
    silent = f"<p>{escape(mistake.silent)}</p>" if mistake.silent else ""
    return _section("PyTorch says", quote + silent)


def _section(head: str, html: str) -> str:
    return f"<section class='torch-says'><h3>{head}</h3>{html}</section>"


_STYLE = """<style>
.torch-says { padding: 0.2rem 0.9rem; border-inline-start: 4px solid #d55e00; font-size: 0.9rem; }
.torch-says h3 { font-size: 0.95rem; padding: 0; margin: 0 0 0.2rem; }
.torch-says p, .torch-says dd { margin: 0 0 0.3rem; font-size: inherit; }
.torch-says code { font-size: 0.85rem; padding: 0; background: none; overflow-wrap: anywhere; white-space: normal; }
.torch-says dl { display: grid; grid-template-columns: minmax(4rem, max-content) 1fr; gap: 0.15rem 0.9rem; }
.torch-says dl { font-size: inherit !important; margin: 0.3rem 0 !important; padding: 0; }
.torch-says dd { line-height: 1.4; }
.torch-says dt { margin: 0; font-family: var(--st-code-font, monospace); font-size: 0.85rem; overflow-wrap: anywhere; }
</style>"""
