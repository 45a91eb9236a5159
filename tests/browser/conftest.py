"""The real app in a real browser.

A test takes `visitor` and opens pages with it:

    def test_first_screen(visitor):
        page = visitor.open()                               # 1280x800, light
        phone = visitor.open("?net=...", size="phone", scheme="dark")
        code = visitor.go(page, "code")                     # in the same tab, once the first page is done with
        seen = visitor.look("quiz")                         # a page that is looked at only

    visitor.turn(page, "sweep")                             # in the same visit, as by a link of the app

Each page that a test opens is a browser of its own, with no cookies or storage of its others. A tab is used again by
later tests, and tabs of one browser share a process: the app's scripts need not be compiled anew, which takes most of
the time of opening a page (2.7 s of processor time against 0.8). A test that changes the tab itself for good (init
scripts, routes of web sockets) says how, with `prepared=function`; only tests that name the same function get that tab.

A test that leaves a page as it was takes it with `look`: the page stays open for the next one that looks
at the same address in the same size, which costs nothing then. It may move the pointer, the focus and
the page, and fold what it unfolds. A page that is another one afterwards is not shown again, so a test
that breaks this rule is slower, not wrong.

After the test the fixture fails it if any of its pages logged an error, raised one, had a request
fail, or asked a host other than the app's server for anything, and if the server printed a traceback.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
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

# No page of a test is open long enough to earn back what V8's optimizing compilers take: a sixth of opening a page.
SHORT_LIVED = ("--js-flags=--no-turbofan --no-maglev --no-flush-bytecode", "--process-per-site")

# Streamlit draws a skeleton in the place of a widget whose code is still on its way.
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]:not(:has([data-testid=stSkeleton]))"

# The machine may be busy with other work: patience costs nothing when the page is quick.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


Size = Literal["desktop", "wide", "phone"]
Scheme = Literal["light", "dark"]
Kept = tuple[str, Size, Scheme]
Prepare = Callable[[Page], None]

KEPT = 2
"""How many pages stay open for those who only look; each is a tab more, whose first page costs 2 s."""

STATE = """() => [
    location.href, innerWidth, innerHeight, document.querySelector(".stApp")?.innerText,
    ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)", "print"].map((one) => matchMedia(one).matches),
    [...document.querySelectorAll("input, textarea, select")].map((one) => [one.value, one.checked, one.disabled]),
    [...document.querySelectorAll("[aria-expanded], [aria-pressed], [aria-selected], [open]")].map((one) =>
        ["aria-expanded", "aria-pressed", "aria-selected", "open"].map((name) => one.getAttribute(name))),
    [...document.querySelectorAll("*")].filter((one) => one.scrollTop || one.scrollLeft)
        .map((one) => [one.className, one.scrollTop, one.scrollLeft]),
].map((one) => JSON.stringify(one))"""
"""What tells whether a page is still the one that was opened."""

PUT_DOWN = """() => {
    document.activeElement?.blur();
    for (const one of document.querySelectorAll("*")) {
        const [top, left] = one.scrolledTo ?? [0, 0];
        if (one.scrollTop !== top || one.scrollLeft !== left) one.scrollTo({ top, left, behavior: "instant" });
    }
}"""
"""Nothing has the focus, and all is scrolled as it was when the page was opened; a focus scrolls, too."""
PICK_UP = """() => {
    for (const one of document.querySelectorAll("*"))
        if (one.scrollTop || one.scrollLeft) one.scrolledTo = [one.scrollTop, one.scrollLeft];
}"""

SHOW = """([url, patience]) => new Promise((shown, failed) => {
    const { send } = WebSocket.prototype;
    const isEnd = (told) => told.at(-2) === 0x30 && told.at(-1) === 0; // script_finished: FINISHED_SUCCESSFULLY
    WebSocket.prototype.send = function (...all) {
        if (this.url.includes("/_stcore/stream")) {
            WebSocket.prototype.send = send;
            this.addEventListener("message", function hear({ data }) {
                if (!isEnd(new Uint8Array(data))) return;
                this.removeEventListener("message", hear);
                requestAnimationFrame(() => requestAnimationFrame(shown));
            });
        }
        return send.apply(this, all);
    };
    setTimeout(failed, patience, new Error(`nothing was run for ${url}`));
    history.pushState({}, "", url);
    dispatchEvent(new PopStateEvent("popstate"));
})"""
"""Go to an address of the open page as "back" and "forward" do, until its script has run."""

FAILED = pytest.StashKey[bool]()


class Tabs:
    """Tabs of a browser that nobody looks at now; one with a touch screen stays one."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self._free: dict[tuple[bool, Prepare | None], list[Page]] = {}
        self._kept: dict[Kept, tuple[Page, list[str]]] = {}
        self._contexts: dict[bool, list[BrowserContext]] = {False: [], True: []}
        self._tabs: set[Page] = set()
        self._taken: set[Page] = set()

    def kept(self, which: Kept) -> Page | None:
        """A page that was left open at that address, if there is one; whoever takes it gives it back or keeps it."""
        page, _ = self._kept.pop(which, (None, []))
        return self._out(page)

    def keep(self, which: Kept, page: Page, state: list[str]) -> None:
        """Leave a page open for the next one that looks, if it is as it was; the one that waited longest makes room."""
        page.mouse.move(0, 0)
        page.evaluate(PUT_DOWN)
        if page.evaluate(STATE) != state or which in self._kept:
            self.give_back(page, which[1])
            return
        self._kept[which] = page, state
        self._taken.discard(page)
        if len(self._kept) > KEPT:
            oldest = next(iter(self._kept))
            page, _ = self._kept.pop(oldest)
            self.give_back(page, oldest[1])

    def take(self, size: Size, scheme: Scheme, prepared: Prepare | None = None) -> Page:
        """A tab in a browser of its own, with nothing in it, prepared so."""
        if free := self._free.get((size == "phone", prepared)):
            page = next((one for one in free if self._is_alone(one.context)), None)
            if page:
                free.remove(page)
        else:
            page = None
        if page is None:
            page = self._context(size == "phone").new_page()
            self._tabs.add(page)
            if prepared:
                prepared(page)
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme)
        self._taken.add(page)
        return page

    def _context(self, has_touch: bool) -> BrowserContext:
        """A browser of which no page is taken: what a test opens shares nothing. Its tabs, one after the other, share
        the compiled scripts, so that another one takes 1 s, and not 2.7."""
        for context in self._contexts[has_touch]:
            if self._is_alone(context):
                return context
        context = self.browser.new_context(has_touch=has_touch)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.address)
        context.set_default_timeout(PATIENCE_MS)
        self._contexts[has_touch].append(context)
        return context

    def _is_alone(self, context: BrowserContext) -> bool:
        return not any(page in self._taken for page in context.pages)

    def _out(self, page: Page | None) -> Page | None:
        if page:
            self._taken.add(page)
        return page

    def _close_others(self, page: Page) -> None:
        for other in page.context.pages:
            if other not in self._tabs:
                other.close()

    def forget(self, page: Page) -> None:
        """A tab that a test has closed."""
        self._tabs.discard(page)
        self._taken.discard(page)

    def give_back(self, page: Page, size: Size, prepared: Prepare | None = None) -> None:
        """Leave nothing of what was done in the tab."""
        self._close_others(page)
        page.unroute_all()
        page.goto(f"{self.address}/_stcore/health")
        page.evaluate("localStorage.clear(); sessionStorage.clear(); navigator.clipboard.writeText('')")
        page.emulate_media(media="null", reduced_motion="null")
        page.mouse.move(0, 0)
        # A browser forgets what is further back than 50 pages; tests look at how many they have added.
        tools = page.context.new_cdp_session(page)
        tools.send("Page.resetNavigationHistory")
        tools.detach()
        self._taken.discard(page)
        self._free.setdefault((size == "phone", prepared), []).append(page)


class Visitor:
    """Opens pages of the app, and keeps what went wrong in them and whom they asked."""

    def __init__(self, tabs: Tabs) -> None:
        self.address = tabs.address
        self.troubles: list[str] = []
        self.hosts: set[str] = set()
        self._tabs = tabs
        self._pages: list[tuple[Page, Size, Prepare | None]] = []
        self._seen: dict[Kept, tuple[Page, list[str]]] = {}
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "console": self._on_console,
            "pageerror": self._on_error,
            "request": self._on_request,
            "websocket": self._on_socket,
            "requestfailed": self._on_failure,
            "response": self._on_response,
        }

    def open(
        self, path: str = "", *, size: Size = "desktop", scheme: Scheme = "light", prepared: Prepare | None = None
    ) -> Page:
        """Open `path` ("", "sweep", "?net=...") in a browser of its own, once its script has run."""
        page = self._tabs.take(size, scheme, prepared)
        self._pages.append((page, size, prepared))
        self.listen(page)
        return self.go(page, path)

    def look(self, path: str = "", *, size: Size = "desktop", scheme: Scheme = "light") -> Page:
        """A page at `path` that is left as it was found; see the top of this file."""
        which: Kept = (path, size, scheme)
        if which in self._seen:
            return self._seen[which][0]
        page = self._tabs.kept(which)
        if page:
            self.listen(page)
            self._saw(page.url)
        else:
            page = self._tabs.take(size, scheme)
            self.listen(page)
            still(self.go(page, path)).evaluate(PICK_UP)
        self._seen[which] = page, page.evaluate(STATE)
        return page

    def listen(self, page: Page) -> None:
        """Hear of what goes wrong in a page from now on."""
        for event, listener in self._listeners.items():
            page.on(event, listener)

    def go(self, page: Page, path: str) -> Page:
        """Go on to `path` in a tab that is open."""
        page.goto(f"{self.address}/{path}")
        self.settle(page)
        return page

    def turn(self, page: Page, path: str) -> Page:
        """Turn to `path` in the same visit, as "back" and "forward" do: nothing is loaded anew.

        On coming from another page the network of the visit is shown, so the address is said twice. Each step waits
        until nothing moves: what is still on its way would be told of the page that is turned to.
        """
        name = path.partition("?")[0]
        is_elsewhere = urlsplit(page.url).path != f"/{name}"
        for one in (name, path) if is_elsewhere else (path,):
            still(page).evaluate(SHOW, [f"{self.address}/{one}", PATIENCE_MS])
            self.settle(page)
        return page

    def settle(self, page: Page) -> None:
        """Wait for a page just opened or reloaded: its script has run, its widgets are drawn.

        After a click there is no such moment to wait for, as the next run has not begun yet:
        there, expect the change itself.
        """
        page.wait_for_selector(SETTLED)

    def leave(self, *, has_failed: bool = False) -> None:
        """Give every page back; after a test that failed, those that were only looked at, too."""
        for (path, size, scheme), (page, state) in self._seen.items():
            self._leave_alone(page)
            if has_failed or self.troubles:
                self._tabs.give_back(page, size)
            else:
                self._tabs.keep((path, size, scheme), page, state)
        for page, size, prepared in self._pages:
            self._leave_alone(page)
            if page.is_closed():
                self._tabs.forget(page)
            else:
                self._tabs.give_back(page, size, prepared)

    def _leave_alone(self, page: Page) -> None:
        for event, listener in self._listeners.items():
            page.remove_listener(event, listener)

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


STILL = """async () => {
    let changed = true;
    const watch = new MutationObserver(() => (changed = true));
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const moves = () => document.getAnimations().some((one) =>
        one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime));
    for (let still = 0, looks = 0; still < 12 && looks < 100; looks++) {
        still = changed || moves() ? 0 : still + 1;
        changed = false;
        await new Promise((resume) => setTimeout(resume, 50));
    }
    watch.disconnect();
}"""
"""Until nothing changes and nothing fades any more: twelve looks in a row, each when the page had time for it."""


def still(page: Page) -> Page:
    """The page once it is still."""
    page.evaluate(STILL)
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with what the app's server prints."""
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="session")
def first_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the app's server keeps its first page; what runs without a server keeps its own elsewhere."""
    return tmp_path_factory.mktemp("first-pages")


@pytest.fixture(scope="session")
def app_address(server_log: Path, first_pages: Path) -> Iterator[str]:
    """The address of a server of the real app.py."""
    with served(APP, log=server_log, environment={"LAYERSCOPE_CACHE": str(first_pages)}) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium, for this folder: Playwright's event loop runs in this thread while it is open, and tests
    elsewhere must not find it there."""
    with chromium(*SHORT_LIVED) as browser:
        yield browser


@pytest.fixture(scope="package")
def tabs(browser: Browser, app_address: str) -> Tabs:
    """The tabs that tests share, one after the other."""
    return Tabs(browser, app_address)


@pytest.fixture
def visitor(tabs: Tabs, app_address: str, server_log: Path, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Opens pages; see the top of this file."""
    printed_before = len(server_log.read_text())
    visitor = Visitor(tabs)
    yield visitor
    visitor.leave(has_failed=request.node.stash.get(FAILED, False))
    assert visitor.troubles == []
    assert visitor.hosts == {urlsplit(app_address).netloc}
    printed = server_log.read_text()[printed_before:]
    assert "Traceback" not in printed, printed
