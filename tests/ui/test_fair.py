"""Whoever used the least time lately is served first, whatever the others have waiting."""

import threading
import time
from collections.abc import Callable

import pytest

from layerscope import limits
from layerscope.ui.fair import HALF_LIFE_SECONDS, QUICK_SECONDS, FairPool


class Machine:
    """A pool without threads: its clock stands still, and a question costs what it says."""

    def __init__(self) -> None:
        self.now, self.used = 100.0, 0.0
        self.pool = FairPool(lambda: self.now, lambda: self.used)
        self.pool._count = 1  # it believes that its threads run already
        self.served: list[str] = []

    def ask(self, visitor: str, cost: float = 0.01, **more: bool):
        return self.pool.submit(visitor, self._work(visitor, cost), **more)

    def _work(self, visitor: str, cost: float) -> Callable[[], str]:
        def work() -> str:
            self.used += cost
            self.now += cost
            self.served.append(visitor)
            return visitor

        return work

    def serve(self, times: int = 1_000, *, only_quick: bool = False) -> list[str]:
        """Serve what waits, one after the other, as one thread would."""
        self.served = []
        while times and (question := self.pool.take(only_quick)) is not None:
            self.pool.do(question)
            times -= 1
        return self.served


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_who_never_asked_comes_before_forty_questions_of_one_visitor(machine):
    for _ in range(40):
        machine.ask("eager", 0.07)
    assert machine.serve(3) == ["eager"] * 3
    machine.ask("calm")
    assert machine.serve(2) == ["calm", "eager"]


def test_a_visitor_who_moves_ten_times_a_second_always_comes_before_the_eager_one(machine):
    """Each wait is at most the rest of one question."""
    for _ in range(200):
        machine.ask("eager", 0.07)
    machine.serve(10)
    for _ in range(50):
        machine.ask("calm", 0.005)
        assert machine.serve(2) == ["calm", "eager"]


def test_equals_take_turns(machine):
    for visitor in ("a", "b", "c"):
        for _ in range(30):
            machine.ask(visitor)
    served = machine.serve(60)
    assert {visitor: served.count(visitor) for visitor in "abc"} == {"a": 20, "b": 20, "c": 20}


def test_it_is_time_that_counts_and_not_the_number_of_questions(machine):
    for _ in range(100):
        machine.ask("large", 0.04)
        machine.ask("small", 0.01)
    served = machine.serve(60)
    assert served.count("small") == pytest.approx(4 * served.count("large"), abs=4)


def test_time_that_was_used_long_ago_hardly_counts(machine):
    machine.ask("eager", 5.0)
    machine.serve()
    machine.now += 20 * HALF_LIFE_SECONDS
    machine.ask("other", 0.01)
    machine.serve()
    machine.ask("other")
    machine.ask("eager")
    assert machine.serve() == ["eager", "other"]


def test_what_can_wait_is_done_when_nothing_else_waits(machine):
    machine.ask("a", can_wait=True)
    machine.ask("b", 0.5)
    machine.ask("b", 0.5)
    assert machine.serve() == ["b", "b", "a"]


def test_a_question_that_was_given_up_is_never_worked_on(machine):
    given_up, kept = machine.ask("gone"), machine.ask("there")
    assert given_up.cancel()
    assert machine.serve() == ["there"]
    assert kept.result() == "there"


def test_two_threads_do_not_take_the_same_visitor_while_another_waits(machine):
    for visitor in ("a", "b"):
        machine.ask(visitor, 0.01)
    machine.serve()
    for visitor in ("a", "a", "b"):
        machine.ask(visitor, 0.01)
    taken = [machine.pool.take(), machine.pool.take()]
    assert {question.visitor for question in taken if question} == {"a", "b"}


def test_the_second_thread_serves_those_whose_questions_were_quick(machine):
    machine.ask("slow", 2 * QUICK_SECONDS)
    machine.ask("quick", QUICK_SECONDS / 2)
    assert machine.serve(only_quick=True) == []  # nobody knows yet
    machine.serve()
    for visitor in ("slow", "quick", "new"):
        machine.ask(visitor, 0.0)
    assert machine.serve(only_quick=True) == ["quick"]
    assert set(machine.serve()) == {"slow", "new"}


def test_one_quick_question_does_not_make_a_slow_visitor_a_quick_one(machine):
    machine.ask("slow", 4 * QUICK_SECONDS)
    machine.serve()
    for _ in range(10):
        machine.ask("slow", 0.0)
        assert machine.serve(only_quick=True) == []
        machine.serve()


def test_an_error_goes_to_whoever_asked_and_is_counted(machine):
    def fail() -> None:
        machine.used += 1.0
        raise ValueError("no")

    failed = machine.pool.submit("wrong", fail)
    machine.serve()
    with pytest.raises(ValueError, match="no"):
        failed.result()
    machine.ask("wrong")
    machine.ask("other")
    assert machine.serve() == ["other", "wrong"]


def test_the_accounts_are_bounded_and_whoever_used_the_most_stays(machine):
    machine.ask("eager", 10.0)
    for number in range(limits.ACCOUNTS.most + 10):
        machine.ask(f"visitor {number}", 0.0001)
        machine.serve(2)
    assert len(machine.pool._accounts) <= limits.ACCOUNTS.most
    machine.ask("eager")
    machine.ask("new")
    assert machine.serve() == ["new", "eager"]


def test_a_long_question_does_not_keep_a_quick_visitor_waiting():
    """With the real threads: it is answered while the long one is still being worked on."""
    pool, go_on = FairPool(), threading.Event()
    assert pool.submit("calm", lambda: 1).result(10) == 1
    long = pool.submit("eager", lambda: go_on.wait(20))
    time.sleep(0.05)
    assert pool.submit("calm", lambda: 2).result(10) == 2
    assert not long.done()
    go_on.set()
    assert long.result(10)
