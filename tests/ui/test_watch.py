"""When a loop stands still, and what does not count as that. A real server stands still in test_profiles.py."""

import asyncio
import logging
import subprocess
import sys

import pytest

from layerscope.limits import STANDSTILL, UNHEALTHY
from layerscope.ui.watch import Health, Standstill
from scripts.live import ROOT


class World:
    """Clocks that a test moves, and a watch that lives by them."""

    def __init__(self, since=0.0):
        self.now, self.worked, self.since = 100.0, 0.0, since
        self.watch = Standstill(since=lambda: self.since, clock=lambda: self.now, cpu=lambda: self.worked)

    def passes(self, seconds, *, work=0.0, looks=0):
        """Time goes by without a beat; the thread looks so many times."""
        for _ in range(max(looks, 1)):
            self.now += seconds / max(looks, 1)
            self.worked += seconds * work / max(looks, 1)
            if looks:
                self.watch.look()


@pytest.fixture
def world():
    return World()


def told(caplog):
    return [record.getMessage() for record in caplog.records if "stood still" in record.getMessage()]


@pytest.mark.parametrize(
    ("seconds", "is_told"), [(STANDSTILL.most / 1000 + 0.4, False), (STANDSTILL.most / 1000 + 0.6, True)]
)
def test_health_fails_from_five_seconds_on(world, caplog, seconds, is_told):
    world.passes(seconds, looks=5)
    world.watch.beat()
    assert bool(world.watch.complaint()) is is_told
    assert len(told(caplog)) == is_told


def test_a_standstill_is_told_once_while_it_lasts_with_what_the_thread_does(world, caplog):
    world.passes(60, looks=60)
    assert len(told(caplog)) == 1
    assert "test_watch.py" in told(caplog)[0]
    assert "\n" not in told(caplog)[0]
    world.watch.beat()
    assert len(told(caplog)) == 1


def test_two_standstills_are_told_twice(world, caplog):
    for _ in range(2):
        world.passes(6, looks=6)
        world.watch.beat()
    assert len(told(caplog)) == 2


def test_one_that_holds_all_of_python_is_told_by_the_loop_itself(world, caplog):
    world.passes(7, work=0.3)  # on a busy machine, and the thread could not look
    world.watch.beat()
    assert "6.5 seconds, and all of Python" in told(caplog)[0]
    assert world.watch.complaint().startswith("The server was blocked for 6.5 seconds.")


@pytest.mark.parametrize("looks", [0, 1])
def test_a_machine_that_slept_or_a_process_that_was_stopped_did_not_stand_still(world, caplog, looks):
    world.passes(3_600)
    for _ in range(looks):  # after waking the thread may come before the loop
        world.watch.look()
    world.watch.beat()
    assert world.watch.complaint() == ""
    assert told(caplog) == []


def test_the_warming_up_does_not_count(caplog):
    world = World(since=None)
    world.passes(20, work=1.0, looks=20)
    world.since = world.now - 1
    world.watch.beat()
    assert world.watch.complaint() == ""
    assert told(caplog) == []
    world.passes(6, work=1.0)
    world.watch.beat()
    assert world.watch.complaint()


def test_health_is_well_again_after_half_a_minute(world):
    world.passes(6, looks=6)
    world.watch.beat()
    world.now += UNHEALTHY.most - 0.1
    assert world.watch.complaint()
    world.now += 0.2
    assert world.watch.complaint() == ""


def asked(standstill, path, kind="http", **headers):
    """The status of the answer; 200 is the app's own."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    raw = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    asyncio.run(Health(app, standstill)({"type": kind, "path": path, "headers": raw, "method": "GET"}, receive, send))
    return sent[0]["status"]


def test_only_a_check_of_health_fails_and_not_a_visitors_page(world):
    assert asked(world.watch, "/_stcore/health") == 200
    world.passes(6, looks=6)
    world.watch.beat()
    assert asked(world.watch, "/_stcore/health") == 503
    assert asked(world.watch, "/tools/layers/_stcore/health") == 503
    assert asked(world.watch, "/_stcore/health", accept_language="en") == 200
    assert asked(world.watch, "/") == 200
    assert asked(world.watch, "/_stcore/stream", kind="websocket") == 200


def test_the_watch_lives_as_long_as_the_app():
    world = World()

    async def life():
        with world.watch.watching():
            world.now += 3
            await asyncio.sleep(0.6)
            assert world.watch._late() < 0  # it has beaten meanwhile
        world.now += 3
        await asyncio.sleep(0.6)
        assert world.watch._late() > 2

    asyncio.run(life())


def test_the_watch_costs_next_to_nothing(world):
    import time

    began = time.process_time()
    for _ in range(1_000):
        world.watch.beat()
        world.watch.look()
    assert time.process_time() - began < 0.5  # three a second are made; these are five minutes' worth


def test_its_entries_are_errors(world, caplog):
    world.passes(6, looks=6)
    assert caplog.records[0].levelno == logging.ERROR


WIRED = """
import logging, os
import app
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
print("Health" in [one.cls.__name__ for one in app.app._user_middleware], logging.Logger.handle.is_bounded,
      hasattr(ScriptRunner._run_script, "__wrapped__"), flush=True)
os._exit(0)  # not waiting for torch, which is being loaded in a thread
"""


def test_the_app_is_watched_its_runs_are_timed_and_its_log_is_bounded():
    done = subprocess.run([sys.executable, "-c", WIRED], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "True True True\n", done.stderr
