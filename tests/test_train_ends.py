"""Training runs of the Train page end with the process, whether they compute, wait for their turn or pause."""

import subprocess
import sys

import pytest

ENDS = """
import atexit, sys, threading, time
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.data import load
from layerscope.study.plan import Plan
from layerscope.ui.lab import runner

left = lambda: [one.name for one in threading.enumerate() if one.name == "layerscope-training"]
atexit.register(lambda: print("left", *left()))  # threads that go on here may abort
tokens = [
    runner.start(str(n), PRESETS[DEFAULT], load("digits"), Plan(epochs=200, batch=50), "here") for n in range(3)
]
while not (runner.look(tokens[0]).moment and runner.look(tokens[0]).moment.step > 3):
    time.sleep(0.01)
if sys.argv[1] == "paused":
    for token in tokens:
        runner.pause(token, True)
    while {runner.look(token).state for token in tokens} != {runner.PAUSED}:
        time.sleep(0.01)
print("ends with", len(left()), flush=True)
"""


@pytest.mark.parametrize("how", ["running", "paused"])
def test_a_process_that_ends_while_somebody_trains_ends_in_order(how: str) -> None:
    done = subprocess.run([sys.executable, "-c", ENDS, how], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ends with 3\nleft\n", "")


WARMS = """
import atexit, threading
from layerscope.ui.lab.running import warm
warming = warm()
atexit.register(lambda: print("left", warming.is_alive()))
"""


def test_a_process_that_ends_while_torch_is_warmed_up_ends_in_order() -> None:
    done = subprocess.run([sys.executable, "-c", WARMS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "left False\n", "")
