"""No visitor can flood the log."""

import logging
import re
import socket
import subprocess
import sys

import pytest

from layerscope.limits import LOG, LOG_ALIKE, LOG_ENTRY
from layerscope.ui.log import AROUND, Budget, shorten
from scripts.live import free_port
from tests.ui.test_profiles import SCRIPT, start


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return Budget(clock)


def record(text, *values, place=1, error=None):
    told = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("some.where", logging.WARNING, "file.py", place, text, values, told)


def log(budget, *records):
    return [one.getMessage() for each in records for one in budget.admitted(each)]


def raised(depth=0):
    try:
        raise ValueError("x" * 50) if depth == 0 else raised(depth - 1)
    except ValueError as error:
        return error


def test_an_ordinary_entry_stays_as_it_is(budget):
    entry = record("Port %s is not available", 8501)
    assert budget.admitted(entry) == [entry]
    assert (entry.msg, entry.args) == ("Port %s is not available", (8501,))


def test_entries_from_one_place_are_bounded_and_counted(budget, clock):
    said = [text for number in range(5_000) for text in log(budget, record(f"bad request {number} " + 60 * "x"))]
    assert LOG_ALIKE.most * 0.9 < sum(len(text) + AROUND for text in said) < LOG_ALIKE.most * 1.01
    assert said[-1].startswith("More entries like this are left out for up to a minute: bad request ")
    assert sum("left out" in text for text in said) == 1
    clock.now += 60
    notice, entry = log(budget, record("bad request again"))
    assert notice.startswith(f"… suppressed {5_000 - len(said) + 1:,} like this: bad request ")
    assert entry == "bad request again"


def test_one_place_does_not_silence_another(budget):
    log(budget, *[record("x" * 1_000, place=1) for _ in range(200)])
    assert log(budget, record("something else", place=2)) == ["something else"]


def test_all_places_together_are_bounded(budget):
    entries = [record("x" * 1_000, place=place) for place in range(50) for _ in range(90)]
    size = sum(len(text) for text in log(budget, *entries))
    assert LOG.most * 0.9 < size < LOG.most * 1.02


def test_an_exception_has_its_own_place(budget):
    for _ in range(5):
        log(budget, *[record("Uncaught", error=raised()) for _ in range(500)])
    other = KeyError()
    assert log(budget, record("Uncaught", error=other)) == ["Uncaught"]


def test_a_long_entry_loses_its_middle():
    error = ValueError("y" * 1_000_000)
    entry = record("a" * 1_000_000 + "b", error=error)
    assert shorten(entry) < 2 * LOG_ENTRY.most + 300
    text = logging.Formatter().format(entry)
    assert len(text) < 2 * LOG_ENTRY.most + 300
    assert re.search(r"a … 992,001 characters left out … a*b\n", text)


def test_what_a_terminal_would_obey_is_written_out():
    entry = record("origin=%s", "\x1b]0;title\x07\r\x9b2J")
    shorten(entry)
    assert entry.getMessage() == r"origin=\x1b]0;title\x07\x0d\x9b2J"
    entry = record("Uncaught", error=ValueError("\x1b[2J"))
    shorten(entry)
    assert logging.Formatter().format(entry).endswith(r"ValueError: \x1b[2J")


def test_an_entry_whose_format_does_not_fit_is_logged_as_it_stands():
    entry = record("%d and %d", 1)
    shorten(entry)
    assert entry.getMessage() == "%d and %d"


def test_half_a_character_can_be_counted():
    assert shorten(record("\ud800")) > 0


PROGRAM = """
import logging, sys, threading
from layerscope.ui import log
log.bound(); log.bound(); log.show_ours(); log.show_ours()
other = logging.getLogger("made.later")
other.addHandler(logging.StreamHandler())
for number in range(20_000):
    other.warning("bad request %d " + 50 * "x", number)
logging.getLogger("layerscope.ui.slow").warning("ours")
threads = [threading.Thread(target=lambda: 1 / 0) for _ in range(300)]
for thread in threads:
    thread.start(); thread.join()
"""


def test_a_process_that_is_bounded_says_no_more_than_it_may():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    lines = done.stderr.splitlines()
    assert len(done.stderr) < 2.3 * LOG_ALIKE.most
    assert sum("left out for up to a minute" in line for line in lines) == 2
    assert sum(re.fullmatch(r"\d{4}-\d\d-\d\d [\d:,]+ ours", line) is not None for line in lines) == 1
    assert "ZeroDivisionError" in done.stderr


def flood(port, times):
    for _ in range(times):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"\x00 nonsense\r\n\r\n")
            line.recv(1_000)


def test_a_real_server_keeps_a_short_log_under_malformed_requests(tmp_path):
    port, text = free_port(), tmp_path / "log.txt"
    with start("streamlit", "run", SCRIPT, "--server.port", port, port=port, log=text):
        flood(port, 2_500)
    said = text.read_text()
    assert said.count("Invalid HTTP request received.") > 100
    assert len(said) < LOG_ALIKE.most + 5_000
    assert "left out for up to a minute: Invalid HTTP request received." in said
