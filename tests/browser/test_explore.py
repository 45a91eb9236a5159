"""The Explore page in a real browser: a class works through the course's demonstrations, and breaks things."""

import re
from collections.abc import Callable
from functools import partial
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from layerscope.interchange import to_json
from layerscope.link import decode_view, encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.source.writer import write as write_code
from layerscope.tables import FORMATS, reasons, summary
from layerscope.tracing import trace
from layerscope.weights import fresh_weights
from tests.browser.test_reach import settled

SEED = PRESETS[DEFAULT]
SMALLER = SEED.with_argument("conv1", "kernel_size", 3)
SMALLEST = SMALLER.with_argument("conv2", "kernel_size", 3)
BROKEN = SEED.with_argument("conv1", "kernel_size", 29)


def link(network: Network, view: str = "") -> str:
    return f"?net={encode(network)}" + (f"&view={view}" if view else "")


@pytest.fixture
def explore(visitor):
    """The page with a network and a view, once its pictures are drawn: `new`, or as others left it."""

    def explore(network: Network = SEED, view: str = "", **options: Any) -> Page:
        page: Page = visitor.open("" if network == SEED and not view else link(network, view), **options)
        drawn(page)
        return page

    return explore


def visit(page: Page, network: Network, view: str) -> None:
    """Show another network in an open page, the way that back and forward do."""
    there = "url => { history.pushState({}, '', url); dispatchEvent(new PopStateEvent('popstate')); }"
    page.evaluate(there, link(network, view))
    expect(page.locator(".stage-option-name")).to_have_text(list(network.names))
    expect(page.locator(".stage-panel-title")).to_have_text(decode_view(view).selected)
    expect(total(page, "parameters")).to_have_text(f"{trace(network).parameters:,}")
    expect(page.locator(".stage-table tbody tr.stage-is-selected").first).to_be_attached()


def drawn(page: Page) -> None:
    """Wait until both pictures are painted."""
    page.wait_for_function(
        """() => {
        const figures = [...document.querySelectorAll(".stage-figure")];
        return figures.length === 2 && figures.every(figure => figure.querySelector(".stage-lettering text"));
    }""",
        polling=100,
    )


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def layer(page: Page, name: str) -> Locator:
    """A row of the list of layers."""
    return page.get_by_role("option").filter(has=page.locator(".stage-option-name").get_by_text(name, exact=True))


def total(page: Page, label: str) -> Locator:
    name = page.locator(".stage-total-label").get_by_text(label, exact=True)
    return page.locator(".stage-total").filter(has=name).locator(".stage-total-value")


def message(page: Page) -> Locator:
    return page.locator(".stage-message")


def press(page: Page, name: str) -> None:
    page.locator(".stage").get_by_role("button", name=name, exact=True).click()


def select(page: Page, name: str) -> None:
    layer(page, name).click()
    expect(page.locator(".stage-panel-title")).to_have_text(name)


def hold(page: Page, name: str, key: str, times: int) -> None:
    """Hold an arrow key down on a slider, then let go: one movement of the hand."""
    slider(page, name).focus()
    for _ in range(times):
        page.keyboard.down(key)
    page.keyboard.up(key)


def expect_shown(page: Page, network: Network) -> None:
    """The page shows what `trace` says: totals, list of layers, chart of weights."""
    now = trace(network)
    expect(total(page, "parameters")).to_have_text(f"{now.parameters:,}")
    expect(total(page, "MACs per image")).to_have_text(f"{now.macs:,}")
    expect(page.locator(".stage-option-name")).to_have_text(list(network.names))
    reached = ["×".join(map(str, step.output_shape)) for step in now.steps if step.output_shape]
    weights = [prod(step.weight_shape) for step in now.steps if step.weight_shape]
    page.wait_for_function(LIST_HOLDS, arg=reached, polling=100)
    page.wait_for_function(CHART_HOLDS, arg=weights, polling=100)


LIST_HOLDS = """reached => {
    const shown = [...document.querySelectorAll(".stage-option-detail")].map((node) => node.innerText);
    return reached.every((shape, at) => shown[at] === shape);
}"""

CHART_HOLDS = """wanted => {
    const marks = [...[...document.querySelectorAll(".stage-painting")].at(-1).querySelectorAll("path[data-value]")];
    const weights = marks.filter((mark) => !mark.dataset.pattern);
    return JSON.stringify(weights.map((mark) => Number(mark.dataset.value))) === JSON.stringify(wanted);
}"""


def expect_address(page: Page, network: Network) -> None:
    """The address holds the network; the course's own needs none."""
    code = "" if network == SEED else encode(network)
    holds = "code => (new URLSearchParams(location.search).get('net') ?? '') === code"
    page.wait_for_function(holds, arg=code, polling=100)


# --- the course's demonstrations ------------------------------------------------------------------------------------


def test_the_first_screen_shows_the_courses_network_and_asks_for_plotly_once(explore):
    page = explore()
    expect_shown(page, SEED)
    expect(message(page)).to_contain_text("12 × 4 × 4")
    expect(total(page, "checked against PyTorch")).to_contain_text("match")
    assert page.url.endswith("/")
    asked = page.evaluate(
        """performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname.split("/").pop())"""
    )
    assert len([name for name in asked if name.startswith("plotly-")]) == 1
    assert asked.count("ahead.js") == asked.count("stage.js") == 1


def test_smaller_kernels_change_the_chart_in_features_and_the_totals(explore):
    page = explore()
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_shown(page, SMALLER)
    expect(page.locator(".stage-message-title")).to_have_text("conv1.kernel_size 5 → 3")
    expect(message(page)).to_contain_text("fc1.in_features stays 12 × 4 × 4 = 192")
    select(page, "conv2")
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_shown(page, SMALLEST)
    expect(total(page, "parameters")).to_have_text("44,710")
    expect(message(page)).to_contain_text("although the kernel got smaller")
    chip = page.locator(".stage-chip", has_text="fc1.in_features")
    expect(chip.locator(".stage-chip-old")).to_have_text("192")
    expect(chip.locator(".stage-chip-new")).to_have_text("300")
    select(page, "fc1")
    decided = page.locator(".stage-control[data-kind=readonly]", has_text="in_features")
    expect(decided.locator(".stage-readonly-value")).to_have_text("300")
    expect(decided).to_contain_text("12 × 5 × 5 = 300")
    expect(page.locator(".stage-table tr.stage-is-lit")).to_have_count(2)


def test_another_dataset_is_decided_by_the_data_and_a_preset_can_be_loaded_and_undone(explore):
    page = explore()
    page.get_by_role("combobox", name="Images").click()
    page.get_by_role("option", name="CIFAR-100").click()
    expect_shown(page, SEED.with_input((3, 32, 32)).with_classes(100))
    expect(page.locator(".stage-chip", has_text="conv1.in_channels")).to_contain_text("3")
    press(page, "Undo")
    expect_shown(page, SEED)
    menu = page.get_by_role("combobox", name="Network")
    menu.click()
    menu.fill("lenet")
    page.get_by_role("option", name="LeNet-5").click()
    expect_shown(page, PRESETS["lenet5"])
    expect_address(page, PRESETS["lenet5"])
    press(page, "Undo")
    expect_shown(page, SEED)


# --- what cannot run ------------------------------------------------------------------------------------------------


def test_an_impossible_network_keeps_the_page_alive_and_a_repair_mends_it(explore):
    page = explore()
    select(page, "conv2")
    field(page, "kernel_size").fill("13")
    field(page, "kernel_size").press("Enter")
    broken = SEED.with_argument("conv2", "kernel_size", 13)
    error = trace(broken).error
    assert error is not None
    expect(message(page)).to_contain_text("conv2 does not run")
    expect(message(page)).to_contain_text(error.message)
    expect(message(page)).to_contain_text("PyTorch says")
    expect(layer(page, "conv2")).to_have_attribute("data-tone", "error")
    expect(layer(page, "conv2")).to_contain_text("does not run")
    expect(layer(page, "fc1")).to_have_attribute("data-tone", "unreached")
    expect(layer(page, "pool1")).to_contain_text("6×12×12")
    expect_shown(page, broken)
    repair = error.repairs[0]
    message(page).get_by_role("button", name=repair.label, exact=True).click()
    expect_shown(page, repair.network)
    expect(message(page)).to_contain_text("The network runs again")


def test_sliding_through_what_cannot_run_and_back(explore):
    page = explore(SEED.with_argument("conv1", "kernel_size", 24))
    hold(page, "kernel_size", "ArrowRight", 1)
    expect(message(page)).to_contain_text("does not run")
    hold(page, "kernel_size", "ArrowLeft", 10)
    expect_shown(page, SEED.with_argument("conv1", "kernel_size", 15))


def test_typed_nonsense_stays_in_the_field_with_a_sentence(explore):
    page = explore()
    number = field(page, "kernel_size")
    number.fill("abc")
    number.press("Enter")
    sentence = page.locator(".stage-error:visible")
    expect(sentence).to_have_text(
        "kernel_size is 'abc'; a whole number from 1 to 1,024 would work. For one value each axis: (5, 3)."
    )
    expect(number).to_have_value("abc")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect_shown(page, SEED)
    number.fill("5x3")
    number.press("Enter")
    expect(page.locator(".stage-error:visible")).to_have_count(0)
    expect_shown(page, SEED.with_argument("conv1", "kernel_size", (5, 3)))


def test_a_text_that_is_selected_to_be_typed_over_stays_selected_when_the_answer_comes(explore):
    page = explore()
    number = field(page, "kernel_size")
    for typed, shown in (("a" * 300, "a" * 300), ("03", "3")):
        number.fill(typed)
        number.evaluate("field => { field.blur(); field.focus(); field.select(); }")  # faster than any answer
        settled(page)
        expect(number).to_have_value(shown)
        page.keyboard.press("Delete")
        expect(number).to_have_value("")


# --- layers ---------------------------------------------------------------------------------------------------------


def test_layers_are_moved_duplicated_and_removed(explore):
    page = explore()
    select(page, "relu1")
    press(page, "Move down")
    expect_shown(page, SEED.move("relu1", 2))
    press(page, "Move up")
    expect_shown(page, SEED)
    press(page, "Duplicate")
    expect_shown(page, SEED.duplicate("relu1"))
    expect(page.locator(".stage-panel-title")).to_have_text("relu5")
    press(page, "Remove")
    expect_shown(page, SEED)


def test_a_layer_of_any_type_is_added_behind_the_selected_one(explore):
    page = explore()
    select(page, "conv1")
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_role("combobox", name="Layer type").click()
    page.keyboard.type("BatchNorm2d")
    page.get_by_role("option", name="BatchNorm2d Normalization").click()
    page.get_by_role("button", name="Add this layer").click()
    expect(page.locator(".stage-panel-title")).to_have_text("bn1")
    expect(page.get_by_text("Added bn1. The next layer goes after it.")).to_be_visible()
    page.keyboard.press("Enter")  # the box is still there, and so is the focus
    expect(page.locator(".stage-panel-title")).to_have_text("bn2")
    expect_shown(page, SEED.insert(1, "BatchNorm2d").insert(2, "BatchNorm2d"))
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Add this layer")).to_have_count(0)
    expect(page.get_by_role("button", name="Add a layer")).to_be_focused()


AT_ONCE = """(names) => {
    const field = document.querySelector("[role=combobox][aria-controls]");
    for (const name of names) {
        field.value = name;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    [...document.querySelectorAll("button")].find((one) => one.textContent === "Add this layer").click();
}"""


def test_a_press_waits_until_what_was_chosen_before_it_is_known(explore):
    """Python would add what was chosen when it was last asked: the block that the first letter stands for."""
    page = explore()
    select(page, "conv1")
    page.get_by_role("button", name="Add a layer").click()
    expect(page.get_by_role("combobox", name="Layer type")).to_be_visible()
    page.evaluate(AT_ONCE, ["B", "Bat", "Batch", "BatchNorm1d", "BatchNorm2d"])
    expect(page.locator(".stage-panel-title")).to_have_text("bn1")
    expect_shown(page, SEED.insert(1, "BatchNorm2d"))


MOVE_AND_PRESS = """(button, value) => {
    const name = [...document.querySelectorAll("label")].find((one) => one.textContent === "kernel_size");
    const slider = document.getElementById(name.htmlFor);
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    button.click();
}"""
"""As a hand that has not let go of the slider yet."""


def test_a_press_waits_for_a_move_that_the_hand_has_not_ended(explore):
    """The file and the link would be of the network before the move, which the page already shows."""
    page = explore()
    select(page, "conv1")
    page.get_by_role("button", name="Export").click()
    code = page.locator("[data-testid=stPopoverBody]").get_by_role("button", name="PyTorch code")
    with page.expect_download() as started:
        code.evaluate(MOVE_AND_PRESS, 3)
    assert Path(started.value.path()).read_text() == write_code(SMALLER)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Copy link").evaluate(MOVE_AND_PRESS, 4)
    expect(page.locator(".st-key-copy-link [role=status]")).to_have_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    assert parse_qs(urlsplit(copied).query)["net"] == [encode(SEED.with_argument("conv1", "kernel_size", 4))]


TYPED = {
    "Squeeze": "Squeeze", "squeeze-and": "Squeeze-and-excite block", "squeeze excite": "Squeeze-and-excite block",
    "transformer": "Transformer", "transformer layer": "Transformer encoder layer",
    "TransformerEnc": "TransformerEncoderLayer", "max pool": "MaxPool2d", "MultiHead": "MultiheadAttention",
    "multi-head attention": "MultiheadAttention", "skip": "Residual block", "mbconv": "Inverted residual block",
    "conv": "Conv2d", "batch norm": "BatchNorm2d", "res": "Residual block",
}  # fmt: skip


def test_what_is_typed_finds_blocks_and_layers_by_how_well_it_matches(explore):
    page = explore()
    page.get_by_role("button", name="Add a layer").click()
    field, found = page.get_by_role("combobox", name="Layer type"), page.locator(".stage-picker-option")
    expect(found.filter(has_text="Conv2d").first).to_have_attribute("aria-selected", "true")
    for typed, first in TYPED.items():
        field.fill(typed)
        expect(found.first.locator("span").first).to_have_text(first)
        expect(found.first).to_have_attribute("aria-selected", "true")
    field.fill("nothing of that kind")
    expect(page.get_by_text("No layer or block has that in its name.")).to_be_visible()
    field.fill("resid")
    field.press("ArrowDown")
    field.press("Enter")  # the second one, without another click
    expect(page.get_by_text("Added inverted1. The next layer goes after it.")).to_be_visible()
    expect(field).to_have_value("resid")


def test_a_layer_is_renamed_in_the_panel(explore):
    page = explore()
    pencil = page.get_by_role("button", name="Rename conv1")
    pencil.click()
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("relu1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is a layer named relu1 already; each needs its own name.")).to_be_visible()
    expect(field).to_have_value("relu1")
    field.fill("stem.conv")
    page.keyboard.press("Enter")
    expect(page.locator(".stage-panel-title")).to_have_text("stem.conv")
    expect(field).to_be_hidden()
    expect_shown(page, SEED.rename("conv1", "stem.conv"))
    page.keyboard.press("Control+z")
    expect(page.locator(".stage-panel-title")).to_have_text("conv1")
    expect_shown(page, SEED)
    pencil.click()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(pencil).to_be_focused()


def test_of_many_repairs_the_first_are_seen_and_the_pictures_stay_in_sight(explore):
    page = explore(PRESETS["resnet18"].with_argument("layer1.0.conv2", "stride", 2))
    seen = page.locator(".stage-message-side > .stage-message-actions > button")
    expect(seen).to_have_count(3)
    folded = page.locator(".stage-message-rest")
    expect(folded.locator("button").first).to_be_hidden()
    figure = page.locator(".stage-figure").first.bounding_box()
    assert figure is not None
    assert figure["y"] + figure["height"] < 620
    folded.get_by_text("3 more").click()
    folded.get_by_role("button", name="remove layer1.0.add").click()
    expect(page.locator(".stage-message")).to_contain_text("removed layer1.0.add")
    expect(folded).to_be_hidden()


def test_every_layer_can_be_removed_and_brought_back(explore):
    page = explore(Network((8,), ()).insert(0, "ReLU").insert(1, "Tanh"))
    press(page, "Remove")
    press(page, "Remove")
    expect(page.get_by_role("option")).to_have_count(0)
    press(page, "Undo")
    press(page, "Undo")
    expect(page.get_by_role("option")).to_have_count(2)


# --- undo, the address, history -------------------------------------------------------------------------------------


def test_undo_and_redo_by_button_and_by_key(explore):
    page = explore()
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_shown(page, SMALLER)
    page.keyboard.press("Control+z")
    expect_shown(page, SEED)
    page.keyboard.press("Control+Shift+z")
    expect_shown(page, SMALLER)
    press(page, "Undo")
    expect_shown(page, SEED)
    press(page, "Redo")
    expect_shown(page, SMALLER)
    press(page, "Reset")
    expect_shown(page, SEED)
    page.keyboard.press("Control+z")
    expect_shown(page, SMALLER)


def test_one_drag_is_one_step_of_undo_and_one_entry_in_the_history(explore):
    page = explore()
    entries = page.evaluate("history.length")
    box = slider(page, "kernel_size").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 9 + 0.4 * (box["width"] - 18), y)
    page.mouse.down()
    for share in (0.9, 0.1, 0.6, 0.2):
        page.mouse.move(box["x"] + 9 + share * (box["width"] - 18), y, steps=6)
    page.mouse.up()
    expect(field(page, "kernel_size")).to_have_value("3")
    expect_address(page, SMALLER)
    expect_shown(page, SMALLER)
    assert page.evaluate("history.length") == entries + 1
    expect(page.get_by_role("combobox", name="Network")).to_have_value("Fashion-MNIST CNN, changed")  # after a rest
    press(page, "Undo")
    expect_shown(page, SEED)
    expect(page.locator(".stage").get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_a_link_shows_the_same_in_another_browser(explore, visitor):
    page = explore(SEED, "selected-conv2.chart-macs.scale-log")
    hold(page, "kernel_size", "ArrowLeft", 2)
    page.get_by_role("tab", name="Summary").click()
    changed = SEED.with_argument("conv2", "kernel_size", 3)
    expect_address(page, changed)
    page.wait_for_function("() => location.search.includes('details-summary')")
    query = parse_qs(urlsplit(page.url).query)
    assert query["net"] == [encode(changed)]
    other = visitor.open(f"?{urlsplit(page.url).query}")
    drawn(other)
    expect(total(other, "parameters")).to_have_text(total(page, "parameters").inner_text())
    expect(other.locator(".stage-panel-title")).to_have_text("conv2")
    for name in ("MACs", "log"):
        expect(other.locator(".stage-segment", has_text=name)).to_have_attribute("aria-pressed", "true")
    expect(other.get_by_role("tab", name="Summary")).to_have_attribute("aria-selected", "true")
    expect(other.locator(".stage-table tbody tr")).to_have_count(len(SEED.layers))


def test_back_and_forward_walk_through_the_changes(explore):
    page = explore()
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_address(page, SMALLER)
    hold(page, "out_channels", "ArrowRight", 1)
    wider = SMALLER.with_argument("conv1", "out_channels", 7)
    expect_address(page, wider)
    for step, network in (("back", SMALLER), ("back", SEED), ("forward", SMALLER), ("forward", wider)):
        page.go_back() if step == "back" else page.go_forward()
        expect_address(page, network)
        expect_shown(page, network)


def test_a_damaged_link_shows_a_sentence_and_the_network_stays(visitor):
    page = visitor.open("?net=1x28x28-10~Conv2d.<b>")
    drawn(page)
    expect(message(page)).to_contain_text("This link is damaged")
    expect(message(page)).to_contain_text("showing the last good network")
    expect_shown(page, SEED)
    expect_address(page, SEED)
    page.wait_for_timeout(500)
    expect(message(page)).to_contain_text("This link is damaged")
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_shown(page, SMALLER)
    expect_address(page, SMALLER)


@pytest.mark.parametrize("path", ["following", pytest.param("quiz", marks=pytest.mark.thorough)])
def test_a_damaged_link_to_another_page_says_so_until_that_page_is_left(visitor, path):
    page = visitor.open(f"{path}?net=garbage&on=mine")
    told = page.get_by_role("alert").filter(has_text="This link is damaged")
    expect(told).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    expect(message(page)).to_contain_text("Try it")
    expect(told).to_have_count(0)


def test_back_does_not_lead_to_a_refused_address_again(explore):
    page = explore(SMALLER)
    page.evaluate("history.pushState({}, '', '?net=garbage'); dispatchEvent(new PopStateEvent('popstate'))")
    expect(message(page)).to_contain_text("This link is damaged")
    expect_address(page, SMALLER)
    hold(page, "out_channels", "ArrowRight", 1)
    expect_address(page, SMALLER.with_argument("conv1", "out_channels", 7))
    page.go_back()
    expect_address(page, SMALLER)
    expect_shown(page, SMALLER)
    page.wait_for_timeout(500)
    assert "damaged" not in page.locator(".stage-message").inner_text()


# --- what can be taken away -----------------------------------------------------------------------------------------


def test_the_tables_the_code_json_and_weights_are_taken_as_files_of_the_present_network(explore):
    page = explore()
    hold(page, "kernel_size", "ArrowLeft", 2)
    expect_shown(page, SMALLER)
    page.get_by_role("button", name="Export").click()
    for name, make in (("reasons", reasons), ("summary", summary)):
        for ending, write in FORMATS.items():
            with page.expect_download() as started:
                page.locator(f".st-key-take-fashion_mnist_cnn-{name}-{ending} button").click()
            assert started.value.suggested_filename == f"fashion_mnist_cnn-{name}.{ending}"
            text = Path(started.value.path()).read_bytes().decode()
            assert text == write(make(trace(SMALLER)))
    made: dict[str, str | bytes] = {
        "PyTorch code": write_code(SMALLER),
        "JSON": to_json(SMALLER),
        "Weights": fresh_weights(SMALLER),
    }
    for name, content in made.items():
        with page.expect_download() as started:
            page.locator("[data-testid=stPopoverBody]").get_by_role("button", name=name).click()
        assert started.value.suggested_filename.startswith("fashion_mnist_cnn.")
        saved = Path(started.value.path()).read_bytes()
        assert saved == (content if isinstance(content, bytes) else content.encode())


def test_a_press_for_a_file_that_a_run_overtakes_gives_the_file(visitor):
    """The browser has not yet heard of the run whose buttons have other files: what the server sends is held back."""
    held: list[Callable[[], None]] = []
    holds = False

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def on_answer(told: str | bytes) -> None:
            send = partial(socket.send, told)
            held.append(send) if holds else send()

        server.on_message(on_answer)

    def with_held_answers(page: Page) -> None:
        page.route_web_socket("**/_stcore/stream*", between)

    page = visitor.open(prepared=with_held_answers)
    page.get_by_role("button", name="Export").click()
    code = page.locator("[data-testid=stPopoverBody]").get_by_role("button", name="PyTorch code")
    expect(code).to_be_visible()
    page.wait_for_timeout(500)
    holds = True
    # A run of the page that leaves the box open; pressed by the page itself, so that nothing else is pressed.
    page.locator(".st-key-widget-predict input").evaluate("node => node.click()")
    while not held:
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)  # the run has ended, and with it Streamlit forgets the files of the last
    with page.expect_download() as started:
        code.click()
        page.wait_for_timeout(500)
        holds = False
        for send in held:
            send()
    assert Path(started.value.path()).read_text() == write_code(PRESETS[DEFAULT])


def test_the_pictures_are_taken_as_files(explore):
    page = explore()
    for figure, name in {"Tensor flow": "tensor-flow", "By layer": "weights-and-biases-by-layer"}.items():
        for ending, beginning in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
            with page.expect_download() as started:
                press(page, f"Save {figure} as {ending}")
            assert started.value.suggested_filename == f"{name}.{ending.lower()}"
            content = Path(started.value.path()).read_bytes()
            assert content.startswith(beginning)
            assert len(content) > 3_000


# --- how it looks ---------------------------------------------------------------------------------------------------

STICKING_OUT = """() => {
    const scrolls = node => ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
    const main = document.querySelector(".stMain");
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("the document");
    if (main.scrollWidth > main.clientWidth) found.push("the page");
    for (const node of document.querySelectorAll(".stage *:not(.stage-unseen):not(.stage-tip)")) {
        if (node.closest("svg, .stage-unseen, .js-plotly-plot")) continue;
        const box = node.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        let holder = node.parentElement;
        while (holder && !scrolls(holder)) holder = holder.parentElement;
        const about = `${node.className}: ${node.textContent.slice(0, 40)}`;
        if (holder?.closest(".stage") === null && (box.right > innerWidth + 1 || box.left < -1)) found.push(about);
        const style = getComputedStyle(node);
        const hides = ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
        if (hides && node.scrollWidth > node.clientWidth + 1) found.push(`cut off: ${about}`);
    }
    return found;
}"""

TEXT_OUTSIDE_ITS_PICTURE = """() => [...document.querySelectorAll(".stage-picture")].flatMap(plot => {
    const frame = plot.getBoundingClientRect();
    return [...plot.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
            || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
    }).map(text => text.textContent);
})"""

SHOWN = {
    "the seed": (SEED, "selected-conv1"),
    "what fails": (SEED.with_argument("conv2", "groups", 5), "selected-conv2"),
    "per axis": (SEED.with_argument("conv1", "kernel_size", (5, 3)), "selected-conv1.chart-memory.details-formulas"),
    "vgg19": (PRESETS["vgg19"], "selected-conv16.chart-receptive_field.details-summary"),
}
LARGE = {
    "large type": (SMALLEST, "selected-fc1.type_size-large"),
    "large vgg19": (PRESETS["vgg19"], "selected-conv16.scale-log.type_size-large"),
    "a large failure": (SEED.with_argument("conv2", "groups", 5), "selected-conv2.type_size-large"),
}


def test_nothing_jumps_while_the_network_breaks_and_mends(explore):
    page = explore()
    places = """() => ["totals", "message", "outline", "panel", "figures", "details"].map(name => {
        const {x, y, width} = document.querySelector(`.stage-${name}`).getBoundingClientRect();
        return [name, x, y, width].join(" ");
    })"""
    before = page.evaluate(places)
    for typed, tone in (("29", "error"), ("25", "error"), ("3", "changed"), ("5", "changed")):
        field(page, "kernel_size").fill(typed)
        field(page, "kernel_size").press("Enter")
        expect(message(page)).to_have_attribute("data-tone", tone)
        assert page.evaluate(places) == before


def test_a_column_of_the_chart_opens_its_layer_and_the_projector_makes_the_type_larger(explore):
    page = explore()
    plot = page.locator(".stage-figure").nth(1).locator(".stage-picture")
    column = plot.locator(".stage-lettering text", has_text="fc1").bounding_box()
    assert column is not None
    page.mouse.click(column["x"] + column["width"] / 2, column["y"] - 30)
    expect(page.locator(".stage-panel-title")).to_have_text("fc1")
    size = "() => parseFloat(getComputedStyle(document.querySelector('.stage-total-value')).fontSize)"
    before = page.evaluate(size)
    page.locator(".st-key-widget-type_size").get_by_text("Projector").click()
    expect(page.locator(".stage.stage-large")).to_be_attached()
    page.wait_for_function(f"() => ({size})() > 1.25 * {before}")
    page.wait_for_function("() => location.search.includes('type_size-large')")


CUT_LAYERS = """() => {
    const list = document.querySelector(".stage-options").getBoundingClientRect();
    return [...document.querySelectorAll(".stage-option")].map(one => [one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.top < list.bottom - 1 && box.bottom > list.top + 1)
        .filter(([, box]) => box.top < list.top - 1 || box.bottom > list.bottom + 1 || box.right > list.right + 1)
        .map(([name]) => name);
}"""


@pytest.mark.parametrize(
    ("network", "height"),
    [
        ("seed", 1080),
        ("vgg19", 800),
        pytest.param("seed", 800, marks=pytest.mark.thorough),
        pytest.param("vgg19", 1080, marks=pytest.mark.thorough),
    ],
)
def test_the_projector_cuts_no_layer_of_the_list_and_shows_the_whole_chart(explore, height, network):
    shown = {"seed": (SEED, "selected-fc1.type_size-large"), "vgg19": LARGE["large vgg19"]}[network]
    page = explore(*shown)
    page.set_viewport_size({"width": 1920 if height == 1080 else 1280, "height": height})
    chart = "() => document.querySelectorAll('.stage-figure')[1].getBoundingClientRect().bottom"
    page.wait_for_function(f"() => ({chart})() <= {height} && ({chart})() > {height} - 20")
    page.wait_for_function(f"() => ({CUT_LAYERS})().length === 0")
    selected = page.locator(".stage-option[aria-selected=true]")
    expect(selected).to_be_in_viewport(ratio=1)
    margin = page.evaluate("() => document.querySelector('.stage').getBoundingClientRect().left")
    assert margin <= 40


FAINT = """() => {
    const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = colour => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
    const over = (front, back) => back.map((v, place) =>
        place === 3 ? 255 : v + (front[place] - v) * front[3] / 255);
    const ground = node => {
        if (!node) return rgba(getComputedStyle(document.querySelector(".stApp")).backgroundColor);
        const own = rgba(getComputedStyle(node).backgroundColor);
        return own[3] === 255 ? own : over(own, ground(node.parentElement));
    };
    const found = [];
    const words = node => [...node.childNodes].some(one => one.nodeType === 3 && one.textContent.trim());
    for (const node of document.querySelectorAll(".stage *, .stage text")) {
        const box = node.getBoundingClientRect();
        if (!words(node) || !box.width || !box.height || node.closest(".stage-unseen, :disabled, defs")) continue;
        const style = getComputedStyle(node);
        const back = ground(node.closest("svg") ?? node);
        const front = over(rgba(node.closest("svg") ? style.fill : style.color), back);
        const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5) found.push(`${node.textContent.slice(0, 30)} ${ratio.toFixed(2)} ${node.className}`);
    }
    return found;
}"""


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "dark"), ("phone", "light")])
def test_nothing_sticks_out_or_is_cut_off_and_every_text_stands_out_from_its_ground(explore, size, scheme):
    page = explore(size=size, scheme=scheme)
    ground = page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 25, 30)"}[scheme]
    for what, (network, view) in (
        SHOWN if size == "phone" else {**SHOWN, **LARGE}
    ).items():  # a phone has no large type
        visit(page, network, view)
        assert page.evaluate(STICKING_OUT) == [], what
        assert page.evaluate(TEXT_OUTSIDE_ITS_PICTURE) == [], what
        assert page.evaluate(FAINT) == [], what
        if size == "desktop" and what in SHOWN:
            is_seen_without_scrolling(page, what)


def is_seen_without_scrolling(page: Page, what: str) -> None:
    """The whole explorer."""
    for part in ("totals", "message", "outline", "panel", "figures", "figure >> nth=0", "figure >> nth=1"):
        box = page.locator(f".stage-{part}").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["height"] > 40
        assert box["y"] + box["height"] <= 800, (what, part)


def test_everything_is_reached_by_keyboard_in_order(explore):
    page = explore()
    page.get_by_role("listbox", name="Layers").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".stage-panel-title")).to_have_text("relu1")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".stage-panel-title")).to_have_text("conv1")
    slider(page, "out_channels").focus()
    page.keyboard.press("Tab")
    expect(field(page, "out_channels")).to_be_focused()
    page.reload()
    drawn(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Layers")).to_be_focused()


def test_alt_and_an_arrow_walk_from_everywhere_and_change_no_value(explore):
    page = explore()
    page.get_by_text("More", exact=True).click()
    field(page, "out_channels").fill("9")  # not sent yet
    field(page, "out_channels").fill("6")
    starts = {
        "a slider": slider(page, "kernel_size"),
        "a number": field(page, "kernel_size"),
        "a menu": page.get_by_label("padding_mode", exact=True),
        "a button": page.locator(".stage").get_by_role("button", name="Duplicate", exact=True),
        "a box of Streamlit's": page.get_by_role("combobox", name="Network"),
        "a search box": page.get_by_role("combobox", name="Images"),
        "the message": page.get_by_role("region", name="What happened"),
        "the button that walks": page.get_by_role("button", name="Next layer (Alt+↓)"),
    }
    heard = page.locator(".stage-outline [role=status]")
    for what, start in starts.items():
        start.focus()
        for key, names in (("ArrowDown", SEED.names[1:3]), ("ArrowUp", SEED.names[1::-1])):
            for name in names:
                page.keyboard.press(f"Alt+{key}")
                expect(page.locator(".stage-panel-title")).to_have_text(name)
                expect(heard).to_contain_text(f"{name}, ")
                assert page.evaluate("document.activeElement !== document.body"), what
        expect(start, what).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    for _ in range(30):  # faster than any answer, and beyond the end
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".stage-panel-title")).to_have_text(SEED.names[-1])
    page.locator(".stage-picture").first.click(position={"x": 2, "y": 2})  # beside every layer: it selects none
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".stage-panel-title")).to_have_text(SEED.names[-2])
    expect_shown(page, SEED)
    expect(page.locator(".stage").get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_two_tabs_of_one_browser_never_change_each_other(explore):
    first = explore()
    second = first.context.new_page()
    second.goto(first.url.split("?")[0] + link(PRESETS["lenet5"]))
    drawn(second)
    hold(first, "kernel_size", "ArrowLeft", 2)
    hold(second, "out_channels", "ArrowRight", 1)
    wider = PRESETS["lenet5"].with_argument("conv1", "out_channels", 7)
    for page, network in ((first, SMALLER), (second, wider)):
        expect_shown(page, network)
        expect_address(page, network)
    press(first, "Undo")
    expect_shown(first, SEED)
    for page, network in ((second, wider), (first, SEED)):
        page.reload()
        drawn(page)
        expect_shown(page, network)
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_text("Link copied").first).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.url
    second.close()


def without_the_fast_lane(page: Page) -> None:
    page.route_web_socket("**/layerscope/preview*", lambda socket: socket.close())


def test_a_drag_works_where_the_fast_lane_does_not_answer(explore):
    page = explore(prepared=without_the_fast_lane)
    select(page, "conv1")
    slider(page, "kernel_size").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect_shown(page, SEED.with_argument("conv1", "kernel_size", 3))


def test_no_line_breaks_within_a_product(explore):
    page = explore(size="phone")
    field(page, "kernel_size").fill("3")
    field(page, "kernel_size").press("Enter")
    sentence = page.locator(".stage-message-text")
    expect(sentence).to_contain_text("12 × 4 × 4 = 192")
    said = sentence.evaluate("node => node.textContent")
    assert "12\u00a0×\u00a04\u00a0×\u00a04 = 192" in said
    assert not re.search(r"\d-[a-z]", said)
