"""The stage in a browser, with the made-up data of stage_demo.py."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect

from scripts.live import ROOT, served
from tests.browser.conftest import Tabs
from tests.browser.test_reach import settled

SLIDER = ".st-key-explorer .stage-slider >> nth=1"
NUMBER = ".st-key-explorer .stage-number >> nth=1"
FLAGS = (
    "--server.enableStaticServing=true",
    "--runner.postScriptGC=false",
    "--browser.gatherUsageStats=false",
    "--server.fileWatcherType=none",
)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def demo_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the demo; a copy, as the published files lie beside the main script."""
    folder = tmp_path_factory.mktemp("stage")
    shutil.copy(Path(__file__).parent / "stage_demo.py", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        with served(folder / "stage_demo.py", directory=folder, flags=FLAGS) as address:
            yield address


@pytest.fixture(scope="module")
def demo_tabs(browser: Browser, demo_address: str) -> Tabs:
    return Tabs(browser, demo_address)


@pytest.fixture
def open_stage(demo_tabs: Tabs, demo_address: str) -> Iterator[Open]:
    """Open the demo once it is drawn; at the end no page may have complained."""
    troubles: list[str] = []
    pages = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    def on_error(error: Error) -> None:
        troubles.append(str(error))

    def open_page(query: str = "", width: int = 1280) -> Page:
        page = demo_tabs.take("desktop", "light")
        page.set_viewport_size({"width": width, "height": 800})
        pages.append(page)
        page.on("console", on_console)
        page.on("pageerror", on_error)
        page.goto(f"{demo_address}/{query}")
        page.wait_for_selector(".stage-plot .main-svg")
        expect(page.locator(".st-key-events code")).to_have_text("[]")
        return page

    yield open_page
    for page in pages:
        page.remove_listener("console", on_console)
        page.remove_listener("pageerror", on_error)
        demo_tabs.give_back(page, "desktop")
    assert troubles == []


def events(page: Page) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(page.locator(".st-key-events code").inner_text())
    return told


def wait_for_commit(page: Page, key: str, value: Any) -> list[dict[str, Any]]:
    """Wait until Python was told of this commit; give back everything it was told."""
    wanted = json.dumps({"key": key, "value": value, "phase": "commit"})[1:-1]
    expect(page.locator(".st-key-events code")).to_contain_text(wanted)
    return events(page)


def commits(told: list[dict[str, Any]]) -> list[Any]:
    return [event["value"] for event in told if event["phase"] == "commit"]


def drag(page: Page, shares: list[float]) -> None:
    box = page.locator(SLIDER).bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    xs = [box["x"] + 9 + share * (box["width"] - 18) for share in shares]
    page.mouse.move(xs[0], y)
    page.mouse.down()
    for x in xs[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


def test_an_answer_that_is_ready_late_does_not_replace_a_newer_one(open_stage):
    """While modules load, the browser may go on with Streamlit's second call before the first."""
    page = open_stage()
    shown = page.evaluate("""async () => {
      const loaded = performance.getEntriesByType("resource").find((one) => one.name.endsWith("/stage.js"));
      const { draw } = await import(loaded.name);
      const parentElement = document.body.appendChild(document.createElement("div"));
      const said = (title) => ({ parentElement, data: { message: { tone: "note", title } }, setTriggerValue() {} });
      const base = new URL("./", document.baseURI).href;
      await Promise.all([draw(said("newer"), base, 2), draw(said("older"), base, 1)]);
      return parentElement.querySelector(".stage-message").innerText;
    }""")
    assert "newer" in shown
    assert "older" not in shown


def test_an_update_is_drawn_and_keeps_nodes_focus_and_what_was_unfolded(open_stage):
    page = open_stage()
    first = "() => document.querySelector('.js-plotly-plot').data[0].y[0]"
    assert page.evaluate(first) == 3000 - 40 * 5
    page.locator(".stage-panel summary", has_text="More").click()
    page.evaluate(
        """() => {
            const parts = [".stage-slider", ".stage-option", ".js-plotly-plot", ".main-svg",
              ".stage-table tbody tr", ".stage-total", ".stage-message", "details"];
            window.kept = parts.map((name) => [name, document.querySelector(name)]);
        }"""
    )
    page.locator(SLIDER).focus()
    page.keyboard.press("ArrowRight")
    wait_for_commit(page, "conv1.kernel_size", 6)
    page.wait_for_function(f"() => ({first})() === 3000 - 40 * 6")
    expect(page.locator(".stage-message-title")).to_have_text("conv1.kernel_size 5 → 6")
    expect(page.locator("tr.stage-is-lit")).to_contain_text("fc1")
    changed = page.evaluate("() => kept.filter(([name, node]) => document.querySelector(name) !== node).map(String)")
    assert changed == []
    expect(page.locator(SLIDER)).to_be_focused()
    assert page.locator(".stage-panel details", has=page.locator("summary", has_text="More")).evaluate(
        "node => node.open"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_sliding(open_stage, width):
    page = open_stage(width=width)
    page.evaluate(
        """() => {
            window.shift = 0;
            new PerformanceObserver((seen) => {
              for (const entry of seen.getEntries()) window.shift += entry.value;
            }).observe({type: "layout-shift"});
            window.places = () => ["totals", "message", "outline", "panel", "figures", "details"]
              .map((name) => {
                const {x, y, width} = document.querySelector(`.stage-${name}`)
                  .getBoundingClientRect();
                return [name, x, y, width].join(" ");
              });
        }"""
    )
    slider = page.locator(SLIDER)
    slider.focus()
    before = page.evaluate("places()")
    for step in range(20):
        page.keyboard.press("ArrowRight" if step % 6 < 3 else "ArrowLeft")
        page.wait_for_timeout(60)
        assert page.evaluate("places()") == before
    wait_for_commit(page, "conv1.kernel_size", int(slider.input_value()))
    assert page.evaluate("places()") == before
    assert page.evaluate("shift") < 0.01


def test_a_box_without_room_for_a_picture_waits_until_there_is_some(open_stage):
    """Drawn a few pixels wide, Plotly puts a title at infinity, and says so in the console."""
    page = open_stage()
    narrow = page.add_style_tag(content=".stage-picture { max-width: 10px }")
    page.locator(SLIDER).focus()
    page.keyboard.press("ArrowRight")
    wait_for_commit(page, "conv1.kernel_size", 6)
    page.wait_for_timeout(300)
    narrow.evaluate("node => node.remove()")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot').data[0].y[0] === 3000 - 40 * 6")
    page.wait_for_function("""() => [...document.querySelectorAll(".js-plotly-plot")]
      .every((plot) => plot.layout.width === Math.floor(plot.parentElement.clientWidth))""")


def test_a_drag_is_one_commit_and_the_last_value_wins(open_stage):
    page = open_stage("?slow=0.15")
    drag(page, [0.4, 0.9, 0.1, 0.8, 0.2, 0.7, 1.0])
    told = wait_for_commit(page, "conv1.kernel_size", 11)
    assert commits(told) == [11]
    assert told[-1]["phase"] == "commit"
    assert len(told) < 20  # 18 moves went by: most of them were overtaken
    sequences = [event["sequence"] for event in told]
    assert sequences == sorted(set(sequences))
    expect(page.locator(NUMBER)).to_have_value("11")


def test_a_drag_that_ends_where_it_began_commits_too_and_holding_an_arrow_key_is_one_commit(open_stage):
    page = open_stage()
    drag(page, [0.4, 0.9, 0.4])
    assert commits(wait_for_commit(page, "conv1.kernel_size", 5)) == [5]
    page.locator(SLIDER).focus()
    for _ in range(4):
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    assert commits(wait_for_commit(page, "conv1.kernel_size", 9)) == [5, 9]


def test_a_late_answer_does_not_move_the_thumb_back(open_stage):
    page = open_stage("?slow=0.3")
    slider = page.locator(SLIDER)
    slider.focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(150)
        seen.append(int(slider.input_value()))
    assert seen == [6, 7, 8, 9, 10]
    told = commits(wait_for_commit(page, "conv1.kernel_size", 10))
    assert told == sorted(set(told))  # what waited together became one; the last is there
    assert set(told) <= set(seen)
    expect(page.locator(NUMBER)).to_have_value("10")


def test_commits_survive_a_server_that_takes_too_long(open_stage):
    page = open_stage("?slow=2.5")
    for name in ("relu1", "pool1"):
        page.locator(".stage-option", has_text=name).click()
        page.locator(".stage-switch").click()
    page.get_by_role("tab", name="Cost").click()
    told = wait_for_commit(page, "view", "cost")
    values = [event["value"] for event in told]
    assert values == ["relu1", False, "pool1", True, "cost"]


def test_a_number_beyond_the_span_and_one_that_is_none(open_stage):
    page = open_stage()
    number = page.locator(NUMBER)
    number.fill("20")
    number.press("Enter")
    wait_for_commit(page, "conv1.kernel_size", 20)
    expect(page.locator(".stage-control .stage-lit:visible")).to_have_text("5 → 20")
    number.fill("abc")
    number.press("Enter")
    wait_for_commit(page, "conv1.kernel_size", "abc")
    expect(page.locator(".stage-error:visible")).to_contain_text("not 'abc'")
    expect(number).to_have_value("abc")
    expect(number).to_have_attribute("aria-invalid", "true")


def test_every_other_control_commits_once(open_stage):
    page = open_stage()
    page.get_by_label("padding_mode", exact=True).select_option("reflect")
    page.get_by_label("bias", exact=True).uncheck()
    page.get_by_role("button", name="per axis").click()
    page.get_by_role("button", name="Move down").click()
    page.get_by_role("button", name="Feature maps").click()
    page.get_by_role("textbox", name="padding", exact=True).fill("same")
    page.get_by_role("tab", name="Cost").click()
    told = wait_for_commit(page, "view", "cost")
    assert [(event["key"], event["value"]) for event in told] == [
        ("padding_mode", "reflect"),
        ("bias", False),
        ("split:conv1.kernel_size", None),
        ("move_down", None),
        ("chart", "maps"),
        ("padding", "same"),
        ("view", "cost"),
    ]
    expect(page.locator("caption")).to_contain_text("cost")


def test_the_outline_follows_arrow_keys_and_figures(open_stage):
    page = open_stage()
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    wait_for_commit(page, "select", "relu1")
    expect(page.locator(".stage-option[aria-selected=true]")).to_contain_text("relu1")
    bar = page.locator(".js-plotly-plot").first.locator(".bars .point path").nth(3)
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    wait_for_commit(page, "select", "conv2")
    expect(page.locator(".stage-option[aria-selected=true]")).to_contain_text("conv2")


def test_shortcuts_leave_text_fields_alone_but_one_whose_text_was_sent(open_stage):
    page = open_stage()
    page.locator(NUMBER).focus()
    page.keyboard.type("1")
    page.keyboard.press("Control+z")
    page.locator(SLIDER).focus()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+z")
    told = wait_for_commit(page, "undo", None)
    assert [event["key"] for event in told] == ["redo", "undo"]
    page.locator(NUMBER).fill("7")
    page.keyboard.press("Enter")
    wait_for_commit(page, "conv1.kernel_size", 7)
    page.keyboard.press("Control+z")
    expect(page.locator(".st-key-events code")).to_contain_text(re.compile('"undo".*"undo"'))
    assert [event["key"] for event in events(page)] == ["redo", "undo", "conv1.kernel_size", "undo"]


def test_streamlit_keys_leave_typed_text_alone_and_help_opens_from_the_keyboard_and_closes_with_escape(open_stage):
    """Streamlit keeps C and R for itself."""
    page = open_stage()
    page.locator(NUMBER).fill("")
    page.keyboard.type("cr")
    expect(page.locator(NUMBER)).to_have_value("cr")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="About kernel_size").focus()
    tip = page.locator(".stage-tip", has_text="Rows and columns of a filter")
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


@pytest.mark.parametrize(
    "query", ["", *(pytest.param(query, marks=pytest.mark.thorough) for query in ("?large=1", "?tone=error"))]
)
def test_nothing_sticks_out(open_stage, query):
    page = open_stage(query, width=390)
    for width in (390, 900, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        main = page.locator(".stMain").evaluate("node => [node.scrollWidth, node.clientWidth]")
        assert main[0] == main[1]
    if not query:  # the first screen needs no scrolling
        box = page.locator(".stage-body").bounding_box()
        figures = page.locator(".stage-figures").bounding_box()
        assert box is not None
        assert figures is not None
        assert figures["y"] + figures["height"] - box["y"] <= 695


def test_damaged_data_raises_nothing(open_stage):
    page = open_stage("?damaged=1")
    expect(page.get_by_role("option").first).to_contain_text("<img src=x onerror=f()>")
    assert page.locator(".stage img").count() == 0
    assert page.locator("[data-damaged]").count() == 0


def test_a_sentence_stands_in_for_plotly(demo_tabs, demo_address):
    page = demo_tabs.take("desktop", "light")
    page.goto(f"{demo_address}/?noplotly=1")
    expect(page.locator(".stage-absent").first).to_contain_text("did not load")
    demo_tabs.give_back(page, "desktop")


def test_plotly_is_fetched_once(open_stage):
    page = open_stage()
    page.reload()
    page.wait_for_selector(".stage-plot .main-svg")
    sizes = page.evaluate(
        """() => performance.getEntriesByType("resource")
             .filter(({name}) => /plotly-.*js$|stage\\.js$/.test(name))
             .map(({transferSize}) => transferSize)"""
    )
    assert sizes == [0, 0]
