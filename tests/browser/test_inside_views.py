"""The other views inside a network in a real browser: values under the pointer, drawings, files, a moving slider."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import safetensors.torch
import torch
from playwright.sync_api import Page, expect

from layerscope.building import module
from layerscope.layers.convolution import Conv2d
from layerscope.link import decode, encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.class_maps import class_map
from layerscope.study.inside import look
from layerscope.study.samples import sample
from tests.browser.test_inside import card
from tests.browser.test_reach import COLORS, found, seen_in, settled

SEED = PRESETS[DEFAULT]
IMAGE = sample("digit", SEED.input_shape)


def opened(visitor: Any, lens: str, name: str = "conv2", **options: Any) -> Page:
    page: Page = visitor.open(f"?net={encode(SEED)}&view=selected-{name}.chart-inside.lens-{lens}", **options)
    expect(card(page).locator("h2")).to_be_visible()
    return page


def value(page: Page) -> Any:
    return card(page).locator(".stage-sheet-value:visible")


def downloaded(page: Page, button: str) -> tuple[str, bytes]:
    with page.expect_download() as started:
        card(page).get_by_role("button", name=button).click()
    return started.value.suggested_filename, Path(str(started.value.path())).read_bytes()


ANSWERED_THEN_PRESSED = """name => {
    const { figure } = document.querySelector(".stage-look");
    figure.view.take(figure.scene);
    document.querySelector(`[aria-label="${name}"]`).click();
}"""


@pytest.mark.parametrize("lens", ["maps", "window"])
def test_a_picture_is_saved_also_in_the_moment_after_an_answer_and_before_it_is_painted(visitor, lens):
    page = opened(visitor, lens)
    name = card(page).get_by_role("button", name="SVG").get_attribute("aria-label")
    with page.expect_download() as started:
        page.evaluate(ANSWERED_THEN_PRESSED, name)
    drawing = ElementTree.fromstring(Path(str(started.value.path())).read_bytes())
    assert drawing.findall("{*}g/{*}path")


def test_a_cell_of_the_maps_says_its_value_what_it_sees_and_its_arithmetic(visitor):
    page = opened(visitor, "maps")
    made = look(SEED, IMAGE).maps["conv2"]
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    for key in ("Shift+ArrowRight", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    words = value(page).inner_text()
    row, column = (int(part.split()[1].rstrip(":")) for part in words.split(", ")[1:])
    assert words.startswith("map 1, ")
    shown = float(words.rpartition(": ")[2].replace("−", "-"))
    assert shown == pytest.approx(float(made[1, row, column]), abs=6e-5)
    expect(card(page).locator(".stage-sheet-side .stage-inside-label")).to_have_text(
        f"This cell sees rows {2 * row} to {2 * row + 13}, columns {2 * column} to {2 * column + 13}"
    )
    saved = {ending: downloaded(page, f"Save What conv2 outputs as {ending}") for ending in ("SVG", "PNG")}
    assert [name for name, _ in saved.values()] == ["conv2-maps.svg", "conv2-maps.png"]
    drawing = ElementTree.fromstring(saved["SVG"][1])
    assert len(drawing.findall("{*}g")) == len(made)
    assert {cell.get("fill") for cell in drawing.findall("{*}g/{*}path")} >= {"rgb(0,114,178)"}, (
        "of the largest value, which is negative"
    )
    assert "conv2 outputs 12×8×8." in "".join(drawing.itertext())
    assert len(saved["SVG"][1]) < 200_000
    assert saved["PNG"][1].startswith(b"\x89PNG")
    card(page).get_by_role("button", name="Show the calculation").click()
    result = card(page).locator(".stage-term-result")
    expect(result).to_contain_text(f"row {row}, column {column}")
    assert float(result.get_attribute("data-sum") or "nan") == pytest.approx(float(made[1, row, column]), abs=1e-6)
    assert "lens-window" not in page.url
    name, picture = downloaded(page, "Save How conv2 computes one value as SVG")
    assert name == "conv2-window.svg"
    assert result.inner_text().split()[-1] in picture.decode()
    card(page).get_by_role("button", name="activated by").click()
    expect(value(page)).to_contain_text("labeled")
    card(page).get_by_role("slider").focus()
    page.keyboard.press("Enter")
    card(page).get_by_role("button", name="maps").click()
    expect(card(page).locator(".stage-inside-note")).to_contain_text("8×8 digit, enlarged to 28×28; its label is ")
    page.wait_for_function("() => location.search.includes('looked-digits')")
    page.reload()
    expect(card(page).locator(".stage-inside-note")).to_contain_text("8×8 digit, enlarged to 28×28; its label is ")


def test_the_heat_of_a_volume_is_walked_from_slice_to_slice_and_saved(visitor):
    network = decode("1x8x12x12-4~Conv3d.3.3~ReLU~MaxPool3d.2~Flatten~Linear.4")
    page: Page = visitor.open(f"?net={encode(network)}&view=chart-inside.lens-class")
    expect(card(page).get_by_text("3 slices of 5×5 cells. All slices share one color scale")).to_be_visible()
    wanted = int(card(page).get_by_role("spinbutton", name="class").input_value())
    heat = class_map(network, sample("digit", network.input_shape), wanted).heat
    place = torch.unravel_index(heat.argmax(), heat.shape)
    slice_, row, column = (int(axis) for axis in place)
    expect(value(page)).to_contain_text(f"slice {slice_}, row {row}, column {column}: ")
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowLeft")
    expect(value(page)).to_contain_text(f"slice 0, row {row}, column {column}: ")
    label = card(page).get_by_text(
        f"Each slice of the input is this image; orange where slice 0 supports class {wanted}"
    )
    expect(label).to_be_visible()
    shown = float(value(page).inner_text().rpartition(": ")[2].replace("−", "-"))
    assert shown == pytest.approx(float(heat[0, row, column]), abs=6e-5)
    name, picture = downloaded(page, "Save Evidence for a class as SVG")
    assert name == f"class-{wanted}-grad-cam.svg"
    assert len(ElementTree.fromstring(picture).findall("{*}g")) == 3
    assert found(settled(page)) == []
    sheet.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    said = value(page).inner_text()
    assert said.startswith("slice 1, ")
    page.wait_for_function(f"() => decodeURIComponent(location.search).includes('looked-digit,0,0,1,0,{row},{column}')")
    page.reload()
    expect(value(page)).to_have_text(said)
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_slider_that_is_still_held_redraws_the_maps(visitor):
    page = opened(visitor, "maps", "conv1")
    slider = page.get_by_role("slider", name="kernel_size", exact=True)
    box = slider.bounding_box()
    assert box is not None
    expect(card(page).get_by_text("conv1 outputs 6×24×24")).to_be_visible()
    page.mouse.move(box["x"] + box["width"] * 0.41, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2, steps=5)
    size = int(slider.input_value())
    assert size > 5
    expect(card(page).get_by_text(f"conv1 outputs 6×{29 - size}×{29 - size}")).to_be_visible()
    assert "kernel_size" not in page.url
    page.mouse.up()


def test_a_drawing_and_a_file_with_weights_are_what_the_network_gets(visitor):
    page = opened(visitor, "maps", "conv1")
    own = card(page).locator("input[accept='image/png,image/jpeg,image/webp']")
    own.set_input_files({"name": "i.png", "mimeType": "image/png", "buffer": b"no image"})
    expect(card(page).get_by_role("alert")).to_have_text("Your browser cannot read this image.")
    card(page).get_by_role("button", name="Draw…").click()
    canvas = page.get_by_role("img", name="Your drawing")
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20, steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Use it").click()
    expect(card(page).locator(".stage-inside-note")).to_contain_text("Your drawing, scaled to 28×28.")
    expect(card(page).get_by_label("image")).to_have_value("drawn")
    expect(card(page).get_by_role("alert")).to_be_hidden()
    chooser = card(page).locator("input[accept='.safetensors']")
    chooser.set_input_files({"name": "w.safetensors", "mimeType": "", "buffer": b"no weights"})
    expect(card(page).get_by_role("alert")).to_contain_text("This is not a safetensors file")
    zero = {**module(SEED).state_dict(), "conv1.weight": torch.zeros(6, 1, 5, 5), "conv1.bias": torch.arange(6.0)}
    chooser.set_input_files({"name": "w.safetensors", "mimeType": "", "buffer": safetensors.torch.save(zero)})
    expect(card(page).locator(".stage-inside-note")).to_contain_text("The weights come from your file.")
    expect(card(page).get_by_role("alert")).to_be_hidden()
    expect(card(page).get_by_text("values from 0 to 5.")).to_be_visible()
    part = {"conv1.weight": zero["conv1.weight"]}
    chooser.set_input_files({"name": "w.safetensors", "mimeType": "", "buffer": safetensors.torch.save(part)})
    expect(card(page).get_by_role("alert")).to_contain_text("Missing: conv1.bias, conv2.weight, conv2.bias and 6 more.")
    card(page).get_by_role("button", name="Load what fits").click()
    expect(card(page).locator(".stage-inside-note")).to_contain_text("The weights of conv1 come from your file.")
    expect(card(page).get_by_role("button", name="Load what fits")).to_be_hidden()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied, without your drawing and your weights")).to_be_visible()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_everybody_can_use_the_views_and_they_have_room(visitor, size, thorough):
    page = settled(opened(visitor, "maps", size=size))
    for name in ("weights", "maps", "activated by", "class"):
        card(page).get_by_role("group", name="Look at").get_by_role("button", name=name).click()
        expect(card(page).locator("canvas:visible").first).to_be_visible()
        settled(page)
        expect(card(page).locator(".stage-inside[data-busy]")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert card(page).locator(".stage-inside").evaluate("node => node.scrollWidth <= node.clientWidth")
        if size == "desktop" and (thorough or name in ("maps", "class")):
            assert found(page) == []
    if size == "desktop":
        assert found(seen_in(page, "dark"), COLORS) == []


def test_what_takes_long_says_that_it_computes(visitor):
    page = settled(opened(visitor, "maps"))
    page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;  // a slow line: a fast machine computes sooner than it says so
            WebSocket.prototype.send = function (...data) { setTimeout(() => send.apply(this, data), 1500); };
            window.seen = [];
            const note = () => window.seen.push(document.querySelector(".stage-inside-busy")?.textContent);
            const all = { subtree: true, childList: true, attributes: true };
            new MutationObserver(note).observe(document.querySelector(".stage-inside"), all);
        }"""
    )
    card(page).get_by_role("group", name="Look at").get_by_role("button", name="activated by").click()
    expect(card(page).locator(".stage-figure-title, h2").first).to_contain_text("conv2 most", timeout=20_000)
    assert "Computing…" in page.evaluate("window.seen")
    expect(card(page).locator(".stage-inside-busy")).to_be_hidden()
    expect(card(page).locator(".stage-inside")).not_to_have_attribute("data-busy", "")


def test_maps_that_are_much_higher_than_wide_are_wide_enough_to_be_seen_and_hit(visitor):
    network = Network((1, 120, 2), (Conv2d(name="conv1", out_channels=3, kernel_size=(5, 1)),))
    page = visitor.open(f"?net={encode(network)}&view=selected-conv1.chart-inside.lens-maps")
    canvas = card(page).locator(".stage-sheet-main canvas")
    expect(canvas).to_be_visible()
    wide = canvas.evaluate("one => one.getBoundingClientRect().width")
    assert wide > 3 * 40
    canvas.click(position={"x": wide - 12, "y": 20})
    expect(value(page)).to_contain_text(re.compile("map 2, row .*, column 1:"))


def test_on_a_low_screen_a_row_of_maps_is_seen_at_once(visitor):
    """Rows of buttons took its place."""
    page = opened(visitor, "maps", "conv1")
    sheet = card(page).locator(".stage-sheet-main > .stage-sheet-holder")
    page.wait_for_timeout(500)
    place = sheet.bounding_box()
    assert place is not None
    assert place["y"] + 160 <= 800
    rows = card(page).locator(".stage-figure-choices:visible").all()
    assert len({one.bounding_box()["y"] for one in rows}) == 1  # type: ignore[index]
    letters = page.locator(".stage-figure").first.locator(".stage-lettering text").first
    assert letters.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") > 11
