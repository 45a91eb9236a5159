"""Every picture of the lab's pages, and of Look inside, has its buttons for PNG and SVG."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_reach import settled

PICTURES = {
    "compare": ("compare", 2),
    "memory": ("memory", 3),
    "sweep": ("sweep", 4),
    "train": ("train", 1),
    "inside": ("?view=selected-conv2.chart-inside", 2),
}


INSIDE = {
    "weights": "The weights of conv2", "maps": "What conv2 outputs", "activated by": "What activates conv2 most",
    "class": "Evidence for a class", "window": "How conv2 computes one value",
}  # fmt: skip
"""What a click on each view shows."""


@pytest.mark.parametrize("place", PICTURES)
def test_every_picture_can_be_saved(visitor, place):
    path, count = PICTURES[place]
    page = settled(visitor.open(path))
    if place != "inside":
        can_be_saved(page, count)
        return
    for name, title in INSIDE.items():
        page.get_by_role("group", name="Look at").get_by_role("button", name=name).click()
        expect(page.get_by_role("button", name=f"Save {title} as PNG")).to_be_visible()
        can_be_saved(page, count)


def can_be_saved(page: Page, count: int) -> None:
    pictures = page.locator(".stage-card:visible:has(.stage-bar)").filter(has_not=page.locator(".stage-code"))
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        for form in ("PNG", "SVG"):
            expect(picture.get_by_role("button", name=f"as {form}")).to_be_visible()
