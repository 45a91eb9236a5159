"""An address that names no page: Streamlit would show the first page and say nothing, or a white one.

What people type for a page, or nearly type, leads to it; of anything else the first page says that it is not there.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from layerscope.ui.ahead import is_html
from layerscope.ui.guard.addresses import below, within
from layerscope.ui.lessons.contents import LESSONS

MISSING = "missing"
"""The word of the address that keeps which page was asked for."""
LONGEST_NAME = 60
FIRST_PAGE = ""
CALLED = {
    **dict.fromkeys(("explore", "explorer", "home", "index", "start", "network"), FIRST_PAGE),
    **dict.fromkeys(("lessons", "lesson", "learn", "course"), LESSONS[0].key),
    **dict.fromkeys(("class", "classes", "classroom", "link", "teachers", "teach"), "teacher"),
    **dict.fromkeys(("quizzes", "quizz", "test", "exam"), "quiz"),
    **dict.fromkeys(("paste", "debug", "error", "errors"), "code"),
    **dict.fromkeys(("words", "terms", "dictionary"), "glossary"),
    **dict.fromkeys(("inside", "look-inside", "look_inside", "lookinside"), "looking"),
    **dict.fromkeys(("lab", "diff", "versus"), "compare"),
    **dict.fromkeys(("sweeps", "ranges", "grid"), "sweep"),
    **dict.fromkeys(("vram", "gpu", "batch"), "memory"),
    **dict.fromkeys(("fit", "learning"), "train"),
    **dict.fromkeys(("experiments", "tune", "tuning", "search"), "trials"),
}
"""What people call a page, and its address."""
_LESSON = re.compile(r"(?:lessons?)?[-_/ ]*([1-9]\d?)")
NEARLY = 0.75
"""How alike a mistyped name must be, from 0 to 1."""


def meant(name: str, pages: Iterable[str]) -> str | None:
    """The page that somebody means who asks for `name`; None where that is not clear."""
    asked = name.lower()
    called = {**dict.fromkeys(pages, None), **CALLED}
    lesson = _LESSON.fullmatch(asked)
    if lesson is not None and int(lesson[1]) <= len(LESSONS):
        return LESSONS[int(lesson[1]) - 1].key
    found = [asked] if asked in called else get_close_matches(asked, called, 1, NEARLY)
    if not found:
        return None
    return called[found[0]] if called[found[0]] is not None else found[0]


class ToFirstPage:
    """Middleware that sends whoever asks for a page that is not among `pages` to the one that is meant.

    Where none is, that is the first one, which says so.
    """

    def __init__(self, app: ASGIApp, pages: frozenset[str], base: str = "") -> None:
        self.app = app
        self.pages = pages
        self.base = base

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
        return within(path, self.base).strip("/")

    def _is_unknown(self, path: str) -> bool:
        """Files have a dot in their name, and Streamlit's own addresses begin with an underscore."""
        name = self._name(path)
        is_own = "." in name or any(part.startswith("_") for part in name.split("/"))
        return bool(name) and name not in self.pages and not is_own

    def _address(self, scope: Scope) -> str:
        name = self._name(scope["path"])[:LONGEST_NAME]
        page = meant(name, self.pages)
        told = "" if page is not None else f"{MISSING}={quote(name, safe='', errors='replace')}"
        query = "&".join(filter(None, (told, scope.get("query_string", b"").decode("latin-1"))))
        start = f"/{self.base}/" if self.base else "/"
        return f"{start}{page or FIRST_PAGE}" + (f"?{query}" if query else "")


def unknown(main_script: Path) -> list[Middleware]:
    """The middleware for an app whose pages lie beside `main_script`, each at the address that is its file's name."""
    pages = frozenset(path.stem for path in (main_script.parent / "pages").glob("*.py"))
    return [Middleware(ToFirstPage, pages=pages, base=below())]
