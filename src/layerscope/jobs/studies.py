"""Trials that run as jobs: begun by a page, looked at by whoever has their link, kept until the server lets them go.

Several processes may have the same trials in sight; the file says which one runs them (`kept.py`).
"""

import re
import secrets
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from threading import Lock, Thread

from layerscope import limits
from layerscope.jobs import front
from layerscope.jobs.beating import Beating
from layerscope.jobs.kept import DONE, RUNNING, STOPPED, Kept, KeptError
from layerscope.jobs.order import Order
from layerscope.jobs.study import ELSEWHERE, INTERRUPTED, Seen, Study, how_it_ended, seen_trials
from layerscope.jobs.ticket import FullError, JobError
from layerscope.jobs.trained import LOOK_SECONDS, Jobs, late, trained
from layerscope.study import data
from layerscope.study.trial import Trial
from layerscope.study.trials import trials

SAVE_SECONDS, SAVE_TRIES = 10.0, 360
"""How often, and how many times, what a full disk refused is tried again after the last trial."""
LATE_SECONDS = 12.0
"""So long a stopped trial may take to tell what it has; the dispatcher ends its worker a little before."""
GONE = "These trials are no longer on this server. It keeps them for some weeks, the newest ones first."
BUSY = "These trials cannot go on at the moment, as the server cannot write its file. Try again in a minute."
DEAF = "These trials cannot be stopped at the moment, as the server cannot write its file. Try again in a minute."
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


class Studies:
    """All trials of this server."""

    def __init__(self, kept: Kept, dispatcher: Jobs) -> None:
        self._kept, self._dispatcher = kept, dispatcher
        self._lock = Lock()
        self._known: OrderedDict[str, Study] = OrderedDict()
        self._beating = Beating(kept, self._taken, self._unwanted)

    def begin(self, order: Order, *, session: str, address: str) -> str:
        """Begin trials; their name, which nobody can guess. Raises JobError where this page or server has enough."""
        study = Study(secrets.token_urlsafe(16), order, session, address)
        with self._lock:
            self._check_room(session, address)
            self._remember(study)
        self._save(study)
        self._start(study)
        return study.name

    def resume(self, name: str, *, session: str, address: str) -> None:
        """Go on with trials that were stopped or interrupted; what is done is not run again. Raises JobError.

        Of several who ask for that, here or in other processes, one begins them, and the others find them running.
        """
        with self._lock:
            seen, before = self.look(name), self._known.get(name)
            if seen.goes_on or seen.state == DONE:
                return
            self._check_room(session, address)
            is_in_file = before is None or before.is_noted
            if is_in_file:
                if not self._claimed(name):
                    return
                seen = self.look(name)  # another process may have gone on with them meanwhile
            every = {trial.number: trial for trial in seen.trials.done}
            done = {number: trial for number, trial in every.items() if trial.outcome.is_over}
            owed = list(before.owed) if before is not None else []
            study = Study(name, seen.order, session, address, done=done, before=every, owed=owed, is_noted=is_in_file)
            self._remember(study)
        self._start(study)

    def _claimed(self, name: str) -> bool:
        try:
            return self._kept.claim(name)
        except KeptError as error:
            raise JobError(BUSY) from error

    def _check_room(self, session: str, address: str) -> None:
        running = [other for other in self._known.values() if other.state == RUNNING]
        for limit, found in (
            (limits.STUDIES_OF_SESSION, sum(other.session == session for other in running)),
            (limits.STUDIES_OF_ADDRESS, sum(other.address == address for other in running)),
            (limits.STUDIES, len(running)),
        ):
            if found >= limit.most:
                raise FullError(limit.sentence())

    def _remember(self, study: Study) -> None:
        self._known[study.name] = study
        self._beating.add(study.name)
        over = [name for name, other in self._known.items() if other.state != RUNNING]
        for name in over[: max(0, len(self._known) - limits.STUDIES_KNOWN.most)]:
            del self._known[name]

    def _start(self, study: Study) -> None:
        Thread(target=self._run, args=(study,), name="layerscope-trials", daemon=True).start()

    def _save(self, study: Study) -> None:
        """Put into the file what it lacks. Where that fails, the next trial tries again: a full disk has room later."""
        try:
            if not study.is_noted:
                self._kept.begin(study.name, study.order.to_json())
                study.is_noted = True
            while study.owed:
                trial = study.owed[0]
                self._kept.note(study.name, trial.number, trial.to_json(), is_over=trial.outcome.is_over)
                del study.owed[0]
                self._hold(study, trial)
            if study.ended:
                self._kept.end(study.name, study.ended)
            study.unsaved = ""
        except KeptError as error:
            study.unsaved = str(error)
            study.states.clear()  # where there is no room for trials there is none for these

    def _hold(self, study: Study, trial: Trial) -> None:
        """Put into the file what the trial can go on from, if anything; without it the trial is none the worse."""
        state = study.states.pop(trial.number, None)
        if state is not None:
            with suppress(KeptError):
                self._kept.hold(study.name, trial.number, trial.accuracy, state, study.session)

    def held(self, name: str) -> dict[int, str]:
        """By number of a trial what is said of its state (`kept_states.py`); nothing where the file is not read."""
        with suppress(KeptError):
            return self._kept.held(name)
        return {}

    def state_of(self, name: str, number: int) -> bytes | None:
        """What a trial can go on from; None where it is not there any more."""
        with suppress(KeptError):
            return self._kept.state_of(name, number)
        return None

    def stop(self, name: str) -> None:
        """Stop trials, whichever process runs them; those that run end after their batch. Raises JobError."""
        study = self._known.get(name)
        if study is not None and study.state == RUNNING:
            study.is_unwanted = True
            return
        try:
            self._kept.wish(name)
        except KeptError as error:
            raise JobError(DEAF) from error

    def _unwanted(self, name: str) -> None:
        """A visitor of another process wants these trials stopped."""
        if (study := self._known.get(name)) is not None:
            study.is_unwanted = True

    def _taken(self, name: str) -> None:
        """Another process runs these trials by now."""
        with self._lock:
            study = self._known.pop(name, None)
        if study is not None:
            study.is_unwanted = True

    def look(self, name: str) -> Seen:
        """Trials by their name, from this server's memory or from its file. Raises JobError where there are none."""
        study = self._known.get(name)
        if study is None or self._went_on_elsewhere(study):
            return self._found(name)
        running = {}
        for number, ticket in list(study.running.items()):
            with suppress(JobError):
                running[number] = self._dispatcher.progress(ticket)
        made = seen_trials(study.order, list((study.before | study.done).values()))
        late = frozenset(study.late)
        return Seen(study.order, study.state, made, running, study.unsaved, study.problem, study.is_unwanted, late)

    def _went_on_elsewhere(self, study: Study) -> bool:
        """Whether trials that were stopped here are no longer so in the file: another process has begun them again."""
        if study.state != STOPPED or study.unsaved:
            return False
        with suppress(KeptError):
            return self._kept.state(study.name) not in ("", STOPPED)
        return False

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
        made = seen_trials(order, done)
        if found.state == RUNNING:
            state = ELSEWHERE if found.is_owned else INTERRUPTED
            return Seen(order, state, made, {}, is_unwanted=found.is_unwanted)
        return Seen(order, how_it_ended(made), made, {})

    def _run(self, study: Study) -> None:
        """The thread of a study."""
        order = study.order

        def note(trial: Trial) -> None:
            trial = study.taken(trial)
            study.owed.append(trial)
            self._save(study)
            study.done[trial.number] = trial  # only now: what a page shows as done is saved

        ended = STOPPED
        try:
            ended = how_it_ended(trials(
                order.network, {each.key: each.values for each in order.space}, data.load(order.data),
                sampler=order.sampler, count=order.count, seed=order.seed, plan=order.plan, prunes=order.prunes,
                runner=lambda candidates: trained(study, self._dispatcher, candidates, self._count),
                known=list(study.done.values()), on_trial=note, is_wanted=lambda: not study.is_unwanted,
            ))  # fmt: skip
        except Exception as error:
            study.problem = str(error) if isinstance(error, ValueError) else "These trials met an error and ended."
            if not isinstance(error, ValueError):
                raise
        finally:
            study.ended = ended
            self._save(study)
            with self._lock:
                study.state = study.ended  # only now: what a page shows is saved
                if self._known.get(study.name) is study:
                    self._beating.remove(study.name)
        self._await(study)
        for _ in range(SAVE_TRIES):
            if not study.unsaved:
                break
            time.sleep(SAVE_SECONDS)
            if self._known.get(study.name) is not study:  # it was begun again meanwhile
                break
            self._save(study)

    def _await(self, study: Study) -> None:
        """Take what stopped trials tell after all: without it they could not be continued."""
        until = time.monotonic() + LATE_SECONDS
        while study.late and time.monotonic() < until and self._known.get(study.name) is study:
            for number, outcome in late(study, self._dispatcher):
                self._amend(study, replace(study.done[number], outcome=outcome))
            time.sleep(LOOK_SECONDS)
        study.late.clear()

    def _amend(self, study: Study, trial: Trial) -> None:
        """Put a trial in the place of what it was taken for, unless these trials have gone on meanwhile."""
        before = study.done[trial.number]
        with self._lock, suppress(KeptError):
            is_here = self._known.get(study.name) is study
            if is_here and self._kept.amend(study.name, trial.number, before.to_json(), trial.to_json()):
                study.done[trial.number] = trial
                self._hold(study, trial)
                every = list((study.before | study.done).values())
                study.ended = study.state = how_it_ended(seen_trials(study.order, every))
                self._kept.end(study.name, study.ended)
        study.states.pop(trial.number, None)

    def _count(self) -> int:
        """How many studies share the workers."""
        return sum(study.state == RUNNING for study in list(self._known.values()))


STUDIES = Studies(Kept(), front.DISPATCHER)
"""Those of this server; in this module and in no cache of Streamlit's, which any visitor can have emptied."""
