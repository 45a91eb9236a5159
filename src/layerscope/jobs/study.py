"""One set of trials: as the server that runs it knows it, and as a page sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from layerscope.jobs.kept import DONE, RUNNING, STOPPED
from layerscope.jobs.order import Order
from layerscope.jobs.ticket import Progress, State, Ticket
from layerscope.study.trial import STOPPED as STOPPED_TRIAL
from layerscope.study.trial import Trial
from layerscope.study.trials import Trials

INTERRUPTED = "interrupted"
"""The state of trials whose server ended before they did."""
ELSEWHERE = "elsewhere"
"""The state of trials that another process of this server runs."""
RUNS, AGAIN, WAITS = "running", "running again", "waiting to run again"
"""What a trial that was stopped or never begun is while it runs, or waits, once more."""


@dataclass
class Study:
    """Trials of this server that run, or ran since it started."""

    name: str
    order: Order
    session: str
    address: str
    state: str = RUNNING
    done: dict[int, Trial] = field(default_factory=dict)
    before: dict[int, Trial] = field(default_factory=dict)
    """What trials had come to before they went on. Those that are not over are shown until they have new figures."""
    begun: set[int] = field(default_factory=set)
    """The numbers of trials that a worker has begun."""
    running: dict[int, Ticket] = field(default_factory=dict)
    late: dict[int, Ticket] = field(default_factory=dict)
    """Trials that count as stopped, but whose workers may still tell what they have."""
    states: dict[int, bytes] = field(default_factory=dict)
    """By the number of a trial that is not in the file yet: what it can go on from; b"" where that is too much."""
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

    def taken(self, trial: Trial) -> Trial:
        """What is kept of a trial: where it was stopped and told no weights, what it had come to before."""
        is_less = not trial.outcome.is_over and trial.number not in self.states
        return self.before.get(trial.number, trial) if is_less else trial


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
    is_unwanted: bool = False
    """Whether somebody has stopped them; they end soon."""
    late: frozenset[int] = frozenset()
    """The numbers of trials that count as stopped, but whose workers may still tell what they have."""

    @property
    def goes_on(self) -> bool:
        return self.state in (RUNNING, ELSEWHERE)

    @property
    def changes(self) -> bool:
        """Whether there may be something new without a hand."""
        return self.goes_on or bool(self.late)

    @property
    def shown(self) -> Trials:
        """The trials as a page shows them: while they go on, those that are not over are run again, and say so."""
        if not self.goes_on or self.is_unwanted:
            return self.trials
        return replace(self.trials, done=tuple(map(self._shown, self.trials.done)))

    def _shown(self, trial: Trial) -> Trial:
        if trial.outcome.is_over:
            return trial
        now, was_begun = self.running.get(trial.number), trial.outcome.state == STOPPED_TRIAL
        is_running = now is not None and now.state is State.RUNNING
        state = (AGAIN if was_begun else RUNS) if is_running else (WAITS if was_begun else trial.outcome.state)
        return replace(trial, outcome=replace(trial.outcome, state=state))


def seen_trials(order: Order, done: Sequence[Trial]) -> Trials:
    """What came of trials so far."""
    return Trials(order.network, order.plan, order.space, tuple(done), order.size)


def how_it_ended(trials: Trials) -> str:
    """Done only where none is missing, none was stopped, and all were begun."""
    whole = [trial for trial in trials.done if trial.outcome.is_over]
    return DONE if len(whole) == trials.count else STOPPED
