"""What is written is read whole: on lessons for a projector, beside pictures, on a phone, in menus."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from layerscope.link import View, encode, encode_view
from layerscope.presets import DEFAULT, PRESETS
from tests.browser.test_lessons_on_a_phone import ANSWERED
from tests.browser.test_reach import settled
from tests.browser.test_sight import box, opened, slider

CUT = """nodes => nodes.filter((node) => node.checkVisibility() && (node.scrollWidth > node.clientWidth + 1
    || node.scrollHeight > node.clientHeight + 1)).map((node) => node.textContent)"""
TOO_WIDE = "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent)"
TEXTS = """(picture) => [...picture.querySelectorAll("text")].filter((one) => one.textContent && one.checkVisibility())
    .map((one) => { const { left, top, right, bottom, height } = one.getBoundingClientRect();
        return { said: one.textContent, left, top, right, bottom, height }; })"""


def texts(picture: Locator) -> list[dict[str, Any]]:
    """The texts in a picture that is drawn, with their places."""
    expect(picture.locator("text").first).to_be_attached()
    picture.page.wait_for_timeout(700)
    found: list[dict[str, Any]] = picture.evaluate(TEXTS)
    return found


def scrolled(page: Page, by: float) -> None:
    page.evaluate(f"document.querySelector('.stMain').scrollBy(0, {by})")
    page.wait_for_timeout(200)


# --- the projector on every page that is shown to a class -------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["quiz", pytest.param(f"kernel?answers={ANSWERED['kernel']}", marks=pytest.mark.thorough)]
)
def test_the_projector_is_switched_on_where_it_is_needed_and_pictures_grow_with_the_words(visitor, path):
    page = settled(visitor.open(path))
    picture, words = page.locator(".stage-picture").first, page.locator(".stMain p").first
    before, type_size = texts(picture), words.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    page.locator(".stMain .stCheckbox").get_by_text("Projector").click()
    page.wait_for_function("() => parseFloat(getComputedStyle(document.documentElement).fontSize) > 18")
    after = texts(picture)
    grown = words.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") / type_size
    assert grown > 1.3
    heights = {one["said"]: one["height"] for one in before}
    assert len(after) > 5
    larger = grown * 1.25 if path == "quiz" else grown  # there the picture's letters are as large as Explore's
    for one in after:  # some names have no room any more
        assert one["height"] / heights[one["said"]] == pytest.approx(larger, rel=0.1)
    edge = box(picture)
    assert min(one["left"] for one in after) >= edge["x"] - 1
    assert max(one["right"] for one in after) <= edge["right"] + 1
    for place, one in enumerate(after):
        for other in after[place + 1 :]:
            across = min(one["right"], other["right"]) - max(one["left"], other["left"])
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            assert across <= 1 or down <= one["height"] / 4, (one["said"], other["said"])
    page.get_by_test_id("stTopNavLink").filter(has_text="Explore").click()
    expect(page.locator(".stage-large")).to_be_attached()  # one switch for the visit


def test_a_phone_has_no_switch_and_no_large_type(visitor):
    page = settled(visitor.open("quiz"))
    page.locator(".stMain .stCheckbox").get_by_text("Projector").click()
    page.wait_for_function("() => parseFloat(getComputedStyle(document.documentElement).fontSize) > 18")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".stMain .stCheckbox").get_by_text("Projector")).to_be_hidden()
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 15


# --- what stays on a phone's screen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        f"kernel?answers={ANSWERED['kernel']}",
        pytest.param(f"counting?answers={ANSWERED['counting']}", marks=pytest.mark.thorough),
    ],
)
def test_on_a_phone_picture_and_sentence_leave_the_screen_with_the_last_slider(visitor, path):
    """Whether anything comes after the sliders in the same stage, or nothing does."""
    page = settled(visitor.open(path, size="phone"))
    stage = page.locator(".stage:has(.stage-slider)")
    picture, sentence, sliders = (stage.locator(name) for name in (".stage-stays", ".stage-message", ".stage-panel"))
    expect(picture.locator("svg").first).to_be_attached()
    page.wait_for_timeout(500)
    header = box(page.get_by_test_id("stHeader"))["bottom"]
    scrolled(page, box(sliders)["bottom"] - box(sentence)["height"] - box(picture)["height"] - header - 60)
    assert header <= box(picture)["y"] < header + 5  # the last slider is still there
    scrolled(page, 200)
    assert box(sentence)["bottom"] <= box(sliders)["bottom"] + 1
    assert box(picture)["bottom"] == pytest.approx(box(sentence)["y"], abs=1)  # neither lies over the other
    scrolled(page, 400)
    assert box(sentence)["bottom"] < header


def test_on_a_phone_no_text_of_a_lessons_picture_is_cut_or_over_another(visitor):
    page = settled(visitor.open(f"kernel?answers={ANSWERED['kernel']}", size="phone"))
    picture = page.locator(".stage-stays .stage-picture").first
    found, edge = texts(picture), box(picture)
    assert {"kernel", "0", "filter 5"} <= {one["said"] for one in found}
    assert min(one["top"] for one in found) >= edge["y"]
    assert max(one["bottom"] for one in found) <= edge["bottom"]
    settled(visitor.turn(page, "sliding?answers=keep:2"))
    sides = sorted(texts(page.locator(".stage-picture").first), key=lambda one: one["left"])
    assert [one["said"] for one in sides] == ["input 12×12, padding 2", "output 12×12"]
    assert sides[0]["right"] < sides[1]["left"]


def test_on_a_phone_what_changed_is_told_once(visitor):
    page = opened(visitor, view="selected-conv2", size="phone")
    slider(page, "kernel_size").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-message-title")).to_have_text("conv2.kernel_size 5 → 4")
    assert page.locator(".stage-chip:visible").count() == 0


# --- what stands beside a picture, in the panel and in menus ----------------------------------------------------------


@pytest.mark.parametrize(
    "name", [DEFAULT, *(pytest.param(name, marks=pytest.mark.thorough) for name in ("unet", "squeezenet1_1"))]
)
def test_what_is_said_of_a_pictures_scale_is_read_whole(visitor, name):
    network = PRESETS[name]
    layer = next(layer.name for layer in network.layers if layer.type == "Conv2d")
    page = opened(visitor, network, encode_view(View(selected=layer)))
    notes = page.locator(".stage-figure-note")
    for key in ("Home", "End"):
        slider(page, "out_channels").focus()
        page.keyboard.press(key)
        expect(page.locator(".stage-control.stage-is-lit").filter(has_text="out_channels")).to_be_visible()
        page.wait_for_timeout(400)
        assert notes.evaluate_all(CUT) == []
    assert name != DEFAULT or "scale changed" in " ".join(notes.all_text_contents())


def test_what_a_layer_never_reads_is_read_whole_from_the_back_row(visitor):
    page = opened(visitor, view="type_size-large.selected-pool1")
    note = page.locator(".stage-panel-note")
    slider(page, "stride").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        assert note.evaluate_all(CUT) == []
    expect(note).to_contain_text("of 24 rows and columns")


def test_the_introduction_leaves_no_empty_line_at_its_foot(visitor):
    page = visitor.look()
    banner, told = box(page.locator(".stage-message")), box(page.locator(".stage-lead > div"))
    assert told["y"] - banner["y"] == pytest.approx(banner["bottom"] - told["bottom"], abs=4)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_entries_of_the_networks_menu_are_read_whole(visitor, size):
    page = opened(visitor, size=size)
    page.locator(".st-key-widget-preset").get_by_role("button").first.click()
    entries, seen = page.get_by_role("listbox").locator("[role=option]:visible > div"), set()
    expect(entries.nth(2)).to_be_visible()
    for _ in range(8):
        assert entries.evaluate_all(TOO_WIDE) == []
        seen.update(entries.all_text_contents())
        page.get_by_role("listbox").first.evaluate("node => node.scrollBy(0, 200)")
        page.wait_for_timeout(150)
    assert len(seen) >= len(PRESETS) - 1


def test_large_numbers_of_a_brush_have_separators(visitor):
    page = settled(visitor.open(f"sweep?net={encode(PRESETS[DEFAULT])}&first=conv1.kernel_size:1:5:1"))
    brush = page.locator(".st-key-sweep-brushes")
    expect(brush).to_contain_text("194,136")
    expect(brush).not_to_contain_text("194136")
