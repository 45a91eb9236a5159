"""How much more two processes behind HAProxy answer than one: `python -m scripts.many`.

Visitors move a slider as fast as they are answered, for some seconds, at one process and at several, which take turns.
The visitors run on the same cores as the servers, so what they and HAProxy use is told beside the answers a second, and
the ratio is of answers for each second of the servers' own processor time, times the processes.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil

from scripts.several import several
from scripts.visitor import Visitor

SECONDS, ROUNDS, VISITORS = 8.0, 3, 8
KEYS = [("conv1.kernel_size", range(2, 9)), ("conv1.out_channels", range(4, 65))]


@dataclass(frozen=True)
class Rate:
    """Answers and errors of one round, and processor seconds by who used them."""

    answers: int
    errors: int
    seconds: float
    servers: float
    balancer: float
    visitors: float

    @property
    def a_second(self) -> float:
        return self.answers / self.seconds

    @property
    def of_servers(self) -> float:
        """Answers for each second of the servers' processor time."""
        return self.answers / self.servers


def processor(port: str) -> tuple[float, float]:
    """Processor seconds of the servers and of HAProxy that belong to the front at that port."""
    servers = balancer = 0.0
    for parent in psutil.process_iter():
        try:
            if not any("supervisord" in word for word in parent.cmdline()):
                continue
            children = parent.children(recursive=True)
            if not any(port in {str(one.laddr.port) for one in child.net_connections()} for child in children):
                continue
        except psutil.Error:
            continue
        for child in children:
            times = child.cpu_times()
            used = times.user + times.system
            if "haproxy" in child.name():
                balancer += used
            else:
                servers += used
    return servers, balancer


async def move_all(address: str, visitors: int, seconds: float) -> tuple[int, int, float]:
    """Answers, errors and seconds of visitors that ask again once they are answered."""
    pages = [Visitor(address, 8 * number) for number in range(visitors)]
    for page in pages:
        await page.open()
    begin = time.perf_counter()

    async def moves(page: Visitor, place: int) -> tuple[int, int]:
        answers = errors = number = 0
        while time.perf_counter() < begin + seconds:
            key, values = KEYS[(number + place) % len(KEYS)]
            number += 1
            await page.lane.send(page.question(key, values[(number * 7 + place) % len(values)], number))
            answer = await page.lane.recv()
            answers, errors = answers + 1, errors + ('"parts"' not in str(answer))
        return answers, errors

    done = await asyncio.gather(*(moves(page, place) for place, page in enumerate(pages)))
    took = time.perf_counter() - begin
    await asyncio.gather(*(page.close() for page in pages))
    return sum(one for one, _ in done), sum(one for _, one in done), took


def measured(address: str) -> Rate:
    """One round."""
    port = address.rpartition(":")[2]
    asyncio.run(move_all(address, 2, 1.0))  # not counted: what each process does the first time only
    servers, balancer = processor(port)
    mine = time.process_time()
    answers, errors, seconds = asyncio.run(move_all(address, VISITORS, SECONDS))
    mine = time.process_time() - mine
    after = processor(port)
    return Rate(answers, errors, seconds, after[0] - servers, after[1] - balancer, mine)


def main() -> int:
    """Exits with 1 on an error, or where several processes answer less than 1.7 times what one does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    given = parser.parse_args()
    rates: dict[int, list[Rate]] = {}
    try:
        with several(1) as (one, _), several(given.processes) as (many, _):
            for _ in range(ROUNDS):
                for count, address in ((1, one), (given.processes, many)):
                    rates.setdefault(count, []).append(measured(address))
    except subprocess.SubprocessError as error:
        print(error)
        return 1
    for count, found in rates.items():
        for rate in found:
            print(
                f"{count} processes: {rate.a_second:.0f} answers a second, {rate.errors} errors; in {rate.seconds:.1f} "
                f"seconds servers used {rate.servers:.1f}, HAProxy {rate.balancer:.1f}, visitors {rate.visitors:.1f}"
            )
    seen = {count: statistics.median(rate.a_second for rate in found) for count, found in rates.items()}
    own = {count: statistics.median(rate.of_servers for rate in found) for count, found in rates.items()}
    print(f"As seen, with visitors on the same cores: {seen[given.processes] / seen[1]:.2f} times the answers.")
    ratio = given.processes * own[given.processes] / own[1]
    print(f"With a core for each process: {ratio:.2f} times the answers; the target is 1.7.")
    return int(any(rate.errors for found in rates.values() for rate in found) or ratio < 1.7)


if __name__ == "__main__":
    sys.exit(main())
