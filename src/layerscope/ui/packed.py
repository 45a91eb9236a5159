"""The stage's published files, as the browser gets them: kept for good, and compressed where that was done beforehand.

Streamlit 1.67 sends its `static/` folder without `Cache-Control`, never answers 304, and compresses Plotly anew for
every request, which takes about 0.1 s of the event loop. A compressed copy that the browser itself unpacks has one
address, so it compiles the script while it loads, and knows it again in the next page.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layerscope.ui.stage.assets import PACKED, ROUTE

FOR_GOOD = "public, max-age=31536000, immutable"
"""Each name carries a hash of what is in the file."""


class Published:
    """Middleware over Streamlit's answers for the files of `folder`; everything else passes untouched."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.packed = {path.name.removesuffix(PACKED) for path in folder.glob(f"*{PACKED}")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, is_ours, name = scope.get("path", "").partition(f"/{ROUTE}/")
        if scope["type"] != "http" or not is_ours:
            await self.app(scope, receive, send)
            return
        is_packed = name in self.packed and "gzip" in Headers(scope=scope).get("accept-encoding", "")

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = FOR_GOOD
                if name in self.packed:
                    headers["Vary"] = "Accept-Encoding"
                if is_packed:
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Type"] = "text/javascript; charset=utf-8"
            await send(message)

        await self.app(_for_packed(scope) if is_packed else scope, receive, changed)


def _for_packed(scope: Scope) -> Scope:
    """The request for the compressed copy; Streamlit must not compress that once more."""
    headers = [(name, value) for name, value in scope["headers"] if name not in {b"accept-encoding", b"range"}]
    path = scope["path"] + PACKED
    return {**scope, "path": path, "raw_path": path.encode(), "headers": headers}


def packed(main_script: Path) -> list[Middleware]:
    """The middleware for an app whose static folder lies beside `main_script`; the files are published by then."""
    return [Middleware(Published, folder=main_script.parent / "static")]
