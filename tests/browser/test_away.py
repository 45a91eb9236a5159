"""A server that is away while a hand moves: the last move is made good once it is back, and previews go on."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, WebSocket, expect

from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from layerscope.tracing import trace
from scripts.live import APP, served
from scripts.usage import process_of
from tests.browser.conftest import Tabs

SEED = PRESETS[DEFAULT]
BACK_MS = 60_000
"""Streamlit's page looks for its server at longer and longer intervals."""


def moved(kernel_size: int) -> Network:
    return SEED.with_argument("conv1", "kernel_size", kernel_size)


def kernel(page: Page) -> Locator:
    return page.get_by_role("slider", name="kernel_size", exact=True)


def press(page: Page, key: str, times: int) -> None:
    """As a hand that holds a key: it comes up once, at the end."""
    for _ in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(30)
    page.keyboard.up(key)


def expect_shown(page: Page, network: Network) -> None:
    total = page.locator(".stage-total-value").first
    expect(total).to_have_text(f"{trace(network).parameters:,}", timeout=BACK_MS)
    expect(kernel(page)).to_have_value(str(network["conv1"].chosen["kernel_size"]))


class Away:
    """A server of its own that can be ended and begun again at the same address, or held for a while."""

    def __init__(self, logs: Path) -> None:
        self._stack, self._logs, self._begun = ExitStack(), logs, 1
        self.address = self._stack.enter_context(served(APP, log=logs / "1"))

    def end(self) -> None:
        self._stack.close()

    def begin(self) -> None:
        port = int(self.address.rpartition(":")[2])
        self._begun += 1
        self._stack.enter_context(served(APP, log=self._logs / str(self._begun), port=port))

    @contextmanager
    def held(self) -> Iterator[None]:
        process = process_of(self.address)
        assert process is not None
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def printed(self) -> str:
        return "".join(path.read_text() for path in self._logs.iterdir())


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    server = Away(tmp_path_factory.mktemp("away"))
    yield server
    server.end()
    assert "Traceback" not in server.printed()


@pytest.fixture(scope="module")
def away_tabs(browser: Browser, away: Away) -> Tabs:
    return Tabs(browser, away.address)


@pytest.fixture
def page(away_tabs: Tabs, away: Away) -> Iterator[Page]:
    """Without the checks of `visitor`: a page whose server is away says so in the console."""
    page = away_tabs.take("desktop", "light")
    page.goto(away.address)
    expect(page.locator(".stage-lettering text").first).to_be_attached()
    page.wait_for_timeout(500)
    kernel(page).focus()
    yield page
    away_tabs.give_back(page, "desktop")


def undo_steps(page: Page) -> int:
    """How many steps of undo there are."""
    steps, undo = 0, page.get_by_role("button", name="Undo", exact=True)
    while undo.is_enabled():
        total = page.locator(".stage-total-value").first.inner_text()
        undo.click()
        expect(page.locator(".stage-total-value").first).not_to_have_text(total)
        page.wait_for_timeout(300)
        steps += 1
    return steps


def test_a_move_that_ends_while_the_server_is_restarted_is_not_lost(page, away):
    press(page, "ArrowRight", 1)
    expect_shown(page, moved(6))
    page.wait_for_url("**Conv2d.6.6**")
    away.end()
    press(page, "ArrowRight", 3)
    page.wait_for_timeout(6_000)  # longer than it takes to give up hope for an answer
    away.begin()
    expect_shown(page, moved(9))
    page.wait_for_url("**Conv2d.6.9**")
    assert undo_steps(page) == 1  # the session is a new one; the move was made in it once
    expect_shown(page, moved(6))


def test_a_first_move_is_not_lost_either_and_later_ones_are_previewed_on_a_line_of_the_new_session(page, away):
    """Streamlit asks for no run of a page that it has already; the new session knows nothing of the page's parts."""
    lines: list[str] = []
    asked: list[tuple[str, str | bytes]] = []

    def opened(socket: WebSocket) -> None:
        if "layerscope/preview" in socket.url:
            lines.append(socket.url)
            socket.on("framesent", lambda text: asked.append((socket.url, text)))

    page.on("websocket", opened)
    code = page.context.new_page()
    code.goto(f"{away.address}/code")
    code.get_by_role("textbox", name="PyTorch code").fill(
        "from torch import nn\nnet = nn.Sequential(nn.Conv2d(3, 6, 5))"
    )
    rgb = code.get_by_role("button", name="32×32 RGB")
    expect(rgb).to_be_visible()
    away.end()
    press(page, "ArrowRight", 1)
    away.begin()
    page.wait_for_url("**Conv2d.6.6**", timeout=BACK_MS)
    expect_shown(page, moved(6))
    page.wait_for_timeout(1_000)
    page.keyboard.down("ArrowRight")
    expect_shown(page, moved(7))
    page.keyboard.down("ArrowRight")
    expect_shown(page, moved(8))
    page.keyboard.up("ArrowRight")
    # On a busy machine the page may meet two sessions before it rests; the line is that of the last one.
    assert any(line == lines[-1] and json.loads(question)["value"] == 8 for line, question in asked)
    answered = code.locator(".stage-message-title", has_text="456 parameters")
    for _ in range(8):  # the new session does not know the code, which a first click tells it
        if answered.count():
            break
        with suppress(TimeoutError):  # it is gone once the answer is there, or while the page is drawn anew
            rgb.click(timeout=2_000)
        code.wait_for_timeout(2_000)
    expect(answered).to_be_visible()


def test_a_move_that_ends_while_the_server_is_held_up_is_made_once(page, away):
    with away.held():
        press(page, "ArrowRight", 2)
        time.sleep(7)  # the page gives up waiting, and sends it again
    expect_shown(page, moved(7))
    page.wait_for_timeout(3_000)  # what was sent again has come, too
    expect_shown(page, moved(7))
    assert undo_steps(page) == 1
    expect_shown(page, SEED)
