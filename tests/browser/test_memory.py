"""The Memory page in a browser: an answer by keyboard changes the sentence, the pictures and the address."""

import pytest
from playwright.sync_api import expect

from layerscope.link import encode
from layerscope.presets import PRESETS
from tests.browser.conftest import Size, Visitor
from tests.browser.test_reach import settled


def test_on_a_phone_the_bar_of_the_peak_has_room_below_its_amounts(visitor: Visitor) -> None:
    page = settled(visitor.open("memory?net=" + encode(PRESETS["resnet18"]), size="phone"))
    bar = page.locator(".stage-figure").filter(has_text="The peak:")
    bar.scroll_into_view_if_needed()
    expect(bar.locator(".bars .point").first).to_be_visible()
    expect(bar.get_by_text("gradients 11 MiB")).to_be_visible()  # too narrow for its name
    expect(bar.locator(".bartext").filter(has_text="activations")).to_be_visible()
    height = bar.locator(".bars .point").first.evaluate("bar => bar.getBoundingClientRect().height")
    assert height >= 30


def test_a_batch_typed_by_keyboard_is_in_the_sentence_and_the_link(visitor: Visitor) -> None:
    page = settled(visitor.open("memory"))
    expect(page.locator(".memory-said")).to_contain_text("at a batch size of 64")
    batch = page.get_by_label("Batch size", exact=True)
    batch.focus()
    batch.fill("256")
    batch.press("Enter")
    expect(page.locator(".memory-said")).to_contain_text("at a batch size of 256")
    assert "batch=256" in page.url
    expect(page.locator(".memory-compared")).to_contain_text("✓ agree")
    page.go_back()
    expect(page.locator(".memory-said")).to_contain_text("at a batch size of 64")
    layers = page.locator(".stage-figure").filter(has_text="What each layer keeps").locator(".nsewdrag")
    layers.scroll_into_view_if_needed()
    box = layers.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + 5)  # above its column, which is low
    expect(page.locator(".memory-selected")).to_contain_text("Selected: pool1. It keeps")
    assert "at=pool1" in page.url
    moments = page.get_by_role("combobox", name="Moment")
    moments.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".memory-selected")).to_contain_text("Selected: the forward pass of conv1.")
    expect(moments).to_be_focused()
    expect(page.locator(".stage-figure-title").first).to_have_text("Selected: the forward pass of conv1")


@pytest.mark.parametrize(("size", "lowest"), [("desktop", 330), ("phone", 700)])
def test_the_first_picture_follows_the_controls_and_the_two_sentences_that_matter(
    visitor: Visitor, size: Size, lowest: int
) -> None:
    page = settled(visitor.look("memory", size=size))
    expect(page.locator(".stage-figure")).to_have_count(3)
    tops = {
        name: [box["y"] for one in page.locator(where).all() if (box := one.bounding_box())]
        for name, where in {
            "controls": ".st-key-memory-form .stElementContainer", "needs": ".memory-said", "fits": ".memory-more",
            "pictures": ".stage-figure", "selected": ".memory-selected",
        }.items()
    }  # fmt: skip
    assert len({round(top) for top in tops["controls"]}) == (1 if size == "desktop" else 3)
    fits, activations, *_ = tops["fits"]
    first, step, rows = tops["pictures"]
    assert max(tops["controls"]) < tops["needs"][0] < fits < first < lowest
    assert step < tops["selected"][0] < rows < activations
    expect(page.locator(".memory-more").nth(1)).to_contain_text("Activations here are what PyTorch keeps")


def test_what_a_menus_button_says_on_hover_does_not_lie_over_the_menu(visitor: Visitor) -> None:
    page = settled(visitor.open("memory"))
    button = page.get_by_role("button", name="Export")
    button.hover()
    told = page.get_by_test_id("stTooltipContent")
    expect(told).to_be_visible()
    button.click()
    expect(page.get_by_role("button", name="LaTeX").first).to_be_visible()
    expect(told).to_be_hidden()
