"""Kill -9 of a server process twenty times while a slider is dragged, behind HAProxy: `python -m scripts.faults`.

Three pages are open. Each time the process of one of them is killed in the middle of a drag of that page. Counted are
the seconds until that page shows the value at which the hand let go, until the process is well again, and pages that
then show another network than the one they had.
"""

import os
import signal
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Browser, Page

from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from scripts.live import chromium
from scripts.several import COOKIE, PATIENCE, pid_of, runtime, several

TIMES, PAGES = 20, 3
HEALTHY_SECONDS = 5.0


class OpenPage:
    """A page on a network of its own, which the slider of conv1's kernel_size changes."""

    def __init__(self, browser: Browser, address: str, number: int) -> None:
        self.network: Network = PRESETS[DEFAULT].with_argument("conv1", "out_channels", 6 + number)
        self.kernel = 5
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.goto(f"{address}/?net={encode(self.network)}")
        self.slider = self.page.get_by_role("slider", name="kernel_size", exact=True).first
        self.slider.wait_for()

    def process(self) -> str:
        return next(one["value"] for one in self.page.context.cookies() if one["name"] == COOKIE)

    def drag_begins(self) -> None:
        box = self.slider.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=8)

    def drag_ends(self, share: float) -> None:
        box = self.slider.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=8)
        self.page.mouse.up()
        self.kernel = int(self.slider.input_value())
        self.network = self.network.with_argument("conv1", "kernel_size", self.kernel)

    def shows(self) -> bool:
        """Whether address and picture are of its network."""
        net = self.page.evaluate("new URLSearchParams(location.search).get('net')")
        wanted = None if self.network == PRESETS[DEFAULT] else encode(self.network)
        return net == wanted and self.slider.input_value() == str(self.kernel)


def seconds_until(true: Callable[[], bool], begin: float) -> float:
    """Seconds since `begin` once it is so; infinite after PATIENCE."""
    while not true():
        if time.monotonic() > begin + PATIENCE:
            return float("inf")
        time.sleep(0.05)
    return time.monotonic() - begin


def main() -> int:
    """Exits with 1 where a process is not well within five seconds, or a page has another network."""
    back, well, wrong = list[float](), list[float](), 0
    with several(2) as (address, folder), chromium() as browser:
        running = runtime(folder)
        pages = [OpenPage(browser, address, number) for number in range(PAGES)]
        for turn in range(TIMES):
            one = pages[turn % PAGES]
            name = one.process()
            one.drag_begins()
            begin = time.monotonic()
            os.kill(pid_of(folder, name), signal.SIGKILL)
            one.drag_ends(0.1 + 0.03 * turn)
            back.append(seconds_until(one.shows, begin))
            well.append(seconds_until(partial(running.is_up, name), begin))
            one.page.wait_for_timeout(500)
            wrong += sum(not page.shows() for page in pages)
            print(f"{turn + 1}: the page after {back[-1]:.1f} s, the process after {well[-1]:.1f} s", flush=True)
    print(f"{TIMES} times: the page after {statistics.median(back):.1f} s (longest {max(back):.1f}), the process well "
          f"after {statistics.median(well):.1f} s (longest {max(well):.1f}; the target is {HEALTHY_SECONDS:g}); "
          f"{wrong} pages with another network.")  # fmt: skip
    return int(max(well) > HEALTHY_SECONDS or wrong > 0 or max(back) > PATIENCE)


if __name__ == "__main__":
    sys.exit(main())
