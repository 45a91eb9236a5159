"""Addresses of our own pages as others can open them: this server, the page, and words after it."""

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st


def address(page: str = "", **words: str) -> str:
    """The whole address of a page; "" or "explore" is the first one."""
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501/")
    folder = parts.path.rsplit("/", 1)[0]
    name = "" if page == "explore" else page
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{name}", urlencode(words, safe="~,:"), ""))
