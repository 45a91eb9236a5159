"""Hostile pastes: thousands of broken and generated ones, each answered, none with an exception, soon and small."""

import time
import tracemalloc
from random import Random

from layerscope.source.reader import mismatches, read_all
from layerscope.tracing import trace
from tests.source.hostile import generated, mutated
from tests.source.pastes_oracle import PASTES

CASES = 400
MOST_SECONDS = 2.0
"""Of processor time; generous, as the slowest takes less than a tenth of a second on a quiet machine."""
MOST_MEMORY = 32 * 2**20


def test_every_paste_is_answered(thorough: bool) -> None:
    rng = Random(None if thorough else 4)
    pastes = list(PASTES.values())
    slowest: list[tuple[float, str]] = []
    read, refused = 0, 0
    for number in range(CASES * (150 if thorough else 1)):
        source = mutated(rng, rng.choice(pastes)) if rng.random() < 0.75 else generated(rng)
        begin = time.process_time()
        reading = read_all(source)
        slowest = sorted([*slowest, (time.process_time() - begin, source)])[-5:]
        assert reading.network is not None or reading.refusal is not None
        if reading.refusal is not None:
            refused += 1
            check_refusal(reading.refusal.line, reading.refusal.column, reading.refusal.reason, source)
        elif number % 10 == 0 and reading.network is not None:
            read += 1
            for found in mismatches(reading, trace(reading.network)):
                assert found.sentence
    assert read > CASES // 100
    assert refused > CASES // 10
    assert slowest[-1][0] < MOST_SECONDS, slowest[-1][1][:200]
    for _, source in slowest:
        assert memory(source) < MOST_MEMORY


def check_refusal(line: int | None, column: int | None, reason: str, source: str) -> None:
    """A refusal is a sentence about a place that exists."""
    assert reason
    assert reason[-1] in ".?!", reason
    assert len(reason) < 500
    assert not any(character in reason for character in "\n\0"), reason
    assert line is None or 1 <= line <= source.count("\n") + source.count("\r") + 1
    assert column is None or (line is not None and column >= 1)


def memory(source: str) -> int:
    """The most memory that reading takes at once, in bytes."""
    tracemalloc.start()
    try:
        read_all(source)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
