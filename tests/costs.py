"""What a text costs: the processor's time, whatever else the machine does, and the memory that it takes at once."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

SIZE = 65_536
MOST_SECONDS = 0.1
BUSY = 4
"""How much longer the same work takes on a machine that others share. A quiet one keeps to MOST_SECONDS."""
ORDINARY_SECONDS = 0.012
"""What `slowness` counts takes so long on an ordinary machine of today."""
MOST_MEMORY = 32 * 2**20

ASCII = tuple(map(chr, range(128)))
OTHERS = tuple("é×“٣𝟙中😀²ﬁ\u0301\x85\xa0\u2028\u3000\ufeff")
"""Letters, digits, signs, blanks and ends of lines beyond ASCII, of two to four bytes."""


def filled(piece: str, size: int = SIZE) -> str:
    """The piece as often as it fits."""
    return (piece * (size // len(piece) + 1))[:size]


def around(piece: str, real: str, size: int = SIZE) -> dict[str, str]:
    """The piece repeated alone, behind a statement, behind and before a real text."""
    return {
        f"{piece!r}": filled(piece, size),
        f"x=1 {piece!r}": "x=1" + filled(piece, size - 3),
        f"real {piece!r}": real + filled(piece, size - len(real)),
        f"{piece!r} real": filled(piece, size - len(real) - 1) + "\n" + real,
    }


def seconds(work: Callable[[], Any], enough: float = MOST_SECONDS) -> float:
    """Processor time, of all threads; the better of two where the first is no less than `enough`."""
    times = []
    for _ in range(2):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
        if times[-1] < enough:
            break
    return min(times)


def slowness() -> float:
    """How many times as long as an ordinary machine this one takes for the same Python, now; 1 where it is quicker."""

    def count() -> int:
        return sum(number * number % 7 for number in range(200_000))

    times = []
    for _ in range(5):
        begin = time.process_time()
        count()
        times.append(time.process_time() - begin)
    return max(1.0, min(times) / ORDINARY_SECONDS)


def check(texts: Iterable[tuple[str, str]], work: Callable[[str], Any], most: float = MOST_SECONDS) -> None:
    """Fail with the dearest where one of the texts costs too much.

    The garbage collector leaves out what was there before, as in the app (`ui/process.py`).
    """
    gc.collect()
    gc.freeze()
    limit = most * BUSY * slowness()
    costs = sorted(((seconds(partial(work, text), limit), name) for name, text in texts), reverse=True)
    assert costs
    assert costs[0][0] < limit, [f"{limit:.3f} s", *((f"{cost:.3f} s", name) for cost, name in costs[:5])]


def memory(work: Callable[[], Any]) -> int:
    """The most memory that it takes at once, in bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
