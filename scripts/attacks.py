"""What one hostile visitor does to the others: `make load ATTACKS=1`.

A normal visitor (ten previews and one commit a second) is timed while a process beside the server carries out one
attack after the other (`scripts.attackers`), as fast as the server lets it. For each: what the normal visitor waited,
by how much the server's memory grew at most, and how fast its log grew. The server is started for it, on this machine.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from layerscope.ui.process import raise_file_limit
from scripts.attackers import ATTACKS, FAILURES, SECONDS
from scripts.live import APP, served
from scripts.usage import usage
from scripts.visitor import Visitor

TARGET_P95, TARGET_LONGEST = 100.0, 500.0  # milliseconds
TARGET_MEGABYTES, TARGET_LOG = 50.0, 1.0  # megabytes, and megabytes a minute
PREVIEWS_A_COMMIT = 10


@dataclass
class Seen:
    """What the normal visitor and the server went through."""

    waits: list[float]
    errors: list[str]
    megabytes: float
    log: float

    def __str__(self) -> str:
        ordered = sorted(self.waits) or [float("nan")]
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        numbers = f"p50 {statistics.median(ordered):6.1f}  p95 {p95:6.1f}  longest {ordered[-1]:7.1f} ms"
        told = f"{numbers}   memory {self.megabytes:+6.1f} MB   log {self.log:5.2f} MB a minute"
        return told + (f"   errors {len(self.errors)}: {self.errors[0][:80]}" if self.errors else "")

    @property
    def is_within(self) -> bool:
        """Whether all targets are met."""
        ordered = sorted(self.waits) or [float("inf")]
        soon = ordered[int(0.95 * (len(ordered) - 1))] <= TARGET_P95 and ordered[-1] <= TARGET_LONGEST
        return soon and self.megabytes <= TARGET_MEGABYTES and self.log <= TARGET_LOG and not self.errors


def _carry_out(name: str, address: str, seconds: float) -> None:
    """The attacker's process: one attack again and again."""
    ends = time.perf_counter() + seconds

    async def again() -> None:
        while time.perf_counter() < ends:
            with suppress(*FAILURES):
                await ATTACKS[name](address)
            await asyncio.sleep(0.01)

    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(again(), seconds + 20))


async def _watch(address: str, seconds: float, log: Path) -> Seen:
    """The normal visitor, for so long: waits in milliseconds, each from the moment at which it was due."""
    visitor, seen = Visitor(address, 0), Seen([], [], 0.0, 0.0)
    await visitor.open()
    before, size = usage(address), log.stat().st_size
    start = time.perf_counter()
    for number in range(int(seconds * PREVIEWS_A_COMMIT)):
        due = start + number / PREVIEWS_A_COMMIT
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        try:
            seen.waits.append(1000 * (await visitor.preview() - due))
            if number % PREVIEWS_A_COMMIT == 0:
                seen.waits.append(1000 * await visitor.commit())
        except Exception as error:  # whatever goes wrong for the normal visitor is what is counted
            seen.errors.append(f"{type(error).__name__}: {error}")
            break
        now = usage(address)
        if before is not None and now is not None:
            seen.megabytes = max(seen.megabytes, now.megabytes - before.megabytes)
    passed = time.perf_counter() - start
    seen.log = (log.stat().st_size - size) / 1e6 / passed * 60
    with suppress(Exception):
        await visitor.close()
    return seen


def run(address: str, log: Path, seconds: float = SECONDS, only: str = "") -> bool:
    """Every attack, or the one named, printed as it ends; whether all stayed within the targets."""
    asyncio.run(_watch(address, 2, log))  # not counted: first calls of everything
    print(f"{'undisturbed':12}{asyncio.run(_watch(address, seconds, log))}", flush=True)
    is_met = True
    for name in [only] if only else ATTACKS:
        attacker = multiprocessing.get_context("spawn").Process(target=_carry_out, args=(name, address, seconds + 4))
        attacker.start()
        time.sleep(3)  # its own start
        seen = asyncio.run(_watch(address, seconds, log))
        attacker.join(60)
        attacker.kill()
        is_met &= seen.is_within
        print(f"{name:12}{seen}{'' if seen.is_within else '   MISSED'}", flush=True)
        time.sleep(1)
    return is_met


def main() -> int:
    """Exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", choices=list(ATTACKS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    raise_file_limit()
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} cores; load average before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with served(APP, log=log) as address:
            is_met = run(address, log, given.seconds, given.only)
        tracebacks = log.read_text(errors="replace").count("Traceback")
    print(
        f"Targets: p95 {TARGET_P95:g} ms, longest {TARGET_LONGEST:g} ms, {TARGET_MEGABYTES:g} MB, "
        f"{TARGET_LOG:g} MB of log a minute. Tracebacks in the log: {tracebacks}. {'Met' if is_met else 'Missed'}."
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
