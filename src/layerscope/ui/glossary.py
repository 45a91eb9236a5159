"""The glossary's page."""

from html import escape

import streamlit as st

from layerscope.glossary import BY_TERM, ENTRIES, Entry, find, link
from layerscope.ui import remembered, state

SEARCH = "glossary.search"


def draw() -> None:
    """Draw the page: the word that the address asks for, a search box, and every word that fits."""
    state.arrive("glossary")
    st.html(_STYLE)
    st.subheader("Glossary", anchor=False)
    words = st.text_input(
        "Search", key=SEARCH, placeholder="A word, or part of its meaning", width=340, live=True,
        help="Each word has an example.",
    )  # fmt: skip
    asked = None if words else BY_TERM.get(remembered.parameter("term"))
    found = find(words or "")
    if asked is not None:
        st.html(f"<dl class='glossary glossary-asked'>{_entry(asked, found, is_top=True)}</dl>")
    elif not words and (term := remembered.parameter("term")):
        st.html(f"<p>The glossary has no entry {escape(term[:40])!r}. These are its {len(ENTRIES)} entries.</p>")
    if found:
        st.html(f"<dl class='glossary'>{''.join(_entry(entry, found) for entry in found)}</dl>")
    else:
        st.html("<p>No entry fits. Try a shorter part of the word, such as conv, pad or size.</p>")


def anchor(term: str) -> str:
    """The id of a term on the page."""
    return f"term-{term.replace(' ', '-')}"


def _entry(entry: Entry, found: tuple[Entry, ...], is_top: bool = False) -> str:
    place = "" if is_top else f" id='{anchor(entry.term)}'"
    example = f"<p class='example'>{escape(entry.example)}</p>" if entry.example else ""
    shown = {other.term for other in found}
    near = ", ".join(_near(term, term in shown) for term in entry.see)
    see = f"<p class='see'>See also: {near}</p>" if near else ""
    return f"<div{place}><dt>{escape(entry.term)}</dt><dd><p>{escape(entry.meaning)}</p>{example}{see}</dd></div>"


def _near(term: str, is_shown: bool) -> str:
    """A link within the page where the word is on it, so that nothing is loaded again."""
    address = f"#{anchor(term)}" if is_shown else link(term)
    return f"<a href='{escape(address)}' target='_self'>{escape(term)}</a>"


_STYLE = """<style>
.glossary { margin: 0 !important; padding: 0 !important; max-width: 100rem; columns: 26rem; column-gap: 2rem; }
.glossary > div { break-inside: avoid; padding: 0.35rem 0.7rem; scroll-margin-top: 5rem; }
.glossary > div { border-inline-start: 3px solid transparent; }
.glossary > div:target, .glossary-asked > div { border-inline-start-color: #e69f00; }
.glossary-asked { columns: auto; max-width: 46rem; }
.glossary > div:target, .glossary-asked > div { background: color-mix(in srgb, #e69f00 10%, transparent); }
.glossary dt { margin: 0; font-weight: 600; }
.glossary dd, .glossary dd p { margin: 0; font-size: 0.92rem; line-height: 1.45; }
.glossary .example { font-family: var(--st-code-font, monospace); font-size: 0.82rem; overflow-wrap: anywhere; }
.glossary dd, .glossary dt { padding: 0; }
.glossary .see { font-size: 0.85rem; }
.glossary a { color: var(--st-link-color); }
</style>"""
