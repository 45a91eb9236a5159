"""One value as a formula in a real browser: its numbers are torch's, and what it reads is marked."""

from typing import Any

import pytest
from playwright.sync_api import expect

from layerscope.link import decode, encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import look
from layerscope.study.samples import sample
from tests.browser.test_inside import card
from tests.browser.test_inside_calculations import hooked, opened, result
from tests.browser.test_reach import COLORS, found, seen_in, settled

SEED = PRESETS[DEFAULT]
ADDS = decode(
    "1x12x12~Conv2d.4.3.padding-1.as-a~ReLU.as-r~Conv2d.4.3.padding-1.as-b~Add.in-b,r.as-plus~Concat.in-plus,r.as-cat"
)
TERMS = "nodes => nodes.map((node) => [node.firstChild.textContent, node.lastChild.textContent])"


def terms(page: Any) -> list[list[str]]:
    told: list[list[str]] = card(page).locator(".stage-formula-terms .stage-term").evaluate_all(TERMS)
    return told


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_an_activation_says_its_formula_and_follows_the_hand(visitor):
    page, made = opened(visitor, SEED, "relu1"), hooked(SEED, "relu1")
    (formula, value) = terms(page)
    assert formula[0] == "max(0, x)"
    assert formula[1] == f"max(0, {value[1]})", "it begins where the map says most"
    assert result(page) == pytest.approx(float(made[0].abs().max()), abs=1e-6)
    cells = card(page).get_by_role("slider", name="Cell of relu1's map")
    cells.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("Home")
    expect(card(page).locator(".stage-term-result small:visible")).to_have_text("row 0, column 0")
    (formula, value) = terms(page)
    conv = look(SEED, sample("digit", SEED.input_shape)).maps["conv1"]
    assert number(formula[1].removeprefix("max(0, ").removesuffix(")")) == pytest.approx(conv[0, 0, 0], rel=1e-3)
    assert number(value[1]) == pytest.approx(float(made[0, 0, 0]), abs=1e-4)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('looked-digit,0,0,0,0,0,0')")


def test_a_flattened_value_leads_to_the_cell_that_it_was(visitor):
    page, made = opened(visitor, SEED, "flatten"), hooked(SEED, "flatten")
    expect(card(page).locator(".stage-inside-label:visible").first).to_have_text("pool2, channel 0: 4×4")
    card(page).get_by_label("value (0 to 191)").fill("22")
    expect(card(page).locator(".stage-term:visible small").first).to_have_text("pool2, channel 1, row 1, column 2")
    assert result(page) == pytest.approx(float(made[22]), abs=1e-6)
    page.get_by_role("slider", name="Value of").or_(page.get_by_role("slider", name="Cell of flatten's map")).focus()
    page.keyboard.press("ArrowRight")
    expect(card(page).locator(".stage-term:visible small").first).to_have_text("pool2, channel 1, row 1, column 3")
    expect(card(page).get_by_label("value (0 to 191)")).to_have_value("23")
    assert result(page) == pytest.approx(float(made[23]), abs=1e-6)


def test_branches_are_added_in_numbers_by_their_names(visitor):
    page, made = opened(visitor, ADDS, "plus"), hooked(ADDS, "plus")
    first, second, total = terms(page)
    assert [first[0], second[0]] == ["b", "r"]
    assert number(first[1]) + number(second[1]) == pytest.approx(number(total[1]), abs=1e-9)
    assert result(page) == pytest.approx(float(made[0].abs().max()), abs=1e-6)
    page = opened(visitor, ADDS, "cat")
    card(page).get_by_label("channel (0 to 7)").fill("5")
    expect(card(page).locator(".stage-inside-label:visible").first).to_have_text("r, channel 1: 12×12")
    page.get_by_role("button", name="Maps", exact=True).click()
    sheet = card(page).locator(".stage-sheet").get_by_role("slider")
    sheet.focus()
    page.keyboard.press("ArrowRight")
    where = card(page).locator(".stage-sheet-value, .stage-sheet-line").first.inner_text()
    card(page).get_by_role("button", name="Show the calculation").click()
    shown = card(page).locator(".stage-term-result small:visible")
    expect(shown).to_contain_text("row ")
    assert shown.inner_text() in where, "the cell that was chosen on the sheet"


@pytest.mark.thorough  # test_inside.py and test_inside_views.py look at cards of the same parts
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_everybody_can_use_it_and_it_has_room(visitor, size):
    page = settled(opened(visitor, ADDS, "plus", size=size))
    expect(card(page).locator(".stage-term-result:visible")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert card(page).locator(".stage-inside").evaluate("node => node.scrollWidth <= node.clientWidth")
    if size == "desktop":
        assert found(page) == []
        assert found(seen_in(page, "dark"), COLORS) == []


def test_a_cell_of_a_class_is_rounded_once(visitor):
    page = opened(visitor, SEED, "conv1", ".lens-class.looked-digit,0,0,0,4")
    expect(card(page).get_by_role("spinbutton", name="class")).to_have_value("3")
    cells = card(page).get_by_role("slider")
    cells.focus()
    for key in ("Home", "PageUp", "ArrowRight", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        heading = card(page).locator(".stage-heat .stage-inside-label", has_text="pool2, row").inner_text()
        total = card(page).locator(".stage-heat .stage-term-result").evaluate("node => node.lastChild.textContent")
        assert heading.rpartition(": ")[2] == ("0" if total.startswith("−") else total)


def test_where_it_is_too_large_a_button_makes_the_input_smaller(visitor):
    network = decode("1x600x600~Conv2d.2.3~MaxPool2d.4~Conv2d.2.3")
    page = visitor.open(f"?net={encode(network)}&view=selected-conv1.chart-inside")
    expect(card(page).get_by_role("button", name="Look at conv2")).to_be_visible()
    card(page).get_by_role("button", name="Make the input 300×300").click()
    expect(card(page).locator(".stage-term-result:visible")).to_be_visible()
    page.wait_for_function("() => location.search.includes('1x300x300')")
