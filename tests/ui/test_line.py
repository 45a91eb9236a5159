"""A page's socket: read while a question waits, given up when the page leaves, and bounded a session and an address."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.websockets import WebSocket

from layerscope import limits
from layerscope.ui import line as module
from layerscope.ui.fair import FairPool
from layerscope.ui.line import TOO_MANY, Line, Lines


class Socket:
    """A web socket whose page sends what it is told to, when it is told to."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.coming.put_nowait({"type": "websocket.connect"})
        self.sent: list[Any] = []
        self.socket = WebSocket({"type": "websocket", "headers": [], "path": "/"}, self.coming.get, self._send)

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    def ask(self, **question: object) -> None:
        self.coming.put_nowait({"type": "websocket.receive", "text": json.dumps(question)})

    def leave(self) -> None:
        self.coming.put_nowait({"type": "websocket.disconnect", "code": 1001})

    @property
    def answers(self) -> list[Any]:
        return [json.loads(one["text"]) for one in self.sent if one["type"] == "websocket.send"]

    @property
    def closed_with(self) -> int | None:
        return next((one["code"] for one in self.sent if one["type"] == "websocket.close"), None)

    @property
    def is_open(self) -> bool:
        return any(one["type"] == "websocket.accept" for one in self.sent) and self.closed_with is None


class Bench:
    """Lines over a pool without threads: questions are answered when `work` says so."""

    def __init__(self) -> None:
        self.lines, self.pool, self.asked = Lines(), FairPool(), list[Any]()
        self.pool._count = 1  # it believes that its threads run already
        self.tasks: list[asyncio.Task[None]] = []

    async def open(self, address: str = "here", ticket: str = "") -> Socket:
        end = Socket()
        line = Line(end.socket, lambda: ticket or address, self.pool, self.reply)
        self.tasks.append(asyncio.create_task(self.lines.serve(end.socket, line, address, ticket)))
        await self.settle()
        return end

    def reply(self, asked: Any, visitor: object) -> str:
        self.asked.append(asked["id"])
        return json.dumps({"id": asked["id"]})

    async def work(self) -> None:
        """Answer all that waits."""
        await self.settle()
        while (question := self.pool.take()) is not None:
            self.pool.do(question)
            await self.settle()

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def run(test: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        bench = Bench()
        await test(bench)
        for task in bench.tasks:
            task.cancel()
        await asyncio.wait(bench.tasks)

    asyncio.run(all_of_it())


def test_what_a_page_asked_is_given_up_when_it_leaves():
    async def test(bench: Bench) -> None:
        page = await bench.open()
        for number in range(3):
            page.ask(id=number)
        page.leave()
        await bench.work()
        assert bench.asked == []
        assert bench.tasks[0].done()

    run(test)


def test_questions_of_one_page_are_answered_in_turn_and_no_more_are_read_than_few():
    async def test(bench: Bench) -> None:
        page = await bench.open()
        for number in range(20):
            page.ask(id=number)
        await bench.settle()
        assert page.coming.qsize() >= 20 - limits.QUESTIONS_WAITING.most - 2
        assert len(bench.pool._waiting) == 1
        await bench.work()
        assert [answer["id"] for answer in page.answers] == list(range(20))

    run(test)


def test_a_move_does_not_wait_for_what_its_page_asked_ahead():
    async def test(bench: Bench) -> None:
        page = await bench.open()
        page.ask(id=1, ahead=True)
        await bench.settle()
        page.ask(id=2)
        await bench.work()
        assert page.answers == [{"id": 1, "later": True}, {"id": 2}]  # not "busy": the server has time
        assert bench.asked == [2]

    run(test)


def test_a_third_socket_of_a_session_waits_and_the_oldest_makes_room_for_it(monkeypatch):
    monkeypatch.setattr(module, "ROOM_SECONDS", 0.05)

    async def test(bench: Bench) -> None:
        first, second, third = [await bench.open(ticket="mine") for _ in range(limits.LINES_OF_SESSION.most + 1)]
        other = await bench.open(ticket="another's")
        assert [page.is_open for page in (first, second, third, other)] == [True, True, False, True]
        async with asyncio.timeout(30):
            while first.is_open:
                await asyncio.sleep(0.05)
        assert [page.is_open for page in (first, second, third, other)] == [False, True, True, True]
        assert first.closed_with == TOO_MANY

    run(test)


def test_a_third_socket_is_opened_where_another_was_closed_meanwhile(monkeypatch):
    monkeypatch.setattr(module, "ROOM_SECONDS", 0.05)

    async def test(bench: Bench) -> None:
        first, second, third = [await bench.open(ticket="mine") for _ in range(3)]
        second.leave()
        await asyncio.sleep(0.1)
        assert first.is_open
        assert third.is_open

    run(test)


def test_a_class_of_sixty_behind_one_address_finds_room_and_an_address_with_too_many_does_not():
    async def test(bench: Bench) -> None:
        pages = [await bench.open(ticket=f"student {n // 4}") for n in range(0, 240, 2)]  # two sockets each
        pages += [await bench.open() for _ in range(limits.LINES_OF_ADDRESS.most - len(pages))]
        assert all(page.is_open for page in pages)
        late, elsewhere = await bench.open(), await bench.open("elsewhere")
        assert (late.closed_with, elsewhere.is_open) == (TOO_MANY, True)
        pages[-1].leave()
        await bench.settle()
        assert (await bench.open()).is_open

    run(test)


def test_nothing_is_kept_of_those_who_left():
    async def test(bench: Bench) -> None:
        pages = [await bench.open(ticket="mine"), await bench.open()]
        for page in pages:
            page.leave()
        await bench.settle()
        assert not bench.lines._addresses
        assert not bench.lines._pages

    run(test)


@pytest.mark.parametrize("error", [RuntimeError, OSError])
def test_a_socket_that_was_closed_below_us_ends_in_silence(error, caplog):
    async def test(bench: Bench) -> None:
        page = await bench.open()

        async def closed(message: Any) -> None:
            raise error("closed")

        page.socket._send = closed
        page.ask(id=1)
        await bench.work()
        assert bench.tasks[0].done()
        assert bench.tasks[0].exception() is None

    run(test)
    assert caplog.text == ""
