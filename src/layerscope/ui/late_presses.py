"""Files that are made when a button is pressed, also by a press that comes a little late.

Each run of a page gives its buttons' files other names, and with the end of that run, or of any other visitor's,
Streamlit forgets the earlier ones. A browser that had yet to draw the new buttons then pressed for a file of which
nobody knew, and a finished file was gone before the browser came for it. Both are kept a little longer here.
"""

import time
from collections import Counter
from weakref import WeakKeyDictionary

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT_SECONDS = 20.0
"""So long after no page shows it any more. A browser that is slower than that has lost its connection."""
MOST = 4
"""Earlier runs whose files a button still gives: each may hold a table."""

Since = dict[str, float]
"""When a name was first found on no page."""
_since: WeakKeyDictionary[MediaFileManager, tuple[Since, Since]] = WeakKeyDictionary()
_inactive = MediaFileManager._get_inactive_file_ids


def allow() -> None:
    """From now on, for every page of this process."""
    MediaFileManager._remove_orphaned_deferred_callables = _forget_makers  # type: ignore[method-assign]
    MediaFileManager._get_inactive_file_ids = _long_inactive  # type: ignore[method-assign]


def _forget_makers(self: MediaFileManager) -> None:
    """In place of Streamlit's own, which forgets all that no page shows. Called with its lock held."""
    shown = {name for names in self._files_by_session_and_coord.values() for name in names.values()}
    unseen = [name for name in self._deferred_callables if name not in shown]  # the newest last
    long_ago, newer = _passed(_since.setdefault(self, ({}, {}))[0], unseen), Counter[tuple[str, str]]()
    for name in reversed(unseen):
        made = self._deferred_callables[name]
        button = (made["session_id"], made["element_id"] or made["coordinates"])
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
