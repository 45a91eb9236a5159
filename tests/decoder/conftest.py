"""A clock for the decoder's tests."""

import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def benchmark_seconds() -> Callable[[Callable[[], Any]], float]:
    """The seconds of processor time that a call takes: not those that others take from it. The best of three."""

    def seconds(call: Callable[[], Any]) -> float:
        taken = []
        for _ in range(3):
            start = time.process_time()
            call()
            taken.append(time.process_time() - start)
        return min(taken)

    return seconds
