"""Every layer's own arithmetic in a real browser: what is shown is torch's value, and the way there from the maps."""

from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from layerscope.building import called, module
from layerscope.link import decode, encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.inside import look
from layerscope.study.samples import sample
from tests.browser.test_inside import card, is_at, map_of, point, shown
from tests.browser.test_inside_views import value
from tests.browser.test_reach import COLORS, found, seen_in, settled

SEED = PRESETS[DEFAULT]
SIGNAL = decode("2x40~Conv1d.3.5.padding-2")
LAST = "nodes => nodes.map((node) => node.lastChild.textContent)"
MANY = decode("1x10x10~Conv2d.70.3~ReLU~Conv2d.130.3")


def opened(visitor: Any, network: Network, name: str, more: str = "", **options: Any) -> Page:
    page: Page = visitor.open(f"?net={encode(network)}&view=selected-{name}.chart-inside{more}", **options)
    expect(card(page).locator("h2")).to_be_visible()
    return page


def hooked(network: Network, name: str) -> torch.Tensor:
    """What a hook sees leave the row's module."""
    made, seen = module(network).eval(), list[torch.Tensor]()
    hook = called(made)[name].register_forward_hook(lambda *about: seen.append(about[2]))
    with torch.no_grad():
        made(sample("digit", network.input_shape)[None])
    hook.remove()
    return seen[0][0]


def result(page: Page) -> float:
    return float(card(page).locator(".stage-term-result").get_attribute("data-sum") or "nan")


def test_a_linears_value_is_written_out_and_another_one_is_chosen(visitor):
    page, made = opened(visitor, SEED, "fc1"), hooked(SEED, "fc1")
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 0")
    assert result(page) == pytest.approx(float(made[0]), abs=1e-5)
    expect(card(page).locator(".stage-product")).to_have_count(12)
    expect(card(page).locator(".stage-row-terms")).to_contain_text("the 12 largest products")
    expect(card(page).locator(".stage-row-terms")).to_contain_text("the other 180 products")
    values = card(page).get_by_role("slider", name="Value of fc1's output")
    values.focus()
    page.keyboard.press("ArrowDown")
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 11")
    page.keyboard.press("ArrowRight")
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 12")
    assert result(page) == pytest.approx(float(made[12]), abs=1e-5)
    card(page).get_by_label("value (0 to 119)").fill("7")
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 7")
    assert result(page) == pytest.approx(float(made[7]), abs=1e-5)
    numbers = card(page).locator(".stage-term").evaluate_all(LAST)
    *parts, total = [round(float(text.replace("−", "-")) * 10**5) for text in numbers]
    assert sum(parts) == pytest.approx(total, abs=200)
    page.wait_for_function("() => location.search.includes('looked-digit')")
    page.reload()
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 7")


MORE = pytest.mark.thorough
CASES = [
    ("2x6x5~ConvTranspose2d.3.4.stride-2.padding-1", "deconv1"),
    ("1x9~ConvTranspose1d.2.3.stride-3.output_padding-1", "deconv1"),
    ("2x13x10~AdaptiveAvgPool2d.4x3", "pool1"),
    ("2x30x30~AdaptiveMaxPool2d.2", "pool1"),
    ("2x6x5~BatchNorm2d", "bn1"),
]


@pytest.mark.parametrize(
    ("code", "name"),
    [pytest.param(*one, marks=MORE) if "1d" in one[0] or "MaxPool" in one[0] else one for one in CASES],
)
def test_a_window_of_any_kind_says_torchs_value(visitor, code, name):
    network = decode(code)
    page, made = opened(visitor, network, name), hooked(network, name)
    made = made.reshape(len(made), -1, made.shape[-1])
    cells = card(page).get_by_role("slider", name=f"Cell of {name}'s map")
    cells.focus()
    for keys, place in (
        (("Home", "PageUp"), (0, 0)), (("ArrowRight", "ArrowDown"), (min(1, made.shape[1] - 1), 1)),
        (("End", "PageDown"), (made.shape[1] - 1, made.shape[2] - 1)),
    ):  # fmt: skip
        for key in keys:
            page.keyboard.press(key)
        if len(network.input_shape) > 2:
            is_at(page, *place)
        else:
            expect(card(page).locator(".stage-term-result small")).to_have_text(f"position {place[1]}")
        assert result(page) == pytest.approx(float(made[(0, *place)]), abs=1e-6)
        terms = card(page).locator(".stage-term").evaluate_all(LAST)
        *parts, total = [text.replace("−", "-") for text in terms]
        numbers = [float(text) for text in parts if text.strip() and text[-1].isdigit() and " " not in text]
        if numbers:
            assert sum(numbers) == pytest.approx(float(total), abs=2e-3)
    page.mouse.click(*point(page, cells, 0, 1, (made.shape[1], made.shape[2])))
    is_at(page, 0, 1)
    moved = card(page).get_by_role("slider", name=f"Window of {name} on its input")
    moved.focus()
    page.keyboard.press("ArrowLeft")
    is_at(page, 0, 0)


@MORE  # test_inside.py and test_inside_views.py look at cards of the same parts
@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize(("network", "name"), [(SEED, "fc1"), (decode(f"{CASES[0][0]}.as-up"), "up")])
def test_everybody_can_use_it_and_it_has_room(visitor, size, network, name):
    page = settled(opened(visitor, network, name, size=size))
    expect(card(page).locator(".stage-term-result")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert card(page).locator(".stage-inside").evaluate("node => node.scrollWidth <= node.clientWidth")
    if size == "desktop":
        assert found(page) == []
        assert found(seen_in(page, "dark"), COLORS) == []


def test_the_other_maps_and_filters_are_a_number_away(visitor):
    page = opened(visitor, MANY, "conv2", ".lens-maps")
    made = look(MANY, sample("digit", MANY.input_shape)).maps["conv2"]
    expect(card(page).get_by_text("the first 64 of 130 maps")).to_be_visible()
    card(page).get_by_label("map (0 to 129)").fill("100")
    expect(card(page).get_by_text("maps 64 to 127 of 130")).to_be_visible()
    expect(value(page)).to_contain_text("map 100, ")
    words = value(page).inner_text()
    row, column = (int(part.split()[1].rstrip(":")) for part in words.split(", ")[1:])
    shown_value = float(words.rpartition(": ")[2].replace("−", "-"))
    assert shown_value == pytest.approx(float(made[100, row, column]), abs=6e-5)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('looked-digit,0,100,')")
    page.reload()
    expect(value(page)).to_contain_text("map 100, ")
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(value(page)).to_contain_text("map 101, ")
    card(page).get_by_role("button", name="Show the calculation").click()
    expect(card(page).get_by_label("filter (0 to 129)")).to_have_value("101")
    card(page).get_by_role("group", name="Look at").get_by_role("button", name="weights").click()
    expect(card(page).get_by_text("filters 64 to 127 of 130 and the first 32 of 70 kernels of each")).to_be_visible()
    card(page).get_by_label("kernel (0 to 69)").fill("69")
    expect(card(page).get_by_text("kernels 64 to 69 of 70 of each")).to_be_visible()
    expect(value(page)).to_contain_text("filter 101, kernel 69, ")


def test_a_signals_map_leads_to_its_calculation(visitor):
    page = opened(visitor, SIGNAL, "conv1", ".lens-maps")
    made = hooked(SIGNAL, "conv1")
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    words = value(page).inner_text()
    assert words.startswith("map 1, position ")
    column = int(words.split()[3].rstrip(":"))
    card(page).get_by_role("button", name="Show the calculation").click()
    expect(card(page).locator(".stage-term-result small:visible")).to_have_text(f"position {column}")
    expect(card(page).get_by_label("filter (0 to 2)")).to_have_value("1")
    assert result(page) == pytest.approx(float(made[1, column]), abs=1e-6)


def test_a_value_of_a_linear_leads_to_its_calculation(visitor):
    page, made = opened(visitor, SEED, "out", ".lens-maps"), hooked(SEED, "out")
    card(page).get_by_role("slider").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(value(page)).to_contain_text("value 3: ")
    card(page).get_by_role("button", name="Show the calculation").click()
    expect(card(page).locator(".stage-term-result")).to_contain_text("value 3")
    assert result(page) == pytest.approx(float(made[3]), abs=1e-5)


def test_a_link_holds_the_kernel_that_is_set_by_hand(visitor):
    page = opened(visitor, SEED, "conv1")
    card(page).get_by_label("weights").select_option("Vertical edges")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('hands-conv1~0~all~vertical')")
    weight = card(page).get_by_role("textbox", name="weight in row 0, column 1")
    weight.fill("2.5")
    weight.press("Enter")
    expect(card(page).get_by_label("weights")).to_have_value("hand")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('~0~0~m1_2-5_0_1_1~')")
    page.mouse.click(*point(page, map_of(page), 9, 11, (24, 24)))
    is_at(page, 9, 11)
    sum_ = shown(page)[2]
    page = visitor.open(page.url[page.url.index("?") :])
    expect(card(page).get_by_label("weights")).to_have_value("hand")
    expect(card(page).get_by_role("textbox", name="weight in row 0, column 1")).to_have_value("2.5")
    page.mouse.click(*point(page, map_of(page), 9, 11, (24, 24)))
    is_at(page, 9, 11)
    assert shown(page)[2] == pytest.approx(sum_, abs=1e-6)


def test_a_weight_that_is_being_typed_is_not_replaced_by_an_answer(visitor):
    page = opened(visitor, SEED, "conv1")
    weight = card(page).get_by_role("textbox", name="weight in row 0, column 1")
    weight.fill("2.5")
    filters = card(page).get_by_label("filter")
    filters.evaluate("""(node) => { node.value = "1"; node.dispatchEvent(new Event("input", { bubbles: true }));
        node.dispatchEvent(new Event("change", { bubbles: true })); }""")
    page.wait_for_function("() => decodeURIComponent(location.search).includes('looked')")
    page.wait_for_timeout(300)
    expect(weight).to_have_value("2.5")


def test_a_sequence_is_a_row_that_can_be_hit(visitor):
    """128 squares beside each other would be a line one pixel high."""
    signal = decode("2x128-4~Conv1d.8.5.stride-2~ReLU~Flatten~Linear.4")
    page, made = opened(visitor, signal, "conv1"), hooked(signal, "conv1")
    cells = map_of(page)
    for canvas in card(page).locator(".stage-cells:visible").all():
        box = canvas.bounding_box()
        assert box is not None
        assert box["height"] >= 16
        assert box["width"] > 0.9 * card(page).locator(".stage-inside-maps:visible").evaluate(
            "node => node.clientWidth"
        )
    box = cells.locator("canvas").bounding_box()
    assert box is not None
    cells.locator("canvas").click(position={"x": (20 + 0.5) / 62 * box["width"], "y": box["height"] / 2})
    where = card(page).locator(".stage-term-result small")
    expect(where).to_have_text("position 20")
    assert result(page) == pytest.approx(float(made[0, 20]), abs=1e-5)
    page.keyboard.press("ArrowRight")
    expect(where).to_have_text("position 21")
    expect(card(page).locator(".stage-product-weight").nth(2)).to_have_attribute("aria-label", "weight 2")
    card(page).get_by_role("button", name="maps").click()
    expect(card(page).get_by_text("This cell sees positions 42 to 46", exact=True)).to_be_visible()
    expect(value(page)).to_contain_text("map 0, position 21: ")
    page.set_viewport_size({"width": 390, "height": 844})
    sheet = card(page).locator(".stage-sheet-cells canvas:visible")
    page.wait_for_function("node => node.clientWidth < 390 && node.clientHeight > 8 * 16", arg=sheet.element_handle())


def test_the_factors_that_are_printed_make_the_product_that_is_printed(visitor):
    page = opened(visitor, SEED, "conv2", ".lens-class")
    cells = card(page).locator(".stage-heat-panes .stage-cellmap")
    cells.focus()
    written = 0
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        for term in card(page).locator(".stage-heat-terms .stage-term").all_inner_texts():
            label, *shown_values = term.replace("−", "-").split("\n")
            if " × " not in label or not shown_values:
                continue
            one, other = (float(factor) for factor in label.partition(": ")[2].split(" × "))
            written += 1
            digits = len(shown_values[-1].partition(".")[2])
            assert one * other == pytest.approx(float(shown_values[-1]), abs=0.5001 * 10**-digits), term
    assert written > 8


def test_a_product_says_all_its_digits_under_the_pointer(visitor):
    page = opened(visitor, SEED, "conv1")
    weight = module(SEED).state_dict()["conv1.weight"][0, 0]
    cell = card(page).locator(".stage-product").nth(7)
    told = str(cell.get_attribute("title")).replace("−", "-")
    value_, rest = told.split(" × ")
    factor, product = map(float, rest.split(" = "))
    assert factor == pytest.approx(float(weight.flatten()[7]), rel=1e-5)
    assert product == pytest.approx(float(value_) * factor, rel=1e-4, abs=1e-6)
