"""The queue: turns, places, estimates and bounds."""

import pytest

from layerscope import limits
from layerscope.jobs.queue import USUAL_SECONDS, Queue
from layerscope.jobs.ticket import FullError, State, Ticket


def filled(*sessions, address="a"):
    queue = Queue()
    for number, session in enumerate(sessions):
        queue.add(Ticket(str(number)), "drill", "{}", session, address)
    return queue, list(queue.jobs.values())


def numbers(queue):
    return [job.ticket.id for job in queue.order()]


def test_fifty_visitors_are_served_in_the_order_in_which_they_came():
    queue, jobs = filled(*(f"visitor {n}" for n in range(50)))
    seen = [queue.progress(job, 2, 0.0) for job in jobs]
    assert [one.position for one in seen] == list(range(1, 51))
    assert all(one.state is State.WAITING for one in seen)
    assert [one.seconds for one in seen[:5]] == [0, 0, USUAL_SECONDS, USUAL_SECONDS, 2 * USUAL_SECONDS]


def test_visitors_take_turns():
    queue, jobs = filled("many", "many", "many", "one", "two")
    assert numbers(queue) == ["0", "3", "4", "1", "2"]
    jobs[0].state = State.RUNNING  # a visitor whose job runs waits for the others' first ones
    assert numbers(queue) == ["3", "4", "1", "2"]


def test_what_jobs_took_tells_how_long_the_next_one_waits():
    queue, jobs = filled("a", "b", "c")
    for job in jobs[:2]:
        job.state, job.began = State.RUNNING, 100.0
    queue.end(jobs[0], State.FINISHED, 104.0)
    assert queue.progress(jobs[2], 1, 101.0).seconds == pytest.approx(3.0)
    assert queue.progress(jobs[2], 2, 101.0).seconds == 0


def test_a_job_that_failed_or_was_stopped_says_nothing_of_how_long_others_take():
    queue, jobs = filled("a", "b", "c", "d")
    jobs[0].state, jobs[0].began = State.RUNNING, 100.0
    queue.end(jobs[0], State.STOPPED, 1_000.0)
    jobs[1].state, jobs[1].began = State.RUNNING, 1_000.0
    assert queue.progress(jobs[2], 1, 1_000.0).seconds == USUAL_SECONDS


@pytest.mark.parametrize(
    ("limit", "session", "address"),
    [
        (limits.JOBS_OF_SESSION, lambda n: "one", lambda n: str(n)),
        (limits.JOBS_OF_ADDRESS, lambda n: str(n), lambda n: "one"),
        (limits.JOBS, lambda n: str(n), lambda n: str(n)),
    ],
)
def test_bounds(limit, session, address):
    queue = Queue()
    for n in range(limit.most):
        queue.add(Ticket(str(n)), "drill", "{}", session(n), address(n))
    with pytest.raises(FullError) as refused:
        queue.add(Ticket("more"), "drill", "{}", session(limit.most), address(limit.most))
    assert str(refused.value) == limit.sentence()
    queue.end(queue.jobs["0"], State.FINISHED, 1.0)
    queue.add(Ticket("more"), "drill", "{}", session(limit.most), address(limit.most))


def test_only_the_newest_results_are_kept():
    queue = Queue()
    for n in range(limits.JOBS_KEPT.most + 10):
        queue.end(queue.add(Ticket(str(n)), "drill", "{}", "s", "a"), State.FINISHED, 1.0)
    queue.add(Ticket("last"), "drill", "{}", "s", "a")
    assert "8" not in queue.jobs
    assert str(limits.JOBS_KEPT.most) in queue.jobs
    assert len(queue.jobs) == limits.JOBS_KEPT.most + 1
