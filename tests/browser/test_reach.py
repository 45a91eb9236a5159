"""Everybody can use every page: axe-core finds nothing, the keyboard reaches everything, nothing moves on its own.

That no page asks another machine for anything is checked for each page of each test, by `visitor`.
"""

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from layerscope.assignment import assigned, encode_assignment
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.pasted import EXAMPLE
from tests.browser.conftest import still

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["", *sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "explore")]
SEED = PRESETS[DEFAULT]
LINK = encode_assignment(assigned(SEED, rest="locked", free=("conv1.kernel_size",), question="Why 192?"))
STATES = {
    "formulas": "?view=details-formulas",
    "code": "?view=chart-code.code-modules.extras-both",
    "inside": "?view=selected-conv2.chart-inside",
    "large": "?view=type_size-large",
    "a network that fails": "?net=1x28x28-10~Conv2d.6.33~Flatten~Linear.10",
    "from a teacher": f"?class={LINK}",
}
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules that say something new of a page that was looked at in its other colors."""
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"


settled = still


def found(page: Page, rules: dict[str, Any] = RULES, within: tuple[str, ...] = ("html",)) -> list[str]:
    """What axe-core objects to, with the first nodes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # All that is told of the rules that are kept takes a quarter of the time.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    ask = "([within, options]) => axe.run({ include: within }, options).then(({ violations }) => violations)"
    told = page.evaluate(ask, [within, options])
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in told]


def seen_in(page: Page, scheme: Literal["light", "dark"]) -> Page:
    """The same page once the visitor's system turned light or dark."""
    before = page.evaluate(GROUND)
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"before => {GROUND} !== before", arg=before)
    return settled(page)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(one, marks=pytest.mark.thorough) if one in ("formulas", "code", "inside", "large") else one
        for one in STATES
    ],
)
def test_axe_finds_nothing_in_other_states(visitor, state):
    page = settled(visitor.open(STATES[state]))
    assert found(page) == []
    assert found(seen_in(page, "dark"), COLORS) == []


def test_axe_finds_nothing_in_a_paste_that_is_told_to_be_wrong(visitor):
    page = visitor.open("code")
    box = page.get_by_role("textbox", name="PyTorch code")
    box.fill(EXAMPLE)
    box.press("Control+Enter")
    expect(page.locator(".stage-message-title")).to_have_text("fc1 does not fit")
    assert found(settled(page)) == []
    assert found(seen_in(page, "dark"), COLORS) == []
    page.get_by_text("A PyTorch error message").click()
    box = page.get_by_role("textbox", name="A PyTorch error message")
    box.fill("mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)")
    box.press("Control+Enter")
    expect(page.locator(".explained li").first).to_be_visible()
    assert found(settled(page)) == []
    assert found(seen_in(page, "light"), COLORS) == []


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.thorough), "dark"])
def test_axe_finds_nothing_in_what_hangs_over_the_page(visitor, scheme):
    page = settled(visitor.open("", scheme=scheme))
    body = page.get_by_test_id("stPopoverBody")
    for name in ("Input", "Add a layer", "Export"):
        opener = page.get_by_test_id("stPopoverButton").filter(has_text=name).first
        opener.click()
        expect(body).to_be_visible()
        assert found(settled(page), within=("[data-testid=stPopoverBody]", ".st-key-toolbar", ".stage-panel")) == [], (
            name
        )
        opener.click()
        expect(body).to_have_count(0)
    page.get_by_role("button", name="Lab").click()
    expect(page.get_by_role("menuitem", name="Compare")).to_be_visible()
    assert found(settled(page)) == []


def test_a_lesson_is_done_with_the_keyboard_alone(visitor):
    page = settled(visitor.open("following"))
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[class*=st-key-lesson] input')"):
            break
    page.keyboard.type("24")
    page.keyboard.press("Enter")
    expect(page.locator(".lesson-verdict").first).to_contain_text("Right: 24")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('h0:24')")
    page.reload()
    expect(page.locator(".lesson-verdict").first).to_contain_text("Right: 24")


def test_a_teachers_link_is_followed_on_every_page(visitor):
    page = visitor.open(f"?class={LINK}")
    banner = page.get_by_role("note", name="From your teacher")
    expect(banner).to_contain_text("Why 192?")
    words = banner.locator(".check-words b").inner_text()
    page.get_by_role("link", name="Code").click()
    expect(page.get_by_role("textbox", name="PyTorch code")).to_be_visible()
    expect(banner.locator(".check-words b")).to_have_text(words)
    page.wait_for_function("() => location.search.includes('class=')")


@pytest.mark.parametrize("path", [pytest.param("foo", marks=pytest.mark.thorough), "foo/bar"])
def test_an_unknown_page_says_so_and_leads_to_those_that_there_are(visitor, path):
    page = visitor.open(f"{path}?class={LINK}")
    told = page.locator(".st-key-missing")
    expect(told).to_contain_text(f"There is no page “{path}”.")
    expect(told.get_by_role("link")).to_have_count(len(PAGES))
    expect(page.get_by_role("note", name="From your teacher")).to_be_visible()
    assert found(settled(page)) == []
    told.get_by_role("link", name="Quiz").click()
    expect(page.get_by_text("Question 1 of 10")).to_be_visible()
    expect(told).to_have_count(0)


def test_projector_type_holds_on_every_page(visitor):
    large = encode_assignment(assigned(PRESETS[DEFAULT], page="kernel", large=True))
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    page = settled(visitor.open(f"kernel?class={large}"))
    assert found(page) == []
    large_type = page.evaluate(size)
    assert large_type > 1.2 * settled(visitor.go(page, "kernel")).evaluate(size)


def test_a_damaged_teachers_link_is_told_on_every_page(visitor):
    page = visitor.open(f"?class={LINK[:-4]}")
    banner = page.get_by_role("alert").filter(has_text="nothing is locked here")
    page.get_by_role("link", name="Code").click()
    expect(page.get_by_role("textbox", name="PyTorch code")).to_be_visible()
    expect(banner).to_be_visible()
    page.wait_for_function("() => location.search.includes('class=')")
    for path in ("quiz", ""):
        visitor.turn(page, f"{path}?class={LINK[:-4]}")
        expect(banner).to_be_visible()
    assert found(settled(page)) == []
    assert found(seen_in(page, "dark"), COLORS) == []


def test_a_link_damaged_by_hand_is_no_quiet_way_out_of_the_locks(visitor):
    page = visitor.open(f"?class={LINK}")
    refused = page.get_by_role("alert").filter(has_text="nothing is locked here")
    expect(page.get_by_role("note", name="From your teacher")).to_be_visible()
    expect(refused).to_have_count(0)
    there = "url => { history.pushState({}, '', url); dispatchEvent(new PopStateEvent('popstate')); }"
    page.evaluate(there, f"?class={LINK[:-4]}")
    expect(refused).to_be_visible()
    expect(page.get_by_role("note", name="From your teacher")).to_have_count(0)
    page.evaluate(there, f"?class={LINK}")
    expect(page.get_by_role("note", name="From your teacher")).to_be_visible()
    expect(refused).to_have_count(0)


def test_locked_controls_cannot_be_moved_and_the_free_one_can(visitor):
    page = visitor.open(f"?class={LINK}")
    expect(page.get_by_role("slider", name="kernel_size", exact=True)).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(1)
    slider = page.get_by_role("slider", name="kernel_size", exact=True)
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.locator(".stage-total-value").first).not_to_have_text("32,998")
    page.wait_for_function("() => location.search.includes('net=') && location.search.includes('class=')")


def test_the_keyboard_goes_on_where_a_question_was_answered(visitor):
    """What had the focus is gone with its question; the next one gets it, and after the quiz's verdict the button."""
    page = visitor.open("kernel")
    page.locator("[class*=st-key-ask-] input").first.focus()
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(page.get_by_label("How many filters does conv2 have?")).to_be_focused()
    visitor.turn(page, "quiz")
    page.locator("[role=radiogroup] input").first.focus()
    for _ in range(2):  # the arrows go through all the options; none of them is the answer yet
        page.keyboard.press("ArrowDown")
    expect(page.locator("[role=radiogroup] input").nth(2)).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Question 2 of 10")).to_be_visible()
    expect(page.locator("[role=radiogroup] input").first).to_be_focused()


def test_a_help_leads_to_the_glossary_by_keyboard(visitor):
    page = visitor.open("")
    mark = page.get_by_role("button", name="About stride")
    mark.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="stride in the glossary")
    expect(link).to_be_focused()
    page.wait_for_timeout(300)
    expect(link).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.locator(".glossary-asked")).to_contain_text("How far the kernel moves")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(mark).to_be_focused()


def test_the_tab_key_stops_once_at_a_help_and_never_at_what_cannot_be_pressed(visitor):
    page = settled(visitor.open(""))
    mark = page.get_by_role("button", name="About stride")
    mark.focus()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.stage-tip-more')")
    undo = page.get_by_role("button", name="Undo", exact=True)
    dead = page.locator(".stage button[aria-disabled]")
    assert dead.count() >= 3
    assert dead.evaluate_all("all => all.every(one => one.tabIndex < 0)")
    slider = page.get_by_role("slider", name="kernel_size", exact=True)
    slider.focus()
    slider.press("ArrowLeft")
    expect(undo).not_to_have_attribute("aria-disabled", "true")
    assert undo.evaluate("one => one.tabIndex") == 0
    undo.focus()
    page.keyboard.press("Enter")
    expect(undo).to_have_attribute("aria-disabled", "true")
    expect(undo).to_be_focused()  # though nothing is left to undo, the keyboard is where it was


def test_what_has_the_focus_has_a_line_around_it(visitor):
    """Streamlit gives its links a light tint only, and its radios nothing."""
    page = visitor.look("quiz")
    line = "one => [getComputedStyle(one).outlineStyle, parseFloat(getComputedStyle(one).outlineWidth)]"
    for _ in range(12):
        page.keyboard.press("Tab")
        at = page.locator(":focus")
        if at.evaluate("one => one.matches('a, button, input[type=radio]')"):
            node = at.locator("xpath=ancestor-or-self::label") if at.evaluate("one => one.type === 'radio'") else at
            assert node.evaluate(line) in (["solid", 2], ["solid", 3]), at.evaluate("one => one.outerHTML")
    assert page.evaluate("document.activeElement.localName") != "body"


def test_what_the_keyboard_reaches_upward_is_not_below_the_bar(visitor):
    page = visitor.look()
    page.locator(".stMain").evaluate("one => one.scrollTop = one.scrollHeight")
    page.locator(".stage-help:visible").last.focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("!document.activeElement.closest('main')"):  # in the bar itself
            return
        at = page.locator(":focus")
        if at.evaluate("one => one.closest('.st-key-widget-type_size') === null"):  # it stands in the bar
            assert at.evaluate("one => one.getBoundingClientRect().top") >= 52


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on such a node; nothing is clicked or focused by the test."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab never led to {selector}")


def answer_by_keyboard(page: Page) -> None:
    """The first option of a question, or something typed, and given."""
    tab_to(page, "[data-testid=stMain] [role=radiogroup] input, [class*=st-key-ask-] input")
    if page.evaluate("document.activeElement.type === 'radio'"):
        page.keyboard.press("Space")
        expect(page.locator("[role=radiogroup] input:focus")).to_be_checked()
        page.keyboard.press("Tab")
    else:
        page.keyboard.type("5")
    page.keyboard.press("Enter")


def test_lesson_1_is_done_from_start_to_end_with_the_keyboard_alone(visitor):
    page = settled(visitor.open("anatomy"))
    verdicts = page.locator(".lesson-verdict")
    for given in range(1, 6):
        answer_by_keyboard(page)
        expect(verdicts).to_have_count(given)
    tab_to(page, "[data-testid=stPageLink-NavLink][href*=decides]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decides*")


@pytest.mark.thorough  # a lesson is done so to its end, and two questions of the quiz
def test_the_quiz_is_done_to_its_end_with_the_keyboard_alone(visitor):
    page = settled(visitor.open("quiz?seed=2"))
    for place in range(1, 11):
        expect(page.get_by_text(f"Question {place} of 10")).to_be_visible()
        answer_by_keyboard(page)
        expect(page.locator(".quiz-verdict")).to_be_visible()
        tab_to(page, ".st-key-quiz-go button")
        page.keyboard.press("Enter")
    expect(page.locator(".quiz-question")).to_contain_text("of 10 right")


def test_a_teachers_link_is_made_with_the_keyboard_alone(visitor):
    page = settled(visitor.open("teacher"))
    tab_to(page, "[data-testid=stMain] textarea")
    page.keyboard.type("Why 192?")
    page.keyboard.press("Control+Enter")
    link = page.locator(".copying textarea")
    expect(link).to_have_value(re.compile("class="))
    page.get_by_role("button", name="Show full screen").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code of the link")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    tab_to(page, "[data-testid=stMain] [role=radiogroup] input")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("No link yet: choose at least one")).to_be_visible()
    kernel = "[role=toolbar][aria-label=conv1] button:has-text('kernel_size')"
    expect(page.locator(kernel)).to_be_visible()
    settled(page)
    tab_to(page, "[role=toolbar][aria-label=conv1] button")
    page.keyboard.press("ArrowRight")
    expect(page.locator(kernel)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No link yet: choose at least one")).to_have_count(0)
    page.wait_for_timeout(800)
    student = visitor.open(link.input_value().split("/", 3)[3])
    expect(student.get_by_role("note", name="From your teacher")).to_contain_text("Why 192?")
    expect(student.get_by_role("note", name="From your teacher")).to_contain_text("kernel_size of conv1")


@pytest.mark.parametrize(
    ("path", "name", "first"),
    [
        ("", "Input", "Kind of input"),
        ("", "Add a layer", "Layer type"),
        ("", "Export", "PyTorch code"),
        ("quiz", "Print or save", "Sheet"),
        pytest.param("compare", "Change network", "A known network", marks=pytest.mark.thorough),
    ],
)
def test_a_key_that_opens_a_popover_goes_into_it_and_comes_back(visitor, path, name, first):
    page = visitor.look(path)
    opener = page.get_by_test_id("stPopoverButton").filter(has_text=name).first
    body = page.get_by_test_id("stPopoverBody")
    within = "document.querySelector('[data-testid=stPopoverBody]')?.contains(document.activeElement)"
    opener.focus()
    page.keyboard.press("Enter")
    begin = body.locator("input, button").and_(
        body.get_by_label(first, exact=True).or_(body.get_by_role("button", name=first, exact=True))
    )
    expect(begin.first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(opener).to_be_focused()
    page.keyboard.press("Tab")
    expect(begin.first).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Tab")
        if not page.evaluate(within):
            break
    assert not page.evaluate(within)
    page.keyboard.press("Shift+Tab")
    expect(opener).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(body).to_have_count(0)
    expect(opener).to_be_focused()
