"""Training runs of the Train page and of lessons end with the process, whether they compute, wait or pause."""

import subprocess
import sys

ENDS = """
import atexit, threading, time
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.data import load
from layerscope.study.plan import Plan
from layerscope.ui.lab import runner
from layerscope.ui.lessons import training_runs as runs

TRAIN = {"layerscope-training", "layerscope-lesson-training"}
left = lambda: sorted(one.name for one in threading.enumerate() if one.name in TRAIN)
atexit.register(lambda: print("left", *left()))  # threads that go on here may abort
tokens = [
    runner.start(str(n), PRESETS[DEFAULT], load("digits"), Plan(epochs=200, batch=50), "here") for n in range(3)
]
while not (runner.look(tokens[0]).moment and runner.look(tokens[0]).moment.step > 3):
    time.sleep(0.01)
runner.pause(tokens[0], True)
while runner.look(tokens[0]).state != runner.PAUSED:
    time.sleep(0.01)
made = []
train = runs.train
runs.train = lambda *a, **k: (made.append(1), train(*a, **k))[1]
threading.Thread(target=runs.begin, args=(PRESETS[DEFAULT], runs.ahead), daemon=True).start()  # as a page's may be
while not made:
    time.sleep(0.01)
time.sleep(0.3)
print([runner.look(token).state for token in tokens])
print("ends with", *left(), flush=True)
"""
STATES = ["paused", "running", "waiting"]
THREADS = "layerscope-lesson-training layerscope-training layerscope-training layerscope-training"


def test_a_process_that_ends_while_somebody_trains_ends_in_order() -> None:
    """One run pauses, others compute or wait, and a lesson trains, in one process: starting it is what costs."""
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{STATES}\nends with {THREADS}\nleft\n", "")


WARMS = """
import atexit, threading
from layerscope.ui.lab.running import warm
warming = warm()
atexit.register(lambda: print("left", warming.is_alive()))
"""


def test_a_process_that_ends_while_torch_is_warmed_up_ends_in_order() -> None:
    done = subprocess.run([sys.executable, "-c", WARMS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "left False\n", "")
