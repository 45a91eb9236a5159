"""Reading and writing code: what a paste costs beside Python's own parser, and beside the time that we allow.

The code is what the app writes for each network, of 35 to 150 lines. Reading means everything: the limits' scans, the
tree, the walk through `__init__` and `forward`, the input's shape. All take turns within one run, without the
garbage collector's walks over what was loaded before; the app leaves that out in the same way.

The hostile pastes are those of the tests: real ones with lines, words or signs lost, doubled and exchanged, and
generated ones that repeat what is costly for parsers.
"""

import ast
import gc
import statistics
import time
from collections.abc import Callable
from random import Random

from layerscope.presets import PRESETS
from layerscope.source.reader import read, read_all
from layerscope.source.writer import Style, write
from tests.source.hostile import generated, mutated
from tests.source.pastes_oracle import PASTES

BUDGET_MS = 5.0
ROUNDS = 30
NETWORKS = ("fashion-mnist-cnn", "alexnet", "vgg11", "vgg16")
LINES = 100
HOSTILE, HOSTILE_MS = 10_000, 100.0


def took(work: Callable[..., object], *given: object) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work(*given)
    return 1000 * (time.perf_counter() - begin)


def hostile() -> bool:
    """Print how long the slowest of the hostile pastes took; true when each was answered in time."""
    rng, pastes, times = Random(4), list(PASTES.values()), []
    for _ in range(HOSTILE):
        paste = mutated(rng, rng.choice(pastes)) if rng.random() < 0.75 else generated(rng)
        times.append(took(read_all, paste) / HOSTILE_MS)
    times.sort()
    middle, late = statistics.median(times), times[int(0.999 * len(times))]
    print(f"{HOSTILE:,} hostile pastes: the slowest took {times[-1]:.2f} of {HOSTILE_MS:g} ms, ", end="")
    print(f"one in a thousand more than {late:.2f}, one in two more than {middle:.3f}.")
    return times[-1] <= 1


def main() -> bool:
    """Print the ratios; true when code of about a hundred lines is read in time, and each hostile paste."""
    gc.collect()
    gc.freeze()
    print(f"Reading: its share of {BUDGET_MS:g} ms for {LINES} lines, and beside ast.parse of the same text.")
    met = True
    for name in NETWORKS:
        network = PRESETS[name]
        text = write(network, Style.MODULES)
        lines = len(text.splitlines())
        times: dict[str, list[float]] = {"read": [], "parse": [], "write": []}
        for _ in range(ROUNDS):
            times["read"].append(took(read, text))
            times["parse"].append(took(ast.parse, text))
            times["write"].append(took(write, network, Style.MODULES))
        reading, parsing, writing = (statistics.median(times[what]) for what in times)
        share = reading / (BUDGET_MS * max(lines / LINES, 1))
        met &= share <= 1
        print(
            f"{name:20s} {lines:4d} lines   {share:5.2f} of the time allowed   {reading / parsing:5.1f}x ast.parse   "
            f"writing {writing / reading:4.2f}x reading"
        )
    met &= hostile()
    print("met" if met else "missed")
    return met
