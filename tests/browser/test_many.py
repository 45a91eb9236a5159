"""Two processes behind HAProxy, for real: one is killed, or restarted, and an open page goes on with the other."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS
from scripts.several import COMMAND, COOKIE, pid_of, runtime, several
from tests.costs import slowness

SEED = PRESETS[DEFAULT]
HAS_HAPROXY = shutil.which("haproxy") is not None or shutil.which("haproxy", path="/usr/sbin") is not None
pytestmark = pytest.mark.skipif(not HAS_HAPROXY, reason="HAProxy is not installed here; .ci/run installs it")
SECONDS = 60


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Path]]:
    with several(2) as found:
        yield found


def network_in(page: Page, network: Network) -> None:
    """Wait until the address says that network."""
    page.wait_for_function(
        "(net) => new URLSearchParams(location.search).get('net') === net", arg=encode(network), timeout=SECONDS * 1000
    )


def process_of(page: Page) -> str:
    return next(one["value"] for one in page.context.cookies() if one["name"] == COOKIE)


def kernel(page: Page) -> Locator:
    return page.get_by_role("slider", name="kernel_size", exact=True).first


def test_a_killed_process_and_a_rolling_restart_lose_nothing(browser, served):
    address, folder = served
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    expect(kernel(page)).to_be_visible(timeout=SECONDS * 1000)
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    network_in(page, SEED.with_argument("conv1", "kernel_size", 4))
    first = process_of(page)
    begin = time.monotonic()
    killed = pid_of(folder, first)
    os.kill(killed, signal.SIGKILL)
    page.keyboard.press("ArrowLeft")  # while the process is gone
    network_in(page, SEED.with_argument("conv1", "kernel_size", 3))
    took = time.monotonic() - begin
    # Where it was started again before the page came back, the page may be on it once more.
    assert process_of(page) != first or pid_of(folder, first) != killed
    expect(page.locator(".stage")).to_contain_text("26×26")
    runtime(folder).wait_until_up(first, SECONDS)  # it was started again
    print(f"back after {took:.1f} s")

    said = subprocess.run(
        [*COMMAND, "restart", "--folder", str(folder)], capture_output=True, text=True, check=False, timeout=3 * SECONDS
    )
    assert said.returncode == 0, said.stderr
    assert "All processes were restarted." in said.stdout
    expect(kernel(page)).to_be_visible(timeout=SECONDS * 1000)
    expect(page.get_by_text("error", exact=False)).to_have_count(0)
    kernel(page).focus()
    page.keyboard.press("ArrowLeft")
    network_in(page, SEED.with_argument("conv1", "kernel_size", 2))
    long = page.request.get(f"{address}/?class={'a' * 8_000}&net={'b' * 8_000}", headers={"Accept": "text/html"})
    assert long.status == 200  # as a process alone answers it
    page.close()


def test_trials_are_stopped_through_the_other_process_within_two_seconds(browser, served):
    address, folder = served
    names = [name for name, _ in runtime(folder).processes()]
    pages = []
    for name in names:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": COOKIE, "value": name, "url": address}])
        pages.append(context.new_page())
    runs, stops = pages
    runs.goto(f"{address}/trials?net={encode(SEED)}&try=seed%3D0%2C+1%2C+2&epochs=200&batch=20")
    runs.get_by_role("button", name="Run 3 trials").click(timeout=SECONDS * 1000)
    expect(runs.get_by_text("running.")).to_be_visible(timeout=SECONDS * 1000)
    stops.goto(runs.url)
    expect(stops.get_by_text("another process of this server runs them")).to_be_visible(timeout=SECONDS * 1000)
    assert {process_of(page) for page in pages} == set(names)
    begin = time.monotonic()
    stops.get_by_role("button", name="Stop").click()
    expect(stops.get_by_text("Stopped after")).to_be_visible(timeout=10_000)
    took = time.monotonic() - begin
    expect(runs.get_by_text("Stopped after")).to_be_visible(timeout=10_000)
    assert took < 2 + slowness(), "two seconds, and a page looks once a second"
    print(f"stopped after {took:.1f} s")
    for page in pages:
        page.context.close()
