"""The Memory page in a browser: an answer by keyboard changes the sentence, the pictures and the address."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_reach import settled


def test_a_batch_typed_by_keyboard_is_in_the_sentence_and_the_link(visitor: Visitor) -> None:
    page = settled(visitor.open("memory"))
    expect(page.locator(".memory-said")).to_contain_text("at a batch of 64")
    batch = page.get_by_label("Batch", exact=True)
    batch.focus()
    batch.fill("256")
    batch.press("Enter")
    expect(page.locator(".memory-said")).to_contain_text("at a batch of 256")
    assert "batch=256" in page.url
    expect(page.locator(".memory-compared")).to_contain_text("✓ agree")
    page.go_back()
    expect(page.locator(".memory-said")).to_contain_text("at a batch of 64")
