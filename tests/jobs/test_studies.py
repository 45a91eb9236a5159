"""Trials as a page begins and finds them: kept, resumed, stopped, bounded. Workers stand in, and train at once."""

import subprocess
import sys
import threading
import time
from itertools import count
from typing import Any

import pytest

from layerscope import limits
from layerscope.jobs import beating, kept, kinds
from layerscope.jobs.kept import Kept, KeptError
from layerscope.jobs.kept_file import FILE
from layerscope.jobs.kept_states import HELD
from layerscope.jobs.order import Order
from layerscope.jobs.studies import BUSY, DEAF, GONE, Studies
from layerscope.jobs.study import ELSEWHERE, INTERRUPTED
from layerscope.jobs.ticket import FullError, JobError, Progress, State, Ticket
from layerscope.jobs.trained import SPARE, WINDOW, window
from layerscope.source.reader import read
from layerscope.study import states
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
        self.jobs, self.stopped, self.gate, self.full, self.slots = {}, [], threading.Event(), False, 2
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
    assert list(found.trials.frame()["state"]) == ["stopped"] * 6 + ["not started"] * 2
    hands.gate.set()
    other = Studies(Kept(tmp_path), hands)  # after a restart of the server
    assert other.look(name).state == "stopped"
    assert other.look(name).trials.frame().equals(found.trials.frame())
    other.resume(name, **WHO)
    found = over(other, name)
    assert found.state == "done"
    assert list(found.trials.frame()["state"]) == ["finished"] * 8


def stopped_partway(studies, hands, monkeypatch, name, steps):
    """Stop trials after so many of the 28 batches of an epoch."""
    with monkeypatch.context() as patch:
        patch.setattr(hands, "result", lambda ticket: fitted(hands, ticket, steps))
        until(lambda: studies.look(name).running)
        time.sleep(0.2)  # what runs has been seen to
        studies.stop(name)
        return over(studies, name)


def fitted(hands, ticket, steps):
    return kinds.KINDS["trial"].run(kinds.read("trial", hands.jobs[ticket.id]), lambda **now: now["step"] < steps)


def test_a_stopped_trial_outlives_the_server_and_keeps_its_figures_until_new_ones_come(
    studies, hands, tmp_path, monkeypatch
):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    before = stopped_partway(studies, hands, monkeypatch, name, 20).trials.frame()
    assert list(before["state"]) == ["stopped"] * 2
    assert list(before["epochs_run"]) == [20 / 28] * 2
    other = Studies(Kept(tmp_path), hands)
    assert other.look(name).trials.frame().equals(before)
    assert other.held(name) == {0: HELD, 1: HELD}
    hands.stopped.clear()
    other.resume(name, **WHO)
    until(lambda: len(other.look(name).running) == 2)
    marked = other.look(name).shown.frame()
    assert list(marked["state"]) == ["running again"] * 2
    assert marked.drop(columns="state").equals(before.drop(columns="state"))
    third = Studies(Kept(tmp_path), hands).look(name)  # a page at another process
    assert third.state == ELSEWHERE
    assert list(third.shown.frame()["state"]) == ["waiting to run again"] * 2
    other.stop(name)  # before anything new is known
    assert over(other, name).trials.frame().equals(before)
    assert Studies(Kept(tmp_path), hands).look(name).trials.frame().equals(before)
    hands.stopped.clear()
    other.resume(name, **WHO)
    hands.gate.set()
    assert list(over(other, name).trials.frame()["epochs_run"]) == [1, 1]


def test_a_trial_that_gives_no_answer_in_time_is_as_far_as_it_told_last(studies, hands, monkeypatch):
    told = {"step": 7, "steps": 28, "epoch": 1, "loss": 1.0, "accuracy": 0.5, "held_loss": 1.5, "held_accuracy": 0.4,
            "seconds": 2.0, "left": 6.0}  # fmt: skip
    monkeypatch.setattr(hands, "progress", lambda ticket: Progress(State.RUNNING, told=told))
    name = studies.begin(order({"lr": [0.1]}), **WHO)
    until(lambda: studies.look(name).running)
    time.sleep(0.3)
    studies.stop(name)
    (trial,) = over(studies, name).trials.done
    assert (trial.outcome.state, trial.accuracy, trial.outcome.loss) == ("stopped", 0.4, 1.5)
    assert (trial.outcome.seconds, trial.outcome.epochs) == (2.0, 0.25)


def test_a_trial_that_no_worker_began_is_not_called_stopped(studies, hands, monkeypatch):
    monkeypatch.setattr(
        hands, "progress", lambda ticket: Progress(State.STOPPED if ticket in hands.stopped else State.WAITING)
    )
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    studies.stop(name)
    frame = over(studies, name).trials.frame()
    assert list(frame["state"]) == ["not started"] * 2
    assert list(frame["epochs_run"]) == [0, 0]
    assert frame["accuracy"].isna().all()


def test_trials_of_a_server_that_was_killed_go_on(studies, hands, tmp_path):
    given = order({"lr": [0.1, 0.01, 0.001]})
    name = studies.begin(given, **WHO)
    whole = over(studies, name).trials.frame()
    file = Kept(tmp_path)
    file.end(name, "running")  # as the server leaves it that is killed
    lose(file, 1)
    other = Studies(file, Hands())
    assert other.look(name).state == INTERRUPTED
    assert list(other.look(name).trials.frame().index) == [0, 2]
    other.resume(name, **WHO)
    frame = over(other, name).trials.frame()
    assert frame.drop(columns="seconds").equals(whole.drop(columns="seconds"))
    assert frame["seconds"][0] == whole["seconds"][0]  # this one was not trained again


def lose(file, number):
    """Take a trial out of the file."""
    with file._writing() as to:
        to.execute(file._trials.delete().where(file._trials.c.number == number))


def test_what_another_process_runs_is_shown_and_not_begun_again(studies, hands, tmp_path, monkeypatch):
    monkeypatch.setattr(beating, "LOOK_SECONDS", 1e3)  # the owner hears of a stop too late
    hands.gate.clear()
    name = studies.begin(order(), **WHO)
    until(lambda: len(studies.look(name).running) == 3)
    hands_there = Hands()
    there = Studies(Kept(tmp_path), hands_there)
    found = there.look(name)
    assert (found.state, found.goes_on) == (ELSEWHERE, True)
    assert list(found.trials.frame()["state"]) == ["failed"] * 3  # what is finished so far
    there.resume(name, session="other", address="b")
    there.stop(name)
    assert there.look(name).state == ELSEWHERE
    assert not hands_there.jobs
    hands.gate.set()
    assert over(studies, name).state == "done"
    assert there.look(name).state == "done"


def test_a_stop_reaches_the_process_that_runs_them(studies, hands, tmp_path, monkeypatch):
    monkeypatch.setattr(beating, "LOOK_SECONDS", 0.05)
    hands.gate.clear()
    there = Studies(Kept(tmp_path), Hands())
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    assert not there.look(name).is_unwanted
    there.stop(name)
    assert there.look(name).is_unwanted
    until(lambda: there.look(name).state == "stopped", 10)
    until(lambda: studies.look(name).state == "stopped", 10)
    assert len(hands.stopped) >= 2
    hands.gate.set()
    there.resume(name, **WHO)
    assert over(there, name).state == "done", "the wish was about the run before"
    there.stop(name)
    there.stop("a" * 22)


def test_trials_count_as_stopped_soon_also_where_their_worker_does_not_listen(studies, hands, monkeypatch):
    hands.gate.clear()
    monkeypatch.setattr(hands, "stop", lambda ticket: hands.stopped.append("told"))
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    start = time.monotonic()
    studies.stop(name)
    assert over(studies, name).state == "stopped"
    assert time.monotonic() - start < 2
    assert "told" in hands.stopped
    assert list(studies.look(name).trials.frame()["state"]) == ["stopped"] * 2


def slow_to_end(hands, monkeypatch, steps):
    """Workers that end after so many batches, and only once `hands.gate` is set."""
    hands.gate.clear()
    monkeypatch.setattr(hands, "stop", lambda ticket: None)
    monkeypatch.setattr(
        hands, "progress", lambda ticket: Progress(State.STOPPED if hands.gate.is_set() else State.RUNNING)
    )
    monkeypatch.setattr(hands, "result", lambda ticket: fitted(hands, ticket, steps))


def step_of(studies, name, number):
    """Where what a trial can go on from stands."""
    kept_bytes = studies.state_of(name, number)
    assert kept_bytes is not None
    return states.read(kept_bytes)["step"]


@pytest.mark.parametrize(("steps", "ends"), [(20, "stopped"), (100, "done")])
def test_what_a_stopped_trial_tells_late_is_kept(studies, hands, tmp_path, monkeypatch, steps, ends):
    slow_to_end(hands, monkeypatch, steps)
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    start = time.monotonic()
    studies.stop(name)
    found = over(studies, name)
    assert time.monotonic() - start < 2
    assert (found.state, found.late, found.goes_on, found.changes) == ("stopped", {0, 1}, False, True)
    assert studies.held(name) == {}
    hands.gate.set()
    until(lambda: not studies.look(name).changes, 20)
    other = Studies(Kept(tmp_path), hands)
    for each in (studies, other):
        assert each.look(name).state == ends
        assert list(each.look(name).trials.frame()["epochs_run"]) == [min(1, steps / 28)] * 2
        assert each.held(name) == {0: HELD, 1: HELD}
        assert step_of(each, name, 1) == min(28, steps)


def test_what_is_told_late_says_nothing_of_trials_that_went_on_meanwhile(studies, hands, tmp_path, monkeypatch):
    slow_to_end(hands, monkeypatch, 20)
    name = studies.begin(order({"lr": [0.1]}), **WHO)
    until(lambda: studies.look(name).running)
    studies.stop(name)
    over(studies, name)
    before = studies._known[name]
    other = Studies(Kept(tmp_path), Hands())
    other.resume(name, **WHO)
    done = over(other, name)
    hands.gate.set()
    until(lambda: not before.late, 20)
    assert Studies(Kept(tmp_path), hands).look(name).trials.frame().equals(done.trials.frame())
    assert step_of(other, name, 0) == 28
    assert before.states == {}


def test_what_ended_trials_can_go_on_from_outlives_the_server(studies, hands, tmp_path, monkeypatch):
    name = studies.begin(order({"lr": [0.1, 0.01], "batch": [50, 100_000]}), **WHO)
    over(studies, name)
    other = Studies(Kept(tmp_path), hands)
    assert other.held(name) == {0: HELD, 2: HELD}
    for number in (0, 2):
        kept_bytes = other.state_of(name, number)
        assert kept_bytes is not None
        assert states.read(kept_bytes)["step"] == 28
    assert other.state_of(name, 1) is None
    assert other.held("b" * 22) == {}
    assert studies._known[name].states == {}

    def full(*_):
        raise KeptError("full")

    monkeypatch.setattr(Kept, "hold", full)
    second = studies.begin(order({"lr": [0.1]}), **WHO)
    assert over(studies, second).state == "done", "a trial is none the worse without it"
    assert studies.held(second) == {}
    monkeypatch.setattr(Kept, "held", full)
    monkeypatch.setattr(Kept, "state_of", full)
    assert studies.held(name) == {}
    assert studies.state_of(name, 0) is None


def test_a_stop_that_cannot_be_written_is_a_sentence(studies, hands, tmp_path, monkeypatch):
    hands.gate.clear()
    there = Studies(Kept(tmp_path), Hands())
    name = studies.begin(order({"lr": [0.1]}), **WHO)

    def full(file, name):
        raise KeptError("disk full")

    monkeypatch.setattr(Kept, "wish", full)
    with pytest.raises(JobError, match=DEAF):
        there.stop(name)
    hands.gate.set()
    over(studies, name)


def test_of_several_who_continue_trials_of_a_killed_process_one_wins(studies, hands, tmp_path, monkeypatch):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01, 0.001]}), **WHO)
    until(lambda: len(studies.look(name).running) == 3)
    monkeypatch.setattr(beating, "BEAT_SECONDS", 1e3)  # killed, for all that others can tell
    with studies._kept._writing() as to:
        to.execute(studies._kept._owners.update().values(owner="killed", beat=0.0))
    crews = [Hands() for _ in range(4)]
    processes = [Studies(Kept(tmp_path), crew) for crew in crews]
    assert {process.look(name).state for process in processes} == {INTERRUPTED}
    together(lambda n: processes[n % 4].resume(name, session=str(n), address="a"), 8)
    until(lambda: all(process.look(name).state == "done" for process in processes), 60)
    assert sorted(len(crew.jobs) for crew in crews) == [0, 0, 0, 3]


def together(work, count):
    """Do something in so many threads at the same moment."""
    start = threading.Barrier(count)

    def begin(number):
        start.wait()
        work(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_visitors_who_continue_stopped_trials_one_wins(studies, hands):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01, 0.001]}), **WHO)
    until(lambda: len(studies.look(name).running) == 3)
    studies.stop(name)
    assert over(studies, name).state == "stopped"
    before = len(hands.jobs)
    hands.gate.set()
    together(lambda n: studies.resume(name, session=str(n), address="a"), 8)
    assert over(studies, name).state == "done"
    assert len(hands.jobs) == before + 3


def test_trials_that_another_process_took_over_end_here(studies, hands, tmp_path, monkeypatch):
    """This process was asleep, as a laptop is, and its beat stayed away."""
    monkeypatch.setattr(beating, "BEAT_SECONDS", 0.05)
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    hands_there = Hands()
    hands_there.gate.clear()
    there = Studies(Kept(tmp_path), hands_there)
    monkeypatch.setattr(kept, "AWAY_SECONDS", -1.0)
    there.resume(name, **WHO)
    monkeypatch.setattr(kept, "AWAY_SECONDS", 30.0)
    until(lambda: len(hands.stopped) >= 2)
    until(lambda: studies.look(name).state == ELSEWHERE)
    until(lambda: len(there.look(name).running) == 2)
    hands_there.gate.set()
    assert over(there, name).state == "done"
    assert studies.look(name).state == "done"  # its own end wrote over nothing


def test_trials_that_were_stopped_here_and_went_on_elsewhere(studies, hands, tmp_path):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    until(lambda: len(studies.look(name).running) == 2)
    studies.stop(name)
    assert over(studies, name).state == "stopped"
    there = Studies(Kept(tmp_path), Hands())
    there.resume(name, **WHO)
    assert over(there, name).state == "done"
    assert studies.look(name).state == "done"
    assert list(studies.look(name).trials.frame()["state"]) == ["finished"] * 2


def test_trials_do_not_go_on_where_the_file_cannot_say_who_runs_them(studies, hands, monkeypatch):
    hands.gate.clear()
    name = studies.begin(order({"lr": [0.1]}), **WHO)
    until(lambda: studies.look(name).running)
    studies.stop(name)
    over(studies, name)

    def full(file, name):
        raise KeptError("full")

    monkeypatch.setattr(Kept, "claim", full)
    with pytest.raises(JobError, match=BUSY):
        studies.resume(name, **WHO)


def test_a_trial_over_time_fails_with_its_reason_and_is_not_tried_again(studies, hands, tmp_path, monkeypatch):
    """Nobody stopped it: the worker did."""
    late = limits.JOB_SECONDS.sentence()
    monkeypatch.setattr(hands, "progress", lambda ticket: Progress(State.STOPPED, reason=late))
    value = Outcome("stopped", 0.5, 1.0, 120.0, (0.4,)).to_json()
    monkeypatch.setattr(hands, "result", lambda ticket: value)
    name = studies.begin(order({"lr": [0.1, 0.01]}), **WHO)
    for server in (studies, Studies(Kept(tmp_path), hands)):
        found = over(server, name)
        assert found.state == "done"
        assert list(found.trials.frame()["state"]) == ["failed"] * 2
        assert set(found.trials.frame()["reason"]) == {late}
        assert found.trials.frame()["accuracy"].isna().all()
        assert list(found.trials.frame()["epochs"]) == [1, 1]


def test_a_set_is_done_only_where_all_trials_are_there(studies, hands, tmp_path):
    """Files of earlier versions have others."""
    name = studies.begin(order({"lr": [0.1, 0.01, 0.001]}), **WHO)
    over(studies, name)
    file = Kept(tmp_path)
    lose(file, 1)
    other = Studies(file, Hands())
    assert other.look(name).state == "stopped"
    other.resume(name, **WHO)
    assert over(other, name).state == "done"
    assert len(other.look(name).trials.done) == 3


def test_many_workers_are_given_enough_to_do():
    assert window(2, 1) == window(0, 0) == WINDOW
    assert window(64, 1) == 64 + SPARE
    assert window(64, 4) == 16 + SPARE
    assert window(64, 48) == WINDOW
    assert window(limits.RUNNING.most, 1) <= limits.JOBS_OF_SESSION.most
    assert limits.RUNNING.most < limits.JOBS_OF_ADDRESS.most < limits.JOBS.most < limits.JOBS_KEPT.most


def test_a_grid_uses_all_workers_of_a_large_cluster(studies, hands):
    hands.slots = 20
    hands.gate.clear()
    name = studies.begin(order({"lr": [n / 100 for n in range(1, 31)]}), **WHO)
    until(lambda: len(studies.look(name).running) == 20 + SPARE)
    studies.stop(name)
    over(studies, name)


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
    file = Kept(tmp_path)
    for bad in ("{}", "[", '{"number": "x"}'):
        file.note(name, 0, bad)
        with pytest.raises(JobError, match=GONE):
            Studies(file, hands).look(name)
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


def test_kill_9_of_a_server_loses_no_finished_trial(tmp_path, hands, monkeypatch):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, tmp_path], stdout=subprocess.PIPE, text=True, cwd="."
    ) as server:
        assert server.stdout is not None
        name, done = server.stdout.readline().strip(), 0
        while done < 3:
            done = int(server.stdout.readline())
        server.kill()
    found = Studies(Kept(tmp_path), hands).look(name)
    assert found.state == ELSEWHERE  # its last beat is a moment old
    monkeypatch.setattr(kept, "AWAY_SECONDS", 0.0)
    found = Studies(Kept(tmp_path), hands).look(name)
    assert found.state == INTERRUPTED
    frame = found.trials.frame()
    assert len(frame) >= done
    assert set(frame["state"]) == {"finished"}
    assert list(frame["lr"]) == [(n + 1) / 100 for n in frame.index]


BEGINS = """
import sys
from layerscope.jobs import beating

class Thread:
    def __init__(self, **about): print("sqlalchemy" in sys.modules)
    def start(self): pass

beating.Thread = Thread
print("sqlalchemy" in sys.modules)
beating.Beating(None, print, print).add("name")
"""


def test_what_both_threads_ask_the_file_with_is_loaded_before_the_second_begins():
    """Python ends one of two threads that import it at once: then nobody hears that trials are to stop."""
    done = subprocess.run([sys.executable, "-c", BEGINS], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]
