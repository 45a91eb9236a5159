"""How many pages may be open, and who is let in when no more may."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from layerscope import limits
from layerscope.ui.guard.addresses import STREAM
from layerscope.ui.guard.visits import BoundedVisits
from tests.ui.guard.asgi import App, ask, scope


def cookie(token: bytes) -> str:
    """What a browser shows that was given this token; another text each time."""
    return f"a=b; _streamlit_xsrf={generate_xsrf_token_string(token)}"


class Page:
    """An open page's socket, which Streamlit gives that session's name."""

    def __init__(self, app: BoundedVisits, session: str = "", **asked: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.session = session
        subprotocols = asked.pop("subprotocols", [])
        asked = scope(STREAM, "websocket", **asked) | {"subprotocols": subprotocols, "page": self}
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(asked, self.inbox.get, self.send))

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    async def leave(self) -> None:
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.task

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]


async def streamlit(asked: Any, receive: Any, send: Any) -> None:
    """Accepts a socket and tells it its session."""
    if asked["type"] == "http":
        await App()(asked, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    told = ForwardMsg()
    told.session_status_changed.SetInParent()
    await send({"type": "websocket.send", "bytes": told.SerializeToString()})
    told.new_session.initialize.session_id = asked["page"].session
    await send({"type": "websocket.send", "bytes": told.SerializeToString()})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    await send({"type": "websocket.send", "bytes": b""})  # it may still be sending


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_one_more_is_refused_until_somebody_leaves():
    async def go() -> None:
        gone: list[str] = []
        app = BoundedVisits(streamlit, 2, gone.append)
        pages = [Page(app, name) for name in "ab"]
        await settled()
        late = Page(app, "c")
        await late.task
        assert late.sent[0]["status"] == 503
        assert (b"retry-after", b"60") in late.sent[0]["headers"]
        assert late.sent[1]["body"] == b"The server is full (2 of 300). Try again in a minute."
        await pages[0].leave()
        assert gone == ["a"]  # what it sent is deleted
        late = Page(app, "c")
        await settled()
        assert late.kinds[0] == "websocket.accept"
        await late.leave()
        await pages[1].leave()
        assert app.visits == set()

    asyncio.run(go())


def test_a_page_gets_a_sentence_and_files_are_served_on():
    app = BoundedVisits(App(), 0)
    answer = ask(app, scope())
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "The server is full (0 of 300). Try again in a minute." in answer.text
    assert 'http-equiv="refresh" content="60"' in answer.text
    assert len(answer.sent) == 2
    assert ask(app, scope("static/a.js")).status == 200
    assert ask(app, scope("_stcore/health")).status == 200
    assert ask(BoundedVisits(App(), 1), scope()).status == 200


def test_a_browser_that_reloads_its_page_is_let_in_and_another_is_not():
    async def go() -> None:
        app = BoundedVisits(streamlit, 1, lambda _: None)
        page = Page(app, "a", cookie=cookie(b"1" * 16))
        await settled()
        statuses = []
        for shown in (cookie(b"1" * 16), cookie(b"2" * 16), "_streamlit_xsrf=2|", ""):
            sent: list[Any] = []

            async def send(message: Any, sent: list[Any] = sent) -> None:
                sent.append(message)

            await app(scope(cookie=shown), page.inbox.get, send)
            statuses.append(sent[0]["status"])
        assert statuses == [200, 503, 503, 503]
        await page.leave()

    asyncio.run(go())


def test_whoever_comes_back_for_his_session_takes_his_own_place():
    async def go() -> None:
        gone: list[str] = []
        app = BoundedVisits(streamlit, 1, gone.append)
        old = Page(app, "a")
        await settled()
        stranger = Page(app, "b", subprotocols=["streamlit", "token", "guessed"])
        await stranger.task
        assert stranger.sent[0]["status"] == 503
        again = Page(app, "a", subprotocols=["streamlit", "token", "a"])
        await old.task
        await settled()
        assert old.kinds[-1] == "websocket.close"
        assert again.kinds[0] == "websocket.accept"
        assert gone == []  # the session lives on, its files too
        assert len(app.visits) == 1
        await again.leave()
        assert gone == ["a"]

    asyncio.run(go())


def test_the_server_has_a_limit():
    assert BoundedVisits(App()).most == limits.SESSIONS.most


def test_a_page_that_leaves_while_it_is_told_something_is_no_error_and_any_other_is():
    async def closes_what_is_gone(_asked: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with suppress(OSError):
            await send({"type": "websocket.send", "bytes": b""})
        raise RuntimeError("as starlette does for a socket that is closed already")

    async def gone(message: Any) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    async def here(_message: Any) -> None:
        return None

    async def go(send: Any) -> None:
        app = BoundedVisits(closes_what_is_gone)
        await app(scope(STREAM, "websocket"), _connected, send)
        assert not app.visits

    asyncio.run(go(gone))
    with pytest.raises(RuntimeError, match="closed already"):
        asyncio.run(go(here))


async def _connected() -> dict[str, Any]:
    return {"type": "websocket.connect"}
