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


def test_a_list_of_words_is_typed_and_a_brush_over_them_is_undone(visitor):
    page = settled(visitor.open("sweep?first=conv1.padding:0:2:1&see=parameters"))
    page.locator(".st-key-sweep-first").get_by_text("List of values").click()
    box = page.get_by_label("Values", exact=True)
    expect(box).to_have_value("0, 1, 2")
    box.fill("same, valid, 0")
    box.press("Enter")
    rows = page.locator(".st-key-sweep-table tbody tr")
    expect(rows.filter(has_text="same")).to_have_count(1)
    thumb = page.locator(".st-key-sweep-brushes").get_by_role("slider").last
    thumb.press("ArrowLeft")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Undo the last brush").click()
    expect(rows).to_have_count(3)


def test_a_cell_of_the_map_opens_its_network(visitor):
    page = settled(visitor.open(TWO))
    plot = page.locator(".st-key-sweep-pictures .js-plotly-plot .nsewdrag").first
    plot.hover()
    plot.click()
    page.wait_for_url("**/?net=*")
    assert "Conv2d.6.3" in page.url
    assert "Conv2d.12.3" in page.url


def test_the_button_of_a_large_sweep_gives_way_to_its_progress(visitor):
    page = settled(visitor.open("sweep?first=conv1.out_channels:1:100:1&second=conv2.out_channels:1:99:1"))
    start = page.get_by_role("button", name="Sweep 9,900 networks")
    start.click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(start).to_have_count(0, timeout=1_000)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You canceled the sweep; no result was kept.")).to_be_visible()
    expect(start).to_be_visible()


def test_a_brush_stands_below_its_axis_and_is_marked_on_it(visitor):
    path = "sweep?first=conv1.kernel_size:1:5:1&see=parameters,fc1.in_features"
    page = settled(visitor.open(path))
    places = """([query, name]) => {
        const { x, width } = [...document.querySelectorAll(query)].find((one) => one.textContent.startsWith(name))
            .getBoundingClientRect();
        return x + width / 2;
    }"""
    for name in ("conv1.kernel_size", "parameters", "fc1.in_features"):
        axis = page.evaluate(places, [".st-key-sweep-lines .annotation text", name])
        slider = page.evaluate(places, [".st-key-sweep-brushes .stSlider", name])
        assert abs(axis - slider) < 20, name
    card = page.locator(".st-key-sweep-lines")
    plain = card.locator(".shapelayer path").count()
    page.locator(".st-key-sweep-brushes").get_by_role("slider").first.press("ArrowRight")
    expect(card.locator(".shapelayer path")).to_have_count(plain + 1)
