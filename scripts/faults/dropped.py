"""A hundred pages lose their web sockets at once, as when a school's router restarts.

All reach the server through a forwarder of this script, which breaks every connection at the same moment. A few pages
are in a real browser and come back by themselves; the others are visitors without one, who come back for their session
as the page does. Counted are the seconds until each shows the network it had and answers to a move, and what the server
then holds: sessions as before, and after everybody left, none, with its files as at the start.
"""

import asyncio
import re
import time
import urllib.request
from collections.abc import Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from layerscope.ui.process import raise_file_limit
from scripts import visitor
from scripts.faults.pages import OpenPage, seconds_until
from scripts.live import APP, chromium, served
from scripts.scenarios import come_and_go
from scripts.usage import usage
from scripts.visitor import Visitor

PAGES, VISITORS = 4, 96
TARGET_SECONDS = 15.0
STILL_OPEN, OF_SESSION = 8, 3
"""Files that a server may have more open than at its start; and for each session that it keeps, two minutes long and at
most 128 of them, for those who come back."""

_T = TypeVar("_T")


class Loop:
    """An event loop in a thread, as Playwright has one in the main thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class Forwarder:
    """Passes on what comes to its port, until it drops all at once."""

    def __init__(self, address: str) -> None:
        self._host, self._port = address.removeprefix("http://").split(":")
        self._open: set[asyncio.StreamWriter] = set()

    async def begin(self) -> str:
        """Its own address."""
        self._server = await asyncio.start_server(self._come, "127.0.0.1", 0, backlog=1024)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def drop(self) -> int:
        """Break every connection, without a word of farewell; how many there were."""
        count = len(self._open) // 2
        for one in self._open:
            one.transport.abort()
        return count

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection(self._host, int(self._port))
            self._open |= {writer, back}
            try:
                await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
            finally:
                self._open -= {writer, back}
        writer.close()


async def _pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            to.write(data)
            await to.drain()
    to.close()


def sessions(address: str) -> tuple[int, int]:
    """How many sessions are active on the server, and how many came back so far."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics", timeout=30) as answer:
        text = answer.read().decode()
    active = re.search(r"^active_sessions(?:\{\})? (\d+)", text, re.MULTILINE)
    again = re.search(r'^session_events(?:_total)?\{type="reconnect"\} (\d+)', text, re.MULTILINE)
    return int(active[1]) if active else -1, int(again[1]) if again else 0


async def open_all(visitors: list[Visitor]) -> None:
    """Eight at a time."""
    door = asyncio.Semaphore(8)

    async def enter(one: Visitor) -> None:
        async with door:
            await one.open()
            await one.preview()
            await one.commit()

    await asyncio.gather(*map(enter, visitors))


async def come_back(visitors: list[Visitor]) -> tuple[list[float], list[str]]:
    """Seconds until each shows its network again and is answered, and what went wrong for others."""

    async def again(one: Visitor) -> float:
        await one.come_back()
        await one.preview()
        return time.monotonic() - begin

    begin = time.monotonic()
    found = await asyncio.gather(*map(again, visitors), return_exceptions=True)
    return [one for one in found if isinstance(one, float)], [repr(one) for one in found if isinstance(one, Exception)]


async def leave(visitors: list[Visitor]) -> None:
    await asyncio.gather(*(visitor.close() for visitor in visitors), return_exceptions=True)


def run(pages: int = PAGES, visitors: int = VISITORS) -> bool:
    """Whether every page came back in time, and the server holds no more than before."""
    raise_file_limit()
    visitor.PATIENCE = 120.0  # how long it took is told
    loop = Loop()
    with served(APP) as server, chromium() as browser:
        forwarder = Forwarder(server)
        address = loop.run(forwarder.begin())
        OpenPage(browser, address, 99).page.close()  # what a server opens once only
        loop.run(come_and_go(server, range(8), commits=1))
        before = usage(server)
        open_pages = [OpenPage(browser, address, number) for number in range(pages)]
        others = [Visitor(address, number) for number in range(visitors)]
        loop.run(open_all(others))
        active, _ = sessions(server)
        begin = time.monotonic()
        dropped = loop.run(forwarder.drop())
        print(f"  {active} sessions; {dropped} connections dropped", flush=True)
        seconds, problems = loop.run(come_back(others))
        for page in open_pages:
            page.press("ArrowRight")  # while it looks for its server, or after
        seconds += [seconds_until(page.shows, begin) for page in open_pages]
        held, again = sessions(server)
        wrong = sum(not page.shows() for page in open_pages) + len(problems)
        for page in open_pages:
            page.page.close()
        loop.run(leave(others))
        seconds_until(lambda: sessions(server)[0] == 0, time.monotonic(), 10)
        left, after = sessions(server)[0], usage(server)
    for problem in problems[:5]:
        print(f"  {problem}")
    files = after.files - before.files if before and after else 0
    print(f"{active} pages dropped at once: the last one was back after {max(seconds):.1f} s (the target is "
          f"{TARGET_SECONDS:g}), {again} in the session that they had; {wrong} with another network or without an "
          f"answer; {held} sessions then, {left} once all had left, and {files:+d} open files.")  # fmt: skip
    return (
        max(seconds) <= TARGET_SECONDS
        and not wrong
        and held == active
        and left == 0
        and files <= STILL_OPEN + OF_SESSION * active
    )
