"""The Train page in a browser: the curve grows without a flicker and through a reload, stops at a click, and a cell
opens by keyboard.
"""

import re
import time
from itertools import pairwise

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_reach import settled

POINTS = "document.querySelector('.st-key-train-live .js-plotly-plot')?.data?.[0]?.x?.length ?? 0"


def test_a_curve_grows_in_place_and_stops_at_a_click(visitor: Visitor) -> None:
    page = settled(visitor.open("train?size=40&epochs=200"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    grown_to(page, 1)
    page.evaluate("window.drawn = document.querySelector('.st-key-train-live .js-plotly-plot')")
    grown_to(page, page.evaluate(POINTS) + 10)
    assert page.evaluate("window.drawn.isConnected && window.drawn.data[0].x.length > 1"), "the picture was made anew"
    page.reload()
    visitor.settle(page)
    grown_to(page, 20)
    stopped = time.monotonic()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".train-end")).to_contain_text("Stopped after")
    assert time.monotonic() - stopped < 15  # two seconds where nobody else computes
    box = page.get_by_label(re.compile("Images of class"))
    box.focus()
    box.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-train-end")).to_be_visible()
    expect(page.get_by_text(re.compile("of class 0, predicted as"))).to_be_visible()


def grown_to(page, count):
    until = time.monotonic() + 40
    while page.evaluate(POINTS) < count:
        assert time.monotonic() < until
        time.sleep(0.05)


TOPS = """(rows) => rows.map((row) => [...document.querySelectorAll(row)].map((one) =>
    Math.round(one.querySelector('.stage-picture').getBoundingClientRect().top)))"""
ROWS = [".st-key-train-live .stage-figure:not(:first-child)", ".st-key-train-end .stage-figure"]
CAPTIONS = """() => [...[...document.querySelectorAll('.train-gallery')].at(-1).querySelectorAll('span')].map((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const box = range.getBoundingClientRect();
    return [Math.round(box.top), box.left, box.right];
})"""


def test_pictures_of_a_row_begin_at_one_height_and_captions_are_apart(visitor: Visitor) -> None:
    page = settled(visitor.open("train?size=100&epochs=2"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".train-end")).to_contain_text("held-out images", timeout=90_000)
    expect(page.locator(".st-key-train-end .heatmaplayer image").last).to_be_attached()
    live, end = page.evaluate(TOPS, ROWS)
    assert len(live) == 3
    assert len(set(live)) == 1, live
    assert len(set(end)) == 1, end
    kernels = page.locator(".st-key-train-end .stage-figure").last
    box = kernels.locator(".heatmaplayer image").bounding_box()
    assert box is not None
    assert box["y"] - end[-1] < 40, "what lies below the window is no blank card"
    words = page.evaluate(CAPTIONS)
    beside = [(one, other) for one, other in pairwise(words) if one[0] == other[0]]
    assert beside
    assert min(other[1] - one[2] for one, other in beside) >= 16


def test_the_keyboard_goes_on_at_the_button_that_takes_the_place_of_the_pressed_one(visitor: Visitor) -> None:
    page = settled(visitor.open("train?size=20&epochs=200"))
    page.get_by_role("button", name="Start", exact=True).focus()
    for name in ("Pause", "Continue", "Pause"):
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Train further"))).to_be_focused()
