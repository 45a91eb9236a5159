"""What trials can go on from, in their file: found by another server, bounded three ways, gone with their trials."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest

from layerscope import limits
from layerscope.jobs import kept, kept_file
from layerscope.jobs.kept import Kept
from layerscope.jobs.kept_states import HELD, LARGE, ROOM

ONE, OTHER = "a" * 22, "b" * 22


@pytest.fixture
def file(tmp_path):
    made = Kept(tmp_path)
    assert made.held(ONE) == {}
    assert made.state_of(ONE, 0) is None
    made.begin(ONE, "order")
    return made


def bounded(monkeypatch, limit, most):
    (name,) = [name for name, one in limits.table().items() if one is limit]
    monkeypatch.setattr(limits, name, replace(limit, most=most))


def test_another_server_finds_what_is_held(file, tmp_path):
    file.hold(ONE, 3, 0.9, b"state", "session")
    file.hold(ONE, 4, 0.9, b"", "session")
    file.hold(ONE, 3, 0.9, b"state again", "session")
    other = Kept(tmp_path)
    assert other.held(ONE) == {3: HELD, 4: LARGE}
    assert other.state_of(ONE, 3) == b"state again"
    assert other.state_of(ONE, 4) is None
    assert other.state_of(ONE, 5) is None
    assert b"session" not in (tmp_path / kept_file.FILE).read_bytes()


def test_of_one_set_the_most_accurate_are_held(file, monkeypatch):
    bounded(monkeypatch, limits.STATES_OF_STUDY, 25)
    for number, accuracy in enumerate((0.5, 0.9, None, 0.7)):
        file.hold(ONE, number, accuracy, b"x" * 10, "s")
    assert file.held(ONE) == {0: ROOM, 1: HELD, 2: ROOM, 3: HELD}
    assert file.state_of(ONE, 0) is None


@pytest.mark.parametrize("limit", [limits.STATES_OF_SESSION, limits.STATES], ids=["page", "all"])
def test_of_one_page_and_of_all_the_newest_set_is_held(file, monkeypatch, limit):
    is_all = limit is limits.STATES
    bounded(monkeypatch, limit, 25)
    file.hold(ONE, 0, 0.9, b"x" * 10, "s")
    file.hold(ONE, 1, 0.8, b"x" * 10, "s")
    file.begin(OTHER, "order")
    file.hold(OTHER, 0, 0.1, b"x" * 10, "s")
    assert file.held(ONE) == {0: HELD, 1: ROOM}
    file.hold(OTHER, 1, 0.2, b"x" * 10, "s" if is_all else "another")
    assert (file.held(ONE), file.held(OTHER)) == ({0: ROOM if is_all else HELD, 1: ROOM}, {0: HELD, 1: HELD})


def test_it_goes_with_its_trials(file, monkeypatch):
    file.hold(ONE, 0, 0.9, b"x", "s")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + (limits.KEPT_DAYS.most + 1) * kept.DAY)
    file.begin(OTHER, "order")
    assert file.held(ONE) == {}
    assert file.state_of(ONE, 0) is None


def test_a_file_of_an_earlier_version_gets_the_table(tmp_path):
    Kept(tmp_path).begin(ONE, "order")
    with closing(sqlite3.connect(tmp_path / kept_file.FILE)) as opened:
        opened.execute("DROP TABLE states")
    made = Kept(tmp_path)
    assert made.held(ONE) == {}
    made.hold(ONE, 0, 0.9, b"x", "s")
    assert made.state_of(ONE, 0) == b"x"
