"""The Trials page in a browser: from the button to the table, on real workers."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_reach import settled

ASK = "trials?net=1x8x8-10~Flatten~Linear.10&try=lr%3D0.1%2C+0.01&epochs=1"


@pytest.mark.thorough
def test_trials_run_in_front_of_the_class_and_a_row_opens_its_network(visitor):
    page = settled(visitor.open(ASK))
    page.get_by_role("button", name="Run 2 trials").click()
    expect(page.get_by_text("All trials are done.")).to_be_visible(timeout=120_000)
    assert "run=" in page.url
    buttons = page.locator(".st-key-trials-after")
    beside = [buttons.get_by_text(words).first for words in ("Run it again with 5 seeds", "Start over in Train")]
    middles = [box["y"] + box["height"] / 2 for one in beside if (box := one.bounding_box())]
    assert max(middles) - min(middles) < 2
    row = page.locator(".st-key-trials-table .stage-opens").first
    row.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?net=*")
    page.go_back()
    expect(page.get_by_text("All trials are done.")).to_be_visible()


@pytest.mark.thorough
def test_trials_that_are_continued_are_live_again(visitor):
    long = ASK.replace("epochs=1", "epochs=200&batch=16")  # they must not be done before the click
    page = settled(visitor.open(long))
    page.get_by_role("button", name="Run 2 trials").click()
    for _ in range(6):  # workers that still start have no weights to keep
        expect(page.get_by_text("trials 0 and 1 are running")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Stop").press("Enter")
        expect(page.get_by_text("Stopped after")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Run the rest")).to_be_focused()
        if page.get_by_text("can be continued in Train.").is_visible():
            break
        page.get_by_role("button", name="Run the rest").click()
    expect(page.get_by_text("can be continued in Train.")).to_be_visible()
    trials = page.url
    page.get_by_role("button", name="Continue in Train").click()
    page.wait_for_url("**/train?*")
    expect(page.locator(".train-end")).to_contain_text("held-out images are classified correctly", timeout=60_000)
    page.goto(trials)
    page.get_by_role("button", name="Run the rest").click()
    expect(page.get_by_text("All trials are done.")).to_be_visible(timeout=120_000)


def test_what_is_tried_follows_the_form_on_a_phone(visitor):
    page = settled(visitor.open(ASK, size="phone"))
    page.get_by_label("lr", exact=True).fill("0.1, 0.01, 0.001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Run 3 trials")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


TOP = "document.querySelector('.st-key-trials-how').getBoundingClientRect().top"


def test_settings_stay_where_they_are_as_the_page_is_drawn_again(visitor):
    page = settled(visitor.open(ASK))
    assert "how=" not in page.url, "an empty word says nothing"
    before = page.evaluate(TOP)
    page.get_by_role("navigation", name="App pages").get_by_role("link", name="Explore").click()
    page.wait_for_url(lambda url: "/trials" not in url)
    settled(page)
    page.get_by_role("button", name="Lab").click()
    page.locator("a[href*='/trials']").first.click()
    page.wait_for_url("**/trials*")
    expect(page.get_by_role("button", name="Run 2 trials")).to_be_visible()
    settled(page)
    assert page.evaluate(TOP) == before
    page.get_by_label("Epochs").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**epochs=2*")
    settled(page)
    assert page.evaluate(TOP) == before


def test_what_a_closed_box_held_is_not_done_again(visitor):
    """A browser that shows a widget no more does not hear what the server sets, and sends the old value again."""
    page = settled(visitor.open(f"{ASK}&size=8"))
    page.get_by_role("button", name="More settings").click()
    expect(page.get_by_label("Batch size")).to_be_visible()
    settled(page)
    page.get_by_label("Batch size").fill("37")
    page.keyboard.press("Enter")
    page.wait_for_url("**batch=37*")
    page.keyboard.press("Escape")
    page.go_back()
    page.wait_for_url(lambda url: "batch=37" not in url)
    settled(page)
    page.get_by_role("button", name="Change network…").click()
    page.get_by_role("combobox", name="A known network").fill("LeNet-5")
    page.keyboard.press("Enter")
    page.wait_for_url("**net=*")
    settled(page)
    page.get_by_role("button", name="Change network…").click()
    page.get_by_role("textbox", name="Or a link, code or JSON").fill(
        "nn.Sequential(nn.Flatten(), nn.Linear(64, 10))  # 1x8x8"
    )
    page.keyboard.press("Control+Enter")
    head = page.locator(".st-key-lab-head")
    expect(head).to_contain_text("2 layers")
    page.get_by_label("Epochs").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**epochs=2*")
    settled(page)
    expect(head).to_contain_text("2 layers")
    assert "batch=37" not in page.url
