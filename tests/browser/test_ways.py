"""From one page to another by a button: one step of the browser's history, and "back" finds the page as it was."""

import re

from playwright.sync_api import Page, expect

from layerscope.ui.going import MARK
from tests.browser.conftest import Visitor
from tests.browser.test_reach import settled

SMALL = "net=1x8x8-10~Flatten~Linear.10"
COUNT = "history.length"


def left(page: Page, to: str) -> tuple[str, int]:
    """Where the page was, before what is pressed next leads to another one."""
    assert to not in page.url
    return page.url, page.evaluate(COUNT)


def came_back(visitor: Visitor, page: Page, was: tuple[str, int], to: str) -> None:
    """The other page is there, as one entry; one step back is the page that was left, with its own words."""
    page.wait_for_url(re.compile(to))
    visitor.settle(page)
    assert MARK not in page.url
    address, entries = was
    assert page.evaluate(COUNT) <= entries + 1
    page.go_back()
    expect(page).to_have_url(address)
    visitor.settle(page)


def test_trials_are_left_and_found_again_by_back(visitor: Visitor) -> None:
    page = settled(visitor.open(f"trials?{SMALL}&try=lr%3D0.1%2C+0.01&epochs=1"))
    page.get_by_role("button", name="Run 2 trials").click()
    expect(page.get_by_text("All trials are done.")).to_be_visible(timeout=120_000)
    expect(page).to_have_url(re.compile("run="))
    was = left(page, "/train?")
    page.get_by_role("button", name="Continue in Train").click()
    came_back(visitor, page, was, r"/train\?.*training=")
    expect(page.get_by_text("All trials are done.")).to_be_visible()
    was = left(page, "/?net")
    row = page.locator(".st-key-trials-table .stage-opens").first
    row.focus()
    page.keyboard.press("Enter")
    came_back(visitor, page, was, r"\d/\?net=")
    expect(page.get_by_text("All trials are done.")).to_be_visible()


def test_a_training_is_left_for_a_look_inside_and_found_again_by_back(visitor: Visitor) -> None:
    page = settled(visitor.open(f"train?{SMALL}&epochs=1"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".train-end")).to_contain_text("held-out images", timeout=90_000)
    was = left(page, "/?net")
    page.get_by_role("button", name="Look inside with these weights").click()
    came_back(visitor, page, was, r"\d/\?net=")
    expect(page.locator(".train-end")).to_contain_text("held-out images")


def test_a_row_of_a_sweep_is_one_step_of_the_history(visitor: Visitor) -> None:
    page = settled(visitor.open("sweep?first=conv1.kernel_size:1:5:1&see=parameters"))
    was = left(page, "/?net")
    button = page.locator(".st-key-sweep-table .stage-opens").first
    button.focus()
    page.keyboard.press("Enter")
    came_back(visitor, page, was, r"\d/\?net=")
