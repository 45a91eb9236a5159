"""The server's training runs: whose turn it is, which of them no page shows now, and which are kept at their end."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Thread
from time import monotonic
from typing import Any

from streamlit import runtime

from layerscope import limits
from layerscope.network import Network
from layerscope.study.data import Data
from layerscope.study.plan import Plan
from layerscope.ui.giving_way import Pace
from layerscope.ui.lab.running import ENDED, PAUSED, RUNNING, WAITING, Training, warm

CARE_SECONDS, HOUSE_SECONDS = 1.0, 10.0
_LESSON = "lesson"
"""The id, and the session, of a lesson's training: none that a page could have."""
_WEIGHT = 0.3
"""How much the newest training counts in the average of their seconds."""

TRAININGS: OrderedDict[str, "Turn"] = OrderedDict()
"""By id, the newest last. Those that pause let others go first."""
TURNS = Condition()
"""Held while anything about the training runs is asked or changed; whoever waits for a turn waits for it."""
_is_house_kept = False
_usual = 20.0
"""Seconds that a training takes, as far as that is known."""


class BusyError(RuntimeError):
    """More training runs than the server takes; the message is a sentence for the visitor."""


def put(token: str, made: "Turn") -> None:
    """Begin a training under that id; what its session began before ends. Raises BusyError."""
    global _is_house_kept
    with TURNS:
        going = [one for one in TRAININGS.values() if one.state != ENDED and not one.is_stopped]
        others = [one for one in going if one.session != made.session]  # its own one makes room
        for limit, found in (
            (limits.TRAIN_OF_ADDRESS, sum(one.address == made.address for one in others)),
            (limits.TRAIN_WAITING, len(others)),
        ):
            if found >= limit.most:
                raise BusyError(limit.sentence(found=found))
        if not _is_house_kept:
            Thread(target=_keep_house, name="layerscope-training-kept", daemon=True).start()
            _is_house_kept = True
        made.start()  # it gets no further than to the lock
        for one in going:
            one.is_stopped = one.session == made.session
        TRAININGS[token] = made
        TRAININGS.move_to_end(token)
        TURNS.notify_all()


class Turn(Training):
    """A training that waits for its turn, and ends where no page shows it any more."""

    def __init__(
        self, session: str, network: Network, data: Data, plan: Plan, before: "Turn | None" = None, address: str = "",
        ending: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(session, network, data, plan, before, ending)
        self.address, self._pace = address, Pace()
        self._since: float | None = None
        """Since when somebody has it paused; None where nobody has."""

    def run(self) -> None:
        warm().join()  # two threads that import the same modules would get in each other's way
        try:
            super().run()
        finally:
            with TURNS:
                self.state, self.looked = ENDED, monotonic()
                _learn(self)
                for token in [token for token, one in TRAININGS.items() if one is self]:
                    TRAININGS.move_to_end(token)
                _clean()
                TURNS.notify_all()

    def may_go_on(self) -> bool:
        self._pace.give_way()
        goes_on = super().may_go_on()
        self._pace.begin()
        return goes_on

    def rests(self) -> bool:
        with TURNS:
            if self.is_stopped or not _is_shown(self):
                return False
            if not self.is_paused and _is_turn(self):
                self.state, self.is_begun, self._since = RUNNING, True, None
                return False
            self.draw_to_here()  # before the page is told that it rests
            self.state = PAUSED if self.is_paused else WAITING
            self._since = (self._since or monotonic()) if self.is_paused else None
            TURNS.wait(CARE_SECONDS)
            if self._since is not None and self.is_paused and monotonic() - self._since > limits.TRAIN_PAUSED.most:
                self.said, self.is_stopped = limits.TRAIN_PAUSED.sentence(), True
            return True


def _is_shown(one: Training) -> bool:
    """Whether a page shows a training, or did lately; it is stopped where none does. Asked now and then."""
    now = monotonic()
    if now - one.cared > CARE_SECONDS:
        one.cared = now
        if any(map(_is_here, one.watchers)):
            one.shown = now
        elif now - one.shown > limits.TRAIN_AWAY.most:
            one.said, one.is_stopped = limits.TRAIN_AWAY.sentence(), True
    return not one.is_stopped


def _is_here(session: str) -> bool:
    """Whether the session's page is open; without a server, as in tests, it is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


@contextmanager
def first(network: Network, data: Data, plan: Plan) -> Iterator[None]:
    """A turn for a training that no page shows: that of a lesson. It counts as all others do.

    Somebody waits for it with a page half drawn, and it takes seconds. So it goes first: of those that run the last one
    waits meanwhile. Only one lesson trains at a time, so the others never all wait.
    """
    one = Turn(_LESSON, network, data, plan)
    one.state, one.is_begun = RUNNING, True
    with TURNS:
        TRAININGS[_LESSON] = one
        TRAININGS.move_to_end(_LESSON, last=False)
    try:
        yield
    finally:
        with TURNS:
            del TRAININGS[_LESSON]
            TURNS.notify_all()


def _before(one: Training) -> list["Turn"]:
    """Training runs that have the turn, or get it, before this one."""
    every = list(TRAININGS.values())
    at = next((at for at, other in enumerate(every) if other is one), len(every))
    return [other for other in every[:at] if other.state != ENDED and not other.is_paused]


def _is_turn(one: Training) -> bool:
    begun = sum(other.is_begun and other.state != ENDED for other in TRAININGS.values())
    return len(_before(one)) < limits.TRAININGS.most and (one.is_begun or begun < limits.TRAIN_BEGUN.most)


def place(one: Training) -> tuple[int, float | None]:
    """Its place in the queue, counted from 1, and about how many seconds it waits.

    (0, None) where it does not wait for its turn. Nobody knows how long it waits for one that pauses.
    """
    if one.state != WAITING or _is_turn(one):
        return 0, None
    before = _before(one)
    if (at := len(before) - limits.TRAININGS.most + 1) < 1:
        return 1, None
    free = [0.0] * limits.TRAININGS.most
    for other in before:  # each goes where it can begin first
        free[0] += other.moment.left if other.moment is not None and other.moment.step else _usual
        free.sort()
    return at, free[0]


def _learn(one: Training) -> None:
    """What one that was not stopped took is how long others are expected to take."""
    global _usual
    if one.outcome is not None and not one.outcome.stopped and one.moment is not None:
        _usual += _WEIGHT * (one.moment.seconds - _usual)


def _keep_house() -> None:
    """Let go of training runs that are past their time, as long as there are any."""
    global _is_house_kept
    with TURNS:
        while TRAININGS:
            _clean()
            TURNS.wait(HOUSE_SECONDS)
        _is_house_kept = False


def _clean() -> None:
    """Keep of the training runs that ended those that were looked at lately: the newest, as far as there is room."""
    now, count, held = monotonic(), 0, 0
    sets = set[int]()
    for token, one in reversed(list(TRAININGS.items())):
        if one.state != ENDED:
            continue
        count += 1
        held += one.size + (one.set.images.nbytes if id(one.set) not in sets else 0)
        sets.add(id(one.set))
        is_too_much = count > limits.TRAIN_KEPT.most or held > limits.TRAIN_KEPT_BYTES.most
        if now - one.looked > limits.TRAIN_KEPT_SECONDS.most or (is_too_much and count > 1):
            del TRAININGS[token]
