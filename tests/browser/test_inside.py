"""The view inside a layer in a real browser: the window follows hand and keyboard, and every sum is torch's."""

import struct
import zlib
from typing import Any
from urllib.parse import unquote

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from layerscope.building import module
from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.study.hands import EVERY, Hand, replaced
from layerscope.study.samples import sample
from layerscope.ui import pictures
from tests.browser.test_explore import field, layer
from tests.browser.test_feel import RECORD
from tests.browser.test_reach import COLORS, found, seen_in, settled

SEED = PRESETS[DEFAULT]
PADDED = (
    Network((1, 12, 12), SEED.layers[:1])
    .with_argument("conv1", "padding", 2)
    .with_argument("conv1", "kernel_size", 3)
    .with_argument("conv1", "stride", 2)
    .with_argument("conv1", "dilation", 2)
)

FIRST_AND_LAST = """node => {
    const canvas = node.querySelector("canvas"), context = canvas.getContext("2d");
    const at = (row, column) => [canvas.width * (column + 0.3) / 6, canvas.height * (row + 0.3) / 6];
    const color = (place) => [...context.getImageData(...place, 1, 1).data];
    return [color(at(0, 0)), color(at(5, 5))];
}"""
"""The colors of the first and the last cell of a map of 6×6."""


def torchs(network: Network, *, seed: int = 0, image: Any = None, hands: tuple[Hand, ...] = ()) -> torch.Tensor:
    """conv1's output by torch itself."""
    built = module(network, seed)
    weights = replaced(network, seed, hands)
    built.load_state_dict({**built.state_dict(), **weights})
    with torch.no_grad():
        given = sample("digit", network.input_shape) if image is None else image
        made: torch.Tensor = built.eval().get_submodule("conv1")(given[None])[0]
    return made


def opened(visitor: Any, network: Network = SEED, name: str = "conv1", **options: Any) -> Page:
    page: Page = visitor.open(f"?net={encode(network)}&view=selected-{name}.chart-inside", **options)
    expect(card(page).locator(".stage-term-result")).to_be_visible()
    return page


def card(page: Page) -> Locator:
    return page.locator(".stage-figure:has(.stage-inside)")


def grid(page: Page, name: str) -> Locator:
    """The image or the map: a slider with two directions."""
    return card(page).get_by_role("slider", name=name)


def map_of(page: Page) -> Locator:
    return grid(page, "Cell of conv1's map")


def image_of(page: Page) -> Locator:
    return grid(page, "Window of conv1 on its input")


def shown(page: Page) -> tuple[int, int, float]:
    """Row, column and value that the card says."""
    result = card(page).locator(".stage-term-result")
    words = result.locator("small").inner_text().replace(",", "").split()
    return int(words[1]), int(words[3]), float(result.get_attribute("data-sum") or "nan")


def is_at(page: Page, row: int, column: int) -> None:
    expect(card(page).locator(".stage-term-result small")).to_have_text(f"row {row}, column {column}")


def point(page: Page, where: Locator, row: float, column: float, size: tuple[int, int]) -> tuple[float, float]:
    """The place of a cell on the screen."""
    where.scroll_into_view_if_needed()
    box = where.locator("canvas").bounding_box()
    assert box is not None
    return box["x"] + (column + 0.5) / size[1] * box["width"], box["y"] + (row + 0.5) / size[0] * box["height"]


def test_a_drag_on_the_map_moves_the_window_and_says_torchs_sum_and_one_on_the_image_its_middle(visitor):
    page = opened(visitor)
    made = torchs(SEED)
    expect(image_of(page)).to_be_visible()
    x, y = point(page, map_of(page), 2, 3, (24, 24))
    page.evaluate(RECORD)
    page.mouse.move(x, y)
    page.mouse.down()
    is_at(page, 2, 3)
    for row, column in ((4, 9), (15, 20), (23, 23)):
        page.mouse.move(*point(page, map_of(page), row, column, (24, 24)), steps=4)
        is_at(page, row, column)
        assert shown(page)[2] == pytest.approx(float(made[0, row, column]), abs=1e-6)
    page.mouse.move(x - 900, y - 900)  # beyond the edge the window stays on it
    is_at(page, 0, 0)
    page.mouse.up()
    page.mouse.move(x, y)
    is_at(page, 0, 0)
    terms = card(page).locator(".stage-terms").inner_text()
    assert "bias" in terms
    assert page.evaluate("seen.shifts") == []
    page.mouse.move(*point(page, image_of(page), 10, 14, (28, 28)))
    page.mouse.down()
    is_at(page, 8, 12)
    page.mouse.move(*point(page, image_of(page), 0, 0, (28, 28)), steps=3)
    is_at(page, 0, 0)
    page.mouse.up()


def test_the_window_walks_with_stride_over_the_padding(visitor):
    page = opened(visitor, PADDED)
    made = torchs(PADDED)
    image_of(page).focus()
    for _ in range(9):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
    is_at(page, 0, 0)
    values = card(page).locator(".stage-product-value")
    expect(values.first).to_have_text("0 ×")
    for row, column in ((0, 1), (0, 2)):
        page.keyboard.press("ArrowRight")
        is_at(page, row, column)
        assert shown(page)[2] == pytest.approx(float(made[0, row, column]), abs=1e-6)
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    last = tuple(size - 1 for size in made.shape[1:])
    is_at(page, *last)
    assert shown(page)[2] == pytest.approx(float(made[0][last]), abs=1e-6)
    expect(image_of(page)).to_have_attribute(
        "aria-valuetext", f"row {last[0]}, column {last[1]}: {said(made[0][last])}"
    )
    expect(card(page).locator(".stage-inside-label").first).to_have_text("input, channel 0: 12×12, padding 2")


def said(value: Any) -> str:
    """A number as the card writes it."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def test_step_and_play_let_the_map_grow(visitor):
    page = opened(visitor, PADDED)
    map_of(page).focus()
    for key in ("Home", "PageUp"):
        page.keyboard.press(key)
    is_at(page, 0, 0)
    step, play = (card(page).get_by_role("button", name=name) for name in ("Step", "Play"))
    step.click()
    is_at(page, 0, 1)
    page.wait_for_timeout(100)
    first, later = map_of(page).evaluate(FIRST_AND_LAST)
    panel = page.evaluate(
        "getComputedStyle(document.querySelector('.stage')).getPropertyValue('--st-secondary-background-color')"
    )
    assert later[:3] == [int(panel.strip("# ")[i : i + 2], 16) for i in (0, 2, 4)]
    assert first != later
    page.evaluate(RECORD)
    play.click()
    expect(card(page).get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('.stage-term-result small').textContent.startsWith('row 0')")
    card(page).get_by_role("button", name="Pause").click()
    row, column, _ = shown(page)
    page.wait_for_timeout(700)
    assert shown(page)[:2] == (row, column)
    play.click()
    is_at(page, 5, 5)
    expect(play).to_be_visible()
    assert page.evaluate("seen.shifts") == []


def test_who_wants_less_motion_has_no_play(visitor):
    page = opened(visitor)
    page.emulate_media(reduced_motion="reduce")
    expect(card(page).get_by_role("button", name="Play")).to_be_hidden()
    expect(card(page).get_by_role("button", name="Step")).to_be_visible()


def test_the_slider_changes_kernel_and_map_at_once(visitor):
    page = opened(visitor)
    slider = page.get_by_role("slider", name="kernel_size", exact=True)
    slider.focus()
    page.keyboard.press("ArrowUp")
    expect(card(page).locator(".stage-product")).to_have_count(36)
    made = torchs(SEED.with_argument("conv1", "kernel_size", 6))
    row, column, value = shown(page)
    assert value == pytest.approx(float(made[0, row, column]), abs=1e-6)
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    expect(card(page).locator(".stage-product")).to_have_count(121)
    box = card(page).locator(".stage-product").first.bounding_box()
    assert box is not None
    assert box["width"] > 28
    assert box["height"] > 20
    expect(slider).to_be_focused()
    field(page, "kernel_size").fill("12")
    field(page, "kernel_size").press("Enter")
    expect(card(page).locator(".stage-inside-absent")).to_contain_text("has 12 cells along an axis")


def test_weights_are_set_by_hand_and_drawn_anew(visitor):
    page = opened(visitor)
    where = map_of(page)
    where.click()
    row, column, _ = shown(page)
    card(page).get_by_label("weights").select_option("Horizontal edges")
    weight = card(page).get_by_role("textbox", name="weight in row 0, column 1")
    expect(weight).to_have_value("−1")
    hands: tuple[Hand, ...] = (Hand("conv1", 0, EVERY, "horizontal"),)
    assert shown(page)[2] == pytest.approx(float(torchs(SEED, hands=hands)[0, row, column]), abs=1e-5)
    weight.fill("2.5")
    weight.press("Enter")
    expect(card(page).get_by_label("weights")).to_have_value("hand")
    kernel = [[-1.0] * 5, [-1.0] * 5, [0.0] * 5, [1.0] * 5, [1.0] * 5]
    kernel[0][1] = 2.5
    hands += (Hand("conv1", 0, 0, tuple(map(tuple, kernel))),)
    assert shown(page)[2] == pytest.approx(float(torchs(SEED, hands=hands)[0, row, column]), abs=1e-5)
    weight.fill("many")
    weight.press("Enter")
    expect(weight).to_have_value("2.5")
    weight.press("ArrowDown")
    expect(card(page).get_by_role("textbox", name="weight in row 1, column 1")).to_be_focused()
    card(page).get_by_role("button", name="New weights").click()
    expect(card(page).get_by_label("weights")).to_have_value("random")
    assert shown(page)[2] == pytest.approx(float(torchs(SEED, seed=1)[0, row, column]), abs=1e-6)


def test_filter_channel_and_pooling(visitor):
    page = opened(visitor, name="conv2")
    card(page).get_by_label("filter (0 to 11)").fill("7")
    card(page).get_by_label("channel (0 to 5)").fill("4")
    expect(card(page).locator(".stage-inside-scene .stage-inside-label").nth(1)).to_have_text("map 7 of conv2: 8×8")
    expect(card(page).locator(".stage-inside-label").first).to_have_text("pool1, channel 4: 12×12")
    built = module(SEED).eval()
    with torch.no_grad():
        first = torch.max_pool2d(built.get_submodule("conv1")(sample("digit", (1, 28, 28))[None]).relu(), 2)
        made = built.get_submodule("conv2")(first)[0]
    row, column, value = shown(page)
    assert value == pytest.approx(float(made[7, row, column]), abs=1e-6)
    layer(page, "pool1").click()
    expect(card(page).locator("h2")).to_have_text("How pool1 computes one value")
    row, column, value = shown(page)
    assert value == pytest.approx(float(first[0, 5, row, column]), abs=1e-6), "the last channel that pool1 has"
    expect(card(page).locator(".stage-product.stage-is-best")).to_have_count(1)


def png(width: int, height: int) -> bytes:
    """A picture whose left half is white and right half black."""
    row = b"\0" + b"\xff" * (width // 2) + b"\0" * (width - width // 2)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_an_image_of_ones_own_stays_in_the_browser_but_for_its_pixels(visitor):
    page = opened(visitor)
    chooser = card(page).locator("input[accept*=image]")
    chooser.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"no image"})
    expect(card(page).get_by_role("alert")).to_have_text("Choose a PNG, JPEG or WEBP image.")
    chooser.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no image"})
    expect(card(page).get_by_role("alert")).to_have_text("Your browser cannot read this image.")
    chooser.set_input_files({"name": "half.png", "mimeType": "image/png", "buffer": png(600, 400)})
    expect(card(page).locator(".stage-inside-note")).to_contain_text("scaled to 28×28")
    expect(card(page).get_by_role("alert")).to_be_hidden()
    expect(card(page).get_by_label("image")).to_have_value("own")
    page.mouse.click(*point(page, image_of(page), 14, 4, (28, 28)))
    expect(card(page).locator(".stage-product-value").first).to_have_text("1 ×")
    page.mouse.click(*point(page, image_of(page), 14, 24, (28, 28)))
    expect(card(page).locator(".stage-product-value").first).to_have_text("0 ×")
    assert pictures.SIDE == 224


def test_the_panel_leads_there_and_back(visitor):
    page = visitor.open()
    button = page.get_by_role("button", name="Look inside")
    button.click()
    expect(card(page).locator(".stage-term-result")).to_be_in_viewport()
    way_back = page.get_by_role("button", name="Close inside view")
    expect(way_back).to_be_focused()
    page.wait_for_function("() => location.search.includes('chart-inside')")
    page.reload()
    expect(card(page).locator(".stage-term-result")).to_be_visible()
    page.get_by_role("button", name="Close inside view").click()
    expect(card(page)).to_have_count(0)
    page.get_by_role("group", name="Chart").get_by_role("button", name="inside").click()
    layer(page, "flatten").click()
    expect(card(page).locator("h2")).to_have_text("How flatten computes one value")
    layer(page, "conv2").click()
    expect(card(page).locator("h2")).to_have_text("How conv2 computes one value")
    expect(card(page).locator(".stage-terms")).to_be_visible()


LARGE_KERNEL = PADDED.with_argument("conv1", "kernel_size", 11).with_argument("conv1", "dilation", 1)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_everybody_can_use_it_and_all_of_it_has_room(visitor, size):
    page = settled(opened(visitor, LARGE_KERNEL, size=size))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    body = card(page).locator(".stage-inside")
    assert body.evaluate("node => node.scrollHeight <= node.clientHeight && node.scrollWidth <= node.clientWidth")
    cut = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.outerHTML)"
    assert card(page).locator(".stage-product, .stage-product-weight").evaluate_all(cut) == []
    if size == "desktop":
        assert found(page) == []
        assert found(seen_in(page, "dark"), COLORS) == []


@pytest.mark.parametrize(
    "layer", ["conv1", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("conv2", "pool2", "fc1"))]
)
def test_on_a_phone_a_tap_on_a_map_and_the_cells_value_are_seen_together(visitor, layer):
    page = visitor.open(f"?view=selected-{layer}.chart-inside", size="phone")
    expect(page.locator(".stage-inside canvas:visible").first).to_be_visible()
    total = page.locator(".stage-inside .stage-term-result:visible")
    drawn = page.locator(".stage-inside-scene:visible .stage-inside-pane").nth(1).locator("canvas")
    expect(drawn).to_be_visible()
    expect(total).to_be_visible()
    for part in (0.15, 0.5, 0.85):
        before = drawn.bounding_box()
        assert before is not None
        at = (before["x"] + 0.5 * before["width"], before["y"] + part * before["height"])
        page.touchscreen.tap(*at)
        page.wait_for_timeout(400)  # the hand rests, and Python hears of the cell
        visitor.settle(page)
        expect(total).to_be_visible()
        assert drawn.bounding_box() == before  # nothing moves under the finger
        seen = total.bounding_box()
        assert seen is not None
        assert seen["y"] >= 0
        assert seen["y"] + seen["height"] <= 844
        assert at[1] <= 844


def test_on_a_phone_a_finger_moves_it_and_a_weight_is_typed_below_its_kernel(visitor):
    page = opened(visitor, size="phone")
    x, y = point(page, map_of(page), 5, 6, (24, 24))
    page.touchscreen.tap(x, y)
    is_at(page, 5, 6)
    assert shown(page)[2] == pytest.approx(float(torchs(SEED)[0, 5, 6]), abs=1e-6)
    row, column, _ = shown(page)
    card(page).get_by_label("weights").select_option("Horizontal edges")
    cell = card(page).get_by_role("button", name="weight in row 0, column 1")
    expect(cell).to_have_accessible_name("weight in row 0, column 1: −1")
    typed = card(page).get_by_role("textbox", name="weight in row 0, column 1")
    expect(typed).to_have_count(0)
    cell.tap()
    expect(typed).to_be_focused()
    expect(typed).to_have_value("−1")
    send = card(page).get_by_role("button", name="Set", exact=True)
    expect(send).to_have_count(0)
    typed.fill("2.5")
    send.tap()
    expect(cell).to_have_accessible_name("weight in row 0, column 1: 2.5")
    card(page).get_by_role("button", name="Change the sign").tap()
    expect(cell).to_have_accessible_name("weight in row 0, column 1: −2.5")
    typed.fill("many")
    card(page).get_by_role("button", name="weight in row 4, column 4").tap()
    expect(card(page).get_by_role("textbox", name="weight in row 4, column 4")).to_be_focused()
    kernel = [[-1.0] * 5, [-1.0] * 5, [0.0] * 5, [1.0] * 5, [1.0] * 5]
    kernel[0][1] = -2.5
    hands = (Hand("conv1", 0, EVERY, "horizontal"), Hand("conv1", 0, 0, tuple(map(tuple, kernel))))
    is_at(page, row, column)
    assert shown(page)[2] == pytest.approx(float(torchs(SEED, hands=hands)[0, row, column]), abs=1e-5)
    assert found(settled(page)) == []
    page.set_viewport_size({"width": 844, "height": 390})
    expect(card(page).get_by_role("textbox", name="weight in row 0, column 1")).to_have_value("−2.5")


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.thorough), "dark"])
def test_on_a_phone_a_cells_numbers_begin_at_one_place_and_the_chosen_one_is_marked(visitor, scheme):
    page = opened(visitor, size="phone", scheme=scheme)
    cell = card(page).locator(".stage-product").nth(1)
    expect(cell).to_be_visible()
    begins = """node => [...node.children].filter((one) => one.checkVisibility()).map((one) => {
        const words = document.createRange();
        words.selectNodeContents(one);
        return Math.round(words.getBoundingClientRect().left);
    })"""
    places = cell.evaluate(begins)
    assert len(places) == 3
    assert max(places) - min(places) <= 1
    cell.tap()
    assert cell.evaluate("node => getComputedStyle(node).outlineColor") == "rgb(213, 94, 0)"
    field = card(page).locator(".stage-onefield input")
    field.evaluate("node => node.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(300)
    back, one = card(page).locator(".stage-look-back").bounding_box(), field.bounding_box()
    assert back is not None
    assert one is not None
    assert one["y"] >= back["y"] + back["height"]


def test_lesson_3_ends_with_it(visitor):
    answers = "depth:6~filters:12~kernels:72~maps:6~flat:0"
    page = visitor.open(f"kernel?answers={answers}")
    expect(card(page).locator("h2")).to_have_text("How conv computes one value")
    card(page).get_by_label("image").select_option("Edges")
    card(page).get_by_label("weights").select_option("Blur")
    expect(card(page).get_by_role("textbox", name="weight in row 0, column 0")).to_have_value("0.04")
    network = Network((1, 28, 28), SEED.layers[:1])
    network = network.with_argument("conv1", "out_channels", 1).with_argument("conv1", "bias", False)
    made = torchs(network, image=sample("edges", (1, 28, 28)), hands=(Hand("conv1", 0, EVERY, "blur"),))
    row, column, value = shown(page)
    assert value == pytest.approx(float(made[0, row, column]), abs=1e-6)


def test_the_parts_that_are_shown_add_up_to_the_sum_that_is_shown(visitor):
    page = opened(visitor, name="conv2")
    words = "() => [...document.querySelectorAll('.stage-terms > *')].map((one) => one.lastChild.textContent)"
    exact = 0
    for _ in range(30):
        card(page).get_by_role("button", name="Step").click()
        *parts, sign, total = page.evaluate(words)
        numbers = [round(float(text.replace("−", "-")) * 10**5) for text in (*parts[::2], total)]
        assert len(numbers) > 3
        assert (sum(numbers[:-1]) == numbers[-1]) is (sign == "=")
        assert sign in "=≈"
        exact += sign == "="
    assert exact > 10


def test_a_link_holds_the_cell_that_was_clicked_and_a_smaller_map_has_the_nearest(visitor):
    page = visitor.open(f"?net={encode(SEED)}&view=selected-conv2.chart-inside.lens-maps")
    sheet = card(page).get_by_role("slider")
    sheet.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Home", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    words = card(page).locator(".stage-sheet-value:visible").inner_text()
    row, column = (int(part.split()[1].rstrip(":")) for part in words.split(", ")[1:])
    page.wait_for_function(f"() => decodeURIComponent(location.search).includes(',{row},{column}')")
    link = unquote(page.url).removeprefix(f"{visitor.address}/")
    page.reload()
    expect(card(page).locator(".stage-sheet-value:visible")).to_have_text(words)
    card(page).get_by_role("group", name="Look at").get_by_role("button", name="window").click()
    expect(card(page).locator(".stage-term-result")).to_contain_text(f"row {row}, column {column}")
    visitor.turn(page, link.replace(f",{row},{column}", ",99,98"))
    expect(card(page).locator(".stage-sheet-value:visible")).to_contain_text("row 7, column 7")
    link = link.replace("lens-maps", "lens-window").replace("conv2", "conv1").replace(f",{row},{column}", ",3,4")
    visitor.turn(page, link)
    result = card(page).locator(".stage-term-result")
    expect(result).to_contain_text("row 3, column 4")
    card(page).get_by_role("slider").last.focus()
    page.keyboard.press("ArrowRight")
    expect(result).to_contain_text("row 3, column 5")
    page.wait_for_function("() => decodeURIComponent(location.search).includes(',3,5')")
    page.reload()
    expect(result).to_contain_text("row 3, column 5")


def test_the_cell_of_a_volume_that_was_clicked_is_the_one_that_is_told_and_linked(visitor):
    net = "1x16x16x16-5~Conv3d.8.3.padding-1~ReLU~MaxPool3d.2~Conv3d.16.3.padding-1~ReLU~MaxPool3d.2~Flatten~Linear.5"
    page = visitor.open(f"?net={net}&view=selected-conv2.chart-inside.lens-maps")
    for x, y in ((235, 112), (100, 60)):
        card(page).locator(".stage-sheet-cells canvas").first.click(position={"x": x, "y": y})
        words = card(page).locator(".stage-sheet-value:visible").inner_text()
        chosen, slices, row, column = (part.split()[1].rstrip(":") for part in words.split(", "))
        linked = f",{chosen},{slices},0,{slices},{row},{column}"
        page.wait_for_function(f"() => decodeURIComponent(location.search).includes('{linked}')")
        expect(card(page).locator(".stage-sheet-value:visible")).to_have_text(words)
