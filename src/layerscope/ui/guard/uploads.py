"""Files that a browser sends: only while its page shows a box for them, and bounded by box, session and process.

Streamlit takes any number of files for any session that is alive, and one size for all boxes (server.maxUploadSize);
`max_upload_size` of a box is told to the browser only, so that it is asked for here once more. What Streamlit holds is
asked of it, so that a file that was deleted, or a session that ended, needs no accounts of ours.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from layerscope import limits
from layerscope.ui.guard.addresses import UPLOADS, header, name
from layerscope.ui.guard.refusing import refuse

BESIDES = 4_096
"""Bytes that a file counts for besides its content: its record, and the request that brought it."""

DIGITS = 12
"""Of a size; Python refuses to read a number of thousands of them."""

NO_BOX = "This page takes no files."
TOO_LARGE = "This file is too large for this page."
NO_LENGTH = "Send the file's size first, as browsers do."

_shown: dict[str, int] = {}
"""The bytes of one file at most, by the sessions whose page shows an uploader, the newest last.

Scripts run in threads: only whole operations on it.
"""


def show(largest: int) -> None:
    """Called where a page draws an uploader: from now on its session may send files, until `hide`.

    `largest`: how many bytes a file of this box has at most.
    """
    if (context := get_script_run_ctx(suppress_warning=True)) is not None:
        _shown.pop(context.session_id, None)
        _shown[context.session_id] = largest
        for forgotten in list(_shown)[: -2 * limits.SESSIONS.most]:  # sessions that ended without another page
            _shown.pop(forgotten, None)


def hide() -> None:
    """Called where a visitor comes to another page."""
    if (context := get_script_run_ctx(suppress_warning=True)) is not None:
        _shown.pop(context.session_id, None)


def let_go(file: Any) -> None:
    """Delete a file whose content has been read."""
    if (context := get_script_run_ctx(suppress_warning=True)) is not None:
        files: Any = context.uploaded_file_mgr
        files.remove_file(context.session_id, file.file_id)


def forget(session: str) -> None:
    """Delete what a visitor sent who has left; Streamlit would keep it until somebody else comes."""
    _runtime().uploaded_file_mgr.remove_session_files(session)


def _runtime() -> Any:
    return get_instance()


class BoundedUploads:
    """Middleware in front of Streamlit's address for uploads."""

    def __init__(self, app: ASGIApp, runtime: Callable[[], Any] = _runtime) -> None:
        self.app = app
        self.runtime = runtime
        self.coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = name(scope) if scope["type"] == "http" and scope["method"] == "PUT" else ""
        if not asked.startswith(UPLOADS):
            await self.app(scope, receive, send)
            return
        session = asked.removeprefix(UPLOADS).split("/")[0]
        size = header(scope, b"content-length") or ""
        largest = _shown.get(session)
        if largest is None or not self.runtime().is_active_session(session):
            await refuse(scope, receive, send, 403, NO_BOX)
        elif not (size.isascii() and size.isdecimal()):
            await refuse(scope, receive, send, 411, NO_LENGTH)
        elif len(size) > DIGITS or int(size) > largest + BESIDES:
            await refuse(scope, receive, send, 413, TOO_LARGE)
        elif said := self._too_much(session, cost := int(size) + BESIDES, largest):
            await refuse(scope, receive, send, 413, said)
        else:
            self.coming[session] += cost
            try:
                await self.app(scope, receive, send)
            finally:
                self.coming[session] -= cost
                if not self.coming[session]:
                    del self.coming[session]

    def _too_much(self, session: str, cost: int, largest: int) -> str:
        """What to say of a file of that cost, beside what is held and on its way; empty where it may come."""
        held = self.runtime().uploaded_file_mgr.file_storage
        room = max(limits.UPLOADS.most, largest + 2 * BESIDES)
        if self.coming[session] + _size(held.get(session, {}).values()) + cost > room:
            return limits.UPLOADS.sentence()
        everybodys = sum(_size(files.values()) for files in list(held.values()))
        if self.coming.total() + everybodys + cost > limits.ALL_UPLOADS.most:
            return limits.ALL_UPLOADS.sentence()
        return ""


def _size(files: Iterable[Any]) -> int:
    return sum(len(file.data) + len(file.name) + len(file.type) + BESIDES for file in list(files))
