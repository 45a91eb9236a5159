"""The load test: many visitors at once, over real web sockets, against the real server: `make load`.

Four scenarios, each printed with p50, p95 and p99 in milliseconds and the number of errors (the target is none):

- hundred: 100 visitors move a slider once a second;
- three hundred: 300 visitors move once in ten seconds and let go each time (`--minutes` says for how long);
- first: 300 visitors come at the same moment, each with an empty browser, which takes the page's files too;
- soak: 2,000 visitors (or `--soak` many) come, move and leave, eight at a time; memory and open files of the server
  before and after.

`--branching` lets half of the visitors come with networks that branch, `--trainings 2` has two trainings run meanwhile.

A move is one preview, and is timed from the moment in which it was due, so that a visitor who was kept waiting counts
in full. Some moves end with a commit through Streamlit, timed by itself; after it the page asks for the next steps
ahead, which is not timed, but keeps the server at work. Wrong numbers are errors like missing answers.
Visitors and server share the machine, so the times hold what the visitors' own work costs the server. What both used of
the processor is printed, and as "own" by how much the visitors' own process was late to ask.
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
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from layerscope.ui.process import raise_file_limit
from scripts.first_visit import files_of_a_page, take
from scripts.live import APP, end_in_order, served
from scripts.trainee import Trainee
from scripts.usage import processor, usage
from scripts.visitor import BRANCHING, CHAINS, Start, Visitor

TARGET_MS = 100.0
FIRST_SECONDS = 15.0
SOAK_MEGABYTES, SOAK_FILES = 1.0, 10
"""How much a server may grow for a thousand visitors who came and left, and its open files in all."""
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
class First:
    """Visitors that come all at once, for the first time."""

    visitors: int


@dataclass(frozen=True)
class Soak:
    """Visitors that come and go. `settled` of them come first, to fill what the server keeps of those who left."""

    visitors: int
    settled: int
    commits: int


HUNDRED = Scenario("hundred", visitors=100, interval=1.0, moves=30, commits=5)
THREE_HUNDRED = Scenario("three hundred", visitors=300, interval=10.0, moves=3, commits=1)
FIRST = First(visitors=300)
SOAK = Soak(visitors=2000, settled=200, commits=5)


@dataclass
class Tally:
    """Seconds by what was waited for, and what went wrong how often."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"open": [], "move": [], "commit": [], "own": []})
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


async def stay(address: str, scenario: Scenario, starts: tuple[Start, ...] = CHAINS) -> Tally:
    """Open every visitor's page, then let all of them move."""
    tally, door = Tally(), asyncio.Semaphore(AT_A_TIME)
    visitors = [Visitor(address, number, starts) for number in range(scenario.visitors)]

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


async def come_at_once(address: str, plan: First, starts: tuple[Start, ...] = CHAINS) -> Tally:
    """First visits at the same moment, from the page's files to the first picture's numbers."""
    tally = Tally()
    visitors = [Visitor(address, number, starts) for number in range(plan.visitors)]
    files = await files_of_a_page(address)

    async def come(visitor: Visitor) -> None:
        began = time.perf_counter()
        try:
            await take(address, files)
            await visitor.open()
            tally.times["open"].append(time.perf_counter() - began)
        except Exception as error:
            tally.failed(error)

    await asyncio.gather(*map(come, visitors))
    await asyncio.gather(*(visitor.close() for visitor in visitors), return_exceptions=True)
    return tally


async def come_and_go(
    address: str, visitors: range, commits: int, into: Tally | None = None, starts: tuple[Start, ...] = CHAINS
) -> Tally:
    """Open, move, perhaps commit, close: so many visitors, AT_A_TIME of them at once."""
    tally, coming = into or Tally(), iter(visitors)

    async def visits() -> None:
        for number in coming:
            visitor = Visitor(address, number, starts)
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
        tally.times["own"].append(time.perf_counter() - due)
        tally.times["move"].append(await visitor.preview() - due)
        if commits:
            tally.times["commit"].append(await visitor.commit())
            await visitor.ahead()
    except Exception as error:  # whatever goes wrong for a visitor is what this test counts
        tally.failed(error)


async def _report(address: str, visitors: int) -> None:
    await asyncio.sleep(1)  # the last ones are still leaving
    print(f"  after {visitors} visitors: {usage(address) or 'not known here'}", flush=True)


async def soak(address: str, plan: Soak, starts: tuple[Start, ...] = CHAINS) -> Tally:
    """Print memory and open files before, in the middle and after."""
    await come_and_go(address, range(plan.settled), plan.commits, starts=starts)
    await _report(address, plan.settled)
    before = usage(address)
    half = plan.settled + plan.visitors // 2
    tally = await come_and_go(address, range(plan.settled, half), plan.commits, starts=starts)
    await _report(address, half)
    await come_and_go(address, range(half, plan.settled + plan.visitors), plan.commits, tally, starts)
    await _report(address, plan.settled + plan.visitors)
    if before and (after := usage(address)):
        grown = 1000 * (after.megabytes - before.megabytes) / plan.visitors
        print(f"  grown by {grown:+.2f} MB for each 1,000 visitors, {after.files - before.files:+d} files")
        if plan.visitors >= SOAK.visitors and (grown > SOAK_MEGABYTES or after.files > before.files + SOAK_FILES):
            tally.errors["memory or open files grew beyond the target"] += 1
    return tally


@dataclass(frozen=True)
class Asked:
    """What the command asks for."""

    only: str = ""
    quick: bool = False
    minutes: float = 0.5
    soak: int = SOAK.visitors
    starts: tuple[Start, ...] = CHAINS
    trainings: int = 0

    def plans(self) -> list[tuple[str, Scenario | First | Soak]]:
        """The scenarios with their names."""
        moves = max(1, round(60 * self.minutes / THREE_HUNDRED.interval))
        every = {
            HUNDRED.name: HUNDRED, THREE_HUNDRED.name: replace(THREE_HUNDRED, moves=moves), "first": FIRST,
            "soak": replace(SOAK, visitors=self.soak),
        }  # fmt: skip
        if self.quick:
            few = replace(HUNDRED, visitors=5, interval=0.2, moves=5)
            every = {
                HUNDRED.name: few, THREE_HUNDRED.name: replace(few, name=THREE_HUNDRED.name, commits=1),
                "first": First(3), "soak": Soak(visitors=10, settled=2, commits=2),
            }  # fmt: skip
        return [(name, plan) for name, plan in every.items() if self.only in ("", name)]


async def carry_out(address: str, name: str, plan: Scenario | First | Soak, asked: Asked) -> Tally:
    """One scenario, printed as it ends, with what both sides used of the processor."""
    async with AsyncExitStack() as stack:
        for _ in range(asked.trainings):
            await stack.enter_async_context(Trainee(address))
        began, server, own = time.perf_counter(), processor(address), time.process_time()
        match plan:
            case Scenario(_, visitors, interval):
                print(f"{name}: {visitors} visitors, a move each {interval:g} s", flush=True)
                tally = await stay(address, plan, asked.starts)
            case First(visitors):
                print(f"{name}: {visitors} visitors at once", flush=True)
                tally = await come_at_once(address, plan, asked.starts)
            case Soak(visitors):
                print(f"{name}: {visitors} visitors, {AT_A_TIME} at a time; the server before: {usage(address)}")
                tally = await soak(address, plan, asked.starts)
        took = time.perf_counter() - began
        print(tally)
        print(f"  in {took:.0f} s the server used {processor(address) - server:.1f} s of the processor, the visitors "
              f"{time.process_time() - own:.1f} s", flush=True)  # fmt: skip
    return tally


def run(address: str, asked: Asked) -> dict[str, Tally]:
    """Every scenario, or the one named."""
    asyncio.run(come_and_go(address, range(8), commits=1, starts=asked.starts))  # not counted: first calls of all
    # The visitors share a process that has torch loaded too; its full collections would be counted as the server's.
    gc.collect()
    gc.freeze()
    return {name: asyncio.run(carry_out(address, name, plan, asked)) for name, plan in asked.plans()}


def _is_met(name: str, tally: Tally) -> bool:
    """Whether a scenario of full size met its target."""
    if tally.errors or name == "soak":
        return not tally.errors
    if name == "first":
        return max(tally.times["open"]) <= FIRST_SECONDS
    return tally.quantile("move", 95) <= TARGET_MS


def main() -> int:
    """Exits with 1 on any error, and when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few visitors for a few seconds; times are not judged")
    parser.add_argument("--only", default="", choices=[name for name, _ in Asked().plans()])
    parser.add_argument("--minutes", type=float, default=Asked.minutes, help="of three hundred; usually %(default)s")
    parser.add_argument("--soak", type=int, default=SOAK.visitors, help="visitors of the soak; usually %(default)s")
    parser.add_argument("--branching", action="store_true", help="half of the visitors have networks that branch")
    parser.add_argument("--trainings", type=int, default=0, help="so many trainings run in the server meanwhile")
    given = parser.parse_args()
    asked = Asked(
        given.only, given.quick, given.minutes, given.soak, BRANCHING if given.branching else CHAINS, given.trainings
    )
    end_in_order()
    raise_file_limit()  # two sockets a visitor
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} cores; load average before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with served(APP, log=log) as address:
            tallies = run(address, asked)
        tracebacks = log.read_text(errors="replace").count("Traceback")
    met = not tracebacks and not any(tally.errors for tally in tallies.values())
    if not given.quick:
        met &= all(_is_met(name, tally) for name, tally in tallies.items())
    print(f"Tracebacks in the server's log: {tracebacks}. Targets: no errors; p95 of a move at most {TARGET_MS:g} ms; "
          f"all first visits within {FIRST_SECONDS:g} s; at most {SOAK_MEGABYTES:g} MB for each 1,000 who came and left, "
          f"and {SOAK_FILES} files in all:")  # fmt: skip
    print("met" if met else "missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
