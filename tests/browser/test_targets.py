"""What is pressed is large enough for any finger and any hand: 24 by 24 CSS pixels at least (WCAG 2.2, 2.5.8).

Left out is what WCAG leaves out: links within a line of text. axe-core lets a smaller target pass where others are far
enough away; here each one is measured.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.test_reach import settled

LEAST = 24
SMALL = """(least) => {
    // A box is pressed with its label, a weight with its cell.
    const target = (node) => node.matches('input') && node.closest('label, .stage-product') || node;
    return [...document.querySelectorAll(
        'button, input, select, textarea, summary, a[href], [role=tab], [role=option], [role=slider], [role=switch]',
    )].filter((node) => {
    const main = node.closest('[data-testid=stMain]');
    const seen = { opacityProperty: true, visibilityProperty: true };
    if (!main || node.disabled || !node.checkVisibility(seen)) return false;
    if (getComputedStyle(node).display === 'inline' && node.matches('a')) return false;
    // Of these the track and the whole box are pressed; their fields are out of sight, or grow with what is typed.
    if (node.closest('.stSlider, .stMultiSelect') && node.matches('input')) return false;
    // What is clipped to a pixel is there for screen readers alone.
    const box = target(node).getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) return false;
    return box.width < least - 0.01 || box.height < least - 0.01;
}).map((node) => {
    const box = target(node).getBoundingClientRect();
    const name = node.getAttribute('aria-label') || node.textContent.trim().slice(0, 30);
    return `${node.tagName} ${node.className} “${name}” ${box.width.toFixed(1)}×${box.height.toFixed(1)}`;
    });
}"""
PLACES = {
    "explore": "?view=selected-conv2",
    "window": "?view=selected-conv2.chart-inside",
    "weights": "?view=selected-conv2.chart-inside.lens-weights",
    "maps": "?view=selected-conv2.chart-inside.lens-maps",
    "class": "?view=selected-conv2.chart-inside.lens-class",
    "code": "?view=chart-code.code-modules.extras-both",
    "fails": "?net=1x28x28-10~Conv2d.6.33~Flatten~Linear.10",
    "compare": "compare",
    "sweep": "sweep?where=parameters%20%3C%205k",
    "memory": "memory",
    "train": "train",
    "trials": "trials",
}
QUICK = ("explore", "maps", "sweep")


@pytest.mark.parametrize(
    "place", [place if place in QUICK else pytest.param(place, marks=pytest.mark.thorough) for place in PLACES]
)
def test_what_is_pressed_is_large_enough(visitor, place):
    for size in ("desktop", "phone"):
        page = settled(visitor.open(PLACES[place], size=size))
        expect(page.locator("[data-testid=stMain]")).to_be_visible()
        assert page.evaluate(SMALL, LEAST) == []
