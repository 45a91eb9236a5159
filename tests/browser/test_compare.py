"""Two networks side by side, by hand."""

import re
from urllib.parse import quote_plus

from playwright.sync_api import expect

from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS

SEED = PRESETS[DEFAULT]


def test_a_slider_of_b_changes_the_sentence_and_the_link_keeps_both(visitor):
    page = visitor.open(f"compare?net={encode(SEED)}&a={encode(SEED)}&view=selected-conv2")
    title = page.locator(".stage-message-title")
    expect(title).to_have_text("A and B are the same network.")
    page.get_by_role("slider", name="kernel_size").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(title).to_contain_text("because conv2.kernel_size is 3.")
    changed = encode(SEED.with_argument("conv2", "kernel_size", 3))
    expect(page).to_have_url(re.compile(f"net={re.escape(changed)}"))
    assert f"a={encode(SEED)}" in page.url
    expect(page.get_by_text("B: Fashion-MNIST CNN, changed: 12 layers, input 1×28×28, 44,806")).to_be_visible()
    address = page.url.removeprefix(f"{visitor.address}/")
    again = visitor.open(address, size="phone", scheme="dark")
    expect(again.locator(".stage-message-title")).to_contain_text("B has 44,806 parameters, 1.4 times A's;")
    assert again.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_pinned_in_explore_is_a(visitor):
    page = visitor.open("?view=selected-conv2")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Pin as network A").click()
    visitor.settle(page)
    page.keyboard.press("Escape")
    page.get_by_role("slider", name="kernel_size", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"net="))
    page.get_by_text("Lab", exact=True).first.click()
    page.get_by_text("Compare", exact=True).click()
    expect(page.locator(".stage-message-title")).to_contain_text("whose kernel_size goes from 5 to 4.")
    expect(page).to_have_url(re.compile(rf"[?&]a={re.escape(quote_plus(encode(SEED)).replace('~', '%7E'))}"))
    page.go_back()
    expect(page.get_by_text("Tensor flow", exact=True)).to_be_visible()
    assert "/compare" not in page.url


def test_no_figure_beside_bs_number_is_cut_off(visitor, thorough):
    """Of four networks: nearly the same, smaller, larger, and one with long numbers; on a phone of the last two."""
    others = [SEED.with_argument("conv1", "kernel_size", 3), PRESETS["lenet5"], PRESETS["alexnet"], PRESETS["resnet18"]]
    for size in ("desktop", "phone"):
        page = None
        for other in others[2:] if size == "phone" and not thorough else others:
            path = f"compare?net={encode(other)}&a={encode(SEED)}"
            page = visitor.go(page, path) if page else visitor.open(path, size=size)
            changes = page.locator(".stage-total-change")
            expect(changes.first).to_contain_text("A (32,998)")
            expect(page.get_by_text("…", exact=True)).to_have_count(0)
            assert (
                changes.evaluate_all("nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth).length") == 0
            )


def test_ctrl_enter_in_a_box_of_code_opens_what_is_in_it(visitor):
    page = visitor.open("compare")
    page.get_by_role("button", name="Change network B…").click()
    box = page.get_by_role("textbox", name="Or a link, code or JSON")
    expect(box).to_be_visible()
    visitor.settle(page)
    box.fill("nn.Sequential(nn.Flatten(), nn.Linear(784, 10)")
    box.press("Control+Enter")
    expect(page.get_by_test_id("stPopoverBody")).to_contain_text("The ( here is never closed.")
    box.fill("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))")
    box.press("Control+Enter")
    expect(page.get_by_text("B: Custom network: 2 layers, input 1×28×28, 7,850 parameters")).to_be_visible()
    expect(box).to_be_hidden()
