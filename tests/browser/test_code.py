"""Code beside the pictures, code from the clipboard: in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import Style, write
from layerscope.ui.pasted import EXAMPLE
from tests.browser.conftest import SIZES
from tests.browser.test_editor import emptied
from tests.browser.test_reach import settled

SEED = PRESETS[DEFAULT]


@pytest.fixture
def coded(visitor) -> Page:
    """The explorer with the code in the place of the chart."""
    page: Page = visitor.open("?view=chart-code")
    expect(page.locator(".stage-code-line").first).to_be_attached()
    page.wait_for_timeout(500)
    return page


@pytest.fixture
def page(visitor) -> Page:
    return emptied(visitor.open("code"))


def page_box(page: Page):
    return page.get_by_role("textbox", name="PyTorch code")


def lit(page: Page) -> list[str]:
    return [line.strip() for line in page.locator(".stage-code-line.stage-is-lit").all_inner_texts()]


def test_the_selected_layers_lines_are_lit_and_in_sight(coded):
    for name in ("conv2", "fc1", "out"):
        coded.locator(".stage-option-name", has_text=re.compile(f"^{name}$")).click()
        expect(coded.locator(".stage-panel-title")).to_have_text(name)
        expect(coded.locator(".stage-code-line.stage-is-lit")).to_have_count(2)
        assert lit(coded)[0].startswith(f"self.{name} = nn.")
        assert f"self.{name}(t)" in lit(coded)[1]
        box = coded.locator(".stage-code").bounding_box()
        line = coded.locator(".stage-code-line.stage-is-lit").first.bounding_box()
        assert box is not None
        assert line is not None
        assert box["y"] <= line["y"] <= box["y"] + box["height"] - line["height"]


def test_code_follows_a_slider_and_is_copied_and_saved(coded, tmp_path):
    slider = coded.get_by_role("slider", name="kernel_size", exact=True)
    slider.focus()
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    moved = SEED.with_argument("conv1", "kernel_size", 3)
    expect(coded.locator(".stage-code")).to_contain_text("out_channels=6, kernel_size=3")
    expect(slider).to_be_focused()
    coded.get_by_role("button", name="Copy", exact=True).last.click()
    expect(coded.get_by_role("button", name="Copied")).to_be_visible()
    assert coded.evaluate("navigator.clipboard.readText()") == write(moved)
    with coded.expect_download() as saved:
        coded.get_by_role("button", name="Save the code as a .py file").click()
    path = tmp_path / "saved.py"
    saved.value.save_as(path)
    assert saved.value.suggested_filename == "network.py"
    assert path.read_text() == write(moved)


def test_the_style_is_chosen_beside_it_and_stays_in_the_address(coded):
    coded.get_by_label("Style").select_option("sequential")
    expect(coded.locator(".stage-code")).to_contain_text("network = nn.Sequential(")
    coded.get_by_label("Besides").select_option("shapes")
    expect(coded.locator(".stage-code")).to_contain_text("# (N, 6, 24, 24)")
    coded.wait_for_function("() => location.search.includes('code-sequential.extras-shapes')")
    shown = coded.locator(".stage-code").inner_text()
    assert [line.rstrip() for line in shown.splitlines() if line.strip()] == [
        line.rstrip() for line in write(SEED, Style.SEQUENTIAL, shapes=True).splitlines() if line.strip()
    ]


def test_a_paste_is_read_corrected_and_opened(page):
    box = page_box(page)
    box.fill(EXAMPLE)
    box.press("Control+Enter")
    expect(page.locator(".stage-message-title")).to_have_text("fc1 does not fit")
    words = "mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)"
    expect(page.locator(".stage-quote")).to_contain_text(words)
    expect(page.locator(".stage-editor-line[data-tone=error]")).to_contain_text("16 * 4 * 4")
    page.get_by_role("button", name="Line 12: write 16 * 5 * 5").click()
    expect(box).to_have_value(EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5"))
    expect(page.locator(".stage-message-title")).to_contain_text("runs: 12 layers")
    page.get_by_role("button", name="Open in Explore").click()
    expect(page.locator(".stage-panel-title")).to_have_text("conv1")
    expect(page.locator(".stage-total-value").first).to_have_text("62,006")
    page.wait_for_function("() => location.search.includes('net=3x32x32')")
    page.go_back()
    expect(page_box(page)).to_have_value(EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5"))
    page.go_forward()
    expect(page.locator(".stage-total-value").first).to_have_text("62,006")
    page.get_by_role("link", name="Code").click()
    expect(page_box(page)).to_have_value(EXAMPLE.replace("16 * 4 * 4", "16 * 5 * 5"))
    page.get_by_role("link", name="Explore").click()
    expect(page.locator(".stage-total-value").first).to_have_text("62,006")


def test_a_click_in_the_picture_lights_the_pasted_lines(page):
    box = page_box(page)
    box.fill(write(SEED))
    box.press("Control+Enter")
    expect(page.locator(".stage-message-title")).to_contain_text("runs: 12 layers")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot .cartesianlayer') !== null")
    page.wait_for_timeout(500)
    name = page.locator(".stage-lettering text", has_text="conv2").bounding_box()
    picture = page.locator(".stage-picture").bounding_box()
    assert name is not None
    assert picture is not None
    page.mouse.click(name["x"] + name["width"] / 2, picture["y"] + picture["height"] * 0.55)
    lines = page.locator(".stage-editor-line.stage-is-lit")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("self.conv2")


def test_a_file_is_dropped_into_the_box(page, tmp_path):
    path: Path = tmp_path / "net.py"
    path.write_text(write(PRESETS["lenet5"]))
    page.get_by_role("button", name="Open a file").click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page_box(page)).to_have_value(write(PRESETS["lenet5"]))
    expect(page.locator(".stage-message-title")).to_contain_text("61,706 parameters")


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.thorough), "phone"])
def test_an_error_is_explained_in_words(visitor, size):
    page = visitor.open("code", size=size)
    page.get_by_text("A PyTorch error message").click()
    box = page.get_by_role("textbox", name="A PyTorch error message")
    box.fill("Traceback ...\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)")
    box.press("Control+Enter")
    expect(page.locator(".explained .head").last).to_have_text("Common causes")
    page.get_by_text("the network in Explore").click()
    first = page.locator(".explained li").first
    expect(first).to_contain_text("32×32")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


def test_an_error_is_explained_once_it_is_pasted(visitor):
    page = visitor.open("code")
    page.get_by_text("A PyTorch error message").click()
    box = page.get_by_role("textbox", name="A PyTorch error message")
    words = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x300 and 192x120)"
    page.evaluate("words => navigator.clipboard.writeText(words)", words)
    box.focus()
    box.press("Control+v")
    expect(page.locator(".explained code").first).to_have_text(words.removeprefix("RuntimeError: "))
    expect(box).to_be_focused()


@pytest.mark.parametrize("ask", ["button", "paste"])
def test_on_a_phone_the_answer_comes_into_sight(visitor, ask):
    page = visitor.open("code", size="phone")
    box = page_box(page)
    expect(box).to_be_visible()
    code = EXAMPLE + "\n" * 40
    if ask == "paste":
        page.evaluate("code => navigator.clipboard.writeText(code)", code)
        box.focus()
        box.press("Control+v")
    else:
        box.fill(code)
        page.get_by_role("button", name="Check my code").click()
    title = page.locator(".stage-message-title")
    expect(title).to_contain_text("fc1 does not fit")
    expect(title).to_be_in_viewport()
    top = page.locator(".stage-message").bounding_box()["y"]
    assert 0 < top < page.viewport_size["height"] / 2


def test_beside_the_editor_the_answer_moves_nothing(page):
    page_box(page).fill(EXAMPLE)
    page.get_by_role("button", name="Check my code").click()
    expect(page.locator(".stage-message-title")).to_contain_text("fc1 does not fit")
    page.wait_for_timeout(500)
    assert page.evaluate("[...document.querySelectorAll('*')].every(node => node.scrollTop === 0)")


def test_a_paste_outlasts_a_reload_is_read_again_with_a_size_at_one_click_and_an_emptied_box_stays_empty(page):
    box = page_box(page)
    box.fill("from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 6, 5))")
    box.press("Control+Enter")
    expect(page.locator(".stage-message-title")).to_contain_text("Your code does not say the input size")
    page.reload()
    expect(box).to_have_value("from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 6, 5))")
    expect(page.locator(".stage-message-title")).to_contain_text("Your code does not say the input size")
    expect(page.locator(".stage-message .stage-mark").first).to_have_text("?")
    page.get_by_role("button", name="32×32 RGB").click()
    expect(page.locator(".stage-message-title")).to_contain_text("456 parameters")
    expect(page.locator(".stage-message .stage-mark").first).to_have_text("✓")
    expect(page.get_by_role("textbox", name="Input shape, without the batch axis")).to_have_value("3, 32, 32")
    page.get_by_role("button", name="Clear").click()
    expect(box).to_have_value("")
    page.wait_for_timeout(500)
    expect(box).to_have_value("")
    page.reload()
    expect(box).to_be_visible()
    page.wait_for_timeout(1000)
    expect(box).to_have_value("")


OVERLAPPING = """() => {
    const texts = [...document.querySelectorAll(".stage-figure:first-child .stage-lettering text")];
    const edge = document.querySelector(".stage-figure:first-child .stage-lettering").getBoundingClientRect();
    const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
    const clipped = boxes.filter(([, a]) => a.left < edge.left - 1 || a.right > edge.right + 1).map(([text]) => text);
    const beside = (a, b) => a.right < b.left + 1 || b.right < a.left + 1;
    const apart = (a, b) => beside(a, b) || a.bottom < b.top + 3 || b.bottom < a.top + 3;
    const pairs = boxes.flatMap(([text, a], i) =>
        boxes.slice(i + 1).filter(([, b]) => !apart(a, b)).map(([other]) => `${text} on ${other}`));
    return [texts.length > 10, ...clipped, ...pairs];
}"""


def test_no_shape_of_a_pasted_network_stands_over_another(page):
    page_box(page).fill(write(PRESETS["alexnet"]))
    page_box(page).press("Control+Enter")
    expect(page.locator(".stage-message")).to_contain_text("runs")
    for size in ("desktop", "phone"):
        page.set_viewport_size(SIZES[size])
        settled(page)
        page.wait_for_function(f"() => JSON.stringify(({OVERLAPPING})()) === '[true]'", timeout=10_000)


def test_a_long_correction_is_seen_with_its_button(page):
    rows = ["nn.Conv2d(3, 16, 3),", "nn.MaxPool2d(2)", "nn.Linear(32, 64),", "nn.Linear(32, 10),"]
    code = (
        "from torch import nn\nimport torch\nnet = nn.Sequential(\n"
        + "\n".join(rows)
        + "\n)\nnet(torch.randn(4, 3, 32, 32))"
    )
    page_box(page).fill(code)
    page_box(page).press("Control+Enter")
    button = page.locator(".stage-message").get_by_role("button", name="end the line with a comma")
    expect(button).to_be_visible()
    message = page.locator(".stage-message")
    assert message.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
    button.click()
    expect(page.locator(".stage-message")).to_contain_text("runs")
