"""Trials that run as jobs: begun by a page, looked at by whoever has their link, kept until the server lets them go."""

import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, Protocol

from layerscope import limits
from layerscope.jobs import front
from layerscope.jobs.kept import DONE, RUNNING, STOPPED, Kept, KeptError
from layerscope.jobs.order import Order
from layerscope.jobs.ticket import FullError, JobError, Progress, State, Ticket
from layerscope.jobs.training import job
from layerscope.study import data
from layerscope.study.trial import FAILED, Outcome, Trial
from layerscope.study.trial import STOPPED as STOPPED_TRIAL
from layerscope.study.trials import Candidate, Trials, trials

WINDOW = 6
"""Trials of one study in the queue at once."""
LOOK_SECONDS = 0.1
SAVE_SECONDS, SAVE_TRIES = 10.0, 360
"""How often, and how many times, what a full disk refused is tried again after the last trial."""
INTERRUPTED = "interrupted"
"""The state of trials whose server ended before they did."""
GONE = "These trials are no longer on this server. It keeps them for some weeks, the newest ones first."
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass
class Study:
    """Trials of this server that run, or ran since it started."""

    name: str
    order: Order
    session: str
    address: str
    state: str = RUNNING
    done: dict[int, Trial] = field(default_factory=dict)
    running: dict[int, Ticket] = field(default_factory=dict)
    owed: list[Trial] = field(default_factory=list)
    """Trials that are done and not in the file yet."""
    is_noted: bool = False
    """Whether the file has the order."""
    ended: str = ""
    """How they ended; "" while they go on."""
    unsaved: str = ""
    """Why they are not saved, as a sentence; "" where they are."""
    problem: str = ""
    is_unwanted: bool = False


@dataclass(frozen=True)
class Seen:
    """What a page shows of trials."""

    order: Order
    state: str
    trials: Trials
    running: dict[int, Progress]
    """By the number of a trial that waits or runs."""
    unsaved: str = ""
    problem: str = ""


class Jobs(Protocol):
    """What is asked of a dispatcher."""

    def submit(self, kind: str, job: Mapping[str, Any], session: str, address: str) -> Ticket: ...
    def progress(self, ticket: Ticket) -> Progress: ...
    def stop(self, ticket: Ticket) -> None: ...
    def result(self, ticket: Ticket) -> dict[str, Any] | None: ...


class Studies:
    """All trials of this server."""

    def __init__(self, kept: Kept, dispatcher: Jobs) -> None:
        self._kept, self._dispatcher = kept, dispatcher
        self._lock = Lock()
        self._known: OrderedDict[str, Study] = OrderedDict()

    def begin(self, order: Order, *, session: str, address: str) -> str:
        """Begin trials; their name, which nobody can guess. Raises JobError where this page or server has enough."""
        return self._start(Study(secrets.token_urlsafe(16), order, session, address))

    def resume(self, name: str, *, session: str, address: str) -> None:
        """Go on with trials that were stopped or interrupted; what is done is not run again. Raises JobError."""
        seen = self.look(name)
        if seen.state not in (RUNNING, DONE):
            done = {trial.number: trial for trial in seen.trials.done if trial.outcome.state != STOPPED_TRIAL}
            before = self._known.get(name)
            owed = list(before.owed) if before is not None else []
            self._start(Study(name, seen.order, session, address, done=done, owed=owed))

    def _start(self, study: Study) -> str:
        with self._lock:
            running = [other for other in self._known.values() if other.state == RUNNING]
            for limit, found in (
                (limits.STUDIES_OF_SESSION, sum(other.session == study.session for other in running)),
                (limits.STUDIES_OF_ADDRESS, sum(other.address == study.address for other in running)),
                (limits.STUDIES, len(running)),
            ):
                if found >= limit.most:
                    raise FullError(limit.sentence())
            self._known[study.name] = study
            over = [name for name, other in self._known.items() if other.state != RUNNING]
            for name in over[: max(0, len(self._known) - limits.STUDIES_KNOWN.most)]:
                del self._known[name]
        self._save(study)
        Thread(target=self._run, args=(study,), name="layerscope-trials", daemon=True).start()
        return study.name

    def _save(self, study: Study) -> None:
        """Put into the file what it lacks. Where that fails, the next trial tries again: a full disk has room later."""
        try:
            if not study.is_noted:
                self._kept.begin(study.name, study.order.to_json())
                study.is_noted = True
            while study.owed:
                self._kept.note(study.name, study.owed[0].number, study.owed[0].to_json())
                del study.owed[0]
            if study.ended:
                self._kept.end(study.name, study.ended)
            study.unsaved = ""
        except KeptError as error:
            study.unsaved = str(error)

    def stop(self, name: str) -> None:
        """Stop trials; those that run end after their batch."""
        if (study := self._known.get(name)) is not None:
            study.is_unwanted = True

    def look(self, name: str) -> Seen:
        """Trials by their name, from this server's memory or from its file. Raises JobError where there are none."""
        study = self._known.get(name)
        if study is None:
            return self._found(name)
        running = {}
        for number, ticket in list(study.running.items()):
            with suppress(JobError):
                running[number] = self._dispatcher.progress(ticket)
        return Seen(
            study.order, study.state, _trials(study.order, list(study.done.values())), running, study.unsaved,
            study.problem,
        )  # fmt: skip

    def _found(self, name: str) -> Seen:
        try:
            found = self._kept.find(name) if _NAME.fullmatch(name) else None
            if found is None:
                raise JobError(GONE)
            order = Order.from_json(found.order)
            done = [Trial.from_json(text) for text in found.trials]
        except KeptError as error:
            raise JobError("The trials of this server cannot be read at the moment.") from error
        except ValueError as error:
            raise error if isinstance(error, JobError) else JobError(GONE) from error
        return Seen(order, INTERRUPTED if found.state == RUNNING else found.state, _trials(order, done), {})

    def _run(self, study: Study) -> None:
        """The thread of a study."""
        order = study.order

        def note(trial: Trial) -> None:
            if trial.outcome.state != STOPPED_TRIAL:
                study.owed.append(trial)
                self._save(study)
            study.done[trial.number] = trial  # only now: what a page shows as done is saved

        try:
            trials(
                order.network, {each.key: each.values for each in order.space}, data.load(order.data),
                sampler=order.sampler, count=order.count, seed=order.seed, plan=order.plan, prunes=order.prunes,
                runner=lambda candidates: self._trained(study, candidates), known=list(study.done.values()),
                on_trial=note, is_wanted=lambda: not study.is_unwanted,
            )  # fmt: skip
        except Exception as error:
            study.problem = str(error) if isinstance(error, ValueError) else "These trials met an error and ended."
            if not isinstance(error, ValueError):
                raise
        finally:
            study.ended = STOPPED if study.is_unwanted or study.problem else DONE
            self._save(study)
            study.state = study.ended  # only now: what a page shows is saved
        for _ in range(SAVE_TRIES):
            if not study.unsaved:
                break
            time.sleep(SAVE_SECONDS)
            if self._known.get(study.name) is not study:  # it was begun again meanwhile
                break
            self._save(study)

    def _trained(self, study: Study, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Outcome]]:
        """Train candidates as jobs, a few in the queue at a time."""
        rest = deque(candidates)
        while (rest and not study.is_unwanted) or study.running:
            if study.is_unwanted:
                for ticket in study.running.values():
                    self._dispatcher.stop(ticket)
            while rest and len(study.running) < WINDOW and not study.is_unwanted:
                try:
                    study.running[rest[0].number] = self._submitted(study, rest[0])
                except FullError:
                    break
                except JobError as error:
                    yield rest[0].number, Outcome(FAILED, reason=str(error))
                rest.popleft()
            for number, ticket in list(study.running.items()):
                if (outcome := self._outcome(ticket)) is not None:
                    del study.running[number]
                    yield number, outcome
            time.sleep(LOOK_SECONDS)

    def _submitted(self, study: Study, each: Candidate) -> Ticket:
        fields = job(each.network, each.plan, study.order.data, each.bars)
        return self._dispatcher.submit("trial", fields, study.session, study.address)

    def _outcome(self, ticket: Ticket) -> Outcome | None:
        """What came of a trial; None while it goes on."""
        try:
            now = self._dispatcher.progress(ticket)
            if not now.state.is_over:
                return None
            value = self._dispatcher.result(ticket)
            if value is not None:
                return Outcome.from_json(value)
        except ValueError as error:
            return Outcome(FAILED, reason=str(error))
        return Outcome(STOPPED_TRIAL if now.state is State.STOPPED else FAILED, reason=now.reason)


def _trials(order: Order, done: Sequence[Trial]) -> Trials:
    return Trials(order.network, order.plan, order.space, tuple(done), order.size)


STUDIES = Studies(Kept(), front.DISPATCHER)
"""Those of this server; in this module and in no cache of Streamlit's, which any visitor can have emptied."""
