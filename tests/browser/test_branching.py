"""Networks that branch in a real browser: blocks fold, lanes are drawn, rows choose what they read."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from tests.branching import resnet, two_branches

SEED = PRESETS[DEFAULT]
FIFTY = resnet()


@pytest.fixture
def explore(visitor):
    """Opens the page with a network and a view, once its list is drawn."""

    def explore(network: Network, view: str = "", **options: str) -> Page:
        page: Page = visitor.open(f"?net={encode(network)}" + (f"&view={view}" if view else ""), **options)
        expect(page.locator(".stage-outline")).to_be_visible()
        return page

    return explore


def line(page: Page, name: str) -> Locator:
    """A line of the list, by what stands in it."""
    exact = re.compile(f"^{re.escape(name)}$")
    return page.locator(".stage-option:visible").filter(has=page.locator(".stage-option-name", has_text=exact))


def title(page: Page, name: str) -> None:
    expect(page.locator(".stage-panel-title")).to_have_text(name)


def holds(page: Page, name: str, text: str) -> None:
    """Wait until a part of the address holds a text."""
    page.wait_for_function(
        "([name, text]) => (new URLSearchParams(location.search).get(name) ?? '').includes(text)", arg=[name, text]
    )


def test_a_long_network_is_moved_quickly_folds_with_the_pointer_and_is_searched_in_closed_blocks_too(explore):
    """A held key shows every change; see bench/feel.py for figures."""
    page = explore(FIFTY)
    slider = page.get_by_role("slider", name="kernel_size", exact=True)
    slider.focus()
    for size in (8, 9, 10):
        page.keyboard.press("ArrowRight")
        expect(slider).to_have_value(str(size))
    expect(line(page, "conv1").locator(".stage-option-detail")).to_have_text("64×111×111")
    holds(page, "net", "z")
    closed = line(page, "layer3.1 × 5")
    expect(closed).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("tree")).to_be_visible()
    closed.locator(".stage-fold").click()
    expect(line(page, "layer3.1")).to_have_attribute("aria-expanded", "true")
    expect(line(page, "layer3.2 × 4")).to_be_visible()
    title(page, "conv1")  # folding selects nothing
    holds(page, "view", "opened-layer3-1")
    line(page, "layer3.1").locator(".stage-fold").click()
    expect(line(page, "layer3.1 × 5")).to_be_visible()
    page.get_by_label("Find a layer").fill("layer3.4.conv2")
    expect(page.locator(".stage-option:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    title(page, "layer3.4.conv2")
    expect(page.locator(".stage-option-name:visible")).to_have_text(["layer3.4.conv2"])
    page.get_by_label("Find a layer").fill("")
    expect(line(page, "layer3.4")).to_have_attribute("aria-expanded", "true")


def test_the_keyboard_walks_opens_and_closes(explore):
    page = explore(resnet((1, 1, 1, 3), side=32, width=8), "selected-layer4")
    expect(line(page, "layer4")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tree").focus()
    for key, name in (("ArrowRight", "layer4.0"), ("ArrowDown", "layer4.1")):
        page.keyboard.press(key)
        title(page, name)
    for key, name in (("Enter", "layer4.1"), ("Space", "layer4.1 × 2"), ("ArrowRight", "layer4.1")):
        page.keyboard.press(key)
        expect(line(page, name)).to_have_attribute("aria-expanded", str("×" not in name).lower())
    page.keyboard.press("ArrowDown")
    title(page, "layer4.1.conv1")
    page.keyboard.press("ArrowLeft")
    title(page, "layer4.1")
    page.keyboard.press("ArrowLeft")
    expect(line(page, "layer4.1 × 2")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowLeft")
    title(page, "layer4")


def test_a_join_reads_another_row(explore):
    page = explore(two_branches(), "selected-both")
    expect(page.locator(".stage-rail").first).to_be_visible()
    menu = page.get_by_label("input 2", exact=True)
    menu.focus()
    assert menu.locator("optgroup").all()[0].get_attribute("label") == "Fits"
    menu.select_option("input")
    expect(page.locator(".stage-panel-text:not(.stage-panel-note)")).to_have_text("4×8×8 and 3×8×8 → 7×8×8")
    holds(page, "net", "Concat.in-left,input")
    page.get_by_role("button", name="Add an input").click()
    expect(page.get_by_label("input 3", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove input 1").click()
    expect(page.get_by_label("input 3", exact=True)).to_have_count(0)
    for _ in range(3):
        page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".stage-panel-text:not(.stage-panel-note)")).to_have_text("4×8×8 and 6×8×8 → 10×8×8")


def test_a_skip_is_wrapped_around_a_layer_of_a_chain(explore):
    page = explore(SEED.with_argument("conv1", "kernel_size", 3), "selected-conv2")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.get_by_role("button", name="Wrap in a skip connection").click()
    title(page, "add1")
    expect(page.locator(".stage-message-title")).to_contain_text("added")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(line(page, "add1")).to_have_count(0)
    expect(page.locator(".stage-rail")).to_have_count(0)


def test_an_edit_in_one_block_offers_all_equal_ones(explore):
    page = explore(resnet((2, 3), side=32, width=8), "selected-layer2-1-conv1")
    page.get_by_role("slider", name="out_channels", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Change all 2 alike").click()
    expect(page.get_by_role("button", name="Change all 2 alike")).to_have_count(0)
    line(page, "layer2.2").locator(".stage-fold").click()
    expect(line(page, "layer2.2")).to_have_attribute("aria-expanded", "true")
    line(page, "conv1").last.click()
    title(page, "layer2.2.conv1")
    expect(page.get_by_role("slider", name="out_channels", exact=True)).to_have_value("17")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_a_phone_shows_blocks_as_a_strip(explore, scheme):
    page = explore(FIFTY, "selected-layer3-1", size="phone", scheme=scheme)
    expect(line(page, "layer3.1 × 5")).to_be_in_viewport()
    expect(page.locator(".stage-rail:visible")).to_have_count(0)
    page.get_by_role("button", name="Next layer (Alt+↓)").click()
    title(page, "layer4")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_a_long_message_says_and_offers_is_in_sight(explore):
    page = explore(PRESETS["resnet18"], "selected-layer2-0-conv2")
    message = page.locator(".stage-message")
    out_channels = page.get_by_role("textbox", name="out_channels", exact=True)
    out_channels.fill("100")
    out_channels.press("Enter")
    error = trace(PRESETS["resnet18"].with_argument("layer2.0.conv2", "out_channels", 100)).error
    assert error is not None
    expect(message.get_by_role("button")).to_have_count(min(3, len(error.repairs)))  # the rest are folded
    page.wait_for_function("() => !document.querySelector('.stage-message').style.height")
    assert message.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    height = message.evaluate("node => node.offsetHeight")
    slider = page.get_by_role("slider", name="out_channels", exact=True)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=4)
    page.wait_for_function("() => document.querySelector('.stage-message').style.height")
    assert message.evaluate("node => node.offsetHeight") == height
    page.mouse.up()
    page.wait_for_function("() => !document.querySelector('.stage-message').style.height")


def test_a_line_of_equal_blocks_opens_with_the_keyboard(explore):
    page = explore(PRESETS["resnet18"], "selected-layer1-0")
    page.get_by_role("tree").focus()
    page.keyboard.press("ArrowLeft")
    expect(line(page, "layer1 × 2")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    expect(line(page, "layer1.0")).to_have_attribute("aria-expanded", "true")
