"""Torch is loaded after the first page, where one comes at once and can be shown before.

While torch is loaded, Python does little else for up to half a second at a time, and the page waits for its files.
A page that is shown before torch is there (`replay.py`) goes first, for which torch is there a second
later.
"""

from threading import Event

ASKED_SECONDS, SHOWN_SECONDS = 0.5, 3.0
"""For so long loading waits for the first page to be asked for, and then for it to be shown."""

_can_be_shown, _asked, _shown = Event(), Event(), Event()


def can_be_shown() -> None:
    """There is something to show before torch is loaded."""
    _can_be_shown.set()


def asked() -> None:
    """A browser asks for a page."""
    _asked.set()


def shown() -> None:
    """A page rests: it asks what a next step would change."""
    _shown.set()


def wait() -> None:
    """Let the first page pass."""
    if _can_be_shown.is_set() and _asked.wait(ASKED_SECONDS):
        _shown.wait(SHOWN_SECONDS)
