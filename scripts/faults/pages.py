"""A page in a browser while something fails: what it must show, and how long until it does."""

import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from layerscope.link import encode
from layerscope.network import Network
from layerscope.presets import DEFAULT, PRESETS

PATIENCE = 60
"""Seconds after which something counts as not having come back."""


class OpenPage:
    """A page on a network of its own, which the slider of conv1's kernel_size changes."""

    def __init__(self, browser: Browser, address: str, number: int) -> None:
        self.network: Network = PRESETS[DEFAULT].with_argument("conv1", "out_channels", 6 + number)
        self.kernel = 5
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.page.set_default_timeout(2_000 * PATIENCE)
        self.page.goto(f"{address}/?net={encode(self.network)}")
        self.slider = self.page.get_by_role("slider", name="kernel_size", exact=True).first
        self.slider.wait_for()

    def drag_begins(self) -> None:
        """The hand takes the slider and moves it."""
        box = self.slider.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=8)

    def drag_ends(self, share: float) -> None:
        """It lets go at that share of the slider's width."""
        box = self.slider.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=8)
        self.page.mouse.up()
        self.expects(int(self.slider.input_value()))

    def press(self, key: str) -> None:
        """One step of the slider by the keyboard."""
        self.slider.focus()
        self.page.keyboard.press(key)
        self.expects(self.kernel + (1 if key == "ArrowRight" else -1))

    def expects(self, kernel: int) -> None:
        """The hand has moved the slider to that value."""
        self.kernel = kernel
        self.network = self.network.with_argument("conv1", "kernel_size", kernel)

    def shows(self) -> bool:
        """Whether address and picture are of its network."""
        net = self.page.evaluate("new URLSearchParams(location.search).get('net')")
        wanted = None if self.network == PRESETS[DEFAULT] else encode(self.network)
        return net == wanted and self.slider.input_value() == str(self.kernel)


def seconds_until(true: Callable[[], bool], begin: float, patience: float = PATIENCE) -> float:
    """Seconds since `begin` (time.monotonic) once it is so; infinite after `patience`."""
    while not true():
        if time.monotonic() > begin + patience:
            return float("inf")
        time.sleep(0.05)
    return time.monotonic() - begin
