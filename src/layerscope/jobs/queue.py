"""Which job is next, and how long the others wait. Knows nothing of Dask.

Visitors take turns: the second job of one waits until every other visitor's first job has begun. So somebody with a
hundred trials delays nobody else by more than the one that runs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from layerscope import limits
from layerscope.jobs.ticket import FullError, Progress, State, Ticket

USUAL_SECONDS = 20.0
"""How long a job takes, before the first one of its kind has ended."""
_WEIGHT = 0.3
"""How much the newest job counts in the average of its kind's seconds."""


@dataclass(eq=False)
class Job:
    """A job from its submission on; only the queue and the dispatcher change it."""

    ticket: Ticket
    kind: str
    text: str
    """Our JSON, checked."""
    session: str
    address: str
    number: int
    """Counts all jobs in the order in which they came."""
    state: State = State.WAITING
    told: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    value: dict[str, Any] | None = None
    """The result."""
    is_unwanted: bool = False
    """Whether somebody wants it stopped."""
    began: float = 0.0
    deaths: list[str] = field(default_factory=list)
    """Why it had to begin again, each time its worker was lost, as a sentence."""


class Queue:
    """All jobs of a server. It is not locked: its owner is."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self._numbers = count()
        self._seconds: dict[str, float] = {}

    def add(self, ticket: Ticket, kind: str, text: str, session: str, address: str) -> Job:
        """A new job at the end of its visitor's own. Raises FullError where there are too many already."""
        open_jobs = [job for job in self.jobs.values() if not job.state.is_over]
        for limit, found in (
            (limits.JOBS_OF_SESSION, sum(job.session == session for job in open_jobs)),
            (limits.JOBS_OF_ADDRESS, sum(job.address == address for job in open_jobs)),
            (limits.JOBS, len(open_jobs)),
        ):
            if found >= limit.most:
                raise FullError(limit.sentence())
        job = self.jobs[ticket.id] = Job(ticket, kind, text, session, address, next(self._numbers))
        self._forget()
        return job

    def _forget(self) -> None:
        """Let go of the oldest jobs that are over."""
        over = [name for name, job in self.jobs.items() if job.state.is_over]
        for name in over[: max(0, len(over) - limits.JOBS_KEPT.most)]:
            del self.jobs[name]

    def order(self) -> list[Job]:
        """The jobs that wait, the next one first."""
        rounds = Counter(job.session for job in self.running())
        keyed = []
        for job in self.jobs.values():
            if job.state is State.WAITING:
                rounds[job.session] += 1
                keyed.append((rounds[job.session], job.number, job))
        return [job for _, _, job in sorted(keyed, key=lambda entry: entry[:2])]

    def running(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.state is State.RUNNING]

    def again(self, job: Job) -> None:
        """Back into the queue, where it was by its age: its worker ended."""
        job.state, job.told, job.began = State.WAITING, {}, 0.0

    def end(self, job: Job, state: State, now: float, value: dict[str, Any] | None = None, reason: str = "") -> None:
        """A job is over. What a finished one took is how long others of its kind are expected to take."""
        if state is State.FINISHED and job.began:
            took = now - job.began
            self._seconds[job.kind] = (1 - _WEIGHT) * self._seconds.get(job.kind, took) + _WEIGHT * took
        job.state, job.value, job.reason = state, value, reason

    def progress(self, job: Job, slots: int, now: float) -> Progress:
        """How far a job is, where so many run at once."""
        if job.state is not State.WAITING:
            return Progress(job.state, told=job.told, reason=job.reason)
        before = self.order()
        place = before.index(job)
        seconds = self._wait(before[:place], max(slots, 1), now)
        return Progress(State.WAITING, place + 1, seconds, job.told, job.reason)

    def _wait(self, before: Iterable[Job], slots: int, now: float) -> float:
        """Seconds until a slot is free, after these jobs: each goes where it can begin first."""
        free = sorted(max(self._usual(job) - (now - job.began), 0.0) for job in self.running())[:slots]
        free = [0.0] * (slots - len(free)) + free
        for job in before:
            free[0] += self._usual(job)
            free.sort()
        return free[0]

    def _usual(self, job: Job) -> float:
        return self._seconds.get(job.kind, USUAL_SECONDS)
