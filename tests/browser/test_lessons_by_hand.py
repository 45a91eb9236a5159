"""Lesson 5 as the hand does it: a number is moved, torch stops, another number is moved, and it runs again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES
from tests.browser.test_reach import found, settled


def slider(page: Page, label: str) -> None:
    """Move the control of that name by one, from the keyboard."""
    control = page.locator(".stage-control").filter(has_text=label).locator("input[type=range]").last
    control.focus()
    control.press("ArrowRight")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_network_is_broken_and_fixed_with_the_sliders(visitor, size):
    page = settled(visitor.open("mending?answers=where_colors:conv1", size=size))
    message = page.locator(".stage-message").last
    expect(message).to_contain_text("It runs")
    slider(page, "image channels")
    expect(message).to_contain_text("conv1 stops with an error")
    expect(message).to_contain_text("to have 1 channels, but got 2 channels instead")
    expect(page.locator(".lesson-place").first).to_contain_text("step 2 of 6")
    slider(page, "conv1.in_channels")
    expect(page.locator(".lesson-verdict").nth(1)).to_contain_text("✓ Fixed: conv1.in_channels follows.")
    expect(page.locator(".lesson-place").first).to_contain_text("step 3 of 6")
    page.wait_for_function(
        "() => location.search.includes('fix_colors%3Adone') || location.search.includes('fix_colors:done')"
    )
    if size == "desktop":
        assert found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_the_link_of_a_running_quiz_holds_no_answer(visitor):
    page = settled(visitor.open("quiz?seed=2"))
    page.locator("[role=radiogroup] label").first.click()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator(".quiz-verdict")).to_be_visible()
    assert "answers" not in page.url
    expect(page.locator(".stage-figure-title, .stage-figure")).not_to_have_count(0)
    page.reload()
    settled(page)
    expect(page.locator(".quiz-verdict")).to_be_visible()
    expect(page.get_by_text(re.compile("Question 1 of 10"))).to_be_visible()
    assert "answers" not in page.url


def test_a_lessons_end_and_the_way_on_are_in_sight_below_the_last_answer(visitor):
    page = visitor.open("following")
    for answer in ("24", "12", "8", "4", "96"):
        box = page.locator("[class*=st-key-ask-] input")
        expect(box).to_have_value("")
        box.fill(answer)
        box.press("Enter")
        expect(page.locator(".lesson-verdict").last).to_contain_text("192" if answer == "96" else f"Right: {answer}.")
    complete = page.locator(".st-key-lesson-complete")
    expect(complete).to_be_in_viewport(ratio=1)
    expect(complete.get_by_role("link")).to_be_focused()
