"""The real app in a real browser.

A test takes `visitor` and opens pages with it:

    def test_first_screen(visitor):
        page = visitor.open()                               # 1280x800, light
        phone = visitor.open("?net=...", size="phone", scheme="dark")

Each page is a browser of its own, with no cookies or history of the others. After the test the
fixture fails it if any of its pages logged an error, raised one, had a request fail, or asked a
host other than the app's server for anything, and if the server printed a traceback.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)

from scripts.live import APP, chromium, served

SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1280, "height": 800},
    "wide": {"width": 1920, "height": 1080},
    "phone": {"width": 390, "height": 844},
}

# Streamlit draws a skeleton in the place of a widget whose code is still on its way.
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]:not(:has([data-testid=stSkeleton]))"

# The machine may be busy with other work: patience costs nothing when the page is quick.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


class Visitor:
    """Opens pages of the app, and keeps what went wrong in them and whom they asked."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.troubles: list[str] = []
        self.hosts: set[str] = set()
        self._browser = browser
        self._pages: list[Page] = []

    def open(
        self,
        path: str = "",
        *,
        size: Literal["desktop", "wide", "phone"] = "desktop",
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        """Open `path` ("", "sweep", "?net=...") in a fresh browser, once its script has run."""
        context = self._browser.new_context(viewport=SIZES[size], color_scheme=scheme, has_touch=size == "phone")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.address)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        self._pages.append(page)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        page.on("request", lambda request: self._saw(request.url))
        page.on("websocket", lambda socket: self._saw(socket.url))
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)
        page.goto(f"{self.address}/{path}")
        self.settle(page)
        return page

    def settle(self, page: Page) -> None:
        """Wait for a page just opened or reloaded: its script has run, its widgets are drawn.

        After a click there is no such moment to wait for, as the next run has not begun yet:
        there, expect the change itself.
        """
        page.wait_for_selector(SETTLED)

    def leave(self) -> None:
        """Close every page."""
        for page in self._pages:
            page.context.close()

    def _saw(self, url: str) -> None:
        # data: and blob: addresses have no host; they never leave the page.
        if host := urlsplit(url).netloc:
            self.hosts.add(host)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def _on_failure(self, request: Request) -> None:
        # The page itself gives up requests when it is left or reloaded.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"request failed: {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"answer {response.status}: {response.url}")


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with what the app's server prints."""
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="session")
def app_address(server_log: Path) -> Iterator[str]:
    """The address of a server of the real app.py."""
    with served(APP, log=server_log) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium.

    One for each test file rather than one for all: Playwright's event loop runs in this thread
    while it is open, and tests elsewhere must not find it there.
    """
    with chromium() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser, app_address: str, server_log: Path) -> Iterator[Visitor]:
    """Opens pages; see the top of this file."""
    printed_before = len(server_log.read_text())
    visitor = Visitor(browser, app_address)
    yield visitor
    visitor.leave()
    assert visitor.troubles == []
    assert visitor.hosts == {urlsplit(app_address).netloc}
    printed = server_log.read_text()[printed_before:]
    assert "Traceback" not in printed, printed
