"""A set of images on its way to the server, in a browser: its progress moves by itself, and a click ends nothing."""

import random
import re
import time
from pathlib import Path

from playwright.sync_api import Browser, expect

from layerscope.study.sets import CACHE, FASHION, KNOWN
from scripts.live import APP, served
from tests.browser.conftest import SETTLED
from tests.publishing import publisher

SIZE = 12_000_000
FAILED = re.compile(r"not the file we expected \(wrong checksum\).* a folder that LAYERSCOPE_FASHION_MNIST names")


def test_a_download_outlives_a_click_and_a_reload_and_says_how_it_ended(browser: Browser, tmp_path: Path) -> None:
    """The host of Fashion-MNIST is asked without TLS, so a proxy of ours answers in its place: with other bytes."""
    images = next(iter(KNOWN[FASHION].files))
    log = tmp_path / "log.txt"
    with publisher({images: random.Random(0).randbytes(SIZE)}) as made:
        proxied = {"HTTP_PROXY": made.address, "http_proxy": made.address, CACHE: str(tmp_path / "kept")}
        with served(APP, log=log, environment=proxied) as address:
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.goto(f"{address}/train?data={FASHION}")
            page.wait_for_selector(SETTLED)
            page.get_by_role("button", name="Fetch Fashion-MNIST (27 MB)").click()
            bar = page.locator(".st-key-fetch-progress")
            expect(bar).to_contain_text("Fetching Fashion-MNIST: 22%. It continues while you use other pages.")
            page.get_by_text("Augmentation", exact=True).click()
            page.wait_for_url("**augment=on**")
            expect(bar).to_contain_text("22%")
            page.reload()
            page.wait_for_selector(SETTLED)
            expect(bar).to_contain_text("22%")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            made.goes_on.set()
            expect(page.get_by_role("alert")).to_contain_text(FAILED)
            expect(page.get_by_role("button", name="Fetch Fashion-MNIST (27 MB)")).to_be_visible()
            assert made.asked == [images]
            made.goes_on.clear()
            page.get_by_role("button", name="Fetch Fashion-MNIST (27 MB)").click()
            expect(bar).to_contain_text("22%")
            stopped = time.monotonic()
            page.get_by_role("button", name="Stop").click()
            expect(page.get_by_role("button", name="Fetch Fashion-MNIST (27 MB)")).to_be_visible()
            assert time.monotonic() - stopped < 10
            page.close()
            made.goes_on.set()
    assert "Traceback" not in log.read_text()
