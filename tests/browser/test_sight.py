"""What is seen: in the first thirty seconds, on a phone while a slider moves, and from the back row."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from tests.browser.conftest import still
from tests.browser.test_lessons_on_a_phone import ANSWERED
from tests.browser.test_reach import settled

SEED = PRESETS[DEFAULT]
SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries())
            window.shifts.push([value, ...sources.map(({ node }) => node?.className)]);
    }).observe({ type: "layout-shift", buffered: false });
}"""
HIDDEN = """(root) => {
    root ??= document;
    const found = [];
    const sentence = ".stage-message-title, .stage-lead-what";
    const parts = { picture: ".stage-stays .stage-picture", sentence, box: ".stage-message" };
    for (const [name, query] of Object.entries(parts)) {
        const node = [...root.querySelectorAll(query)].find((one) => one.checkVisibility());
        const { left, right, top, bottom } = node.getBoundingClientRect();
        if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight || right - left < 20 || bottom - top < 10)
            found.push(`${name} at ${[left, top, right, bottom].map(Math.round)}`);
        const holder = node.closest(".stage-figure, .stage-message");
        for (const across of [0.1, 0.5, 0.9]) for (const down of [0.1, 0.5, 0.9]) {
            const top_one = document.elementFromPoint(left + across * (right - left), top + down * (bottom - top));
            if (!holder.contains(top_one)) found.push(`${name} under ${top_one?.className}`);
        }
    }
    return found;
}"""
"""What of a stage's picture that stays and of its sentence is outside the screen, or under something else."""


def opened(visitor: Any, network: Network = SEED, view: str = "", *, look: bool = False, **options: Any) -> Page:
    query = [f"net={encode(network)}"] if network != SEED else []
    query += [f"view={view}"] if view else []
    way = visitor.look if look else visitor.open
    page: Page = way(f"?{'&'.join(query)}" if query else "", **options)
    expect(page.locator(".stage-lettering text").first).to_be_attached()
    page.wait_for_timeout(500)
    return page


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def box(node: Locator) -> dict[str, float]:
    found = node.bounding_box()
    assert found is not None
    x, y, width, height = found["x"], found["y"], found["width"], found["height"]
    return {"x": x, "y": y, "width": width, "height": height, "right": x + width, "bottom": y + height}


# --- the first thirty seconds -----------------------------------------------------------------------------------------


def test_the_banner_says_what_this_is_over_its_whole_width_and_goes_without_moving_anything(visitor):
    page = opened(visitor)
    message = page.locator(".stage-message")
    expect(message).to_contain_text("See how each PyTorch layer's parameters decide tensor shapes and weight counts.")
    expect(message).to_contain_text("For students, teachers and engineers.")
    expect(page.get_by_text("Nothing is trained on this page")).to_have_count(1)
    expect(message.locator(".stage-mark:visible")).to_have_count(0)  # nothing was achieved
    text = "document.createRange()"
    widest = page.evaluate(
        f"""() => {{
            const range = {text};
            range.selectNodeContents(document.querySelector(".stage-lead"));
            const boxes = [...range.getClientRects()];
            return Math.max(...boxes.map(({{ right }}) => right)) - Math.min(...boxes.map(({{ left }}) => left));
        }}"""
    )
    assert widest > 0.8 * box(message)["width"]
    page.evaluate(SHIFTS)
    page.get_by_role("button", name="Close the introduction").click()
    expect(message.locator(".stage-lead")).to_be_hidden()
    expect(message).to_contain_text("Try it: get fc1.in_features to 300")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") == []


def test_the_introduction_makes_room_for_the_first_change_and_the_task_is_found_done(visitor):
    page = opened(visitor, view="selected-conv2")
    page.evaluate(SHIFTS)
    slider(page, "kernel_size").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-lead")).to_be_hidden()
    expect(page.locator(".stage-task")).to_have_text("Try it: get fc1.in_features to 300")
    expect(page.locator(".stage-task .stage-mark")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-task")).to_contain_text("Done: fc1.in_features is 300.")
    expect(page.locator(".stage-task .stage-mark")).to_have_text("✓")
    page.wait_for_timeout(700)
    # A number that is longer begins further left; whatever holds it stays.
    numbers = {"stage-chip", "", "stage-option-detail", "stage-option-note"}
    assert {name for _, *names in page.evaluate("window.shifts") for name in names} <= numbers


def test_every_figure_has_a_unit_and_what_matters_is_large(visitor):
    page = opened(visitor, look=True)
    told = page.locator(".stage-total")
    wanted = [
        ("32,998", "parameters"), ("10 classes", "output"), ("232,440", "MACs per image"),
        ("39.3 KiB", "activations per image"), ("34 of 34 match", "checked against PyTorch"),
    ]  # fmt: skip
    for place, (value, unit) in enumerate(wanted):
        expect(told.nth(place).locator(".stage-total-value")).to_have_text(value)
        expect(told.nth(place).locator(".stage-total-label")).to_have_text(unit)
    sizes = told.locator(".stage-total-value").evaluate_all(
        "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes[:2]) > 1.25 * max(sizes[2:])


def test_a_block_shows_that_it_can_be_clicked_and_selects_its_layer(visitor):
    page = opened(visitor)
    expect(page.get_by_text("Click a block to change that layer")).to_be_visible()
    name = box(page.locator(".stage-figure").first.locator(".stage-lettering text", has_text="conv2"))
    x, y = name["x"] + name["width"] / 2, name["y"] - 60
    page.wait_for_timeout(500)
    page.mouse.move(x, y)
    expect(page.locator(".stage-hovered:visible")).to_have_count(1)
    shaded = box(page.locator(".stage-hovered:visible"))
    assert shaded["x"] < x < shaded["right"]
    assert shaded["y"] < y < shaded["bottom"]
    cursor = "([x, y]) => getComputedStyle(document.elementFromPoint(x, y)).cursor"
    assert page.evaluate(cursor, [x, y]) == "pointer"
    page.mouse.click(x, y)
    expect(page.locator(".stage-panel-title")).to_have_text("conv2")
    page.mouse.move(5, 5)
    expect(page.locator(".stage-hovered:visible")).to_have_count(0)


def test_the_key_names_the_colours_that_are_there_and_is_folded_on_a_phone(visitor):
    page = opened(visitor, look=True)
    entries = page.locator(".stage-key-entry:visible")
    words = ["input", "convolution", "pooling", "linear", "flatten, reshape", "window: what one output value reads"]
    expect(entries).to_have_text(words)
    phone = opened(visitor, size="phone", look=True)
    entries = phone.locator(".stage-key-entry:visible")
    expect(entries).to_have_count(0)
    phone.get_by_role("button", name="Key", exact=True).click()
    expect(entries).to_have_text(words)
    phone.keyboard.press("Escape")
    expect(entries).to_have_count(0)


def test_the_link_is_copied_with_one_click_also_where_the_clipboard_is_closed(visitor):
    page = opened(visitor, PRESETS["lenet5"])
    find = page.locator(".stage-number").first
    for is_open in (True, False):
        if not is_open:
            page.evaluate("navigator.clipboard.writeText('')")
            page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Link copied")).to_be_visible()
        find.fill("")
        find.press("Control+V")
        expect(find).to_have_value(page.url)
        expect(page.get_by_role("button", name="Copy link")).to_be_visible()


# --- a phone ----------------------------------------------------------------------------------------------------------


def test_the_first_screen_of_a_phone_has_the_network_a_picture_a_sentence_and_sliders(visitor):
    page = opened(visitor, size="phone")
    assert page.evaluate(HIDDEN) == []
    toolbar = box(page.locator(".st-key-toolbar"))
    assert toolbar["height"] < 50
    for name in ("out_channels", "kernel_size"):
        assert box(slider(page, name))["bottom"] < 844
    images = page.get_by_role("combobox", name="Images")
    expect(images).to_be_hidden()
    page.get_by_role("button", name="Tools").click()
    for shown in (images, page.get_by_role("button", name="Export"), page.get_by_role("button", name="Copy link")):
        expect(shown).to_be_visible()
    page.get_by_role("button", name="Tools").click()
    expect(images).to_be_hidden()
    checked = page.locator(".stage-total", has_text="checked against PyTorch")
    expect(checked).to_be_hidden()
    page.get_by_role("button", name="More figures").click()
    expect(checked).to_be_visible()


def test_on_a_phone_the_first_change_is_told_whole_in_the_strip(visitor):
    page = opened(visitor, size="phone")
    message, one = page.locator(".stage-message"), slider(page, "kernel_size")
    expect(message.locator(".stage-lead-sentence")).to_have_text("Why 192? flatten makes 12 × 4 × 4 = 192 values.")
    assert message.evaluate("node => node.scrollHeight - node.clientHeight") <= 0
    height, place = box(message)["height"], box(one)["y"]
    one.focus()
    for size in (4, 3):
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".stage-message-title")).to_have_text(f"conv1.kernel_size {size + 1} → {size}")
        page.wait_for_timeout(500)
        over = message.evaluate("node => node.scrollHeight - node.clientHeight")
        assert over <= 0, (size, over)
        assert page.evaluate(HIDDEN) == []
    assert (box(message)["height"], box(one)["y"]) == (height, place)


MORE = pytest.mark.thorough

MOVED = {
    "the default network": (SEED, ["conv1", "pool1", "fc1"]),
    "a residual network": (PRESETS["resnet18"], ["conv1", "maxpool"]),
    "a recurrent network": (PRESETS["lstm-classifier"], ["lstm"]),
    "a network that fails": (SEED.with_argument("conv2", "kernel_size", 13), ["conv2"]),
}


@pytest.mark.parametrize(
    "name",
    [name if name == "the default network" else pytest.param(name, marks=MORE) for name in MOVED],
)
def test_picture_and_sentence_are_on_a_phones_screen_while_any_slider_moves(visitor, name):
    network, layers = MOVED[name]
    page = opened(visitor, network, f"selected-{layers[0]}", size="phone")
    moved = 0
    for layer in layers:
        page.locator(".stage-option-name").get_by_text(layer, exact=True).first.click()
        expect(page.locator(".stage-panel-title")).to_have_text(layer)
        moved += all_moved(page.locator(".stage"))
    assert moved >= len(layers)


def all_moved(stage: Locator) -> int:
    """Move every slider of a stage: picture and sentence are on the screen meanwhile. How many there were."""
    page, moved = stage.page, 0
    for summary in stage.locator(".stage-more > summary").all():
        summary.evaluate("node => { node.parentElement.open = true; }")
    for place in range(stage.locator(".stage-slider").count()):
        one = stage.locator(".stage-slider").nth(place)
        if not one.is_visible():
            continue
        one.evaluate("node => node.scrollIntoView({ block: 'end' })")
        one.focus()
        key = "ArrowLeft" if one.evaluate("node => Number(node.value) > Number(node.min)") else "ArrowRight"
        page.keyboard.down(key)
        page.wait_for_timeout(120)
        assert stage.evaluate(HIDDEN) == [], place
        at = box(one)
        assert at["y"] > box(stage.locator(".stage-message"))["bottom"]
        assert at["bottom"] <= 844
        page.keyboard.up(key)
        page.wait_for_timeout(120)
        settled(page)  # what the move tells may stand above the next slider
        if one.evaluate("node => node === document.activeElement"):  # a lesson may go on to its next question
            assert stage.evaluate(HIDDEN) == [], place
        moved += 1
    return moved


def test_on_a_phone_bs_picture_and_the_sentence_stay_while_b_changes(visitor):
    page = visitor.open(f"compare?net={encode(SEED)}&a={encode(SEED)}&view=selected-conv1", size="phone")
    stage = page.locator(".stage")
    expect(stage.locator(".stage-stays .stage-lettering text").first).to_be_attached()
    expect(stage.locator(".stage-stays .stage-picture")).to_have_attribute("aria-label", re.compile("^B: tensor flow"))
    expect(stage.locator(".stage-stays .stage-hint")).to_have_text("B: tap a block to change it")
    assert all_moved(stage) >= 4
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


TRIED = {"decides": 2, "kernel": 2, "counting": 1, "sliding": 5, "skips": 3, "mending": 5}
"""How many sliders the lessons have that let something move."""


@pytest.mark.parametrize("key", [key if key == "mending" else pytest.param(key, marks=MORE) for key in TRIED])
def test_on_a_phone_a_lessons_picture_and_sentence_stay_while_its_sliders_move(visitor, key):
    answers = ANSWERED.get(key, "where_colors:conv1")
    page = settled(visitor.open(f"{key}?answers={answers}", size="phone"))
    stage = page.locator(".stage:has(.stage-slider)")
    expect(stage).to_have_count(1)
    expect(stage.locator(".stage-stays .stage-picture svg").first).to_be_attached()
    still(page)
    strip = box(stage.locator(".stage-stays"))["height"] + box(stage.locator(".stage-message"))["height"]
    assert strip <= 844 / 3
    assert all_moved(stage) == TRIED[key]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


LYING_OVER = """(card, [texts, high]) => {
    const boxes = [...card.querySelectorAll(texts)].filter((one) => one.textContent && one.checkVisibility())
        .map((one) => one.getBoundingClientRect());
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > high;
    return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => meet(a, b))).length;
}"""
"""How many pairs of a card's texts lie over each other, in height by more than so many pixels."""


@pytest.mark.parametrize("key", ["kernel", *(pytest.param(key, marks=MORE) for key in ("decides", "mending", "skips"))])
def test_in_a_phones_strip_a_lessons_labels_do_not_lie_over_each_other(visitor, key):
    page = settled(visitor.open(f"{key}?answers={ANSWERED.get(key, 'where_colors:conv1')}", size="phone"))
    card = page.locator(".stage:has(.stage-slider) .stage-stays")
    expect(card.locator("svg text").first).to_be_attached()
    page.wait_for_timeout(1000)
    assert card.evaluate(LYING_OVER, ["svg text", 6]) == 0


def test_on_a_screen_a_lessons_sentence_stands_above_its_picture(visitor):
    page = settled(visitor.open(f"sliding?answers={ANSWERED['sliding']}"))
    page.set_viewport_size({"width": 900, "height": 800})
    stage = settled(page).locator(".stage:has(.stage-slider)")
    assert stage.evaluate("node => node.clientWidth") < 640
    sentence, one, picture = (
        box(stage.locator(name).first) for name in (".stage-message", ".stage-slider", ".stage-picture")
    )
    assert sentence["bottom"] < one["y"] < picture["y"]


def test_all_that_mends_a_network_is_seen_on_a_phone_without_a_scroll_to_the_side(visitor):
    page = opened(visitor, SEED.with_argument("conv2", "kernel_size", 13), "selected-conv2", size="phone")
    offers = page.locator(".stage-message-actions:visible > *")
    assert offers.count() > 1
    assert all(box(offer)["right"] <= 390 for offer in offers.all())


def test_a_slider_that_gets_the_focus_is_not_under_the_strip(visitor):
    page = opened(visitor, size="phone")
    for summary in page.locator(".stage-more > summary").all():
        summary.evaluate("node => { node.parentElement.open = true; }")
    for place in reversed(range(page.locator(".stage-slider").count())):
        one = page.locator(".stage-slider").nth(place)
        if one.is_visible():
            one.focus()
            assert box(one)["y"] >= box(page.locator(".stage-message"))["bottom"]


def test_on_a_phone_a_guess_is_asked_for_in_the_strip_and_nothing_moves(visitor):
    page = opened(visitor, view="predict-on", size="phone")
    one = slider(page, "kernel_size")
    one.focus()
    page.evaluate(SHIFTS)
    page.keyboard.down("ArrowLeft")
    expect(page.locator(".stage-message")).to_contain_text("what will happen?")
    guess = page.get_by_label("Your guess")
    page.keyboard.up("ArrowLeft")
    expect(guess).to_be_visible()
    assert box(guess)["bottom"] <= box(page.locator(".stage-message"))["bottom"]
    assert page.evaluate(HIDDEN) == []
    page.wait_for_timeout(300)
    moved = {name for _, *names in page.evaluate("window.shifts") for name in names}
    assert moved <= {"stage-message-text"}  # another sentence, below the field
    guess.fill("6x25x25")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".stage-message")).to_contain_text("Right: conv1 outputs 6×25×25")
    expect(page.locator(".stage-ask")).to_be_hidden()


FIELDS = """() => [...document.querySelectorAll("input, textarea, select")]
    .filter((node) => node.checkVisibility() && !["range", "checkbox", "radio"].includes(node.type))
    .map((node) => [node.getAttribute("aria-label") ?? node.className, parseFloat(getComputedStyle(node).fontSize)])
    .filter(([, size]) => size < 16)"""


INSIDE = "?view=selected-conv2.chart-inside"


@pytest.mark.parametrize(
    ("path", "presses"),
    [
        ("", ["Tools", "Input"]),
        ("teacher", []),
        (INSIDE, []),
        ("trials", ["More settings"]),
        pytest.param("compare", ["Change network A…"], marks=MORE),
        *(
            pytest.param(path, [], marks=MORE)
            for path in ("kernel", "code", "quiz", "sweep", "memory", "train", f"kernel?answers={ANSWERED['kernel']}")
        ),
    ],
)
def test_no_field_makes_a_phone_zoom_in(visitor, path, presses):
    page = visitor.open(path, size="phone")
    for name in presses:
        page.get_by_role("button", name=name).click()
    if len(presses):
        expect(page.get_by_test_id("stPopoverBody").locator("input, textarea").last).to_be_visible()
    if "inside" in path:
        expect(page.locator(".stage-inside input:visible")).not_to_have_count(0)
    page.wait_for_timeout(800)
    assert page.evaluate(FIELDS) == []


def test_numbers_are_typed_on_a_keyboard_of_digits_and_sent_with_a_button(visitor):
    page = opened(visitor, size="phone")
    field = page.get_by_role("textbox", name="kernel_size", exact=True)
    expect(field).to_have_attribute("inputmode", "decimal")
    send = page.get_by_role("button", name="Set", exact=True)
    expect(send).to_have_count(0)
    field.evaluate("node => { node.focus(); node.value = '3'; node.dispatchEvent(new Event('input')); }")
    send.click()
    expect(page.locator(".stage-message-title")).to_have_text("conv1.kernel_size 5 → 3")
    expect(send).to_have_count(0)
    lesson = visitor.go(page, "kernel")
    answer = lesson.locator("[class*=st-key-digits-] input").first
    answer.tap()
    expect(answer).to_have_attribute("inputmode", "numeric")
    answer.fill("6")
    lesson.get_by_role("button", name="Answer", exact=True).first.tap()
    expect(lesson.locator(".lesson-verdict").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "label", "typed", "button", "word"),
    [
        ("sweep", "Condition", "macs <= 200_000", "Use this condition", "where=macs"),
        pytest.param("trials", "lr", "0.1, 0.02", "Use these values", "0.02", marks=MORE),
    ],
)
def test_a_button_takes_what_was_typed_on_a_phone(visitor, path, label, typed, button, word):
    page = settled(visitor.open(path, size="phone"))
    page.get_by_role("textbox", name=label, exact=True).fill(typed)
    page.get_by_role("button", name=button).tap()
    expect(page).to_have_url(re.compile(re.escape(word)))


def test_on_a_phone_the_letters_of_a_quiz_picture_are_as_large_as_they_were_made(visitor):
    page = settled(visitor.open("quiz", size="phone"))
    letters = page.locator(".stage-lettering text")
    expect(letters.first).to_have_text("1×28×28")
    page.wait_for_timeout(1000)
    assert min(letters.evaluate_all("nodes => nodes.map((node) => Number(node.getAttribute('font-size')))")) >= 11


# --- nothing that is typed early is lost ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field", "words"),
    [
        ("", ".stage-number >> nth=1", "7"),
        ("code", ".stage-editor-area", "import torch"),
        ("kernel", "[class*=st-key-ask-] input >> nth=0", "6"),
        pytest.param("glossary", "[data-testid=stMain] input >> nth=0", "stride", marks=MORE),
        pytest.param("teacher", "[data-testid=stMain] textarea >> nth=0", "Why 192?", marks=MORE),
    ],
)
def test_what_is_typed_before_the_page_is_ready_stays(visitor, path, field, words, thorough):
    page = visitor.open(path)
    for _ in range(2 if thorough else 1):
        page.goto(f"{visitor.address}/{path}", wait_until="commit")
        page.wait_for_selector(field)
        page.locator(field).click(force=True, no_wait_after=True)
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        visitor.settle(page)
        page.wait_for_timeout(1500)
        expect(page.locator(field)).to_have_value(words)


def test_a_finger_that_selects_a_layer_leaves_its_picture_free_and_asks_again_for_its_formulas(visitor):
    page = opened(visitor, size="phone")
    told = page.locator(".stage-stays .hovertext")
    name = box(page.locator(".stage-stays .stage-lettering text", has_text="conv2"))
    x, y = name["x"] + name["width"] / 2, name["y"] - 50
    page.touchscreen.tap(x, y)
    expect(page.locator(".stage-panel-title")).to_have_text("conv2")
    page.wait_for_timeout(2000)  # once the hand rests Plotly draws again what it says
    assert [one for one in told.all() if one.is_visible()] == []
    page.touchscreen.tap(x, y)
    expect(told.first).to_be_visible()
    expect(told.first).to_contain_text("12×8×8")


def test_what_sticks_to_the_top_of_a_phone_is_not_under_the_header(visitor):
    page = opened(visitor, size="phone", look=True)
    page.evaluate("document.querySelector('.stMain').scrollTo(0, 400)")
    page.wait_for_timeout(300)
    key, header = box(page.locator(".stage-stays .stage-key-button")), box(page.get_by_test_id("stHeader"))
    assert key["y"] >= header["bottom"]
    assert key["right"] <= box(page.locator(".stage-outline"))["right"] + 1


# --- nothing moves under the hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "name", "steps"),
    [
        pytest.param("conv1", "kernel_size", 11, marks=MORE),
        pytest.param("conv1", "stride", 9, marks=MORE),
        ("pool1", "stride", 8),
    ],
)
def test_sentence_and_sliders_stay_in_place_whatever_a_value_leaves_unread(visitor, layer, name, steps):
    """By keyboard: each press is a change of its own, after which the sentence could take the room that it wants."""
    page = opened(visitor, view=f"selected-{layer}")
    held = "document.querySelectorAll('.stage-main, .stage-panel .stage-slider')"
    places = f"() => [...{held}].map((one) => one.getBoundingClientRect().y)"
    seen, notes = {tuple(page.evaluate(places))}, set()
    slider(page, name).focus()
    for press in range(steps):
        page.keyboard.press("ArrowRight" if press else "Home")
        page.wait_for_timeout(250)
        seen.add(tuple(page.evaluate(places)))
        notes.add(page.locator(".stage-panel-note").text_content())
    assert len(seen) == 1
    assert name != "stride" or {"", *notes} != {""}  # some of them left cells unread


def test_a_short_name_is_not_broken_at_its_dot(visitor):
    page = opened(visitor, view="type_size-large", look=True)
    expect(page.locator(".stage-lead-sentence")).to_contain_text("fc1.in_features is 192")
    assert page.locator(".stage-lead-sentence wbr").count() == 0


# --- the projector ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size"),
    [
        (DEFAULT, "desktop"),
        pytest.param(DEFAULT, "wide", marks=MORE),
        pytest.param("resnet18", "desktop", marks=MORE),
        pytest.param("resnet18", "wide", marks=MORE),
    ],
)
def test_the_projector_makes_the_pictures_larger_and_shows_them_whole(visitor, name, size):
    network = PRESETS[name]
    page = opened(visitor, network, size=size)
    pictures = page.locator(".stage-picture")
    before = [one["width"] * one["height"] for one in map(box, pictures.all())]
    page.locator(".st-key-toolbar").get_by_text("Projector").click()
    expect(page.locator(".stage.stage-large")).to_be_attached()
    page.wait_for_timeout(800)
    height = page.viewport_size["height"] if page.viewport_size else 0
    after = [box(one) for one in pictures.all()]
    for old, new in zip(before, after, strict=True):
        assert new["width"] * new["height"] > (1.1 if size == "desktop" else 1) * old  # else type is larger, too
        assert new["y"] >= 0
        assert new["bottom"] <= height
    letters = page.locator(".stage-lettering text").evaluate_all(
        "nodes => Math.max(...nodes.map((node) => node.getBoundingClientRect().bottom))"
    )
    assert letters <= height


LARGEST = """(query) => {
    const seen = [...document.querySelectorAll(query)].filter((one) => one.checkVisibility());
    return Math.max(...seen.map((one) => {
        const zoom = one.getBoundingClientRect().height / (one.offsetHeight ?? one.getBBox().height);
        return zoom * parseFloat(getComputedStyle(one).fontSize);
    }));
}"""
"""The largest letters of what a query finds, in pixels of the screen."""


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", [".stage-lettering text", ".stage-lead-what", ".stage-total-value", ".stage-option"]),
        pytest.param("kernel", [".lesson-place", "[data-testid=stMain] p", ".stage-figure-title"], marks=MORE),
        pytest.param("quiz", ["[data-testid=stMain] p", ".stage-lettering text"], marks=MORE),
    ],
)
def test_the_projectors_type_grows_with_the_screen(visitor, path, queries):
    page = settled(visitor.open(f"{path}?view=type_size-large"))
    found = []
    for size in ((1280, 800), (1920, 1080), (2560, 1440)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(1000)
        found.append([page.evaluate(LARGEST, query) for query in queries])
        switch = page.locator(".st-key-widget-type_size").get_by_text("Projector")
        assert box(switch)["right"] <= size[0]
        assert box(switch)["height"] < 30  # its word is whole, and in one line
    for small, wide, widest in zip(*found, strict=True):
        assert small >= 15
        assert wide >= 1.2 * small
        assert widest >= 1.6 * small


def test_a_projectors_pictures_are_whole_on_every_screen(visitor):
    page = settled(visitor.open("?view=type_size-large"))
    expect(page.locator(".stage-lettering text").first).to_be_attached()
    for size in ((1024, 768), (1280, 720), (1366, 768), (1600, 1200), (1920, 940), (2560, 1080)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(800)
        parts = [page.locator(".stage-picture").first, page.locator(".stage-key-words:visible").first]
        parts += [page.locator(".stage-picture").last] if size != (1024, 768) else []
        for part in parts:
            assert box(part)["bottom"] <= size[1]
            assert box(part)["right"] <= size[0]
        assert box(page.locator(".stage-picture").first)["height"] > 160


@pytest.mark.parametrize("size", ["desktop", pytest.param("wide", marks=MORE)])
def test_on_a_projector_a_look_inside_leaves_the_picture_above_it_legible(visitor, size):
    page = opened(visitor, view="type_size-large.selected-conv2", size=size)
    page.locator(".stage-panel").get_by_role("button", name="Look inside", exact=True).click()
    expect(page.locator(".stage-inside canvas:visible").first).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.locator(".stage-figure").first.evaluate(LYING_OVER, [".stage-lettering text", 4]) == 0
    look, height = box(page.locator(".stage-look")), 1080 if size == "wide" else 800
    maps = [box(one) for one in page.locator(".stage-inside-holder:visible").all()]
    assert min(one["width"] for one in maps) > 200
    assert look["y"] >= 0
    assert maps[0]["bottom"] < height
    assert box(page.locator(".stage-panel"))["bottom"] <= height  # the sliders stay beside it


@pytest.mark.parametrize("size", ["desktop", pytest.param("wide", marks=MORE)])
def test_on_a_projector_a_look_inside_chosen_among_the_charts_comes_into_sight(visitor, size):
    page = opened(visitor, view="type_size-large.selected-conv2", size=size)
    page.locator(".stage-figures").get_by_role("button", name="Inside", exact=True).click()
    expect(page.locator(".stage-inside canvas:visible").first).to_be_visible()
    page.wait_for_timeout(1000)
    look, height = box(page.locator(".stage-look")), 1080 if size == "wide" else 800
    assert look["y"] >= box(page.get_by_test_id("stHeader"))["bottom"]
    assert all(box(one)["bottom"] <= height for one in page.locator(".stage-inside-holder:visible").all()[:1])
    assert box(page.locator(".stage-panel"))["bottom"] <= height  # the sliders stay beside it


def test_a_sign_stays_in_one_line_with_its_word(visitor):
    page = opened(visitor, view="type_size-large", look=True)
    said = page.locator(".stage-figure-note", has_text="biases")
    expect(said).to_be_visible()
    assert said.text_content() == "▨\u00a0biases"


def test_on_a_projector_the_figures_keep_clear_of_their_cards_edges(visitor):
    page = visitor.open("?view=type_size-large", size="wide")
    expect(page.locator(".stage-total-value").first).to_have_text("32,998")
    gaps = page.locator(".stage-totals").evaluate("""card => {
        const { top, bottom } = card.getBoundingClientRect();
        const seen = [...card.querySelectorAll(".stage-total")].filter((one) => one.offsetHeight);
        return seen.flatMap((one) => {
            const box = one.getBoundingClientRect(), name = one.querySelector(".stage-total-name");
            return [box.top - top, bottom - name.getBoundingClientRect().bottom];
        });
    }""")
    assert min(gaps) >= 6
