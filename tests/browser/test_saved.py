"""Every picture of the lab's pages, and of Look inside, has its buttons for PNG and SVG."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_reach import settled

PICTURES = {
    "compare": ("compare", 2),
    "memory": ("memory", 3),
    "sweep": ("sweep", 4),
    "train": ("train", 1),
    **{
        lens: (f"?view=selected-conv2.chart-inside.lens-{lens}", 2)
        for lens in ("window", "weights", "maps", "excites", "class")
    },
}


@pytest.mark.parametrize("place", PICTURES)
def test_every_picture_can_be_saved(visitor, place):
    path, count = PICTURES[place]
    page = settled(visitor.open(path))
    pictures = page.locator(".stage-card:visible:has(.stage-bar)").filter(has_not=page.locator(".stage-code"))
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        for form in ("PNG", "SVG"):
            expect(picture.get_by_role("button", name=f"as {form}")).to_be_visible()
