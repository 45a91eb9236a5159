"""When Python looks for garbage."""

import gc
import subprocess
import sys

import pytest

from layerscope.ui.collecting import DUE, Collecting

FULL_ONES = """
import gc, time
from layerscope.ui import collecting

full = []
gc.callbacks.append(lambda phase, info: full.append(1) if phase == "stop" and info["generation"] == 2 else None)
gc.disable()
collecting.LOOK_SECONDS = 0.05
collecting.begin()
gc.enable()
kept = [[] for _ in range(10_000)]
for _ in range(25):
    rings = [[] for _ in range(8_000)]
    for ring in rings:
        ring.append(ring)
    kept.extend(rings)
while_busy = len(full)
end = time.monotonic() + 20
while not full and time.monotonic() < end:
    time.sleep(0.05)
print(while_busy, bool(full))
"""


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A full collection is due; how many there were since."""
    done: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, DUE))
    monkeypatch.setattr(gc, "collect", lambda: done.append(1))
    return done


def test_a_calm_process_collects_and_a_busy_one_does_not(due: list[int]) -> None:
    now, spent = [100.0], [7.0]
    looking = Collecting(lambda: now[0], lambda: spent[0])
    now[0], spent[0] = 101.0, 7.5
    assert not looking.look()
    assert not due
    now[0], spent[0] = 102.0, 7.51
    assert looking.look()
    assert len(due) == 1


def test_nothing_is_collected_before_it_is_worth_it(due: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, DUE - 1))
    now = [100.0]
    looking = Collecting(lambda: now[0], lambda: 7.0)
    now[0] = 101.0
    assert not looking.look()
    assert not due


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python collects in small steps there")
def test_who_works_is_not_held_up_and_who_rests_is_tidied():
    done = subprocess.run([sys.executable, "-c", FULL_ONES], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["0", "True"]
