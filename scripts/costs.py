"""What visitors cost a server, for the simulation of many machines: `python -m scripts.costs`, a minute.

Prints what stands as `MEASURED` in scripts/capacity.py. Visitors come and move one after the other, so that nobody
waits for anybody: what an answer takes is what it costs, but for the visitor's own part. So the spread is that of the
waiting, and its mean is what the server used of the processor, as the system counts it.
"""

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass, field

from scripts import visitor
from scripts.capacity import KINDS
from scripts.live import APP, end_in_order, served
from scripts.many import move_all
from scripts.many import processor as of_several
from scripts.several import several
from scripts.usage import processor, usage
from scripts.visitor import Visitor

VISITORS, MOVES, COMMITS = 60, 5, 3
SHARES = 21
BALANCED_SECONDS = 8.0


@dataclass
class Costs:
    """Milliseconds by kind of work, as they were waited for, and what the server used, sent and held."""

    waited: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    used: dict[str, float] = field(default_factory=dict)
    bytes_of: dict[str, float] = field(default_factory=dict)

    def spread(self, kind: str) -> tuple[float, ...]:
        """Processor milliseconds at evenly spaced shares of all cases."""
        factor = self.used[kind] / statistics.fmean(self.waited[kind])
        return tuple(round(factor * one, 1) for one in statistics.quantiles(self.waited[kind], n=SHARES))


async def visits(address: str) -> tuple[Costs, float, float]:
    """The costs, megabytes of the server before any visitor of these, and what each adds."""
    costs = Costs()
    for number in range(16):  # not counted: first calls of everything
        one = Visitor(address, number)
        await one.open()
        await one.preview()
        await one.commit()
        await one.close()
    before, pages = usage(address), [Visitor(address, number) for number in range(VISITORS)]
    for kind, times in zip(KINDS, (1, MOVES, COMMITS), strict=True):
        spent, told = processor(address), sum(page.bytes for page in pages)
        for _ in range(times):
            for page in pages:
                costs.waited[kind].append(await _milliseconds(page, kind))
        count = times * VISITORS
        costs.used[kind] = 1000 * (processor(address) - spent) / count
        costs.bytes_of[kind] = (sum(page.bytes for page in pages) - told) / count
    costs.used["commit"] -= costs.used["move"]  # each came after a move
    after = usage(address)
    for page in pages:
        await page.close()
    assert before
    assert after
    return costs, before.megabytes, (after.megabytes - before.megabytes) / VISITORS


async def _milliseconds(page: Visitor, kind: str) -> float:
    if kind == "open":
        return 1000 * await page.open()
    began = time.perf_counter()
    came = await page.preview()
    return 1000 * (came - began if kind == "move" else await page.commit())


def balancers() -> float:
    """Processor milliseconds of HAProxy for an answer to a move."""
    with several(1) as (address, _):
        port = address.rpartition(":")[2]
        before = of_several(port)[1]
        answers, _, _ = asyncio.run(move_all(address, 8, BALANCED_SECONDS))
        return 1000 * (of_several(port)[1] - before) / answers


def main() -> int:
    visitor.PATIENCE = 300.0  # what a busy machine takes is no matter here: the processor's time counts
    end_in_order()
    with served(APP) as address:
        costs, base, each = asyncio.run(visits(address))
    for kind in KINDS:
        print(f"    {kind}={costs.spread(kind)},")
    print(f"    bytes_of_open={costs.bytes_of['open']:.0f}, bytes_of_change={costs.bytes_of['commit']:.0f},")
    print(f"    megabytes={base:.0f}, megabytes_of_visitor={each:.2f}, balancer_ms={2 * balancers():.2f},")
    return 0


if __name__ == "__main__":
    sys.exit(main())
