"""The jobs of this server: what pages call. Nothing here waits for a worker."""

from collections.abc import Mapping
from typing import Any

from layerscope.jobs.dispatch import Dispatcher
from layerscope.jobs.ticket import Progress, Ticket

DISPATCHER = Dispatcher()
"""In this module and in no cache of Streamlit's, which any visitor can have emptied."""


def submit(kind: str, job: Mapping[str, Any], *, session: str, address: str) -> Ticket:
    """Put a job into the queue.

    `job` is our JSON, such as {"network": ..., "plan": ..., "data": {"name": "digits"}}; it is checked and bounded here
    and again in the worker. `session` and `address` tell whose it is. Raises JobError, whose message is a sentence.
    """
    return DISPATCHER.submit(kind, job, session, address)


def progress(ticket: Ticket) -> Progress:
    """Where a job is: its place in the queue with an estimate, or what it told last. Raises JobError."""
    return DISPATCHER.progress(ticket)


def stop(ticket: Ticket) -> None:
    """Have a job end; one that runs ends within two seconds."""
    DISPATCHER.stop(ticket)


def result(ticket: Ticket, seconds: float = 0.0) -> dict[str, Any] | None:
    """What came of a job, waited for so many seconds; None while it goes on. Raises JobError where it failed."""
    return DISPATCHER.result(ticket, seconds)
