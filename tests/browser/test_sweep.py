"""The Sweep page in a browser: points, cells and rows open their network."""

from playwright.sync_api import expect

from tests.browser.test_reach import settled

TWO = "sweep?first=conv1.kernel_size:1:5:1&second=conv2.kernel_size:1:5:1&see=parameters"


def test_a_row_is_opened_by_keyboard_and_back_leads_to_the_sweep(visitor):
    page = settled(visitor.open(TWO))
    button = page.locator(".st-key-sweep-table .stage-opens").first
    expect(button).to_have_text("4 open")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?net=*")
    assert "Conv2d.6.4~" in page.url
    page.go_back()
    expect(page.locator(".st-key-sweep-table .stage-opens").first).to_be_visible()


def test_a_cell_of_the_map_opens_its_network(visitor):
    page = settled(visitor.open(TWO))
    plot = page.locator(".st-key-sweep-pictures .js-plotly-plot .nsewdrag").first
    plot.hover()
    plot.click()
    page.wait_for_url("**/?net=*")
    assert "Conv2d.6.3" in page.url
    assert "Conv2d.12.3" in page.url
