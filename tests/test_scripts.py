"""The scripts that measure: a server ends with whoever started it, and the simulation is a queue that is understood."""

import os
import signal
import statistics
import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest

from scripts import capacity
from scripts.live import ROOT
from tests.jobs.workers import until


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process that its parent has ended")
def test_what_a_script_started_ends_with_it_even_by_kill_9():
    program = (
        "import subprocess, sys, time\nfrom scripts.live import _end_with_its_parent\n"
        "other = subprocess.Popen(['sleep', '600'], preexec_fn=_end_with_its_parent)\n"
        "print(other.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as script:
        assert script.stdout is not None
        other = int(script.stdout.readline())
        os.kill(script.pid, signal.SIGKILL)
    until(lambda: not is_there(other))


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_work_shares_the_interpreter():
    one = capacity.Interpreter()
    assert list(one.begin(0.0, 2.0, "first")) == []
    assert list(one.begin(1.0, 1.0, "second")) == []  # each has one second to do, at half the speed
    assert [(kind, began, round(seconds, 9)) for kind, began, seconds in one.until(9.0)] == [
        ("first", 0.0, 3.0), ("second", 1.0, 2.0),
    ]  # fmt: skip
    assert one.busy == 3.0


@pytest.mark.parametrize("load", [0.3, 0.7])
def test_the_mean_wait_is_that_of_the_theory(load):
    """Poisson arrivals that share one server: the mean time is the mean work / (1 - load), whatever the spread."""
    chance, queue, now, waits = Random(1), capacity.Interpreter(), 0.0, []
    for _ in range(30_000):
        now += chance.expovariate(load)
        waits += [seconds for _, _, seconds in queue.begin(now, chance.choice((0.5, 1.5)), "move")]
    assert statistics.fmean(waits) == pytest.approx(1 / (1 - load), rel=0.05)
    assert queue.busy / now == pytest.approx(load, rel=0.05)


def test_more_sessions_wait_longer_and_the_same_run_says_the_same():
    seen = [capacity.simulated(capacity.MEASURED, sessions, 40) for sessions in (50, 200, 400)]
    assert all(few.steady["move"] < many.steady["move"] for few, many in pairwise(seen))
    assert seen[0] == capacity.simulated(capacity.MEASURED, 50, 40)
    first = capacity.breaking(capacity.MEASURED, capacity.Machines(), 400)[0]
    assert first[0] == min(count for count, _ in capacity.breaking(capacity.MEASURED, capacity.Machines(), 400))
