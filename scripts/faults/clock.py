"""The computer's clock is put forward, and back, by a day, while a slider moves and trials run.

The server and its workers get `time.time` from a module of this script, which adds what stands in a file. What must not
notice: sessions, previews and their pace, the queue of jobs and its limits, trials that were kept, a teacher's link.
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect

from layerscope.assignment import Assignment, encode_assignment
from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from scripts.faults.dropped import Loop
from scripts.faults.pages import OpenPage, seconds_until
from scripts.live import APP, chromium, served
from scripts.visitor import Visitor

DAY = 86_400
JUMPS = (DAY, -DAY, 0)
"""Seconds that the clock is wrong by, one after the other."""
TARGET_SECONDS = 2.0
QUESTION = "What does the kernel do?"
ASK = "trials?net=1x8x8-10~Flatten~Linear.10&try=lr%3D0.1%2C+0.01%2C+0.02%2C+0.03%2C+0.04%2C+0.05&epochs=1"
ALL_DONE = "All trials are done."

JUMPING = """
import time
from pathlib import Path

WRONG_BY = Path(__file__).with_name("wrong-by")
right, right_ns = time.time, time.time_ns


def wrong_by():
    try:
        return int(WRONG_BY.read_text())
    except (OSError, ValueError):
        return 0


time.time = lambda: right() + wrong_by()
time.time_ns = lambda: right_ns() + wrong_by() * 1_000_000_000
"""


async def previews(visitor: Visitor, count: int = 30) -> float:
    """The median seconds of an answer to a move, as fast as they come."""
    took = []
    for _ in range(count):
        begin = time.perf_counter()
        took.append(await visitor.preview() - begin)
    return statistics.median(took)


def run() -> bool:
    """Whether nobody noticed."""
    link = encode_assignment(Assignment(encode(PRESETS[DEFAULT]), question=QUESTION))
    longest, wrong = 0.0, list[str]()
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        folder = Path(made)
        (folder / "sitecustomize.py").write_text(JUMPING)
        paths = os.pathsep.join([made, os.environ.get("PYTHONPATH", "")])
        environment = {"PYTHONPATH": paths, "LAYERSCOPE_TRIALS": str(folder / "trials")}
        with served(APP, environment=environment) as address:
            explore, trials, course = OpenPage(browser, address, 1), browser.new_page(), browser.new_page()
            course.goto(f"{address}/?class={link}")
            expect(course.get_by_text(QUESTION).first).to_be_visible(timeout=30_000)
            loop, visitor = Loop(), Visitor(address, 1)
            loop.run(visitor.open())
            loop.run(previews(visitor))
            results = []
            for jump in JUMPS:
                before = loop.run(previews(visitor))
                trials.goto(f"{address}/{ASK}")
                trials.get_by_role("button", name="Run 6 trials").click(timeout=60_000)
                expect(trials.get_by_text("of 6 trials done").first).to_be_visible(timeout=60_000)
                (folder / "wrong-by").write_text(str(jump))
                begin = time.monotonic()
                explore.press("ArrowRight")
                seconds = seconds_until(explore.shows, begin)
                after = loop.run(previews(visitor))
                loop.run(asyncio.wait_for(visitor.commit(), 30))
                expect(trials.get_by_text(ALL_DONE)).to_be_visible(timeout=300_000)
                results.append(trials.url)
                course.reload()
                expect(course.get_by_text(QUESTION).first).to_be_visible(timeout=30_000)
                longest = max(longest, seconds)
                print(f"  {jump / DAY:+.0f} day: the page after {seconds:.2f} s; an answer to a move after "
                      f"{1000 * after:.0f} ms (before {1000 * before:.0f})", flush=True)  # fmt: skip
                if after > 3 * before + 0.05:
                    wrong.append(f"answers after {1000 * after:.0f} ms")
            for url in results:  # those of a clock that was ahead, behind and right
                trials.goto(url)
                expect(trials.get_by_text(ALL_DONE)).to_be_visible(timeout=30_000)
            loop.run(visitor.close())
    for text in wrong:
        print(f"  {text}")
    print(f"A clock that is wrong by a day: the page shows a move after {longest:.2f} s at most (the target is "
          f"{TARGET_SECONDS:g}); {len(results)} of {len(JUMPS)} sets of trials were done and kept; {len(wrong)} things "
          f"went wrong.")  # fmt: skip
    return longest <= TARGET_SECONDS and not wrong
