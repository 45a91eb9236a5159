"""Trials in their file: found again, bounded, and a sentence where it cannot be written."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from layerscope import limits
from layerscope.jobs import kept, kept_file
from layerscope.jobs.kept import Kept, KeptError
from layerscope.user_folder import user_folder

NAME = "a" * 22


def test_what_is_noted_is_found_by_another_server(tmp_path):
    one = Kept(tmp_path / "deep" / "er")
    assert one.find(NAME) is None
    one.begin(NAME, "order")
    one.note(NAME, 1, "second")
    one.note(NAME, 0, "first")
    one.note(NAME, 0, "first again")
    other = Kept(tmp_path / "deep" / "er")
    assert other.find(NAME) == kept.Found("order", "running", ("first again", "second"), is_owned=True)
    one.end(NAME, kept.DONE)
    assert other.find(NAME) == kept.Found("order", "done", ("first again", "second"))
    assert other.find("b" * 22) is None


def test_the_file_has_a_log_of_its_own_and_no_pickle(tmp_path):
    one = Kept(tmp_path)
    one.begin(NAME, '{"a": 1}')
    assert b'{"a": 1}' in (tmp_path / kept_file.FILE).read_bytes()
    with closing(sqlite3.connect(tmp_path / kept_file.FILE)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def state(file):
    """Whether trials are owned, and how the file has them."""
    found = file.find(NAME)
    assert found is not None
    return found.is_owned, found.state


def test_trials_have_one_owner_until_its_beat_stays_away(tmp_path, monkeypatch):
    one, other, now = Kept(tmp_path), Kept(tmp_path), time.monotonic()
    one.begin(NAME, "order")
    assert not other.claim(NAME)
    assert one.beat([NAME]) == set()
    monkeypatch.setattr(time, "monotonic", lambda: now + kept.AWAY_SECONDS - 1)
    assert state(other) == (True, "running")
    assert one.beat([NAME]) == set()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * kept.AWAY_SECONDS - 2)
    assert not other.claim(NAME)
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * kept.AWAY_SECONDS)
    assert state(other) == (False, "running")
    assert other.claim(NAME)
    assert one.beat([NAME, "b" * 22]) == {NAME}
    one.end(NAME, kept.STOPPED)  # too late
    assert state(one) == (True, "running")
    other.end(NAME, kept.DONE)
    assert state(one) == (False, "done")
    assert not one.claim("b" * 22)


def test_what_was_stopped_replaces_nothing_of_a_process_that_took_it_over(tmp_path, monkeypatch):
    one, other, now = Kept(tmp_path), Kept(tmp_path), time.monotonic()
    one.begin(NAME, "order")
    one.note(NAME, 0, "stopped", is_over=False)
    found = other.find(NAME)
    assert found is not None
    assert found.trials == ("stopped",)
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * kept.AWAY_SECONDS)
    assert other.claim(NAME)
    other.note(NAME, 0, "finished")
    one.note(NAME, 0, "stopped", is_over=False)
    found = other.find(NAME)
    assert found is not None
    assert found.trials == ("finished",)


def test_a_trial_is_amended_only_as_it_was_left_and_where_nobody_runs_it(tmp_path):
    one, other = Kept(tmp_path), Kept(tmp_path)
    one.begin(NAME, "order")
    one.note(NAME, 0, "stopped", is_over=False)
    one.end(NAME, kept.STOPPED)
    assert not one.amend(NAME, 0, "another", "late")
    assert not one.amend(NAME, 1, "stopped", "late")
    assert one.amend(NAME, 0, "stopped", "late")
    assert other.claim(NAME)
    assert not one.amend(NAME, 0, "late", "later")
    found = other.find(NAME)
    assert found is not None
    assert found.trials == ("late",)


def test_a_wish_to_stop_reaches_the_owner_and_ends_with_what_it_was_about(tmp_path, monkeypatch):
    one, other = Kept(tmp_path), Kept(tmp_path)
    other.wish(NAME)
    one.begin(NAME, "order")
    assert one.wished([NAME]) == set(), "nobody ran it then"
    other.wish(NAME)
    other.wish(NAME)
    assert one.wished([NAME, "b" * 22]) == {NAME}
    assert one.wished(["b" * 22]) == set()
    found = other.find(NAME)
    assert found is not None
    assert found.is_unwanted
    other.end(NAME, kept.STOPPED)  # not the owner
    assert one.wished([NAME]) == {NAME}
    one.end(NAME, kept.STOPPED)
    assert one.wished([NAME]) == set()
    assert other.claim(NAME)
    assert other.wished([NAME]) == set()
    one.wish(NAME)
    monkeypatch.setattr(kept, "AWAY_SECONDS", -1.0)  # killed before it looked
    assert one.claim(NAME)
    assert one.wished([NAME]) == set(), "who continues them does not want them stopped"


def test_a_file_of_an_older_version_gets_the_table_of_wishes(tmp_path):
    Kept(tmp_path).begin(NAME, "order")
    with closing(sqlite3.connect(tmp_path / kept_file.FILE)) as file:
        file.execute("DROP TABLE wishes")
    one = Kept(tmp_path)
    one.wish(NAME)
    assert one.wished([NAME]) == {NAME}


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_put_forward_or_back_changes_no_owner(tmp_path, monkeypatch, days):
    one, other, now = Kept(tmp_path), Kept(tmp_path), time.time()
    one.begin(NAME, "order")
    monkeypatch.setattr(time, "time", lambda: now + days * kept.DAY)
    assert not other.claim(NAME)


def test_what_ran_before_the_computer_was_started_again_is_free(tmp_path, monkeypatch):
    one, other, now = Kept(tmp_path), Kept(tmp_path), time.monotonic()
    one.begin(NAME, "order")
    monkeypatch.setattr(time, "monotonic", lambda: now - 1)  # asked for before another process wrote its beat
    assert not other.claim(NAME)
    monkeypatch.setattr(time, "monotonic", lambda: now - 2 * kept.AWAY_SECONDS)
    assert other.claim(NAME)


def test_a_process_takes_back_what_it_owned_and_leaves_all(tmp_path):
    one = Kept(tmp_path)
    one.begin(NAME, "order")
    assert one.claim(NAME)  # its study ended, and the file could not be told
    one.leave()
    assert state(one) == (False, "running")


def test_a_file_of_an_earlier_version_has_no_owners(tmp_path):
    one = Kept(tmp_path)
    one.begin(NAME, "order")
    with closing(sqlite3.connect(tmp_path / kept_file.FILE)) as file:
        file.execute("DROP TABLE owners")
    other = Kept(tmp_path)
    assert state(other) == (False, "running")
    assert other.claim(NAME)


POLITE = """
import sys, time
from pathlib import Path
from layerscope.jobs.beating import Beating
from layerscope.jobs.kept import Kept
kept = Kept(Path(sys.argv[1]))
kept.begin("a" * 22, "order")
Beating(kept, print, print).add("a" * 22)
print(kept.find("a" * 22).is_owned)
"""


def test_a_server_that_ends_politely_need_not_be_waited_for(tmp_path):
    told = subprocess.run([sys.executable, "-c", POLITE, tmp_path], stdout=subprocess.PIPE, text=True, check=True)
    assert told.stdout == "True\n"
    assert state(Kept(tmp_path)) == (False, "running")


def bounded(monkeypatch, name, most):
    monkeypatch.setattr(limits, name, limits.Limit("", "", most))


def test_the_oldest_go_beyond_the_bound(tmp_path, monkeypatch):
    bounded(monkeypatch, "KEPT", 3)
    one = Kept(tmp_path)
    for number in range(5):
        one.begin(f"{number}" * 22, "order")
        one.note(f"{number}" * 22, 0, "trial")
    assert [one.find(f"{n}" * 22) is not None for n in range(5)] == [False, False, True, True, True]


def test_the_oldest_go_where_all_are_too_large_together(tmp_path, monkeypatch):
    bounded(monkeypatch, "KEPT_BYTES", 10_000)
    one = Kept(tmp_path)
    for number in range(4):
        one.begin(f"{number}" * 22, "order")
        one.note(f"{number}" * 22, 0, "x" * 4_000)
    one.begin("last" * 5 + "ab", "order")
    assert [one.find(f"{n}" * 22) is not None for n in range(4)] == [False, False, True, True]


def test_what_is_too_old_goes(tmp_path, monkeypatch):
    one = Kept(tmp_path)
    one.begin(NAME, "order")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + (limits.KEPT_DAYS.most + 1) * kept.DAY)
    one.begin("b" * 22, "order")
    assert one.find(NAME) is None


def test_a_clock_that_is_put_back_does_not_make_the_newest_trials_the_oldest(tmp_path, monkeypatch):
    bounded(monkeypatch, "KEPT", 3)
    one, now = Kept(tmp_path), time.time()
    for number, wrong_by in enumerate((0, 0, kept.DAY, -kept.DAY, -kept.DAY)):
        monkeypatch.setattr(time, "time", lambda wrong_by=wrong_by: now + wrong_by)
        one.begin(f"{number}" * 22, "order")
    assert [one.find(f"{n}" * 22) is not None for n in range(5)] == [False, False, True, True, True]


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    bounded(monkeypatch, "KEPT_BYTES", 20_000)  # the file may have twice that
    bounded(monkeypatch, "STATES", 0)
    one = Kept(tmp_path)
    one.begin(NAME, "order")
    with pytest.raises(KeptError, match=r"^Trials cannot be saved on this server \(database or disk is full\)"):
        one.note(NAME, 0, "x" * 200_000)
    one.note(NAME, 0, "small")
    assert one.find(NAME) == kept.Found("order", "running", ("small",), is_owned=True)


@pytest.mark.parametrize("kind", ["file", "damaged"])
def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path, kind):
    if kind == "file":
        (tmp_path / "here").write_text("a file where the folder should be")
    else:
        (tmp_path / "here").mkdir()
        (tmp_path / "here" / kept_file.FILE).write_bytes(b"no database" * 1_000)
    with pytest.raises(KeptError, match=r"^Trials cannot be saved on this server") as said:
        Kept(tmp_path / "here").begin(NAME, "order")
    assert str(tmp_path) not in str(said.value)


def test_the_folder_comes_from_the_environment_or_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv(kept_file.FOLDER, str(tmp_path))
    assert user_folder(kept_file.FOLDER) == tmp_path
    monkeypatch.delenv(kept_file.FOLDER)
    assert user_folder(kept_file.FOLDER).name == "layerscope"


SCRIPT = """
import os, sys
from pathlib import Path
from layerscope.jobs.kept import Kept
kept = Kept(Path(sys.argv[1]))
kept.begin("a" * 22, "order")
for number in range(100_000):
    kept.note("a" * 22, number, f"trial {number}")
    os.write(1, f"{number}\\n".encode())
"""


def test_kill_9_loses_nothing_that_was_noted(tmp_path):
    with subprocess.Popen([sys.executable, "-c", SCRIPT, tmp_path], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = [server.stdout.readline() for _ in range(50)]
        server.kill()
        last = [*said, *server.stdout.read().split()][-1]
    found = Kept(tmp_path).find(NAME)
    assert found is not None
    assert found.state == "running"
    assert len(found.trials) >= int(last) + 1 >= 50
    assert found.trials == tuple(f"trial {n}" for n in range(len(found.trials)))
