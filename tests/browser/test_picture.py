"""The pictures in a browser: no text covers another while a slider moves; words on hover are above all texts."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS

SIZES = [(1280, 800), (1920, 1080), (768, 1024), (390, 844)]
MOVED = {
    DEFAULT: "kernel_size", "vgg16": "kernel_size", "resnet18": "out_channels", "googlenet": "out_channels",
    "unet": "out_channels", "mobilenet_v2": "out_channels",
}  # fmt: skip
QUICK = (DEFAULT,)
OVERLAPS = """() => {
    const found = [];
    for (const figure of document.querySelectorAll(".stage-figure")) {
        const texts = [...figure.querySelectorAll(".stage-lettering tspan")].filter((one) => one.textContent);
        const boxes = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
        boxes.forEach(([said, a], place) => boxes.slice(place + 1).forEach(([other, b]) => {
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const up = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (across > 1 && up > 5) found.push(`${said} over ${other}`); // letters do not fill their line
        }));
    }
    return found;
}"""
MOVE = """(range, value) => {
    range.value = value;
    range.dispatchEvent(new Event("input", { bubbles: true }));
}"""
SHOWN = "() => document.querySelectorAll('.stage-figure .stage-lettering text').length > 8"


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.thorough) for name in MOVED]
)
def test_no_text_covers_another_while_a_slider_moves(visitor, name, thorough):
    page = visitor.open(f"?net={encode(PRESETS[name])}")
    page.wait_for_function(SHOWN)
    moved = page.get_by_role("slider", name=MOVED[name]).first
    for width, height in SIZES if thorough or name == DEFAULT else SIZES[::3]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(700)
        for value in (2, 9, 3):
            moved.evaluate(MOVE, str(value))
            page.wait_for_timeout(400)
            assert page.evaluate(OVERLAPS) == [], (width, value)


def test_the_picture_stays_where_it_is_while_a_slider_moves(visitor):
    """A note such as "scale changed" takes no line of its own."""
    page = visitor.open(f"?net={encode(PRESETS[DEFAULT])}", size="phone")
    page.wait_for_function(SHOWN)
    places = []
    for value in (6, 13, 60):
        page.get_by_role("slider", name="out_channels").first.evaluate(MOVE, str(value))
        page.wait_for_timeout(500)
        places.append(page.locator(".stage-picture").first.evaluate("one => [one.offsetTop, one.clientHeight]"))
    assert places[0] == places[1] == places[2]
    expect(page.locator(".stage-figure-note").first).to_contain_text("scale changed: channels ÷")


def test_words_on_hover_are_above_all_texts(visitor):
    page = visitor.open(f"?net={encode(PRESETS[DEFAULT])}")
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(800)
    box = page.locator(".stage-picture").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.28, box["y"] + box["height"] * 0.5, steps=4)
    words = page.locator(".stage-figure .hoverlayer .hovertext path").first
    expect(words).to_be_visible()
    page.wait_for_timeout(300)
    above = words.bounding_box()
    assert above
    texts = [one.bounding_box() for one in page.locator(".stage-figure").first.locator(".stage-lettering text").all()]
    assert any(
        one and one["x"] < above["x"] + above["width"] and above["x"] < one["x"] + one["width"]
        and one["y"] < above["y"] + above["height"] and above["y"] < one["y"] + one["height"]
        for one in texts
    ), "nothing is under the words"  # fmt: skip
    inside = {"x": above["x"] + 12, "y": above["y"] + 2, "width": above["width"] - 24, "height": above["height"] - 4}
    seen = page.screenshot(clip=inside)
    page.add_style_tag(content=".stage-lettering { visibility: hidden; }")
    assert page.screenshot(clip=inside) == seen
    # A hand that marks something on its way does not open what lies at its end; a click does.
    title = page.locator(".stage-panel-title")
    at = [box["x"] + box["width"] * 0.48, box["y"] + box["height"] * 0.5]
    page.mouse.down()
    page.mouse.move(*at, steps=8)
    page.mouse.up()
    page.wait_for_timeout(400)
    expect(title).to_have_text("conv1")
    page.mouse.click(*at)
    expect(title).not_to_have_text("conv1")


def test_a_saved_picture_says_what_it_shows_and_nothing_of_the_last_move(visitor):
    page = visitor.open(f"?net={encode(PRESETS[DEFAULT])}")
    page.wait_for_function(SHOWN)
    page.get_by_role("slider", name="kernel_size").first.evaluate(MOVE, "9")
    page.wait_for_timeout(800)
    for place, title in enumerate(("Tensor flow", "Weights and biases by layer")):
        with page.expect_download() as download:
            page.locator(".stage-figure").nth(place).get_by_text("SVG").click()
        drawing = Path(str(download.value.path())).read_text()
        assert title in drawing
        assert json.dumps(drawing).count("conv1") >= 1
        for sign in ("was 6", "▼", "▲", "◆", "font-weight: bold", "scale changed"):
            assert (sign in drawing) == (sign == "font-weight: bold" and "6×18×18" in drawing), sign


def test_the_picture_is_there_before_plotly_and_follows_a_slider(visitor):
    page = visitor.open()
    held = []
    page.route("**/plotly-*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")  # the load event waits for what is held
    first = page.locator(".stage-figure").first
    expect(first.locator(".stage-lettering")).to_contain_text("6×24×24")
    assert first.locator(".stage-painting path").count() > 10
    slider = page.locator(".st-key-stage .stage-control", has_text="kernel_size").locator("input[type=range]")
    slider.evaluate(MOVE, 3)
    expect(first.locator(".stage-lettering")).to_contain_text("6×26×26")
    assert held
    assert page.locator(".main-svg").count() == 0
    first.get_by_role("button", name="as SVG").click()
    with page.expect_download() as saved:  # the press before waits for it
        for route in held:
            route.continue_()
    assert saved.value.suggested_filename == "tensor-flow.svg"
    expect(page.locator(".main-svg").first).to_be_attached()
    box = page.locator(".stage-figure").nth(1).locator(".stage-plot").bounding_box()
    assert box is not None
    expect(page.locator(".stage-figure").nth(1).locator(".nsewdrag")).to_be_attached()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 0.7 * box["height"])  # fc1's bar
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("fc1")
