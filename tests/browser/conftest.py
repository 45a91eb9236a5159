"""The real app in a real browser.

A test takes `visitor` and opens pages with it:

    def test_first_screen(visitor):
        page = visitor.open()                               # 1280x800, light
        phone = visitor.open("?net=...", size="phone", scheme="dark")

Each page is a browser of its own, with no cookies or storage of the others. A tab is used again by
later tests: it need not compile the app's scripts anew, which takes most of the time of opening a page
(2.2 s of processor time against 0.7). A test that changes the tab itself (init scripts, routes,
throttling) opens it `alone`.

After the test the fixture fails it if any of its pages logged an error, raised one, had a request
fail, or asked a host other than the app's server for anything, and if the server printed a traceback.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    ViewportSize,
    WebSocket,
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


Size = Literal["desktop", "wide", "phone"]


class Tabs:
    """Tabs of a browser that nobody looks at now; one with a touch screen stays one."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self._free: dict[bool, list[Page]] = {True: [], False: []}

    def take(self, size: Size, scheme: Literal["light", "dark"], *, alone: bool = False) -> Page:
        """A tab in a browser of its own, with nothing in it; `alone`: one that nobody has used."""
        free = self._free[size == "phone"]
        if free and not alone:
            page = free.pop()
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme)
            return page
        context = self.browser.new_context(viewport=SIZES[size], color_scheme=scheme, has_touch=size == "phone")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.address)
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def give_back(self, page: Page, size: Size) -> None:
        """Leave nothing of what was done in the tab."""
        context = page.context
        for other in context.pages:
            if other is not page:
                other.close()
        page.goto(f"{self.address}/_stcore/health")
        page.evaluate("localStorage.clear(); sessionStorage.clear(); navigator.clipboard.writeText('')")
        context.clear_cookies()
        page.emulate_media(media="null", reduced_motion="null")
        page.mouse.move(0, 0)
        # A browser forgets what is further back than 50 pages; tests look at how many they have added.
        tools = context.new_cdp_session(page)
        tools.send("Page.resetNavigationHistory")
        tools.detach()
        self._free[size == "phone"].append(page)


class Visitor:
    """Opens pages of the app, and keeps what went wrong in them and whom they asked."""

    def __init__(self, tabs: Tabs) -> None:
        self.address = tabs.address
        self.troubles: list[str] = []
        self.hosts: set[str] = set()
        self._tabs = tabs
        self._pages: list[tuple[Page, Size, bool]] = []
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "console": self._on_console,
            "pageerror": self._on_error,
            "request": self._on_request,
            "websocket": self._on_socket,
            "requestfailed": self._on_failure,
            "response": self._on_response,
        }

    def open(
        self, path: str = "", *, size: Size = "desktop", scheme: Literal["light", "dark"] = "light", alone: bool = False
    ) -> Page:
        """Open `path` ("", "sweep", "?net=...") in a browser of its own, once its script has run."""
        page = self._tabs.take(size, scheme, alone=alone)
        self._pages.append((page, size, alone))
        for event, listener in self._listeners.items():
            page.on(event, listener)
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
        """Give every page back."""
        for page, size, alone in self._pages:
            for event, listener in self._listeners.items():
                page.remove_listener(event, listener)
            if alone or page.is_closed():
                page.context.close()
            else:
                self._tabs.give_back(page, size)

    def _saw(self, url: str) -> None:
        # data: and blob: addresses have no host; they never leave the page.
        if host := urlsplit(url).netloc:
            self.hosts.add(host)

    def _on_request(self, request: Request) -> None:
        self._saw(request.url)

    def _on_socket(self, socket: WebSocket) -> None:
        self._saw(socket.url)

    def _on_error(self, error: Error) -> None:
        self.troubles.append(f"page error: {error}")

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


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium, for this folder: Playwright's event loop runs in this thread while it is open, and tests
    elsewhere must not find it there."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def tabs(browser: Browser, app_address: str) -> Tabs:
    """The tabs that tests share, one after the other."""
    return Tabs(browser, app_address)


@pytest.fixture
def visitor(tabs: Tabs, app_address: str, server_log: Path) -> Iterator[Visitor]:
    """Opens pages; see the top of this file."""
    printed_before = len(server_log.read_text())
    visitor = Visitor(tabs)
    yield visitor
    visitor.leave()
    assert visitor.troubles == []
    assert visitor.hosts == {urlsplit(app_address).netloc}
    printed = server_log.read_text()[printed_before:]
    assert "Traceback" not in printed, printed
