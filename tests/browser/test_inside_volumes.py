"""The window in a volume, in a real browser: every value that is written out is torch's, slice by slice."""

from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from layerscope.link import decode
from layerscope.network import Network
from layerscope.study.class_maps import class_map
from layerscope.study.samples import sample
from tests.browser.test_inside import card, point
from tests.browser.test_inside_calculations import hooked, opened
from tests.browser.test_inside_views import downloaded, value
from tests.browser.test_reach import found, settled

NET = decode("2x8x12x12-4~Conv3d.3.3.padding-1~ReLU~MaxPool3d.2~Conv3d.4.3~Flatten~Linear.4")
TERMS = "nodes => nodes.map((node) => [node.firstChild.textContent, node.lastChild.textContent])"
MORE = pytest.mark.thorough
CASES = [
    (NET, "conv1"), pytest.param(NET, "pool1", marks=MORE), pytest.param(NET, "conv2", marks=MORE),
    (decode("1x5x7x6~ConvTranspose3d.2.3.stride-2.padding-1"), "deconv1"),
    pytest.param(decode("1x6x9x9~AvgPool3d.2.ceil_mode-t"), "pool1", marks=MORE),
    pytest.param(decode("1x7x9x8~AdaptiveAvgPool3d.3"), "pool1", marks=MORE),
    (decode("2x4x5x6~BatchNorm3d"), "bn1"),
]  # fmt: skip


def is_at(page: Page, *place: int) -> None:
    expect(card(page).locator(".stage-term-result small")).to_have_text("slice {}, row {}, column {}".format(*place))


def says(page: Page, made: torch.Tensor) -> None:
    """The value is torch's, and its parts make it."""
    result = card(page).locator(".stage-term-result")
    place = [int(part.split()[1]) for part in result.locator("small").inner_text().split(", ")]
    wanted = float(made[0][tuple(place)])
    assert float(result.get_attribute("data-sum") or "nan") == pytest.approx(wanted, abs=1e-6)
    *parts, (_, total) = card(page).locator(".stage-term").evaluate_all(TERMS)
    numbers = [float(text.replace("−", "-")) for label, text in parts if text not in ("", label)]
    if numbers:
        assert sum(numbers) == pytest.approx(float(total.replace("−", "-")), abs=2e-3)


@pytest.mark.parametrize(("network", "name"), CASES)
def test_every_cell_of_a_volume_says_torchs_value(visitor: Any, network: Network, name: str) -> None:
    page, made = opened(visitor, network, name), hooked(network, name)
    slices, rows, columns = made.shape[1:]
    cells = card(page).get_by_role("slider", name=f"Cell of {name}'s map")
    cells.focus()
    for keys, place in (
        (("Home", "PageUp", *["Shift+ArrowLeft"] * slices), (0, 0, 0)),
        (("Shift+ArrowRight", "ArrowDown", "ArrowRight"), (1, 1, 1)),
        (("End", "PageDown", *["Shift+ArrowDown"] * slices), (slices - 1, rows - 1, columns - 1)),
    ):
        for key in keys:
            page.keyboard.press(key)
        is_at(page, *place)
        says(page, made)
    page.mouse.click(*point(page, cells, 0, 1, (rows, columns)))
    is_at(page, slices - 1, 0, 1)
    says(page, made)
    card(page).get_by_label("slice of the map").fill("0")
    is_at(page, 0, 0, 1)
    says(page, made)


def test_a_slice_of_the_window_is_chosen_and_its_products_are_shown(visitor: Any) -> None:
    page = opened(visitor, NET, "conv1")
    image = sample("digit", NET.input_shape)
    card(page).get_by_label("slice of the map").fill("3")
    labels = [text for text, _ in card(page).locator(".stage-term").evaluate_all(TERMS)]
    assert labels == [*(f"channel {c}, slice {s}" for c in (0, 1) for s in (2, 3, 4)), "bias", labels[-1]]
    card(page).get_by_label("channel (0 to 1)").fill("1")
    window = card(page).get_by_label("slice of the window (0 to 2)")
    for tap in (2, 0, 1):
        window.fill(str(tap))
        expect(card(page).get_by_text(f"input, channel 1, slice {2 + tap} of 8: 12×12, padding 1")).to_be_visible()
        group = card(page).get_by_role("group", name=f"Kernel of conv1, its slice {tap}")
        shown = group.locator(".stage-product-result").all_inner_texts()
        total = sum(float(text.removeprefix("= ").replace("−", "-")) for text in shown)
        terms = dict(card(page).locator(".stage-term").evaluate_all(TERMS))
        assert total == pytest.approx(float(terms[f"channel 1, slice {2 + tap}"].replace("−", "-")), abs=0.03)
    card(page).get_by_label("slice of the map").fill("0")
    window.fill("0")
    expect(card(page).get_by_text("input, channel 1, padding of 8: 12×12")).to_be_visible()
    assert image.shape == (2, 8, 12, 12)


def test_a_weight_of_a_slice_is_set_by_hand_and_in_the_link(visitor: Any) -> None:
    page = opened(visitor, NET, "conv1")
    card(page).get_by_label("slice of the window (0 to 2)").fill("1")
    group = card(page).get_by_role("group", name="Kernel of conv1, its slice 1")
    field = group.get_by_role("textbox").first
    field.fill("7")
    field.press("Enter")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('conv1~0~0-1~7_')")
    expect(field).to_have_value("7")
    expect(card(page).get_by_label("weights")).to_have_value("hand")
    page.reload()
    card(page).get_by_label("slice of the window (0 to 2)").fill("1")
    expect(
        card(page).get_by_role("group", name="Kernel of conv1, its slice 1").get_by_role("textbox").first
    ).to_have_value("7")
    card(page).get_by_label("slice of the window (0 to 2)").fill("0")
    expect(card(page).get_by_role("textbox").first).not_to_have_value("7")


def test_the_slices_of_a_class_are_in_sight(visitor: Any) -> None:
    page = opened(visitor, NET, "conv1", ".lens-class")
    box = card(page).locator(".stage-heat-slices canvas").bounding_box()
    assert box is not None
    assert box["y"] < 780
    assert box["height"] > 100


def test_a_later_layer_draws_what_its_cell_sees_of_the_volume(visitor: Any) -> None:
    page = opened(visitor, NET, "conv2")
    card(page).get_by_role("slider", name="Cell of conv2's map").focus()
    for key in ("Home", "PageUp", "Shift+ArrowLeft", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(
        card(page).get_by_text("This cell sees slices 0 to 6, rows 0 to 6, columns 0 to 6 of the image")
    ).to_be_visible()


def test_the_link_and_the_maps_keep_the_slice(visitor: Any) -> None:
    page, made = opened(visitor, NET, "conv2"), hooked(NET, "conv2")
    card(page).get_by_role("slider", name="Cell of conv2's map").focus()
    for key in ("Home", "PageUp", "Shift+ArrowLeft", "Shift+ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    is_at(page, 1, 1, 0)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('looked-digit,0,0,0,0,1,1,0')")
    page.reload()
    is_at(page, 1, 1, 0)
    card(page).get_by_role("button", name="maps").click()
    expect(value(page)).to_contain_text("map 0, slice 1, row 1, column 0: ")
    card(page).get_by_role("slider").focus()
    for key in ("Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    words = value(page).inner_text()
    assert words.startswith("map 2, slice 0, row 1, column 1: ")
    card(page).get_by_role("button", name="Show the calculation").click()
    is_at(page, 0, 1, 1)
    expect(card(page).get_by_label("filter (0 to 3)")).to_have_value("2")
    expect(card(page).get_by_label("channel (0 to 2)")).to_have_value("0")
    says(page, made[2:])


def test_a_cell_of_a_class_is_written_out(visitor: Any) -> None:
    page = opened(visitor, NET, "conv1", ".lens-class")
    wanted = int(card(page).get_by_role("spinbutton", name="class").input_value())
    heat = class_map(NET, sample("digit", NET.input_shape), wanted).heat
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp", "ArrowUp", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    result = card(page).locator(".stage-heat .stage-term-result")
    where = result.locator("small").inner_text()
    place = tuple(int(part.split()[1]) for part in where.partition(";")[0].split(", "))
    assert place[:2] == (0, 0)
    sum_ = float(result.get_attribute("data-sum") or "nan")
    assert max(sum_, 0) == pytest.approx(float(heat[place]), abs=1e-6)
    assert ("ReLU makes it 0" in where) is (sum_ < 0)
    expect(card(page).locator(".stage-heat .stage-term").first).to_contain_text("map ")
    _, picture = downloaded(page, "Save Evidence for a class as SVG")
    assert "slice 0, row 0" in picture.decode()
    assert ">slice 0<" in picture.decode(), "the number below its slice"


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=MORE), "phone"])
def test_everybody_can_use_it_and_it_has_room(visitor: Any, size: str) -> None:
    page = settled(opened(visitor, NET, "conv2", size=size))
    expect(card(page).get_by_label("slice of the window (0 to 2)")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert card(page).locator(".stage-inside").evaluate("node => node.scrollWidth <= node.clientWidth")
    assert size == "phone" or found(page) == []
