"""How many visitors there may be at once. One more gets a sentence, and another try, instead of a page that hangs."""

from collections.abc import Callable
from html import escape

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from layerscope import limits
from layerscope.ui.ahead import is_html
from layerscope.ui.guard import uploads
from layerscope.ui.guard.addresses import STREAM, name, session_wanted
from layerscope.ui.guard.refusing import Line, answer, tell

RETRY_SECONDS = 60
GOING_AWAY = 1001

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{seconds}"><title>Layerscope is full</title></head>
<body style="font: 1.2rem system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem">
<h1>Layerscope is full</h1><p role="alert">{sentence}</p>
<p>This page tries again by itself. <a href="">Try now</a></p></body></html>"""


class Visit:
    """One open page: its socket, its browser's token, and its session once Streamlit has named it."""

    def __init__(self, line: Line, browser: bytes | None) -> None:
        self.line = line
        self.browser = browser
        self.session = ""
        self.has_left = False


class BoundedVisits:
    """Middleware that counts Streamlit's web sockets, one for each open page, and refuses pages beyond `most`."""

    def __init__(
        self, app: ASGIApp, most: int = limits.SESSIONS.most, forget: Callable[[str], None] = uploads.forget
    ) -> None:
        self.app = app
        self.most = most
        self.forget = forget
        self.visits: set[Visit] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and name(scope) == STREAM:
            await self._visit(scope, receive, send)
        elif scope["type"] == "http" and self._is_full() and not self._is_known(scope):
            await self._without_pages(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_full(self) -> bool:
        return len(self.visits) >= self.most

    def _is_known(self, scope: Scope) -> bool:
        """Whether a page of the same browser is open: a reload asks for the page before the old one's socket closes."""
        browser = browser_of(scope)
        return browser is not None and any(visit.browser == browser for visit in self.visits)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A page whose network failed comes back for its session before the server knows that the old socket is dead.
        wanted = session_wanted(scope)
        for old in [visit for visit in self.visits if wanted and visit.session == wanted]:
            self.visits.discard(old)
            await old.line.close(GOING_AWAY)
        if self._is_full():
            tell(limits.SESSIONS.sentence(found=len(self.visits)))
            said = PlainTextResponse(limits.SESSIONS.sentence(found=len(self.visits)), 503, _retry())
            await answer(scope, receive, send, said)
            return
        visit = Visit(Line(send), browser_of(scope))
        self.visits.add(visit)

        async def noted(message: Message) -> None:
            if not visit.session and message["type"] == "websocket.send":
                visit.session = session_told(message.get("bytes") or b"")
            try:
                await visit.line.send(message)
            except OSError:
                visit.has_left = True
                raise

        try:
            await self.app(scope, receive, noted)
        except RuntimeError:
            if not visit.has_left:
                raise  # otherwise the page left while it was told something, and Streamlit tried to close its socket
        finally:
            self.visits.discard(visit)
            if visit.session and all(other.session != visit.session for other in self.visits):
                self.forget(visit.session)

    async def _without_pages(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything but a page is answered as ever: the open pages still load their parts."""
        is_refused = False

        async def changed(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and is_html(message):
                is_refused = True
                sentence = escape(limits.SESSIONS.sentence(found=len(self.visits)))
                page = _PAGE.format(seconds=RETRY_SECONDS, sentence=sentence)
                await HTMLResponse(page, 503, _retry())(scope, receive, send)
            elif not is_refused:
                await send(message)

        await self.app(scope, receive, changed)


def _retry() -> dict[str, str]:
    return {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}


def browser_of(scope: Scope) -> bytes | None:
    """What tells one browser from another: the token that Streamlit gives it against forged uploads."""
    return decode_xsrf_token_string(HTTPConnection(scope).cookies.get(XSRF_COOKIE_NAME, ""))[0]


def session_told(data: bytes) -> str:
    """The session's name, where Streamlit tells it to the page in this message."""
    told = ForwardMsg.FromString(data)
    return str(told.new_session.initialize.session_id) if told.WhichOneof("type") == "new_session" else ""
