"""Says every few seconds in the file which trials run in this process, so that no other one begins them again.

It also looks there whether a visitor of another process wants some of them stopped.
"""

import atexit
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread

from layerscope.jobs.kept import Kept, KeptError

BEAT_SECONDS, LOOK_SECONDS = 5.0, 0.25
"""Between two beats, and between two looks for what is to stop."""


class Beating:
    """The names of trials that run here, and a thread for as long as there are some."""

    def __init__(self, kept: Kept, on_taken: Callable[[str], object], on_wish: Callable[[str], object]) -> None:
        """`on_taken` is told of trials that another process has taken over, as this one was asleep for too long;
        `on_wish` of those that are to stop."""
        self._kept, self._on_taken, self._on_wish = kept, on_taken, on_wish
        self._names: set[str] = set()
        self._lock = Lock()
        self._is_on = False

    def add(self, name: str) -> None:
        with self._lock:
            self._names.add(name)
            if not self._is_on:
                import sqlalchemy  # noqa: F401  (two threads that import it at once can lock each other out)

                self._is_on = True
                Thread(target=self._run, name="layerscope-trials-beat", daemon=True).start()
                atexit.register(self._leave)

    def remove(self, name: str) -> None:
        with self._lock:
            self._names.discard(name)

    def _run(self) -> None:
        beaten = float("-inf")
        while names := self._running():
            with suppress(KeptError):  # the next look may succeed
                for name in self._kept.wished(names):
                    self._on_wish(name)
            if time.monotonic() - beaten >= BEAT_SECONDS:
                with suppress(KeptError):  # the next beat may be written
                    for name in self._kept.beat(names):
                        self.remove(name)
                        self._on_taken(name)
                    beaten = time.monotonic()
            time.sleep(min(LOOK_SECONDS, BEAT_SECONDS))

    def _running(self) -> set[str]:
        """The names; where there are none, the thread ends."""
        with self._lock:
            self._is_on = bool(self._names)
            if not self._is_on:
                atexit.unregister(self._leave)
            return set(self._names)

    def _leave(self) -> None:
        """A server that ends politely need not be waited for."""
        if self._running():
            with suppress(KeptError):
                self._kept.leave()
