"""The thread that hands jobs to workers and collects what came of them. A page only ever looks at the queue."""

import atexit
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Condition, Thread
from typing import Any, Protocol

from layerscope import limits
from layerscope.jobs import kinds
from layerscope.jobs.cluster import Connection, DeathError
from layerscope.jobs.embedded import ClusterError
from layerscope.jobs.queue import Job, Queue
from layerscope.jobs.ticket import JobError, Progress, State, Ticket

TURN_SECONDS = 0.1
COUNT_SECONDS = 2.0
"""How often the workers are counted."""
AGAIN_SECONDS, AGAIN_MOST = 2.0, 30.0
"""Between two tries to reach the cluster: twice as long after each that fails, up to the second number."""
CALL_SECONDS = 2.0
"""Between two calls to a job to end."""
DEAF_SECONDS = 10.0
"""After so long a job that does not end although it was told to loses its worker."""
TRIES = 2
UNKNOWN = "This job is no longer known; the server keeps only the newest ones."
DIED = "Its worker ended, most likely because the job needs more memory than a worker has."
LOST = "The connection to the workers was lost."
STARTING = "The workers are starting, which takes some seconds."
NO_WORKERS = "The cluster has no worker at the moment."

_log = logging.getLogger(__name__)


class Workers(Protocol):
    """What the dispatcher asks of a connection (`cluster.Connection`)."""

    @property
    def is_alive(self) -> bool: ...
    def slots(self) -> int: ...
    def submit(self, job: Job, run: str) -> Any: ...
    def outcome(self, future: Any) -> str | None: ...
    def refuse(self, run: str) -> None: ...
    def restart_worker(self, run: str) -> None: ...
    def end(self) -> None: ...


class Dispatcher:
    """All jobs of this server, and the thread that moves them. It starts with the first job."""

    def __init__(self, connect: Callable[..., Workers] = Connection) -> None:
        self._connect = connect
        self._queue = Queue()
        self._changed = Condition()
        self._thread: Thread | None = None
        self._is_ended = False
        self._workers: Workers | None = None
        self._slots = limits.WORKERS.most
        self._counted = self._again = self._worked = 0.0
        self._pause = AGAIN_SECONDS
        self._runs: dict[str, tuple[Job, Any]] = {}
        """By the name of a run: its job, and what the workers gave for it."""
        self._told_to_end: dict[str, tuple[float, float]] = {}
        """By the name of a run: when it was first and last told to end."""

    @property
    def slots(self) -> int:
        """How many jobs run at once, as far as that is known."""
        return self._slots

    def submit(self, kind: str, job: Mapping[str, Any], session: str, address: str) -> Ticket:
        """Put a job into the queue. Raises JobError."""
        text = kinds.written(kind, job)
        with self._changed:
            if self._is_ended:
                raise JobError("The server is about to end.")
            ticket = Ticket(secrets.token_urlsafe(16))
            self._queue.add(ticket, kind, text, session, address)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="layerscope-jobs", daemon=True)
                self._thread.start()
                atexit.register(self.end)
            self._changed.notify_all()
        return ticket

    def progress(self, ticket: Ticket) -> Progress:
        """How far a job is. Raises JobError where it is no longer known."""
        with self._changed:
            return self._queue.progress(self._job(ticket), self._slots, time.monotonic())

    def stop(self, ticket: Ticket) -> None:
        """Have a job end: at once while it waits, after its batch while it runs."""
        with self._changed:
            job = self._queue.jobs.get(ticket.id)
            if job is not None and not job.state.is_over:
                job.is_unwanted = True
                if job.state is State.WAITING:
                    self._queue.end(job, State.STOPPED, time.monotonic())
                self._changed.notify_all()

    def result(self, ticket: Ticket, seconds: float = 0.0) -> dict[str, Any] | None:
        """What came of a job, waited for so long; None while it goes on, or where it was stopped with nothing.

        Raises JobError where it failed.
        """
        with self._changed:
            job = self._job(ticket)
            self._changed.wait_for(lambda: job.state.is_over, seconds)
            if job.state is State.FAILED:
                raise JobError(job.reason)
            return job.value

    def _job(self, ticket: Ticket) -> Job:
        if ticket.id not in self._queue.jobs:
            raise JobError(UNKNOWN)
        return self._queue.jobs[ticket.id]

    def end(self) -> None:
        """End the thread and the workers."""
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(20)

    def _run(self) -> None:
        while not self._is_ended:
            try:
                self._turn(time.monotonic())
            except ClusterError as error:
                self._lose(str(error))
            except Exception:
                _log.exception("A turn of the jobs failed.")
                self._lose("The jobs had to begin again.")
            with self._changed:
                if not self._is_ended:
                    self._changed.wait(limits.WORKERS_IDLE.most if self._is_idle else TURN_SECONDS)
        self._release()

    @property
    def _is_idle(self) -> bool:
        return not self._runs and not self._queue.order()

    def _release(self) -> None:
        """Let go of the workers; the next job gets new ones."""
        workers, self._workers, self._counted = self._workers, None, 0.0
        if workers is not None:
            with suppress(Exception):  # it may be gone already
                workers.end()

    def _turn(self, now: float) -> None:
        with self._changed:
            if has_work := not self._is_idle:
                self._worked = now
        if not has_work and now - self._worked > limits.WORKERS_IDLE.most:
            self._release()
        if self._workers is not None and not self._workers.is_alive:
            self._lose(LOST)
        if self._workers is None:
            if not has_work or now < self._again:
                return
            self._workers = self._reach()
        if now - self._counted > COUNT_SECONDS:
            self._slots, self._counted, self._pause = self._workers.slots(), now, AGAIN_SECONDS
            self._explain(NO_WORKERS if self._slots == 0 else "")
        for run, (job, future) in list(self._runs.items()):
            self._collect(self._workers, run, job, future)
        for run, (job, _) in list(self._runs.items()):
            self._call_off(self._workers, run, job, now)
        with self._changed:
            free = max(self._slots - len(self._runs), 0)
            chosen = self._queue.order()[:free]
        for job in chosen:
            self._begin(self._workers, job)

    def _reach(self) -> Workers:
        """Connect to the workers. Until that has succeeded, each try is later after the one before."""
        self._explain(STARTING)
        self._again = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, AGAIN_MOST)
        return self._connect(self._heard)

    def _begin(self, workers: Workers, job: Job) -> None:
        run = f"layerscope-{job.ticket.id}-{len(job.deaths)}"
        with self._changed:
            if job.state is not State.WAITING:
                return
            job.state, job.began = State.RUNNING, time.monotonic()
            self._runs[run] = (job, None)
        future = workers.submit(job, run)
        with self._changed:
            self._runs[run] = (job, future)

    def _collect(self, workers: Workers, run: str, job: Job, future: Any) -> None:
        """Take what came of a run, if anything."""
        try:
            text = workers.outcome(future)
        except DeathError:
            self._died(run, job, DIED)
        except JobError as error:
            self._over(run, job, State.FAILED, reason=str(error))
        else:
            if text is not None:
                answer = json.loads(text)
                state = State.FINISHED if answer["is_whole"] else State.STOPPED
                self._over(run, job, state, answer["value"], answer["reason"] or self._over_time(run, job))

    def _over(self, run: str, job: Job, state: State, value: dict[str, Any] | None = None, reason: str = "") -> None:
        with self._changed:
            self._runs.pop(run, None)
            self._told_to_end.pop(run, None)
            self._queue.end(job, state, time.monotonic(), value, reason)
            self._changed.notify_all()

    def _over_time(self, run: str, job: Job) -> str:
        """Why a run was told to end although nobody had stopped it; "" for every other one."""
        return limits.JOB_SECONDS.sentence() if run in self._told_to_end and not job.is_unwanted else ""

    def _died(self, run: str, job: Job, why: str) -> None:
        """A job lost its worker. It is tried once more, unless it took too long and would do so again."""
        job.deaths.append(why)
        if job.is_unwanted:
            self._over(run, job, State.STOPPED)
        elif late := self._over_time(run, job):
            self._over(run, job, State.FAILED, reason=late)
        elif len(job.deaths) >= TRIES:
            causes = " ".join(dict.fromkeys(job.deaths))
            self._over(run, job, State.FAILED, reason=f"This job was tried {TRIES} times. {causes}")
        else:
            with self._changed:
                self._runs.pop(run, None)
                self._queue.again(job)

    def _call_off(self, workers: Workers, run: str, job: Job, now: float) -> None:
        """Tell a job that nobody wants, or that takes too long, to end."""
        if not job.is_unwanted and now - job.began < limits.JOB_SECONDS.most + DEAF_SECONDS:
            return
        first, last = self._told_to_end.get(run, (now, float("-inf")))
        if now - first > DEAF_SECONDS:
            self._told_to_end[run] = (now, now)
            workers.restart_worker(run)
        elif now - last > CALL_SECONDS:
            self._told_to_end[run] = (first, now)
            workers.refuse(run)

    def _heard(self, run: str, told: Mapping[str, Any]) -> None:
        """What a run tells; on Dask's own thread."""
        with self._changed:
            if run in self._runs and isinstance(told, Mapping):
                self._runs[run][0].told = told
                self._changed.notify_all()

    def _lose(self, why: str) -> None:
        """Let go of workers that cannot be used: their jobs begin again, once, and what waits is told why."""
        _log.warning("%s", why)
        for run, (job, _) in list(self._runs.items()):
            self._died(run, job, why)
        self._explain(why)
        self._release()

    def _explain(self, why: str) -> None:
        """Say to what waits why it does."""
        with self._changed:
            for job in self._queue.order():
                job.reason = why
