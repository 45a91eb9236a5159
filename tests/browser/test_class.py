"""A class in the browser: the teacher makes a link, a student follows it, guesses, and finds no way round the guess."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from layerscope.assignment import LONGEST_QUESTION, assigned, decode_assignment, encode_assignment
from layerscope.presets import DEFAULT, PRESETS
from layerscope.ui.free_controls import MORE
from layerscope.ui.teacher import NOTHING_FREE
from scripts.live import served
from tests.browser.conftest import still

SEED = PRESETS[DEFAULT]
ANSWERS = ("32,902", "32902", "6×26×26", "(6, 26, 26)", "12×11×11", "11×11")
"""What conv1.kernel_size = 3 makes of the course's network, in the forms in which it could be told."""
TOLD = """() => {
    const walk = (root) => [...root.querySelectorAll('*')].flatMap((node) => [
        ...[...node.attributes].map((one) => one.value), node.value ?? '',
        ...(node.shadowRoot ? walk(node.shadowRoot) : []),
    ]);
    return [document.documentElement.textContent, ...walk(document), location.href, document.title,
            JSON.stringify({...sessionStorage}), JSON.stringify({...localStorage})].join('\\n');
}"""
"""All that the page holds, seen or unseen: texts, attributes, fields, what is kept, the address."""


def link(**more: object) -> str:
    return f"?class={encode_assignment(assigned(SEED, **more))}"


LOCKED = link(
    rest="locked", free=("conv1.kernel_size", "conv2.kernel_size"), question="How many parameters?", predict=True,
    target="parameters", own_copy=True,
)  # fmt: skip


def tells(page: Page) -> list[str]:
    told = page.evaluate(TOLD)
    return [answer for answer in ANSWERS if answer in told]


def smaller(page: Page) -> None:
    """Make conv1.kernel_size 3, by keyboard, as the first thing."""
    slider = page.locator(".stage-slider").first
    slider.focus()
    for _ in range(2):
        slider.press("ArrowLeft")
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_visible()
    expect(page.locator(".stage-message-title")).to_contain_text("conv1.kernel_size 5 → 3")


@pytest.mark.parametrize("size", ["desktop", pytest.param("phone", marks=pytest.mark.thorough)])
def test_a_guess_is_judged_and_nothing_tells_before(visitor, size):
    page = visitor.open(LOCKED, size=size)
    expect(page.locator(".from-teacher")).to_contain_text("You can change: kernel_size of conv1 and conv2 (marked ✎)")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    smaller(page)
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    page.wait_for_timeout(800)  # what a screen reader is told comes half a second later
    assert tells(page) == []
    for name in ("fc1", "pool1", "flatten"):
        page.locator(".stage-option", has_text=name).first.click()
        page.locator(".stage-panel-title", has_text=name).wait_for()
        assert tells(page) == []
    assert not [answer for answer in ANSWERS if any(answer in frame for frame in frames)]
    page.locator(".stage-ask input").fill("5")
    page.locator(".stage-ask button").click()
    message = page.locator(".stage-message")
    expect(message.locator(".stage-message-title")).to_have_text("No: you said 5; the answer is 32,902 parameters")
    expect(message).to_have_attribute("data-tone", "wrong")
    expect(message).to_contain_text("60 + 1,812 + 23,160 + 7,260 + 610 = 32,902")
    expect(page.get_by_role("button", name="Export")).to_be_enabled()


@pytest.mark.parametrize(("target", "keyboard"), [("value:fc1.in_features", "numeric"), ("shape:pool2", None)])
def test_a_guess_of_a_number_opens_a_keyboard_of_digits_and_that_it_fails_is_a_button(visitor, target, keyboard):
    page = visitor.open(link(rest="locked", free=("conv1.kernel_size",), predict=True, target=target), size="phone")
    smaller(page)
    field = page.locator(".stage-ask input")
    expect(field).to_be_visible()
    assert field.get_attribute("inputmode") == keyboard
    page.get_by_role("button", name="It does not run").click()
    expect(page.locator(".stage-message-title")).to_contain_text("No: you said “it does not run”; the answer is")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_when_a_guess_is_asked_for_the_slider_stays_under_the_hand_and_nothing_beside_the_export_moves(visitor, size):
    """Also where the panel says that its shapes are the old ones."""
    page = visitor.open(LOCKED, size=size)
    place = "() => { const at = s => document.querySelector(s).getBoundingClientRect().y; "
    place += "return at('.stage-slider') - at('.stage-panel-title'); }"
    buttons = "document.querySelectorAll('.st-key-toolbar button')"
    places = f"() => [...{buttons}].map((one) => one.getBoundingClientRect().x)"
    page.locator(".stage-slider").first.wait_for()
    still(page)
    before = page.evaluate(place), page.evaluate(places)
    smaller(page)
    expect(page.locator(".stage-panel")).to_contain_text("Before: 1×28×28 → 6×24×24")
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    assert page.evaluate(place) == before[0], "the slider"
    assert page.evaluate(places) == before[1], "the toolbar"


def test_no_other_page_no_reload_and_no_way_back_tells(visitor):
    page = visitor.open(LOCKED)
    smaller(page)
    for group, name in (("Lessons", "following"), ("Class", "quiz")):
        page.locator("[data-testid=stHeader]").get_by_text(group, exact=True).click()
        page.locator(f"a[href*='/{name}']").first.click()
        expect(page.get_by_text("Your guess comes first.")).to_be_visible()
        assert tells(page) == []
    page.get_by_role("link", name="Back to your guess").click()
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_visible()
    page.reload()
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_visible()
    assert tells(page) == []
    page.locator(".stage-slider").first.press("Control+z")
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_hidden()
    page.keyboard.press("Control+y")
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_visible()
    assert tells(page) == []


def test_before_the_first_change_the_sweep_waits_and_leads_to_the_guess(visitor):
    page = visitor.open(f"sweep{LOCKED}")
    expect(page.get_by_text("Your guess comes first.")).to_be_visible()
    assert tells(page) == []
    page.get_by_role("link", name="Make a guess in Explore").click()
    page.locator(".stage-slider").first.wait_for()
    smaller(page)
    page.locator(".stage-ask input").fill("5")
    page.locator(".stage-ask button").click()
    expect(page.locator(".stage-message-title")).to_contain_text("32,902")
    page.locator("[data-testid=stHeader]").get_by_text("Lab", exact=True).click()
    page.locator("a[href*='/sweep']").first.click()
    expect(page.locator(".st-key-sweep-table .stage-opens").first).to_be_visible()


def test_whether_it_runs_is_answered_with_a_button(visitor):
    page = visitor.open(link(rest="locked", free=("conv1.kernel_size",), predict=True, target="runs"))
    smaller(page)
    page.get_by_role("button", name="It does not run").click()
    expect(page.locator(".stage-message-title")).to_have_text("No: you said “it does not run”; the network runs")


def control(page: Page, name: str) -> Locator:
    """What a teacher presses to leave a layer's argument to the students."""
    layer, _, argument = name.rpartition(".")
    return page.locator(f"[class*='teach-free'][class*='-{layer}']").get_by_role("button", name=argument, exact=True)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_nothing_moves_while_controls_are_chosen(visitor, size):
    page = visitor.open("teacher", size=size)
    page.get_by_text("Only what I choose (rest locked)").click()
    names = ("conv1.kernel_size", "conv1.stride", "pool1.padding", "conv1.out_channels", "conv1.bias")
    page.get_by_text(MORE).click()
    held = ".st-key-teach-controls button, .teach-step, .st-key-teach-own_copy"
    places = (
        f"() => [...document.querySelectorAll('{held}')]"
        """
        .map((node) => node.getBoundingClientRect()).map(({ x, y }) => [x, y].map(Math.round))"""
    )
    expect(control(page, names[0])).to_be_visible()
    before = still(page).evaluate(places)
    assert len(before) > 20
    for chosen, name in enumerate(names, 1):
        control(page, name).evaluate("node => node.click()")  # Playwright's own click scrolls where a page is slow
        expect(
            page.locator(
                ".st-key-teach-controls button[aria-checked=true], .st-key-teach-controls button[aria-pressed=true]"
            )
        ).to_have_count(chosen)
        expect(page.get_by_role("link", name="Open as a student")).to_be_visible()
        assert still(page).evaluate(places) == before
    page.wait_for_timeout(1000)
    given = page.get_by_role("link", name="Open as a student").get_attribute("href")
    assert given
    assert set(decode_assignment(given.split("class=")[1]).free) == set(names)


def test_the_link_is_copied_and_opened_as_a_student(visitor):
    page = visitor.open("teacher")
    page.get_by_text("Only what I choose (rest locked)").click()
    expect(page.get_by_text(NOTHING_FREE)).to_be_visible()
    control(page, "conv1.kernel_size").click()
    expect(page.get_by_text(NOTHING_FREE)).to_have_count(0)  # the form moves with it
    expect(page.get_by_role("link", name="Open as a student")).to_be_visible()
    predicts = page.get_by_role("combobox", name="They predict")
    predicts.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a page that still scrolls closes the list
    predicts.click()
    page.get_by_role("option", name=re.compile("The parameter count")).click()
    box = page.locator(".copying textarea")
    expect(box).to_have_value(re.compile("class="))
    page.wait_for_timeout(1_500)
    before = box.input_value()
    page.get_by_label("Your question").fill("How many then?")
    page.get_by_label("Your question").press("Control+Enter")
    expect(box).not_to_have_value(before)
    page.wait_for_timeout(3_000)
    there = box.input_value()
    given = decode_assignment(there.split("class=")[1])
    assert (given.question, given.target, given.rest) == ("How many then?", "parameters", "locked")
    assert given.free == ("conv1.kernel_size",)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as on a page without https
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".copying [role=status]")).to_have_text("Copied")
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == there
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open as a student").click()
    student = opened.value
    expect(student.locator(".from-teacher")).to_contain_text("How many then?")
    expect(student.get_by_text("Add a layer")).to_have_count(0)
    student.close()


QUESTION = ("Which kernel_size makes fc1.in_features 300? " * 7)[:LONGEST_QUESTION]
MIDDLE = "button => { const at = button.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; }"


def test_a_press_of_copy_takes_the_text_that_was_just_typed(visitor):
    page = visitor.open("teacher")
    button = page.get_by_role("button", name="Copy link")
    page.get_by_label("Your question").focus()
    page.keyboard.insert_text(QUESTION)
    place = button.evaluate(MIDDLE)
    page.mouse.click(*place)  # with the cursor still in the field, at once
    expect(page.locator(".copying [role=status]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert decode_assignment(copied.split("class=")[1]).question == QUESTION.strip()
    assert page.locator(".copying textarea").input_value() == copied
    assert button.evaluate(MIDDLE) == place
    page.get_by_label("Your question").fill("Why?")
    page.mouse.down()  # as a slow hand presses: the run ends between the press and the release
    page.wait_for_timeout(900)
    page.mouse.up()
    expect(page.locator(".copying [role=status]")).to_have_text("Copied")
    assert decode_assignment(page.evaluate("navigator.clipboard.readText()").split("class=")[1]).question == "Why?"


@pytest.mark.parametrize("size", ["desktop", pytest.param("wide", marks=pytest.mark.thorough), "phone"])
def test_the_large_code_fills_the_screen_and_leaves_room_for_the_check_words(visitor, size):
    page = visitor.open("teacher", size=size)
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Control+Enter")
    page.get_by_text("Check words:").wait_for()
    page.get_by_role("button", name="Show full screen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Check words:")).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_role("img", name="QR code of the link")).to_be_in_viewport(ratio=1)
    seen = page.viewport_size
    assert seen is not None
    code = dialog.get_by_role("img").evaluate("one => Math.min(one.clientWidth, one.clientHeight)")
    assert code == min(seen["width"], seen["height"])
    top = "() => [[4, 4], [innerWidth / 2, 30]].every(at => document.elementFromPoint(...at).closest('.teach-large'))"
    assert page.evaluate(top)  # nothing of the app is to be seen above it
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_an_own_copy_has_no_locks(visitor):
    page = visitor.open(LOCKED)
    smaller(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open your own copy").click()
    copy = opened.value
    expect(copy.get_by_role("button", name="Add a layer")).to_be_visible()
    expect(copy.locator(".from-teacher")).to_have_count(0)
    assert [answer for answer in ANSWERS if answer in copy.evaluate(TOLD)] == []
    copy.close()


def test_the_menu_shows_nothing_that_is_not_ours(visitor):
    page = visitor.look()
    page.locator(".stage-message").wait_for()
    assert page.locator("[data-testid=stMainMenu], [data-testid=stAppDeployButton]").count() == 0


BREAKING = """
import streamlit as st
if st.query_params.get("how") == "script":
    raise RuntimeError("secret of the page")

def fail():
    raise RuntimeError("secret of a callback")

@st.fragment
def piece():
    if st.button("fragment"):
        raise RuntimeError("secret of a fragment")

st.button("callback", on_click=fail)
piece()
"""
APP = """
from pathlib import Path
import streamlit as st
from layerscope.ui.server import is_page_run
from layerscope.ui.sorry import tell
if is_page_run():
    st.navigation([st.Page("broken.py", default=True)]).run()
else:
    app = st.App(__file__, on_script_error=tell)
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """A page of ours with a mistake in it."""
    folder: Path = tmp_path_factory.mktemp("broken")
    (folder / "app.py").write_text(APP)
    (folder / "broken.py").write_text(BREAKING)
    with served(folder / "app.py", directory=folder) as address:
        page = browser.new_page()
        page.goto(address)
        yield page


@pytest.mark.parametrize("how", ["callback", "fragment", "script"])
def test_a_mistake_of_ours_is_a_sentence_with_a_way_on(broken, how):
    if how == "script":
        broken.goto(f"{broken.url.split('?')[0]}?how=script")
    else:
        broken.get_by_role("button", name=how).click()
    expect(
        broken.get_by_role("alert").filter(has_text="That is a mistake in Layerscope, not yours.").first
    ).to_be_visible()
    expect(broken.get_by_role("link", name="start over").first).to_have_attribute("href", "./")
    assert broken.locator("[data-testid=stException]").count() == 0
    assert "secret" not in broken.content()
    broken.goto(broken.url.split("?")[0])
    expect(broken.get_by_role("button", name="callback")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [pytest.param(1920, 1080, marks=pytest.mark.thorough), (1280, 800)])
def test_the_projector_keeps_the_whole_chart_whatever_is_said_above_it(visitor, width, height):
    page = visitor.open(link(
        free=("conv1.kernel_size",), rest="locked", predict=True, target="value:fc1.in_features", large=True,
        question="Does fc1.in_features change when conv1.kernel_size goes from 5 to 3? What will it be?",
    ))  # fmt: skip
    page.set_viewport_size({"width": width, "height": height})
    bottom = "() => document.querySelectorAll('.stage-figure')[1].getBoundingClientRect().bottom"
    whole = f"() => ({bottom})() <= {height} && ({bottom})() > {height} - 20"
    page.wait_for_function(whole)
    smaller(page)
    page.wait_for_function(whole)
    page.get_by_label("Your guess").fill("300")
    page.keyboard.press("Enter")
    expect(page.locator(".stage-message[data-tone=wrong]")).to_be_visible()
    page.wait_for_function(whole)
