"""Kill -9 of a server process twenty times while a slider is dragged, behind HAProxy.

Three pages are open. Each time the process of one of them is killed in the middle of a drag of that page. Counted are
the seconds until that page shows the value at which the hand let go, until the process is well again, and pages that
then show another network than the one they had.
"""

import os
import signal
import statistics
import time
from functools import partial

from scripts.faults.pages import PATIENCE, OpenPage, seconds_until
from scripts.live import chromium
from scripts.several import COOKIE, pid_of, runtime, several

TIMES, PAGES = 20, 3
HEALTHY_SECONDS = 5.0


def process_of(page: OpenPage) -> str:
    """The name of the process that a page belongs to."""
    return next(one["value"] for one in page.page.context.cookies() if one["name"] == COOKIE)


def run() -> bool:
    """Whether each process was well within five seconds, and no page had another network."""
    back, well, wrong = list[float](), list[float](), 0
    with several(2) as (address, folder), chromium() as browser:
        running = runtime(folder)
        pages = [OpenPage(browser, address, number) for number in range(PAGES)]
        for turn in range(TIMES):
            one = pages[turn % PAGES]
            name = process_of(one)
            one.drag_begins()
            begin = time.monotonic()
            os.kill(pid_of(folder, name), signal.SIGKILL)
            one.drag_ends(0.1 + 0.03 * turn)
            back.append(seconds_until(one.shows, begin))
            well.append(seconds_until(partial(running.is_up, name), begin))
            one.page.wait_for_timeout(500)
            wrong += sum(not page.shows() for page in pages)
            print(f"  {turn + 1}: the page after {back[-1]:.1f} s, the process after {well[-1]:.1f} s", flush=True)
    print(f"{TIMES} kills: the page after {statistics.median(back):.1f} s (longest {max(back):.1f}), the process well "
          f"after {statistics.median(well):.1f} s (longest {max(well):.1f}; the target is {HEALTHY_SECONDS:g}); "
          f"{wrong} pages with another network.")  # fmt: skip
    return max(well) <= HEALTHY_SECONDS and not wrong and max(back) <= PATIENCE
