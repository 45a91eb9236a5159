"""Whether this process has time to spare, for answers that nobody waits for yet."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW_SECONDS = 0.5
MOST_BUSY = 0.5
"""The share of one core above which there is none: a Python process has hardly more than one core to give."""


class Spare:
    """How busy the process was lately, from its own CPU time; it is asked, never told."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._spent = clock, spent
        self._seen: deque[tuple[float, float]] = deque()
        self._lock = Lock()

    def has_some(self) -> bool:
        """Whether the last WINDOW_SECONDS, or all the time since it was asked before them, were calm enough."""
        with self._lock:
            now, spent = self._clock(), self._spent()
            self._seen.append((now, spent))
            while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_SECONDS:
                self._seen.popleft()
            then, before = self._seen[0]
        passed = now - then
        return passed < WINDOW_SECONDS or spent - before <= MOST_BUSY * passed
