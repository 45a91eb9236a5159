"""Calls of an ASGI app without a server, for the tests of the guard's middleware."""

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse

Scope = dict[str, Any]


def scope(path: str = "", kind: str = "http", method: str = "GET", client: str = "127.0.0.1", **headers: str) -> Scope:
    """What a server tells an app of a request; `_` in a header's name stands for `-`."""
    named = {"host": "127.0.0.1:8501", **headers}
    raw = [(key.replace("_", "-").encode(), value.encode("latin-1")) for key, value in named.items()]
    more: Scope = {"subprotocols": []} if kind == "websocket" else {"method": method}
    extensions: Scope = {"websocket.http.response": {}} if kind == "websocket" else {}
    asked = {"type": kind, "path": f"/{path}", "query_string": b"", "headers": raw, "client": (client, 1234)}
    return {**asked, "extensions": extensions, **more}


class App:
    """Stands in for Streamlit: answers a page, or takes what a web socket says; keeps what reached it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.heard: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "http":
            is_file = "." in scope["path"] or "_stcore" in scope["path"]
            await (PlainTextResponse("file") if is_file else HTMLResponse("page"))(scope, receive, send)
            return
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(message.get("bytes") or message.get("text"))
        self.heard.append(message["code"])


class Answer:
    """What came back from an app."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.sent = sent
        self.kinds = [message["type"].removeprefix("websocket.") for message in sent]
        start = next((message for message in sent if "status" in message), {})
        self.status = start.get("status")
        self.headers = {key.decode(): value.decode() for key, value in start.get("headers", [])}
        self.text = b"".join(message.get("body", b"") for message in sent).decode()
        self.code = next((message["code"] for message in sent if message["type"] == "websocket.close"), None)


def ask(app: Any, asked: Scope, said: Iterable[bytes | str] = ()) -> Answer:
    """Call an app with a request, or with a web socket that says that much and leaves."""
    sent: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b""}]
    if asked["type"] == "websocket":
        texts = [{"type": "websocket.receive", "text" if isinstance(one, str) else "bytes": one} for one in said]
        messages = [{"type": "websocket.connect"}, *texts, {"type": "websocket.disconnect", "code": 1001}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(asked, receive, send))
    return Answer(sent)
