"""What a kind of case is, and the one kind with which the fuzzing itself is tested: it needs nothing of the app."""

import os
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """`make` gives a case, `work` does what a visitor who brings it would make the server do."""

    make: Callable[[Random], Any]
    work: Callable[[Any], object]
    pick: Callable[[int], Any] | None = None
    """Gives the case of a number where all of them can be counted."""


def _fall(number: float) -> None:
    """What a child does in the test of the test: the first case ends the process, the second one grows."""
    if number == Random(0).random():
        os.abort()
    held = bytearray(50_000_000 if number == Random(1).random() else 0)
    held[:] = b"x" * len(held)


TRIAL = {"a test of the test": Kind(Random.random, _fall)}
