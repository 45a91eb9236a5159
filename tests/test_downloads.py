"""Every download of every page: what is downloaded is what is shown.

Streamlit makes a file when its button is pressed, outside of the page's run: no session and no address are found
there, and what asks for them silently gets those of nobody.
"""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.state.session_state_proxy import SessionStateProxy

from layerscope.link import encode
from layerscope.presets import PRESETS
from layerscope.study.compare import compare
from layerscope.tables import FORMATS, comparison
from tests.test_pages import PAGES, at_page, opened, rerun

A, B = PRESETS["lenet5"], PRESETS["alexnet"]
Files = dict[str, Callable[[], str | bytes]]


@pytest.fixture
def files(monkeypatch) -> Files:
    """The files that are offered, by name; to be made as Streamlit makes them."""
    found: Files = {}
    offer = st.download_button

    def offered(label: str, data: Any, file_name: str = "", *rest: Any, **more: Any) -> bool:
        if callable(data):
            found[file_name] = data
        return offer(label, data, file_name, *rest, **more)

    monkeypatch.setattr(st, "download_button", offered)
    return found


def made(files: Files, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | bytes]:
    """The files, made where no session is."""

    def refused(self: SessionStateProxy, key: str) -> Any:
        raise AssertionError(f"a file asks the session for {key}, and there is none")

    with monkeypatch.context() as patch:
        patch.setattr(SessionStateProxy, "__getitem__", refused)
        patch.setattr(SessionStateProxy, "__setitem__", lambda self, key, value: refused(self, key))
        patch.setattr(SessionStateProxy, "__contains__", refused)
        return {name: make() for name, make in files.items()}


@pytest.mark.parametrize("page", PAGES)
def test_no_file_asks_the_session(page, files, monkeypatch):
    app = opened(encode(A))
    app.switch_page(page)
    rerun(app)
    for content in made(files, monkeypatch).values():
        assert content


def test_a_comparison_is_downloaded_as_it_is_shown(files, monkeypatch):
    at_page("compare", a=encode(A), net=encode(B))
    shown = comparison(compare(A, B).contrast)
    found = made(files, monkeypatch)
    for ending in FORMATS:
        assert found[f"compare.{ending}"] == FORMATS[ending](shown)
