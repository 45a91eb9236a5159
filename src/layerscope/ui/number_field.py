"""A field for a number, which says in a sentence what it does not take.

Streamlit marks such a field, keeps what was typed, and says why to screen readers and to a pointer that rests on a
mark. The sentence that everybody sees is ours: which numbers would work, and which one is used meanwhile.
"""

import re
from typing import Any, TypeVar

import streamlit as st

_N = TypeVar("_N", int, float)
_NO_CLASS = re.compile(r"[^a-zA-Z0-9_-]")
_SAID = '.stNumberInput [role="alert"][id$="-validation-error"]'
"""Streamlit's sentence about a number that it does not take; it is there as long as that number is."""
_STYLE = f"""<style>
/* It is written below its field, over what is there, as nothing may move. It begins at the field and may be as long as
   the row of fields, so it is measured by that, not by the field. */
.stElementContainer:has({_SAID}), .stElementContainer:has({_SAID}) .react-aria-TextField {{ position: static; }}
:is(.stHorizontalBlock, .stVerticalBlock):has(> .stElementContainer {_SAID}) {{ position: relative; }}
{_SAID} {{
  position: absolute !important; z-index: 10; width: auto !important; height: auto !important; align-self: flex-start;
  margin: calc(2.5rem + 2px) 0 0 !important; padding: 0.1rem 0.6rem !important; overflow: visible !important;
  clip: auto !important; clip-path: none !important; white-space: normal !important; font-size: 0;
  background: #fdf0e6; border: 1px solid #d55e00; border-inline-start-width: 4px; border-radius: 4px; color: #1f2933;
}}
{_SAID}::after {{ font-size: 0.85rem; line-height: 1.35; }}
/* What was typed is seen whole. */
.stNumberInput > [data-invalid] [data-testid^="stNumberInputStep"] {{ display: none; }}
.stNumberInput:has([role="alert"]) [data-testid="InputInstructions"] {{ display: none; }}
@media (max-width: 640px) {{ {_SAID} {{ inset-inline-start: 0; }} }} /* some fields are at the screen's edge */
</style>"""


def style() -> None:
    """What all fields have in common."""
    st.html(_STYLE)


def number_input(
    label: str, min_value: _N, max_value: _N, value: _N, *, key: str, works: str = "", **more: Any
) -> _N:  # fmt: skip
    """`st.number_input` between two bounds; `works` says which numbers are taken where the bounds do not."""
    now: _N = st.number_input(label, min_value, max_value, value, key=key, **more)
    meanwhile = f"Until then, {_text(now)} is used."
    works = works or f"from {_text(min_value)} to {_text(max_value)}"
    # Screen readers get the bounds from Streamlit's own sentence, which is there for them alone.
    st.html(
        f"<style>.st-key-{_NO_CLASS.sub('-', key)} {_SAID}::after {{ content: 'Must be {works}. {meanwhile}'; "
        f"content: 'Must be {works}. {meanwhile}' / ' {meanwhile}'; }}</style>"
    )
    return now


def _text(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,g}"
