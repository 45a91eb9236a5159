"""One page's web socket for previews: it is read while a question waits, and its questions are answered in turn.

Reading goes on so that a page that leaves is noticed, and what it asked is given up. A page that asks faster than it is
answered is not refused: beyond a few questions its socket is simply not read.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from layerscope import limits
from layerscope.ui.fair import FairPool

NOT_TEXT, REFUSED, TOO_LONG, TOO_MANY = 1003, 1008, 1009, 1013
"""Codes that a web socket is closed with: RFC 6455, section 7.4.1; 1013 is IANA's "try again later"."""

ROOM_SECONDS = 1.0
MOST_COUNTED = 2**53 - 1
"""The largest whole number that JavaScript counts up to."""

End = tuple[int, str] | None
"""The code and the sentence that a socket is closed with; None where the page has left."""

_log = logging.getLogger(__name__)
_told: set[type[Exception]] = set()


class Line:
    """A page's socket. `reply` makes the text of an answer, in a thread of the pool.

    `reply` gets the question, as JSON brought it, and whoever asked; a ValueError of it is about the question.
    """

    def __init__(
        self,
        socket: WebSocket,
        visitor: Callable[[], Hashable],
        pool: FairPool,
        reply: Callable[[Any, Hashable], str],
    ) -> None:
        self._socket, self._visitor, self._pool, self._reply = socket, visitor, pool, reply
        self._questions: asyncio.Queue[str] = asyncio.Queue(limits.QUESTIONS_WAITING.most)
        self._ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._ahead: Future[str] | None = None

    def end(self, end: End) -> None:
        """Close the socket as soon as it is open."""
        if not self._ended.done():
            self._ended.set_result(end)

    async def serve(self) -> None:
        """Answer until the page leaves, or sends what ends its socket."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._answer())]
        try:
            await asyncio.wait({*tasks, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            end = next(one.result() for one in (self._ended, *tasks) if one.done())
        finally:
            for task in tasks:
                task.cancel()
        if end is not None:
            try:
                await self._socket.close(*end)
            except (WebSocketDisconnect, RuntimeError):  # see _send
                return

    async def _read(self) -> End:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            if text is None:
                return NOT_TEXT, "A question is text."
            if len(text) > limits.QUESTION_TEXT.most:
                return TOO_LONG, limits.QUESTION_TEXT.sentence()
            if self._ahead is not None:
                self._ahead.cancel()  # a hand moves: what may come next waits, unless it is being worked on
            await self._questions.put(text)

    async def _answer(self) -> End:
        broken = 0
        while broken < limits.BROKEN_QUESTIONS.most:
            text = await self._questions.get()
            asked = None
            try:
                asked = json.loads(text)
                said = await self._turn(asked)
            except Exception as error:
                broken += 1
                said = _written({"id": identity(asked), "error": _sentence(error)})
            if not await self._send(said):
                return None
        return REFUSED, limits.BROKEN_QUESTIONS.sentence()

    async def _turn(self, asked: Any) -> str:
        """The answer to one question, when its turn has come. Raises what `reply` raises."""
        visitor = self._visitor()
        is_ahead = isinstance(asked, Mapping) and asked.get("ahead") is True
        question = self._pool.submit(visitor, lambda: self._reply(asked, visitor), can_wait=is_ahead)
        coming = asyncio.wrap_future(question)
        self._ahead = question if is_ahead else None
        if is_ahead and not self._questions.empty():
            coming.cancel()
        try:
            await asyncio.wait({coming})
            return _written({"id": identity(asked), "later": True}) if coming.cancelled() else coming.result()
        finally:
            coming.cancel()
            self._ahead = None

    async def _send(self, text: str) -> bool:
        """Whether the page was still there."""
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            # The server's own code has closed the socket, after a frame that is none; the news of it is on its way.
            return False
        return True


@dataclass
class _Page:
    """The open lines of a session. `coming` counts these and those that wait for their opening."""

    lines: list[Line] = field(default_factory=list)
    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    coming: int = 0


class Lines:
    """The sockets that are open. An address has room for many, a session for few: there the oldest makes room.

    It does so only after ROOM_SECONDS, while the new one waits to be opened. A page that is closed opens its socket
    anew, and many that drive each other out at once would keep the server at work with nothing else.
    """

    def __init__(self) -> None:
        self._addresses: Counter[str] = Counter()
        self._pages: dict[str, _Page] = {}

    async def serve(self, socket: WebSocket, line: Line, address: str, ticket: str) -> None:
        """Open a socket and serve it until its end. The ticket is its session's, "" where none is known."""
        if self._addresses[address] >= limits.LINES_OF_ADDRESS.most:
            await socket.close(TOO_MANY, limits.LINES_OF_ADDRESS.sentence())
            return
        self._addresses[address] += 1
        try:
            async with self._room(ticket, line):
                await socket.accept()
                await line.serve()
        except OSError:  # the page left before its socket was opened
            return
        finally:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    @asynccontextmanager
    async def _room(self, ticket: str, line: Line) -> AsyncIterator[None]:
        """Count a line among its session's, as soon as there is room."""
        if not ticket:
            yield
            return
        page = self._pages.setdefault(ticket, _Page())
        page.coming += 1
        try:
            async with page.door:
                if len(page.lines) >= limits.LINES_OF_SESSION.most:
                    await asyncio.sleep(ROOM_SECONDS)
                if len(page.lines) >= limits.LINES_OF_SESSION.most:
                    page.lines.pop(0).end((TOO_MANY, limits.LINES_OF_SESSION.sentence()))
                page.lines.append(line)
            yield
        finally:
            page.coming -= 1
            if line in page.lines:
                page.lines.remove(line)
            if not page.coming:
                del self._pages[ticket]


def busy(asked: Any) -> str:
    """What a page is told that asked ahead while others need the time."""
    return _written({"id": identity(asked), "busy": True})


def identity(asked: Any) -> int | None:
    """The number that the page gave its question; None where it gave none, or one that no page counts up to."""
    given = asked.get("id") if isinstance(asked, Mapping) else None
    return given if isinstance(given, int) and abs(given) <= MOST_COUNTED else None


def _written(answer: dict[str, Any]) -> str:
    return json.dumps(answer, separators=(",", ":"))


def _sentence(error: Exception) -> str:
    """What is wrong with a question. Other errors are ours: each kind is told in the log, once."""
    if isinstance(error, ValueError | RecursionError):
        return str(error)[:200]
    if type(error) not in _told:
        _told.add(type(error))
        _log.error("A preview failed; others of this kind are not told again.", exc_info=error)
    return "This move cannot be previewed."
