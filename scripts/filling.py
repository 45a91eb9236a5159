"""Whether a text is lost that is filled in while a page still loads: `python -m scripts.filling`.

A page is opened in a browser whose processor is throttled by another factor each time, and a box is filled at a random
moment after it is there. Counted are boxes whose text was gone or was not read; a page that did not load in a minute
and a half is told apart. `--times` says how often for each box.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable

from playwright.sync_api import Browser, Error, Locator, Page, expect

from layerscope.ui.pasted import EXAMPLE
from scripts.live import APP, chromium, end_in_order, served

THROTTLES = (1, 4, 8)
LATEST_SECONDS = 3.0
PATIENCE_MS = 90_000
READ, LOST, SLOW = "the text was read", "the text was lost", "the page did not load"
MESSAGE = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)"
QUESTION = "How many values does the second convolution put out?"


def code(page: Page, begin: Callable[[Locator], None]) -> None:
    """The box for code, without a key that sends it."""
    box = page.get_by_role("textbox", name="PyTorch code")
    begin(box)
    box.fill(EXAMPLE)
    expect(page.locator(".stage-message-title")).to_have_text("fc1 does not fit", timeout=PATIENCE_MS)
    page.wait_for_timeout(1_500)
    expect(box).to_have_value(EXAMPLE)


def error(page: Page, begin: Callable[[Locator], None]) -> None:
    """The box for an error message, sent with Ctrl+Enter; a box of Streamlit's own."""
    page.get_by_text("A PyTorch error message").click(timeout=PATIENCE_MS)
    box = page.get_by_role("textbox", name="A PyTorch error message")
    begin(box)
    box.fill(MESSAGE)
    box.press("Control+Enter")
    expect(page.locator(".explained .head").last).to_have_text("Common causes", timeout=PATIENCE_MS)
    page.wait_for_timeout(1_500)
    expect(box).to_have_value(MESSAGE)


def question(page: Page, begin: Callable[[Locator], None]) -> None:
    """A teacher's question, which is sent when the box is left."""
    box = page.get_by_role("textbox", name="Your question")
    begin(box)
    box.fill(QUESTION)
    box.blur()
    page.wait_for_timeout(2_500)
    expect(box).to_have_value(QUESTION)
    page.reload()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value(QUESTION, timeout=PATIENCE_MS)


BOXES = {"code": ("code", code), "error": ("code", error), "question": ("teacher", question)}


def lost(browser: Browser, address: str, name: str, chance: random.Random) -> str:
    """Fill one box once; what went wrong, or ""."""
    where, fill = BOXES[name]
    throttle, seconds = chance.choice(THROTTLES), chance.choice((0.0, chance.uniform(0, LATEST_SECONDS)))
    page, is_there = browser.new_page(), False
    page.set_default_timeout(PATIENCE_MS)

    def begin(box: Locator) -> None:
        nonlocal is_there
        box.wait_for(timeout=PATIENCE_MS)
        is_there = True
        page.wait_for_timeout(1000 * seconds)

    try:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        page.goto(f"{address}/{where}", wait_until="commit")
        fill(page, begin)
    except (AssertionError, Error) as problem:
        first = next((line for line in str(problem).splitlines() if line.strip()), "")
        told = first[:160] if is_there else SLOW
        return f"{name}, throttled {throttle} times, after {seconds:.2f} s: {told}"
    finally:
        page.close()
    return ""


def main() -> int:
    """Exits with 1 where a text was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("boxes", nargs="*", metavar="box", help=f"of {', '.join(BOXES)}; all unless given")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    end_in_order()
    count = 0
    with served(APP) as address, chromium() as browser:
        for name in given.boxes or BOXES:
            chance = random.Random(given.seed)
            found = Counter[str]()
            for _ in range(given.times):
                problem = lost(browser, address, name, chance)
                found[SLOW if problem.endswith(SLOW) else LOST if problem else READ] += 1
                print(f"  {problem or f'{name}: {READ}'}", flush=True)
            count += found[LOST]
            print(f"{name}: {', '.join(f'{what} {number} times' for what, number in found.items())}", flush=True)
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
