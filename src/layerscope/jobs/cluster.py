"""A connection to the workers: of this computer, or of the cluster that an operator names.

Everything here may take seconds and belongs on the dispatcher's thread; no page calls it.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from typing import Any

from layerscope import limits
from layerscope.jobs import worker
from layerscope.jobs.embedded import NICE, ClusterError, Embedded
from layerscope.jobs.queue import Job
from layerscope.jobs.ticket import JobError

ADDRESS = "DASK_SCHEDULER_ADDRESS"
"""The environment variable, Dask's own, in which an operator names a scheduler; TLS is set as Dask says."""
SECONDS = 10
"""For each answer of the scheduler; a connection that takes longer is given up."""
_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")

Told = Callable[[str, Mapping[str, Any]], None]
"""Takes the name of a run, and what it told."""


class DeathError(RuntimeError):
    """The worker of a job ended under it."""


class Connection:
    """Workers that can be used."""

    def __init__(
        self, on_told: Told, address: str | None = None, nice: int = NICE, workers: int = limits.WORKERS.most
    ) -> None:
        """Start the workers of this computer, or reach those of `address`. Raises ClusterError."""
        from layerscope.jobs.reaching import Reaching

        for name in ("distributed.client", "distributed.core", "distributed.comm"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost connection is told by the dispatcher
        named = os.environ.get(ADDRESS, "") if address is None else address
        if named and not _ADDRESS.fullmatch(named):
            raise ClusterError(f"{ADDRESS} must be an address such as tcp://127.0.0.1:8786, or tls:// with TLS.")
        self._embedded = None if named else Embedded(workers, limits.WORKER_MEMORY.most, nice)
        self._on_told = on_told
        self._topic = f"layerscope-{secrets.token_hex(8)}"
        self._calls = ThreadPoolExecutor(4, "layerscope-jobs-call")
        address = self._embedded.address if self._embedded else named
        try:
            self._client = Reaching(address, timeout=SECONDS, set_as_default=False, name="layerscope")  # type: ignore[no-untyped-call]
            self._within(self._client.subscribe_topic, self._topic, self._heard)
        except Exception as error:  # whatever Dask meets there, such as a TypeError for tls:// without certificates
            self.end()
            raise ClusterError(_unreached(address)) from error

    def _within(self, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Call something that may hang, for a while. Raises ClusterError."""
        try:
            return self._calls.submit(work, *given, **named).result(SECONDS)
        except (LateError, OSError) as error:
            raise ClusterError("The cluster does not answer.") from error

    async def _heard(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, message = event
        self._on_told(message["run"], message["told"])

    @property
    def is_alive(self) -> bool:
        is_there = self._embedded is None or self._embedded.is_alive
        return is_there and self._client.status == "running"

    @property
    def process(self) -> int | None:
        """The process of this computer's cluster; None for another cluster."""
        return self._embedded.pid if self._embedded else None

    def slots(self) -> int:
        """How many jobs run at once: one for each thread of a worker. Raises ClusterError."""
        threads: dict[str, int] = self._within(self._client.nthreads)
        return min(sum(threads.values()), limits.RUNNING.most)

    def submit(self, job: Job, run: str) -> Any:
        """Begin a job; what is given back is asked by `outcome`. Raises ClusterError."""
        return self._within(
            self._client.submit, worker.run_job, job.kind, job.text, run, self._topic, key=run, pure=False, retries=0
        )

    def outcome(self, future: Any) -> str | None:
        """The result's text, or None while it runs. Raises DeathError, JobError, and ClusterError."""
        from distributed import KilledWorker

        if not future.done():
            return None
        if future.status in ("cancelled", "lost"):
            raise DeathError
        try:
            return str(self._within(future.result, timeout=SECONDS))
        except KilledWorker as error:
            raise DeathError from error
        except (JobError, ClusterError):
            raise
        except Exception as error:  # whatever the job met on the worker
            raise JobError(f"The worker met an error: {type(error).__name__}.") from error

    def refuse(self, run: str) -> None:
        """Have a run end, wherever it is. Raises ClusterError."""
        self._within(self._client.run, worker.refuse, run, on_error="ignore")

    def restart_worker(self, run: str) -> None:
        """End the worker that does a run: it does not listen. Raises ClusterError."""
        processing = self._within(self._client.processing)
        busy = [address for address, keys in processing.items() if run in keys]
        if busy:
            self._within(self._client.restart_workers, busy, raise_for_error=False)

    def end(self) -> None:
        """Let go of the workers; those of this computer end."""
        if (client := getattr(self, "_client", None)) is not None:
            with suppress(Exception):  # the scheduler may be gone
                self._calls.submit(client.close, timeout=2).result(SECONDS)
        if self._embedded is not None:
            self._embedded.end()
        self._calls.shutdown(wait=False, cancel_futures=True)


def _unreached(address: str) -> str:
    """That a cluster does not answer; with TLS, what to look at."""
    told, is_tls = "The cluster does not answer; Layerscope tries again.", address.startswith("tls:")
    return f"{told} Its address begins with tls: check Dask's settings distributed.comm.tls." if is_tls else told
