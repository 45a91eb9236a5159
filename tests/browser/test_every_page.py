"""Each page in one visit: axe-core finds nothing in the dark and nothing is wider than a phone. Of the pages that stand
for their kinds, and of all with --thorough, also: axe-core finds nothing in the light, nothing moves for whoever wants
less motion, and it prints in light on A4 portrait.

Ten lessons that are built as others are wait for --thorough. That a page runs under the content security policy and
asks no other machine for anything is checked by `visitor`.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES
from tests.browser.test_paper import on_paper
from tests.browser.test_reach import COLORS, PAGES, found, seen_in, settled

OTHERWISE_ON_A_PHONE = ("", "mending", "quiz")
"""Pages that look so different there that axe-core looks at them once more."""
KINDS = ("", "code", "quiz", "mending", "skips", "glossary", "sweep", "teacher")
"""Pages of which each is built in another way."""
LIKE_OTHERS = (
    "anatomy", "counting", "decides", "kernel", "looking", "patterns", "seeds", "sliding", "tradeoffs", "training",
)  # fmt: skip
"""Lessons that are built as others are, of the same parts."""
PICTURED = ("", "following", "patterns", "sliding")
HEADED = {"": "Fashion-MNIST CNN", "anatomy": "Fashion-MNIST CNN", "quiz": "Quiz, seed 1", "code": ""}
"""Pages with lines for paper alone, and what stands there."""
SHEET_HEIGHT = 1032  # CSS pixels of A4 within its margins

PALE = """(node) => {
    const [red, green, blue] = getComputedStyle(node).fill.match(/\\d+/g).map(Number);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}"""
BEYOND = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter((node) => {
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
    if (getComputedStyle(node).position === 'fixed') return false;
    for (let up = node.parentElement; up; up = up.parentElement)
        if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(up).overflowX)) return false;
    return true;
}).map((node) => node.className || node.tagName)"""
MOVING = """() => {
    const longest = (times) => Math.max(...times.split(',').map((t) => parseFloat(t) * (/ms$/.test(t) ? 1 : 1000)));
    const found = [];
    for (const node of document.querySelectorAll('body *'))
        for (const part of [null, '::before', '::after']) {
            const style = getComputedStyle(node, part);
            const name = `${node.tagName} ${node.getAttribute('class')}`;
            if (style.animationName !== 'none' && longest(style.animationDuration) > 50) found.push(`runs: ${name}`);
            if (style.transitionProperty !== 'none' && longest(style.transitionDuration) > 50)
                found.push(`fades: ${name}`);
        }
    for (const figure of document.querySelectorAll('.js-plotly-plot'))
        if (figure._fullLayout.transition?.duration > 50) found.push('a figure of Plotly');
    for (const one of document.getAnimations())
        if (one.playState === 'running' && one.effect.getComputedTiming().duration > 50) found.push('an animation');
    return found;
}"""
BUTTONS = "button:visible, input[type=range]:visible, input[type=text]:visible, select:visible, .stAppHeader:visible"
TOO_WIDE = """() => [...document.querySelectorAll('.stMain *')].filter((node) => {
    const box = node.getBoundingClientRect();
    if (node.closest('.draglayer')) return false;  // Plotly's unseen handles
    return box.width && box.height && node.checkVisibility() && box.right > innerWidth + 1;
}).map((node) => node.className.baseVal ?? (node.className || node.tagName))"""
GROUNDS = """['html', 'body', '#root', '.stMainBlockContainer']
    .map((one) => getComputedStyle(document.querySelector(one)).backgroundColor)"""


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.thorough) if path in LIKE_OTHERS else path for path in PAGES]
)
def test_a_page_is_for_everybody(visitor, path, thorough):
    page = settled(visitor.open(path, scheme="dark"))
    assert page.locator("[data-testid=stMain]").inner_text().strip()
    words_are_pale(page, path)
    assert found(page) == []
    messages_show_their_buttons(page, path)
    lines_for_paper_leave_no_gap(page, path)
    is_whole = thorough or path in KINDS
    if is_whole:
        seen_in(page, "light")
        assert found(page, COLORS) == []
        nothing_moves_for_whoever_wants_that(page, path)
    page.set_viewport_size(SIZES["phone"])
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(BEYOND) == []
    messages_show_their_buttons(page, path)
    lines_for_paper_leave_no_gap(page, path)
    assert path not in OTHERWISE_ON_A_PHONE or found(page) == []
    if not is_whole:
        return
    if thorough:
        seen_in(page, "dark")
        assert path not in OTHERWISE_ON_A_PHONE or found(page, COLORS) == []
    is_printed_in_light_without_controls(page, path)


def words_are_pale(page: Page, path: str) -> None:
    """In the dark, from the first picture on, which is drawn before the stage was ever in the page; but for those on
    bars, whose colors are light."""
    words = page.locator(".stage-picture .main-svg text:not(.bartext), .stage-lettering text")
    if path in PICTURED:
        expect(words.first).to_be_attached()
        settled(page)
    assert [node.text_content() for node in words.all() if node.evaluate(PALE) < 150] == []


def messages_show_their_buttons(page: Page, path: str) -> None:
    messages = page.locator(".stage-message:visible")
    if path == "code":
        expect(page.get_by_role("button", name="Show me an example")).to_be_visible()
        expect(messages).to_have_count(1)
    for message in messages.all():
        assert message.evaluate("node => node.scrollHeight - node.clientHeight") <= 1


def lines_for_paper_leave_no_gap(page: Page, path: str) -> None:
    heads = page.locator(".stElementContainer:has(.on-paper)")
    if path in HEADED:
        assert heads.count() == 1
    for head in heads.all():
        assert head.evaluate("node => getComputedStyle(node).display") == "none"


def nothing_moves_for_whoever_wants_that(page: Page, path: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(400)  # what began before comes to its end
    assert page.evaluate(MOVING) == []
    page.emulate_media(reduced_motion="no-preference")
    if path == "quiz":  # the look at the page finds what moves for others
        assert page.evaluate(MOVING) != []


def is_printed_in_light_without_controls(page: Page, path: str) -> None:
    """A picture keeps together, and each is lower than a sheet, so that it can."""
    on_paper(page)
    assert page.evaluate(TOO_WIDE) == []
    assert set(page.evaluate(GROUNDS)) == {"rgb(255, 255, 255)"}
    assert [node.inner_text() for node in page.locator(BUTTONS).all()] == []
    if path in HEADED:
        expect(page.locator(".on-paper")).to_contain_text("Name: ____")
        expect(page.locator(".on-paper")).to_contain_text(HEADED[path])
    pictures = page.locator(".stage-figure:visible")
    assert pictures.count() > 0 or path not in PICTURED
    for picture in pictures.all():
        assert picture.evaluate("node => getComputedStyle(node).breakInside") == "avoid"
        assert picture.evaluate("node => node.getBoundingClientRect().height") < SHEET_HEIGHT
