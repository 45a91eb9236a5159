"""The load test itself, with a few visitors: a sound server gives no errors, a wrong answer is counted as one."""

import asyncio
import dataclasses

import pytest

from layerscope.changes import ripple
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from layerscope.ui.parts import stage_data
from layerscope.ui.session import Session
from scripts import load, scenarios, visitor
from scripts.live import APP, served

SEED = PRESETS[DEFAULT]


@pytest.fixture(scope="module")
def address():
    with served(APP) as address:
        yield address


def test_a_few_visitors_meet_no_error(address, capsys):
    tallies = load.run(address, load.Asked(quick=True))
    assert [tally.errors for tally in tallies.values()] == [{}, {}, {}, {}]
    counts = {name: {what: len(times) for what, times in tally.times.items()} for name, tally in tallies.items()}
    assert counts == {
        "hundred": {"open": 5, "move": 25, "commit": 5, "own": 25},
        "three hundred": {"open": 5, "move": 25, "commit": 25, "own": 25},
        "first": {"open": 3, "move": 0, "commit": 0, "own": 0},
        "soak": {"open": 10, "move": 10, "commit": 5, "own": 10},
    }
    assert "p95" in capsys.readouterr().out


@pytest.mark.thorough
def test_nor_do_those_with_networks_that_branch_beside_somebody_who_trains(address):
    branching = load.run(address, load.Asked("first", quick=True, starts=visitor.BRANCHING, trainings=1))
    assert {name: tally.errors for name, tally in branching.items()} == {"first": {}}


def test_wrong_answers_are_counted(address, monkeypatch):
    """Here the visitors are told wrong numbers, which looks to them like a server that errs."""
    right = visitor.expected
    monkeypatch.setattr(visitor, "expected", lambda network: right(network) | {"macs": "1"})
    tally = asyncio.run(scenarios.come_and_go(address, range(3), commits=1))
    assert tally.errors.total() == 3
    assert all("macs is shown as" in text for text in tally.errors)


def test_wrong_previews_and_commits_of_those_who_stay_are_counted(address, monkeypatch):
    """The page is right when it is opened, and wrong from the first preview, or from the commit, on."""
    for right_answers, shown in ((1, 0), (2, 1)):
        people = {"checks": 0}

        def wrong_later(parts, network, people=people, right_answers=right_answers):
            people["checks"] += 1
            if people["checks"] > right_answers:
                raise visitor.WrongAnswerError("a number is shown as another")

        monkeypatch.setattr(visitor, "check", wrong_later)
        plan = dataclasses.replace(scenarios.HUNDRED, visitors=1, interval=0.2, moves=1, commits=1)
        tally = asyncio.run(scenarios.stay(address, plan))
        assert {what: len(times) for what, times in tally.times.items()} == {
            "open": 1,
            "move": shown,
            "commit": 0,
            "own": 1,
        }
        assert tally.errors.total() == 1


def test_a_server_that_is_gone_is_an_error():
    tally = asyncio.run(scenarios.come_and_go("http://127.0.0.1:9", range(2), commits=1))
    assert tally.errors.total() == 2


def test_the_right_parts_pass_and_others_do_not():
    session = Session(network=SEED, before=SEED)
    parts = stage_data(session, ripple(trace(SEED), trace(SEED)))
    visitor.check(parts, SEED)
    with pytest.raises(visitor.WrongAnswerError, match="conv1 is shown as"):
        visitor.check(parts, SEED.with_argument("conv1", "kernel_size", 3))
