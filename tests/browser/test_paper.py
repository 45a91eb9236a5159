"""Printing, and what a reload must not take: every page on A4 portrait, the teacher's form."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from layerscope.ui.pasted import EXAMPLE
from tests.browser.test_reach import PAGES, settled

PAPER: ViewportSize = {"width": 703, "height": 1000}  # CSS pixels of A4 within its margins of 12 mm
SHEET_HEIGHT = 1032  # of A4 within its margins
BUTTONS = "button:visible, input[type=range]:visible, input[type=text]:visible, select:visible, .stAppHeader:visible"
TOO_WIDE = """() => [...document.querySelectorAll('.stMain *')].filter((node) => {
    const box = node.getBoundingClientRect();
    if (node.closest('.draglayer')) return false;  // Plotly's unseen handles
    return box.width && box.height && node.checkVisibility() && box.right > innerWidth + 1;
}).map((node) => node.className.baseVal ?? (node.className || node.tagName))"""
LIGHTNESS = "getComputedStyle(document.querySelector('.stMainBlockContainer')).backgroundColor"


def on_paper(page: Page) -> Page:
    """The page as the browser lays it out for printing."""
    settled(page)
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return settled(page)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_prints_in_light_on_a4_without_controls(visitor, path):
    page = on_paper(visitor.open(path, scheme="dark"))
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(LIGHTNESS) == "rgb(255, 255, 255)"
    assert [node.inner_text() for node in page.locator(BUTTONS).all()] == []


@pytest.mark.parametrize("path", ["", "anatomy", "quiz"])
def test_a_print_has_a_line_for_the_name_and_says_what_it_is_about(visitor, path):
    page = visitor.open(path)
    expect(page.locator(".on-paper")).to_be_hidden()
    head = on_paper(page).locator(".on-paper")
    expect(head).to_contain_text("Name: ____")
    expect(head).to_contain_text("Quiz, seed 1" if path == "quiz" else "Fashion-MNIST CNN")


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
    page.get_by_text("are locked", exact=True).click()
    page.get_by_text("Projector type").click()
    expect(page.get_by_label("Projector type")).to_be_checked()
    settled(page)
    link = page.locator("[data-testid=stCode]").inner_text()
    page.reload()
    visitor.settle(page)
    expect(page.get_by_label("Your question")).to_have_value("Why 192?")
    expect(page.get_by_label("Projector type")).to_be_checked()
    expect(page.locator("[data-testid=stCode]")).to_have_text(link)


def test_nothing_of_the_screens_dark_is_left_behind_the_page(visitor):
    page = on_paper(visitor.open("code", scheme="dark"))
    behind = "['html', 'body', '#root'].map((one) => getComputedStyle(document.querySelector(one)).backgroundColor)"
    assert set(page.evaluate(behind)) == {"rgb(255, 255, 255)"}


def test_a_pasted_network_prints_whole_and_without_the_pages_choices(visitor):
    page = visitor.open("code")
    page.get_by_role("textbox", name="PyTorch code").fill(EXAMPLE)
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".stage-code-line").first).to_be_visible()
    on_paper(page)
    assert page.locator("input[type=radio]:visible").count() == 0
    code = page.locator("pre.stage-code")
    assert code.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    card, last = page.locator(".stage-figure:has(> .stage-code)"), page.locator(".stage-code-line").last
    assert last.evaluate("node => node.getBoundingClientRect().bottom") <= card.evaluate(
        "node => node.getBoundingClientRect().bottom"
    )


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("path", ["", "anatomy", "quiz", "code"])
def test_the_lines_for_paper_leave_no_gap_on_the_screen(visitor, path, size):
    page = settled(visitor.open(path, size=size))
    heads = page.locator(".stElementContainer:has(.on-paper)")
    assert heads.count() == 1
    assert heads.evaluate("node => getComputedStyle(node).display") == "none"


@pytest.mark.parametrize("path", ["", "sliding"])
def test_no_picture_is_cut_by_the_end_of_a_sheet(visitor, path):
    """A picture keeps together, and each is lower than a sheet, so that it can."""
    page = on_paper(visitor.open(path))
    pictures = page.locator(".stage-figure:visible")
    assert pictures.count() > 0
    for picture in pictures.all():
        assert picture.evaluate("node => getComputedStyle(node).breakInside") == "avoid"
        assert picture.evaluate("node => node.getBoundingClientRect().height") < SHEET_HEIGHT
