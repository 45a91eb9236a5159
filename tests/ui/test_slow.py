"""Slow runs and answers are logged, with the network and nothing else, at most once a second."""

import re
import time

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from layerscope import link
from layerscope.limits import SLOW, SLOW_LINK, Limit
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui import process, server, slow
from scripts.live import APP

NET = link.encode(next(network for name, network in PRESETS.items() if name != DEFAULT))


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves, for the work's length and for the lines."""

    class Clock:
        now = 1_000.0

    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(process, "_warm_since", 0.0)
    return Clock


def told(caplog):
    return [record.getMessage() for record in caplog.records if record.name == slow.__name__]


def work(clock, seconds, lines, net="abc"):
    with slow.timed(lambda: "a run", lambda: net, lines):
        clock.now += seconds


@pytest.mark.parametrize(("seconds", "is_told"), [(SLOW.most / 1000, False), (SLOW.most / 1000 + 0.01, True)])
def test_more_than_two_seconds_are_slow(clock, caplog, seconds, is_told):
    work(clock, seconds, slow.SlowLines(lambda: clock.now))
    assert told(caplog) == (["Slow: a run took 2.0 s. Its network: ?net=abc"] if is_told else [])


def test_work_that_fails_is_told_too(clock, caplog):
    def fail():
        with slow.timed(lambda: "a run", lambda: "abc", slow.SlowLines(lambda: clock.now)):
            clock.now += 3
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert len(told(caplog)) == 1


def test_at_most_one_line_a_second_and_the_others_are_counted(clock, caplog):
    lines = slow.SlowLines(lambda: clock.now)
    for _ in range(13):
        lines.tell("a run", 3.0, lambda: "abc")
    clock.now += 1
    lines.tell("a run", 4.0, lambda: "abc")
    assert told(caplog) == [
        "Slow: a run took 3.0 s. Its network: ?net=abc",
        "Slow: a run took 4.0 s, and 12 more since the last such line. Its network: ?net=abc",
    ]


def test_waiting_for_torch_at_the_start_is_not_slow(clock, caplog, monkeypatch):
    with slow.timed(lambda: "a run", lambda: "abc", slow.SlowLines(lambda: clock.now)):
        clock.now += 9
        monkeypatch.setattr(process, "_warm_since", clock.now - 1)
    assert told(caplog) == []


def test_a_link_that_is_too_long_is_left_out(clock, caplog):
    for size in (SLOW_LINK.most, SLOW_LINK.most + 1):
        work(clock, 3, slow.SlowLines(lambda: clock.now), "a" * size)
    assert told(caplog)[0].endswith("a" * SLOW_LINK.most)
    assert told(caplog)[1].endswith("The link of its network is too long to log.")


@pytest.fixture
def everything_is_slow(monkeypatch):
    monkeypatch.setattr(slow, "SLOW", Limit("", "", -1))
    monkeypatch.setattr(slow, "_lines", slow.SlowLines())
    process.wait_until_warm()


def test_an_answer_of_the_fast_lane_is_timed(everything_is_slow, caplog):
    server.reply({"id": 1, "net": NET, "view": "", "key": "x", "value": 1}, "me")
    (line,) = told(caplog)
    assert re.fullmatch(r"Slow: an answer to a moving slider took \d\.\d s\. Its network: \?net=(.+)", line)
    assert line.endswith(f"?net={NET}")


@pytest.mark.parametrize("question", ["text", [], {"net": "\n2026 ERROR forged"}, None])
def test_what_a_visitor_wrote_is_not_copied_into_the_log(everything_is_slow, caplog, question):
    with pytest.raises(ValueError, match="A preview needs"):
        server.reply(question, "me")
    assert told(caplog) == ["Slow: an answer to a moving slider took 0.0 s. Its network has no link."]


def test_a_run_of_a_page_is_timed_with_the_network_it_shows(everything_is_slow, caplog, monkeypatch):
    monkeypatch.setattr(ScriptRunner, "_run_script", ScriptRunner._run_script)  # what is put there is taken back
    slow.time_runs()
    slow.time_runs()  # a second time adds nothing
    page = AppTest.from_file(APP, default_timeout=60)
    page.query_params["net"] = NET
    page.run()
    assert not page.exception
    assert len(told(caplog)) == 1
    assert told(caplog)[0].startswith("Slow: a run of the page explore took ")
    assert told(caplog)[0].endswith(f" Its network: ?net={NET}")
