"""The first page is there before torch is: as it was at an earlier start, and in use as soon as torch is loaded."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from layerscope.link import encode
from layerscope.presets import DEFAULT, PRESETS
from scripts.live import APP, served

GATE = """
import builtins, os, time

# Torch is loaded as soon as a file is there. A finder will not do: Python holds up all imports while it asks one.
load = builtins.__import__

def loading(name, *more, **named):
    while name == "torch" and not os.path.exists(os.environ["TORCH_MAY_COME"]):
        time.sleep(0.02)
    return load(name, *more, **named)

builtins.__import__ = loading
"""


@pytest.fixture
def kept(visitor, first_pages: Path) -> Path:
    """The file that the server of all tests left."""
    picture(visitor.look())
    (file,) = first_pages.iterdir()
    return file


@pytest.fixture
def start(kept: Path, tmp_path: Path):
    """What serves the app with such a file, the `gate` that torch waits for, and the file."""
    (tmp_path / "sitecustomize.py").write_text(GATE)
    folder, gate = tmp_path / "kept", tmp_path / "gate"
    folder.mkdir()
    shutil.copy(kept, folder)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {"LAYERSCOPE_CACHE": str(folder), "TORCH_MAY_COME": str(gate), "PYTHONPATH": path}
    return lambda: served(APP, environment=environment), gate, folder / kept.name


def opened(browser: Browser | BrowserContext, address: str, width: int = 1280) -> Page:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address, wait_until="commit")
    return page


def picture(page: Page) -> None:
    """The tensor flow is drawn, with the numbers of the network that each start begins with."""
    expect(page.locator(".stage-picture").first.get_by_text("6×24×24")).to_be_visible()
    expect(page.locator(".stage").get_by_text("32,998").first).to_be_visible()


def test_the_picture_is_at_its_address_alone_before_torch_and_what_is_moved_meanwhile_counts(browser, start):
    serve, gate, file = start
    assert b"?ticket=" not in file.read_bytes()
    with serve() as address:
        tabs = browser.new_context()  # they compile the scripts once
        others = [opened(tabs, f"{address}/{more}") for more in ("?net=" + encode(PRESETS["lenet5"]), "quiz")]
        pages = [opened(tabs, address, width) for width in (1280, 390)]
        for page in pages:
            picture(page)
            page.wait_for_timeout(1000)  # a narrow page asks for another run
            expect(above(page)).to_be_hidden()  # it keeps its place, but nobody can press it
            kernel = page.get_by_role("slider", name="kernel_size", exact=True).first
            kernel.focus()
            page.keyboard.press("ArrowLeft")
            expect(kernel).to_have_value("4")
            assert "net=" not in page.url
        for page in others:
            page.wait_for_selector("[data-testid=stApp]")
            assert not page.locator(".stage").count()
        gate.touch()
        moved = PRESETS[DEFAULT].with_argument("conv1", "kernel_size", 4)
        for page in pages:
            page.wait_for_function(
                "(net) => new URLSearchParams(location.search).get('net') === net", arg=encode(moved), timeout=60_000
            )
            expect(above(page)).to_be_visible()
            expect(page.locator(".stage-picture").first.get_by_text("6×25×25")).to_be_visible()
        for page in others:
            expect(page.locator(".stage").first).to_be_visible(timeout=60_000)
            assert not page.get_by_text("32,998").count()
        tabs.close()


def above(page: Page) -> Locator:
    """What Streamlit draws above the stage."""
    return page.locator(".st-key-widget-preset input").first


def test_a_file_that_is_none_is_no_trouble(browser, start):
    serve, gate, file = start
    gate.touch()
    file.write_bytes(b"\xff" * 1000)
    with serve() as address:
        page = opened(browser, address)
        picture(page)
        page.context.close()
