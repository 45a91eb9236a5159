"""What tests share: a page that was only looked at stays open for the next one, one that was changed does not."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import Tabs, Visitor


def test_a_page_stays_open_for_those_who_look_until_somebody_changes_it(tabs: Tabs):
    first, second, third = (Visitor(tabs) for _ in range(3))
    page = first.look("quiz")
    page.evaluate("window.isTheSame = true")
    answer = page.locator("[role=radiogroup] input").first
    answer.focus()
    page.locator(".stMain").evaluate("one => one.scrollTo(0, 200)")
    first.leave()
    assert second.look("quiz") is page
    assert page.evaluate("window.isTheSame && document.querySelector('.stMain').scrollTop === 0")
    expect(answer).not_to_be_focused()
    page.locator("[role=radiogroup] label").first.click()
    expect(answer).to_be_checked()
    second.leave()
    page = third.look("quiz")
    assert page.evaluate("window.isTheSame === undefined")
    expect(page.locator("[role=radiogroup] input:checked")).to_have_count(0)
    page.evaluate("console.error('heard')")
    third.leave()
    assert (first.troubles, second.troubles, third.troubles) == ([], [], ["console: heard"])
    assert first.hosts == second.hosts == third.hosts == {urlsplit(tabs.address).netloc}


def test_a_visit_goes_on_in_the_tab_of_the_one_before_and_meets_nothing_that_was_unfolded_or_large_there(tabs: Tabs):
    first, second, third = (Visitor(tabs) for _ in range(3))
    page = first.visit("?view=selected-conv1")
    page.evaluate("window.isTheSame = true")
    page.locator(".stage-more > summary").first.click()
    expect(page.locator(".stage-more[open]")).to_have_count(1)
    first.leave()
    assert second.visit("?view=selected-conv2") is page
    expect(page.locator(".stage-panel-title")).to_have_text("conv2")
    expect(page.locator(".stage-more[open]")).to_have_count(0)
    page.locator(".st-key-widget-type_size").get_by_text("Projector").click()
    expect(page.locator(".stage-large")).to_be_attached()
    second.leave()
    assert second.visit("quiz") is page
    expect(page.locator(".quiz-question")).to_be_visible()
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") < 18
    page.evaluate("console.error('heard')")
    second.leave(has_failed=True)
    assert second.troubles == ["console: heard"]
    assert second.hosts == {urlsplit(tabs.address).netloc}
    page = third.visit("?view=selected-conv2")  # not in the tab of a test that failed, but as a new one
    assert page.evaluate("window.isTheSame === undefined")
    expect(page.locator(".stage-panel-title")).to_have_text("conv2")
    third.leave()
