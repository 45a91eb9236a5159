"""Where a lesson's pictures stand: on a phone right after the questions that they are about, else beside them."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from layerscope.link import encode
from layerscope.presets import PRESETS
from tests.browser.conftest import SIZES
from tests.browser.test_code import OVERLAPPING
from tests.browser.test_reach import settled

ANSWERED = {
    "anatomy": "value:7~second:in_channels~order:the same layer~twice:none, an error~default:7",
    "decides": "who0:you~who1:you~who2:you~who3:you~who4:you~who5:you~input:conv1.in_channels~classes:out.out_features",
    "kernel": "depth:7~filters:7~kernels:7~maps:18~flat:7",
    "following": "h0:7~h1:7~h2:7~h3:7~length:7",
    "counting": "conv:7~linear:7~most:conv2~features:7~total:more",
    "sliding": "keep:7~size:7~unread:7~cover:7~groups:7",
    "patterns": "channels:they grow~weights:the convolutions~work:the convolutions~linear:LeNet-5~first:7",
    "skips": "sum:yes~padding:7~layer:Conv2d(6, 12, 1)~cost:7~channels:7~next:7",
    "looking": "maps:7~blank:0, in every cell~negative:7~sees:7~seed:how many maps there are~excites:to find edges",
    "tradeoffs": "kernel:it grows~plateau:7~widths:about 2 times~better:no",
    "training": "first:2.30~guess:1 in 10~kernel:5~seed:no~rate:it learns much faster",
}
ORDER = {
    "anatomy": "value second CALL order TURNED twice TWICE default DEFAULT",
    "decides": "who0 who1 who2 who3 who4 who5 input classes COURSE",
    "kernel": "depth filters kernels WEIGHT maps flat WINDOW",
    "following": "h0 h1 h2 h3 FLOW length WHOLE",
    "counting": "conv linear most features total COURSE",
    "sliding": "keep KEEPING size unread STRIDE cover DILATION groups ALL",
    "patterns": "channels PROFILE weights work linear first WHERE",
    "skips": "sum FAILS padding layer cost MENDED channels JOINED next TRY",
    "looking": "maps blank MAPS negative RELU sees SEES seed excites EXCITES",
    "tradeoffs": "kernel KERNEL plateau PLATEAU widths WIDTHS better BETTER",
    "training": "first guess kernel KERNEL seed SEED rate",
}
"""Questions in small letters, pictures in capitals, from the top of the phone's page to its end."""
BOXES = """() => [...document.querySelectorAll('.stMain [class*=st-key-ask-], .stMain [class*=st-key-lesson-] .stage')]
    .map((node) => {
        const asked = /st-key-ask-[a-z]+-([a-z0-9]+)/.exec(node.className);
        const drawn = node.closest('[class*=st-key-lesson-]:not([class*=st-key-lesson-picture])');
        const name = asked ? asked[1] : /st-key-lesson-[a-z]+-_?([a-z]+)/.exec(drawn.className)[1].toUpperCase();
        const { left, right, top, bottom } = node.getBoundingClientRect();
        return { name, left, right, top, bottom };
    })"""


QUICK = ("skips",)


@pytest.mark.parametrize(
    "key", [key if key in QUICK else pytest.param(key, marks=pytest.mark.thorough) for key in ORDER]
)
def test_a_picture_follows_its_questions_on_a_phone_and_stands_beside_one_on_a_screen(visitor, key):
    page = settled(visitor.open(f"{key}?answers={ANSWERED[key]}", size="phone"))
    boxes = sorted(page.evaluate(BOXES), key=lambda box: box["top"])
    assert " ".join(box["name"] for box in boxes) == ORDER[key]
    for above, below in pairwise(boxes):
        assert above["bottom"] <= below["top"]
    page.set_viewport_size(SIZES["desktop"])
    boxes = settled(page).evaluate(BOXES)
    asked = {box["name"]: box for box in boxes if box["name"].islower()}
    drawn = {box["name"]: box for box in boxes if box["name"].isupper()}
    row: list[str] = []
    for name in ORDER[key].split():
        row.append(name)
        if name in drawn:
            picture = drawn[name]
            beside = [asked[one] for one in row[:-1]]
            assert all(box["right"] < picture["left"] for box in beside)
            assert any(box["top"] < picture["bottom"] and picture["top"] < box["bottom"] for box in beside)
            row = []
    assert len(drawn) == sum(name.isupper() for name in ORDER[key].split())


def test_on_a_phone_the_menu_makes_room_for_the_page_that_was_chosen(visitor):
    page = settled(visitor.open("anatomy", size="phone"))
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Following the shape").click()
    expect(page.locator(".lesson-place").first).to_contain_text("Lesson 4")
    page.wait_for_function("() => document.querySelector('.stSidebar').getBoundingClientRect().right <= 0")


def test_on_a_phone_no_shape_of_a_long_network_stands_over_another(visitor):
    answers = "~".join(f"h{place}:7" for place in range(8))
    network = encode(PRESETS["alexnet"])
    page = settled(visitor.open(f"following?on=mine&net={network}&answers={answers}", size="phone"))
    page.wait_for_function(f"() => JSON.stringify(({OVERLAPPING})()) === '[true]'", timeout=10_000)


def test_on_a_phone_the_picture_then_the_layers_stand_below_the_quizs_question_and_answers_are_a_thumb_apart(visitor):
    page = visitor.open("quiz", size="phone")
    box = page.locator(".st-key-quiz-picture .stage")
    expect(box).to_be_visible()
    shown = page.locator(".quiz-network:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("kernel_size=5")
    question, picture, layers, settings = [
        page.locator(name).first.bounding_box()
        for name in (".quiz-question", ".st-key-quiz-picture", ".quiz-network:visible", ".st-key-quiz-settings")
    ]
    assert question["y"] < picture["y"] < layers["y"] < settings["y"]
    tops = [one.bounding_box()["y"] for one in page.locator("[role=radiogroup] label").all()]
    assert min(low - high for high, low in pairwise(tops)) >= 36


def test_on_a_screen_the_layers_stand_beside_the_quizs_question(visitor):
    page = visitor.look("quiz")
    shown = page.locator(".quiz-network:visible")
    expect(shown).to_have_count(1)
    assert shown.bounding_box()["x"] > page.locator(".quiz-question").bounding_box()["x"] + 300


def test_a_lessons_formula_is_not_broken_on_a_phone(visitor):
    page = visitor.open("following", size="phone")
    formula = page.get_by_text("floor((i + 2p - d(k-1) - 1) / s) + 1", exact=True)
    expect(formula).to_be_visible()
    assert formula.evaluate("node => node.getClientRects().length") == 1


def test_a_pictures_note_is_read_whole_on_a_phone_and_nothing_lies_over_what_is_typed(visitor):
    page = settled(visitor.open("sliding", size="phone"))
    note = page.locator(".stage-figure-note")
    expect(note).to_contain_text("never read")
    assert note.evaluate("node => node.scrollWidth - node.clientWidth") <= 1
    page.get_by_role("textbox").first.fill("2")
    expect(page.get_by_text("Press Enter")).to_be_hidden()


def test_on_a_phone_the_choice_of_the_network_begins_where_all_else_does_and_long_code_says_that_it_goes_on(visitor):
    page = visitor.open("anatomy?on=mine&net=1x28x28-10~Conv2d.6.3~Flatten~Linear.10", size="phone")
    choice, title = page.locator(".st-key-shown-on .stRadio"), page.get_by_role("heading").first
    left = "node => node.getBoundingClientRect().left"
    assert abs(choice.evaluate(left) - title.evaluate(left)) <= 1
    expect(page.get_by_placeholder("Your answer")).to_be_visible()  # not every question is a prediction
    page = visitor.turn(page, "?view=chart-code")
    code = page.locator(".stage-code")
    assert code.evaluate("node => node.scrollWidth - node.clientWidth") > 50
    shades = "node => getComputedStyle(node).backgroundAttachment"
    assert code.evaluate(shades) == "local, scroll"
