"""Printing, and what a reload must not take; that each page prints on A4 portrait is in test_every_page.py."""

import re

from playwright.sync_api import Page, ViewportSize, expect

from layerscope.ui.pasted import EXAMPLE
from tests.browser.test_reach import settled

PAPER: ViewportSize = {"width": 703, "height": 1000}  # CSS pixels of A4 within its margins of 12 mm


def on_paper(page: Page) -> Page:
    """The page as the browser lays it out for printing."""
    settled(page)
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return settled(page)


def test_the_browser_draws_the_pictures_as_wide_and_as_light_as_the_paper_and_then_for_the_screen(visitor):
    page = settled(visitor.open("", scheme="dark"))
    seen = "[...document.querySelectorAll('.stage-plot')].map((plot) => [plot.layout.width, plot.layout.font.color])"
    before = page.evaluate(seen)
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.onPaper = {seen}; }})")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    for width, colour in page.evaluate("window.onPaper"):
        assert 600 < width < 703
        assert colour == "#1f2933"
    page.wait_for_function(f"before => JSON.stringify({seen}) === JSON.stringify(before)", arg=before)


def test_the_teachers_form_outlasts_a_reload(visitor):
    page = visitor.open("teacher")
    page.get_by_label("Your question").fill("Why 192?")
    page.get_by_label("Your question").press("Control+Enter")
    page.get_by_text("Only what I choose (rest locked)", exact=True).click()
    page.get_by_role("button", name="kernel_size", exact=True).first.click()
    page.get_by_text("Large type where this link is opened").click()
    expect(page.get_by_role("switch", name="Large type where this link is opened")).to_be_checked()
    settled(page)
    link = page.get_by_role("link", name="Open as a student").get_attribute("href")
    assert link
    page.reload()
    visitor.settle(page)
    expect(page.get_by_label("Your question")).to_have_value("Why 192?")
    expect(page.get_by_role("switch", name="Large type where this link is opened")).to_be_checked()
    expect(page.get_by_role("link", name="Open as a student")).to_have_attribute("href", link)


def test_a_pasted_network_prints_whole_and_without_the_pages_choices(visitor):
    page = visitor.open("code")
    page.get_by_role("textbox", name="PyTorch code").fill(EXAMPLE)
    page.get_by_role("button", name="Check my code").click()
    expect(page.locator(".stage-message-title")).to_have_text("fc1 does not fit")
    on_paper(page)
    assert page.locator("input[type=radio]:visible").count() == 0
    assert page.locator(".stage-editor-actions:visible, .stage-editor-hint:visible").count() == 0, "for the screen only"
    code = page.locator(".stage-editor-scroll")
    assert code.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    card, last = page.locator(".stage-editor"), page.locator(".stage-editor-line").last
    assert last.evaluate("node => node.getBoundingClientRect().bottom") <= card.evaluate(
        "node => node.getBoundingClientRect().bottom"
    )
