"""Whether this process has time to spare, for answers that nobody waits for yet."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from threading import Lock

from layerscope.ui.processor import Processor, Reading

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
        self._processor = Processor(clock, spent)
        self._seen: deque[Reading] = deque()
        self._moved: dict[Hashable, float] = {}
        self._lock = Lock()

    def moved(self, visitor: Hashable) -> None:
        """A visitor moved a slider, and waits."""
        with self._lock:
            self._moved[visitor] = self._processor.now().at

    def has_some(self) -> bool:
        """Whether few enough moved within WINDOW_SECONDS, and these, or all since it was asked before, were calm."""
        with self._lock:
            now = self._processor.now()
            begin = now.at - WINDOW_SECONDS
            self._moved = {visitor: when for visitor, when in self._moved.items() if when > begin}
            self._seen.append(now)
            while len(self._seen) > 2 and self._seen[1].at <= begin:
                self._seen.popleft()
            then, visitors = self._seen[0], len(self._moved)
        calm = then.at > begin or then.took_at_most(MOST_BUSY, now)
        return calm and visitors <= MOST_VISITORS
