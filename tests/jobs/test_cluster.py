"""Jobs on real worker processes: the same numbers everywhere, a killed worker, a stop, a scheduler that goes away."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from layerscope import limits
from layerscope.jobs import cluster, worker
from layerscope.jobs.cluster import ADDRESS, Connection
from layerscope.jobs.dispatch import Dispatcher
from layerscope.jobs.embedded import HOST, ClusterError, Embedded
from layerscope.jobs.kept import Kept
from layerscope.jobs.kept_states import HELD
from layerscope.jobs.order import Order
from layerscope.jobs.studies import Studies
from layerscope.jobs.ticket import JobError, State
from layerscope.jobs.training import job, moment
from layerscope.source.reader import read
from layerscope.study import states
from layerscope.study.data import load
from layerscope.study.plan import Plan
from layerscope.study.space import Between, dimensions
from layerscope.study.training import Trainer, train
from layerscope.study.trial import CONTINUED
from layerscope.study.trials import trials
from tests.jobs.workers import until

NET = read(
    "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))\n",
    (1, 8, 8),
)
LONG = {"steps": 10_000, "milliseconds": 5}
START = 90
"""Seconds: a busy machine starts workers slowly."""


@pytest.fixture(scope="module")
def dispatcher():
    made = Dispatcher(partial(Connection, nice=1))  # the tests wait for them
    yield made
    made.end()


@pytest.fixture(scope="module")
def other():
    """A cluster of two worker processes that is not this server's own."""
    made = Embedded(2, limits.WORKER_MEMORY.most, 0)
    yield made
    made.end()


def process_of(dispatcher):
    """The process of the dispatcher's own cluster."""
    return dispatcher._workers.process


def drill(dispatcher, steps=3, milliseconds=1, session="s"):
    return dispatcher.submit("drill", {"steps": steps, "milliseconds": milliseconds}, session, "a")


def told(dispatcher, ticket, seconds=START):
    """What a running job told, once it did."""
    return until(lambda: dispatcher.progress(ticket).told, seconds)


def test_a_job_runs_on_a_process_of_its_own(dispatcher):
    found = dispatcher.result(drill(dispatcher), START)
    assert found["steps"] == 3
    assert found["process"] != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, found["process"]) > os.getpriority(os.PRIO_PROCESS, 0)


def test_everything_listens_on_this_computer_only(dispatcher):
    dispatcher.result(drill(dispatcher), START)
    group = os.getpgid(dispatcher._workers.process)
    heard = []
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if os.getpgid(int(process)) == group:
                heard += listening(process)
        except (OSError, ProcessLookupError):
            continue
    assert len(heard) >= 3  # the scheduler, and each worker
    assert {address for address, _ in heard} == {HOST}


def listening(process):
    """Addresses and ports on which a process listens, of Linux's own table."""
    inodes = {
        os.readlink(f"/proc/{process}/fd/{handle}").partition("[")[2].rstrip("]")
        for handle in os.listdir(f"/proc/{process}/fd")
        if os.readlink(f"/proc/{process}/fd/{handle}").startswith("socket:")
    }
    for family, table in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                address, port = words[1].split(":")
                raw = bytes.fromhex(address)
                yield socket.inet_ntop(family, raw[::-1] if family == socket.AF_INET else raw), int(port, 16)


def test_a_running_job_stops_within_two_seconds(dispatcher):
    ticket = dispatcher.submit("drill", LONG, "s", "a")
    first = told(dispatcher, ticket)["step"]
    until(lambda: dispatcher.progress(ticket).told["step"] > first)
    start = time.monotonic()
    dispatcher.stop(ticket)
    found = dispatcher.result(ticket, 10)
    assert time.monotonic() - start < 2
    assert dispatcher.progress(ticket).state is State.STOPPED
    assert found["steps"] < LONG["steps"]  # what it had done by then is there


def test_progress_comes_at_a_bounded_rate(dispatcher):
    heard, start = [], time.monotonic()
    ticket = dispatcher.submit("drill", {"steps": 600, "milliseconds": 2}, "s", "a")
    while not dispatcher.progress(ticket).state.is_over:
        if (now := dispatcher.progress(ticket).told.get("step")) and now not in heard:
            heard.append(now)
        time.sleep(0.005)
    assert 2 <= len(heard) <= (time.monotonic() - start) * limits.JOB_TOLD.most + 1


def test_a_killed_worker_costs_only_its_task_which_is_tried_once_more(dispatcher):
    other = drill(dispatcher, 400, 10, "other")
    ticket = drill(dispatcher, 100, 10)
    process = told(dispatcher, ticket)["process"]
    beside = told(dispatcher, other)["process"]
    assert process != beside
    os.kill(process, signal.SIGKILL)
    found = dispatcher.result(ticket, START)
    assert found["steps"] == 100
    assert found["process"] != process
    assert dispatcher.result(other, START) == {"steps": 400, "process": beside}


@pytest.mark.thorough
def test_a_job_whose_worker_is_killed_twice_is_reported_in_a_sentence(dispatcher):
    ticket = drill(dispatcher, 10_000, 10)
    first = told(dispatcher, ticket)["process"]
    os.kill(first, signal.SIGKILL)
    second = until(lambda: (now := dispatcher.progress(ticket).told.get("process")) != first and now, START)
    os.kill(second, signal.SIGKILL)
    with pytest.raises(JobError, match=r"This job was tried 2 times\. Its worker ended, most likely"):
        dispatcher.result(ticket, START)
    assert dispatcher.result(drill(dispatcher), START)["steps"] == 3


def test_hostile_text_gets_a_sentence_from_the_worker_too(dispatcher):
    client = dispatcher._workers._client
    with pytest.raises(JobError, match="There is no job of that kind"):
        client.submit(worker.run_job, "os.system", "{}", "run", "topic", pure=False).result(timeout=START)
    with pytest.raises(JobError, match="The job is not JSON that can be read"):
        client.submit(worker.run_job, "drill", "[" * 9_999, "run", "topic", pure=False).result(timeout=START)


@pytest.mark.thorough
def test_a_training_on_a_worker_gives_what_it_gives_here(dispatcher):
    plan = Plan(epochs=1)
    ticket = dispatcher.submit("train", job(NET, plan, "digits"), "s", "a")
    found = dispatcher.result(ticket, START)
    run = train(NET, load("digits"), epochs=1, device="cpu")
    assert (found["accuracy"], found["loss"]) == (run.accuracy, run.loss)
    assert found["probabilities"] == run.probabilities.tolist()
    assert [row[3] for row in found["rows"]] == [row.loss for row in run.rows]
    now = moment(dispatcher.progress(ticket).told)
    assert now is not None
    assert now.steps == len(run.rows) - 1


def test_an_impossible_network_never_reaches_the_queue(dispatcher):
    network = NET.with_argument("conv1", "kernel_size", 9)
    with pytest.raises(JobError, match="conv1 does not run"):
        dispatcher.submit("train", job(network, Plan(), "digits"), "s", "a")


def test_fifty_visitors_queue(dispatcher):
    tickets = [drill(dispatcher, 1, 10, f"visitor {n}") for n in range(50)]
    places = [dispatcher.progress(ticket).position for ticket in tickets]
    assert places[-1] >= 40
    assert sorted(places) == places
    results = [dispatcher.result(ticket, START) for ticket in tickets]
    assert all(found["steps"] == 1 for found in results)


def going_on(studies, name, found):
    """What a worker sent of each trial that can go on gives, with an epoch more, what a training at once gives."""
    able = [trial.number for trial in found.done if trial.outcome.state in CONTINUED and not trial.outcome.reason]
    assert able
    assert studies.held(name) == dict.fromkeys(able, HELD)
    network, plan = found.at(able[0])
    longer = Trainer(network, load("digits"), replace(plan, epochs=2), device="cpu")
    longer.restore(states.read(studies.state_of(name, able[0])))
    assert longer.step == longer.epoch_steps
    for _ in longer.moments():
        pass
    whole = train(network, load("digits"), lr=plan.lr, epochs=2, device="cpu")
    assert [row._replace(seconds=0) for row in longer.rows] == [row._replace(seconds=0) for row in whole.rows]


def test_the_same_trials_here_embedded_and_on_a_cluster(dispatcher, other, tmp_path, monkeypatch):
    given: dict[str, Any] = {"conv1.out_channels": Between(1, 4), "lr": [0.01, 0.003, 9.0], "conv1.kernel_size": [3, 9]}
    plan, data = Plan(epochs=1), load("digits")
    here = trials(NET, given, data, sampler="tpe", count=6, seed=1, plan=plan)
    order = Order(NET, plan, dimensions(NET, given), "digits", "tpe", 6, 1)
    monkeypatch.setenv(ADDRESS, other.address)
    elsewhere = Dispatcher()
    for number, each in enumerate((dispatcher, elsewhere)):
        studies = Studies(Kept(tmp_path / str(number)), each)
        name = studies.begin(order, session="s", address="a")
        until(lambda studies=studies, name=name: studies.look(name).state != "running", START)
        found = studies.look(name)
        assert (found.state, found.problem, found.unsaved) == ("done", "", "")
        assert found.trials.frame().drop(columns="seconds").equals(here.frame().drop(columns="seconds"))
        kept = Studies(Kept(tmp_path / str(number)), each)
        assert kept.look(name).trials.frame().equals(found.trials.frame())
        going_on(kept, name, found.trials)
    assert process_of(elsewhere) is None
    assert set(here.frame()["state"]) >= {"finished", "failed"}
    elsewhere.end()


OWNER = """
import sys, time
from pathlib import Path
from layerscope.jobs.dispatch import Dispatcher
from layerscope.jobs.kept import Kept
from layerscope.jobs.order import Order
from layerscope.jobs.studies import Studies
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.plan import Plan
from layerscope.study.space import dimensions
network = PRESETS[DEFAULT]
order = Order(network, Plan(epochs=200, batch=20), dimensions(network, {"seed": [0, 1, 2, 3]}), "digits")
studies = Studies(Kept(Path(sys.argv[1])), Dispatcher())
name = studies.begin(order, session="s", address="a")
while not any(now.told for now in studies.look(name).running.values()):
    time.sleep(0.05)
print(name, flush=True)
while studies.look(name).state == "running":
    time.sleep(0.02)
print(time.monotonic(), flush=True)
sys.stdin.read()
"""


def test_a_stop_through_another_process_is_there_within_two_seconds(tmp_path):
    """Two server processes with one file, and real workers that train."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        name = owner.stdout.readline().strip()
        there = Studies(Kept(tmp_path), Dispatcher())
        assert there.look(name).state == "elsewhere"
        start = time.monotonic()
        there.stop(name)
        until(lambda: there.look(name).state == "stopped", 10)
        took = time.monotonic() - start
        assert took < 2, took
        assert float(owner.stdout.readline()) - start < 2
        owner.communicate("")


def test_a_scheduler_that_dies_gets_its_jobs_again(dispatcher):
    ticket = drill(dispatcher, 100, 10)
    told(dispatcher, ticket)
    lost: int = dispatcher._workers.process
    os.kill(lost, signal.SIGKILL)
    assert dispatcher.result(ticket, START)["steps"] == 100
    assert dispatcher._workers.process != lost


def test_an_address_that_is_none_or_does_not_answer(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS", 1)
    with pytest.raises(ClusterError, match=f"{ADDRESS} must be an address such as"):
        Connection(print, "file:///etc/passwd")
    with socket.socket() as free:
        free.bind((HOST, 0))
        with pytest.raises(ClusterError, match="does not answer"):
            Connection(print, f"tcp://{HOST}:{free.getsockname()[1]}")


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_a_connection_that_fails_is_a_sentence_and_leaves_no_thread(monkeypatch, scheme):
    """Without certificates Dask meets a TypeError."""
    monkeypatch.setattr(cluster, "SECONDS", 0.3)
    before = set(threading.enumerate())
    with pytest.raises(ClusterError, match="does not answer; Layerscope tries again") as told:
        Connection(print, f"{scheme}://{HOST}:1")
    assert ("distributed.comm.tls" in str(told.value)) is (scheme == "tls")
    until(lambda: not set(threading.enumerate()) - before)


SERVER = """
import sys, time
from layerscope.jobs.dispatch import Dispatcher
dispatcher = Dispatcher()
ticket = dispatcher.submit("drill", {"steps": 10_000, "milliseconds": 5}, "s", "a")
while not (told := dispatcher.progress(ticket).told):
    time.sleep(0.05)
print(dispatcher._workers.process, told["process"], flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.thorough)])
def test_nothing_stays_when_the_server_ends(ended_by):
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        processes = [int(word) for word in server.stdout.readline().split()]
        assert len(processes) == 2
        server.send_signal(ended_by)
    until(lambda: not any(map(is_there, processes)), 20)


def is_there(process):
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
