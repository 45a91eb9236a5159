"""The load test: many visitors at once, over real web sockets, against the real server: `make load`.

Four scenarios, each printed with p50, p95 and p99 in milliseconds and the number of errors (the target is none):

- hundred: 100 visitors move a slider once a second;
- three hundred: 300 visitors move once in ten seconds and let go each time (`--minutes` says for how long);
- first: 300 visitors come at the same moment, each with an empty browser, which takes the page's files too;
- soak: 2,000 visitors (or `--soak` many) come, move and leave, eight at a time; memory and open files of the server
  before and after.

`--branching` lets half of the visitors come with networks that branch, `--trainings 2` has two trainings run meanwhile,
`--processes 2` has so many processes behind HAProxy, as `make serve-many` does.

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
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from layerscope.ui.process import raise_file_limit
from scripts import many
from scripts.live import APP, end_in_order, served
from scripts.scenarios import (
    AT_A_TIME,
    FIRST,
    HUNDRED,
    SOAK,
    SOAK_FILES,
    SOAK_MEGABYTES,
    THREE_HUNDRED,
    First,
    Scenario,
    Soak,
    Tally,
    come_and_go,
    come_at_once,
    soak,
    stay,
)
from scripts.several import several
from scripts.trainee import Trainee
from scripts.usage import processor, usage
from scripts.visitor import BRANCHING, CHAINS, Start

TARGET_MS = 100.0
FIRST_SECONDS = 15.0


@dataclass(frozen=True)
class Asked:
    """What the command asks for."""

    only: str = ""
    quick: bool = False
    minutes: float = 0.5
    soak: int = SOAK.visitors
    starts: tuple[Start, ...] = CHAINS
    trainings: int = 0
    processes: int = 1

    def plans(self) -> list[tuple[str, Scenario | First | Soak]]:
        """The scenarios with their names."""
        moves = max(1, round(60 * self.minutes / THREE_HUNDRED.interval))
        every: dict[str, Scenario | First | Soak] = {
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


@contextmanager
def serving(processes: int, log: Path) -> Iterator[str]:
    """The real server, of one process or of several; its address."""
    if processes == 1:
        with served(APP, log=log) as address:
            yield address
    else:
        with several(processes, log) as (address, _):
            yield address


def spent(address: str, asked: Asked) -> float:
    """Processor seconds of the server so far, with HAProxy's where there are several processes."""
    return processor(address) if asked.processes == 1 else sum(many.processor(address.rpartition(":")[2]))


async def carry_out(address: str, name: str, plan: Scenario | First | Soak, asked: Asked) -> Tally:
    """One scenario, printed as it ends, with what both sides used of the processor."""
    async with AsyncExitStack() as stack:
        for _ in range(asked.trainings):
            await stack.enter_async_context(Trainee(address))
        began, server, own = time.perf_counter(), spent(address, asked), time.process_time()
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
        took, server, own = time.perf_counter() - began, spent(address, asked) - server, time.process_time() - own
        print(tally)
        print(f"  in {took:.0f} s the server used {server:.1f} s of the processor, visitors {own:.1f} s", flush=True)
    return tally


def run(address: str, asked: Asked) -> dict[str, Tally]:
    """Every scenario, or the one named."""
    asyncio.run(
        come_and_go(address, range(2 if asked.quick else 8), commits=1, starts=asked.starts)
    )  # not counted: first calls of all
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
    parser.add_argument("--processes", type=int, default=1, help="of the server, behind HAProxy")
    given = parser.parse_args()
    asked = Asked(
        given.only, given.quick, given.minutes, given.soak, BRANCHING if given.branching else CHAINS, given.trainings,
        given.processes,
    )  # fmt: skip
    end_in_order()
    raise_file_limit()  # two sockets a visitor
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} cores; load average before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with serving(asked.processes, log) as address:
            tallies = run(address, asked)
        tracebacks = log.read_text(errors="replace").count("Traceback")
    met = not tracebacks and not any(tally.errors for tally in tallies.values())
    if not given.quick:
        met &= all(_is_met(name, tally) for name, tally in tallies.items())
    print(f"Tracebacks in the server's log: {tracebacks}. Targets: no errors; p95 of a move at most {TARGET_MS:g} ms; "
          f"all first visits within {FIRST_SECONDS:g} s; at most {SOAK_MEGABYTES:g} MB for each 1,000 who came and "
          f"left, and {SOAK_FILES} files in all:")  # fmt: skip
    print("met" if met else "missed")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
