"""Whoever has no pointer sees where the keyboard is, and it stays there when what had the focus is drawn anew."""

from io import BytesIO
from typing import Literal

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_reach import settled

AROUND = 6  # CSS pixels around what has the focus, within which its line is
SEEN = 24  # of 255: a smaller difference in brightness is none that one sees
LEAST = 60  # pixels of a line; around the smallest control there are more
BLUR = "document.activeElement.blur()"
BOX = """(node, around) => {
    const shown = node.closest('label') ?? node.closest('[role=group], [data-baseweb=select]') ?? node;
    const { left, top, right, bottom } = shown.getBoundingClientRect();
    const [x, y] = [Math.max(0, left - around), Math.max(0, top - around)];
    const [width, height] = [Math.min(innerWidth, right + around) - x, Math.min(innerHeight, bottom + around) - y];
    return { x, y, width, height };
}"""


def changed(before: bytes, after: bytes) -> int:
    """How many pixels are visibly lighter or darker."""
    one, other = (Image.open(BytesIO(shot)).convert("L") for shot in (before, after))
    return sum(ImageChops.difference(one, other).histogram()[SEEN:])


def unseen_stops(page: Page, most: int = 120) -> list[str]:
    """The stops of the Tab key that look the same with the focus and without it."""
    unseen, stops = [], 0
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops += 1
        at = page.evaluate_handle("document.activeElement")
        if page.evaluate("document.activeElement.matches('.stage-editor-area')"):
            page.keyboard.press("Escape")  # or the next Tab indents
            continue
        page.wait_for_timeout(60)
        clip = at.evaluate(BOX, AROUND)
        focused = page.screenshot(clip=clip, caret="hide")
        page.evaluate(BLUR)
        page.wait_for_timeout(60)
        if changed(focused, page.screenshot(clip=clip, caret="hide")) < LEAST:
            unseen.append(at.evaluate("one => one.outerHTML.slice(0, 160)"))
        at.evaluate("one => one.focus({ preventScroll: true, focusVisible: true })")
    assert stops > 12
    return unseen


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        pytest.param("teacher", "light", marks=pytest.mark.thorough),
        ("teacher", "dark"),
        pytest.param("", "light", marks=pytest.mark.thorough),
        pytest.param("", "dark", marks=pytest.mark.thorough),
        pytest.param("trials", "dark", marks=pytest.mark.thorough),
        pytest.param("sweep", "light", marks=pytest.mark.thorough),
    ],
)
def test_each_stop_of_the_tab_key_is_seen(visitor, path: str, scheme: Literal["light", "dark"]):
    assert unseen_stops(settled(visitor.open(path, scheme=scheme))) == []


def press(page: Page, control: Locator) -> None:
    control.focus()
    page.keyboard.press("Enter")


def test_the_keyboard_stays_at_a_choice_whose_card_becomes_another(visitor):
    page = visitor.open()
    for name in ("Code", "Inside", "Memory"):
        choice = page.get_by_role("button", name=name, exact=True)
        press(page, choice)
        expect(choice).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(300)
        expect(choice).to_be_focused()


def test_the_keyboard_stays_at_a_switch_whose_control_becomes_several(visitor):
    page = visitor.open()
    press(page, page.get_by_role("button", name="Per axis, kernel_size", exact=True))
    height = page.get_by_role("button", name="Per axis, kernel_size height", exact=True)
    expect(height).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Per axis, kernel_size", exact=True)).to_be_focused()


def test_the_keyboard_goes_to_the_message_when_its_button_is_gone(visitor):
    page = visitor.open("")
    message = page.get_by_role("region", name="What happened")
    press(page, page.get_by_role("button", name="Close the introduction"))
    expect(message).to_be_focused()
    press(page, page.get_by_role("button", name="Start empty"))
    first = message.get_by_role("button", name="Conv2d")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".stage-panel-title")).to_have_text("conv1")
    expect(message).to_be_focused()
    field = page.get_by_role("spinbutton", name="kernel_size").or_(page.get_by_label("kernel_size", exact=True)).last
    field.fill("99")
    field.press("Enter")
    press(page, message.get_by_role("button").first)
    expect(page.locator(".stage-message-title")).not_to_contain_text("does not run")
    expect(message).to_be_focused()


def test_escape_after_a_popover_was_closed_is_no_fault(visitor):
    """`visitor` fails for errors of the page."""
    page = settled(visitor.open())
    opener = page.get_by_test_id("stPopoverButton").filter(has_text="Export").first
    press(page, opener)
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)


def test_enter_on_a_layer_goes_to_its_first_control_and_escape_comes_back(visitor):
    page = settled(visitor.open())
    layers = page.get_by_role("listbox", name="Layers")
    expect(layers).to_have_accessible_description("Enter goes to the controls, Escape comes back")
    layers.focus()
    for layer in ("conv1", "flatten"):
        page.locator(".stage-option", has_text=layer).first.click()
        expect(page.locator(".stage-panel-title")).to_have_text(layer)
        layers.focus()
        page.keyboard.press("Enter")
        first = page.get_by_role("slider", name="out_channels", exact=True)
        expect(first if layer == "conv1" else page.locator(".stage-panel")).to_be_focused()
        page.keyboard.press("Escape")
        expect(layers).to_be_focused()
    page.locator(".stage-option", has_text="conv1").first.click()
    layers.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    typed = page.get_by_role("textbox", name="out_channels", exact=True)
    typed.fill("9")
    page.keyboard.press("Escape")
    expect(typed).to_be_focused()  # what was typed is taken back first
    expect(typed).to_have_value("6")
    page.keyboard.press("Escape")
    expect(layers).to_be_focused()


def test_reset_and_undo_leave_the_keyboard_at_its_slider(visitor):
    page = settled(visitor.open(""))
    page.locator(".stage-option-name", has_text="conv2").click()
    expect(page.locator(".stage-panel-title")).to_have_text("conv2")
    slider = page.get_by_role("slider", name="out_channels", exact=True)
    slider.focus()
    for key, value in (("ArrowRight", 13), ("Alt+r", 12), ("Control+z", 13), ("Control+z", 12), ("Control+y", 13)):
        page.keyboard.press(key)
        expect(slider).to_have_value(str(value))
        expect(page.locator(".stage-panel-title")).to_have_text("conv2")
        expect(slider).to_be_focused()


def test_add_a_layer_opens_with_the_mouse_for_typing_and_undo_works_in_it(visitor):
    page = settled(visitor.open(""))
    title, body = page.locator(".stage-message-title"), page.get_by_test_id("stPopoverBody")
    opener, field = page.get_by_role("button", name="Add a layer"), page.get_by_role("combobox", name="Layer type")
    opener.click()
    expect(field).to_be_focused()
    high = body.bounding_box()
    page.keyboard.type("relu")
    expect(page.locator(".stage-picker-option").first).to_contain_text("ReLU")
    page.keyboard.press("Enter")
    expect(title).to_have_text("added relu5")
    assert body.bounding_box() == high  # nothing in it jumps
    picture = page.locator(".stage-figure").first.bounding_box()
    assert high is not None
    assert picture is not None
    assert high["x"] + high["width"] < picture["x"] + 20  # what the layer did is to be seen
    assert title.evaluate(
        "one => one === document.elementFromPoint(...(({x, y}) => [x + 4, y + 4])(one.getBoundingClientRect()))"
    )
    page.keyboard.press("Control+z")
    expect(page.locator(".stage-message-word")).to_have_text("Undone:")
    expect(page.locator(".stage-panel-title")).to_have_text("conv1")
    press(settled(page), opener)
    expect(field).to_be_focused()
    page.keyboard.type("conv")
    expect(field).to_have_value("conv")
    page.keyboard.press("Escape")  # once
    expect(body).to_have_count(0)
    expect(opener).to_be_focused()
    settled(page)
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    settled(page)
    page.keyboard.press("Control+y")
    expect(page.locator(".stage-message-word")).to_have_text("Redone:")
    press(page, opener)
    expect(field).to_be_focused()
    page.keyboard.press("Alt+r")
    expect(title).to_contain_text("Try it")


def test_a_finger_that_opens_add_a_layer_gets_no_keyboard_over_it(visitor):
    page = visitor.open("", size="phone")
    page.get_by_role("button", name="Tools").click()
    page.get_by_role("button", name="Add a layer").dispatch_event("pointerdown", {"pointerType": "touch"})
    page.get_by_role("button", name="Add a layer").dispatch_event("click", {"detail": 1})
    expect(page.get_by_role("combobox", name="Layer type")).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.get_by_role("combobox", name="Layer type")).not_to_be_focused()
