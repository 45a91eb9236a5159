"""The dispatcher, with workers that stand in: retries, losses, stops, and a page that never waits."""

import itertools
import time
from threading import Event

import pytest

from layerscope import limits
from layerscope.jobs import dispatch
from layerscope.jobs.dispatch import DIED, LOST, NO_WORKERS, UNKNOWN, Dispatcher
from layerscope.jobs.embedded import ClusterError
from layerscope.jobs.ticket import JobError, State, Ticket
from tests.jobs.workers import FakeWorkers, until

DRILL = {"steps": 1, "milliseconds": 1}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name in ("TURN_SECONDS", "COUNT_SECONDS", "AGAIN_SECONDS", "CALL_SECONDS"):
        monkeypatch.setattr(dispatch, name, 0.01)


class Server:
    """A dispatcher, and all the workers that it was connected to."""

    def __init__(self, connect=None):
        self.made = []
        self.dispatcher = Dispatcher(connect or self.connect)

    def connect(self, on_told):
        self.made.append(FakeWorkers())
        self.made[-1].tell = on_told
        return self.made[-1]

    @property
    def workers(self):
        return self.made[-1]

    def submit(self, session="s"):
        return self.dispatcher.submit("drill", DRILL, session, "a")

    def state(self, ticket):
        return self.dispatcher.progress(ticket).state

    def running(self, ticket):
        """Wait until it runs; the name of its run."""
        until(lambda: self.state(ticket) is State.RUNNING)
        return until(lambda: next((run for run in reversed(self.workers.runs) if ticket.id in run), ""))


@pytest.fixture
def server():
    made = Server()
    yield made
    made.dispatcher.end()


def test_a_job_runs_tells_and_gives_its_result(server):
    ticket = server.submit()
    run = server.running(ticket)
    server.workers.tell(run, {"step": 3})
    assert server.dispatcher.progress(ticket).told == {"step": 3}
    assert server.dispatcher.result(ticket) is None
    server.workers.finish(run, steps=1)
    assert server.dispatcher.result(ticket, 5) == {"steps": 1}
    assert server.state(ticket) is State.FINISHED
    server.workers.tell(run, {"step": 4})  # too late, and to nobody
    server.workers.tell("unknown", {"step": 4})


def test_nothing_starts_before_the_first_job(server):
    time.sleep(0.05)
    assert not server.made


def test_only_as_many_run_as_there_are_workers(server):
    tickets = [server.submit(str(n)) for n in range(5)]
    server.running(tickets[1])
    time.sleep(0.05)
    assert [server.state(ticket) for ticket in tickets] == [State.RUNNING] * 2 + [State.WAITING] * 3
    assert server.dispatcher.progress(tickets[4]).position == 3
    run = server.running(tickets[0])
    server.workers.finish(run)
    server.running(tickets[2])


def test_a_job_whose_worker_dies_is_tried_once_more(server):
    ticket = server.submit()
    first = server.running(ticket)
    server.workers.kill(first)
    second = until(lambda: next((run for run in server.workers.runs if run != first), ""))
    server.workers.finish(second, steps=1)
    assert server.dispatcher.result(ticket, 5) == {"steps": 1}


def test_a_job_whose_worker_dies_twice_is_reported(server):
    ticket = server.submit()
    first = server.running(ticket)
    server.workers.kill(first)
    second = until(lambda: next((run for run in server.workers.runs if run != first), ""))
    server.workers.kill(second)
    told = f"This job was tried 2 times. {DIED}"
    with pytest.raises(JobError, match=told):
        until(lambda: server.dispatcher.result(ticket))
    assert server.dispatcher.progress(ticket).reason == told


@pytest.mark.parametrize("first", ["killed", "lost"])
def test_a_job_that_loses_the_scheduler_is_told_so_and_not_of_memory(server, first):
    ticket = server.submit()
    run = server.running(ticket)
    if first == "killed":
        server.workers.kill(run)
        until(lambda: len(server.workers.runs) == 2)
    else:
        server.workers.is_alive = False
        until(lambda: len(server.made) == 2)
    server.running(ticket)
    server.workers.is_alive = False
    with pytest.raises(JobError) as told:
        until(lambda: server.dispatcher.result(ticket))
    assert str(told.value) == f"This job was tried 2 times. {f'{DIED} {LOST}' if first == 'killed' else LOST}"


def test_a_job_that_met_an_error_is_reported_at_once(server):
    ticket = server.submit()
    run = server.running(ticket)
    server.workers.runs[run] = JobError("The worker met an error: RuntimeError.")
    with pytest.raises(JobError, match="RuntimeError"):
        until(lambda: server.dispatcher.result(ticket))


@pytest.mark.parametrize("way", ["gone", "silent"])
def test_a_scheduler_that_goes_away_gets_the_jobs_again_once(server, way):
    ticket, waiting = server.submit(), [server.submit(str(n)) for n in range(3)]
    server.running(ticket)
    lost = server.workers
    setattr(lost, "is_alive" if way == "gone" else "is_reachable", False)
    until(lambda: len(server.made) == 2)
    assert lost.ended
    for each in (ticket, *waiting):
        run = server.running(each)
        server.workers.finish(run, steps=1)
        assert server.dispatcher.result(each, 5) == {"steps": 1}


def test_a_scheduler_that_stays_away_is_told_to_those_who_wait():
    tries = []

    def connect(on_told):
        tries.append(1)
        raise ClusterError("The cluster does not answer; Layerscope tries again.")

    server = Server(connect)
    ticket = server.submit()
    until(lambda: len(tries) > 3)
    seen = server.dispatcher.progress(ticket)
    assert (seen.state, seen.position) == (State.WAITING, 1)
    assert seen.reason == "The cluster does not answer; Layerscope tries again."
    server.dispatcher.stop(ticket)
    assert server.state(ticket) is State.STOPPED
    server.dispatcher.end()


def test_a_scheduler_that_stays_away_is_tried_at_growing_intervals(monkeypatch):
    tries = []

    def connect(on_told):
        tries.append(time.monotonic())
        raise ClusterError("It does not answer.")

    monkeypatch.setattr(dispatch, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(dispatch, "AGAIN_MOST", 0.4)
    server = Server(connect)
    server.submit()
    until(lambda: len(tries) > 4)
    server.dispatcher.end()
    waits = [later - before for before, later in itertools.pairwise(tries)]
    assert all(wait >= least for wait, least in zip(waits, (0.1, 0.2, 0.4, 0.4), strict=False))
    assert waits[3] < 0.8


def test_how_many_run_at_once_is_known_to_others(server):
    server.running(server.submit())
    server.workers.count = 40
    until(lambda: server.dispatcher.slots == 40)


def test_a_cluster_without_workers_is_told(server):
    first = server.submit()
    server.running(first)
    server.workers.count = 0
    until(lambda: server.dispatcher.slots == 0)  # else the job begins before anybody has looked
    waiting = server.submit("other")
    until(lambda: server.dispatcher.progress(waiting).reason == NO_WORKERS)
    server.workers.count = 2
    server.running(waiting)
    assert server.dispatcher.progress(waiting).reason == ""


def test_stopping(server, monkeypatch):
    monkeypatch.setattr(dispatch, "DEAF_SECONDS", 0.2)
    running, waiting = server.submit(), [server.submit(str(n)) for n in range(3)][-1]
    run = server.running(running)
    server.dispatcher.stop(waiting)
    assert server.state(waiting) is State.STOPPED
    server.dispatcher.stop(running)
    until(lambda: run in server.workers.refused)
    until(lambda: run in server.workers.restarted)  # it does not listen: its worker ends
    server.workers.kill(run)
    until(lambda: server.state(running) is State.STOPPED)
    assert server.dispatcher.result(running) is None
    server.dispatcher.stop(running)
    server.dispatcher.stop(Ticket("unknown"))


def test_a_job_that_takes_too_long_is_told_to_end(server, monkeypatch):
    monkeypatch.setattr(dispatch, "DEAF_SECONDS", -1e9)
    ticket = server.submit()
    run = server.running(ticket)
    until(lambda: run in server.workers.restarted or run in server.workers.refused)
    server.workers.kill(run)  # it did not listen, and its worker was ended
    with pytest.raises(JobError, match=limits.JOB_SECONDS.sentence()):
        until(lambda: server.dispatcher.result(ticket))
    assert len(server.workers.runs) == 1  # it would take too long again


def test_a_job_that_ends_as_it_was_told_to_for_its_time_says_so(server, monkeypatch):
    monkeypatch.setattr(limits, "JOB_SECONDS", limits.Limit("", "", -100, "Stopped after {most} seconds."))
    ticket = server.submit()
    run = server.running(ticket)
    until(lambda: run in server.workers.refused)
    server.workers.finish(run, is_whole=False, steps=1)
    assert server.dispatcher.result(ticket, 5) == {"steps": 1}
    assert server.dispatcher.progress(ticket).reason == "Stopped after -100 seconds."


def test_a_page_never_waits_for_the_cluster():
    asked, may_go, gone = Event(), Event(), Event()

    def connect(on_told):
        asked.set()
        may_go.wait(10)
        gone.set()
        raise ClusterError("It took a while.")

    server = Server(connect)
    ticket = server.submit()
    assert asked.wait(10)
    server.dispatcher.progress(ticket)
    server.dispatcher.stop(ticket)
    assert not gone.is_set()
    may_go.set()
    server.dispatcher.end()


def test_a_mistake_of_ours_ends_no_thread(server, monkeypatch):
    ticket = server.submit()
    run = server.running(ticket)
    server.workers.runs[run] = "no JSON at all"
    until(lambda: len(server.made) == 2)
    run = server.running(ticket)
    server.workers.finish(run, steps=2)
    assert server.dispatcher.result(ticket, 5) == {"steps": 2}


def test_workers_end_when_nobody_needs_them_and_come_again(server, monkeypatch):
    monkeypatch.setattr(limits, "WORKERS_IDLE", limits.Limit("", "", 0))
    for count in (1, 2):
        ticket = server.submit()
        run = server.running(ticket)
        assert len(server.made) == count
        server.workers.finish(run)
        server.dispatcher.result(ticket, 5)
        until(lambda: server.workers.ended)


def test_unknown_tickets_and_a_server_that_ends(server):
    with pytest.raises(JobError, match=UNKNOWN):
        server.dispatcher.progress(Ticket("x"))
    server.submit()
    server.dispatcher.end()
    with pytest.raises(JobError, match="about to end"):
        server.submit()
    assert all(workers.ended for workers in server.made)
