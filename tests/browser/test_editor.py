"""The editor of the Code page in a real browser: what is typed is never lost, and the keyboard is never caught."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import write
from layerscope.ui.pasted import EXAMPLE

SEED = PRESETS[DEFAULT]
MENDED = EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5")


@pytest.fixture
def page(visitor) -> Page:
    return emptied(visitor.open("code"))


def emptied(page: Page) -> Page:
    """The Code page with nothing in its box: the visit keeps what was pasted."""
    if box(page).input_value():
        page.get_by_role("button", name="Clear").click()
        expect(box(page)).to_have_value("")
    return page


def box(page: Page):
    return page.get_by_role("textbox", name="PyTorch code")


def title(page: Page):
    return page.locator(".stage-message-title")


def mirror(page: Page) -> str:
    """The colored lines under the text area."""
    text: str = page.evaluate("document.querySelector('.stage-editor-lines').textContent")
    return text.removesuffix("\n")


def marked(page: Page, mark: str) -> list[str]:
    return [line.strip() for line in page.locator(f".stage-editor-line{mark}").all_text_contents()]


def clipboard(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    box(page).focus()
    page.keyboard.press("Control+v")


def test_what_is_filled_in_before_the_page_is_ready_is_read(browser, app_address, thorough):
    for _ in range(3 if thorough else 1):
        page = browser.new_page()
        page.goto(f"{app_address}/code")
        box(page).fill(EXAMPLE)  # as soon as there is a box, and without a key that sends it
        expect(title(page)).to_have_text("fc1 does not fit")
        expect(box(page)).to_have_value(EXAMPLE)
        page.close()


def test_what_is_typed_while_an_answer_is_under_way_stays_and_is_read(page):
    clipboard(page, "import torch.nn as nn\nnet = nn.Sequential(\n")
    for n in range(8):  # each Ctrl+Enter asks for an answer, which comes while the next line is typed
        page.keyboard.press("Control+Enter")
        page.keyboard.type(f"nn.Linear({n + 3}, {n + 4}),")
        page.keyboard.press("Enter")
    page.keyboard.type(")")
    expect(title(page)).to_contain_text("8 layers")
    value = box(page).input_value()
    assert [f"nn.Linear({n + 3}, {n + 4})," in value for n in range(8)] == [True] * 8
    assert mirror(page) == value
    page.wait_for_timeout(1500)
    expect(box(page)).to_have_value(value)


def test_what_is_typed_while_the_server_is_slow_stays(visitor):
    page = visitor.open("code")
    box(page).fill(EXAMPLE)
    expect(title(page)).to_have_text("fc1 does not fit")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Clear").click()
    page.keyboard.type("nn.Sequential(nn.Linear(5, 2))")
    session.send("Network.emulateNetworkConditions", {**slow, "latency": 0})
    expect(title(page)).to_contain_text("1 layer")
    expect(box(page)).to_have_value("nn.Sequential(nn.Linear(5, 2))")


def test_what_was_typed_outlasts_a_visit_to_another_page_before_it_was_read(page):
    box(page).fill("nn.Sequential(nn.Linear(5, 2))")
    page.get_by_role("link", name="Explore").click(delay=80)  # as long as a hand presses
    expect(page.locator(".stage-panel-title")).not_to_be_empty()
    page.get_by_role("link", name="Code").click()
    expect(box(page)).to_have_value("nn.Sequential(nn.Linear(5, 2))")
    expect(title(page)).to_contain_text("1 layer")


def test_marks_stand_at_their_lines_and_move_with_them(page):
    clipboard(page, EXAMPLE)
    expect(title(page)).to_have_text("fc1 does not fit")
    assert marked(page, "[data-tone=error]") == ["self.fc1 = nn.Linear(16 * 4 * 4, 120)"]
    assert marked(page, ".stage-is-lit:not([data-tone])") == ["x = F.relu(self.fc1(x))"]
    numbers = page.locator(".stage-editor-gutter").inner_text().split()
    assert numbers == [*(str(n) for n in range(1, 12)), "×", *(str(n) for n in range(12, 28))]
    page.keyboard.press("Control+Home")
    page.keyboard.type("# a line more\n")
    assert marked(page, "[data-tone=error]") == ["self.fc1 = nn.Linear(16 * 4 * 4, 120)"]
    assert "×\n13" in page.locator(".stage-editor-gutter").inner_text().replace(" ", "\n")


def test_each_line_stands_over_its_colored_one(page):
    clipboard(page, EXAMPLE.replace("84)", f"84)  # {'long ' * 60}"))
    expect(title(page)).to_have_text("fc1 does not fit")
    told = page.evaluate(
        """() => {
            const area = document.querySelector(".stage-editor-area");
            const lines = document.querySelector(".stage-editor-lines");
            const [a, b] = [getComputedStyle(area), getComputedStyle(lines)];
            const same = ["fontFamily", "fontSize", "fontWeight", "lineHeight", "tabSize", "letterSpacing"];
            const rects = [area, lines].map(node => node.getBoundingClientRect());
            return {
                unequal: same.filter(name => a[name] !== b[name]),
                scrolls: [area.scrollWidth > area.clientWidth + 1, area.scrollHeight > area.clientHeight + 1],
                tops: rects[0].top - rects[1].top,
                bottoms: rects[0].bottom - rects[1].bottom,
                wide: document.querySelector(".stage-editor-scroll").scrollWidth > 1500,
                page: document.documentElement.scrollWidth <= innerWidth,
            };
        }"""
    )
    assert told == {
        "unequal": [], "scrolls": [False, False], "tops": 0, "bottoms": 0, "wide": True, "page": True,
    }  # fmt: skip
    scroller = page.locator(".stage-editor-scroll")
    scroller.evaluate("node => node.scrollLeft = 400")
    gutter = page.locator(".stage-editor-gutter").bounding_box()
    frame = scroller.bounding_box()
    assert gutter is not None
    assert frame is not None
    assert abs(gutter["x"] - frame["x"]) < 2


def test_a_correction_is_made_undone_and_taken_back(page):
    clipboard(page, EXAMPLE)
    cure = page.locator(".stage-cure")
    expect(cure.locator("[data-kind=old] code")).to_have_text("self.fc1 = nn.Linear(16 * 4 * 4, 120)")
    expect(cure.locator("[data-kind=new] code")).to_have_text("self.fc1 = nn.Linear(16 * 5 * 5, 120)")
    page.get_by_role("button", name="Line 12: write 16 * 5 * 5").click()
    expect(box(page)).to_have_value(MENDED)
    expect(title(page)).to_contain_text("runs: 12 layers")
    page.get_by_role("button", name="Undo the correction").click()
    expect(box(page)).to_have_value(EXAMPLE)
    expect(title(page)).to_have_text("fc1 does not fit")
    page.get_by_role("button", name="Line 12: write 16 * 5 * 5").click()
    expect(box(page)).to_have_value(MENDED)
    for text in (EXAMPLE, MENDED, EXAMPLE, ""):  # the browser's own undo knows all four, the button's too
        page.keyboard.press("Control+z")
        expect(box(page)).to_have_value(text)


def test_a_remark_leads_to_its_line_and_a_line_to_its_layer(page):
    clipboard(page, EXAMPLE.replace("x = torch.flatten(x, 1)", "x = torch.fft.rfft2(x)"))
    link = page.locator(".stage-message-text .stage-line-link").first
    expect(link).to_have_text("Line 19")
    link.click()
    selected = box(page).evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert selected.strip() == "x = torch.fft.rfft2(x)"
    page.locator(".stage-editor-line", has_text="self.conv2 = ").click(position={"x": 150, "y": 8}, force=True)
    expect(page.locator(".stage-editor-line.stage-is-lit")).to_have_count(2)
    assert marked(page, ".stage-is-lit")[0].startswith("self.conv2")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".stage-editor-line.stage-is-lit").first).to_contain_text("self.conv1")


def test_tab_indents_and_escape_lets_it_leave(page):
    box(page).click()
    page.keyboard.type("def f(x):\nreturn x")
    expect(box(page)).to_have_value("def f(x):\n    return x")
    page.keyboard.press("Control+a")
    page.keyboard.press("Tab")
    expect(box(page)).to_have_value("    def f(x):\n        return x")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(box(page)).to_have_value("def f(x):\nreturn x")
    page.keyboard.press("Control+z")
    expect(box(page)).to_have_value("def f(x):\n    return x")
    expect(box(page)).to_be_focused()
    hint = box(page).get_attribute("aria-describedby")
    expect(page.locator(f"[id='{hint}']")).to_contain_text("press Escape, then Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(box(page)).not_to_be_focused()
    expect(box(page)).to_have_value("def f(x):\n    return x")


@pytest.mark.parametrize("ending", ["\r\n", pytest.param("\r", marks=pytest.mark.thorough)])
def test_other_line_ends_are_lines_too(page, ending):
    clipboard(page, EXAMPLE.replace("\n", ending))
    expect(title(page)).to_have_text("fc1 does not fit")
    page.get_by_role("button", name="Line 12: write 16 * 5 * 5").click()
    expect(box(page)).to_have_value(MENDED)


def clock(page: Page) -> Callable[[], float]:
    """Tells the seconds that the page's main thread computes from now on; how busy the machine is does not matter."""
    line = page.context.new_cdp_session(page)
    line.send("Performance.enable")

    def seconds() -> float:
        told = {each["name"]: each["value"] for each in line.send("Performance.getMetrics")["metrics"]}
        return float(told["ThreadTime"])

    return seconds


def test_a_megabyte_does_not_freeze_the_page(page):
    box(page).fill("x = 1")
    seconds = clock(page)
    clipboard(page, "x = 1  # a line of a log that somebody took for code\n" * 20_000)
    note = page.locator(".stage-editor-note")
    expect(note).to_have_text(
        "This box takes 262,144 characters; your text has 1,060,000. Paste only the class of the network."
    )
    expect(box(page)).to_have_value("x = 1")
    assert seconds() < 1.5
    page.keyboard.press("Control+a")
    clipboard(page, EXAMPLE)
    expect(title(page)).to_have_text("fc1 does not fit")
    expect(note).to_be_hidden()


def test_of_a_text_that_is_not_read_no_lines_are_drawn(page):
    long = "x = 1\n" * 3_000
    clipboard(page, long)
    expect(page.locator(".stage-message-text")).to_contain_text("The code has 3,001 lines; the limit is 2,000.")
    expect(box(page)).to_have_value(long)
    assert page.locator(".stage-editor-line").count() == 0
    assert box(page).evaluate("node => getComputedStyle(node).color") != "rgba(0, 0, 0, 0)"
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator(".stage-editor-line")).to_have_count(1)


DROP = """([name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name));
    const target = document.querySelector(".stage-editor-area");
    target.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


def test_files_are_dropped_on_the_box(page):
    page.evaluate(DROP, ["net.py", write(SEED)])
    expect(box(page)).to_have_value(write(SEED))
    expect(title(page)).to_contain_text("runs: 12 layers")
    notebook = '{"cells": [{"cell_type": "code", "source": ["nn.Sequential(nn.Linear(5, 2))"]}], "nbformat": 4}'
    page.evaluate(DROP, ["net.ipynb", notebook])
    expect(box(page)).to_have_value("nn.Sequential(nn.Linear(5, 2))")
    expect(title(page)).to_contain_text("1 layer")
    page.keyboard.press("Control+z")
    expect(box(page)).to_have_value(write(SEED))


def test_on_a_phone_the_text_is_large_and_the_page_is_not_wider(visitor):
    page = emptied(visitor.open("code", size="phone"))
    box(page).fill(EXAMPLE)
    expect(title(page)).to_have_text("fc1 does not fit")
    assert box(page).evaluate("node => parseFloat(getComputedStyle(node).fontSize)") >= 16
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=re.compile("Line 12: write")).tap()
    expect(box(page)).to_have_value(MENDED)
    expect(box(page)).not_to_be_focused()  # which would open the keyboard
    expect(title(page)).to_contain_text("runs: 12 layers")


def test_pasted_lines_are_shown_from_where_they_begin(page):
    scrolled = "document.querySelector('.stage-editor-scroll').scrollLeft"
    clipboard(page, f"{EXAMPLE}\n# {'x' * 300}")
    expect(title(page)).to_have_text("fc1 does not fit")
    assert page.evaluate(scrolled) == 0
    clipboard(page, "y" * 200)  # within a line: the caret stays in sight
    assert page.evaluate(scrolled) > 0
