"""What a hand feels: a drag is followed while it goes on, nothing jumps, and one walks, searches and guesses."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace

SEED = PRESETS[DEFAULT]

# Nodes that must stay where they are, focus, scroll positions and the browser's own measure of jumps. A <wbr> is a part
# of the text around it, which changes.
RECORD = """() => {
    const seen = window.seen = { totals: [], gone: [], shifts: [], blurs: 0, scrolls: 0, faint: 0 };
    const kept = new Set([...document.querySelectorAll(
        ".st-key-stage .stage *:not(svg *):not(wbr):not(.stage-chip):not(.stage-chip *):not(.js-plotly-plot *)")]);
    const total = document.querySelector(".stage-total-value");
    new MutationObserver((records) => {
        for (const record of records) for (const node of record.removedNodes)
            if (kept.has(node) && !node.isConnected) seen.gone.push(node.className);
        const shown = total.textContent;
        if (seen.totals.at(-1)?.shown !== shown) seen.totals.push({ shown, when: performance.now() });
        if ([...document.querySelectorAll("[data-stale=true]")].some((node) => getComputedStyle(node).opacity < 1))
            seen.faint += 1;
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries())
            seen.shifts.push([value, ...sources.map(({ node }) => node?.className ?? node?.parentElement?.className)]);
    }).observe({ type: "layout-shift", buffered: false });
    document.activeElement.addEventListener("blur", () => (seen.blurs += 1));
    document.addEventListener("scroll", () => (seen.scrolls += 1), { capture: true });
}"""


@pytest.fixture
def page(visitor) -> Page:
    return opened(visitor)


def opened(visitor, path: str = "", **options) -> Page:
    page: Page = visitor.open(path, **options)
    expect(page.locator(".stage-lettering text").first).to_be_attached()
    page.wait_for_timeout(500)
    return page


def kernel(page: Page) -> Locator:
    return page.get_by_role("slider", name="kernel_size", exact=True)


def total_of(kernel_size: int) -> str:
    return f"{trace(SEED.with_argument('conv1', 'kernel_size', kernel_size)).parameters:,}"


@pytest.mark.parametrize("size", ["desktop", pytest.param("phone", marks=pytest.mark.thorough)])
def test_a_drag_is_followed_and_nothing_jumps(visitor, size):
    page = opened(visitor, size=size)
    slider = kernel(page)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    low, high = int(slider.get_attribute("min") or 0), int(slider.get_attribute("max") or 0)

    def x(size: int) -> float:
        return box["x"] + 9 + (size - low) / (high - low) * (box["width"] - 18)

    y = box["y"] + box["height"] / 2
    page.mouse.move(x(5), y)
    page.mouse.down()
    page.evaluate(RECORD)
    way = [6, 7, 8, 7, 6, 5, 4, 3, 2, 3, 4, 5, 6, 7]
    for size_now in way:
        page.mouse.move(x(size_now), y)
        # Each is on the screen while the button is still held.
        expect(page.locator(".stage-total-value").first).to_have_text(total_of(size_now))
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    page.wait_for_timeout(300)
    assert page.evaluate("window.seen.shifts") == []
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_enabled()
    page.wait_for_timeout(500)
    seen = page.evaluate("window.seen")
    assert [one["shown"] for one in seen["totals"]][-len(way) :] == [total_of(one) for one in way]
    assert seen["gone"] == []
    assert (seen["blurs"], seen["scrolls"], seen["faint"]) == (0, 0, 0)
    expect(slider).to_be_focused()


def test_a_finger_drags_like_a_mouse_and_the_page_stays(visitor):
    page = opened(visitor, size="phone")
    slider = kernel(page)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    low, high = int(slider.get_attribute("min") or 0), int(slider.get_attribute("max") or 0)
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def finger(kind: str, size_now: int | None = None) -> None:
        at = 9 + ((size_now or low) - low) / (high - low) * (box["width"] - 18)
        points = [{"x": box["x"] + at, "y": box["y"] + box["height"] / 2}] if size_now else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    page.evaluate(RECORD)
    finger("touchStart", 5)
    for size_now in (6, 7, 8, 7, 6, 5, 4, 3):
        finger("touchMove", size_now)
        expect(page.locator(".stage-total-value").first).to_have_text(total_of(size_now))
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_disabled()
    finger("touchEnd")
    expect(undo).to_be_enabled()
    seen = page.evaluate("window.seen")
    assert seen["gone"] == []
    assert (seen["shifts"], seen["scrolls"], seen["faint"]) == ([], 0, 0)
    undo.click()
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(5))
    expect(undo).to_be_disabled()  # the whole drag was one step


def test_a_drag_faster_than_the_answers_ends_at_its_last_place(page):
    slider = kernel(page)
    slider.focus()
    page.evaluate(RECORD)
    for turn in range(60):
        page.keyboard.press("ArrowRight" if turn % 12 < 6 else "ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(6))
    page.wait_for_timeout(800)
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(6))
    expect(page.locator(".stage-option-detail").first).to_have_text("6×23×23")
    assert page.evaluate("window.seen.gone") == []


def test_the_first_move_needs_nothing_that_later_ones_do_not(visitor):
    """No file is fetched and no address asked by the first move: all was there before it."""
    page = opened(visitor)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(4))
    assert asked == []


at_hand: dict[str, Callable[[Any], None]] = {}
"""What the web sockets of a tab that is tapped pass through, from the test that has it."""


def tapped(page: Page) -> None:
    page.route_web_socket("**/layerscope/preview*", lambda socket: at_hand["line"](socket))
    page.route_web_socket("**/_stcore/stream*", lambda socket: at_hand["runs"](socket))


@pytest.fixture
def line(visitor):
    """Opens the explorer and keeps what the page asks on its own line, as Python reads it.

    What is passed on is no longer marked as asked ahead, which a busy server would not answer. What Streamlit's runs
    say waits in the list `held["now"]`, as long as there is one.
    """

    def open_with(answers, held: dict[str, list[Any]] | None = None) -> tuple[Page, list[dict[str, Any]]]:
        asked: list[dict[str, Any]] = []

        def between(socket) -> None:
            server = socket.connect_to_server()

            def on_message(text) -> None:
                question = json.loads(text)
                asked.append(question)
                given = answers(question)
                if given is None:
                    server.send(json.dumps({**question, "ahead": False}))
                else:
                    socket.send(json.dumps(given))

            def on_answer(text) -> None:
                told = json.loads(text)
                for question in asked:
                    question["answered"] = question.get("answered", False) or question["id"] == told.get("id")
                socket.send(text)

            socket.on_message(on_message)
            server.on_message(on_answer)

        def between_runs(socket) -> None:
            server = socket.connect_to_server()

            def on_answer(told) -> None:
                send = partial(socket.send, told)
                held["now"].append(send) if held and "now" in held else send()

            server.on_message(on_answer)

        at_hand.update(line=between, runs=between_runs)
        page = visitor.open("", prepared=tapped)
        expect(page.locator(".stage-lettering text").first).to_be_attached()
        return page, asked

    return open_with


def test_the_next_steps_are_known_before_they_are_made(line):
    """Each press is drawn from an answer that was here already, and is right for the network of that moment."""
    page, asked = line(lambda question: None)
    kernel(page).focus()
    for size_now in (4, 3, 2):
        for _ in range(100):
            page.wait_for_timeout(100)
            net = f"Conv2d.6.{size_now + 1}"
            here = [one for one in asked if one["key"] == "conv1.kernel_size" and net in one["net"]]
            if len(here) == 2 and all(one.get("answered") for one in here):
                break
        assert {one["value"] for one in here} == {size_now, size_now + 2}
        page.wait_for_timeout(300)
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".stage-total-value").first).to_have_text(total_of(size_now))
    assert [one for one in asked if not one.get("ahead")] == []


def test_moves_are_foreseen_while_python_has_not_answered_the_ones_before(line):
    held: dict[str, list[Any]] = {}
    page, asked = line(lambda question: None, held)
    kernel(page).focus()
    mark = 0
    for size_now in (4, 3, 2):
        is_here = lambda: any(one["value"] == size_now and one.get("answered") for one in asked[mark:])  # noqa: B023, E731
        for _ in range(100):
            if is_here():
                break
            page.wait_for_timeout(50)
        assert is_here()
        held.setdefault("now", [])
        mark = len(asked)
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".stage-total-value").first).to_have_text(total_of(size_now))
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_enabled()  # as the previews say
    assert [one for one in asked if not one.get("ahead")] == []
    for send in held.pop("now"):
        send()
    page.wait_for_function("() => location.search.includes('Conv2d.6.2')")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(2))
    assert kernel(page).input_value() == "2"


def test_what_python_says_is_told_apart_by_the_events_that_it_has_answered(page):
    """Not by the token alone: a move there and back leads to the same one twice."""
    told = page.evaluate("""async () => {
        const stage = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/stage.js")).name;
        const { Preview } = await import(new URL("preview.js", stage).href);
        const preview = new Preview(document.baseURI, () => {}, () => {}, () => {}, () => {});
        Object.assign(preview, { open: () => Promise.resolve(), likely: [] });
        const said = [];
        const accept = (net, answered) => {
            preview.accept({ net }, answered);
            said.push(`${preview.token.net} ${preview.lead}`);
        };
        const move = (value, net, sequence) => {
            preview.latest = { move: { key: "width", value }, next: { net } };
            preview.follow({ key: "width", value, phase: "commit", sequence });
        };
        accept("old", 4);
        move(1, "new", 5);
        move(2, "old", 6);
        accept("old", 4);
        accept("new", 5);
        accept("other", 6);
        return said;
    }""")
    assert told == ["old 0", "old 2", "old 1", "other 0"]


def test_a_server_without_time_to_spare_answers_the_moves_all_the_same(line):
    busy = lambda question: {"id": question["id"], "busy": True} if question.get("ahead") else None  # noqa: E731
    page, asked = line(busy)
    page.wait_for_timeout(500)
    kernel(page).focus()
    for size_now in (4, 3, 2):
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".stage-total-value").first).to_have_text(total_of(size_now))
        page.wait_for_timeout(400)
    assert sum(one.get("ahead", False) for one in asked) == 1  # it was told to wait, and does
    moves = [one["value"] for one in asked if not one.get("ahead")]
    assert moves
    assert set(moves) <= {4, 3, 2}  # a move during a commit goes with the next commit


def test_the_first_move_is_made_once_unseen_and_leaves_nothing(page):
    page.reload(wait_until="commit")
    page.wait_for_function("() => document.querySelector('.stage-rehearsal')")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)  # nobody finds the pictures of the rehearsal
    page.wait_for_function("() => !document.querySelector('.stage-rehearsal')")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(5))
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


DRAWINGS = """let moment = 0;
performance.now = () => (moment += 1); // no drawing takes too long, however busy the machine is
let Plotly;
window.drawn = [];
window.turns = 0;
Object.defineProperty(window, "Plotly", { get: () => Plotly, set: (given) => {
    const react = (Plotly = given).react;
    given.react = (...all) => (window.drawn.push(document.contains(all[0])), react(...all));
}});
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    if (this.className === "stage-rehearsal") new MutationObserver((records) => {
        const isFlow = ({ target }) => target.closest?.(".stage-painting") && target.closest(".stage-figure")
            === root.querySelector(".stage-figure");
        window.turns += records.some(isFlow);
    }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["d"] });
    return root;
};
"""


def counting_drawings(page: Page) -> None:
    page.add_init_script(DRAWINGS)


def test_the_rehearsal_draws_the_pictures_in_turns(visitor):
    page = visitor.open("", prepared=counting_drawings)
    page.wait_for_function("() => window.turns >= 4")
    page.wait_for_timeout(500)
    assert page.evaluate("window.turns") == 4
    # Plotly has them once each: two pictures on the page, and two where document.contains does not look.
    assert sorted(page.evaluate("window.drawn")) == [False, False, True, True]


REACTS = """() => {
    window.reacts = 0;
    const react = Plotly.react;
    Plotly.react = (...all) => ((window.reacts += 1), react(...all));
}"""
MARKS = """() => [...document.querySelectorAll(".stage-figure")].map((figure) =>
    [...figure.querySelectorAll(".stage-painting path")].map((mark) => mark.getAttribute("d")).join(" "))"""


def test_a_picture_is_drawn_at_once_and_answers_to_the_pointer_once_the_hand_rests(page):
    """The stage draws what is seen; Plotly, which takes ten times as long, gets it when nothing moves any more."""
    weights = '.stage-figure:nth-child(2) .stage-painting path[data-value="{}"]'
    before = page.evaluate(MARKS)
    page.evaluate(REACTS)
    kernel(page).focus()
    for size_now in (4, 3):
        page.keyboard.down("ArrowLeft")
        page.wait_for_function("(query) => document.querySelector(query)", arg=weights.format(6 * size_now * size_now))
    assert page.evaluate(MARKS)[0] != before[0]
    page.keyboard.up("ArrowLeft")
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot')[1].data[0].y.includes(54)")
    assert page.evaluate("window.reacts") <= 4
    box = page.locator(weights.format(54)).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 30)
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("54 weights (6×1×3×3)")


def test_a_hand_that_goes_to_and_fro_asks_for_each_value_once(line):
    page, asked = line(lambda question: None)
    page.wait_for_timeout(500)
    kernel(page).focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.down(key)
        page.wait_for_timeout(100)
    assert kernel(page).input_value() == "3"
    for key in ("ArrowLeft", "ArrowRight"):
        page.keyboard.up(key)
    moved = [(one["net"], one["key"], one["value"]) for one in asked if one["key"] == "conv1.kernel_size"]
    assert len(set(moved)) == len(moved)


def test_a_message_that_was_scrolled_begins_anew_with_the_next_change(visitor):
    page = opened(visitor, size="phone")
    message = page.locator(".stage-message")
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(4))
    message.evaluate("node => { node.style.maxHeight = '40px'; node.style.overflow = 'auto'; node.scrollTop = 30; }")
    page.wait_for_function("() => document.querySelector('.stage-message').scrollTop > 0")
    page.wait_for_timeout(100)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(3))
    page.wait_for_function("() => document.querySelector('.stage-message').scrollTop === 0")


def test_a_walk_through_the_layers_of_a_short_list_lights_each_everywhere(page):
    expect(page.get_by_label("Find a layer")).to_be_hidden()
    page.get_by_role("tab", name="Formulas checked").click()
    after = page.get_by_role("button", name="Next layer")
    for name in SEED.names[1:]:
        after.click()
        expect(page.locator(".stage-panel-title")).to_have_text(name)
        expect(page.locator(".stage-option[aria-selected=true]")).to_contain_text(name)
        expect(page.locator(".stage-table-caption, .stage-tables caption").first).to_contain_text(name)
        bold = page.locator(".stage-lettering tspan[font-weight='700']", has_text=name)
        expect(bold.first).to_be_attached()
    expect(after).to_be_disabled()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".stage-panel-title")).to_have_text(SEED.names[-2])
    page.get_by_role("button", name="Previous layer").click()
    expect(page.locator(".stage-panel-title")).to_have_text(SEED.names[-3])


def test_a_long_list_is_searched_by_typing(visitor):
    page = opened(visitor, f"?net={encode(PRESETS['vgg19'])}")
    find = page.get_by_label("Find a layer")
    find.fill("conv2d 14×14")
    expect(page.locator(".stage-option:visible")).to_have_count(4)
    find.press("Enter")
    expect(page.locator(".stage-panel-title")).to_have_text("conv13")
    find.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".stage-panel-title")).to_have_text("conv14")
    find.fill("no such layer")
    expect(page.locator(".stage-option:visible")).to_have_count(0)
    expect(page.get_by_text("No layer has that in its name, type or shape.")).to_be_visible()
    find.press("Alt+ArrowDown")
    names = PRESETS["vgg19"].names
    expect(page.locator(".stage-panel-title")).to_have_text(names[names.index("conv14") + 1])
    find.press("Escape")
    expect(page.locator(".stage-option:visible")).to_have_count(len(PRESETS["vgg19"].layers))


def test_a_result_stays_hidden_until_it_is_guessed(page):
    page.locator(".st-key-toolbar").get_by_text("Predict").click()
    page.wait_for_function("() => location.search.includes('predict-on')")
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    guess = page.get_by_label("Your guess")
    expect(guess).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(5))
    expect(page.locator(".stage-option-detail").first).to_have_text("6×24×24")
    page.get_by_role("button", name="Show", exact=True).click()  # nothing was typed: nothing is shown
    expect(guess).to_be_focused()
    guess.fill("6x26x26")
    guess.press("Enter")
    expect(page.locator(".stage-message-title")).to_contain_text("Right: conv1 outputs 6×26×26")
    expect(page.locator(".stage-total-value").first).to_have_text(total_of(3))
    expect(guess).to_be_hidden()
    expect(kernel(page)).to_be_focused()  # the next move can be made at once


def test_after_a_guess_about_something_that_is_gone_the_keyboard_is_at_the_verdict(visitor):
    page = opened(visitor)
    page.locator(".st-key-toolbar").get_by_text("Predict").click()
    page.wait_for_function("() => location.search.includes('predict-on')")
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    guess = page.get_by_label("Your guess")
    guess.fill("1x2x3")
    kernel(page).evaluate("node => node.setAttribute('disabled', '')")  # as where a layer's controls have changed
    guess.press("Enter")
    expect(guess).to_be_hidden()
    expect(page.locator(".stage-message")).to_be_focused()
