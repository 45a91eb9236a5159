"""How the guard says no: a sentence, over HTTP or instead of a web socket's handshake, and seldom a line in the log."""

import logging
import time

from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

_LOGGER = logging.getLogger("layerscope.guard")
_QUIET_SECONDS = 60.0
_said: dict[str, float] = {}


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    """Answer a request, or a web socket that has not been accepted yet, with that sentence."""
    await answer(scope, receive, send, PlainTextResponse(sentence, status))


async def answer(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Send a response; a web socket gets it instead of its handshake, or only a refusal where the server cannot."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
    else:
        await response(scope, receive, send)


def tell(message: str, *values: object) -> None:
    """Write a line into the log, but the same message at most once a minute: whoever is refused may ask often."""
    now = time.monotonic()
    if now - _said.get(message, -_QUIET_SECONDS) >= _QUIET_SECONDS:
        _said[message] = now
        _LOGGER.warning(message, *(repr(value)[:80] for value in values))


class Line:
    """The server's end of an accepted web socket, which the guard may close while the app still sends on it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_closed = False

    async def send(self, message: Message) -> None:
        """Pass on what the app sends; what it sends after the end is lost, as the app cannot know of it yet."""
        if not self.is_closed:
            self.is_closed = message["type"] == "websocket.close"
            await self._send(message)

    async def close(self, code: int) -> Message:
        """End it, once; the message that tells the app."""
        await self.send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}
