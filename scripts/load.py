"""The load test: many visitors at once, over real web sockets, against the real server: `make load`.

Three scenarios, each printed with p50, p95 and p99 in milliseconds and the number of errors (the target is none):

- hundred: 100 visitors move a slider once a second;
- three hundred: 300 visitors move once in ten seconds and let go each time;
- soak: 2,000 visitors come, move and leave, eight at a time; memory and open files of the server before and after.

A move is one preview, and is timed from the moment in which it was due, so that a visitor who was kept waiting counts
in full. Some moves end with a commit through Streamlit, timed by itself; after it the page asks for the next steps
ahead, which is not timed, but keeps the server at work. Wrong numbers are errors like missing answers.
Visitors and server share the machine, so the times hold what the visitors' own work costs the server.
"""

import argparse
import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from layerscope.ui.process import raise_file_limit
from scripts.live import APP, served
from scripts.usage import usage
from scripts.visitor import Visitor

TARGET_MS = 100.0
AT_A_TIME = 8
"""So many visitors open their page at the same moment."""


@dataclass(frozen=True)
class Scenario:
    """Visitors that stay and move. Every `commits`-th move of a visitor ends with a commit, others' at other times."""

    name: str
    visitors: int
    interval: float
    moves: int
    commits: int


@dataclass(frozen=True)
class Soak:
    """Visitors that come and go. `settled` of them come first, to fill what the server keeps of those who left."""

    visitors: int
    settled: int
    commits: int


HUNDRED = Scenario("hundred", visitors=100, interval=1.0, moves=30, commits=5)
THREE_HUNDRED = Scenario("three hundred", visitors=300, interval=10.0, moves=3, commits=1)
SOAK = Soak(visitors=2000, settled=200, commits=5)


@dataclass
class Tally:
    """Seconds by what was waited for, and what went wrong how often."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"open": [], "move": [], "commit": []})
    errors: Counter[str] = field(default_factory=Counter)

    def quantile(self, what: str, percent: int) -> float:
        """In milliseconds."""
        seconds = self.times[what]
        several = seconds if len(seconds) > 1 else seconds * 2 or [float("nan")] * 2
        return 1000 * statistics.quantiles(several, n=100, method="inclusive")[percent - 1]

    def failed(self, error: BaseException) -> None:
        self.errors[f"{type(error).__name__}: {error}"[:200]] += 1

    def __str__(self) -> str:
        lines = []
        for what, seconds in self.times.items():
            if seconds:
                numbers = "  ".join(f"p{percent} {self.quantile(what, percent):7.1f}" for percent in (50, 95, 99))
                lines.append(f"  {what:7}{len(seconds):6}   {numbers} ms")
        lines.append(f"  errors {self.errors.total():6}")
        lines += [f"    {count} times {text}" for text, count in self.errors.most_common(5)]
        return "\n".join(lines)


async def stay(address: str, scenario: Scenario) -> Tally:
    """Open every visitor's page, then let all of them move."""
    tally, door = Tally(), asyncio.Semaphore(AT_A_TIME)
    visitors = [Visitor(address, number) for number in range(scenario.visitors)]

    async def enter(visitor: Visitor) -> None:
        async with door:
            tally.times["open"].append(await visitor.open())

    async def move(visitor: Visitor, number: int) -> None:
        for place in range(scenario.moves):
            due = beginning + (place + number / scenario.visitors) * scenario.interval
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await _move(visitor, tally, due, commits=(place + number) % scenario.commits == 0)

    entered = await asyncio.gather(*map(enter, visitors), return_exceptions=True)
    for error in filter(None, entered):
        tally.failed(error)
    beginning = time.perf_counter() + 1.0
    inside = [number for number, error in enumerate(entered) if error is None]
    await asyncio.gather(*(move(visitors[number], number) for number in inside))
    await asyncio.gather(*(visitor.close() for visitor in visitors), return_exceptions=True)
    return tally


async def come_and_go(address: str, visitors: range, commits: int, into: Tally | None = None) -> Tally:
    """Open, move, perhaps commit, close: so many visitors, AT_A_TIME of them at once."""
    tally, coming = into or Tally(), iter(visitors)

    async def visits() -> None:
        for number in coming:
            visitor = Visitor(address, number)
            try:
                tally.times["open"].append(await visitor.open())
                await _move(visitor, tally, time.perf_counter(), commits=number % commits == 0)
            except Exception as error:
                tally.failed(error)
            finally:
                await visitor.close()

    await asyncio.gather(*(visits() for _ in range(AT_A_TIME)))
    return tally


async def _move(visitor: Visitor, tally: Tally, due: float, *, commits: bool) -> None:
    try:
        tally.times["move"].append(await visitor.preview() - due)
        if commits:
            tally.times["commit"].append(await visitor.commit())
            await visitor.ahead()
    except Exception as error:  # whatever goes wrong for a visitor is what this test counts
        tally.failed(error)


async def _report(address: str, visitors: int) -> None:
    await asyncio.sleep(1)  # the last ones are still leaving
    print(f"  after {visitors} visitors: {usage(address) or 'not known here'}", flush=True)


async def soak(address: str, plan: Soak) -> Tally:
    """Print memory and open files before, in the middle and after."""
    await come_and_go(address, range(plan.settled), plan.commits)
    await _report(address, plan.settled)
    half = plan.settled + plan.visitors // 2
    tally = await come_and_go(address, range(plan.settled, half), plan.commits)
    await _report(address, half)
    await come_and_go(address, range(half, plan.settled + plan.visitors), plan.commits, tally)
    await _report(address, plan.settled + plan.visitors)
    return tally


def run(address: str, *, quick: bool = False, only: str = "") -> list[Tally]:
    """Every scenario, or the one named, printed as it ends. Quick: a few visitors, for a test of the test."""
    asyncio.run(come_and_go(address, range(2), commits=1))  # not counted: first calls of everything
    # The visitors share a process that has torch loaded too; its full collections would be counted as the server's.
    gc.collect()
    gc.freeze()
    tallies = []
    for scenario in (HUNDRED, THREE_HUNDRED):
        if only in ("", scenario.name):
            plan = replace(scenario, visitors=5, interval=0.2, moves=5) if quick else scenario
            print(f"{plan.name}: {plan.visitors} visitors, a move each {plan.interval:g} s", flush=True)
            tallies.append(asyncio.run(stay(address, plan)))
            print(tallies[-1], flush=True)
    if only in ("", "soak"):
        plan_soak = Soak(visitors=10, settled=2, commits=2) if quick else SOAK
        print(f"soak: {plan_soak.visitors} visitors, {AT_A_TIME} at a time; the server before: {usage(address)}")
        tallies.append(asyncio.run(soak(address, plan_soak)))
        print(tallies[-1], flush=True)
    return tallies


def main() -> int:
    """Exits with 1 on any error, and when the moves of `hundred` or `three hundred` miss the target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few visitors for a few seconds; times are not judged")
    parser.add_argument("--only", default="", choices=[HUNDRED.name, THREE_HUNDRED.name, "soak"])
    given = parser.parse_args()
    raise_file_limit()  # two sockets a visitor
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} cores; load average before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with served(APP, log=log) as address:
            tallies = run(address, quick=given.quick, only=given.only)
        tracebacks = log.read_text(errors="replace").count("Traceback")
    met = not tracebacks and not any(tally.errors for tally in tallies)
    if not given.quick and given.only != "soak":
        judged = tallies[:2]  # the soak, where there is one besides, comes third
        met &= all(tally.quantile("move", 95) <= TARGET_MS for tally in judged)
    print(f"Tracebacks in the server's log: {tracebacks}. Target: no errors, p95 of a move at most {TARGET_MS:g} ms:")
    print("met" if met else "missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
