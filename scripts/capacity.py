"""How many visitors several machines serve, and what breaks first: `python -m scripts.capacity`, some seconds.

Nothing is served for it. A process is simulated as what it is: one interpreter, whose time all that is under way shares
(each piece of work goes on at 1/k of its speed while k are under way). Visitors come in classes of 30 who open the page
within a few seconds, all of them within five minutes, as when lessons begin; each then changes something every ten
seconds, which is a preview and, when the hand lets go, a commit through Streamlit. HAProxy spreads the pages of a class
over all processes. What a piece of work costs was measured (`python -m scripts.costs` does it again, in a minute), and
is drawn from the measured spread, not from an average.
"""

import argparse
import heapq
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from layerscope import limits
from layerscope.ui.process import FILES_PER_VISITOR, MOST_FILES

CLASS, TOGETHER_SECONDS, ARRIVAL_SECONDS, STEADY_SECONDS = 30, 5.0, 300.0, 300.0
EVERY_SECONDS = 10.0
TARGET_MS = 100.0
LONGEST_MS = 10_000
SOCKETS = 2
"""Web sockets of a page: Streamlit's and the one for previews. HAProxy holds both ends of each."""
KINDS = ("open", "move", "commit")
LOADS = (50, 100, 150, 200, 250, 300, 400, 500)


@dataclass(frozen=True)
class Measured:
    """What was measured. Of a piece of work: processor milliseconds, at 20 evenly spaced shares of all cases."""

    open: tuple[float, ...]
    move: tuple[float, ...]
    commit: tuple[float, ...]
    bytes_of_open: float
    bytes_of_change: float
    megabytes: float
    """Of a process without visitors, all its caches warm."""
    megabytes_of_visitor: float
    balancer_ms: float
    """Processor milliseconds of HAProxy for a change, with its two answers."""


MEASURED = Measured(
    open=(4.8, 13.0, 22.0, 24.6, 33.0, 34.9, 38.3, 41.4, 42.9, 45.3, 48.6, 50.7, 53.1, 55.1, 58.9, 63.9, 68.3, 71.9,
          77.7, 85.6),
    move=(0.8, 2.0, 3.6, 4.6, 5.5, 5.7, 6.1, 6.9, 7.2, 7.5, 8.0, 8.6, 9.3, 9.8, 10.3, 11.2, 12.6, 15.2, 18.5, 28.0),
    commit=(2.3, 5.0, 8.8, 10.7, 12.6, 14.5, 15.3, 16.5, 17.5, 18.9, 20.3, 21.6, 23.9, 25.4, 27.2, 29.6, 33.4, 37.4,
            46.0, 59.6),
    bytes_of_open=91487, bytes_of_change=96420, megabytes=431, megabytes_of_visitor=0.51, balancer_ms=0.90,
)  # fmt: skip


@dataclass(frozen=True)
class Machines:
    """Several machines alike, a process for each core, and HAProxy on one of its own."""

    count: int = 10
    cores: int = 4
    gigabytes: float = 8.0
    balancer_files: int = 524_288
    balancer_cores: int = 4
    gigabits: float = 1.0

    @property
    def processes(self) -> int:
        return self.count * self.cores


@dataclass(frozen=True)
class Waited:
    """95th percentiles in milliseconds by kind of work, and the busy share of the interpreter once all are there."""

    arriving: dict[str, float]
    steady: dict[str, float]
    busy: float


class Interpreter:
    """Work that shares one interpreter's time evenly. Times are in seconds."""

    def __init__(self) -> None:
        self._now = self._done = self.busy = 0.0
        self._under_way: list[tuple[float, int, float, str]] = []
        """By how much work each piece must have got, of what all got since the beginning."""
        self._number = 0

    def begin(self, when: float, work: float, kind: str) -> Iterator[tuple[str, float, float]]:
        """Add a piece of work; what ended before it: kind, when it began, seconds."""
        yield from self.until(when)
        self._number += 1
        heapq.heappush(self._under_way, (self._done + work, self._number, when, kind))

    def until(self, when: float) -> Iterator[tuple[str, float, float]]:
        """Let time pass; what ends meanwhile."""
        while self._under_way:
            needed, _, began, kind = self._under_way[0]
            count = len(self._under_way)
            end = self._now + (needed - self._done) * count
            if end > when:
                self._done += (when - self._now) / count
                self.busy += when - self._now
                break
            self.busy += end - self._now
            self._now, self._done = end, needed
            heapq.heappop(self._under_way)
            yield kind, began, end - began
        self._now = when


def events(sessions: int, processes: int, seed: int) -> list[tuple[float, str]]:
    """What one process gets to do: opening in classes, then a change of each visitor every ten seconds or so."""
    chance, found = Random(seed), list[tuple[float, str]]()
    share = max(1, round(CLASS / processes))  # of a class, as HAProxy gives each process its part
    while sessions > 0:
        bell = chance.uniform(0, ARRIVAL_SECONDS - TOGETHER_SECONDS)
        for _ in range(min(share, sessions)):
            sessions -= 1
            when = bell + chance.uniform(0, TOGETHER_SECONDS)
            found.append((when, "open"))
            while (when := when + chance.expovariate(1 / EVERY_SECONDS)) < ARRIVAL_SECONDS + STEADY_SECONDS:
                found += [(when, "move"), (when + 0.1, "commit")]
    return sorted(found)


def simulated(cost: Measured, sessions: int, processes: int, seed: int = 1) -> Waited:
    """What visitors of one process wait, with so many sessions on it."""
    chance, process = Random(seed), Interpreter()
    waits: dict[tuple[bool, str], list[float]] = {}

    def note(ended: Iterable[tuple[str, float, float]]) -> None:
        for kind, began, seconds in ended:
            waits.setdefault((began >= ARRIVAL_SECONDS, kind), []).append(1000 * seconds)

    busy = []
    end = ARRIVAL_SECONDS + STEADY_SECONDS
    every = events(sessions, processes, seed)
    for since, until in ((0.0, ARRIVAL_SECONDS), (ARRIVAL_SECONDS, end)):
        for when, kind in every:
            if since <= when < until:
                note(process.begin(when, chance.choice(getattr(cost, kind)) / 1000, kind))
        note(process.until(until))
        busy.append(process.busy)
    note(process.until(10 * end))
    arriving, steady = (
        {kind: p95(waits[is_steady, kind]) for kind in KINDS if (is_steady, kind) in waits}
        for is_steady in (False, True)
    )
    return Waited(arriving, steady, (busy[1] - busy[0]) / STEADY_SECONDS)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values * 2, n=20)[-1]


def breaking(cost: Measured, machines: Machines, most: int) -> list[tuple[float, str]]:
    """Sessions on all machines together at which something gives out, what gives out first standing first.

    `most` is how many sessions a process takes until its visitors wait longer than the target.
    """
    changes = 1 / EVERY_SECONDS  # of a session, a second
    processes = machines.processes
    free = machines.count * (1000 * machines.gigabytes - machines.cores * cost.megabytes)
    bits = 8 * cost.bytes_of_change * changes
    found = [
        (most * processes, f"the interpreters: p95 of a move above {TARGET_MS:g} ms"),
        (limits.SESSIONS.most * processes, f"the limit of {limits.SESSIONS.most} pages a process; a sentence says so"),
        (free / cost.megabytes_of_visitor, f"memory: {machines.gigabytes:g} GB a machine"),
        (MOST_FILES / FILES_PER_VISITOR * processes, f"open files of a process: {MOST_FILES:,}"),
        (limits.CONNECTIONS.most * processes / SOCKETS, "HAProxy's maxconn, which its configuration sets"),
        (machines.balancer_files / (2 * SOCKETS), f"open files of HAProxy: {machines.balancer_files:,}"),
        (1000 * machines.balancer_cores / (cost.balancer_ms * changes), f"HAProxy's {machines.balancer_cores} cores"),
        (1e9 * machines.gigabits / bits, f"HAProxy's line: {machines.gigabits:g} Gbit/s"),
    ]
    return sorted(found)


def holds(cost: Measured, processes: int) -> int:
    """Sessions that a process takes within the target, in the minutes in which all come."""
    low, high = 10, 2_000
    while high - low > 10:
        middle = (low + high) // 2
        waited = simulated(cost, middle, processes)
        is_held = max(waited.arriving["move"], waited.steady["move"]) <= TARGET_MS
        low, high = (middle, high) if is_held else (low, middle)
    return low


def table(cost: Measured = MEASURED, machines: Machines = Machines(), wanted: int = 10_000) -> str:
    """Markdown: what visitors wait by sessions a process, and what gives out first."""
    rows = [
        "| sessions a process | a machine | interpreter busy | p95 of a move, ms | of a commit | of an opening | "
        "p95 of a move while all come |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for sessions in LOADS:
        seen = simulated(cost, sessions, machines.processes)
        rows.append(
            f"| {sessions} | {sessions * machines.cores:,} | {min(seen.busy, 1):.0%} | {_told(seen.steady['move'])} | "
            f"{_told(seen.steady['commit'])} | {_told(seen.arriving['open'])} | {_told(seen.arriving['move'])} |"
        )
    each = wanted / machines.processes
    rows += [
        "",
        f"{machines.count} machines of {machines.cores} cores, a process a core: {wanted:,} sessions are {each:.0f} a "
        f"process. What gives out, at how many sessions of all machines:",
        "",
        "| sessions | what gives out |",
        "|---:|---|",
    ]
    found = breaking(cost, machines, holds(cost, machines.processes))
    rows += [f"| {count:,.0f} | {what} |" for count, what in found]
    return "\n".join(rows)


def _told(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds < LONGEST_MS else f"over {LONGEST_MS:,}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--machines", type=int, default=Machines.count)
    parser.add_argument("--cores", type=int, default=Machines.cores, help="of each machine; a process runs on each")
    parser.add_argument("--gigabytes", type=float, default=Machines.gigabytes, help="memory of each machine")
    parser.add_argument("--sessions", type=int, default=10_000)
    given = parser.parse_args()
    print(table(MEASURED, Machines(given.machines, given.cores, given.gigabytes), given.sessions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
