"""The content security policy and the framing rules in a real browser; test_every_page.py tries each page under them.

`visitor` fails a test for each error in the console, and Chromium writes one for everything that the policy blocks.
"""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from layerscope.presets import PRESETS
from layerscope.source.writer import write
from layerscope.ui.guard.headers import FRAME_ANCESTORS
from scripts.live import APP, served
from tests.browser.conftest import Tabs

BLOCKED = "window.blocked = []; addEventListener('securitypolicyviolation', (e) => window.blocked.push(e.blockedURI))"
INJECTED = "const one = document.createElement('script'); one.text = 'window.isRun = true'; document.body.append(one);"


@pytest.mark.thorough  # test_explore.py saves all of them, under the same policy
def test_pictures_and_files_are_saved_under_the_policy(visitor):
    page = visitor.open()
    expect(page.locator(".stage-figure .main-svg").first).to_be_visible()
    for ending, beginning in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as started:
            page.locator(".stage").get_by_role("button", name=f"Save Tensor flow as {ending}").click()
        assert Path(started.value.path()).read_bytes().startswith(beginning)
    page.get_by_role("button", name="Export").click()
    file = page.locator("[data-testid=stPopoverBody]").get_by_role("button", name="JSON")
    expect(file).to_be_visible()
    visitor.settle(page)  # the file is that of the run that drew the button
    with page.expect_download() as started:
        file.click()
    assert Path(started.value.path()).read_bytes()


def test_a_file_is_sent_and_deleted_again_under_the_policy(visitor, tmp_path):
    page = visitor.open("code")
    for name in ("lenet5", "alexnet"):
        path = tmp_path / f"{name}.py"
        path.write_text(write(PRESETS[name]))
        page.get_by_role("button", name="Open a file").click()
        page.locator("input[type=file]").set_input_files(path)
        expect(page.get_by_role("textbox", name="PyTorch code")).to_have_value(path.read_text())
        page.keyboard.press("Escape")


def test_the_teachers_code_fills_the_screen_under_the_policy(visitor):
    page = visitor.open("teacher")
    page.get_by_role("button", name="Show full screen").click()
    picture = page.get_by_role("dialog").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100


def test_a_script_that_got_into_a_page_is_not_run(tabs: Tabs, app_address: str):
    page = tabs.take("desktop", "light")  # without `visitor`, as what is blocked is an error in the console
    page.goto(app_address)
    page.evaluate(BLOCKED)
    page.evaluate(INJECTED)
    page.evaluate("fetch('http://127.0.0.1:9/x').catch(() => null)")
    page.wait_for_timeout(200)
    assert page.evaluate("window.isRun") is None
    assert page.evaluate("window.blocked") == ["inline", "http://127.0.0.1:9/x"]
    tabs.give_back(page, "desktop")


@pytest.fixture
def course() -> Iterator[int]:
    """Another site, on this machine: its page shows in a frame what its address names. Its port."""

    class Frame(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{self.path[1:]}" width="1200" height="700"></iframe>'.encode())

        def log_message(self, *_values: object) -> None:
            """Nothing is printed."""

    site = ThreadingHTTPServer(("127.0.0.1", 0), Frame)
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield site.server_address[1]
    site.shutdown()
    site.server_close()
    thread.join()


def test_an_operator_names_the_hosts_and_the_sites_that_frame_the_app(browser: Browser, course: int, monkeypatch):
    monkeypatch.setenv(FRAME_ANCESTORS, f"http://localhost:{course}")
    with served(APP, flags=("--server.allowedHosts=layers.school.edu",)) as address:
        page = browser.new_page()
        page.goto(f"http://localhost:{course}/{address}")  # the machine's own names still work
        expect(page.frame_locator("iframe").locator(".stage")).to_be_visible()
        page.goto(f"http://127.0.0.1:{course}/{address}")
        page.wait_for_timeout(1000)
        assert page.frames[1].url.startswith("chrome-error:")
        page.close()
        behind_a_proxy = {"Origin": "https://layers.school.edu"}
        assert handshake(address, {"Host": "layers.school.edu", **behind_a_proxy}) == 101
        assert handshake(address, behind_a_proxy) == 101  # one that does not hand on the Host
        assert handshake(address, {"Host": "other.school.edu", "Origin": "https://other.school.edu"}) == 403


def handshake(address: str, headers: dict[str, str]) -> int:
    """The answer to a web socket's handshake."""
    line = HTTPConnection(address.removeprefix("http://"), timeout=10)
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    try:
        line.request("GET", "/_stcore/stream", headers={**asked, "Sec-WebSocket-Key": f"{'A' * 22}==", **headers})
        return line.getresponse().status
    finally:
        line.close()
