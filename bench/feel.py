"""How it feels: updates while a key is held, large networks, the start, and the first move.

The same two apps as in bench/screen.py, and the same rule for what "drawn" is; the large networks have plain pages of
their own.

- Held: for three seconds the arrow keys repeat fifty times a second, to and fro over the kernel sizes. A script
  in the page looks in each animation frame whether another shape is written in the picture. The figures are the
  picture's changes a second, against the plain page's and against the 25 that we want.
- VGG-19 and ResNet-50: from a key press on conv1's kernel_size to the painted picture. The pages take turns.
- Start: from the command that starts the server to the first painted picture in a browser that is open already.
- First move: the first key press after that start, against the median of the eleven after it.
"""

import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from bench.screen import (
    MOST_MS,
    OURS,
    PAUSE_MS,
    PLAIN,
    TOUR,
    App,
    Numbers,
    expected,
    move,
    opened,
    plain,
    quantile,
    tour,
)
from layerscope.link import encode
from layerscope.presets import PRESETS
from scripts.live import APP, chromium, served

WANTED = 25
HELD_SECONDS = 3
VGG_TARGET, RESNET_TARGET = 4.0, 20.0
STARTS = 3

COUNT = """([drawn, sizes]) => {
    const isDrawn = eval(drawn);
    window.held = { changes: 0, last: null, going: true };
    const look = () => {
        const now = sizes.findIndex((size) => isDrawn(...size));
        if (now >= 0 && now !== window.held.last) {
            window.held.changes += 1;
            window.held.last = now;
        }
        if (window.held.going) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def held(page: Page, app: App) -> float:
    """How many different pictures a second are seen while the keys are pressed."""
    page.locator(app.slider).first.focus()
    page.evaluate(COUNT, [app.drawn, [expected(kernel) for kernel in range(1, 12)]])
    begin = time.perf_counter()
    presses = 0
    while time.perf_counter() - begin < HELD_SECONDS:
        page.keyboard.down("ArrowRight" if presses % 6 < 3 else "ArrowLeft")
        presses += 1
        time.sleep(max(0.0, begin + presses * 0.02 - time.perf_counter()))
    took = time.perf_counter() - begin
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowLeft")
    seen: int = page.evaluate("window.held.going = false, window.held.changes")
    return seen / took


@dataclass(frozen=True)
class Large:
    """A large network, and the plain page that shows it; conv1's kernel_size goes over `tour` and ends where it began.

    Of conv1 it says the padding on both sides together, the stride and the width.
    """

    title: str
    preset: str
    page: str
    tour: tuple[int, ...]
    padding: int
    stride: int = 1

    def numbers(self, kernel: int) -> Numbers:
        """Side of conv1's output, its values and its weights."""
        side = (224 + self.padding - kernel) // self.stride + 1
        return side, 64 * side * side, 64 * 3 * kernel * kernel

    def times(self, browser: Browser, rounds: int) -> dict[str, list[float]]:
        """Milliseconds of each move, by the app's name."""
        times: dict[str, list[float]] = {}
        with plain(self.page) as there, served(APP) as here:
            link = f"{here}/?net={encode(PRESETS[self.preset])}"
            pages = []
            for address, app in ((there, PLAIN), (link, OURS)):
                wide = App(app.name, app.slider, app.drawn.replace("6x", "64x").replace("6×", "64×"))
                pages.append((opened(browser, address, wide, self.numbers(self.tour[-1])), wide))
            for counts in (False, *[True] * rounds):
                for page, app in pages:
                    page.locator(app.slider).first.focus()
                    before = self.tour[-1]
                    for kernel in self.tour:
                        took = move(page, app, before, kernel, self.numbers(kernel))
                        if counts:
                            times.setdefault(app.name, []).append(took)
                        before = kernel
            for page, _ in pages:
                page.close()
        return times


VGG = Large("VGG-19", "vgg19", "plain_vgg.py", (4, 5, 4, 3, 2, 3), padding=2)
RESNET = Large("ResNet-50", "resnet50", "plain_resnet.py", (8, 9, 8, 7, 6, 7), padding=6, stride=2)


def start(browser: Browser, app: App) -> tuple[float, float]:
    """Seconds from the command to the picture, and the first move's time divided by the later ones'."""
    begin = time.perf_counter()
    with plain("plain_app.py") if app is PLAIN else served(APP) as address:
        page = opened(browser, address, app)
        took = time.perf_counter() - begin
        page.wait_for_timeout(1000)
        page.locator(app.slider).first.focus()
        page.wait_for_timeout(PAUSE_MS)
        first, *later = [move(page, app, TOUR[place - 1], kernel) for place, kernel in enumerate(TOUR)]
        page.close()
    return took, first / statistics.median(later)


def main() -> bool:
    """Print the ratios; true when the targets for held keys and VGG-19 are met."""
    with chromium() as browser:
        with plain("plain_app.py") as there, served(APP) as here:
            rates = {}
            for address, app in ((there, PLAIN), (here, OURS)):
                page = opened(browser, address, app)
                tour(page, app)
                rates[app.name] = held(page, app)
                page.close()
        large = {network.title: network.times(browser, rounds) for network, rounds in ((VGG, 2), (RESNET, 4))}
        starts: dict[str, list[tuple[float, float]]] = {"plain": [], "ours": []}
        for _ in range(STARTS):
            for app in (PLAIN, OURS):
                starts[app.name].append(start(browser, app))
    times, firsts = ({name: statistics.median(pair[i] for pair in starts[name]) for name in starts} for i in (0, 1))
    against = f"{rates['ours'] / rates['plain']:.1f}x the plain way's" if rates["plain"] else "the plain way shows none"
    print(f"Held key: pictures a second are {rates['ours'] / WANTED:.1f}x the {WANTED} that are wanted; {against}.")
    ratios = {
        title: statistics.median(each["plain"]) / statistics.median(each["ours"]) for title, each in large.items()
    }
    for title, target in ((VGG.title, VGG_TARGET), (RESNET.title, RESNET_TARGET)):
        print(f"{title}: the plain way's time divided by ours {ratios[title]:.1f}x; the target is {target:g}x.")
    slowest = quantile(large[RESNET.title]["ours"], 95)
    print(f"{RESNET.title}: our p95 is {slowest / MOST_MS:.2f} of {MOST_MS:g} ms.")
    print(f"Start to first picture: the plain way's time divided by ours {times['plain'] / times['ours']:.1f}x.")
    print(f"First move against the later ones: ours {firsts['ours']:.1f}x, the plain way {firsts['plain']:.1f}x.")
    met = rates["ours"] >= WANTED and ratios[VGG.title] >= VGG_TARGET
    met = met and ratios[RESNET.title] >= RESNET_TARGET and slowest <= MOST_MS
    print("met" if met else "missed")
    return met
