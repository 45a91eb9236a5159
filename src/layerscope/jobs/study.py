"""One set of trials: as the server that runs it knows it, and as a page sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from layerscope.jobs.kept import DONE, RUNNING, STOPPED
from layerscope.jobs.order import Order
from layerscope.jobs.ticket import Progress, Ticket
from layerscope.study.trial import STOPPED as STOPPED_TRIAL
from layerscope.study.trial import Trial
from layerscope.study.trials import Trials

INTERRUPTED = "interrupted"
"""The state of trials whose server ended before they did."""
ELSEWHERE = "elsewhere"
"""The state of trials that another process of this server runs."""


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

    @property
    def goes_on(self) -> bool:
        return self.state in (RUNNING, ELSEWHERE)


def seen_trials(order: Order, done: Sequence[Trial]) -> Trials:
    """What came of trials so far."""
    return Trials(order.network, order.plan, order.space, tuple(done), order.size)


def how_it_ended(trials: Trials) -> str:
    """Done only where none is missing and none was stopped."""
    whole = [trial for trial in trials.done if trial.outcome.state != STOPPED_TRIAL]
    return DONE if len(whole) == trials.count else STOPPED
