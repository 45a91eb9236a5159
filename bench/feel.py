"""How it feels: updates while a key is held, a network of VGG-19's size, the start, and the first move.

The same two apps as in bench/screen.py, and the same rule for what "drawn" is; VGG-19 has a plain page of its own.

- Held: for three seconds the arrow keys repeat fifty times a second, to and fro over the kernel sizes. A script
  in the page looks in each animation frame whether another shape is written in the picture. The figures are the
  picture's changes a second, against the plain page's and against the 25 that we want.
- VGG-19: from a key press on conv1's kernel_size to the painted picture.
- Start: from the command that starts the server to the first painted picture in a browser that is open already.
- First move: the first key press after that start, against the median of the eleven after it.
"""

import statistics
import time

from playwright.sync_api import Browser, Page

from bench.screen import OURS, PAUSE_MS, PLAIN, TOUR, App, Numbers, expected, move, opened, plain, tour
from layerscope.link import encode
from layerscope.presets import PRESETS
from scripts.live import APP, chromium, served

WANTED = 25
HELD_SECONDS = 3
VGG_TOUR = [4, 5, 4, 3, 2, 3]
VGG_TARGET = 4.0
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
    page.evaluate(COUNT, [app.drawn, [expected(kernel) for kernel in range(1, 10)]])
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


def vgg(kernel: int) -> Numbers:
    """Side of conv1's output in VGG-19 with padding 1, its values and its weights."""
    side = 224 + 2 - kernel + 1
    return side, 64 * side * side, 64 * 3 * kernel * kernel


def vgg_moves(browser: Browser) -> float:
    """The plain page's median time divided by ours."""
    times: dict[str, list[float]] = {}
    with plain("plain_vgg.py") as there, served(APP) as here:
        link = f"{here}/?net={encode(PRESETS['vgg19'])}"
        for address, app in ((there, PLAIN), (link, OURS)):
            wide = App(app.name, app.slider, app.drawn.replace("6x", "64x").replace("6×", "64×"))
            page = opened(browser, address, wide, vgg(3))
            page.locator(wide.slider).first.focus()
            for _ in range(2):
                before = 3
                for kernel in VGG_TOUR:
                    times.setdefault(app.name, []).append(move(page, wide, before, kernel, vgg(kernel)))
                    before = kernel
            page.close()
    return statistics.median(times["plain"][1:]) / statistics.median(times["ours"][1:])


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
        large = vgg_moves(browser)
        starts: dict[str, list[tuple[float, float]]] = {"plain": [], "ours": []}
        for _ in range(STARTS):
            for app in (PLAIN, OURS):
                starts[app.name].append(start(browser, app))
    times, firsts = ({name: statistics.median(pair[i] for pair in starts[name]) for name in starts} for i in (0, 1))
    against = f"{rates['ours'] / rates['plain']:.1f}x the plain way's" if rates["plain"] else "the plain way shows none"
    print(f"Held key: pictures a second are {rates['ours'] / WANTED:.1f}x the {WANTED} that are wanted; {against}.")
    print(f"VGG-19: the plain way's time divided by ours {large:.1f}x; the target is {VGG_TARGET:g}x.")
    print(f"Start to first picture: the plain way's time divided by ours {times['plain'] / times['ours']:.1f}x.")
    print(f"First move against the later ones: ours {firsts['ours']:.1f}x, the plain way {firsts['plain']:.1f}x.")
    met = rates["ours"] >= WANTED and large >= VGG_TARGET
    print("met" if met else "missed")
    return met
