"""Training runs rest while somebody drags a slider, and only then."""

import time
from contextlib import suppress

import pytest

from layerscope.link import decode, encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.data import load
from layerscope.study.plan import Plan
from layerscope.ui import giving_way, server
from layerscope.ui.giving_way import MOST_SECONDS, MOVED_SECONDS, TIMES, Pace
from layerscope.ui.lab import runner
from layerscope.ui.lessons import training_runs
from tests.test_train_page import look, wait

SMALL = decode("1x8x8-10~Conv2d.4.3~ReLU~Flatten~Linear.10")


@pytest.fixture(autouse=True)
def _nobody_moves(monkeypatch):
    monkeypatch.setattr(giving_way, "_moved", float("-inf"))


def test_a_rest_is_as_long_as_the_batch_before_asks_for(monkeypatch):
    now, rests = [100.0], list[float]()
    pace = Pace(lambda: now[0], rests.append)

    def batch(seconds):
        now[0] += seconds
        pace.give_way()

    batch(0.01)
    assert not rests
    monkeypatch.setattr(giving_way, "_moved", now[0])
    batch(0.01)
    batch(0.5)
    assert rests == pytest.approx([TIMES * 0.01, MOST_SECONDS])
    now[0] += 9  # it paused, or waited for its turn
    pace.begin()
    batch(0.01)
    assert len(rests) == 2, "the slider rests too by now"
    monkeypatch.setattr(giving_way, "_moved", now[0] - MOVED_SECONDS)
    batch(0.01)
    assert len(rests) == 2


def test_only_a_move_that_somebody_makes_is_given_way_to():
    asked = {"id": 1, "net": encode(PRESETS[DEFAULT]), "key": "conv1.kernel_size", "value": 3}
    for question, counts in ((asked | {"ahead": True}, False), (asked, True)):
        with suppress(ValueError):  # whatever it answers
            server.reply(question, "visitor")
        assert (time.monotonic() - giving_way._moved < 9) is counts


def test_a_training_is_slower_while_a_slider_moves_and_a_lessons_too(monkeypatch):
    rests = list[float]()
    monkeypatch.setattr(Pace.__init__, "__defaults__", (time.monotonic, rests.append))
    for moves in (False, True):
        monkeypatch.setattr(giving_way, "_moved", float("inf") if moves else float("-inf"))
        rests.clear()
        token = runner.start("a", SMALL, load("digits"), Plan(batch=200, epochs=1))
        wait_for_end(token)
        assert bool(rests) is moves
        rests.clear()
        training_runs._trained.cache_clear()
        training_runs.trained_by(SMALL, Plan(batch=200, epochs=1))
        assert bool(rests) is moves
    training_runs._trained.cache_clear()


def wait_for_end(token):
    wait(lambda: look(token).state == runner.ENDED)
