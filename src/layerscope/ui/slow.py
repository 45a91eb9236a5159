"""Slow work is logged: what it was, how long it took, and its network as a link; nothing else of the visitor."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from layerscope.limits import SLOW, SLOW_LINK
from layerscope.ui import process

BETWEEN_SECONDS = 1.0


class SlowLines:
    """At most one line a second for the whole process; those between are counted and told with the next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = float("-inf")
        self._untold = 0

    def tell(self, what: str, seconds: float, link: Callable[[], str]) -> None:
        """Log it, or count it. The link is only made where a line is written."""
        with self._lock:
            if self._clock() - self._last < BETWEEN_SECONDS:
                self._untold += 1
                return
            self._last, untold, self._untold = self._clock(), self._untold, 0
        more = f", and {untold:,} more since the last such line" if untold else ""
        logging.getLogger(__name__).warning("Slow: %s took %.1f s%s. %s", what, seconds, more, _network(link))


_lines = SlowLines()


@contextmanager
def timed(what: Callable[[], str], link: Callable[[], str], lines: SlowLines | None = None) -> Iterator[None]:
    """Have it logged when what is inside takes longer than SLOW; waiting for torch at the start does not count."""
    began = time.monotonic()
    try:
        yield
    finally:
        warm = process.warm_since()
        if warm is not None and (seconds := time.monotonic() - max(began, warm)) * 1000 > SLOW.most:
            (lines or _lines).tell(what(), seconds, link)


def timed_answer(answer: Callable[..., str]) -> Callable[..., str]:
    """Decorator for the fast lane's answer to a question, its first argument."""

    @wraps(answer)
    def timed_one(question: Any, *more: Any, **named: Any) -> str:
        with timed(lambda: "an answer to a moving slider", lambda: _asked_about(question)):
            return answer(question, *more, **named)

    return timed_one


def time_runs() -> None:
    """Time every run of a page's script: whole runs, those of a fragment, and the callbacks before them."""
    run = getattr(ScriptRunner, "_run_script", None)
    if run is None or hasattr(run, "__wrapped__"):
        return

    @wraps(run)
    def timed_run(self: ScriptRunner, rerun_data: Any) -> None:
        with timed(_page, _shown):
            run(self, rerun_data)

    setattr(ScriptRunner, "_run_script", timed_run)  # noqa: B010  Streamlit has no public hook around a run


def _page() -> str:
    from layerscope.ui import state  # here, as it needs torch

    return f"a run of the page {state.before_the_visitor()[0] or '(not drawn yet)'}"


def _shown() -> str:
    from layerscope.link import encode
    from layerscope.ui import state

    network = state.before_the_visitor()[1]
    return "" if network is None else encode(network)


def _asked_about(question: Any) -> str:
    """The link of a question, made anew: what a visitor wrote is not copied into the log."""
    from layerscope.link import decode, encode

    return encode(decode(str(question["net"])))


def _network(link: Callable[[], str]) -> str:
    try:
        text = link()
    except Exception:  # one that no link holds: the line says so, and the visitor's run goes on
        text = ""
    if not text:
        return "Its network has no link."
    return f"Its network: ?net={text}" if len(text) <= SLOW_LINK.most else "The link of its network is too long to log."
