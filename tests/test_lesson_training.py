"""Training runs of lessons end with the process."""

import subprocess
import sys

ENDS = """
import atexit, threading, time
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.lessons import training_runs as runs

made = []
left = lambda: [one.name for one in threading.enumerate() if one.name == "layerscope-lesson-training"]
atexit.register(lambda: print("left", *left()))  # threads that go on here may abort
train = runs.train
runs.train = lambda *a, **k: (made.append(1), train(*a, **k))[1]
threading.Thread(target=runs.begin, args=(PRESETS[DEFAULT], runs.ahead), daemon=True).start()  # as a page's may be
while not made:
    time.sleep(0.01)
time.sleep(0.3)
print("ends with", *left(), flush=True)
"""

SAID = "ends with layerscope-lesson-training\nleft\n"


def test_a_process_that_ends_while_a_lesson_trains_ends_in_order() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, SAID, "")
