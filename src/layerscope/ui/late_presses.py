"""Files that are made when a button is pressed, also by a press that comes a little late.

Each run of a page gives its buttons' files other names, and with the end of that run, or of any other visitor's,
Streamlit forgets the earlier ones. A browser that had yet to draw the new buttons then pressed for a file of which
nobody knew, and a finished file was gone before the browser came for it. Both are kept a little longer here.

And a press waits for the runs that were asked for before it, and gets the newest file of its button: a picture shows
what a slider was moved to before the page has run for it, and the file has to be of what was seen.
"""

import time
from collections import Counter
from weakref import WeakKeyDictionary

from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import DeferredCallableEntry, MediaFileManager

KEPT_SECONDS = 20.0
"""So long after no page shows it any more. A browser that is slower than that has lost its connection."""
MOST = 4
"""Earlier runs whose files a button still gives: each may hold a table."""
PATIENCE = 5.0
"""Seconds for which a press waits for its page's runs."""

Since = dict[str, float]
"""When a name was first found on no page."""
_since: WeakKeyDictionary[MediaFileManager, tuple[Since, Since]] = WeakKeyDictionary()
_inactive = MediaFileManager._get_inactive_file_ids
_execute = MediaFileManager.execute_deferred


def allow() -> None:
    """From now on, for every page of this process."""
    MediaFileManager._remove_orphaned_deferred_callables = _forget_makers  # type: ignore[method-assign]
    MediaFileManager._get_inactive_file_ids = _long_inactive  # type: ignore[method-assign]
    MediaFileManager.execute_deferred = _make  # type: ignore[method-assign]


def _make(self: MediaFileManager, file_id: str) -> str:
    """In place of Streamlit's own, which makes the file that the browser knew of. Called in a thread of its own."""
    made = self._deferred_callables.get(file_id)
    if made is not None:
        _wait_for_runs(made["session_id"])
        with self._lock:
            file_id = next(
                other for other in (*reversed(self._deferred_callables), file_id)
                if other == file_id or _button(self._deferred_callables[other]) == _button(made)
            )  # fmt: skip
    return _execute(self, file_id)


def _wait_for_runs(session_id: str) -> None:
    until = time.monotonic() + PATIENCE
    session = _session(session_id)
    while session is not None and session._scriptrunner is not None and time.monotonic() < until:
        time.sleep(0.02)


def _session(session_id: str) -> AppSession | None:
    if not runtime.exists():
        return None
    found = runtime.get_instance()._session_mgr.get_session_info(session_id)
    return found.session if found else None


def _button(made: DeferredCallableEntry) -> tuple[str, str]:
    return made["session_id"], made["element_id"] or made["coordinates"]


def _forget_makers(self: MediaFileManager) -> None:
    """In place of Streamlit's own, which forgets all that no page shows. Called with its lock held."""
    shown = {name for names in self._files_by_session_and_coord.values() for name in names.values()}
    unseen = [name for name in self._deferred_callables if name not in shown]  # the newest last
    long_ago, newer = _passed(_since.setdefault(self, ({}, {}))[0], unseen), Counter[tuple[str, str]]()
    for name in reversed(unseen):
        button = _button(self._deferred_callables[name])
        newer[button] += 1
        if name in long_ago or newer[button] > MOST:
            self._drop_deferred_id(name)


def _long_inactive(self: MediaFileManager) -> set[str]:
    """Of the finished files that no page shows, those that may go. Called with its lock held."""
    return _passed(_since.setdefault(self, ({}, {}))[1], _inactive(self))


def _passed(since: Since, unseen: list[str] | set[str]) -> set[str]:
    """Those that have been unseen for long; `since` is brought up to date."""
    now = time.monotonic()
    for name in since.keys() - set(unseen):
        del since[name]
    return {name for name in unseen if now - since.setdefault(name, now) >= KEPT_SECONDS}
