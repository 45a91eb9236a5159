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
