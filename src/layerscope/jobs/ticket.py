"""What a page holds of a job: its ticket, how far it is, and why it cannot go on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobError(ValueError):
    """A job that is refused or that failed; the message is a sentence for the visitor."""


class FullError(JobError):
    """A job that is refused because there are so many already: it may be tried again."""


class State(StrEnum):
    """What a job is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in (State.FINISHED, State.STOPPED, State.FAILED)


@dataclass(frozen=True)
class Ticket:
    """One job. Nobody can guess the id, so whoever holds it may look at the job and stop it."""

    id: str


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    state: State
    position: int = 0
    """Its place in the queue, counted from 1; 0 once it runs."""
    seconds: float | None = None
    """About how long until it begins, as far as that can be told from the jobs before; None where it cannot."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the job itself told last, such as its step and its loss."""
    reason: str = ""
    """Why it failed or waits for more than its turn, as a sentence."""
