"""Sets of images on their way to this server: one thread a set, shared by all visitors, one at a time.

A download belongs to no page: a click, a reload and a closed page leave it alone. It is given up once nobody who looked
at it lately wants it any more, and when the server ends.
"""

import atexit
import logging
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic

from layerscope import limits
from layerscope.study.fetching import UnwantedError, fetch
from layerscope.study.sets import DataError

END_SECONDS = 2.0
"""How long a server that ends waits for a download to throw away what it has."""
FAULT = "The download failed because of a bug in the app; the server's log has the details."


@dataclass(frozen=True)
class Seen:
    """A download as it is now."""

    share: float | None
    """From 0 to 1; None while it waits for another one."""
    is_over: bool
    said: str
    """Why it ended without the set; "" where it did not."""


class Fetch(Thread):
    """The download of one set."""

    def __init__(self, name: str) -> None:
        super().__init__(name="layerscope-fetch", daemon=True)
        self.set = name
        self.share: float | None = None
        self.said = ""
        self.is_over = self.is_unwanted = False
        self.looked: dict[str, float] = {}
        """When each page that waits for it last looked."""
        self.left = set[str]()
        """Pages that no longer want it."""

    def run(self) -> None:
        try:
            fetch(self.set, self._report, lambda: not self.is_unwanted)
        except UnwantedError:
            pass  # so nobody is there to be told
        except DataError as error:
            self.said = str(error)
        except Exception:  # nobody else would hear of it
            logging.getLogger(__name__).exception("A download failed")
            self.said = FAULT
        finally:
            self.is_over = True

    def _report(self, share: float) -> None:
        self.share = share


_fetches: dict[str, Fetch] = {}
"""The last download of each set."""
_lock = Lock()


def begin(name: str, session: str) -> None:
    """Fetch a set, or join those who wait for it already."""
    with _lock:
        one = _fetches.get(name)
        if one is None or one.is_over or one.is_unwanted:
            one = _fetches[name] = Fetch(name)
            one.start()
        one.left.discard(session)
        one.looked[session] = monotonic()


def look(name: str, session: str) -> Seen | None:
    """How far a set is, for a page that shows it; None where there is nothing to tell this page.

    Every page sees a download that goes on, but only those that waited for it hear of its end.
    """
    with _lock:
        one = _fetches.get(name)
        if one is None or one.is_unwanted or session in one.left or (one.is_over and session not in one.looked):
            return None
        if one.is_over:
            return Seen(one.share, True, one.said)
        one.looked[session] = monotonic()
        return Seen(one.share, False, "")


def told(name: str, session: str) -> None:
    """A page has told how a download ended; once is enough."""
    with _lock:
        if (one := _fetches.get(name)) is not None and one.is_over:
            one.looked.pop(session, None)


def stop(name: str, session: str) -> None:
    """A page no longer wants a set. The download ends where no other page looked at it lately."""
    with _lock:
        if (one := _fetches.get(name)) is None or one.is_over:
            return
        one.left.add(session)
        one.looked.pop(session, None)
        now = monotonic()
        one.looked = {who: at for who, at in one.looked.items() if now - at < limits.FETCH_LEFT.most}
        one.is_unwanted = not one.looked


def _end() -> None:
    """The server ends."""
    for one in _fetches.values():
        one.is_unwanted = True
    for one in _fetches.values():
        one.join(END_SECONDS)


atexit.register(_end)
