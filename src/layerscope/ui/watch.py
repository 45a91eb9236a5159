"""Watching the event loop: when it stands still, nobody is answered, and a supervisor should restart the server.

A heartbeat in the loop says when it last ran, and a thread looks at that once a second. While the loop stands still,
health cannot answer at all, so a check times out; afterwards it answers 503 for a while, so that a supervisor that
looks seldom learns of it too. The visitors' browsers ask the same address before they come back to their page; the
server works again by then, and they are answered as usual. They are told apart by the languages that every browser
names.
"""

import logging
import os
import sys
import threading
import time
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from layerscope.limits import STANDSTILL, UNHEALTHY
from layerscope.ui import process

BEAT_SECONDS, LOOK_SECONDS = 0.5, 1.0
AWAKE_LOOKS = 3
"""A process that was stopped, or whose machine slept, did not look so often while its loop stood still."""
AWAKE_SHARE = 0.1
"""Nor did it work for such a part of the time. What holds all of Python does, even on a busy machine."""
FRAMES = 12
HEALTH = "/_stcore/health"


class Standstill:
    """Whether and when the loop stood still. `since` is the time from which that counts; None means not yet."""

    def __init__(
        self,
        since: Callable[[], float | None] = process.warm_since,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._since, self._clock, self._cpu = since, clock, cpu
        self._log = logging.getLogger(__name__)
        self._thread = threading.get_ident()
        self._ended, self._lasted = float("-inf"), 0.0
        self._rest()

    def _rest(self) -> None:
        self._beat, self._beat_cpu, self._looks, self._is_told = self._clock(), self._cpu(), 0, False

    def beat(self) -> None:
        """The loop runs."""
        late = self._late()
        if self._is_standstill(late):
            self._ended, self._lasted = self._clock(), late
            if not self._is_told:
                self._log.error("The event loop stood still for %.1f seconds, and all of Python with it.", late)
        self._rest()

    def look(self) -> None:
        """Say once for each standstill what the loop's thread is doing."""
        self._looks += 1
        late = self._late()
        if not self._is_told and self._is_standstill(late):
            self._is_told = True
            doing = _doing(sys._current_frames().get(self._thread))
            self._log.error("The event loop has stood still for %.1f seconds, in %s.", late, doing)

    def complaint(self) -> str:
        """Why health fails, as a sentence; empty when the server is well."""
        if self._clock() - self._ended >= UNHEALTHY.most:
            return ""
        return STANDSTILL.sentence(found=f"{self._lasted:.1f}")

    def _late(self) -> float:
        """Seconds by which the beat is overdue; none of the time before `since`."""
        since = self._since()
        return 0.0 if since is None else self._clock() - max(self._beat + BEAT_SECONDS, since)

    def _is_standstill(self, late: float) -> bool:
        """Whether it is the loop that stood, and not the process: the thread looked meanwhile, or Python worked."""
        was_awake = self._looks >= AWAKE_LOOKS or self._cpu() - self._beat_cpu >= late * AWAKE_SHARE
        return late * 1000 >= STANDSTILL.most and was_awake

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the loop that runs now, until the block ends."""
        loop, over = get_running_loop(), threading.Event()
        self._thread = threading.get_ident()
        self._rest()
        thread = threading.Thread(target=self._look_until, args=(over,), name="layerscope-watch", daemon=True)
        thread.start()
        self._beat_again(loop, over)
        try:
            yield
        finally:
            over.set()

    def _beat_again(self, loop: AbstractEventLoop, over: threading.Event) -> None:
        if not over.is_set():
            self.beat()
            loop.call_later(BEAT_SECONDS, self._beat_again, loop, over)

    def _look_until(self, over: threading.Event) -> None:
        while not over.wait(LOOK_SECONDS):
            self.look()


class Health:
    """Middleware that watches while the app lives, and makes health fail for a while after a standstill."""

    def __init__(self, app: ASGIApp, standstill: Standstill) -> None:
        self.app, self.standstill = app, standstill

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            with self.standstill.watching():
                await self.app(scope, receive, send)
        elif self._is_check(scope) and (complaint := self.standstill.complaint()):
            headers = {"Cache-Control": "no-cache"}
            await PlainTextResponse(complaint, status_code=503, headers=headers)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_check(self, scope: Scope) -> bool:
        """Whether a program asks for health, and not the page of a visitor."""
        if scope["type"] != "http" or not scope["path"].endswith(HEALTH):
            return False
        return "accept-language" not in Headers(scope=scope)


def health() -> list[Middleware]:
    """The middleware, to be put before all other."""
    return [Middleware(Health, standstill=Standstill())]


def _doing(frame: FrameType | None) -> str:
    """The innermost calls of a thread in one line, innermost first."""
    calls: list[str] = []
    while frame is not None and len(calls) < FRAMES:
        code = frame.f_code
        calls.append(f"{os.path.basename(code.co_filename)}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return " < ".join(calls) or "a thread that ended"
