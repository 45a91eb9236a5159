"""Headers of every answer: what the pages may load, who may frame them, and what they tell other sites."""

import os
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from layerscope import limits
from layerscope.ui.ahead import SERVER
from layerscope.ui.faults import StartError
from layerscope.ui.guard.addresses import header
from layerscope.ui.guard.hosts import hostname

FRAME_ANCESTORS = "LAYERSCOPE_FRAME_ANCESTORS"
"""The environment variable in which an operator names the sites that may show the app in a frame, such as
`https://courses.school.edu`, separated by blanks or commas."""

_SITE = re.compile(r"(?:https?://)?(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?")

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",  # Streamlit hands a component's own module to the browser as a blob
    "style-src": "'self' 'unsafe-inline'",  # Streamlit, Plotly and the app's own pages write style elements
    "img-src": "'self' data: blob:",  # the icon, the wordmark and the QR code; a picture on its way to a file
    "font-src": "'self' data:",  # a font of formulas in Streamlit's own style sheet
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""Found by trying each page in Chromium, as tests/browser/test_every_page.py does. The comments say what needs more."""


def inline_scripts(page: str) -> str:
    """The scripts that stand in a page's own text, as the policy names them: by their hashes."""
    texts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)


def ancestors(text: str) -> tuple[str, ...]:
    """The sites that may frame the app, out of an operator's text. Raises StartError for what is not a site."""
    sites = tuple(site.removesuffix("/") for site in text.replace(",", " ").lower().split())
    for wrong in [site for site in sites if not _SITE.fullmatch(site)]:
        raise StartError(
            f"{FRAME_ANCESTORS} names “{wrong[:80]}”. A site is written https://courses.school.edu, without a path."
        )
    if len(sites) > limits.FRAMES.most:
        raise StartError(limits.FRAMES.sentence(found=len(sites)))
    return sites


def policy(host: str | None, frames: tuple[str, ...], scripts: str) -> str:
    """The content security policy of a page that was asked for under that Host."""
    parts = dict(POLICY)
    parts["script-src"] += f" {scripts}"
    if host is not None and hostname(host) is not None:
        parts["connect-src"] += f" ws://{host} wss://{host}"  # Safari before 15.4 takes 'self' for http alone
    parts["frame-ancestors"] = " ".join(("'self'", *frames))
    return "; ".join(f"{key} {value}" for key, value in parts.items())


class SafeHeaders:
    """Middleware that writes the headers into every answer, the guard's own refusals among them."""

    def __init__(self, app: ASGIApp, frames: tuple[str, ...] = (), scripts: str = "") -> None:
        self.app = app
        self.frames = frames
        self.scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(header(scope, b"host"), self.frames, self.scripts)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"  # the address holds a class link
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                if not self.frames:  # the older header can name no site; with the policy, browsers leave it aside
                    headers["X-Frame-Options"] = "SAMEORIGIN"
            await send(message)

        await self.app(scope, receive, changed)


def frames_of_operator() -> tuple[str, ...]:
    """The sites that the environment names."""
    return ancestors(os.environ.get(FRAME_ANCESTORS, ""))


def scripts_of_streamlit() -> str:
    """The scripts in the text of the page that Streamlit serves, with the one that we write into it."""
    return inline_scripts((Path(get_static_dir()) / "index.html").read_text(encoding="utf-8") + SERVER)
