"""Training runs give way to a slider that somebody drags: they rest after each batch for as long as that lasts.

They compute in threads of the server's own process, so a move waits for them twice: for a core and for the interpreter.
Measured on two cores that had other work too: beside two training runs the p95 of a move was 2 to 12 times the idle one
without rests, 0.6 to 4 times with them.
"""

import time
from collections.abc import Callable

MOVED_SECONDS = 1.0
"""For so long after the last move somebody counts as dragging."""
TIMES = 3
"""A rest is so many times as long as the batch before it,"""
MOST_SECONDS = 0.1
"""and no longer than this."""

_moved = float("-inf")


def moved() -> None:
    """Somebody dragged a slider, and waits."""
    global _moved
    _moved = time.monotonic()


class Pace:
    """The pace of one training."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, rest: Callable[[float], None] = time.sleep) -> None:
        self._clock, self._rest = clock, rest
        self._began = clock()

    def give_way(self, *_: object) -> None:
        """Called after each batch; it rests where somebody drags a slider."""
        now = self._clock()
        if now - _moved < MOVED_SECONDS:
            self._rest(min(TIMES * (now - self._began), MOST_SECONDS))
        self.begin()

    def begin(self) -> None:
        """The next batch begins now."""
        self._began = self._clock()
