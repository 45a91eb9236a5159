"""A lesson that is still to be written."""

from layerscope.ui.lessons.frame import Page


def body(page: Page) -> None:
    """Nothing yet."""
    page.say(page.lesson.about)
