"""A number that a field does not take: what is said, where, and what becomes of what was typed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Size, Visitor
from tests.browser.test_reach import settled

FIELDS = {
    "train": ("Batch size", "99999", "from 1 to 4,096. Until then, 50 is used.", "32"),
    "memory": ("Batch size", "100000000", "from 1 to 1,048,576. Until then, 64 is used.", "100"),
    "trials": ("Learning rate (lr)", "0", "above 0 and at most 100. Until then, 0.001 is used.", "0.5"),
    "sweep": ("Step", "0", "from 1 to 999,999,999. Until then, 1 is used.", "2"),
    "quiz": ("Seed", "-3", "from 1 to 9,999. Until then, 1 is used.", "7"),
}
"""By page: a field, a number that it does not take, what is said, one that it takes."""
SAID = ".stNumberInput [role=alert]"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_number_that_is_not_taken_stays_below_it_is_said_what_works(
    visitor: Visitor, size: Size, thorough: bool
) -> None:
    page = visitor.open("glossary", size=size, scheme="dark")
    for name in FIELDS if thorough or size == "desktop" else ("trials", "sweep"):
        is_said_what_works(settled(visitor.turn(page, name)), name)


def is_said_what_works(page: Page, name: str) -> None:
    label, bad, says, good = FIELDS[name]
    if name == "trials":
        page.get_by_role("button", name="More settings").click()
    field = page.get_by_label(label, exact=True)
    expect(field).to_be_visible()
    field.evaluate("one => one.scrollIntoView({ block: 'center' })")
    before = _places(page)
    field.fill(bad)
    field.press("Enter")
    said = page.locator(SAID)
    expect(said).to_have_count(1)
    assert _places(page) == before
    shown = said.evaluate("one => getComputedStyle(one, '::after').content.split(' / ')[0]")
    assert shown == f'"Must be {says}"'
    seen, typed = said.bounding_box(), field.bounding_box()
    assert seen is not None
    assert typed is not None
    assert 0 <= seen["y"] - typed["y"] - typed["height"] < 10
    assert seen["x"] >= 0
    assert seen["x"] + seen["width"] <= page.evaluate("innerWidth")
    assert seen["height"] < (50 if name == "trials" else 30), "a line, in the box of settings two"
    assert said.evaluate(
        "one => { const at = one.getBoundingClientRect();"
        " return document.elementFromPoint(at.right - 9, at.bottom - 9) === one && getComputedStyle(one).clipPath; }"
    ) == "none"  # fmt: skip
    assert _heard(page, label).endswith(f". {says.partition('. ')[2]}")
    assert "Please enter a value between" in _heard(page, label)
    page.keyboard.press("Tab")
    expect(field).to_have_value(bad)
    assert field.evaluate("one => one.scrollWidth <= one.clientWidth")
    field.fill(good)
    field.press("Enter")
    expect(said).to_have_count(0)
    expect(field).to_have_value(good)


def _places(page: Page) -> list[float]:
    """Where the page's elements begin."""
    places: list[float] = page.locator(".stElementContainer").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().top)"
    )
    return places


def _heard(page: Page, label: str) -> str:
    """How a screen reader describes the field."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    field = next(
        node for node in tree["nodes"]
        if node.get("role", {}).get("value") == "spinbutton" and node["name"]["value"] == label
    )  # fmt: skip
    told: str = field["description"]["value"]
    return told
