"""Whether this process has time to spare, for answers that nobody waits for yet."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from threading import Lock

WINDOW_SECONDS = 1.0
MOST_BUSY = 0.5
"""The share of one core above which there is none: a Python process has hardly more than one core to give."""
MOST_VISITORS = 4
"""So many may move sliders at the same time. Work for one visitor delays all: with a hundred, p95 rose tenfold."""


class Spare:
    """How busy the process was lately, from its own CPU time and from who moved something."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._spent = clock, spent
        self._seen: deque[tuple[float, float]] = deque()
        self._moved: dict[Hashable, float] = {}
        self._lock = Lock()

    def moved(self, visitor: Hashable) -> None:
        """A visitor moved a slider, and waits."""
        with self._lock:
            self._moved[visitor] = self._clock()

    def has_some(self) -> bool:
        """Whether few enough moved within WINDOW_SECONDS, and these, or all since it was asked before, were calm."""
        with self._lock:
            now, spent = self._clock(), self._spent()
            self._moved = {visitor: when for visitor, when in self._moved.items() if when > now - WINDOW_SECONDS}
            self._seen.append((now, spent))
            while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_SECONDS:
                self._seen.popleft()
            then, before = self._seen[0]
            visitors = len(self._moved)
        passed = now - then
        calm = passed < WINDOW_SECONDS or spent - before <= MOST_BUSY * passed
        return calm and visitors <= MOST_VISITORS
