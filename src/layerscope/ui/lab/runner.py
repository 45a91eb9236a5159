"""The server's training runs, behind six verbs: start, look, pause, stop, result, further.

A page knows nothing else of how a training is carried out. So many run at a time; the others wait for their turn. Each
has an id that nobody can guess, and whoever has it may look at the training and stop it: a reload, another tab and
"back" come with no other mark of who they are. One that no page shows any more ends by itself; the result is kept
for a while.

Why these are threads and not jobs for the workers (`jobs/`), as trials are: a page draws a training three times a
second, with maps, kernels and predictions, and pauses it between two batches; a job reports a few numbers now and then,
and cannot pause. Workers have to be started first, give way to everything else on the computer, and would be sent a
visitor's own images. Here the first point of the curve is there at once, and a stop waits for one batch.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from layerscope import limits
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.outcome import Row, Run
from layerscope.study.plan import Plan
from layerscope.study.training import Moment, Peek
from layerscope.ui.lab.running import ENDED, PAUSED, RUNNING, WAITING, warm
from layerscope.ui.lab.turns import TRAININGS, TURNS, BusyError, Turn, place, put

__all__ = ["ENDED", "PAUSED", "RUNNING", "WAITING", "BusyError", "warm"]

_SERVER = secrets.token_urlsafe(3)
"""With this the ids of this server's training runs begin, until it ends."""
_ID = re.compile(r"[A-Za-z0-9_-]{26}")
NO_ID = "This link does not name a training run."
ENDED_WITH_ITS_SERVER = (
    "This training run is gone: the server was restarted, or another process of it has the run. If the run is still "
    "open in the browser where it was started, use it there; otherwise start it again below."
)


@dataclass(frozen=True)
class Seen:
    """A training as it is now."""

    network: Network
    data: Data
    plan: Plan
    state: str
    place: int
    """Its place in the queue, counted from 1; 0 where it does not wait for its turn."""
    wait: float | None
    """About how many seconds until it begins; None where that is not known."""
    moment: Moment | None
    rows: tuple[Row, ...]
    peek: Peek | None
    said: str
    """Why it ended before its last step; "" where it did not."""
    may_go_further: bool
    """Whether there is something that further epochs can go on from."""


def start(
    session: str, network: Network, data: Data, plan: Plan, address: str = "", ending: Mapping[str, Any] | None = None
) -> str:
    """Begin a training, which `suiting.check` took; its id. What this session began before ends. Raises BusyError.

    `ending`: where another one of the same settings ended (`Trainer.state`); this one goes on from there.
    """
    token = f"{_SERVER}{secrets.token_urlsafe(16)}"
    put(token, Turn(session, network, data, plan, address=address, ending=ending))
    return token


def further(token: str, session: str, epochs: int, address: str = "") -> None:
    """Go on where a training ended, to so many epochs in all. Raises BusyError, and PlanError for too many."""
    with TURNS:
        one = TRAININGS.get(token)
        if one is None or one.state != ENDED or one.ending is None or one.moment is None:
            return
        if epochs * one.moment.steps > one.moment.step * one.plan.epochs:  # another tab may have been faster
            plan = replace(one.plan, epochs=epochs)
            put(token, Turn(session, one.network, one.set, plan, before=one, address=address))


def look(token: str, session: str = "") -> Seen | None:
    """How far a training is; None where it is not known any more. `session` is the one whose page shows it."""
    with TURNS:
        one = TRAININGS.get(token)
        if one is None:
            return None
        (at, wait), one.looked = place(one), monotonic()
        if session:
            one.watchers.pop(session, None)
            one.watchers[session] = None
            for name in list(one.watchers)[: -limits.TRAIN_WATCHERS.most]:
                del one.watchers[name]
    may_go_further = one.ending is not None and not (one.outcome and one.outcome.exploded)
    return Seen(
        one.network, one.set, one.plan, one.state, at, wait, one.moment, one.rows, one.peek, one.said, may_go_further
    )  # fmt: skip


def gone(token: str) -> str:
    """Why a training is not known, as a sentence."""
    if not _ID.fullmatch(token):
        return NO_ID
    return limits.TRAIN_KEPT_SECONDS.sentence() if token.startswith(_SERVER) else ENDED_WITH_ITS_SERVER


def pause(token: str, is_paused: bool) -> None:
    """Pause a training, or let it go on."""
    with TURNS:
        if (one := TRAININGS.get(token)) is not None:
            one.is_paused = is_paused
            TURNS.notify_all()


def stop(token: str) -> None:
    """End a training after the batch that it computes."""
    with TURNS:
        if (one := TRAININGS.get(token)) is not None:
            one.is_stopped = True
            TURNS.notify_all()


def result(token: str) -> Run | None:
    """What came of a training that ended; None before, and where it failed."""
    one = TRAININGS.get(token)
    return one.outcome if one is not None and one.state == ENDED else None
