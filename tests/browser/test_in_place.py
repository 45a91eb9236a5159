"""What stays where it is, and is read whole: the projector's switch, the room of sentences, a guess on a phone, the way
back from a look inside."""

import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from layerscope.presets import DEFAULT, PRESETS
from tests.browser.test_class import link, smaller
from tests.browser.test_reach import settled
from tests.browser.test_sight import box, opened, slider

SEED = PRESETS[DEFAULT]
ASKING = link(
    rest="locked", free=("conv1.kernel_size", "conv1.padding"), predict=True, target="value:fc1.in_features",
    question="What will fc1.in_features be when conv1.kernel_size goes from 5 to 3?",
)  # fmt: skip
LARGE = link(
    rest="locked", free=("conv1.kernel_size",), predict=True, target="value:fc1.in_features", large=True,
    question="What will fc1.in_features be when conv1.kernel_size goes from 5 to 3?",
)  # fmt: skip
TOP = "() => document.querySelector('.stage-main').getBoundingClientRect().top"
END = "document.querySelector('.stMain').scrollTo(0, 1e6)"


def switch(page: Page) -> Any:
    return page.locator(".st-key-widget-type_size")


# --- the projector's switch -------------------------------------------------------------------------------------------


ENTRIES = """() => [...document.querySelectorAll('.stAppHeader :is(a, [data-testid=stTopNavSection])')].map((node) => {
    const { x, y, width } = node.getBoundingClientRect();
    return [node.textContent, ...[x, y, width].map((one) => Math.round(one))];
}).filter(([name]) => name)"""


@pytest.mark.parametrize("size", ["desktop", pytest.param("wide", marks=pytest.mark.thorough)])
def test_the_projectors_switch_and_the_bars_entries_stay_beneath_the_pointer_on_every_page(visitor, size):
    """Of the switch also where it changes the type, of the entries from page to page. From Explore to the quiz "Quiz"
    went off under the pointer."""
    page, places = visitor.open(size=size), set()
    entries: list[Any] = []
    larger: list[Any] = []
    for path in ("", ASKING, "quiz", "kernel"):
        settled(visitor.turn(page, path) if path else page)
        page.wait_for_timeout(800)
        before = box(switch(page).locator("label"))
        places.add((before["x"], before["y"]))
        entries.append(page.evaluate(ENTRIES))
        page.mouse.move(before["x"] + 12, before["y"] + 12)
        for wanted in (True, False):
            page.mouse.down()
            page.mouse.up()
            expect(switch(page).locator("input")).to_be_checked(checked=wanted)
            page.wait_for_timeout(800)
            now = box(switch(page).locator("label"))
            assert (now["x"], now["y"]) == (before["x"], before["y"])
            (larger if wanted else entries).append(page.evaluate(ENTRIES))
    assert len(places) == 1
    header = box(page.get_by_test_id("stHeader"))
    assert before["bottom"] <= header["bottom"]
    assert len(entries[0]) == 6
    assert entries.count(entries[0]) == len(entries)
    assert larger.count(larger[0]) == len(larger)
    widths = [sum(width for *_, width in one) for one in (entries[0], larger[0])]
    assert widths[1] > 1.1 * widths[0]  # the icons beside the words stay as they are


def test_the_bar_marks_the_group_of_the_page_and_the_pages_area_is_no_place_of_the_tab_key(visitor):
    page = visitor.open("kernel")
    for path, group in (("kernel", "Lessons"), ("teacher", "Class"), ("", None)):
        settled(visitor.turn(page, path) if path != "kernel" else page)
        marked = page.locator("[data-testid=stTopNavSection][aria-current]")
        expect(marked, path).to_have_text([group] if group else [])
        for one in marked.all():
            assert one.evaluate("one => getComputedStyle(one).backgroundColor") != "rgba(0, 0, 0, 0)", path
        assert page.locator(".stMain").evaluate("one => one.tabIndex") == -1, path
        page.locator(".stMain").evaluate("one => one.querySelector('button, a, input, [tabindex=\"0\"]').focus()")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.tagName") != "MAIN", path


def test_a_phones_menu_is_called_so(visitor):
    page = settled(visitor.open("kernel", size="phone"))
    menu = page.get_by_role("button", name="Menu", exact=True)
    assert menu.evaluate("one => getComputedStyle(one, '::after').content") == '"Menu"'
    menu.click()
    page.get_by_role("button", name="Close the menu").click()
    expect(menu).to_be_visible()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_while_a_guess_is_waited_for_list_and_pictures_say_that_they_are_old_and_nothing_moves(visitor, size):
    page = settled(visitor.open("?view=predict-on", size=size))
    places = """() => [...document.querySelectorAll(".stage-picture, .stage-outline, .stage-options, .stage-slider")]
        .map((one) => one.getBoundingClientRect()).filter(({ y }) => y < innerHeight)
        .map(({ x, y, width, height }) => [x, y, width, height])"""
    page.get_by_role("slider", name="kernel_size", exact=True).focus()
    page.wait_for_timeout(500)
    before = page.evaluate(places)
    page.evaluate("""() => {
        window.shifted = []; // but the message's own words, which make room for the field
        const isOther = ({ node }) => !node?.parentElement?.closest(".stage-message");
        const told = (seen) => seen.getEntries().flatMap((one) => one.sources.filter(isOther).map(() => one.value));
        new PerformanceObserver((seen) => window.shifted.push(...told(seen))).observe({ type: "layout-shift" });
    }""")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-message[data-tone=ask]")).to_be_visible()
    expect(page.locator(".stage-outline-title .stage-former")).to_have_text("Before")
    expect(page.locator(".stage-figure .stage-former").first).to_have_text("Before your change")
    page.wait_for_timeout(500)
    assert page.evaluate(places) == before
    assert page.evaluate("window.shifted") == []
    page.get_by_label("Your guess").fill("5")
    page.keyboard.press("Enter")
    expect(page.locator(".stage-former:visible")).to_have_count(0)


def test_on_a_projector_the_list_keeps_its_shapes_and_the_toolbar_grows(visitor):
    page = settled(visitor.open())
    button = page.get_by_role("button", name="Start empty")
    before = box(button)["height"]
    switch(page).locator("label").click()
    expect(page.locator(".stage.stage-large")).to_be_attached()
    shapes = page.locator(".stage-option-detail")
    expect(shapes.first).to_be_visible()
    expect(shapes).to_have_text([re.compile(r"\d")] * shapes.count())
    for one in page.locator(".stage-option").all():
        assert one.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    assert box(button)["height"] > 1.1 * before
    rows = {box(one)["y"] for one in page.locator(".st-key-toolbar button:visible").all()}
    assert max(rows) - min(rows) < 12  # one line
    thumb = box(page.get_by_role("slider", name="kernel_size", exact=True))
    assert thumb["bottom"] <= box(page.locator(".stage-panel"))["bottom"]  # what the first task wants moved


def test_a_page_that_is_gone_to_opens_at_its_top(visitor):
    """At the end of a lesson, "Quiz" opened with "Question 1 of 10" behind the bar."""
    page = settled(visitor.open("kernel"))
    page.set_viewport_size({"width": 1280, "height": 500})
    switch(page).locator("label").click()
    page.wait_for_timeout(800)
    page.evaluate(END)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") > 200
    page.get_by_test_id("stHeader").get_by_role("link", name="Quiz").click()
    question = page.get_by_text("Question 1 of 10")
    expect(question).to_be_in_viewport()
    settled(page)
    page.wait_for_timeout(800)
    assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
    assert box(question)["y"] > box(page.get_by_test_id("stHeader"))["bottom"]


def test_on_a_projector_what_there_is_to_press_instead_of_a_guess_stands_beside_it(visitor):
    page = opened_at(visitor, LARGE)
    smaller(page)
    field, instead = page.get_by_label("Your guess"), page.get_by_role("button", name="It does not run")
    expect(instead).to_be_visible()
    typed, pressed = box(field), box(instead)
    assert pressed["x"] > typed["right"]
    assert abs(typed["y"] + typed["height"] / 2 - pressed["y"] - pressed["height"] / 2) < 3


def test_on_a_projector_the_quiz_writes_names_and_shapes_as_large_as_explore_does(visitor):
    texts = "[...document.querySelectorAll('.stage-lettering text')]"
    high = f"() => Math.min(...{texts}.map((one) => one.getBoundingClientRect().height))"
    page = visitor.open()
    switch(page).locator("label").click()
    for path in ("", "quiz"):
        settled(visitor.turn(page, path) if path else page)
        page.wait_for_function(f"() => ({high})() >= 21 && ({high})() < 40")


def test_a_panel_that_scrolls_shows_that_there_is_more_below(visitor):
    page = opened_at(visitor, "")
    switch(page).locator("label").click()
    expect(page.locator(".stage-large")).to_be_attached()
    panel = page.locator(".stage-panel-scroll")
    assert panel.evaluate("(node) => node.scrollHeight > node.clientHeight + 20")
    assert darkness(page) > 20
    panel.evaluate("(node) => node.scrollTo(0, 1e6)")
    page.wait_for_timeout(300)
    assert darkness(page) < 5


def opened_at(visitor: Any, path: str) -> Page:
    page = settled(visitor.open(path))
    page.wait_for_timeout(800)
    return page


def darkness(page: Page) -> int:
    """How much darker than white the panel's lowest line is, left of its controls."""
    panel = box(page.locator(".stage-panel-scroll"))
    clip = {"x": panel["x"] + 3, "y": panel["bottom"] - 3, "width": 4, "height": 2}
    with Image.open(BytesIO(page.screenshot(clip=clip))) as seen:  # type: ignore[arg-type]
        return 255 - max(low for low, _ in seen.convert("RGB").getextrema())  # type: ignore[misc]


def test_a_phone_has_no_switch_among_its_tools_and_escape_folds_them_once_no_menu_is_open_in_them(visitor):
    page = opened(visitor, size="phone")
    tools = page.get_by_role("button", name="Tools")
    tools.click()
    export = page.get_by_role("button", name="Export")
    expect(export).to_be_visible()
    expect(page.get_by_text("Projector")).to_be_hidden()
    export.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    for _ in range(20):  # Streamlit's popover hears the key a moment after it is seen
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        if not page.get_by_test_id("stPopoverBody").count():
            break
    expect(tools).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(tools).to_have_attribute("aria-expanded", "false")
    expect(tools).to_be_focused()
    expect(export).to_be_hidden()


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ASKING, LARGE])
def test_what_is_said_after_a_guess_is_read_whole_and_pushes_nothing_down(visitor, path):
    page = visitor.open(path)
    page.wait_for_timeout(800)
    before = page.evaluate(TOP)
    smaller(page)
    assert page.evaluate(TOP) == before
    page.get_by_label("Your guess").fill("5")
    page.keyboard.press("Enter")
    message = page.locator(".stage-message[data-tone=wrong]")
    expect(message).to_contain_text("each of its 6 filters is 1×3×3 instead of 1×5×5.")
    page.wait_for_timeout(300)
    assert page.evaluate(TOP) == before
    assert message.evaluate("node => node.scrollHeight - node.clientHeight") <= 1


def test_from_the_back_row_texts_lie_over_no_bar_and_no_line_lies_over_a_name(visitor):
    page = visitor.open(LARGE)
    page.wait_for_timeout(1500)
    flow, bars = page.locator(".stage-figure").all()[:2]
    said = bars.locator(".stage-lettering text").evaluate_all("""nodes => nodes
        .map((node) => [node.textContent, node.getBoundingClientRect()])
        .filter(([text]) => text.startsWith("23.2k")).map(([text, box]) => [text, box.bottom])""")
    ((text, bottom),) = said
    assert text.startswith("23.2k")
    highest = bars.locator(".stage-painting").evaluate("""painting => Math.min(
        ...[...painting.querySelectorAll("path, rect")]
            .filter((one) => /0, ?158, ?115|009e73/i.test(getComputedStyle(one).fill))
            .map((one) => one.getBoundingClientRect().top))""")
    assert 0 < highest < 800
    assert bottom <= highest + 4  # a letter's box has some air at its foot
    names = flow.locator(".stage-lettering text").evaluate_all(
        "nodes => Object.fromEntries(nodes.map((node) => [node.textContent, node.getBoundingClientRect()]))"
    )
    assert names["relu1"]["top"] - names["conv1"]["bottom"] >= -4


def test_for_the_back_row_two_sliders_are_above_the_fold_and_stay_there(visitor):
    page = opened(visitor, view="type_size-large")
    before = page.evaluate(TOP)
    for name in ("out_channels", "kernel_size"):
        assert box(slider(page, name))["bottom"] <= 800
    one = slider(page, "out_channels")
    one.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight"):
        one.press(key)
        page.wait_for_timeout(500)
        assert page.evaluate(TOP) == before
    assert box(slider(page, "kernel_size"))["bottom"] <= 800


def test_the_quizs_picture_is_seen_down_to_its_names_from_the_back_row(visitor):
    page = settled(visitor.open("quiz"))
    switch(page).get_by_text("Projector").click()
    page.wait_for_function("() => parseFloat(getComputedStyle(document.documentElement).fontSize) > 18")
    page.wait_for_timeout(1200)
    texts = page.locator(".st-key-quiz-picture .stage-lettering text")
    assert texts.evaluate_all("nodes => Math.max(...nodes.map((node) => node.getBoundingClientRect().bottom))") <= 800
    assert texts.first.evaluate("node => getComputedStyle(node).textRendering") == "geometricprecision"


# --- a phone ----------------------------------------------------------------------------------------------------------


def test_on_a_phone_a_guess_is_typed_above_the_control_that_moved_however_far_the_page_is_scrolled(visitor):
    page = settled(visitor.open(ASKING, size="phone"))
    for name, key in (("kernel_size", "ArrowLeft"), ("padding", "ArrowRight")):
        one = slider(page, name)
        for place in ("start", "end"):
            one.evaluate(f"node => node.scrollIntoView({{ block: '{place}' }})")
            one.focus()
            one.press(key)
            guess = page.get_by_label("Your guess")
            expect(guess).to_be_visible()
            page.wait_for_timeout(300)
            assert box(guess)["bottom"] <= box(one)["y"]
            assert box(page.get_by_role("button", name="It does not run"))["bottom"] <= box(one)["y"]
            middle = (
                "node => { const b = node.getBoundingClientRect(); "
                "return document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) === node; }"
            )
            assert one.evaluate(middle)
    page.evaluate(END)
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.querySelector('.stage-ask').getBoundingClientRect().bottom < 0")
    page.get_by_label("Your guess").fill("many")
    page.get_by_role("button", name="Show", exact=True).click()
    told = page.locator(".stage-message-text")
    expect(told).to_contain_text("is not a guess yet")
    assert box(told)["y"] < box(page.locator(".stage-message"))["bottom"] - 12


def test_on_a_phone_the_strip_takes_a_third_of_the_screen_and_a_long_table_is_folded(visitor):
    page = opened(visitor, size="phone")
    strip = box(page.locator(".stage-message"))["bottom"] - box(page.locator(".stage-stays"))["y"]
    assert strip <= 844 / 3 + 1
    rows = page.locator(".stage-table tbody tr")
    assert 6 <= rows.locator("visible=true").count() <= 12
    page.get_by_role("button", name="Show all").click()
    assert rows.locator("visible=true").count() == rows.count() > 30
    page.get_by_role("button", name="Show fewer rows").click()
    assert rows.locator("visible=true").count() <= 12
    page.set_viewport_size({"width": 1280, "height": 800})
    assert rows.locator("visible=true").count() == rows.count()
    expect(page.get_by_role("button", name="Show all")).to_be_hidden()


def test_on_a_phone_the_way_back_from_a_look_inside_goes_along_and_nothing_of_it_is_cut_off(visitor):
    page = settled(visitor.open("?view=selected-conv2.chart-inside", size="phone"))
    look = page.locator(".stage-look")
    inner = look.locator(".stage-inside")
    expect(inner.locator("canvas:visible").first).to_be_visible()
    assert inner.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    close = look.get_by_role("button", name="Close", exact=True)
    for share in (0.0, 0.5, 0.8):
        look.evaluate(f"""node => {{
            const box = node.getBoundingClientRect();
            document.querySelector(".stMain").scrollBy(0, box.top - 100 + {share} * box.height);
        }}""")
        page.wait_for_timeout(200)
        at = box(close)
        assert at["y"] >= box(page.get_by_test_id("stHeader"))["bottom"] - 1
        assert at["bottom"] <= 844
        assert at["right"] <= 390
    close.click()
    expect(look).to_have_count(0)
    again = page.locator(".stage-panel").get_by_role("button", name="Look inside", exact=True)
    page.wait_for_timeout(500)
    assert box(page.locator(".stage-message"))["bottom"] <= box(again)["y"] <= 844


def test_on_a_screen_a_look_inside_has_no_second_way_back(visitor):
    page = visitor.look("?view=selected-conv2.chart-inside")
    expect(page.locator(".stage-look")).to_be_visible()
    expect(page.locator(".stage-look").get_by_role("button", name="Close", exact=True)).to_be_hidden()


def test_on_a_phone_a_verdict_says_that_another_question_came_below_the_picture(visitor):
    page = settled(visitor.open("sliding", size="phone"))
    page.get_by_role("textbox").first.fill("2")
    page.get_by_role("button", name="Answer", exact=True).click()
    on = page.get_by_role("link", name="Next question ↓")
    expect(on).to_be_visible()
    address = page.url
    on.click()
    question = page.locator(".lesson-question", has_text="stride=2")
    page.wait_for_timeout(500)
    assert 50 < box(question)["y"] < 700
    assert page.url == address
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(on).to_be_hidden()


def test_on_a_projector_the_second_slider_of_a_layer_with_a_decided_value_is_above_the_fold(visitor):
    page = opened(visitor, view="selected-conv2.type_size-large")
    for wide, high in ((1280, 800), (1366, 768)):
        page.set_viewport_size({"width": wide, "height": high})
        settled(page)
        panel = box(page.locator(".stage-panel"))
        lowest = min(panel["bottom"], high) - 12  # not in the shadow at its foot
        assert box(slider(page, "kernel_size"))["bottom"] <= lowest, (wide, high)


def test_on_a_low_screen_undo_redo_and_reset_are_whole(visitor):
    page = opened(visitor)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_timeout(500)
    assert box(page.locator(".stage-outline-actions"))["bottom"] <= 768


def test_from_layer_to_layer_nothing_in_the_panel_moves(visitor):
    page = opened(visitor)
    tops = set()
    for layer in ("relu1", "pool1", "conv2"):
        page.keyboard.press("Alt+ArrowDown")
        expect(page.locator(".stage-panel-title")).to_have_text(layer)
        tops.add(box(page.locator(".stage-panel-scroll"))["y"])
    assert len(tops) == 1


def test_on_a_projector_its_switch_is_as_large_as_the_menu_and_no_line_of_a_note_ends_with_a_dot(visitor):
    page = settled(visitor.open("?net=&view=selected-conv2.type_size-large"))
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    menu = page.locator("header a", has_text="Explore").locator("p, span:not([data-testid])").last.evaluate(size)
    assert switch(page).locator("p").evaluate(size) >= menu
    one = slider(page, "kernel_size")
    one.press("ArrowLeft")
    one.press("ArrowLeft")
    note = page.locator(".stage-figure-note", has_text="scale changed").last
    expect(note).to_have_text("scale changed: ×1.56 · ▨\u00a0biases")
    first, second = note.locator(".stage-said-part").all()
    assert box(second)["y"] > box(first)["bottom"] - 2  # here they take two lines
    dot = box(note.locator(".stage-said-dot"))
    assert dot["x"] + dot["width"] <= box(note)["x"] + 1  # out of sight
    page.set_viewport_size({"width": 1366, "height": 800})
    page.wait_for_timeout(400)
    dot = box(note.locator(".stage-said-dot"))
    assert dot["x"] > box(note)["x"] + 20
    page = settled(visitor.turn(page, "teacher"))
    expect(switch(page)).to_be_visible()
