"""What a job tells while it runs, how it learns that nobody wants it, and what that costs a batch."""

import json
import time
from types import SimpleNamespace

import distributed
import pytest

from layerscope import limits
from layerscope.jobs import kinds, worker
from layerscope.jobs.ticket import JobError


class FakeWorker:
    def __init__(self):
        self.told = []
        self.state = SimpleNamespace(tasks={"run": SimpleNamespace(state="executing")})

    def log_event(self, topic, message):
        self.told.append((topic, message))


@pytest.fixture
def here(monkeypatch):
    made = FakeWorker()
    monkeypatch.setattr(distributed, "get_worker", lambda: made)
    monkeypatch.setattr(worker, "_refused", type(worker._refused)())
    return made


def drill(steps=3):
    return json.loads(worker.run_job("drill", json.dumps({"steps": steps, "milliseconds": 0}), "run", "topic"))


def test_a_whole_job(here):
    found = drill()
    assert (found["is_whole"], found["reason"], found["value"]["steps"]) == (True, "", 3)
    topic, message = here.told[0]
    assert (topic, message["run"], message["told"]["step"]) == ("topic", "run", 1)


def test_messages_are_bounded(here):
    report = worker.Reporting("run", "topic")
    end, calls = time.monotonic() + 0.5, 0
    while time.monotonic() < end:
        assert report(step=calls)
        calls += 1
    assert calls > 1_000
    assert len(here.told) <= 0.5 * limits.JOB_TOLD.most + 1


def test_a_refused_run_ends_at_its_next_batch(here):
    worker.refuse("run")
    found = drill()
    assert (found["is_whole"], found["value"]["steps"]) == (False, 1)
    for number in range(1_000):
        worker.refuse(str(number))
    assert len(worker._refused) == worker._REFUSED_KEPT


@pytest.mark.parametrize("tasks", [{}, {"run": SimpleNamespace(state="cancelled")}])
def test_a_run_whose_server_went_away_ends(here, tasks):
    here.state.tasks = tasks
    assert drill()["value"]["steps"] == 1


def test_a_run_ends_after_its_time(here, monkeypatch):
    monkeypatch.setattr(limits, "JOB_SECONDS", limits.Limit("", "", 0, limits.JOB_SECONDS.says))
    found = drill()
    assert (found["is_whole"], found["reason"]) == (False, "Stopped after 0 seconds, which is the limit.")


def test_a_result_that_is_too_long(here, monkeypatch):
    monkeypatch.setattr(limits, "JOB_RESULT", limits.Limit("", "", 10, limits.JOB_RESULT.says))
    with pytest.raises(JobError, match="The result has more than 10 characters"):
        drill()


def test_asking_costs_a_batch_next_to_nothing(here):
    """A batch of the digits takes about 2 ms."""
    report, count = worker.Reporting("run", "topic"), 20_000
    start = time.process_time()
    for step in range(count):
        report(step=step, loss=0.5)
    assert (time.process_time() - start) / count < 20e-6


@pytest.mark.parametrize("name", ["DRILL_STEPS", "DRILL_MILLISECONDS"])
def test_a_drill_is_bounded(name):
    field, limit = name.partition("_")[2].lower(), limits.table()[name]
    fields = {"steps": 1, "milliseconds": 1}
    kinds.read("drill", json.dumps(fields | {field: limit.most}))
    with pytest.raises(JobError, match=f"{field} of a drill is a whole number from 0 to {limit.most:,}"):
        kinds.read("drill", json.dumps(fields | {field: limit.most + 1}))


def test_what_a_cluster_of_this_computer_may_use():
    assert limits.WORKERS.most * limits.WORKER_MEMORY.most <= 4_000_000_000
    assert limits.WORKERS.most <= limits.RUNNING.most
