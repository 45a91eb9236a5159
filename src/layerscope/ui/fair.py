"""Work for many visitors on two threads, in a fair order: whoever used the least time lately is served first.

Python runs one thread at a time, so what one visitor asks delays all the others. A visitor who asks seldom waits at
most for the rest of what is being worked on; one with forty questions waits behind everybody else. The second thread
takes only visitors whose questions have been quick, so that they need not even wait for a long one.
"""

import math
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

from layerscope import limits

HALF_LIFE_SECONDS = 5.0
"""After so long, time that was used counts half."""
QUICK_SECONDS = 0.05
"""What a question costs at most, of a visitor who is served by the second thread too."""
FORGIVING = 0.9
"""Each question brings the cost that is expected of a visitor this much closer to what they really cost."""


@dataclass
class _Account:
    """What a visitor used: `used` seconds of CPU time as counted at the moment `when`.

    `expected` is what their next question may cost: the most of late; None while they have not asked.
    """

    when: float
    used: float = 0.0
    expected: float | None = None

    def at(self, now: float) -> float:
        return self.used * math.exp2((self.when - now) / HALF_LIFE_SECONDS)

    def charge(self, now: float, seconds: float) -> None:
        self.used, self.when = self.at(now) + seconds, now


@dataclass(frozen=True)
class _Question:
    visitor: Hashable
    work: Callable[[], Any]
    can_wait: bool
    number: int
    future: "Future[Any]" = field(default_factory=Future)


class FairPool:
    """Two threads that are started with the first question. `clock` and `spent` are in seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.thread_time
    ) -> None:
        self._clock, self._spent = clock, spent
        self._accounts: dict[Hashable, _Account] = {}
        self._waiting: list[_Question] = []
        self._count = 0
        self._news = Condition()

    def submit(self, visitor: Hashable, work: Callable[[], Any], *, can_wait: bool = False) -> "Future[Any]":
        """Queue `work`; the future gets what it returns or raises.

        What `can_wait` is done when nothing else waits. A future that is cancelled before its turn costs nothing.
        """
        with self._news:
            if not self._count:
                for only_quick in (False, True):
                    Thread(target=self._serve, args=(only_quick,), name="layerscope-previews", daemon=True).start()
            self._count += 1
            question = _Question(visitor, work, can_wait, self._count)
            self._waiting.append(question)
            self._news.notify_all()
        return question.future

    def _serve(self, only_quick: bool) -> None:
        while True:
            with self._news:
                while (question := self.take(only_quick)) is None:
                    self._news.wait()
            self.do(question)

    def take(self, only_quick: bool = False) -> _Question | None:
        """The question whose turn it is, no longer in the queue; None where there is none."""
        now = self._clock()
        self._waiting = [one for one in self._waiting if not one.future.cancelled()]
        allowed = [one for one in self._waiting if not only_quick or self._is_quick(one.visitor)]
        for question in sorted(allowed, key=lambda one: (one.can_wait, self._used(one.visitor, now), one.number)):
            self._waiting.remove(question)
            if question.future.set_running_or_notify_cancel():
                account = self._account(question.visitor, now)
                account.charge(now, account.expected or 0.0)  # so that two threads do not both take the same visitor
                return question
        return None

    def do(self, question: _Question) -> None:
        """Work on what was taken, and write down what it cost."""
        began = self._spent()
        try:
            result = question.work()
        except BaseException as error:  # it belongs to whoever asked
            question.future.set_exception(error)
        else:
            question.future.set_result(result)
        cost = self._spent() - began
        with self._news:
            now = self._clock()
            account = self._account(question.visitor, now)
            before = account.expected or 0.0
            account.charge(now, cost - before)
            account.expected = max(cost, FORGIVING * before)

    def _used(self, visitor: Hashable, now: float) -> float:
        account = self._accounts.get(visitor)
        return account.at(now) if account else 0.0

    def _is_quick(self, visitor: Hashable) -> bool:
        account = self._accounts.get(visitor)
        return account is not None and account.expected is not None and account.expected <= QUICK_SECONDS

    def _account(self, visitor: Hashable, now: float) -> _Account:
        """The visitor's account. Of too many, those who used the least lately are forgotten: they lose nothing."""
        if visitor not in self._accounts:
            if len(self._accounts) >= limits.ACCOUNTS.most:
                by_use = sorted(self._accounts, key=lambda one: self._accounts[one].at(now))
                for forgotten in by_use[: limits.ACCOUNTS.most // 2]:
                    del self._accounts[forgotten]
            self._accounts[visitor] = _Account(now)
        return self._accounts[visitor]
