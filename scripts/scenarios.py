"""What visitors do in the load test, and what they and the server went through: see `scripts.load`."""

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from scripts.first_visit import files_of_a_page, take
from scripts.usage import usage
from scripts.visitor import CHAINS, Start, Visitor

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
