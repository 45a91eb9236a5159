"""Make the README's picture: the app's own page, after one move of a slider. `make screenshot`."""

from playwright.sync_api import Page

from scripts.live import APP, ROOT, chromium, served

TARGET = ROOT / "docs" / "explore.png"
LINK = (
    "?net=1x28x28-10~Conv2d.6.3~ReLU~MaxPool2d.2~Conv2d.12.5~ReLU~MaxPool2d.2~Flatten.as-flatten~"
    "Linear.120~ReLU~Linear.60~ReLU~Linear.10.as-out&view=selected-conv2"
)


def settled(page: Page, text: str) -> None:
    """Wait until the stage tells of `text` and both pictures are there."""
    page.get_by_text(text).first.wait_for()
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 2")


def main() -> None:
    with served(APP) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
        page.goto(f"{address}/{LINK}")
        settled(page, "fc1")
        page.locator(".st-key-stage input[type=range]").nth(1).focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        settled(page, "44,710")
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)  # hover and focus rings fade
        page.screenshot(path=TARGET)


main()
