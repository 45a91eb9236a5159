"""Trials as a page begins and finds them: kept, resumed, stopped, bounded. Workers stand in, and train at once."""

import subprocess
import sys
import threading
from itertools import count
from typing import Any

import pytest

from layerscope import limits
from layerscope.jobs import kinds
from layerscope.jobs.kept import FILE, Kept, KeptError
from layerscope.jobs.order import Order
from layerscope.jobs.studies import GONE, INTERRUPTED, Studies
from layerscope.jobs.ticket import FullError, JobError, Progress, State, Ticket
from layerscope.source.reader import read
from layerscope.study.plan import Plan
from layerscope.study.space import dimensions
from layerscope.study.trial import Outcome, Trial
from tests.jobs.workers import until

NET = read("from torch import nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n", (1, 8, 8))
GIVEN: dict[str, Any] = {"lr": [0.1, 0.01, 0.001], "batch": [50, 100_000]}
WHO = {"session": "s", "address": "a"}


def order(given=GIVEN, **more):
    return Order(NET, Plan(epochs=1, batch=50), dimensions(NET, given), "digits", **more)


class Hands:
    """Stands in for the dispatcher: jobs are done when they are asked for, unless they are to wait."""

    def __init__(self):
        self.jobs, self.stopped, self.gate, self.full = {}, [], threading.Event(), False
        self.gate.set()

    def submit(self, kind, job, session, address):
        if self.full:
            raise FullError("full")
        ticket = Ticket(str(len(self.jobs)))
        self.jobs[ticket.id] = kinds.written(kind, job)
        return ticket

    def progress(self, ticket):
        if ticket in self.stopped:
            return Progress(State.STOPPED)
        return Progress(State.FINISHED if self.gate.is_set() else State.RUNNING)

    def stop(self, ticket):
        self.stopped.append(ticket)

    def result(self, ticket):
        if ticket in self.stopped:
            return None
        return kinds.KINDS["trial"].run(kinds.read("trial", self.jobs[ticket.id]), lambda **told: True)


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def studies(tmp_path, hands):
    return Studies(Kept(tmp_path), hands)


def over(studies, name):
    until(lambda: studies.look(name).state != "running", 60)
    return studies.look(name)


def test_trials_run_and_are_found_by_another_server(studies, tmp_path, hands):
    name = studies.begin(order(), **WHO)
    found = over(studies, name)
    frame = found.trials.frame()
    assert (found.state, found.problem, found.unsaved, found.running) == ("done", "", "", {})
    assert list(frame["state"]) == ["finished", "failed"] * 3
    assert len(hands.jobs) == 3  # the others could not be trained, and no worker was asked
    again = Studies(Kept(tmp_path), hands).look(name)
    assert again.state == "done"
    assert again.trials.frame().equals(frame)
    assert again.order.to_json() == found.order.to_json()


def test_a_name_is_not_to_be_guessed(studies):
    names = {studies.begin(order({"lr": [0.1]}), session=str(n), address="a") for n in range(5)}
    assert all(len(name) == 22 for name in names)
    for name in ("", "x", "../" * 7 + "x", "a" * 22, "'; drop table studies; --"):
        with pytest.raises(JobError, match=GONE):
            studies.look(name)
    for name in names:
        over(studies, name)


def test_stopped_trials_go_on_where_they_were(studies, hands, tmp_path):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006]}), **WHO)
    until(lambda: len(studies.look(name).running) == 6)
    assert {now.state for now in studies.look(name).running.values()} == {State.RUNNING}
    studies.stop(name)
    found = over(studies, name)
    assert found.state == "stopped"
    assert set(found.trials.frame()["state"]) == {"stopped"}
    hands.gate.set()
    other = Studies(Kept(tmp_path), hands)  # after a restart of the server
    assert other.look(name).state == "stopped"
    other.resume(name, **WHO)
    found = over(other, name)
    assert found.state == "done"
    assert list(found.trials.frame()["state"]) == ["finished"] * 8


def test_trials_of_a_server_that_was_killed_go_on(studies, hands, tmp_path):
    given = order({"lr": [0.1, 0.01, 0.001]})
    name = studies.begin(given, **WHO)
    whole = over(studies, name).trials.frame()
    kept = Kept(tmp_path)
    kept.end(name, "running")  # as the server leaves it that is killed
    with kept._writing() as to:
        to.execute(kept._trials.delete().where(kept._trials.c.number == 1))
    other = Studies(kept, Hands())
    assert other.look(name).state == INTERRUPTED
    assert list(other.look(name).trials.frame().index) == [0, 2]
    other.resume(name, **WHO)
    frame = over(other, name).trials.frame()
    assert frame.drop(columns="seconds").equals(whole.drop(columns="seconds"))
    assert frame["seconds"][0] == whole["seconds"][0]  # this one was not trained again


def test_trials_that_cannot_be_saved_go_on(hands, tmp_path):
    (tmp_path / "here").write_text("no folder")
    studies = Studies(Kept(tmp_path / "here"), hands)
    found = over(studies, studies.begin(order({"lr": [0.1, 0.01]}), **WHO))
    assert found.unsaved.startswith("Trials cannot be saved on this server (")
    assert list(found.trials.frame()["state"]) == ["finished"] * 2


@pytest.mark.parametrize("refused", [range(1), range(1, 3), range(3, 29)])
def test_what_could_not_be_saved_is_saved_once_there_is_room(studies, hands, tmp_path, monkeypatch, refused):
    """The disk is full for a while: from the beginning, between trials, or until the last one is done."""
    writing, writes = Kept._writing, count()

    def sometimes(kept):
        if next(writes) in refused:
            raise KeptError("Trials cannot be saved on this server.")
        return writing(kept)

    monkeypatch.setattr(Kept, "_writing", sometimes)
    monkeypatch.setattr("layerscope.jobs.studies.SAVE_SECONDS", 0.01)
    name = studies.begin(order({"lr": [0.1, 0.01, 0.001, 0.002]}), **WHO)
    found = over(studies, name)
    until(lambda: not studies.look(name).unsaved)
    again = Studies(Kept(tmp_path), hands).look(name)
    assert (again.state, len(again.trials.done)) == ("done", 4)
    assert again.trials.frame().equals(found.trials.frame())


def test_a_file_that_somebody_changed_is_a_sentence(studies, hands, tmp_path):
    name = studies.begin(order({"lr": [0.1]}), **WHO)
    over(studies, name)
    kept = Kept(tmp_path)
    for bad in ("{}", "[", '{"number": "x"}'):
        kept.note(name, 0, bad)
        with pytest.raises(JobError, match=GONE):
            Studies(kept, hands).look(name)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / FILE).write_bytes(b"no database" * 1_000)
    with pytest.raises(JobError, match="cannot be read at the moment"):
        Studies(Kept(tmp_path / "other"), hands).look(name)


def test_a_full_queue_is_waited_for(studies, hands):
    hands.full = True
    name = studies.begin(order({"lr": [0.1]}), **WHO)
    until(lambda: studies.look(name).state == "running")
    hands.full = False
    assert list(over(studies, name).trials.frame()["state"]) == ["finished"]


def test_an_answer_that_is_none_is_a_failed_trial(studies, hands, monkeypatch):
    monkeypatch.setattr(hands, "result", lambda ticket: {"state": "odd"})
    frame = over(studies, studies.begin(order({"lr": [0.1]}), **WHO)).trials.frame()
    assert list(frame["state"]) == ["failed"]


def test_bounds_of_sets_of_trials(studies, hands, monkeypatch):
    hands.gate.clear()
    small = order({"lr": [0.1]})
    assert limits.STUDIES_OF_SESSION.most == 1
    names = [studies.begin(small, **WHO)]
    with pytest.raises(FullError, match="Your trials are still running"):
        studies.begin(small, **WHO)
    monkeypatch.setattr(limits, "STUDIES", limits.Limit("", "", 2, "full"))
    names.append(studies.begin(small, session="other", address="a"))
    with pytest.raises(FullError, match="full"):
        studies.begin(small, session="third", address="b")
    monkeypatch.setattr(limits, "STUDIES_OF_ADDRESS", limits.Limit("", "", 2, "crowded"))
    with pytest.raises(FullError, match="crowded"):
        studies.begin(small, session="third", address="a")
    hands.gate.set()
    for name in names:
        over(studies, name)
    monkeypatch.setattr(limits, "STUDIES_KNOWN", limits.Limit("", "", 1))
    names.append(studies.begin(small, **WHO))
    assert len(studies._known) == 1
    assert [over(studies, name).state for name in names] == ["done"] * 3  # the others from the file


def test_bounds_go_together():
    curve = tuple(0.123456789012345678 for _ in range(limits.TRAIN_EPOCHS.most))
    longest = Trial(199, {f"a{n}.out_channels": 65_536 for n in range(8)}, Outcome("finished", 0.5, 0.5, 1.0, curve))
    whole = limits.TRIALS.most * len(longest.to_json())
    assert 40 * whole < limits.KEPT_BYTES.most  # one visitor's trials never push out all others'
    assert limits.KEPT.most >= limits.STUDIES.most >= limits.STUDIES_OF_ADDRESS.most
    assert limits.STUDIES_KNOWN.most >= limits.STUDIES.most
    assert limits.WORKERS_IDLE.most > limits.JOB_SECONDS.most
    assert limits.DRILL_STEPS.most * limits.DRILL_MILLISECONDS.most / 1_000 > limits.JOB_SECONDS.most  # time ends it


SERVER = """
import sys, time
from pathlib import Path
from tests.jobs.test_studies import Hands, Kept, Studies, order
studies = Studies(Kept(Path(sys.argv[1])), Hands())
name = studies.begin(order({"lr": [n / 100 for n in range(1, 150)]}), session="s", address="a")
print(name, flush=True)
while True:
    print(len(studies.look(name).trials.done), flush=True)
    time.sleep(0.01)
"""


def test_kill_9_of_a_server_loses_no_finished_trial(tmp_path, hands):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path], stdout=subprocess.PIPE, text=True, cwd="."
    ) as server:
        assert server.stdout is not None
        name, done = server.stdout.readline().strip(), 0
        while done < 3:
            done = int(server.stdout.readline())
        server.kill()
    found = Studies(Kept(tmp_path), hands).look(name)
    assert found.state == INTERRUPTED
    frame = found.trials.frame()
    assert len(frame) >= done
    assert set(frame["state"]) == {"finished"}
    assert list(frame["lr"]) == [(n + 1) / 100 for n in frame.index]
