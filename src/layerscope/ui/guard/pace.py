"""How fast one page may ask: a few at once, then so many a second. More wait; nobody is refused."""

import time
from collections.abc import Callable


class Pace:
    """`at_once` may come together, then `a_second`. `clock` is in seconds."""

    def __init__(self, a_second: int, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second, self._at_once, self._clock = a_second, at_once, clock
        self._left, self._when = float(at_once), clock()

    def wait(self) -> float:
        """Count one, and say how many seconds it must wait; at most 1 / a_second where each waits in turn."""
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._when) * self._a_second) - 1
        self._when = now
        return max(0.0, -self._left / self._a_second)
