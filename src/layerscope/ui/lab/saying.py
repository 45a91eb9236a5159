"""A sentence on a page of the lab."""

from html import escape
from typing import Literal

import streamlit as st


def say(
    told: str, kind: str = "lab-said", *, role: str = "status", width: Literal["stretch", "content"] = "stretch"
) -> None:
    """Write a sentence. `kind` is its class; with the role "status" it is read out where it changes."""
    spoken = f" role='{role}'" if role else ""
    st.html(f"<p class='{kind}'{spoken}>{escape(told)}</p>", width=width)
