"""How busy this process is: its processor's time beside the clock's."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Reading(NamedTuple):
    """Both clocks at a moment, in seconds."""

    at: float
    spent: float

    def took_at_most(self, share: float, now: "Reading") -> bool:
        """Whether the process took no more than that share of one core from here until `now`."""
        return now.spent - self.spent <= share * (now.at - self.at)


class Processor:
    """Reads both clocks; `clock` and `spent` are in seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.process_time
    ) -> None:
        self._clock, self._spent = clock, spent

    def now(self) -> Reading:
        return Reading(self._clock(), self._spent())
