"""An address that names no page: Streamlit would show the first page and say nothing, or a white one."""

from pathlib import Path
from urllib.parse import quote

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layerscope.ui.ahead import is_html

MISSING = "missing"
"""The word of the address that keeps which page was asked for."""
LONGEST_NAME = 60


class ToFirstPage:
    """Middleware that sends whoever asks for a page that is not among `pages` to the first one, which says so."""

    def __init__(self, app: ASGIApp, pages: frozenset[str], base: str = "") -> None:
        self.app = app
        self.pages = pages
        self.base = base.strip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not self._is_unknown(scope["path"]):
            await self.app(scope, receive, send)
            return
        is_sent_on = False

        async def changed(message: Message) -> None:
            nonlocal is_sent_on
            if message["type"] == "http.response.start" and is_html(message):
                is_sent_on = True
                await RedirectResponse(self._address(scope))(scope, receive, send)
            elif not is_sent_on:
                await send(message)

        await self.app(scope, receive, changed)

    def _name(self, path: str) -> str:
        name = path.strip("/")
        return name.removeprefix(self.base).strip("/") if name.split("/")[0] == self.base else name

    def _is_unknown(self, path: str) -> bool:
        """Files have a dot in their name, and Streamlit's own addresses begin with an underscore."""
        name = self._name(path)
        is_own = "." in name or any(part.startswith("_") for part in name.split("/"))
        return bool(name) and name not in self.pages and not is_own

    def _address(self, scope: Scope) -> str:
        asked = f"{MISSING}={quote(self._name(scope['path'])[:LONGEST_NAME], safe='', errors='replace')}"
        more = scope.get("query_string", b"").decode("latin-1")
        start = f"/{self.base}/" if self.base else "/"
        return f"{start}?{asked}" + (f"&{more}" if more else "")


def unknown(main_script: Path) -> list[Middleware]:
    """The middleware for an app whose pages lie beside `main_script`, each at the address that is its file's name."""
    pages = frozenset(path.stem for path in (main_script.parent / "pages").glob("*.py"))
    return [Middleware(ToFirstPage, pages=pages, base=str(st.get_option("server.baseUrlPath")))]
