"""From a key press on conv1's kernel_size to the repainted charts: the plain way and ours.

Both servers and one headless Chromium run side by side, and the apps take turns: a tour of
kernel sizes from 5 down to 2, up to 8 and back on one, then on the other, and so on, as the
machine drifts. A move begins with the time stamp of the keydown event. It ends when the browser
has painted the first frame in which every chart is drawn for the new value: a script in the page
looks in each animation frame, and a message sent from there arrives after that frame's painting.

While nothing moves, our page asks for the next step either way, so that most moves are drawn from an answer that is
there already. A jump to any other value has to ask first. It is measured apart: a script sets our slider to another
value, with the same events. For the plain way a jump is a step like any other.

What "drawn for the new value" means is App.drawn, a function in JavaScript. It gets what conv1
must now show (the side of its output, the values in it, its weights), and reads the drawn marks
and texts, not what the figure was told to draw.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from scripts.live import APP, ROOT, chromium, served

TARGET = 8.0
MOST_MS = 100.0
ROUNDS = 6
TOUR = [4, 3, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5]  # kernel sizes, from 5 on; 72 moves in all rounds
PAUSE_MS = 200  # a hand that looks before it moves on; both servers are idle again by then
PATIENCE_MS = 20_000


Numbers = tuple[int, int, int]


def quantile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


@dataclass
class App:
    """One of the two: where conv1's kernel_size is, and when its charts show a new value."""

    name: str
    slider: str
    drawn: str
    times: list[float] = field(default_factory=list)

    def quantile(self, percent: int) -> float:
        return quantile(self.times, percent)


PLAIN = App(
    "plain",
    slider="[data-testid=stSlider] input[type=range]",
    # Three bar charts, the first bar of each conv1's: how wide and how tall its output is, with the
    # shape written on it, and its weights. `s` is a bar's height.
    drawn="""(side, values, weights) => {
        const plots = [...document.querySelectorAll(".js-plotly-plot")];
        const bars = plots.map((plot) => plot.querySelector(".barlayer .point")?.__data__?.s);
        const texts = [...(plots[0]?.querySelectorAll(".bartext") ?? [])];
        return bars.length === 3 && bars[1] === side && bars[2] === weights
            && texts.some((text) => text.textContent === `6x${side}x${side}`);
    }""",
)

OURS = App(
    "ours",
    slider='.st-key-stage .stage-control:has-text("kernel_size") input[type=range]',
    # The flow writes each tensor's shape above it, after what it was before; the bars below have
    # conv1's weights among their heights. Nothing else there has that shape or that height.
    drawn="""(side, values, weights) => {
        const [flow, bars] = document.querySelectorAll(".st-key-stage .stage-picture");
        const texts = [...(flow?.querySelectorAll("svg text") ?? [])];
        const marks = [...(bars?.querySelectorAll(".stage-painting path") ?? [])];
        return texts.some((text) => text.textContent.endsWith(`6×${side}×${side}`))
            && marks.some((mark) => mark.dataset.value === String(weights));
    }""",
)


def expected(kernel: int) -> Numbers:
    """Side of conv1's output in the seed network, its values and its weights: 6 filters on 28x28.

    All three differ from one kernel size to the next.
    """
    side = 28 - kernel + 1
    return side, 6 * side * side, 6 * kernel * kernel


JUMPS = [2, 7, 3, 8, 4, 6, 2, 8, 5]  # none a neighbour of the one before, from 5 on

JUMP = """(slider, value) => {
    slider.dispatchEvent(new Event("keydown"));
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
    slider.dispatchEvent(new Event("change"));
}"""

WATCH = """([drawn, expected, patience]) => {
    const isDrawn = eval(drawn);
    window.layerscopeMove = new Promise((resolve, reject) => {
        addEventListener("keydown", (event) => {
            const painted = new MessageChannel();
            painted.port1.onmessage = () => resolve(performance.now() - event.timeStamp);
            const look = (now) => {
                if (isDrawn(...expected)) painted.port2.postMessage(null);
                else if (now - event.timeStamp > patience) reject(new Error("never drawn"));
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }, {capture: true, once: true});
    });
}"""


def move(page: Page, app: App, before: int, kernel: int, wanted: Numbers | None = None) -> float:
    """Press the key that takes the slider from `before` to `kernel`; milliseconds until `wanted` is drawn."""
    page.evaluate(WATCH, [app.drawn, wanted or expected(kernel), PATIENCE_MS])
    page.keyboard.press("ArrowRight" if kernel > before else "ArrowLeft")
    took: float = page.evaluate("window.layerscopeMove")
    page.wait_for_timeout(PAUSE_MS)
    return took


def jump(page: Page, kernel: int) -> float:
    """Our slider set to any value at once; milliseconds until it is drawn."""
    page.evaluate(WATCH, [OURS.drawn, expected(kernel), PATIENCE_MS])
    page.locator(OURS.slider).first.evaluate(JUMP, kernel)
    took: float = page.evaluate("window.layerscopeMove")
    page.wait_for_timeout(PAUSE_MS)
    return took


def tour(page: Page, app: App) -> list[float]:
    """Move over every kernel size of TOUR, beginning and ending at 5."""
    page.locator(app.slider).first.focus()
    page.wait_for_timeout(PAUSE_MS)
    return [move(page, app, TOUR[place - 1], kernel) for place, kernel in enumerate(TOUR)]


def opened(browser: Browser, address: str, app: App, wanted: Numbers | None = None) -> Page:
    """The app's page, once its charts are drawn for `wanted`, or the seed network."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.wait_for_function(f"(expected) => ({app.drawn})(...expected)", arg=wanted or expected(5), timeout=PATIENCE_MS)
    return page


@contextmanager
def plain(script: str) -> Iterator[str]:
    """Serve one of the plain pages beside this file from an empty folder, and so with Streamlit's own settings."""
    with tempfile.TemporaryDirectory() as elsewhere:
        flags = ("--browser.gatherUsageStats=false",)  # the machine may be offline
        with served(ROOT / "bench" / script, directory=Path(elsewhere), flags=flags) as address:
            yield address


def main() -> bool:
    """Compare the two screens; true when the target is met at p50 and at p95."""
    with ExitStack() as stack:
        there = stack.enter_context(plain("plain_app.py"))
        address = stack.enter_context(served(APP))
        browser = stack.enter_context(chromium())
        pages = [(opened(browser, there, PLAIN), PLAIN), (opened(browser, address, OURS), OURS)]
        for page, app in pages:
            tour(page, app)  # not counted: first calls of everything
        jumps: list[float] = []
        for _ in range(ROUNDS):
            for page, app in pages:
                app.times += tour(page, app)
            jumps += [jump(pages[-1][0], kernel) for kernel in JUMPS]
    print(f"Screen: the plain way's time divided by ours, over {len(OURS.times)} moves each;")
    print(f"the target is {TARGET:g}x at both, and our p95 within {MOST_MS:g} ms.")
    ratios = {percent: PLAIN.quantile(percent) / OURS.quantile(percent) for percent in (50, 95)}
    for percent, ratio in ratios.items():
        print(f"p{percent}  {ratio:5.1f}x")
    print(f"our p95 is {OURS.quantile(95) / MOST_MS:.2f} of {MOST_MS:g} ms")
    for percent in (50, 95):
        against = PLAIN.quantile(percent) / quantile(jumps, percent)
        print(f"p{percent}  {against:5.1f}x  for a jump to a value that is not the next")
    met = all(ratio >= TARGET for ratio in ratios.values()) and OURS.quantile(95) <= MOST_MS
    print("met" if met else "missed")
    return met
