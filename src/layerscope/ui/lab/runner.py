"""Trainings in threads of this process, behind five verbs: start, look, pause, stop, result.

A page knows nothing else of how a training is carried out. So many run at a time; the others wait for their turn. One
whose page was closed ends by itself.
"""

import gc
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from threading import Condition, Thread
from time import monotonic

import torch
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from torch import Tensor

from layerscope import limits
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.outcome import Row, Run
from layerscope.study.plan import Plan
from layerscope.study.splitting import split
from layerscope.study.training import Moment, Peek, Trainer, TrainError

WAITING, RUNNING, PAUSED, ENDED = "waiting", "running", "paused", "ended"
PEEK_SECONDS, CARE_SECONDS = 0.3, 1.0
EYES = 6
"""Held-out images that are looked at while it learns."""


class BusyError(RuntimeError):
    """More trainings than the server takes; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Seen:
    """A training as it is now."""

    network: Network
    data: Data
    plan: Plan
    state: str
    ahead: int
    """Trainings that run before it, while it waits."""
    moment: Moment | None
    rows: tuple[Row, ...]
    peek: Peek | None
    said: str
    """Why it ended before its last step; "" where it did not."""


class _Training(Thread):
    """One training. Its fields are read by pages while it goes on; each is replaced as a whole."""

    def __init__(self, session: str, network: Network, data: Data, plan: Plan) -> None:
        super().__init__(name="layerscope-training", daemon=True)
        self.session, self.network, self.set, self.plan = session, network, data, plan
        self.state, self.said = WAITING, ""
        self.moment: Moment | None = None
        self.rows: tuple[Row, ...] = ()
        self.peek: Peek | None = None
        self.outcome: Run | None = None
        self.is_paused = self.is_stopped = self.is_begun = False
        self._peeked = self._cared = self._here = monotonic()

    def run(self) -> None:
        try:
            if self._may_go_on():
                self._train()
        except TrainError as error:
            self.said = str(error)
        except MemoryError:
            self.said = "The server has no memory left for this training. Choose a smaller batch or a smaller network."
        except Exception:  # nobody else would hear of it
            logging.getLogger(__name__).exception("A training failed")
            self.said = "This training failed, which is a mistake of the app's; its operator finds it in the log."
        finally:
            with _turns:
                self.state = ENDED
                _turns.notify_all()

    def _train(self) -> None:
        warm().join()  # two threads that import the same modules would get in each other's way
        trainer = Trainer(self.network, self.set, self.plan)
        eyes = _one_a_class(self.set)
        for moment in trainer.moments():
            if self.peek is None or monotonic() - self._peeked > PEEK_SECONDS:
                self.peek, self._peeked = trainer.peek(eyes), monotonic()
            self.moment, self.rows = moment, trainer.rows
            if moment.seconds > limits.TRAIN_SECONDS.most:
                self.said = limits.TRAIN_SECONDS.sentence()
                break
            if not self._may_go_on():
                break
        self.peek = trainer.peek(eyes)
        self.outcome = trainer.run()

    def _may_go_on(self) -> bool:
        """Wait while it is paused, or not its turn; False where it was stopped."""
        since = monotonic()
        with _turns:
            while not self.is_stopped and self._is_looked_at() and (self.is_paused or not _is_turn(self)):
                self.state = PAUSED if self.is_paused else WAITING
                _turns.wait(CARE_SECONDS)
                if self.is_paused and monotonic() - since > limits.TRAIN_PAUSED.most:
                    self.said, self.is_stopped = limits.TRAIN_PAUSED.sentence(), True
            if not self.is_stopped:
                self.state, self.is_begun = RUNNING, True
        return not self.is_stopped

    def _is_looked_at(self) -> bool:
        """Whether the page is there; it may be away for a while. Asked now and then."""
        now = monotonic()
        if now - self._cared > CARE_SECONDS:
            self._cared = now
            if _is_here(self.session):
                self._here = now
            self.is_stopped = self.is_stopped or now - self._here > limits.TRAIN_AWAY.most
        return not self.is_stopped


_trainings: OrderedDict[str, _Training] = OrderedDict()
"""By token, the newest last. Those that pause let others go first."""
_turns = Condition()


@cache
def warm() -> Thread:
    """Have torch import what its first optimizer asks for: seconds that nobody should wait for after a click."""
    warming = Thread(target=_warm, name="layerscope-warm-training", daemon=True)
    warming.start()
    return warming


def _warm() -> None:
    Plan().make([torch.nn.Parameter(torch.zeros(1))])
    gc.freeze()


def here() -> str:
    """What tells this visitor's trainings from those of others: Streamlit's session."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def start(session: str, network: Network, data: Data, plan: Plan) -> str:
    """Begin a training, which `suiting.check` took; the token by which it is asked for. Raises BusyError."""
    made = _Training(session, network, data, plan)
    token = secrets.token_urlsafe(16)
    with _turns:
        _clean(session)
        if (found := sum(one.state != ENDED for one in _trainings.values())) >= limits.TRAIN_WAITING.most:
            raise BusyError(limits.TRAIN_WAITING.sentence(found=found))
        _trainings[token] = made
    made.start()
    return token


def look(token: str) -> Seen | None:
    """How far a training is; None where it is not known any more."""
    with _turns:
        one = _trainings.get(token)
        ahead = 0 if one is None else _ahead(one)
    if one is None:
        return None
    return Seen(one.network, one.set, one.plan, one.state, ahead, one.moment, one.rows, one.peek, one.said)


def pause(token: str, is_paused: bool) -> None:
    """Pause a training, or let it go on."""
    with _turns:
        if (one := _trainings.get(token)) is not None:
            one.is_paused = is_paused
            _turns.notify_all()


def stop(token: str) -> None:
    """End a training after the batch that it computes."""
    with _turns:
        if (one := _trainings.get(token)) is not None:
            one.is_stopped = True
            _turns.notify_all()


def result(token: str) -> Run | None:
    """What came of a training that ended; None before, and where it failed."""
    one = _trainings.get(token)
    return one.outcome if one is not None and one.state == ENDED else None


def _clean(session: str) -> None:
    """Forget what nobody asks for any more: a session has one training."""
    for token, one in list(_trainings.items()):
        if one.session == session:
            one.is_stopped = True
        if one.session == session or (one.state == ENDED and not _is_here(one.session)):
            del _trainings[token]
    count, held = 1, 0  # the one that comes counts too
    for token, one in reversed(list(_trainings.items())):
        if one.state == ENDED:
            count, held = count + 1, held + (one.outcome.size if one.outcome is not None else 0)
            if count > limits.TRAIN_KEPT.most or held > limits.TRAIN_KEPT_BYTES.most:
                del _trainings[token]
    _turns.notify_all()


def _ahead(one: _Training) -> int:
    """Trainings that have the turn, or get it, before this one."""
    count = 0
    for other in _trainings.values():
        if other is one:
            break
        count += other.state != ENDED and not other.is_paused
    return count


def _is_turn(one: _Training) -> bool:
    begun = sum(other.is_begun and other.state != ENDED for other in _trainings.values())
    return _ahead(one) < limits.TRAININGS.most and (one.is_begun or begun < limits.TRAIN_BEGUN.most)


def _is_here(session: str) -> bool:
    """Whether the session's page is open; without a server, as in tests, it is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def _one_a_class(data: Data) -> Tensor:
    """The first held-out image of each of the first classes."""
    held = split(data).held
    firsts = [(data.labels[held] == label).nonzero() for label in range(min(EYES, len(data.classes)))]
    return held[torch.stack([places[0, 0] for places in firsts if len(places)])]
