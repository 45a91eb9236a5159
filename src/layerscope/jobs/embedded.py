"""The cluster of this computer: a scheduler and its workers, as a process of their own beside the server.

The server holds the other end of the process's input. When the server ends, however it ends, that input ends with it,
and then so does this process; its workers watch it in the same way. So nothing stays behind, kill -9 included, and a
scheduler at work takes nothing of the server's interpreter. It listens on 127.0.0.1 only: whoever reaches a scheduler
can run code with it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from typing import IO

HOST = "127.0.0.1"
NICE = 10
"""How much less urgent than the server the workers are, so that a slider moves while they train."""
QUIET = "ignore:resource_tracker:UserWarning"
"""Its workers are killed at the end, and the locks between them go with them; Python would warn of those."""
START_SECONDS, END_SECONDS = 60, 10
SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # the queue tries a job again, once
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.preload": ["layerscope.jobs.worker"],
    "distributed.worker.profile.enabled": False,
    "distributed.comm.retry.count": 0,
}


class ClusterError(RuntimeError):
    """A cluster that does not start or cannot be reached; the message is a sentence."""


class Embedded:
    """A running cluster of this computer."""

    def __init__(self, workers: int, memory: int, nice: int = NICE) -> None:
        """Start one, with so many bytes of memory a worker; it takes some seconds. Raises ClusterError."""
        self._process = subprocess.Popen(
            [sys.executable, "-W", QUIET, "-m", __name__, *map(str, (workers, memory, nice))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.address = self._address()

    def _address(self) -> str:
        """What the process tells in its first line."""
        lines: Queue[str] = Queue()
        assert self._process.stdout is not None
        Thread(target=_read, args=(self._process.stdout, lines), daemon=True).start()
        with suppress(Empty, ValueError, KeyError, TypeError):
            return str(json.loads(lines.get(timeout=START_SECONDS))["address"])
        self.end()
        raise ClusterError("The workers of this server do not start; its log says why.")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        """End it, and wait until it has ended."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _read(source: IO[str], lines: Queue[str]) -> None:
    """The first line; the others are read and dropped, so that nobody waits to write them."""
    with source:
        lines.put(source.readline())
        for _ in source:
            pass


def serve(workers: int, memory: int, nice: int) -> None:
    """Be the cluster until the input ends."""
    import dask
    from distributed import LocalCluster

    if hasattr(os, "nice"):
        os.nice(nice)
    folder = tempfile.mkdtemp(prefix="layerscope-workers-")
    dask.config.set(SETTINGS | {"temporary-directory": folder})
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, processes=True, host=HOST, memory_limit=memory, protocol="tcp://",
        dashboard_address=None, scheduler_kwargs={"dashboard": False, "dashboard_address": f"{HOST}:0"},
    )  # fmt: skip
    print(json.dumps({"address": cluster.scheduler_address}), flush=True)
    sys.stdin.read()
    for nanny in cluster.workers.values():  # a polite end takes seconds, for which nobody waits any more
        with suppress(OSError, TypeError):
            os.kill(nanny.pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
