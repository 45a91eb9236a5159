"""The candidates of a study, trained as jobs: a few in the queue at a time, and what came of each."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, Protocol

from layerscope.jobs.study import Study
from layerscope.jobs.ticket import FullError, JobError, Progress, State, Ticket
from layerscope.jobs.training import job, moment, state_taken
from layerscope.study.trial import CONTINUED, FAILED, UNSTARTED, Outcome
from layerscope.study.trial import STOPPED as STOPPED_TRIAL
from layerscope.study.trials import Candidate

WINDOW = 6
"""Trials of one study in the queue at once, where the workers are few."""
SPARE = 2
"""Trials that wait for a worker beside those that may run at once."""
LOOK_SECONDS = 0.1
STOP_SECONDS = 0.7
"""So long trials that are to stop have for telling what they have; then they count as stopped, and keep nobody waiting.
The dispatcher tells their workers to end and does not lose sight of them: what they tell later is asked for by `late`.
"""
UNASKED = "It ended early, although nobody stopped it."


class Jobs(Protocol):
    """What is asked of a dispatcher."""

    @property
    def slots(self) -> int: ...
    def submit(self, kind: str, job: Mapping[str, Any], session: str, address: str) -> Ticket: ...
    def progress(self, ticket: Ticket) -> Progress: ...
    def stop(self, ticket: Ticket) -> None: ...
    def result(self, ticket: Ticket) -> dict[str, Any] | None: ...


def window(slots: int, studies: int) -> int:
    """How many trials of one study are in the queue at once: its share of the workers, and a few that wait."""
    return max(WINDOW, -(-slots // max(studies, 1)) + SPARE)


def trained(
    study: Study, jobs: Jobs, candidates: Sequence[Candidate], studies: Callable[[], int]
) -> Iterator[tuple[int, Outcome]]:
    """Train candidates, and tell of each by its number, of those too that were stopped before they began. `studies`
    counts those that share the workers."""
    rest, until = deque(candidates), float("inf")
    epochs = {each.number: each.plan.epochs for each in candidates}
    while (rest and not study.is_unwanted) or study.running:
        if study.is_unwanted:
            until = min(until, time.monotonic() + STOP_SECONDS)
            for ticket in study.running.values():
                jobs.stop(ticket)
        most = window(jobs.slots, studies())
        while rest and len(study.running) < most and not study.is_unwanted:
            try:
                study.running[rest[0].number] = _submitted(study, jobs, rest[0])
            except FullError:
                break
            except JobError as error:
                yield rest[0].number, Outcome(FAILED, reason=str(error))
            rest.popleft()
        for number, ticket in list(study.running.items()):
            now = _progress(jobs, ticket)
            if now.state is State.RUNNING:
                study.begun.add(number)
            stopped = _stopped(now, epochs[number]) if number in study.begun else Outcome(UNSTARTED)
            if (outcome := _outcome(study, jobs, number, ticket, now, stopped)) is not None:
                del study.running[number]
                yield number, outcome
            elif time.monotonic() > until:
                study.late[number] = study.running.pop(number)
                yield number, stopped
        time.sleep(LOOK_SECONDS)
    for each in rest:
        yield each.number, Outcome(UNSTARTED)


def late(study: Study, jobs: Jobs) -> Iterator[tuple[int, Outcome]]:
    """Tell of trials that counted as stopped before their workers had said anything: what they have said since."""
    for number, ticket in list(study.late.items()):
        outcome = _outcome(study, jobs, number, ticket, _progress(jobs, ticket), Outcome(UNSTARTED))
        if outcome is not None and outcome.state not in (UNSTARTED, FAILED):
            yield number, outcome
        if outcome is not None:
            del study.late[number]  # only now: a page looks again until all is taken


def _progress(jobs: Jobs, ticket: Ticket) -> Progress:
    """How far a job is; one that is not known any more failed."""
    try:
        return jobs.progress(ticket)
    except JobError as error:
        return Progress(State.FAILED, reason=str(error))


def _stopped(now: Progress, epochs: int) -> Outcome:
    """What is known of a trial that was stopped and gave no answer: what it told last."""
    last = moment(now.told)
    if last is None:
        return Outcome(STOPPED_TRIAL)
    loss = last.held_loss if last.held_loss is not None and isfinite(last.held_loss) else None
    return Outcome(
        STOPPED_TRIAL, last.held_accuracy, loss, last.seconds, epochs=last.step / max(last.steps, 1) * epochs
    )


def _submitted(study: Study, jobs: Jobs, each: Candidate) -> Ticket:
    fields = job(each.network, each.plan, study.order.data, each.bars)
    return jobs.submit("trial", fields, study.session, study.address)


def _outcome(study: Study, jobs: Jobs, number: int, ticket: Ticket, now: Progress, stopped: Outcome) -> Outcome | None:
    """What came of a trial, where it ended without an answer what is `stopped`; None while it goes on.

    One that stopped although nobody wants that failed: it took too long, say, and would do so again.
    """
    try:
        if not now.state.is_over:
            return None
        value = jobs.result(ticket)
        state = state_taken(value) if value is not None else None
        outcome = Outcome.from_json(value) if value is not None else stopped
    except ValueError as error:
        return Outcome(FAILED, reason=str(error))
    is_failure = not outcome.is_over and not study.is_unwanted
    if outcome.state in CONTINUED and state is not None and not is_failure:
        study.states[number] = state
    if outcome.is_over:
        return outcome
    if not is_failure:
        return replace(outcome, reason=now.reason)
    return Outcome(
        FAILED, seconds=outcome.seconds, curve=outcome.curve, reason=now.reason or UNASKED, epochs=outcome.epochs
    )
