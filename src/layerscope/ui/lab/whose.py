"""Whose page it is: what limits count by."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def here() -> str:
    """What tells this visitor's page from those of others: Streamlit's session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def address() -> str:
    """The computer that asks, as far as this server sees it."""
    return str(st.context.ip_address or "this computer") if get_script_run_ctx() else ""
