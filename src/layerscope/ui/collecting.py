"""When Python looks for garbage: in a moment in which nobody waits, as long as there is one.

A full collection walks over all that the open pages hold and stops every thread meanwhile. With 300 pages it took 0.3
seconds, and Python began one every 4 to 5: their moves' p95 was 325 to 547 ms for that alone, and 24 without.
"""

import gc
import time
from collections.abc import Callable
from threading import Thread

from layerscope.ui.processor import Processor

LATE = 150
"""Collections of the middle generation after which Python begins a full one by itself, whoever waits; its own is 10.
With 300 pages that is once a minute; each stands for some 7,700 objects at most."""
DUE = 10
"""After so many of them a full one is worth a calm moment."""
LOOK_SECONDS = 1.0
CALM = 0.05
"""The share of one core below which nobody waits for an answer."""


class Collecting:
    """Looks once a second whether the process rests; `clock` and `spent` are in seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.process_time
    ) -> None:
        self._processor = Processor(clock, spent)
        self._then = self._processor.now()

    def look(self) -> bool:
        """Collect if it is due and the process did next to nothing since it was last asked; whether it did collect."""
        now = self._processor.now()
        if is_due := self._then.took_at_most(CALM, now) and gc.get_count()[2] >= DUE:
            gc.collect()
            now = self._processor.now()
        self._then = now
        return is_due


def begin() -> None:
    """For the whole process, until it ends."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, LATE)
    Thread(target=_look_again, name="layerscope-collecting", daemon=True).start()


def _look_again() -> None:
    collecting = Collecting()
    while True:
        time.sleep(LOOK_SECONDS)
        collecting.look()
