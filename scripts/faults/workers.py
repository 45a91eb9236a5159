"""A worker, and a scheduler, of the trials' cluster are lost while a job runs: seconds until the job goes on.

Of this computer's own cluster the worker, and the whole process, are killed. Of a cluster that an operator names the
scheduler is killed and stays away for some seconds; whoever started it and its workers starts them again, as a service
manager does. Whoever waits is told why meanwhile.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

from layerscope.jobs.cluster import Connection
from layerscope.jobs.dispatch import Dispatcher
from layerscope.jobs.ticket import State, Ticket
from scripts.faults.pages import seconds_until
from scripts.live import free_port

LONG = {"steps": 1_500, "milliseconds": 10}
AWAY_SECONDS = 5.0
TARGET_SECONDS = 20.0
"""After the scheduler is back, where it was away; importing torch in a new worker is most of it."""


class Kept:
    """A process that is started again whenever it ends, as a service manager does."""

    def __init__(self, *words: str) -> None:
        self._command = [sys.executable, "-m", *words]
        self.may_run, self._is_over = Event(), False
        self.may_run.set()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._is_over:
            self.may_run.wait()
            quiet = subprocess.DEVNULL
            self._process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)
            self._process.wait()

    def kill(self) -> None:
        assert self._process
        self._process.kill()

    def end(self) -> None:
        self._is_over = True
        self.may_run.set()
        if self._process:
            self._process.terminate()
        self._thread.join(15)


@contextmanager
def operators() -> Iterator[tuple[str, Kept]]:
    """A scheduler with two workers, each started again when it ends; its address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    scheduler = Kept("distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", "--no-show")
    words = ("--nthreads", "1", "--preload", "layerscope.jobs.worker", "--no-dashboard", "--no-nanny",
             "--death-timeout", "60")  # fmt: skip
    workers = [Kept("distributed.cli.dask_worker", address, *words) for _ in range(2)]
    try:
        yield address, scheduler
    finally:
        for one in (*workers, scheduler):
            one.end()


def begun(dispatcher: Dispatcher) -> tuple[Ticket, int]:
    """A long job, once it runs, and its process."""
    ticket = dispatcher.submit("drill", LONG, "s", "a")
    seconds_until(lambda: bool(dispatcher.progress(ticket).told), time.monotonic(), 90)
    return ticket, int(dispatcher.progress(ticket).told["process"])


def again(dispatcher: Dispatcher, ticket: Ticket, begin: float, had: int) -> float:
    """Seconds until the job is computed by another process."""

    def goes_on() -> bool:
        now = dispatcher.progress(ticket)
        return now.state is State.RUNNING and now.told.get("process") not in (None, had)

    return seconds_until(goes_on, begin)


def lost(dispatcher: Dispatcher, what: str, kill: Callable[[int], object], away: float = 0.0) -> float:
    """Lose something under a job; seconds until it goes on, without those for which what was lost stays away."""
    ticket, process = begun(dispatcher)
    other = dispatcher.submit("drill", {"steps": 3, "milliseconds": 1}, "other", "b")
    begin = time.monotonic()
    kill(process)
    seconds = again(dispatcher, ticket, begin, process) - away
    whole = dispatcher.result(ticket, 120)
    beside = dispatcher.result(other, 120)
    is_whole = whole is not None and whole["steps"] == LONG["steps"] and beside is not None
    print(f"  {what}: the job goes on after {seconds:.1f} s{' once it was back' if away else ''}, and is "
          f"{'whole' if is_whole else 'NOT whole'}", flush=True)  # fmt: skip
    return seconds if is_whole else float("inf")


def run() -> bool:
    """Whether every job went on in time and gave its whole result."""
    found = []
    dispatcher = Dispatcher(partial(Connection, nice=1))
    try:
        found.append(lost(dispatcher, "a worker", lambda process: os.kill(process, signal.SIGKILL)))
        own = dispatcher._workers
        assert isinstance(own, Connection)
        found.append(lost(dispatcher, "this computer's cluster", lambda _: os.kill(own.process or 0, signal.SIGKILL)))
    finally:
        dispatcher.end()
    with operators() as (address, scheduler):
        dispatcher = Dispatcher(partial(Connection, address=address))

        def away(_: int) -> None:
            scheduler.may_run.clear()
            scheduler.kill()
            time.sleep(AWAY_SECONDS)
            scheduler.may_run.set()

        try:
            found.append(lost(dispatcher, "an operator's scheduler", away, AWAY_SECONDS))
        finally:
            dispatcher.end()
    print(f"Workers and schedulers lost: a job goes on after {max(found):.1f} s at most (the target is "
          f"{TARGET_SECONDS:g}).")  # fmt: skip
    return max(found) <= TARGET_SECONDS
