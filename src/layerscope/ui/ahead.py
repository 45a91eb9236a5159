"""Two lines more in the page that Streamlit serves.

The stage's own files, Plotly above all, are loaded at once: otherwise the browser learns of them from the first run of
the script, and does nothing while it waits for that. And the page is told where the server is: otherwise it looks for
it below each page first (/quiz/_stcore/health), where there is none.
"""

from pathlib import Path
from posixpath import basename

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layerscope.ui import first_come
from layerscope.ui.stage.assets import publish

END_OF_HEAD = b"</head>"
SERVER = (
    """<script>{const {dataset} = document.currentScript, ahead = document.createElement("script");"""
    """ const {src} = document.querySelector('script[type="module"][src*="static/js/"]');"""
    """ const BACKEND_BASE_URL = src.split("static/js/")[0];"""
    """ window.__streamlit = {...window.__streamlit, BACKEND_BASE_URL};"""
    """ Object.assign(ahead, {type: "module", src: BACKEND_BASE_URL + dataset.ahead});"""
    """ document.head.append(ahead)}</script>"""
)
"""The front end's own script lies where the server is, also below a base path and behind a proxy that takes it away."""


class LoadAhead:
    """Middleware that writes `line` at the end of an HTML page's head; everything else passes untouched."""

    def __init__(self, app: ASGIApp, line: str) -> None:
        self.app = app
        self.line = line.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        page = b""

        async def changed(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start" and _is_plain(message):
                first_come.asked()
                start = message
            elif start is None or message["type"] != "http.response.body":
                await send(message)
            else:
                page += message.get("body", b"")
                if not message.get("more_body"):
                    page = page.replace(END_OF_HEAD, self.line + END_OF_HEAD, 1)
                    MutableHeaders(scope=start)["content-length"] = str(len(page))
                    await send(start)
                    await send({**message, "body": page})

        await self.app(_plain(scope), receive, changed)


def _plain(scope: Scope) -> Scope:
    """The request of a page without leave to compress it, as Streamlit does below its first address; files keep it."""
    if "." in scope.get("path", "").rpartition("/")[2]:
        return scope
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


def is_html(start: Message) -> bool:
    """Whether an answer that begins so is a page, rather than a file or an error."""
    return start["status"] == 200 and MutableHeaders(scope=start).get("content-type", "").startswith("text/html")


def _is_plain(start: Message) -> bool:
    """Whether it is a page whose text can be changed: one that is not compressed."""
    return is_html(start) and "content-encoding" not in MutableHeaders(scope=start)


def ahead(main_script: Path) -> list[Middleware]:
    """The middleware for an app whose static folder lies beside `main_script`."""
    return [Middleware(LoadAhead, line=line(main_script))]


def line(main_script: Path) -> str:
    """What the browser is told."""
    assets = publish(main_script.parent / "static")
    file = f"{assets.folder.lstrip('/')}/ahead.js?plotly={basename(assets.plotly)}"
    return SERVER.replace("<script>", f'<script data-ahead="{file}">', 1)
